/** What is kept of keys: read again when entries touch it, and never other than what the log says. */
import type { JsonObject } from '@headrace/sdk';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { FoldInput } from '../engine/index.js';
import { count, last, sum } from './aggregates.js';
import { entity, features, state } from './definition.js';
import { clockLog, feedTable } from './feature-fold.js';
import { FeatureReader } from './feature-reader.js';
import { day, headerOf, openSmallStore, startMs } from './testing/small-store.js';
import { TileCache } from './tiles.js';

const sold = features(
  'sold',
  { of: entity('sku', ['sku']), from: state('orderLine'), at: (line) => line.orderedAt },
  {
    n: count(['1d', '7d']),
    units: sum((line) => line.quantity, ['28d']),
    order: last((line) => line.orderNo),
  },
);

let store: ReturnType<typeof openSmallStore>;
let reader: FeatureReader;
let tiles: TileCache;
let end = 0;

beforeEach(() => {
  store = openSmallStore([sold], (seq, series) => tiles.note(seq, series));
  reader = new FeatureReader({ reader: store.reader, definitions: [sold], timeZone: 'UTC' });
  tiles = new TileCache(reader);
  end = 0;
});

afterEach(() => store.close());

/** The next entry, a day later: one of these was ordered. */
function order(sku: string, orderNo = String(end)): void {
  const offset = end;
  const orderedAt = new Date(startMs + offset * day).toISOString();
  const fields: JsonObject = {
    ...{ channel: 'nl', orderNo, line: '1', sku, orderedAt },
    quantity: { value: '2', unit: 'C62' },
  };
  const key = `line-${offset}`;
  const row = { entity: 'orderLine', key, type: 'orderLine', externalId: key, fields };
  const after = [row] as NonNullable<FoldInput['change']>['after'];
  const dates = { eventAtBefore: null, eventAtAfter: null };
  const change = { stateKey: `shop/${key}`, before: [], after, ...dates };
  store.fold([{ header: headerOf(offset), body: null, change }]);
  end += 1;
  tiles.durable(end);
}

const now = () => ({ t: startMs + (end - 1) * day, known: { k: end } });
const ask = (key: string) => reader.vector([sold], key, now(), tiles.load);
const fromLog = (key: string) => reader.vector([sold], key, now());

it('is read again ahead of questions where it was asked for, once a question', () => {
  for (const sku of ['a', 'b', 'c']) order(sku);
  for (const sku of ['a', 'b', 'a', 'b']) ask(sku);
  expect([tiles.size, tiles.due]).toEqual([2, 0]);
  for (const sku of ['a', 'b', 'c']) order(sku);
  expect([tiles.size, tiles.due]).toEqual([0, 2]);
  tiles.refresh(now());
  expect([tiles.size, tiles.due]).toEqual([2, 0]);

  const reads = [vi.spyOn(reader.lines, 'load'), vi.spyOn(reader.lines, 'loadText')];
  const a = ask('a');
  for (const read of reads) expect(read).not.toHaveBeenCalled();
  expect(a).toEqual(fromLog('a'));
  expect(a.values['sold.units_28d']?.value).toBe(4);

  // Nobody asked for the other one since: it is not read for nothing a second time.
  order('b');
  order('a');
  expect([tiles.size, tiles.due]).toEqual([0, 1]);
  tiles.refresh(now());
  tiles.refresh(now());
  expect([tiles.size, tiles.due]).toEqual([1, 0]);
  expect(ask('b')).toEqual(fromLog('b'));
});

it('is not kept for a question that was put before more became durable', () => {
  order('a');
  for (let times = 0; times < 2; times += 1) ask('a');
  order('a');
  const before = { t: startMs, known: { k: 1 } };
  tiles.refresh(before);
  expect([tiles.size, tiles.due]).toEqual([0, 0]);
  expect(ask('a')).toEqual(fromLog('a'));
});

it('is left as it is by a question that was put earlier', () => {
  for (const sku of ['a', 'b', 'a', 'b']) order(sku);
  for (const sku of ['a', 'b', 'a', 'b']) ask(sku);
  const before = { t: startMs + day, known: { k: 2 } };
  expect(reader.vector([sold], 'a', before, tiles.load)).toEqual(
    reader.vector([sold], 'a', before),
  );
  expect([tiles.size, tiles.due]).toEqual([2, 0]);
  order('a');
  reader.vector([sold], 'a', before, tiles.load);
  expect([tiles.size, tiles.due]).toEqual([1, 1]);
});

it('is read again one key a turn where keys have much text', () => {
  const keys = ['a', 'b', 'c'];
  for (const sku of keys) order(sku, sku.repeat(100_000));
  for (let times = 0; times < 2; times += 1) for (const sku of keys) ask(sku);
  for (const sku of keys) order(sku);
  const left: number[] = [];
  for (; tiles.due > 0; tiles.refresh(now())) left.push(tiles.due);
  expect(left).toEqual([3, 2, 1]);
  expect(tiles.size).toBe(3);
});

it('says when a stream was last heard of as the log does, whichever moments it is asked for', () => {
  for (let left = 12; left > 0; left -= 1) order('a');
  const [feed] = store.reader.keysRange(feedTable.name, '', '', 10);
  const heardAt = (t: number, k: number) =>
    store.reader.logLast(clockLog.name, feed?.id ?? 0, t, k)?.['at'] ?? null;
  const question = fc.record({
    t: fc.integer({ min: -day, max: 14 * day }).map((ms) => startMs + ms),
    k: fc.nat({ max: end }),
  });
  fc.assert(
    fc.property(fc.array(question), (questions) => {
      for (const { t, k } of questions) {
        const { values } = reader.vector([sold], 'a', { t, known: { k } });
        const at = values['sold.n_7d']?.eventAt === null ? null : heardAt(t, k);
        const { ageMs } = values['sold.n_7d'] as { ageMs: number | null };
        if (at !== null) expect(ageMs).toBe(t - at);
      }
    }),
  );
});

it('holds whatever text a value is, read with others or alone', () => {
  const texts = ['plain, with commas', 'a\u2028b\u2029c', 'x\ny\rz', '\ud800', '"\\'];
  for (const text of texts) {
    for (const sku of ['a', 'b']) order(sku, text);
    for (let times = 0; times < 2; times += 1) for (const sku of ['a', 'b']) ask(sku);
    for (const sku of ['a', 'b']) order(sku, text);
    tiles.refresh(now());
    expect([tiles.size, tiles.due]).toEqual([2, 0]);
    for (const sku of ['a', 'b']) {
      expect(ask(sku)).toEqual(fromLog(sku));
      expect(ask(sku).values['sold.order']?.value).toBe(text);
    }
  }
});
