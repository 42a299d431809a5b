import { createHmac } from 'node:crypto';
import { Agent, request as httpRequest } from 'node:http';
import type { Clock } from '../clock.js';
import type { FaultPort } from './fault-port.js';
import type { IdCodec } from './ids.js';
import type { ListRow } from './table.js';

/**
 * Outgoing webhooks. At least once and first in, first out as far as possible:
 *
 *   queued -> sent -> (2xx) done
 *                  -> (else) waiting 5 s, 30 s, 5 min, 30 min, 4 h -> sent ... -> failed
 *
 * Ten errors in a row switch the webhook off, and what happens while it is off is not queued:
 * the receiver has to reconcile by reading.
 */

export interface WebhookRow extends ListRow {
  name: string;
  eventName: string;
  url: string;
  onlyLiveVersion: boolean;
  errorCount: number;
  active: boolean;
}

export interface WebhookEvent {
  readonly name: string;
  readonly payload: unknown;
  /** Primary key of what it is about, for the truth log. */
  readonly key: string;
}

export interface WebhookCounters {
  queued: number;
  delivered: number;
  failed: number;
  retried: number;
}

interface Delivery {
  readonly webhook: WebhookRow;
  readonly event: WebhookEvent;
  readonly eventId: string;
  readonly sequence: number;
  attempt: number;
}

export interface WebhookOptions {
  readonly clock: Clock;
  readonly ids: IdCodec;
  readonly faults: FaultPort;
  readonly secret: string;
  readonly version: string;
  readonly shopId: string;
  readonly shopUrl: () => string;
  readonly languageId: string;
}

export const RETRY_DELAYS_MS = [5_000, 30_000, 300_000, 1_800_000, 14_400_000];
export const ERRORS_TO_DISABLE = 10;
const CONCURRENCY = 24;
const RESPONSE_TIMEOUT_MS = 20_000;

export class WebhookDispatcher {
  readonly rows: WebhookRow[] = [];
  readonly counters: WebhookCounters = { queued: 0, delivered: 0, failed: 0, retried: 0 };
  private readonly options: WebhookOptions;
  private readonly agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY });
  private readonly cancellations = new Set<() => void>();
  private queue: Delivery[] = [];
  private head = 0;
  private running = 0;
  private sequence = 0;
  private held: Delivery | undefined;
  private isClosed = false;

  constructor(options: WebhookOptions) {
    this.options = options;
  }

  hasSubscriber(event: string): boolean {
    return this.rows.some((row) => row.eventName === event && row.active && row.isDeleted !== true);
  }

  /** Waiting or on its way, retries apart. */
  get pending(): number {
    return this.queue.length - this.head + this.running;
  }

  emit(event: WebhookEvent): void {
    if (this.isClosed) return;
    for (const webhook of this.rows) {
      if (webhook.eventName !== event.name || !webhook.active || webhook.isDeleted === true)
        continue;
      this.sequence++;
      const eventId = this.options.ids.idOf('event', this.sequence, this.options.clock.now());
      this.admit({ webhook, event, eventId, sequence: this.sequence, attempt: 1 });
    }
  }

  close(): void {
    this.isClosed = true;
    for (const cancel of this.cancellations) cancel();
    this.cancellations.clear();
    this.queue = [];
    this.head = 0;
    this.agent.destroy();
  }

  private admit(delivery: Delivery): void {
    const fault = this.options.faults.onWebhook(
      delivery.event.name,
      delivery.eventId,
      delivery.event.key,
    );
    if (fault === 'disable') {
      delivery.webhook.active = false;
      return;
    }
    if (fault === 'drop') return;
    if (fault === 'reorder' && this.held === undefined) {
      // Held back until the next event has gone out, or for two seconds if none comes.
      this.held = delivery;
      this.later(2_000, () => this.release());
      return;
    }
    this.push(delivery);
    if (fault === 'duplicate') this.push({ ...delivery });
    this.release();
  }

  private release(): void {
    const { held } = this;
    this.held = undefined;
    if (held !== undefined) this.push(held);
  }

  private later(delayMs: number, task: () => void): void {
    const cancel = this.options.clock.after(delayMs, () => {
      this.cancellations.delete(cancel);
      if (!this.isClosed) task();
    });
    this.cancellations.add(cancel);
  }

  private push(delivery: Delivery): void {
    this.counters.queued++;
    this.queue.push(delivery);
    this.pump();
  }

  private pump(): void {
    while (this.running < CONCURRENCY && this.head < this.queue.length) {
      const delivery = this.queue[this.head++] as Delivery;
      if (this.head > 4096 && this.head * 2 > this.queue.length) {
        this.queue = this.queue.slice(this.head);
        this.head = 0;
      }
      // Switched off meanwhile: what was queued for it is given up.
      if (!delivery.webhook.active || delivery.webhook.isDeleted === true) continue;
      this.running++;
      this.send(delivery, (isDelivered) => {
        this.running--;
        if (this.isClosed) return;
        if (isDelivered) this.succeed(delivery);
        else this.fail(delivery);
        this.pump();
      });
    }
  }

  private succeed(delivery: Delivery): void {
    this.counters.delivered++;
    delivery.webhook.errorCount = 0;
  }

  private fail(delivery: Delivery): void {
    const { webhook } = delivery;
    webhook.errorCount++;
    if (webhook.errorCount >= ERRORS_TO_DISABLE) webhook.active = false;
    const delayMs = RETRY_DELAYS_MS[delivery.attempt - 1];
    if (delayMs === undefined || !webhook.active) {
      this.counters.failed++;
      return;
    }
    this.later(delayMs, () => {
      this.counters.retried++;
      this.queue.push({ ...delivery, attempt: delivery.attempt + 1 });
      this.pump();
    });
  }

  private send(delivery: Delivery, done: (isDelivered: boolean) => void): void {
    const { options } = this;
    const body = JSON.stringify({
      data: { payload: delivery.event.payload, event: delivery.event.name },
      source: {
        url: options.shopUrl(),
        appVersion: '1.0.0',
        shopId: options.shopId,
        eventId: delivery.eventId,
      },
      timestamp: Math.floor(options.clock.now() / 1000),
    });
    let isDone = false;
    const finish = (isDelivered: boolean): void => {
      if (isDone) return;
      isDone = true;
      done(isDelivered);
    };
    try {
      const outgoing = httpRequest(
        delivery.webhook.url,
        {
          method: 'POST',
          agent: this.agent,
          timeout: RESPONSE_TIMEOUT_MS,
          headers: {
            'Content-Type': 'application/json',
            'Content-Length': Buffer.byteLength(body),
            'sw-version': options.version,
            'sw-context-language': options.languageId,
            'sw-user-language': 'en-GB',
            'shopware-shop-signature': createHmac('sha256', options.secret)
              .update(body)
              .digest('hex'),
            'X-Shopware-Event-Id': delivery.eventId,
            'X-Shopware-Sequence': String(delivery.sequence),
            'X-Shopware-Attempt': String(delivery.attempt),
          },
        },
        (response) => {
          response.resume();
          response.on('end', () => {
            const status = response.statusCode ?? 0;
            finish(status >= 200 && status < 300);
          });
          response.on('error', () => finish(false));
        },
      );
      outgoing.on('timeout', () => outgoing.destroy());
      outgoing.on('error', () => finish(false));
      outgoing.on('close', () => finish(false));
      outgoing.end(body);
    } catch {
      // A URL nobody can call; the shop counts it as a failed attempt.
      finish(false);
    }
  }
}
