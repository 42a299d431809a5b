/**
 * Has the rows that the next group will ask for in memory by the time it is planned. On a store
 * larger than memory a row waits for the disk, and the planning thread would wait with it, and all
 * of HTTP behind that. Threads of their own wait instead, several at a time.
 *
 * They hand nothing over: the planner reads the rows by itself afterwards, from the system's cache.
 * So it does not matter what they saw, how late they are, or whether they are there at all.
 *
 * States: idle (the store is small, or its rows come from memory all the same: no threads) → slow (every
 *         group is read ahead) ⇄ fast (one group in eight, to notice a change) → ended (a thread stopped:
 *         nothing is read ahead any more, the planner waits for the disk)
 *
 * Invariant: `warm` always resolves, and never fails.
 */
import { Worker } from 'node:worker_threads';
import { type Clock, ensureError, type Logger } from '@headrace/sdk';
import { handleSize } from '../audit/index.js';
import type { StoreReader, TableSpec } from '../storage/index.js';

/** What planning a group will read. */
export interface WantedRows {
  /** Keys of the table of records. */
  readonly stateKeys: readonly string[];
  /** Handles of persons whose data keys are needed. */
  readonly subjects: readonly Uint8Array[];
}

export interface PreReader {
  /** Resolves once the rows were read, or will not be. */
  warm(wanted: WantedRows): Promise<void>;
  /** Rows the planner read by itself, and how long they took it: what says whether threads would help. */
  noteRead(rows: number, ms: number): void;
  close(): Promise<void>;
}

export interface PreReaderOptions {
  readonly folder: string;
  readonly tables: readonly TableSpec[];
  readonly log: Logger;
  /** How large the store is now. */
  readonly storeBytes: () => number;
  /** From this size on there are threads. */
  readonly storeBytesMin?: number;
  readonly threads?: number;
}

export interface PreReadRequest {
  readonly id: number;
  readonly stateKeys: readonly string[];
  /** Handles one after the other. */
  readonly subjects: Uint8Array;
}

export interface PreReadReply {
  readonly id: number;
  /** How long the rows took. */
  readonly ms: number;
}

/** Kept in memory by the system as a matter of course; after a start its rows are slow for a moment only. */
const smallStoreBytes = 1 << 30;
/** A disk answers several reads in the time of one, and a thread asks for one at a time. */
const threadsByDefault = 2;
/** Rows that are not worth waking another thread for. */
const rowsPerThreadMin = 16;

/** Whether it is worth reading ahead, judged by how long rows took of late. */
export class ReadPace {
  #microsPerRow: number | null = null;
  #left = 0;

  /** Asked once a group. */
  isWorthwhile(): boolean {
    if (this.#microsPerRow === null || this.#microsPerRow > slowMicrosPerRow) return true;
    this.#left += 1;
    return this.#left % lookEvery === 0;
  }

  note(rows: number, ms: number): void {
    if (rows === 0) return;
    const micros = (ms * 1000) / rows;
    const before = this.#microsPerRow ?? micros;
    // Believes slow reads at once and fast ones slowly.
    this.#microsPerRow = micros > before ? micros : before + (micros - before) / 4;
  }
}

/** A row in memory takes about 10, one on a disk 100 and more. */
const slowMicrosPerRow = 40;
const lookEvery = 8;

/**
 * Whether the planner waits for the disk, judged by the rows it reads itself. By many of them: a thread
 * that was not given the processor for some milliseconds has not waited for a disk. And by reads of many:
 * asking for one row takes longer than it does.
 */
export class OwnReads {
  #rows = 0;
  #ms = 0;
  #isSlow = false;

  /** False until enough rows were read to tell. */
  get isSlow(): boolean {
    return this.#isSlow;
  }

  note(rows: number, ms: number): void {
    if (rows < rowsPerThreadMin) return;
    this.#rows += rows;
    this.#ms += ms;
    if (this.#rows < ownRowsMin) return;
    this.#isSlow = this.#ms * 1000 > slowMicrosPerRow * this.#rows;
    this.#rows = 0;
    this.#ms = 0;
  }
}

const ownRowsMin = 4096;

/** Starts its threads once the store is large and its rows come from the disk: they cost 30 MB. */
export function createPreReader(options: PreReaderOptions): PreReader {
  const { storeBytesMin = smallStoreBytes } = options;
  const pace = new ReadPace();
  const own = new OwnReads();
  const waiting = new Map<number, (ms: number) => void>();
  let workers: readonly Worker[] = [];
  let nextId = 0;
  let isOver = false;
  const letGo = () => {
    isOver = true;
    for (const resolve of waiting.values()) resolve(0);
    waiting.clear();
    for (const worker of workers) worker.postMessage(null);
  };
  const failed = (cause: unknown) => {
    if (isOver) return;
    letGo();
    options.log.warn('Rows are no longer read ahead; a large store answers more slowly.', {
      cause: ensureError(cause).message,
    });
  };
  const start = () => {
    const { folder, tables } = options;
    workers = Array.from({ length: options.threads ?? threadsByDefault }, () => {
      const worker = new Worker(new URL('./pre-reader-worker.js', import.meta.url), {
        workerData: { folder, tables },
        name: 'headrace-pre-reader',
        resourceLimits: { maxOldGenerationSizeMb: 24, maxYoungGenerationSizeMb: 4 },
      });
      worker.on('message', (reply: PreReadReply) => {
        waiting.get(reply.id)?.(reply.ms);
        waiting.delete(reply.id);
      });
      worker.on('error', failed);
      worker.on('exit', (code) => failed(new Error(`A reading thread ended (${code}).`)));
      // What has nothing else to do may end without them.
      worker.unref();
      return worker;
    });
  };

  const ask = (worker: Worker, stateKeys: readonly string[], handles: readonly Uint8Array[]) =>
    new Promise<number>((resolve) => {
      const id = nextId;
      nextId += 1;
      waiting.set(id, resolve);
      const subjects = Uint8Array.from(Buffer.concat(handles));
      worker.postMessage({ id, stateKeys, subjects } satisfies PreReadRequest, [subjects.buffer]);
    });

  return {
    async warm({ stateKeys, subjects }) {
      const rows = stateKeys.length + subjects.length;
      if (isOver || rows === 0) return;
      if (workers.length === 0) {
        if (!own.isSlow || options.storeBytes() < storeBytesMin) return;
        start();
      }
      if (!pace.isWorthwhile()) return;
      const parts = Math.min(workers.length, Math.ceil(rows / rowsPerThreadMin));
      const part = <T>(list: readonly T[], at: number) =>
        list.slice(
          Math.floor((list.length * at) / parts),
          Math.floor((list.length * (at + 1)) / parts),
        );
      const taken = await Promise.all(
        workers
          .slice(0, parts)
          .map((worker, at) => ask(worker, part(stateKeys, at), part(subjects, at))),
      );
      if (!isOver)
        pace.note(
          rows,
          taken.reduce((sum, ms) => sum + ms, 0),
        );
    },
    noteRead: (rows, ms) => own.note(rows, ms),
    async close() {
      if (isOver) return;
      const ended = workers.map((worker) => {
        worker.ref();
        return new Promise((done) => worker.once('exit', done));
      });
      letGo();
      await Promise.all(ended);
    },
  };
}

/** A reader that tells how long its rows took. */
export function timedReader(reader: StoreReader, preReader: PreReader, clock: Clock): StoreReader {
  return {
    ...reader,
    rows(table, keys) {
      const begun = clock.monotonicMs();
      const rows = reader.rows(table, keys);
      preReader.noteRead(keys.length, clock.monotonicMs() - begun);
      return rows;
    },
  };
}

/** The handles of a request, as views. */
export function* handlesOf(subjects: Uint8Array): Iterable<Uint8Array> {
  for (let at = 0; at < subjects.byteLength; at += handleSize) {
    yield subjects.subarray(at, at + handleSize);
  }
}
