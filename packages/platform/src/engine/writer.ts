/** The writing side of the step: on this thread for tests and tools, on a worker for the platform. */
import { Worker } from 'node:worker_threads';
import { HeadraceError } from '@headrace/sdk';
import { Frontier, leafHash } from '../audit/index.js';
import {
  type CommitPoint,
  type CommitResult,
  createBatchWriter,
  createReader,
  type EntryHook,
  type OpenedStore,
  openStore,
  type PlannedBatch,
  type TableSpec,
} from '../storage/index.js';

/** Commits batches in the order given; a failed one fails all that were planned after it. */
export interface StepWriter {
  commit(batch: PlannedBatch): Promise<CommitResult>;
  close(): Promise<void>;
}

export const frontierName = 'frontier';

/** Keeps the Merkle frontier in step with the journal, inside the writer's transaction. */
export function createFrontierHook(stored: Uint8Array | undefined): EntryHook & {
  readonly frontier: () => Frontier;
} {
  let committed = stored === undefined ? new Frontier() : Frontier.decode(stored);
  let working = committed.copy();
  return {
    frontier: () => committed,
    leaf(_offset, header, body, sealed) {
      const leaf = leafHash(header, body, sealed);
      working.append(leaf);
      return leaf;
    },
    beforeCommit: () => [{ name: frontierName, value: working.encode() }],
    committed() {
      committed = working.copy();
    },
    rolledBack() {
      working = committed.copy();
    },
  };
}

export interface InThreadOptions {
  readonly tables: readonly TableSpec[];
  readonly now: () => number;
  readonly at?: (point: CommitPoint) => void;
}

/** Applies batches on the calling thread. */
export function createInThreadWriter(store: OpenedStore, options: InThreadOptions): StepWriter {
  const reader = createReader(store, options.tables);
  const hook = createFrontierHook(reader.meta(frontierName));
  const writer = createBatchWriter(store, options.tables, hook, options.at);
  return {
    commit: async (batch) => writer.commit(batch, options.now()),
    close: async () => undefined,
  };
}

export interface WriterRequest extends PlannedBatch {
  readonly id: number;
}

export type WriterReply =
  | { readonly ready: true }
  | { readonly id: number; readonly ok: true; readonly result: CommitResult }
  | { readonly id: number; readonly ok: false; readonly code: string; readonly message: string };

export interface WorkerWriterOptions {
  readonly folder: string;
  readonly tables: readonly TableSpec[];
  readonly cacheKib?: number;
  readonly clock: { readonly epochMs: number; readonly realStartMs: number; readonly rate: number };
  /** Crash tests: stop the process the n-th time this point is passed. */
  readonly crashAt?: { readonly point: CommitPoint; readonly count: number };
}

/** Starts the writer worker: all transactions and fsyncs of the store happen there. */
export async function startWorkerWriter(options: WorkerWriterOptions): Promise<StepWriter> {
  const worker = new Worker(new URL('./writer-worker.js', import.meta.url), {
    workerData: options,
    name: 'headrace-writer',
    // It holds a batch at a time; what more it were allowed would only be garbage kept longer.
    resourceLimits: { maxOldGenerationSizeMb: 96, maxYoungGenerationSizeMb: 16 },
  });
  const waiting = new Map<
    number,
    { resolve: (result: CommitResult) => void; reject: (error: HeadraceError) => void }
  >();
  let nextId = 0;
  let failure: HeadraceError | null = null;
  const ready = new Promise<void>((resolve, reject) => {
    worker.on('message', (reply: WriterReply) => {
      if ('ready' in reply) return resolve();
      const request = waiting.get(reply.id);
      waiting.delete(reply.id);
      if (reply.ok) request?.resolve(reply.result);
      else {
        request?.reject(
          new HeadraceError('transient', reply.message, {
            code: reply.code,
            hint: 'Free space on the disk of the data directory, or check its health.',
          }),
        );
      }
    });
    const stop = (cause: unknown) => {
      failure ??= new HeadraceError('invariant', 'The writer stopped.', {
        code: 'E_WRITER_STOPPED',
        cause,
      });
      for (const request of waiting.values()) request.reject(failure);
      waiting.clear();
      reject(cause instanceof Error ? cause : failure);
    };
    worker.on('error', stop);
    worker.on('exit', (code) => stop(`exit ${code}`));
  });
  await ready;
  return {
    commit(batch) {
      if (failure !== null) return Promise.reject(failure);
      const id = nextId;
      nextId += 1;
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        const request: WriterRequest = { id, ...pick(batch) };
        const transfer = [batch.main.buffer as ArrayBuffer];
        if (batch.keys !== null) transfer.push(batch.keys.buffer as ArrayBuffer);
        worker.postMessage(request, transfer);
      });
    },
    async close() {
      worker.removeAllListeners('exit');
      worker.postMessage(null);
      await new Promise((resolve) => worker.once('exit', resolve));
    },
  };
}

function pick(batch: PlannedBatch): Omit<WriterRequest, 'id'> {
  const { number, after, main, keys, plannedAt } = batch;
  return { number, after, main, keys, plannedAt };
}

/** Opens the store for a writer worker; called by the worker alone. */
export function openWorkerStore(options: WorkerWriterOptions): OpenedStore {
  return openStore(options.folder, {
    tables: options.tables,
    ...(options.cacheKib === undefined ? {} : { cacheKib: options.cacheKib }),
  });
}
