/** Entry of a reading thread: reads what is named, says how long that took, hands nothing over. */
import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../ports/index.js';
import { createWarmer, openStore, type TableSpec } from '../storage/index.js';
import { handlesOf, type PreReadReply, type PreReadRequest } from './pre-reader.js';
import { recordTable } from './record-fold.js';

const { folder, tables } = workerData as {
  readonly folder: string;
  readonly tables: readonly TableSpec[];
};
const port = parentPort;
if (port === null) throw new Error('Rows are read ahead by a worker only.');
const clock = systemClock();
// Every commit of the writer empties the cache of a reading connection, so a large one is in vain.
const store = openStore(folder, { readOnly: true, tables, cacheKib: 2048 });
const warmer = createWarmer(store, recordTable.name);

port.on('message', (request: PreReadRequest | null) => {
  if (request === null) {
    store.close();
    port.close();
    return;
  }
  const begun = clock.monotonicMs();
  warmer.rows(request.stateKeys);
  warmer.subjectKeys([...handlesOf(request.subjects)]);
  const ms = clock.monotonicMs() - begun;
  port.postMessage({ id: request.id, ms } satisfies PreReadReply);
});
