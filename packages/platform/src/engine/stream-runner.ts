/**
 * Keeps one stream in step with its source. Three activities run side by side:
 *
 *   fetch    dirty keys → one point read for many → records and absences   (push, touched keys)
 *   changes  every interval, everything changed since the cursor            (push repair, poll, log)
 *   pass     everything there is, newest first: backfill, deletes, snapshots
 *
 * pass: idle → begun (entry) → reading pages (position stored with each) → ended (entry: complete,
 * held or inconclusive). After a crash it goes on from the stored position, but then says nothing
 * about deletes.
 *
 * Invariants: a cursor is committed with or after the records before it, never earlier; a key's
 * mark is cleared only by a read that began after it was set; an absence is believed only when the
 * same answer shows a record that must be there.
 */
import {
  type Change,
  type Clock,
  type ConnectorContext,
  type Cursor,
  ensureError,
  HeadraceError,
  type JsonObject,
  type Logger,
  type Page,
  type Random,
  splitPage,
  type Timers,
} from '@headrace/sdk';
import type { StoreReader } from '../storage/index.js';
import { type Arrival, limits, type ReadTimes, type StreamRuntime } from './arrival.js';
import { DirtyKeys } from './dirty-keys.js';
import { reactTo } from './error-policy.js';
import { isDeleted } from './fence.js';
import { judgePass, type PassVerdict, SeenRows } from './pass-check.js';
import type { Planner } from './planner.js';
import type { Priority, RateBudget } from './rate-budget.js';
import { type RecordState, recordTable } from './record-fold.js';
import type { StepLoop } from './step-loop.js';
import { StreamHealth } from './stream-health.js';

export interface StreamRunnerOptions {
  readonly runtime: StreamRuntime;
  readonly contexts: Readonly<Record<Priority, ConnectorContext<never>>>;
  readonly everyMs: number;
  readonly passEveryMs: number;
  /** How long notices are gathered before they are fetched together. */
  readonly coalesceMs: number;
  readonly planner: Planner;
  readonly loop: StepLoop;
  readonly reader: StoreReader;
  readonly budget: RateBudget;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Logger;
  /** Lets other work run while a large page is queued. */
  readonly pause: () => Promise<void>;
  readonly reads: ReadsUnderWay;
  /** Puts the bytes of an oversized record aside; returns the file's name. */
  readonly spill: (source: string, stream: string, bytes: Uint8Array) => Promise<string>;
  readonly crash: (error: HeadraceError) => void;
  /** Labelled points where a crash test may stop the process. */
  readonly at?: (point: string) => void;
}

/** The reads of the whole platform that have not been planned yet, by when they began. */
export class ReadsUnderWay {
  readonly #begun = new Set<number>();

  begin(readSeq: number): void {
    this.#begun.add(readSeq);
  }

  end(readSeq: number): void {
    this.#begun.delete(readSeq);
  }

  /** Reads begin in order of their numbers, and a set keeps that order. */
  oldest(next: number): number {
    return this.#begun.values().next().value ?? next;
  }
}

interface StoredPass {
  readonly beginSeq: number;
  readonly cursor: Cursor | null;
  readonly received: number;
}

const pagesAheadMax = 3;
const fetchMaxDefault = 100;

export class StreamRunner {
  readonly health = new StreamHealth();
  readonly dirty = new DirtyKeys();
  readonly name: string;
  readonly #options: StreamRunnerOptions;
  readonly #spec: StreamRuntime['spec'];
  #held: string[] = [];
  #sentinels: string[] = [];

  constructor(options: StreamRunnerOptions) {
    this.#options = options;
    this.#spec = options.runtime.spec;
    this.name = `${options.runtime.source}/${options.runtime.stream}`;
    this.health.backfilled = options.reader.meta(`backfilled/${this.name}`) !== undefined;
  }

  get runtime(): StreamRuntime {
    return this.#options.runtime;
  }

  get feed(): StreamRuntime['spec']['feed'] {
    return this.#spec.feed;
  }

  get everyMs(): number {
    return this.#options.everyMs;
  }

  /** Runs until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const activities: Promise<void>[] = [];
    if (this.#spec.fetch !== undefined) activities.push(this.#fetching(signal));
    if (this.#spec.feed === 'snapshot') {
      activities.push(this.#every(signal, () => this.#pass('changes')));
    } else {
      // The change cursor is set before the backfill begins, so nothing falls between the two.
      await this.#guarded(signal, () => this.#changes());
      activities.push(this.#every(signal, () => this.#changes()));
      activities.push(this.#passes(signal));
    }
    await Promise.all(activities);
  }

  /** Marks keys to be read again and resolves once the marks are durable. */
  async mark(keys: readonly string[], noticedAt: number): Promise<void> {
    await this.#options.loop.submitNow([this.markArrival(keys, noticedAt)]);
  }

  markArrival(keys: readonly string[], noticedAt: number): Arrival {
    const seq = this.#options.planner.takeSeq();
    for (const key of keys) this.dirty.mark(key, { seq, noticedAt });
    return {
      kind: 'effects',
      apply: (encoder) => {
        for (const key of keys) encoder.dirty(this.name, key, seq, noticedAt);
      },
    };
  }

  /** A person looked at the held deletes and lets them be checked key by key. */
  async releaseDeletes(): Promise<number> {
    const keys = this.#held;
    this.#held = [];
    this.health.clear('E_PASS_DELETES');
    if (keys.length > 0) await this.mark(keys, this.#options.clock.now());
    return keys.length;
  }

  async #fetching(signal: AbortSignal): Promise<void> {
    const { timers, coalesceMs } = this.#options;
    while (!signal.aborted) {
      await this.dirty.waiting(signal);
      if (signal.aborted) return;
      await timers.sleep(coalesceMs, signal).catch(() => undefined);
      const keys = this.dirty.take(this.#spec.fetchMax ?? fetchMaxDefault);
      await this.#guarded(signal, () => this.#fetch(keys)).finally(() => this.dirty.failed(keys));
    }
  }

  async #fetch(keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return;
    const { clock, planner, contexts, reads } = this.#options;
    const readSeq = planner.takeSeq();
    reads.begin(readSeq);
    try {
      const readAt = clock.now();
      this.#at('fetch-begun');
      const page = await this.#pointRead(contexts.fetch, keys);
      if (page === null) return;
      this.#at('fetch-answered');
      const times: ReadTimes = { noticedAt: null, readAt, receivedAt: clock.now() };
      const { arrivals, shown } = await this.#arrivals(page, readSeq, false, times);
      const absent = keys.filter((key) => !shown.has(key));
      if (absent.length > 0) arrivals.push(...(await this.#absences(absent)));
      arrivals.push({
        kind: 'effects',
        apply: (encoder) => {
          for (const key of keys) encoder.clean(this.name, key, readSeq);
        },
      });
      await this.#options.loop.submit(arrivals);
      this.#at('fetch-durable');
      this.dirty.answered(keys, readSeq);
      this.#readOk();
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
      this.#options.log.warn('The source cannot answer for a key it named; the key is let go.', {
        stream: this.name,
        code: error.code,
      });
      this.health.raise('E_KEY_REFUSED', error.message, this.#options.clock.now());
      const seq = this.#options.planner.takeSeq();
      await this.#options.loop.submit([
        { kind: 'effects', apply: (encoder) => encoder.clean(this.name, keys[0] as string, seq) },
      ]);
      this.dirty.answered(keys, seq);
      return null;
    }
  }

  /**
   * Believes that keys are gone only when the answer that lacks them shows a record that is known
   * to live: a source that answers 200 with nothing must not empty the platform.
   */
  async #absences(keys: readonly string[]): Promise<Arrival[]> {
    const { planner, clock, contexts, reads, reader } = this.#options;
    const known = new Set(
      reader
        .rows(
          recordTable.name,
          keys.map((key) => `${this.name}/${key}`),
        )
        .map((row) => row.key.slice(this.name.length + 1)),
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
      const { arrivals, shown } = await this.#arrivals(page, readSeq, false, times);
      if (sentinels.length > 0 && !sentinels.some((key) => shown.has(key))) {
        const message = 'A point read did not show records that are known to exist.';
        this.health.raise('E_EMPTY_ANSWER', message, clock.now());
        return [];
      }
      this.health.clear('E_EMPTY_ANSWER');
      const { runtime } = this.#options;
      for (const key of doubted) {
        if (shown.has(key)) continue;
        const noticedAt = this.dirty.noticedAt(key);
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
    const prefix = `${this.name}/`;
    for (const row of this.#options.reader.range(recordTable.name, prefix, prefix, 200)) {
      const key = row.key.slice(prefix.length);
      const state = JSON.parse(row.value) as RecordState;
      if (isDeleted(state) || state.withdrawn || inDoubt.has(key) || key.startsWith('~')) continue;
      this.#sentinels.push(key);
      if (this.#sentinels.length === 3) break;
    }
    return this.#sentinels;
  }

  async #changes(): Promise<void> {
    const { reader, contexts, planner, clock, loop, reads } = this.#options;
    const name = `cursor/${this.name}`;
    let cursor = parseJson<Cursor>(reader.meta(name));
    for (;;) {
      const readSeq = planner.takeSeq();
      reads.begin(readSeq);
      try {
        const readAt = clock.now();
        const from = cursor;
        const page = await ask(() => this.#spec.read(contexts.changes, 'changes', from));
        this.#at('changes-answered');
        const times: ReadTimes = { noticedAt: null, readAt, receivedAt: clock.now() };
        const { arrivals, shown } = await this.#arrivals(page, readSeq, false, times);
        if (shown.size === 0) arrivals.push(this.#entry('heartbeat', { read: 'changes' }, readSeq));
        const next = page.next ?? page.resume ?? cursor;
        arrivals.push({ kind: 'effects', apply: (encoder) => encoder.meta(name, jsonBytes(next)) });
        await loop.submit(arrivals);
        this.#at('changes-durable');
        this.#readOk();
        cursor = next;
        if (page.next === null) return;
      } finally {
        reads.end(readSeq);
      }
    }
  }

  async #passes(signal: AbortSignal): Promise<void> {
    const { reader, clock, timers, passEveryMs } = this.#options;
    while (!signal.aborted) {
      const last = parseJson<{ at: number }>(reader.meta(`backfilled/${this.name}`));
      const dueIn = last === null ? 0 : last.at + passEveryMs - clock.now();
      if (last !== null && passEveryMs <= 0) return;
      if (dueIn > 0) await timers.sleep(dueIn, signal).catch(() => undefined);
      if (signal.aborted) return;
      await this.#guarded(signal, () => this.#pass('pass'));
    }
  }

  async #pass(priority: Priority): Promise<void> {
    const { reader, planner, loop, clock, contexts, reads } = this.#options;
    const name = `pass/${this.name}`;
    const stored = parseJson<StoredPass>(reader.meta(name));
    const isSnapshotFeed = this.#spec.feed === 'snapshot';
    const beginSeq = stored?.beginSeq ?? planner.takeSeq();
    const seen = new SeenRows();
    let cursor = stored?.cursor ?? null;
    let received = stored?.received ?? 0;
    let total: number | null = null;
    if (stored === null && !isSnapshotFeed) {
      await loop.submit([this.#entry('pass', { pass: 'begin' }, beginSeq)]);
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
      this.#at('pass-answered');
      const times: ReadTimes = { noticedAt: null, readAt, receivedAt: clock.now() };
      const note = (rowId: number) => seen.add(rowId);
      const { arrivals, count } = await this.#arrivals(page, readSeq, true, times, note);
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
      this.#readOk();
      if (page.next === null) break;
      if (outstanding.length >= pagesAheadMax) await outstanding.shift();
    }
    await Promise.all(outstanding);
    this.#at('pass-durable');
    await this.#endPass(seen, beginSeq, received, total, stored !== null);
  }

  async #endPass(
    seen: SeenRows,
    beginSeq: number,
    received: number,
    total: number | null,
    isPartial: boolean,
  ): Promise<void> {
    const { loop, clock } = this.#options;
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
      };
      arrivals.push(this.#entry('pass', body, beginSeq));
    } else if (received > 0) {
      arrivals.push(this.#entry('heartbeat', { read: 'snapshot', received }, beginSeq));
    }
    if (!isSnapshotFeed) {
      arrivals.push({
        kind: 'effects',
        apply: (encoder) => encoder.meta(`pass/${this.name}`, null),
      });
    }
    if (verdict.kind !== 'held' || !this.health.backfilled) {
      const done = jsonBytes({ at: clock.now() });
      arrivals.push({
        kind: 'effects',
        apply: (encoder) => encoder.meta(`backfilled/${this.name}`, done),
      });
    }
    await loop.submit(arrivals);
    this.health.backfilled = true;
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
    const { clock, reader, runtime } = this.#options;
    if (verdict.kind === 'inconclusive') return [];
    if (verdict.kind === 'held') {
      this.health.raise(verdict.code, verdict.message, clock.now());
      this.#held = verdict.code === 'E_PASS_DELETES' ? [...missing] : [];
      return [];
    }
    for (const code of ['E_PASS_EMPTY', 'E_PASS_INCOMPLETE', 'E_PASS_DELETES']) {
      this.health.clear(code);
    }
    if (this.#spec.fetch !== undefined) {
      return missing.length === 0 ? [] : [this.markArrival(missing, clock.now())];
    }
    // Without point reads a record is gone when two complete passes in a row did not show it.
    const name = `missing/${this.name}`;
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
    const { reader, pause, planner } = this.#options;
    const prefix = `${this.name}/`;
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

  async #arrivals(
    page: Page,
    readSeq: number,
    isPass: boolean,
    times: ReadTimes,
    note?: (rowId: number) => void,
  ): Promise<{ arrivals: Arrival[]; shown: Set<string>; count: number }> {
    const { runtime, spill, pause } = this.#options;
    const { records } = splitPage(page.body, page.items);
    const arrivals: Arrival[] = [];
    const shown = new Set<string>();
    for (const [index, slice] of records.entries()) {
      const { bytes, depth } = slice;
      const isLarge = bytes.byteLength > limits.recordBytesMax;
      const file = isLarge ? await spill(runtime.source, runtime.stream, bytes) : undefined;
      // Keys are needed before planning only to tell which of the asked ones are absent.
      const key = isPass ? null : keyOf(runtime, bytes, depth);
      if (key !== null) shown.add(key);
      const noticedAt = key === null ? null : this.dirty.noticedAt(key);
      arrivals.push({
        kind: 'record',
        stream: runtime,
        bytes: isLarge ? excerptOf(bytes) : bytes,
        depth,
        readSeq,
        snapshot: isPass,
        times: noticedAt === null ? times : { ...times, noticedAt },
        ...(file === undefined ? {} : { spill: file }),
        ...(note === undefined ? {} : { planned: (_verdict, rowId) => note(rowId) }),
      });
      if (index % 100 === 99) await pause();
    }
    return { arrivals, shown, count: records.length };
  }

  #entry(entry: 'heartbeat' | 'pass', body: JsonObject, readSeq: number): Arrival {
    const { source, stream } = this.#options.runtime;
    return { kind: 'entry', entry, source, stream, body, readSeq };
  }

  async #every(signal: AbortSignal, work: () => Promise<void>): Promise<void> {
    const { clock, timers } = this.#options;
    while (!signal.aborted) {
      const begun = clock.now();
      await this.#guarded(signal, work);
      await timers.sleep(begun + this.everyMs - clock.now(), signal).catch(() => undefined);
    }
  }

  /** Runs work until it succeeds, reacting to each kind of error; returns when aborted. */
  async #guarded(signal: AbortSignal, work: () => Promise<void>): Promise<void> {
    const { clock, timers, random, budget, log, crash } = this.#options;
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      try {
        await work();
        this.health.failures = 0;
        this.health.stopped = false;
        this.health.clear('E_READ');
        return;
      } catch (thrown) {
        const error = ensureError(thrown);
        const reaction = reactTo(error, attempt, random);
        if (reaction.kind === 'end') return;
        if (reaction.kind === 'crash') return crash(error);
        if (reaction.kind === 'again') continue;
        this.health.failures += 1;
        this.health.stopped = reaction.kind === 'stop';
        const advice = error.hint === undefined ? '' : ` ${error.hint}`;
        this.health.raise('E_READ', `${error.message}${advice}`, clock.now());
        log.warn(error.message, { stream: this.name, code: error.code, kind: error.kind, attempt });
        if (reaction.kind === 'limit') budget.limited(reaction.retryAtMs);
        await timers.sleep(reaction.waitMs, signal).catch(() => undefined);
      }
    }
  }

  #readOk(): void {
    this.health.lastReadAt = this.#options.clock.now();
  }

  #at(point: string): void {
    this.#options.at?.(point);
  }
}

/** Calls a connector; what it throws by accident is about its system's answer, not our bug. */
async function ask<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (thrown) {
    const error = ensureError(thrown);
    if (error.code !== 'E_UNEXPECTED') throw error;
    throw new HeadraceError('contract', 'The connector could not read an answer.', {
      code: 'E_CONNECTOR',
      context: { reason: error.message },
      cause: thrown,
    });
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

function keyOf(runtime: StreamRuntime, bytes: Uint8Array, depth: number): string | null {
  if (depth > limits.depthMax || bytes.byteLength > limits.recordBytesMax) return null;
  try {
    return runtime.spec.key(JSON.parse(Buffer.from(bytes).toString('utf8')) as JsonObject);
  } catch {
    return null;
  }
}

function excerptOf(bytes: Uint8Array): Uint8Array {
  const head = bytes.subarray(0, limits.excerptBytes);
  return Buffer.concat([head, bytes.subarray(bytes.byteLength - limits.excerptBytes)]);
}

function parseJson<T>(bytes: Uint8Array | undefined): T | null {
  return bytes === undefined ? null : (JSON.parse(Buffer.from(bytes).toString('utf8')) as T);
}

function jsonBytes(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}
