/**
 * Keeps one stream in step with its source. Three activities run side by side:
 *
 *   fetch    dirty keys → one point read for many → records and absences   (push, touched keys)
 *   changes  every interval, everything changed since the cursor            (push repair, poll, log)
 *   pass     everything there is, newest first: backfill, deletes, snapshots
 *
 * Invariants: a cursor is committed with or after the records before it, never earlier; a key's
 * mark is cleared only by a read that began after it was set.
 */
import { type Change, type Cursor, ensureError } from '@headrace/sdk';
import type { Arrival, PlannedCallback, ReadTimes, StreamRuntime } from './arrival.js';
import type { DirtyKeys } from './dirty-keys.js';
import { reactTo } from './error-policy.js';
import { FetchActivity } from './fetch-activity.js';
import { PassActivity } from './pass-activity.js';
import type { StreamActivity, StreamHealth } from './stream-health.js';
import { ask, jsonBytes, parseJson, StreamIo, type StreamRunnerOptions } from './stream-io.js';

export class StreamRunner {
  readonly #io: StreamIo;
  readonly #spec: StreamRuntime['spec'];
  readonly #fetches: FetchActivity;
  readonly #passActivity: PassActivity;

  constructor(options: StreamRunnerOptions) {
    this.#io = new StreamIo(options);
    this.#spec = options.runtime.spec;
    this.#fetches = new FetchActivity(this.#io);
    this.#passActivity = new PassActivity(this.#io);
  }

  /** `source/stream`. */
  get name(): string {
    return this.#io.name;
  }

  get health(): StreamHealth {
    return this.#io.health;
  }

  get dirty(): DirtyKeys {
    return this.#io.dirty;
  }

  /** Whether keys can be asked for; where they cannot, polling and passes read them. */
  get isAsked(): boolean {
    return this.#spec.fetch !== undefined;
  }

  /** When the key that waits longest to be read was noticed; null when none waits. */
  get oldestNotice(): number | null {
    return this.isAsked ? this.dirty.oldestNotice : null;
  }

  get runtime(): StreamRuntime {
    return this.#io.options.runtime;
  }

  /** What is to be told of records that came by no read of the stream's own. */
  shownBy(readSeq: number): PlannedCallback {
    return this.#io.shownBy(readSeq);
  }

  /** Records that were sent to us are durable. */
  delivered(at: number): void {
    this.#io.readOk();
    this.health.caughtUp(at);
  }

  get feed(): StreamRuntime['spec']['feed'] {
    return this.#spec.feed;
  }

  get everyMs(): number {
    return this.#io.options.everyMs;
  }

  /** Runs until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const activities: Promise<void>[] = [];
    if (this.#spec.fetch !== undefined) {
      activities.push(this.#fetches.run(signal, (work) => this.#guarded('fetch', signal, work)));
    }
    if (this.#spec.feed === 'delivery') {
      // Nothing to ask for: records come by themselves, see `delivery-intake`.
    } else if (this.#spec.feed === 'snapshot') {
      activities.push(this.#every(signal, () => this.#snapshot()));
    } else {
      // The change cursor is set before the backfill begins, so nothing falls between the two.
      await this.#guarded('changes', signal, () => this.#changes());
      activities.push(this.#every(signal, () => this.#changes()));
      activities.push(this.#passes(signal));
    }
    await Promise.all(activities);
  }

  /** Marks keys to be read again and resolves once the marks are durable. */
  async mark(keys: readonly string[], noticedAt: number): Promise<void> {
    await this.#io.options.loop.submitNow([this.markArrival(keys, noticedAt)]);
  }

  markArrival(keys: readonly string[], noticedAt: number): Arrival {
    return this.#io.markArrival(keys, noticedAt);
  }

  /** A person looked at the held deletes and lets them be checked key by key. */
  async releaseDeletes(): Promise<number> {
    const keys = this.#passActivity.takeHeld();
    this.health.clear('E_PASS_DELETES');
    if (keys.length > 0) await this.mark(keys, this.#io.options.clock.now());
    return keys.length;
  }

  async #snapshot(): Promise<void> {
    const begunAt = this.#io.options.clock.now();
    await this.#passActivity.pass('changes');
    this.health.caughtUp(begunAt);
  }

  async #changes(): Promise<void> {
    const { reader, contexts, planner, clock, loop, reads } = this.#io.options;
    const begunAt = clock.now();
    const name = `cursor/${this.#io.name}`;
    let cursor = parseJson<Cursor>(reader.meta(name));
    for (;;) {
      const readSeq = planner.takeSeq();
      reads.begin(readSeq);
      try {
        const readAt = clock.now();
        const from = cursor;
        const page = await ask(() => this.#spec.read(contexts.changes, 'changes', from));
        this.#io.at('changes-answered');
        const times: ReadTimes = { noticedAt: null, readAt, receivedAt: clock.now() };
        const { arrivals, shown } = await this.#io.pageArrivals(page, readSeq, false, times);
        // A poll that came to its end says up to when the stream is known, whatever it found.
        const isEnd = page.next === null;
        if (isEnd || shown.size === 0) {
          const body = { read: 'changes', ...(isEnd ? { through: begunAt } : {}) };
          arrivals.push(this.#io.entry('heartbeat', body, readSeq));
        }
        const next = page.next ?? page.resume ?? cursor;
        arrivals.push({ kind: 'effects', apply: (encoder) => encoder.meta(name, jsonBytes(next)) });
        await loop.submit(arrivals);
        this.#io.at('changes-durable');
        this.#io.readOk();
        cursor = next;
        if (page.next === null) return this.health.caughtUp(begunAt);
      } finally {
        reads.end(readSeq);
      }
    }
  }

  async #passes(signal: AbortSignal): Promise<void> {
    const { reader, clock, timers, passEveryMs } = this.#io.options;
    while (!signal.aborted) {
      const last = parseJson<{ at: number }>(reader.meta(`backfilled/${this.#io.name}`));
      const dueIn = last === null ? 0 : last.at + passEveryMs - clock.now();
      if (last !== null && passEveryMs <= 0) return;
      if (dueIn > 0) await timers.sleep(dueIn, signal).catch(() => undefined);
      if (signal.aborted) return;
      await this.#guarded('pass', signal, () => this.#passActivity.pass('pass'));
    }
  }

  async #every(signal: AbortSignal, work: () => Promise<void>): Promise<void> {
    const { clock, timers } = this.#io.options;
    while (!signal.aborted) {
      const begun = clock.now();
      await this.#guarded('changes', signal, work);
      await timers.sleep(begun + this.everyMs - clock.now(), signal).catch(() => undefined);
    }
  }

  /** Runs work until it succeeds, reacting to each kind of error; returns when aborted. */
  async #guarded(
    activity: StreamActivity,
    signal: AbortSignal,
    work: () => Promise<void>,
  ): Promise<void> {
    const { clock, timers, random, budget, log, crash } = this.#io.options;
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      try {
        await work();
        this.health.succeeded(activity);
        return;
      } catch (thrown) {
        const error = ensureError(thrown);
        const reaction = reactTo(error, attempt, random);
        if (reaction.kind === 'end') return;
        if (reaction.kind === 'crash') return crash(error);
        if (reaction.kind === 'again') continue;
        const message = error.hint === undefined ? error.message : `${error.message} ${error.hint}`;
        this.health.failed(activity, message, clock.now(), reaction.kind === 'stop');
        log.warn(error.message, {
          stream: this.#io.name,
          code: error.code,
          kind: error.kind,
          attempt,
        });
        if (reaction.kind === 'limit') budget.limited(reaction.retryAtMs);
        await timers.sleep(reaction.waitMs, signal).catch(() => undefined);
      }
    }
  }
}

/** Changes named by records of other streams, by stream name. */
export function groupChanges(changes: readonly Change[]): Map<string, string[]> {
  const byStream = new Map<string, string[]>();
  for (const { stream, key } of changes) {
    const keys = byStream.get(stream);
    if (keys === undefined) byStream.set(stream, [key]);
    else keys.push(key);
  }
  return byStream;
}
