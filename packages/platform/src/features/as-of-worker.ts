/** Entry of a thread that works out rows of a training set, a chunk at a time. */
import { parentPort, workerData } from 'node:worker_threads';
import { ensureError, HeadraceError } from '@headrace/sdk';
import {
  type OpenedForThread,
  openedBy,
  type SweepOrder,
  type SweepReply,
} from './as-of-threads.js';
import { buffersOf } from './row-batch.js';
import { type RowChunk, RowSweeper } from './row-sweeper.js';

const port = parentPort;
if (port === null) throw new Error('Rows are worked out by a worker only.');
const order = workerData as SweepOrder;

/** Chunks that come before the store is open wait for it. */
const opening = open();

async function open(): Promise<{ readonly opened: OpenedForThread; readonly sweeper: RowSweeper }> {
  const opened = await openedBy(order);
  const { features: reader } = opened;
  if (reader.version !== order.version) {
    opened.close();
    throw new HeadraceError('config', 'The views have changed since the set was asked for.', {
      code: 'E_FOLDED_BEFORE',
      hint: 'Start the platform with the project as it is now, then ask again.',
    });
  }
  const { known, k, bytes } = order;
  const sweeper = new RowSweeper({
    ...{ reader, definitions: reader.select(order.definitions), known, k },
    ...(bytes === undefined ? {} : { bytes }),
  });
  return { opened, sweeper };
}

async function fill(id: number, chunk: RowChunk): Promise<void> {
  try {
    const { sweeper } = await opening;
    if (Atomics.load(order.stop, 0) !== 0) return;
    const batch = sweeper.fill(chunk);
    port?.postMessage({ id, batch } satisfies SweepReply, buffersOf(batch));
  } catch (thrown) {
    const { message } = ensureError(thrown);
    const code = thrown instanceof HeadraceError ? thrown.code : null;
    port?.postMessage({ failed: { message, code } } satisfies SweepReply);
  }
}

async function close(): Promise<void> {
  try {
    (await opening).opened.close();
  } catch {
    // It was never open, and whoever asked for rows was told why.
  }
  port?.close();
}

port.on('message', (asked: { readonly id: number; readonly chunk: RowChunk } | null) => {
  void (asked === null ? close() : fill(asked.id, asked.chunk));
});
