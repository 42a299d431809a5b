/** Entry of the writer worker: one store, one message a batch, answered once it is durable. */
import { parentPort, workerData } from 'node:worker_threads';
import { ensureError } from '@headrace/sdk';
import { systemClock } from '../ports/index.js';
import { createBatchWriter, createReader } from '../storage/index.js';
import {
  createFrontierHook,
  frontierName,
  openWorkerStore,
  type WorkerWriterOptions,
  type WriterReply,
  type WriterRequest,
} from './writer.js';

const options = workerData as WorkerWriterOptions;
const port = parentPort;
if (port === null) throw new Error('The writer runs as a worker only.');
const clock = systemClock(options.clock);
const store = openWorkerStore(options);
const hook = createFrontierHook(createReader(store, options.tables).meta(frontierName));
let passed = 0;
const writer = createBatchWriter(store, options.tables, hook, (point) => {
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
  port.postMessage(handle(request));
});
port.postMessage({ ready: true } satisfies WriterReply);

function handle(request: WriterRequest): WriterReply {
  try {
    return { id: request.id, ok: true, result: writer.commit(request, clock.now()) };
  } catch (thrown) {
    const error = ensureError(thrown);
    const code = error.code === 'E_UNEXPECTED' ? 'E_COMMIT' : error.code;
    return { id: request.id, ok: false, code, message: error.message };
  }
}
