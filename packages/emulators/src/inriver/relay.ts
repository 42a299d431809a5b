import { createHmac } from 'node:crypto';
import { Agent, request as httpRequest } from 'node:http';
import type { Clock } from '../clock.js';
import type { FaultPort } from '../shopware/fault-port.js';
import type { PimChange, PimStore } from './store.js';
import { channelsOf } from './structure.js';

/**
 * The PIM itself sends no webhooks. Customers install a listener extension that relays what it is
 * called with; this is one, signed as Standard Webhooks are. It names what changed and nothing more:
 *
 *   queued -> sent -> (2xx) done
 *                  -> (else) waiting 5 s, 30 s, 5 min -> sent ... -> given up
 */

export interface RelayOptions {
  readonly store: PimStore;
  readonly clock: Clock;
  readonly faults: FaultPort;
  /** Key of the signatures, as `whsec_` and base64. */
  readonly secret: string;
  /** Also relays what channel listeners are called with. */
  readonly hasChannelEvents: boolean;
}

export interface RelayCounters {
  queued: number;
  delivered: number;
  failed: number;
  retried: number;
}

export interface Relay {
  /** Undefined while nobody listens. */
  url: string | undefined;
  readonly counters: RelayCounters;
  readonly pending: () => number;
  readonly close: () => void;
}

interface RelayEvent {
  readonly event: string;
  readonly [field: string]: unknown;
}

interface Delivery {
  readonly url: string;
  readonly id: string;
  readonly body: string;
  attempt: number;
}

const RETRY_DELAYS_MS = [5_000, 30_000, 300_000];
const CONCURRENCY = 8;
const RESPONSE_TIMEOUT_MS = 20_000;
const HELD_MS = 2_000;

export const createRelay = (options: RelayOptions): Relay => {
  const { store, clock, faults } = options;
  const key = Buffer.from(options.secret.replace(/^whsec_/, ''), 'base64');
  const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY });
  const counters: RelayCounters = { queued: 0, delivered: 0, failed: 0, retried: 0 };
  const cancellations = new Set<() => void>();
  let queue: Delivery[] = [];
  let running = 0;
  let sequence = 0;
  let held: Delivery | undefined;
  let isClosed = false;

  const later = (delayMs: number, task: () => void): void => {
    const cancel = clock.after(delayMs, () => {
      cancellations.delete(cancel);
      if (!isClosed) task();
    });
    cancellations.add(cancel);
  };

  const send = (delivery: Delivery, done: (isDelivered: boolean) => void): void => {
    const seconds = String(Math.floor(clock.now() / 1000));
    const signature = createHmac('sha256', key)
      .update(`${delivery.id}.${seconds}.${delivery.body}`)
      .digest('base64');
    let isDone = false;
    const finish = (isDelivered: boolean): void => {
      if (isDone) return;
      isDone = true;
      done(isDelivered);
    };
    try {
      const outgoing = httpRequest(
        delivery.url,
        {
          method: 'POST',
          agent,
          timeout: RESPONSE_TIMEOUT_MS,
          headers: {
            'Content-Type': 'application/json',
            'Content-Length': Buffer.byteLength(delivery.body),
            'webhook-id': delivery.id,
            'webhook-timestamp': seconds,
            'webhook-signature': `v1,${signature}`,
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
      outgoing.end(delivery.body);
    } catch {
      // An address nobody can call counts as a failed attempt.
      finish(false);
    }
  };

  const pump = (): void => {
    while (running < CONCURRENCY && queue.length > 0) {
      const delivery = queue.shift() as Delivery;
      running++;
      send(delivery, (isDelivered) => {
        running--;
        if (isClosed) return;
        const delayMs = RETRY_DELAYS_MS[delivery.attempt - 1];
        if (isDelivered) counters.delivered++;
        else if (delayMs === undefined) counters.failed++;
        else {
          later(delayMs, () => {
            counters.retried++;
            queue.push({ ...delivery, attempt: delivery.attempt + 1 });
            pump();
          });
        }
        pump();
      });
    }
  };

  const push = (delivery: Delivery): void => {
    counters.queued++;
    queue.push(delivery);
    pump();
  };

  const emit = (url: string, event: RelayEvent): void => {
    sequence++;
    const id = `relay-${store.model.name}-${sequence}`;
    const occurredAt = new Date(clock.now()).toISOString();
    const body = JSON.stringify({ id, occurredAt, ...event });
    const delivery: Delivery = { url, id, body, attempt: 1 };
    const fault = faults.onWebhook(`inriver.${event.event}`, id, String(event['entityId'] ?? ''));
    if (fault === 'drop' || fault === 'disable') return;
    if (fault === 'reorder' && held === undefined) {
      // Held back until the next event has gone out, or for two seconds if none comes.
      held = delivery;
      later(HELD_MS, release);
      return;
    }
    push(delivery);
    if (fault === 'duplicate') push({ ...delivery });
    release();
  };
  const release = (): void => {
    const waiting = held;
    held = undefined;
    if (waiting !== undefined) push(waiting);
  };

  const onChange = (change: PimChange): void => {
    const { url } = relay;
    if (url === undefined || isClosed) return;
    for (const event of eventsOf(store, change, options.hasChannelEvents)) emit(url, event);
  };
  store.listeners.add(onChange);

  const relay: Relay = {
    url: undefined,
    counters,
    pending: () => queue.length + running,
    close: () => {
      isClosed = true;
      store.listeners.delete(onChange);
      for (const cancel of cancellations) cancel();
      cancellations.clear();
      queue = [];
      agent.destroy();
    },
  };
  return relay;
};

const eventsOf = (
  store: PimStore,
  change: PimChange,
  hasChannelEvents: boolean,
): readonly RelayEvent[] => {
  if ('link' in change) {
    const { link } = change;
    const isNew = change.kind === 'link-created';
    const facts = {
      linkId: link.id,
      linkTypeId: link.type.id,
      sourceEntityId: link.source,
      targetEntityId: link.target,
      linkEntityId: null,
    };
    const events = [{ event: isNew ? 'LinkCreated' : 'LinkDeleted', ...facts }];
    if (!hasChannelEvents) return events;
    return [
      ...events,
      ...channelsOf(store, link.source).map((channelId) => ({
        event: isNew ? 'ChannelLinkAdded' : 'ChannelLinkDeleted',
        channelId,
        ...facts,
      })),
    ];
  }
  const { entity } = change;
  const facts = { entityId: entity.id, entityTypeId: entity.type.id };
  const verb =
    change.kind === 'entity-created'
      ? 'Created'
      : change.kind === 'entity-deleted'
        ? 'Deleted'
        : 'Updated';
  const fields = change.kind === 'entity-updated' ? { fieldTypeIds: change.fieldTypeIds } : {};
  const events = [{ event: `Entity${verb}`, ...facts, ...fields }];
  if (!hasChannelEvents || verb !== 'Updated') return events;
  return [
    ...events,
    ...channelsOf(store, entity.id).map((channelId) => ({
      event: 'ChannelEntityUpdated',
      channelId,
      ...facts,
      ...fields,
    })),
  ];
};
