// Durable commits on one thread, each acknowledged on stdout once it returned: recorded by strace
// and cut off anywhere. `argv[2]` is the data directory, `argv[3]` the number of commits; with
// `careless` after it nothing is synced, which the test must notice.
import { writeSync } from 'node:fs';
import { openKeyRing } from '../../../packages/platform/dist/audit/index.js';
import {
  createInThreadWriter,
  Planner,
  tablesOf,
} from '../../../packages/platform/dist/engine/index.js';
import { systemClock, systemRandom } from '../../../packages/platform/dist/ports/index.js';
import { createReader, openStore } from '../../../packages/platform/dist/storage/index.js';
import { compilePersonal } from '../../../packages/sdk/dist/index.js';
import { folds, normalizer } from './crash-folds.mjs';

const [, , folder, commits, manner] = process.argv;
const tables = tablesOf(folds);
const store = openStore(folder, { tables });
// The workload is short: checkpoints have to come often to be cut off too.
store.main.exec('PRAGMA wal_autocheckpoint=40');
store.keys.exec('PRAGMA wal_autocheckpoint=6');
if (manner === 'careless') {
  for (const database of [store.main, store.keys]) database.exec('PRAGMA synchronous=OFF');
}
const random = systemRandom();
const clock = systemClock();
const ring = openKeyRing(store, Buffer.alloc(32, 7), random);
const reader = createReader(store, tables);
const planner = new Planner({ reader, ring, clock, random, folds, normalizer });
const writer = createInThreadWriter(store, { tables, now: () => clock.now() });
const spec = {
  name: 'thing',
  versionOrder: 'integer',
  key: (record) => record.id,
  version: (record) => record.version,
  eventAt: () => null,
  personal: { subject: (record) => record.person, paths: ['name'] },
};
const runtime = { source: 'shop', stream: 'thing', spec, personal: compilePersonal(['name']) };

let version = 0;
for (let number = 1; number <= Number(commits); number += 1) {
  const arrivals = [];
  for (let index = 0; index < 1 + (number % 4); index += 1) {
    version += 1;
    const id = `k${(number * 7 + index) % 30}`;
    const body = {
      id,
      version: String(version),
      value: number,
      person: `p${number % 40}`,
      name: `Ada ${number}`,
    };
    arrivals.push({
      kind: 'record',
      stream: runtime,
      bytes: Buffer.from(JSON.stringify({ ...body, pad: 'x'.repeat((number % 5) * 900) })),
      depth: 1,
      readSeq: planner.takeSeq(),
      snapshot: false,
      times: { noticedAt: null, readAt: 1, receivedAt: 2 },
    });
  }
  arrivals.push({
    kind: 'effects',
    apply(encoder) {
      encoder.meta('cursor/shop/thing', Buffer.from(JSON.stringify({ after: version })));
      encoder.dirty('shop/thing', `m${number}`, planner.takeSeq(), 1);
    },
  });
  const plan = await planner.plan(arrivals);
  const { durable } = await writer.commit(plan);
  planner.durable(plan.number);
  writeSync(1, `ack ${number} ${durable}\n`);
}
process.kill(process.pid, 'SIGKILL');
