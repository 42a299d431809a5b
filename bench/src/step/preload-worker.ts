/** Writes the batches of a preload; a crash loses the store, which is then built again. */
import { parentPort, workerData } from 'node:worker_threads';
import { createFrontierHook } from '../../../packages/platform/dist/engine/index.js';
import {
  createBatchWriter,
  openStore,
  type PlannedBatch,
} from '../../../packages/platform/dist/storage/index.js';
import type { PreloadOrder } from './preload.js';
import { tables } from './rig.js';

const port = parentPort;
if (port === null) throw new Error('The preload writer runs as a worker only.');
const { folder, wrappedStoreKey } = workerData as PreloadOrder;
const store = openStore(folder, { tables, volatile: true, cacheKib: 262_144 });
for (const database of [store.main, store.keys]) {
  database.exec('PRAGMA journal_mode=OFF; PRAGMA locking_mode=EXCLUSIVE;');
}
store.keys.exec('PRAGMA cache_size=-131072');
store.keys
  .prepare("INSERT INTO store_key (name, wrapped) VALUES ('handles', ?)")
  .run(wrappedStoreKey);
const writer = createBatchWriter(store, tables, createFrontierHook(undefined));

port.on('message', (batch: PlannedBatch | null) => {
  if (batch === null) {
    for (const database of [store.main, store.keys]) {
      database.exec('PRAGMA locking_mode=NORMAL; PRAGMA journal_mode=WAL;');
    }
    store.close();
    port.close();
    return;
  }
  writer.commit(batch, batch.plannedAt);
  port.postMessage(batch.number);
});
