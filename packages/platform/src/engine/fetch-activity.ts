/**
 * Point reads of keys that changed, many in one call.
 *
 * An absence is believed only when the same answer shows a record that must be there.
 */
import { type ConnectorContext, ensureError, type Page } from '@headrace/sdk';
import type { Arrival, ReadTimes } from './arrival.js';
import { isDeleted } from './fence.js';
import { type RecordState, recordTable } from './record-fold.js';
import { ask, type StreamIo } from './stream-io.js';

const fetchMaxDefault = 100;

export class FetchActivity {
  readonly #io: StreamIo;
  readonly #spec: StreamIo['options']['runtime']['spec'];
  #sentinels: string[] = [];

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
      const keys = dirty.take(this.#spec.fetchMax ?? fetchMaxDefault);
      await guarded(() => this.#fetch(keys)).finally(() => dirty.failed(keys));
    }
  }

  async #fetch(keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return;
    const { clock, planner, contexts, reads } = this.#io.options;
    const readSeq = planner.takeSeq();
    reads.begin(readSeq);
    try {
      const readAt = clock.now();
      this.#io.at('fetch-begun');
      const page = await this.#pointRead(contexts.fetch, keys);
      if (page === null) return;
      this.#io.at('fetch-answered');
      const times: ReadTimes = { noticedAt: null, readAt, receivedAt: clock.now() };
      const { arrivals, shown } = await this.#io.pageArrivals(page, readSeq, false, times);
      const absent = keys.filter((key) => !shown.has(key));
      if (absent.length > 0) arrivals.push(...(await this.#absences(absent)));
      arrivals.push({
        kind: 'effects',
        apply: (encoder) => {
          for (const key of keys) encoder.clean(this.#io.name, key, readSeq);
        },
      });
      await this.#io.options.loop.submit(arrivals);
      this.#io.at('fetch-durable');
      this.#io.dirty.answered(keys, readSeq);
      this.#io.readOk();
    } finally {
      reads.end(readSeq);
    }
  }

  /** Reads keys; one that the source chokes on is found by halving and let go. */
  async #pointRead(
    context: ConnectorContext<never>,
    keys: readonly string[],
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
      const seq = this.#io.options.planner.takeSeq();
      await this.#io.options.loop.submit([
        {
          kind: 'effects',
          apply: (encoder) => encoder.clean(this.#io.name, keys[0] as string, seq),
        },
      ]);
      this.#io.dirty.answered(keys, seq);
      return null;
    }
  }

  /**
   * Believes that keys are gone only when the answer that lacks them shows a record that is known
   * to live: a source that answers 200 with nothing must not empty the platform.
   */
  async #absences(keys: readonly string[]): Promise<Arrival[]> {
    const { planner, clock, contexts, reads, reader } = this.#io.options;
    const known = new Set(
      reader
        .rows(
          recordTable.name,
          keys.map((key) => `${this.#io.name}/${key}`),
        )
        .map((row) => row.key.slice(this.#io.name.length + 1)),
    );
    const doubted = keys.filter((key) => known.has(key));
    if (doubted.length === 0) return [];
    const sentinels = this.#pickSentinels(new Set(keys));
    const readSeq = planner.takeSeq();
    reads.begin(readSeq);
    try {
      const readAt = clock.now();
      const fetch = this.#spec.fetch;
      if (fetch === undefined) return [];
      const page = await ask(() => fetch(contexts.fetch, [...sentinels, ...doubted]));
      const times: ReadTimes = { noticedAt: null, readAt, receivedAt: clock.now() };
      const { arrivals, shown } = await this.#io.pageArrivals(page, readSeq, false, times);
      if (sentinels.length > 0 && !sentinels.some((key) => shown.has(key))) {
        const message = 'A point read did not show records that are known to exist.';
        this.#io.health.raise('E_EMPTY_ANSWER', message, clock.now());
        return [];
      }
      this.#io.health.clear('E_EMPTY_ANSWER');
      const { runtime } = this.#io.options;
      for (const key of doubted) {
        if (shown.has(key)) continue;
        const noticedAt = this.#io.dirty.noticedAt(key);
        const absence = { ...times, noticedAt };
        arrivals.push({ kind: 'absence', stream: runtime, key, readSeq, times: absence });
      }
      return arrivals;
    } finally {
      reads.end(readSeq);
    }
  }

  /** Up to three live keys, taken anew when those in use are themselves in doubt. */
  #pickSentinels(inDoubt: ReadonlySet<string>): readonly string[] {
    this.#sentinels = this.#sentinels.filter((key) => !inDoubt.has(key));
    if (this.#sentinels.length > 0) return this.#sentinels;
    const prefix = `${this.#io.name}/`;
    for (const row of this.#io.options.reader.range(recordTable.name, prefix, prefix, 200)) {
      const key = row.key.slice(prefix.length);
      const state = JSON.parse(row.value) as RecordState;
      if (isDeleted(state) || state.withdrawn || inDoubt.has(key) || key.startsWith('~')) continue;
      this.#sentinels.push(key);
      if (this.#sentinels.length === 3) break;
    }
    return this.#sentinels;
  }
}
