/**
 * Fetches notices from a queue at the source, where nothing can be pushed to us:
 *
 *   take ──some──▶ keep (marks durable) ──▶ acknowledge ──▶ take, twice as many if it was full
 *     ├───none──▶ wait, longer each time up to the queue's interval ──▶ take one
 *     └──error──▶ wait by the kind of error ──▶ take one
 *
 * Invariant: a notice is acknowledged only after the commit that holds its marks. Killed in between,
 * it comes again; its id is then known, and reading a key once more changes nothing.
 */
import {
  ensureError,
  type HeadraceError,
  type InboundRequest,
  type NoticeQueue,
  type Notification,
  type QueuedNotice,
  type SubscriptionState,
} from '@headrace/sdk';
import type { EnginePorts } from './engine-ports.js';
import { reactTo } from './error-policy.js';
import type { RateBudget } from './rate-budget.js';

export interface PullLoopOptions {
  readonly source: string;
  readonly queue: NoticeQueue;
  readonly parse: (request: InboundRequest) => Notification;
  /** Resolves once the marks of a notice are durable. */
  readonly keep: (notice: Notification) => Promise<void>;
  readonly budget: RateBudget;
  readonly ports: Pick<EnginePorts, 'clock' | 'timers' | 'random' | 'log'>;
  /** Told after each turn; `isAlarming` once waiting will hardly help. */
  readonly noteState: (state: SubscriptionState, isAlarming: boolean) => void;
  /** An invariant was broken. */
  readonly crash: (error: HeadraceError) => void;
}

/** What is under way at most; it must be kept before a broker gives it out again. */
const takeMax = 16;
/** First wait for an empty queue. */
const busyWaitMs = 100;
/** Failures in a row before somebody is told. */
const failuresMax = 3;

export class PullLoop {
  readonly #options: PullLoopOptions;

  constructor(options: PullLoopOptions) {
    this.#options = options;
  }

  /** Runs until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { queue, ports, noteState } = this.#options;
    const pause = (ms: number) => ports.timers.sleep(ms, signal).catch(() => undefined);
    let max = 1;
    let waitMs = busyWaitMs;
    for (let failures = 0; !signal.aborted; ) {
      try {
        const count = await this.#turn(max);
        failures = 0;
        noteState({ kind: 'active' }, false);
        max = count === max ? Math.min(2 * max, takeMax) : 1;
        if (count > 0) waitMs = busyWaitMs;
        else {
          await pause(Math.min(waitMs, queue.everyMs));
          waitMs = Math.min(2 * waitMs, queue.everyMs);
        }
      } catch (thrown) {
        failures += 1;
        max = 1;
        const wait = this.#failed(ensureError(thrown), failures);
        if (wait === null) return;
        await pause(wait);
      }
    }
  }

  /** How many notices were taken, kept and acknowledged. */
  async #turn(max: number): Promise<number> {
    const notices = await this.#options.queue.take(max);
    await Promise.all(notices.map((notice) => this.#keep(notice)));
    const ends = await Promise.allSettled(notices.map((notice) => notice.acknowledge()));
    const failed = ends.find((end) => end.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    return notices.length;
  }

  /** A notice nobody can read would come for ever; polling finds what it was about. */
  async #keep({ request }: QueuedNotice): Promise<void> {
    const { parse, keep, ports, source } = this.#options;
    let notice: Notification;
    try {
      notice = parse(request);
    } catch (thrown) {
      const { message } = ensureError(thrown);
      ports.log.warn('A notice could not be read.', { source, code: 'E_NOTICE', message });
      return;
    }
    await keep(notice);
  }

  /** How long to wait in ms, or null to end. */
  #failed(error: HeadraceError, failures: number): number | null {
    const { budget, ports, source, noteState, crash } = this.#options;
    const reaction = reactTo(error, failures, ports.random);
    if (reaction.kind === 'end') return null;
    if (reaction.kind === 'crash') {
      crash(error);
      return null;
    }
    const { code, kind } = error;
    ports.log.warn(error.message, { source, code, kind, attempt: failures });
    const hint = error.hint === undefined ? error.message : `${error.message} ${error.hint}`;
    const isAlarming = reaction.kind === 'stop' || failures >= failuresMax;
    noteState({ kind: 'failing', errors: failures, hint }, isAlarming);
    if (reaction.kind === 'limit') budget.limited(reaction.retryAtMs);
    return reaction.kind === 'again' ? busyWaitMs : reaction.waitMs;
  }
}
