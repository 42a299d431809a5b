import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject, Stream } from '@headrace/sdk';
import { afterEach, expect, it } from 'vitest';
import { openKeyRing } from '../audit/index.js';
import { systemRandom } from '../ports/index.js';
import { createReader, openStore } from '../storage/index.js';
import type { Arrival } from './arrival.js';
import type { Fold } from './fold.js';
import { tablesOf } from './fold-runner.js';
import { Planner } from './planner.js';
import type { Normalizer } from './record-fold.js';
import { refoldIfChanged } from './refold.js';
import { verifyReplay } from './replay.js';
import { createInThreadWriter } from './writer.js';

const folder = mkdtempSync(join(tmpdir(), 'headrace-refold-'));
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const tables = tablesOf([]);

/** Files each record under the field named. */
const mapping = (field: string): Normalizer => ({
  orderOf: () => 'text',
  anchorOf: (entity, key) => `${entity}/${key}`,
  normalize: (header, body) => ({
    rows: [
      {
        entity: 'variant',
        key: String(body[field]),
        type: 'thing',
        externalId: header.key,
        fields: body,
      },
    ],
  }),
});

function write(normalizer: Normalizer, records: readonly JsonObject[]): Promise<unknown> {
  const store = openStore(folder, { tables, volatile: true });
  const random = systemRandom();
  const ring = openKeyRing(store, Buffer.alloc(32, 7), random);
  const clock = { now: () => 1000, monotonicMs: () => 0 };
  const reader = createReader(store, tables);
  const planner = new Planner({ reader, ring, clock, random, folds: [], normalizer });
  const spec = {
    key: (record: JsonObject) => String(record['id']),
    version: () => null,
    eventAt: () => null,
  } as unknown as Stream<never>;
  const arrivals = records.map(
    (record, index): Arrival => ({
      kind: 'record',
      stream: { source: 'shop', stream: 'thing', spec, personal: null },
      bytes: Buffer.from(JSON.stringify(record)),
      depth: 1,
      readSeq: index + 1,
      snapshot: false,
      times: { noticedAt: null, readAt: null, receivedAt: 1 },
    }),
  );
  const writer = createInThreadWriter(store, { tables, now: () => 1000 });
  return planner
    .plan(arrivals)
    .then((plan) => writer.commit(plan))
    .finally(() => store.close());
}

function anchors(): string[] {
  const store = openStore(folder, { tables, readOnly: true });
  const keys = [...createReader(store, tables).indexAll('anchor')].map((row) => row.key);
  store.close();
  return keys;
}

it('folds the journal anew under a changed mapping, once, without reading a source', async () => {
  const definitions = (version: number) => ({ version });
  const refold = (version: number, normalizer: Normalizer) =>
    refoldIfChanged({
      folder,
      folds: [],
      normalizer,
      definitions: definitions(version),
      ...{ random: systemRandom(), log: silent },
    });
  expect(refold(1, mapping('sku'))).toBe(0);
  await write(mapping('sku'), [
    { id: 'a', sku: 'S1', ean: 'E1' },
    { id: 'b', sku: 'S2', ean: 'E2' },
  ]);
  expect(anchors()).toEqual(['variant/S1', 'variant/S2']);

  expect(refold(1, mapping('sku'))).toBe(0);
  expect(refold(2, mapping('ean'))).toBe(2);
  expect(anchors()).toEqual(['variant/E1', 'variant/E2']);
  expect(refold(2, mapping('ean'))).toBe(0);

  // What other definitions folded is not called wrong: it was right when it was folded.
  const verify = (version: number) =>
    verifyReplay({
      ...{ folder, folds: [], normalizer: mapping('ean') },
      definitions: definitions(version),
    });
  expect(verify(2)).toMatchObject({ entries: 2, mismatches: 0 });
  expect(() => verify(3)).toThrow(expect.objectContaining({ code: 'E_FOLDED_BEFORE' }));
  const newFold: Fold = {
    ...{ name: 'later', version: 1, tables: [{ name: 'later', kind: 'keyed' }] },
    declareKeys() {},
    plan() {},
  };
  expect(() =>
    verifyReplay({
      ...{ folder, folds: [newFold], normalizer: mapping('ean') },
      definitions: definitions(2),
    }),
  ).toThrow(expect.objectContaining({ code: 'E_FOLDED_BEFORE' }));

  const changed = verifyReplay({ folder, folds: [], normalizer: mapping('ean') });
  expect(changed).toMatchObject({ entries: 2, mismatches: 0 });
  // And the check itself notices when the mapping is not the one the store was folded by.
  expect(
    verifyReplay({ folder, folds: [], normalizer: mapping('sku') }).mismatches,
  ).toBeGreaterThan(0);
});
