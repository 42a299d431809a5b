/**
 * Full passes over a stream: backfill, lost changes, deletes, snapshot feeds.
 *
 * idle → begun (entry) → reading pages (position stored with each) → ended (entry: complete, held
 * or inconclusive). After a crash a pass goes on from the stored position, but then says nothing
 * about deletes.
 */
import { type Cursor, HeadraceError, type JsonObject, type Page } from '@headrace/sdk';
import type { Arrival, ReadTimes } from './arrival.js';
import { isDeleted } from './fence.js';
import { judgePass, type PassVerdict, SeenRows } from './pass-check.js';
import type { Priority } from './rate-budget.js';
import { type RecordState, recordTable } from './record-fold.js';
import { ask, jsonBytes, parseJson, type StreamIo } from './stream-io.js';

interface StoredPass {
  readonly beginSeq: number;
  readonly cursor: Cursor | null;
  readonly received: number;
}

/** As many as make up the commits that may be under way, so that planning need not wait for a page. */
const pagesAheadMax = 6;

export class PassActivity {
  readonly #io: StreamIo;
  readonly #spec: StreamIo['options']['runtime']['spec'];
  #held: string[] = [];

  constructor(io: StreamIo) {
    this.#io = io;
    this.#spec = io.options.runtime.spec;
  }

  /** Keys whose deletion was held back, handed over once. */
  takeHeld(): string[] {
    const keys = this.#held;
    this.#held = [];
    return keys;
  }

  async pass(priority: Priority): Promise<void> {
    const { reader, planner } = this.#io.options;
    const stored = parseJson<StoredPass>(reader.meta(`pass/${this.#io.name}`));
    const beginSeq = stored?.beginSeq ?? planner.takeSeq();
    // What the pass says at its end it says as of its beginning, so rows that other reads have shown
    // since count as well. A bit each: the keys themselves would be a copy of the stream in memory.
    const seen = new SeenRows();
    this.#io.passUnderWay = { beginSeq, seen };
    try {
      await this.#read(priority, beginSeq, stored, seen);
    } finally {
      this.#io.passUnderWay = null;
    }
  }

  async #read(
    priority: Priority,
    beginSeq: number,
    stored: StoredPass | null,
    seen: SeenRows,
  ): Promise<void> {
    const { planner, loop, clock, contexts, reads } = this.#io.options;
    const name = `pass/${this.#io.name}`;
    const isSnapshotFeed = this.#spec.feed === 'snapshot';
    let cursor = stored?.cursor ?? null;
    let received = stored?.received ?? 0;
    let total: number | null = null;
    // What is found after a restart was begun earlier than we know.
    const begunAt = stored === null ? clock.now() : null;
    if (stored === null && !isSnapshotFeed) {
      await loop.submit([this.#io.entry('pass', { pass: 'begin' }, beginSeq)]);
    }
    const outstanding: Promise<void>[] = [];
    for (;;) {
      const readSeq = planner.takeSeq();
      reads.begin(readSeq);
      const readAt = clock.now();
      let page: Page;
      try {
        page = await ask(() => this.#spec.read(contexts[priority], 'pass', cursor));
      } catch (thrown) {
        reads.end(readSeq);
        await Promise.all(outstanding);
        throw thrown;
      }
      this.#io.at('pass-answered');
      const times: ReadTimes = { noticedAt: null, readAt, receivedAt: clock.now() };
      const { arrivals, count } = await this.#io.pageArrivals(page, readSeq, true, times);
      received += count;
      total = page.total ?? total;
      cursor = page.next;
      if (cursor !== null && !isSnapshotFeed) {
        const position: StoredPass = { beginSeq, cursor, received };
        arrivals.push({
          kind: 'effects',
          apply: (encoder) => encoder.meta(name, jsonBytes(position)),
        });
      }
      const durable = loop.submit(arrivals).finally(() => reads.end(readSeq));
      durable.catch(() => undefined);
      outstanding.push(durable);
      this.#io.readOk();
      if (page.next === null) break;
      if (outstanding.length >= pagesAheadMax) await outstanding.shift();
    }
    await Promise.all(outstanding);
    this.#io.at('pass-durable');
    // From here until the absences are planned, what other reads show must be told from what stood
    // before: an absence as of the beginning yields to it.
    reads.begin(beginSeq);
    try {
      await this.#endPass(seen, beginSeq, received, total, begunAt);
    } finally {
      reads.end(beginSeq);
    }
  }

  async #endPass(
    seen: SeenRows,
    beginSeq: number,
    received: number,
    total: number | null,
    begunAt: number | null,
  ): Promise<void> {
    const { loop, clock } = this.#io.options;
    const isPartial = begunAt === null;
    const { missing, known } = await this.#unseen(seen, beginSeq);
    const verdict = judgePass({ received, total, missing: missing.length, known, isPartial });
    const arrivals = await this.#conclude(verdict, missing, beginSeq);
    const isSnapshotFeed = this.#spec.feed === 'snapshot';
    if (!isSnapshotFeed || verdict.kind === 'held') {
      const body: JsonObject = {
        pass: 'end',
        result: verdict.kind,
        received,
        missing: missing.length,
        ...(begunAt === null ? {} : { through: begunAt }),
      };
      arrivals.push(this.#io.entry('pass', body, beginSeq));
    } else if (received > 0 || verdict.kind === 'complete') {
      const through = begunAt === null ? {} : { through: begunAt };
      arrivals.push(
        this.#io.entry('heartbeat', { read: 'snapshot', received, ...through }, beginSeq),
      );
    }
    if (!isSnapshotFeed) {
      arrivals.push({
        kind: 'effects',
        apply: (encoder) => encoder.meta(`pass/${this.#io.name}`, null),
      });
    }
    if (verdict.kind !== 'held' || !this.#io.health.backfilled) {
      const done = jsonBytes({ at: clock.now() });
      arrivals.push({
        kind: 'effects',
        apply: (encoder) => encoder.meta(`backfilled/${this.#io.name}`, done),
      });
    }
    await loop.submit(arrivals);
    this.#io.health.backfilled = true;
    if (verdict.kind === 'held') {
      // Look again soon rather than at the next day's pass: a lying answer rarely lasts.
      throw new HeadraceError('transient', verdict.message, {
        code: verdict.code,
      });
    }
  }

  async #conclude(
    verdict: PassVerdict,
    missing: readonly string[],
    beginSeq: number,
  ): Promise<Arrival[]> {
    const { clock, reader, runtime } = this.#io.options;
    if (verdict.kind === 'inconclusive') return [];
    if (verdict.kind === 'held') {
      this.#io.health.raise(verdict.code, verdict.message, clock.now());
      this.#held = verdict.code === 'E_PASS_DELETES' ? [...missing] : [];
      return [];
    }
    for (const code of ['E_PASS_EMPTY', 'E_PASS_INCOMPLETE', 'E_PASS_DELETES']) {
      this.#io.health.clear(code);
    }
    if (this.#spec.fetch !== undefined) {
      return missing.length === 0 ? [] : [this.#io.markArrival(missing, clock.now())];
    }
    // Without point reads a record is gone when two complete passes in a row did not show it.
    const name = `missing/${this.#io.name}`;
    const before = new Set(parseJson<string[]>(reader.meta(name)) ?? []);
    const now = clock.now();
    const arrivals: Arrival[] = missing
      .filter((key) => before.has(key))
      .map((key) => ({
        kind: 'absence',
        stream: runtime,
        key,
        readSeq: beginSeq,
        times: { noticedAt: null, readAt: now, receivedAt: now },
      }));
    const once = missing.filter((key) => !before.has(key));
    arrivals.push({
      kind: 'effects',
      apply: (encoder) => encoder.meta(name, once.length === 0 ? null : jsonBytes(once)),
    });
    return arrivals;
  }

  /** Live records known before the pass began that it did not show. */
  async #unseen(seen: SeenRows, beginSeq: number): Promise<{ missing: string[]; known: number }> {
    const { reader, pause, planner } = this.#io.options;
    const prefix = `${this.#io.name}/`;
    const missing: string[] = [];
    let known = 0;
    for (let after = prefix; ; ) {
      const rows = reader.keysRange(recordTable.name, prefix, after, 500);
      const last = rows.at(-1);
      if (last === undefined) break;
      after = last.key;
      const unseenKeys = rows.filter((row) => !seen.has(row.id)).map((row) => row.key);
      known += rows.length - unseenKeys.length;
      for (const row of reader.rows(recordTable.name, unseenKeys)) {
        const key = row.key.slice(prefix.length);
        const state = JSON.parse(row.value) as RecordState;
        if (isDeleted(state) || state.withdrawn || key.startsWith('~')) continue;
        known += 1;
        const seenAt = Math.max(state.seen, planner.sightings.of(row.key).seen);
        if (seenAt < beginSeq) missing.push(key);
      }
      await pause();
    }
    return { missing, known };
  }
}
