/**
 * A training set worked out by several threads. Each has a reader of its own over the store; chunks of
 * rows go to whoever has least to do, and their batches come back in the order of the spine.
 *
 * States of a chunk: waiting in the spine → with a thread → done, waiting for those before it → out.
 * Invariants: batches leave in the order of the spine; at most `chunksAhead` chunks for each thread are
 * between the spine and the one who takes the batches, so a slow taker stops the threads; whoever stops
 * taking ends them.
 */
import { Worker } from 'node:worker_threads';
import { ensureError, HeadraceError } from '@headrace/sdk';
import type { StoreReader } from '../storage/index.js';
import {
  type AsOfOptions,
  type AsOfSummary,
  chunksOf,
  countIn,
  rowsAtOnceDefault,
  type SpineRow,
} from './as-of.js';
import type { FeatureReader } from './feature-reader.js';
import type { RowBatch } from './row-batch.js';
import type { KnownMode, RowChunk } from './row-sweeper.js';

/**
 * How a thread comes to its reader: a module, by its address, whose `openForThread` gets `given` and
 * answers what `OpenedForThread` says. Views are functions, so they cannot be handed over.
 */
export interface ThreadOpener {
  readonly module: string;
  readonly given: unknown;
}

export interface OpenedForThread {
  readonly features: FeatureReader;
  readonly store: StoreReader;
  close(): void;
}

/** Opens what a thread reads, as its opener says. */
export async function openedBy({ module, given }: ThreadOpener): Promise<OpenedForThread> {
  const { openForThread } = (await import(module)) as {
    readonly openForThread: (given: unknown) => Promise<OpenedForThread>;
  };
  return openForThread(given);
}

/** What a thread is started with. */
export interface SweepOrder extends ThreadOpener {
  readonly definitions: readonly string[];
  /** Of the definitions: another one would give other values. */
  readonly version: string;
  readonly known: KnownMode;
  readonly k: number;
  readonly bytes: number | undefined;
  /** Not 0 once nobody wants the rows any more. */
  readonly stop: Int32Array;
}

export type SweepReply =
  | { readonly id: number; readonly batch: RowBatch }
  | { readonly failed: { readonly message: string; readonly code: string | null } };

export interface ThreadedOptions extends AsOfOptions {
  readonly opener: ThreadOpener;
  readonly threads: number;
  /** Names of the definitions, and the hash of all there are. */
  readonly definitions: readonly string[];
  readonly version: string;
}

/** One that is worked on, and one so that a thread need not wait for the next. */
const chunksAhead = 2;

export async function* asOfOnThreads(
  spine: Iterable<SpineRow>,
  options: ThreadedOptions,
  summary: AsOfSummary,
): AsyncIterable<RowBatch> {
  const { rowsAtOnce = rowsAtOnceDefault } = options;
  const chunks = chunksOf(spine, rowsAtOnce)[Symbol.iterator]();
  const threads = Array.from({ length: options.threads }, () => new SweepThread(options));
  const waiting: Promise<RowBatch>[] = [];
  const hand = (): void => {
    while (waiting.length < threads.length * chunksAhead) {
      const { done, value } = chunks.next();
      if (done === true) return;
      const free = threads.reduce((one, other) => (other.busy < one.busy ? other : one));
      const batch = free.fill(value);
      // Looked at in its turn; until then a failure is nobody's.
      batch.catch(() => undefined);
      waiting.push(batch);
    }
  };
  try {
    for (hand(); waiting.length > 0; hand()) {
      const batch = (await waiting.shift()) as RowBatch;
      hand();
      countIn(summary, batch);
      yield batch;
    }
  } finally {
    await Promise.all(threads.map((thread) => thread.close()));
  }
}

class SweepThread {
  readonly #worker: Worker;
  readonly #asked = new Map<
    number,
    { readonly resolve: (batch: RowBatch) => void; readonly reject: (error: Error) => void }
  >();
  readonly #stop = new Int32Array(new SharedArrayBuffer(4));
  readonly #ended: Promise<unknown>;
  #next = 0;
  #failure: Error | null = null;

  constructor({ opener, definitions, version, known = 'row-time', k, bytes }: ThreadedOptions) {
    this.#worker = new Worker(new URL('./as-of-worker.js', import.meta.url), {
      workerData: {
        ...{ ...opener, definitions, version, known, k, bytes },
        stop: this.#stop,
      } satisfies SweepOrder,
      name: 'headrace-as-of',
    });
    this.#ended = new Promise((done) => this.#worker.once('exit', done));
    this.#worker.on('message', (reply: SweepReply) => {
      if ('failed' in reply) {
        const { message, code } = reply.failed;
        this.#fail(threadError(message, code));
        return;
      }
      this.#asked.get(reply.id)?.resolve(reply.batch);
      this.#asked.delete(reply.id);
    });
    this.#worker.on('error', (thrown) => this.#fail(ensureError(thrown)));
    this.#worker.on('exit', (code) => {
      this.#fail(threadError(`A thread of the training set ended (${code}).`, null));
    });
  }

  get busy(): number {
    return this.#asked.size;
  }

  fill(chunk: RowChunk): Promise<RowBatch> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      const id = this.#next;
      this.#next += 1;
      this.#asked.set(id, { resolve, reject });
      this.#worker.postMessage({ id, chunk });
    });
  }

  /** Lets it end what it is at: a thread that is cut off inside the store takes the process with it. */
  async close(): Promise<void> {
    Atomics.store(this.#stop, 0, 1);
    this.#worker.postMessage(null);
    await this.#ended;
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const { reject } of this.#asked.values()) reject(this.#failure);
    this.#asked.clear();
  }
}

function threadError(message: string, code: string | null): HeadraceError {
  return new HeadraceError('transient', message, {
    code: code ?? 'E_AS_OF_THREAD',
    hint: 'Ask for the set again; if it fails again, ask for fewer rows at a time.',
  });
}
