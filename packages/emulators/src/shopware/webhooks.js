import { createHmac } from 'node:crypto';
import { Agent, request as httpRequest } from 'node:http';
export const RETRY_DELAYS_MS = [5_000, 30_000, 300_000, 1_800_000, 14_400_000];
export const ERRORS_TO_DISABLE = 10;
const CONCURRENCY = 24;
const RESPONSE_TIMEOUT_MS = 20_000;
export class WebhookDispatcher {
  rows = [];
  counters = { queued: 0, delivered: 0, failed: 0, retried: 0 };
  options;
  agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY });
  cancellations = new Set();
  queue = [];
  head = 0;
  running = 0;
  sequence = 0;
  held;
  isClosed = false;
  constructor(options) {
    this.options = options;
  }
  hasSubscriber(event) {
    return this.rows.some((row) => row.eventName === event && row.active && row.isDeleted !== true);
  }
  /** Waiting or on its way, retries apart. */
  get pending() {
    return this.queue.length - this.head + this.running;
  }
  emit(event) {
    if (this.isClosed) return;
    for (const webhook of this.rows) {
      if (webhook.eventName !== event.name || !webhook.active || webhook.isDeleted === true)
        continue;
      this.sequence++;
      const eventId = this.options.ids.idOf('event', this.sequence, this.options.clock.now());
      this.admit({ webhook, event, eventId, sequence: this.sequence, attempt: 1 });
    }
  }
  close() {
    this.isClosed = true;
    for (const cancel of this.cancellations) cancel();
    this.cancellations.clear();
    this.queue = [];
    this.head = 0;
    this.agent.destroy();
  }
  admit(delivery) {
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
  release() {
    const { held } = this;
    this.held = undefined;
    if (held !== undefined) this.push(held);
  }
  later(delayMs, task) {
    const cancel = this.options.clock.after(delayMs, () => {
      this.cancellations.delete(cancel);
      if (!this.isClosed) task();
    });
    this.cancellations.add(cancel);
  }
  push(delivery) {
    this.counters.queued++;
    this.queue.push(delivery);
    this.pump();
  }
  pump() {
    while (this.running < CONCURRENCY && this.head < this.queue.length) {
      const delivery = this.queue[this.head++];
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
  succeed(delivery) {
    this.counters.delivered++;
    delivery.webhook.errorCount = 0;
  }
  fail(delivery) {
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
  send(delivery, done) {
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
    const finish = (isDelivered) => {
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
//# sourceMappingURL=webhooks.js.map
