/** Entry of the writer worker: one store, one message a batch, answered once it is durable. */
import { parentPort, workerData } from 'node:worker_threads';
import { ensureError } from '@headrace/sdk';
import type { TileLog } from '../audit/index.js';
import { systemClock } from '../ports/index.js';
import { createBatchWriter, createReader } from '../storage/index.js';
import {
  createLogHook,
  openLogOf,
  openWorkerStore,
  type WorkerWriterOptions,
  type WriterAnswer,
  type WriterReply,
  type WriterRequest,
} from './writer.js';

const options = workerData as WorkerWriterOptions;
const port = parentPort;
if (port === null) throw new Error('The writer runs as a worker only.');
const clock = systemClock(options.clock);
const store = openWorkerStore(options);
const log = openLog();
let passed = 0;
const writer = createBatchWriter(store, options.tables, createLogHook(log), (point) => {
  if (options.crashAt?.point !== point) return;
  passed += 1;
  if (passed === options.crashAt.count) process.kill(process.pid, 'SIGKILL');
});

port.on('message', (request: WriterRequest | null) => {
  if (request === null) {
    store.close();
    port.close();
    return;
  }
  const reply = handle(request);
  if ('publish' in request || !reply.ok) port.postMessage(reply);
  else {
    // The next batch is written into it again, instead of into memory the system has to clear first.
    const spare = request.main.buffer as ArrayBuffer;
    port.postMessage({ ...reply, result: { ...reply.result, spare } }, [spare]);
  }
  // Nobody waits for the tiles: the answer is on its way, and a crash here is repaired when opening.
  log.flush();
});
port.postMessage({ ready: true } satisfies WriterReply);

function openLog(): TileLog {
  try {
    return openLogOf(options.folder, createReader(store, options.tables), (note, { tiles }) =>
      port?.postMessage({ note, tiles } satisfies WriterReply),
    );
  } catch (thrown) {
    // As a message, because an error that ends a thread arrives without its code and its hint.
    const { code, message, hint = '' } = ensureError(thrown);
    port?.postMessage({ refused: { code, message, hint } } satisfies WriterReply);
    throw thrown;
  }
}

function handle(request: WriterRequest): WriterAnswer {
  try {
    const result = 'publish' in request ? log.publish() : writer.commit(request, clock.now());
    return { id: request.id, ok: true, result };
  } catch (thrown) {
    const error = ensureError(thrown);
    const code = error.code === 'E_UNEXPECTED' ? 'E_COMMIT' : error.code;
    return { id: request.id, ok: false, code, message: error.message };
  }
}
