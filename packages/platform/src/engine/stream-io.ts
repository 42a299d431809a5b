/** What the activities of one stream share: turning pages into arrivals, marks, small entries. */
import {
  type Clock,
  type ConnectorContext,
  ensureError,
  HeadraceError,
  type JsonObject,
  type Logger,
  type Page,
  type QuietWindow,
  type Random,
  splitPage,
  type Timers,
} from '@headrace/sdk';
import type { StoreReader } from '../storage/index.js';
import {
  type Arrival,
  limits,
  type PlannedCallback,
  type ReadTimes,
  type StreamRuntime,
} from './arrival.js';
import { DirtyKeys } from './dirty-keys.js';
import type { SeenRows } from './pass-check.js';
import type { Planner } from './planner.js';
import type { Priority, RateBudget } from './rate-budget.js';
import type { ReadsUnderWay } from './reads-under-way.js';
import type { StepLoop } from './step-loop.js';
import { StreamHealth } from './stream-health.js';

export interface StreamRunnerOptions {
  readonly runtime: StreamRuntime;
  readonly contexts: Readonly<Record<Priority, ConnectorContext<never>>>;
  readonly everyMs: number;
  readonly passEveryMs: number;
  /** Daily hours in which silence is no cause for alarm. */
  readonly quiet?: readonly QuietWindow[];
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

/** One read's records on their way to the step. */
export interface PageArrivals {
  readonly arrivals: Arrival[];
  /** Keys shown; empty for passes, which do not need them. */
  readonly shown: ReadonlySet<string>;
  readonly count: number;
}

export class StreamIo {
  readonly options: StreamRunnerOptions;
  readonly health: StreamHealth;
  readonly dirty = new DirtyKeys();
  /** `source/stream`. */
  readonly name: string;
  /** Rows that reads begun since have shown; null while no pass is under way. */
  passUnderWay: { readonly beginSeq: number; readonly seen: SeenRows } | null = null;

  constructor(options: StreamRunnerOptions) {
    this.options = options;
    this.name = `${options.runtime.source}/${options.runtime.stream}`;
    const isSent = options.runtime.spec.feed === 'delivery';
    this.health = new StreamHealth(options.clock.now(), options.quiet, isSent);
    // Of what is sent to us there is no whole to be read first.
    this.health.backfilled = isSent || options.reader.meta(`backfilled/${this.name}`) !== undefined;
  }

  /** Runs a read under the next sequence number, which is taken when the read begins. */
  async reading<T>(work: (readSeq: number, readAt: number) => Promise<T>): Promise<T> {
    const { planner, reads, clock } = this.options;
    const readSeq = planner.takeSeq();
    reads.begin(readSeq);
    try {
      return await work(readSeq, clock.now());
    } finally {
      reads.end(readSeq);
    }
  }

  markArrival(keys: readonly string[], noticedAt: number): Arrival {
    const seq = this.options.planner.takeSeq();
    for (const key of keys) this.dirty.mark(key, { seq, noticedAt });
    return {
      kind: 'effects',
      apply: (encoder) => {
        for (const key of keys) encoder.dirty(this.name, key, seq, noticedAt);
      },
    };
  }

  async pageArrivals(
    page: Page,
    readSeq: number,
    isPass: boolean,
    times: ReadTimes,
  ): Promise<PageArrivals> {
    const { runtime, spill, pause } = this.options;
    const { records } = splitPage(page.body, page.items);
    const arrivals: Arrival[] = [];
    const shown = new Set<string>();
    const planned = this.shownBy(readSeq);
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
        isBackfill: isPass && !this.health.backfilled,
        times: noticedAt === null ? times : { ...times, noticedAt },
        ...(file === undefined ? {} : { spill: file }),
        planned,
      });
      if (index % 100 === 99) await pause();
    }
    return { arrivals, shown, count: records.length };
  }

  /** What is to be told of the records of a read once they are planned. */
  shownBy(readSeq: number): PlannedCallback {
    return (_verdict, rowId) => {
      const pass = this.passUnderWay;
      if (pass !== null && readSeq > pass.beginSeq) pass.seen.add(rowId);
    };
  }

  entry(entry: 'heartbeat' | 'pass', body: JsonObject, readSeq: number): Arrival {
    const { source, stream } = this.options.runtime;
    return { kind: 'entry', entry, source, stream, body, readSeq };
  }

  /** An answer is durable. */
  readOk(): void {
    this.health.lastReadAt = this.options.clock.now();
  }

  /** A labelled point where a crash test may stop the process. */
  at(point: string): void {
    this.options.at?.(point);
  }
}

/** Calls a connector; what it throws by accident is about its system's answer, not our bug. */
export async function ask<T>(call: () => Promise<T>): Promise<T> {
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

export function parseJson<T>(bytes: Uint8Array | undefined): T | null {
  return bytes === undefined ? null : (JSON.parse(Buffer.from(bytes).toString('utf8')) as T);
}

export function jsonBytes(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}
