import type { Clock } from '../../clock.js';
import type { WebhookFault } from '../../shopware/fault-port.js';
import type { CloudEvent } from './cloud-event.js';

/**
 * A queue to fetch from. With quality of service 1 a message stays until it is acknowledged: one
 * that is not comes again after five minutes. With 0 it is gone once handed out.
 */

export interface QueuedMessage {
  readonly id: string;
  readonly event: CloudEvent;
}

export interface MessageQueue {
  readonly put: (event: CloudEvent, fault?: WebhookFault) => void;
  readonly take: (qualityOfService: 0 | 1) => QueuedMessage | undefined;
  readonly acknowledge: (id: string) => boolean;
  /** Waiting, or handed out and not acknowledged. */
  readonly size: () => number;
}

export const REDELIVERY_MS = 5 * 60_000;
const MESSAGES_MAX = 10_000;

export const createMessageQueue = (clock: Clock): MessageQueue => {
  const waiting: QueuedMessage[] = [];
  const handedOut = new Map<
    string,
    { readonly message: QueuedMessage; readonly untilMs: number }
  >();
  let made = 0;
  let held: QueuedMessage | undefined;

  const add = (event: CloudEvent): void => {
    if (waiting.length + handedOut.size >= MESSAGES_MAX) return;
    made++;
    waiting.push({ id: `m-${made}`, event });
  };
  const takeBackLate = (): void => {
    const nowMs = clock.now();
    const late: QueuedMessage[] = [];
    // In the order they were handed out, so the first that is not late ends the search.
    for (const [id, { message, untilMs }] of handedOut) {
      if (untilMs > nowMs) break;
      handedOut.delete(id);
      late.push(message);
    }
    waiting.unshift(...late);
  };
  return {
    put: (event, fault) => {
      if (fault === 'drop' || fault === 'disable') return;
      if (fault === 'reorder' && held === undefined) {
        made++;
        held = { id: `m-${made}`, event };
        return;
      }
      add(event);
      if (fault === 'duplicate') add(event);
      if (held !== undefined) waiting.push(held);
      held = undefined;
    },
    take: (qualityOfService) => {
      takeBackLate();
      const message = waiting.shift() ?? held;
      if (message === held) held = undefined;
      if (message === undefined || qualityOfService === 0) return message;
      handedOut.set(message.id, { message, untilMs: clock.now() + REDELIVERY_MS });
      return message;
    },
    acknowledge: (id) => handedOut.delete(id),
    size: () => waiting.length + handedOut.size + (held === undefined ? 0 : 1),
  };
};
