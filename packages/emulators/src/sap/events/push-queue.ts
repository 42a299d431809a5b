import type { Clock } from '../../clock.js';
import type { WebhookFault } from '../../shopware/fault-port.js';
import type { CloudEvent } from './cloud-event.js';

/**
 * What waits to be pushed to one webhook:
 *
 *   waiting -> sent -> (2xx) delivered
 *                   -> (else) held back 15 min, 30 min, 1 h, 2 h, 4 h, then every 4 h -> sent ...
 *                      until it is seven days old -> given up
 *
 * A webhook that is switched off keeps what arrives, up to the size of its queue.
 */

export interface PushCounters {
  queued: number;
  delivered: number;
  /** Attempts that the receiver did not take. */
  refused: number;
  retried: number;
  givenUp: number;
}

export interface PushQueue {
  readonly state: 'asking' | 'active' | 'refused' | 'paused';
  readonly waiting: number;
  readonly counters: Readonly<PushCounters>;
  readonly admit: (event: CloudEvent, fault: WebhookFault | undefined) => void;
  readonly resume: () => void;
  readonly close: () => void;
}

export interface PushQueueOptions {
  readonly clock: Clock;
  readonly deliver: (event: CloudEvent) => Promise<boolean>;
  readonly handshake?: () => Promise<boolean>;
}

const MINUTE_MS = 60_000;
export const RETRY_DELAYS_MS = [15, 30, 60, 120, 240].map((minutes) => minutes * MINUTE_MS);
const AGE_MAX_MS = 7 * 24 * 60 * MINUTE_MS;
export const WAITING_MAX = 10_000;
const CONCURRENCY = 8;
/** A held-back event goes out after the next one, or after this if none comes. */
const REORDER_MS = 2_000;

interface Message {
  readonly event: CloudEvent;
  readonly sinceMs: number;
  readonly attempt: number;
}

export const createPushQueue = (options: PushQueueOptions): PushQueue => {
  const { clock } = options;
  const counters: PushCounters = { queued: 0, delivered: 0, refused: 0, retried: 0, givenUp: 0 };
  const timers = new Set<() => void>();
  const waiting: Message[] = [];
  let held: Message | undefined;
  let delayed = 0;
  let running = 0;
  let state: PushQueue['state'] = options.handshake === undefined ? 'active' : 'asking';
  let isClosed = false;

  const later = (delayMs: number, task: () => void): void => {
    const cancel = clock.after(delayMs, () => {
      timers.delete(cancel);
      if (!isClosed) task();
    });
    timers.add(cancel);
  };

  const push = (message: Message): void => {
    if (waiting.length + delayed >= WAITING_MAX) {
      counters.givenUp++;
      return;
    }
    waiting.push(message);
    pump();
  };

  const release = (): void => {
    const message = held;
    held = undefined;
    if (message !== undefined) push(message);
  };

  const retry = (message: Message): void => {
    counters.refused++;
    if (clock.now() - message.sinceMs >= AGE_MAX_MS) {
      counters.givenUp++;
      return;
    }
    const delayMs = RETRY_DELAYS_MS[message.attempt] ?? RETRY_DELAYS_MS.at(-1) ?? MINUTE_MS;
    delayed++;
    later(delayMs, () => {
      delayed--;
      counters.retried++;
      push({ ...message, attempt: message.attempt + 1 });
    });
  };

  const pump = (): void => {
    while (state === 'active' && !isClosed && running < CONCURRENCY) {
      const message = waiting.shift();
      if (message === undefined) return;
      running++;
      void options.deliver(message.event).then((isTaken) => {
        running--;
        if (isClosed) return;
        if (isTaken) counters.delivered++;
        else retry(message);
        pump();
      });
    }
  };

  const ask = (): void => {
    if (options.handshake === undefined) {
      state = 'active';
      pump();
      return;
    }
    state = 'asking';
    void options.handshake().then((isAllowed) => {
      if (isClosed || state !== 'asking') return;
      state = isAllowed ? 'active' : 'refused';
      pump();
    });
  };
  if (options.handshake !== undefined) ask();

  return {
    get state() {
      return state;
    },
    get waiting() {
      return waiting.length + delayed + running + (held === undefined ? 0 : 1);
    },
    counters,
    admit: (event, fault) => {
      if (isClosed) return;
      counters.queued++;
      const message: Message = { event, sinceMs: clock.now(), attempt: 0 };
      if (fault === 'drop') return;
      if (fault === 'disable') state = 'paused';
      if (fault === 'reorder' && held === undefined) {
        held = message;
        later(REORDER_MS, release);
        return;
      }
      push(message);
      if (fault === 'duplicate') push(message);
      release();
    },
    resume: () => {
      if (state !== 'active') ask();
    },
    close: () => {
      isClosed = true;
      for (const cancel of timers) cancel();
      timers.clear();
      waiting.length = 0;
    },
  };
};
