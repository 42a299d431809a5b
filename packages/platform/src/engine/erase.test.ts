/**
 * Append, fold, erase, replay, same dump: what is personal is sealed before it is stored, a
 * destroyed key leaves no plaintext in any byte of the data directory, and neither state nor root
 * notice (I14).
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compilePersonal, type Stream } from '@headrace/sdk';
import { afterEach, expect, it } from 'vitest';
import { openKeyRing, subjectHandle } from '../audit/index.js';
import { systemRandom } from '../ports/index.js';
import { createReader, openStore } from '../storage/index.js';
import type { Arrival, StreamRuntime } from './arrival.js';
import { dumpFolds } from './dump.js';
import { tablesOf } from './fold-runner.js';
import { History } from './history.js';
import { Planner } from './planner.js';
import type { Normalizer } from './record-fold.js';
import { verifyReplay } from './replay.js';
import { createInThreadWriter } from './writer.js';

const text = (value: unknown) => (typeof value === 'string' ? value : null);
const spec: Stream<unknown> = {
  name: 'order',
  description: 'An order.',
  entities: [],
  feed: 'poll',
  everyMs: 1000,
  key: (record) => text(record['id']),
  version: (record) => text(record['version']),
  eventAt: () => null,
  personal: {
    subject: (record) => text(record['customer']),
    paths: ['buyer', 'lines.*.gift'],
  },
  map: () => [],
  read: () => Promise.reject(new Error('not read here')),
};
const runtime: StreamRuntime = {
  source: 'shop',
  stream: 'order',
  spec: spec as Stream<never>,
  personal: compilePersonal(['buyer', 'lines.*.gift']),
};
const normalizer: Normalizer = {
  orderOf: () => 'text',
  anchorOf: (entity, key) => `${entity}/${key}`,
  normalize: (header, body) => ({
    rows: [
      {
        ...{ entity: 'order', key: header.key, type: 'order' },
        externalId: header.key,
        fields: { ...body, subject: Buffer.from(header.subject ?? []).toString('hex') },
      },
    ],
  }),
};

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const tables = tablesOf([]);

function open() {
  const folder = mkdtempSync(join(tmpdir(), 'headrace-erase-'));
  folders.push(folder);
  const store = openStore(folder, { tables });
  const random = systemRandom();
  const ring = openKeyRing(store, Buffer.alloc(32, 7), random);
  const reader = createReader(store, tables);
  let now = 1_700_000_000_000;
  const clock = { now: () => (now += 1), monotonicMs: () => 0 };
  const planner = new Planner({ reader, ring, clock, random, folds: [], normalizer });
  const writer = createInThreadWriter(store, { tables, now: () => now });
  let seq = 0;
  const step = async (...arrivals: Arrival[]) => {
    const plan = await planner.plan(arrivals);
    await writer.commit(plan);
    planner.durable(plan.number);
  };
  const order = (id: string, customer: string, canary: string, version = '1'): Arrival => {
    seq += 1;
    const lines = [{ sku: 'x', quantity: 1, gift: `for ${canary}` }];
    const body = { id, customer, version, total: '19.90', lines, buyer: { email: canary } };
    const bytes = Buffer.from(JSON.stringify(body));
    const times = { noticedAt: null, readAt: 1, receivedAt: 2 };
    return {
      kind: 'record',
      stream: runtime,
      bytes,
      depth: 3,
      readSeq: seq,
      snapshot: false,
      times,
    };
  };
  const broken = (canary: string): Arrival => ({
    ...(order('broken', 'nobody', canary) as Arrival & { kind: 'record' }),
    bytes: Buffer.from(`{"id":"broken","buyer":"${canary}"`),
  });
  const handle = (customer: string) => subjectHandle(ring.storeKey, 'shop', customer);
  const erase = (customer: string): Promise<void> =>
    step(
      { kind: 'effects', apply: (_main, keys) => keys.eraseKey(handle(customer), now) },
      {
        kind: 'entry',
        entry: 'control',
        source: '',
        stream: '',
        body: { action: 'erasure', principal: 'ada', subject: handle(customer).toString('hex') },
      },
    ).then(() => planner.forgetKeys());
  const history = new History(reader, ring);
  return { folder, store, ring, reader, planner, step, order, broken, handle, erase, history };
}

/** Names of files that hold the text, whatever they are. */
function filesWith(folder: string, wanted: string | Uint8Array): string[] {
  const needle = Buffer.from(wanted as string);
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => {
    try {
      return readFileSync(join(folder, name)).includes(needle);
    } catch {
      return false;
    }
  });
}

const mine = 'CANARY-ada@example.com';
const theirs = 'CANARY-bob@example.com';

it('writes no personal plaintext, erased or not, readable or not', async () => {
  const { folder, step, order, broken } = open();
  await step(order('1', 'ada', mine), order('2', 'bob', theirs), broken('CANARY-torn'));
  for (const canary of [mine, theirs, 'CANARY-torn']) expect(filesWith(folder, canary)).toEqual([]);
  expect(filesWith(folder, '19.90')).not.toEqual([]);
});

it('erases one person for good: same dump, a root that still proves, others open', async () => {
  const { folder, store, reader, ring, step, order, handle, erase, history } = open();
  await step(order('1', 'ada', mine), order('2', 'bob', theirs));
  await step(order('1', 'ada', mine, '2'), order('3', 'ada', mine));
  expect(history.entry(0, true)?.personal).toMatchObject({
    kind: 'open',
    value: { buyer: { email: mine } },
  });
  const before = [...dumpFolds(reader, tables)];
  const { root } = verifyReplay({ folder, folds: [], normalizer });
  const wrapped = Buffer.from(reader.subjectKey(handle('ada')) as Uint8Array);
  const plainKey = ring.unwrap(wrapped);
  expect(filesWith(folder, wrapped)).not.toEqual([]);

  await erase('ada');

  expect(filesWith(folder, mine)).toEqual([]);
  // Neither the wrapped key nor the key itself is left in a free page or a log.
  expect(filesWith(folder, wrapped)).toEqual([]);
  expect(filesWith(folder, plainKey)).toEqual([]);
  expect(history.entry(0, true)?.personal).toEqual({ kind: 'erased' });
  expect(history.entry(1, true)?.personal).toMatchObject({ value: { buyer: { email: theirs } } });
  expect([...dumpFolds(reader, tables)]).toEqual(before);
  const after = verifyReplay({ folder, folds: [], normalizer });
  expect(after).toMatchObject({ mismatches: 0, firstMismatch: null, entries: 5 });
  expect(after.root).not.toBe(root);
  store.close();
});

it('keeps nothing personal of what the source still sends about an erased person', async () => {
  const { folder, reader, step, order, handle, erase, history } = open();
  await step(order('1', 'ada', mine));
  await erase('ada');
  await step(order('1', 'ada', mine, '2'), order('4', 'ada', mine));
  expect(reader.subjectKey(handle('ada'))).toBeUndefined();
  expect(reader.journal(2)?.sealed).toBeNull();
  expect(history.entry(2, true)?.personal).toEqual({ kind: 'erased' });
  expect(filesWith(folder, mine)).toEqual([]);
  expect(verifyReplay({ folder, folds: [], normalizer })).toMatchObject({ mismatches: 0 });
});

it('does not make a key again that was erased while a step was on its way', async () => {
  const { folder, store, reader, ring, order, handle } = open();
  const random = systemRandom();
  const clock = { now: () => 5, monotonicMs: () => 0 };
  const planner = new Planner({ reader, ring, clock, random, folds: [], normalizer });
  const writer = createInThreadWriter(store, { tables, now: () => 5 });
  const erasure = await planner.plan([
    { kind: 'effects', apply: (_main, keys) => keys.eraseKey(handle('ada'), 5) },
  ]);
  // Planned before the erasure is on disk, so the planner still thinks that a key may be made.
  const late = await planner.plan([order('1', 'ada', mine)]);
  await writer.commit(erasure);
  await writer.commit(late);
  expect(reader.subjectKey(handle('ada'))).toBeUndefined();
  expect(filesWith(folder, mine)).toEqual([]);
});
