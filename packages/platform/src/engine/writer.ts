/** The writing side of the step: on this thread for tests and tools, on a worker for the platform. */
import { Worker } from 'node:worker_threads';
import { HeadraceError } from '@headrace/sdk';
import {
  Frontier,
  leafHash,
  openTileLog,
  type PublishedHead,
  type TileLog,
} from '../audit/index.js';
import {
  type CommitPoint,
  type CommitResult,
  createBatchWriter,
  createReader,
  type EntryHook,
  type OpenedStore,
  openStore,
  type PlannedBatch,
  type StoreReader,
  type TableSpec,
} from '../storage/index.js';

/** Commits batches in the order given; a failed one fails all that were planned after it. */
export interface StepWriter {
  commit(batch: PlannedBatch): Promise<CommitResult>;
  /** Makes the log of what is committed complete in its files; absent where it has none. */
  publish?(): Promise<PublishedHead>;
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

/** The same, and the tiles of the log with it. */
export function createLogHook(log: TileLog): EntryHook {
  const { builder } = log;
  return {
    leaf(_offset, header, body, sealed) {
      const leaf = leafHash(header, body, sealed);
      builder.append(leaf);
      return leaf;
    },
    beforeCommit: () => [{ name: frontierName, value: builder.working.encode() }],
    committed: () => log.committed(),
    rolledBack: () => builder.rollBack(),
  };
}

/** The log of a store, its files brought in line with the journal. */
export function openLogOf(folder: string, reader: StoreReader, note?: TileLogNote): TileLog {
  const stored = reader.meta(frontierName);
  return openTileLog({
    folder,
    frontier: stored === undefined ? new Frontier() : Frontier.decode(stored),
    leaves: (from, count) => reader.leaves(from, count),
    ...(note === undefined ? {} : { note }),
  });
}

export type TileLogNote = (message: string, facts: { readonly tiles: number }) => void;

export interface InThreadOptions {
  readonly tables: readonly TableSpec[];
  readonly now: () => number;
  readonly at?: (point: CommitPoint) => void;
  /** Data directory whose `log` gets the tiles; none are written without it. */
  readonly logFolder?: string;
}

/** Applies batches on the calling thread. */
export function createInThreadWriter(store: OpenedStore, options: InThreadOptions): StepWriter {
  const reader = createReader(store, options.tables);
  const log = options.logFolder === undefined ? null : openLogOf(options.logFolder, reader);
  const hook = log === null ? createFrontierHook(reader.meta(frontierName)) : createLogHook(log);
  const writer = createBatchWriter(store, options.tables, hook, options.at);
  return {
    async commit(batch) {
      const result = writer.commit(batch, options.now());
      log?.flush();
      return result;
    },
    ...(log === null ? {} : { publish: async () => log.publish() }),
    close: async () => undefined,
  };
}

export type WriterRequest =
  | (PlannedBatch & { readonly id: number })
  | { readonly id: number; readonly publish: true };

export type WriterReply =
  | { readonly ready: true }
  | { readonly note: string; readonly tiles: number }
  | { readonly refused: { readonly code: string; readonly message: string; readonly hint: string } }
  | WriterAnswer;

/** To a request of this number. */
export type WriterAnswer =
  | { readonly id: number; readonly ok: true; readonly result: CommitResult | PublishedHead }
  | { readonly id: number; readonly ok: false; readonly code: string; readonly message: string };

export interface WorkerWriterOptions {
  readonly folder: string;
  readonly tables: readonly TableSpec[];
  readonly cacheKib?: number;
  readonly clock: { readonly epochMs: number; readonly realStartMs: number; readonly rate: number };
  /** Crash tests: stop the process the n-th time this point is passed. */
  readonly crashAt?: { readonly point: CommitPoint; readonly count: number };
}

export interface WorkerWriterEvents {
  /** Told of what opening the log had to do. */
  readonly note?: TileLogNote;
}

/** Starts the writer worker: all transactions and fsyncs of the store happen there. */
export async function startWorkerWriter(
  options: WorkerWriterOptions,
  { note = () => undefined }: WorkerWriterEvents = {},
): Promise<StepWriter> {
  const worker = new Worker(new URL('./writer-worker.js', import.meta.url), {
    workerData: options,
    name: 'headrace-writer',
    // It holds a batch at a time; what more it were allowed would only be garbage kept longer.
    resourceLimits: { maxOldGenerationSizeMb: 96, maxYoungGenerationSizeMb: 16 },
  });
  const waiting = new Map<
    number,
    {
      resolve: (result: CommitResult & PublishedHead) => void;
      reject: (error: HeadraceError) => void;
    }
  >();
  let nextId = 0;
  let failure: HeadraceError | null = null;
  const ready = new Promise<void>((resolve, reject) => {
    worker.on('message', (reply: WriterReply) => {
      if ('ready' in reply) return resolve();
      if ('note' in reply) return note(reply.note, { tiles: reply.tiles });
      if ('refused' in reply) {
        const { message, code, hint } = reply.refused;
        return reject(new HeadraceError('config', message, { code, hint }));
      }
      const request = waiting.get(reply.id);
      waiting.delete(reply.id);
      if (reply.ok) request?.resolve(reply.result as CommitResult & PublishedHead);
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
  const ask = (
    request: PlannedBatch | { readonly publish: true },
    transfer: readonly ArrayBuffer[],
  ): Promise<CommitResult & PublishedHead> => {
    if (failure !== null) return Promise.reject(failure);
    const id = nextId;
    nextId += 1;
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      worker.postMessage({ id, ...request } satisfies WriterRequest, transfer);
    });
  };
  return {
    commit(batch) {
      const transfer = [batch.main.buffer as ArrayBuffer];
      if (batch.keys !== null) transfer.push(batch.keys.buffer as ArrayBuffer);
      return ask(pick(batch), transfer);
    },
    publish: () => ask({ publish: true }, []),
    async close() {
      worker.removeAllListeners('exit');
      worker.postMessage(null);
      await new Promise((resolve) => worker.once('exit', resolve));
    },
  };
}

function pick(batch: PlannedBatch): PlannedBatch {
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
