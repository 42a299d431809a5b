/**
 * Point reads of keys that changed, many in one call.
 *
 * An absence is believed only when the same answer shows a record that must be there; while it is
 * not, its key stays marked and is asked for again. No call asks for more than `fetchMax` keys.
 */
import { type ConnectorContext, ensureError, type Page } from '@headrace/sdk';
import type { Arrival, ReadTimes } from './arrival.js';
import { isDeleted } from './fence.js';
import { type RecordState, recordTable } from './record-fold.js';
import { ask, type StreamIo } from './stream-io.js';

const fetchMaxDefault = 100;
const sentinelsMax = 3;
/** Pause before keys are asked for again whose answer was not believed. */
const doubtWaitMs = 1000;

interface Absences {
  readonly arrivals: readonly Arrival[];
  /** Keys whose absence was not believed. */
  readonly open: ReadonlySet<string>;
}

export class FetchActivity {
  readonly #io: StreamIo;
  readonly #spec: StreamIo['options']['runtime']['spec'];
  #sentinels: string[] = [];
  /** Sentinels an answer did not show: they may be gone themselves, so others are tried first. */
  readonly #suspects = new Set<string>();
  #isDoubting = false;

  constructor(io: StreamIo) {
    this.#io = io;
    this.#spec = io.options.runtime.spec;
  }

  /** Gathers marks for a moment and reads their keys, until the signal aborts. */
  async run(
    signal: AbortSignal,
    guarded: (work: () => Promise<void>) => Promise<void>,
  ): Promise<void> {
    const { timers, coalesceMs } = this.#io.options;
    const { dirty } = this.#io;
    while (!signal.aborted) {
      await dirty.waiting(signal);
      if (signal.aborted) return;
      await timers.sleep(coalesceMs, signal).catch(() => undefined);
      const keys = dirty.take(this.#fetchMax);
      this.#isDoubting = false;
      await guarded(() => this.#fetch(keys)).finally(() => dirty.failed(keys));
      if (this.#isDoubting) await timers.sleep(doubtWaitMs, signal).catch(() => undefined);
    }
  }

  get #fetchMax(): number {
    return this.#spec.fetchMax ?? fetchMaxDefault;
  }

  async #fetch(keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return;
    const { clock, planner, contexts, reads } = this.#io.options;
    const readSeq = planner.takeSeq();
    reads.begin(readSeq);
    try {
      const readAt = clock.now();
      this.#io.at('fetch-begun');
      const page = await this.#pointRead(contexts.fetch, keys, readSeq);
      if (page === null) return;
      this.#io.at('fetch-answered');
      const times: ReadTimes = { noticedAt: null, readAt, receivedAt: clock.now() };
      const { arrivals, shown } = await this.#io.pageArrivals(page, readSeq, false, times);
      const absent = keys.filter((key) => !shown.has(key));
      const absences = await this.#absences(absent);
      arrivals.push(...absences.arrivals);
      const answered = keys.filter((key) => !absences.open.has(key));
      arrivals.push({
        kind: 'effects',
        apply: (encoder) => {
          for (const key of answered) encoder.clean(this.#io.name, key, readSeq);
        },
      });
      await this.#io.options.loop.submit(arrivals);
      this.#io.at('fetch-durable');
      this.#io.dirty.answered(answered, readSeq);
      this.#isDoubting ||= absences.open.size > 0;
      this.#io.readOk();
    } finally {
      reads.end(readSeq);
    }
  }

  /** Reads keys; one that the source chokes on is found by halving and let go. */
  async #pointRead(
    context: ConnectorContext<never>,
    keys: readonly string[],
    readSeq: number,
  ): Promise<Page | null> {
    const fetch = this.#spec.fetch;
    if (fetch === undefined) return null;
    try {
      return await ask(() => fetch(context, keys));
    } catch (thrown) {
      const error = ensureError(thrown);
      if (error.kind !== 'contract' && error.kind !== 'record') throw error;
      if (keys.length > 1) {
        const half = Math.ceil(keys.length / 2);
        await this.#fetch(keys.slice(0, half));
        await this.#fetch(keys.slice(half));
        return null;
      }
      this.#io.options.log.warn('The source cannot answer for a key it named; the key is let go.', {
        stream: this.#io.name,
        code: error.code,
      });
      this.#io.health.raise('E_KEY_REFUSED', error.message, this.#io.options.clock.now());
      // A mark set while the read ran stays: it tells of a change this read may not have met.
      await this.#io.options.loop.submit([
        {
          kind: 'effects',
          apply: (encoder) => encoder.clean(this.#io.name, keys[0] as string, readSeq),
        },
      ]);
      this.#io.dirty.answered(keys, readSeq);
      return null;
    }
  }

  /**
   * Believes that keys are gone only when the answer that lacks them shows a record that is known
   * to live: a source that answers 200 with nothing must not empty the platform.
   */
  async #absences(keys: readonly string[]): Promise<Absences> {
    const { clock } = this.#io.options;
    const arrivals: Arrival[] = [];
    if (keys.length === 0) {
      // Whoever shows all that was asked for shows something again.
      this.#io.health.clear('E_EMPTY_ANSWER');
      return { arrivals, open: new Set() };
    }
    const sentinels = this.#pickSentinels(new Set(keys));
    const size = Math.max(1, this.#fetchMax - sentinels.length);
    for (let at = 0; at < keys.length; at += size) {
      const found = await this.#askAgain(keys.slice(at, at + size), sentinels);
      if (found === null) {
        const message = 'A point read did not show records that are known to exist.';
        this.#io.health.raise('E_EMPTY_ANSWER', message, clock.now());
        for (const key of sentinels) this.#suspects.add(key);
        this.#sentinels = [];
        return { arrivals, open: new Set(keys.slice(at)) };
      }
      arrivals.push(...found);
    }
    this.#io.health.clear('E_EMPTY_ANSWER');
    return { arrivals, open: new Set() };
  }

  /** What a second read says of keys that a first did not show; null when it is not believed. */
  async #askAgain(
    doubted: readonly string[],
    sentinels: readonly string[],
  ): Promise<Arrival[] | null> {
    const { planner, clock, contexts, reads, runtime } = this.#io.options;
    const fetch = this.#spec.fetch;
    if (fetch === undefined) return [];
    const readSeq = planner.takeSeq();
    reads.begin(readSeq);
    try {
      const readAt = clock.now();
      const all = [...sentinels, ...doubted];
      // A source that takes one key a call cannot show both; then the calls follow each other.
      const calls = all.length <= this.#fetchMax ? [all] : all.map((key) => [key]);
      const arrivals: Arrival[] = [];
      const shown = new Set<string>();
      let times: ReadTimes = { noticedAt: null, readAt, receivedAt: readAt };
      for (const keys of calls) {
        const page = await ask(() => fetch(contexts.fetch, keys));
        times = { ...times, receivedAt: clock.now() };
        const part = await this.#io.pageArrivals(page, readSeq, false, times);
        arrivals.push(...part.arrivals);
        for (const key of part.shown) shown.add(key);
      }
      if (sentinels.length > 0 && !sentinels.some((key) => shown.has(key))) return null;
      for (const key of doubted) {
        if (shown.has(key)) continue;
        const absence = { ...times, noticedAt: this.#io.dirty.noticedAt(key) };
        arrivals.push({ kind: 'absence', stream: runtime, key, readSeq, times: absence });
      }
      return arrivals;
    } finally {
      reads.end(readSeq);
    }
  }

  /** A few live keys, taken anew when those in use are themselves in doubt. */
  #pickSentinels(inDoubt: ReadonlySet<string>): readonly string[] {
    this.#sentinels = this.#sentinels.filter((key) => !inDoubt.has(key));
    if (this.#sentinels.length > 0) return this.#sentinels;
    const live = this.#liveKeys(inDoubt);
    const trusted = live.filter((key) => !this.#suspects.has(key));
    if (trusted.length === 0) this.#suspects.clear();
    const count = Math.max(1, Math.min(sentinelsMax, this.#fetchMax - 1));
    this.#sentinels = (trusted.length > 0 ? trusted : live).slice(0, count);
    return this.#sentinels;
  }

  #liveKeys(except: ReadonlySet<string>): string[] {
    const prefix = `${this.#io.name}/`;
    const keys: string[] = [];
    for (const row of this.#io.options.reader.range(recordTable.name, prefix, prefix, 200)) {
      const key = row.key.slice(prefix.length);
      const state = JSON.parse(row.value) as RecordState;
      if (isDeleted(state) || state.withdrawn || except.has(key) || key.startsWith('~')) continue;
      keys.push(key);
    }
    return keys;
  }
}
