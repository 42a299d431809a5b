import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WatchedStream } from './check-row.js';
import { Contracts } from './contracts.js';
import { FoldHarness, row } from './fold-harness.js';
import {
  differs,
  type PairRow,
  type PairSpec,
  pairCountTable,
  pairsPart,
  pairTable,
  sideValue,
} from './pairs.js';
import { foldOf } from './part.js';
import { Reconciler } from './reconcile.js';
import { streamFactsPart } from './stream-facts.js';

const start = 1_760_000_000_000;
const minute = 60_000;
const pair: PairSpec = {
  ...{ name: 'stock', kind: 'stock', a: { source: 'erp', stream: 'stock' } },
  b: { source: 'shop', stream: 'stock' },
  ...{ toleranceMicros: 0, toleranceShareMicro: 0, graceMs: 5 * minute },
};
const contract = new Contracts({}, () => null).of({ entity: 'stock', everyMs: 15_000 });
const streams = ['erp', 'shop'].map(
  (source): WatchedStream => ({
    ...{
      source,
      stream: 'stock',
      entities: ['stock'],
      feed: 'poll',
      everyMs: 15_000,
      quiet: [],
      contract,
    },
  }),
);

function world() {
  const names = streams.map(({ source, stream }) => `${source}/${stream}`);
  const harness = new FoldHarness(
    foldOf('test', 1, [streamFactsPart(names), pairsPart([pair])]),
    start,
  );
  const reconciler = new Reconciler({ reader: harness.reader, streams, pairs: [pair] });
  return {
    harness,
    say: (source: string, sku: string, onHand: number, at = 'dc') =>
      harness.record(source, 'stock', `${sku}@${at}`, [
        row('stock', `${sku}/${at}`, { sku, onHand: { value: String(onHand), unit: 'C62' } }),
      ]),
    later(ms: number) {
      harness.now += ms;
      for (const { source, stream } of streams) harness.poll(source, stream);
    },
    look: () => reconciler.reconcile(pair, harness.now),
  };
}

describe('two systems side by side', () => {
  it('names exactly the keys whose change was lost on the way, and none once they are level', () => {
    const { say, later, look } = world();
    const skus = Array.from({ length: 10_000 }, (_, index) => `SKU-${index}`);
    for (const sku of skus) for (const source of ['erp', 'shop']) say(source, sku, 10);
    later(minute);
    const lost = new Set(['SKU-17', 'SKU-4711', 'SKU-9999']);
    for (const sku of skus) say('erp', sku, 8);
    for (const sku of skus) if (!lost.has(sku)) say('shop', sku, 8);
    later(minute);
    expect(look()).toMatchObject({ compared: 10_000, differing: 0, pending: 3 });
    later(6 * minute);
    const found = look();
    expect(found.keys.map(({ key }) => key).sort()).toEqual([...lost].sort());
    for (const key of found.keys) {
      expect(key).toMatchObject({
        state: 'differs',
        cause: 'lost',
        hop: 'erp → shop',
        a: '8',
        b: '10',
      });
    }
    for (const sku of lost) say('shop', sku, 8);
    later(minute);
    expect(look()).toMatchObject({ compared: 10_000, differing: 0, pending: 0, keys: [] });
  }, 120_000);

  it('counts no more what came back broken and waits in the books to be scrapped', () => {
    const { harness, say, later, look } = world();
    const quantity = (value: string) => ({ value, unit: 'C62' });
    const inBooks = (onHand: string, damaged: string) =>
      harness.record('erp', 'stock', 'A@dc', [
        row('stock', 'A/dc', { sku: 'A', onHand: quantity(onHand), damaged: quantity(damaged) }),
      ]);
    say('shop', 'A', 10);
    inBooks('14', '4');
    later(10 * minute);
    expect(look()).toMatchObject({ compared: 1, differing: 0, pending: 0 });
    inBooks('14', '3');
    later(10 * minute);
    expect(look().keys).toMatchObject([{ key: 'A', a: '11', b: '10', state: 'differs' }]);
  });

  it('tells a change of unit, a doubled one and a side that is late from one that was lost', () => {
    const { harness, say, later, look } = world();
    for (const [sku, was] of [
      ['U', 10],
      ['D', 10],
      ['L', 10],
    ] as const) {
      for (const source of ['erp', 'shop']) say(source, sku, was);
    }
    later(minute);
    say('shop', 'U', 120);
    say('erp', 'D', 8);
    say('shop', 'D', 6);
    say('erp', 'L', 9);
    later(10 * minute);
    const causes = Object.fromEntries(
      look().keys.map(({ key, cause, culprit }) => [key, [cause, culprit]]),
    );
    expect(causes).toEqual({ U: ['unit', 'shop'], D: ['double', 'shop'], L: ['lost', 'shop'] });
    harness.now += 10 * minute;
    harness.poll('erp', 'stock');
    expect(look().keys.map(({ cause, culprit }) => [cause, culprit])).toEqual(
      Array.from({ length: 3 }, () => ['late', 'shop']),
    );
  });

  it('blames the side that answers and tells nothing, not the one that goes on', () => {
    const { say, later, look } = world();
    for (const sku of ['A', 'B']) for (const source of ['erp', 'shop']) say(source, sku, 10);
    for (let sold = 1; sold < 20; sold += 1) {
      later(minute);
      say('shop', 'B', 10 - sold);
    }
    say('shop', 'A', 9);
    later(10 * minute);
    const found = look().keys.map(({ cause, culprit }) => [cause, culprit]);
    expect(found).toEqual(Array.from({ length: 2 }, () => ['late', 'erp']));
  });

  it('finds what never stands still, once it was level at no moment for long', () => {
    const { say, later, look } = world();
    for (const source of ['erp', 'shop']) say(source, 'A', 100);
    later(minute);
    for (const source of ['erp', 'shop']) say(source, 'B', 100);
    say('erp', 'A', 150);
    say('erp', 'B', 101);
    const differing = new Map<number, readonly string[]>();
    for (let sold = 1; sold < 40; sold += 1) {
      later(minute);
      for (const [source, a, b] of [
        ['erp', 150, 101],
        ['shop', 100, 100],
      ] as const) {
        say(source, 'A', a - sold);
        say(source, 'B', b - 2 * sold);
      }
      const settled = look().keys.filter(({ state }) => state === 'differs');
      differing.set(sold, settled.map(({ key }) => key).sort());
    }
    expect(differing.get(3), 'on its way').toEqual([]);
    expect(differing.get(10), 'more than all that moved').toEqual(['A']);
    expect(differing.get(39), 'level at no moment').toEqual(['A', 'B']);
  });

  it('takes a large change for arrived once the other side had its time to follow', () => {
    const { say, later, look } = world();
    for (const source of ['erp', 'shop']) say(source, 'A', 100);
    later(minute);
    // Fifty came in, and the shop counted them twice; then it sells as it always does.
    say('erp', 'A', 150);
    say('shop', 'A', 200);
    const differing: boolean[] = [];
    for (let sold = 1; sold < 12; sold += 1) {
      later(minute);
      for (const [source, units] of [
        ['erp', 150],
        ['shop', 200],
      ] as const) {
        say(source, 'A', units - sold);
      }
      differing.push(look().keys.some(({ state }) => state === 'differs'));
    }
    expect(differing.indexOf(true), 'minutes, of five and two reads of grace').toBe(5);
    expect(differing.slice(5)).not.toContain(false);
  });

  it('counts an order that was entered twice twice, and one that was cut in two whole', () => {
    const side = (source: string) => ({ source, stream: 'order' });
    const orders = {
      ...pair,
      name: 'orders',
      kind: 'orders',
      a: side('shop'),
      b: side('erp'),
    } as const;
    const watched = streams.map((stream) => ({ ...stream, stream: 'order' }));
    const parts = [streamFactsPart(['shop/order', 'erp/order']), pairsPart([orders])];
    const harness = new FoldHarness(foldOf('test', 1, parts), start);
    const enter = (source: string, record: string, no: string, amount: string) =>
      harness.record(source, 'order', record, [
        row('order', `nl/${no}`, { totalNet: { amount, currency: 'EUR' } }),
      ]);
    for (const no of ['1', '2']) enter('shop', `uuid${no}`, no, '40');
    for (const record of ['4711', '4712']) enter('erp', record, '1', '40');
    for (const [record, part] of [
      ['4713', '25'],
      ['4714', '15'],
    ] as const) {
      enter('erp', record, '2', part);
    }
    harness.now += 20 * minute;
    for (const source of ['shop', 'erp']) harness.poll(source, 'order');
    const reconciler = new Reconciler({
      reader: harness.reader,
      streams: watched,
      pairs: [orders],
    });
    expect(reconciler.reconcile(orders, harness.now).keys).toMatchObject([
      { key: 'nl/1', a: '40', b: '80', cause: 'double', culprit: 'erp', state: 'differs' },
    ]);
  });

  it('adds up the places of one system', () => {
    const { say, later, look } = world();
    say('erp', 'A', 4, 'nl');
    say('erp', 'A', 6, 'de');
    say('shop', 'A', 10);
    later(10 * minute);
    expect(look()).toMatchObject({ compared: 1, differing: 0, pending: 0 });
  });

  it('keeps the list of differences and the counts equal to a comparison of all there is', () => {
    const change = fc.record({
      source: fc.constantFrom('erp', 'shop'),
      sku: fc.constantFrom('A', 'B', 'C', 'D'),
      place: fc.constantFrom('x', 'y'),
      onHand: fc.option(fc.integer({ min: 0, max: 3 })),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
        const { harness, say, look } = world();
        const truth = new Map<string, Map<string, number>>();
        for (const { source, sku, place, onHand } of changes) {
          const side = truth.get(`${source} ${sku}`) ?? new Map<string, number>();
          truth.set(`${source} ${sku}`, side);
          if (onHand === null) {
            side.delete(place);
            harness.record(source, 'stock', `${sku}@${place}`, []);
          } else {
            side.set(place, onHand);
            say(source, sku, onHand, place);
          }
        }
        const sumOf = (source: string, sku: string) => {
          const side = truth.get(`${source} ${sku}`);
          if (side === undefined || side.size === 0) return null;
          return [...side.values()].reduce((sum, value) => sum + value, 0);
        };
        const skus = ['A', 'B', 'C', 'D'].map(
          (sku) => [sku, sumOf('erp', sku), sumOf('shop', sku)] as const,
        );
        const both = skus.filter(([, a, b]) => a !== null && b !== null);
        expect(harness.row<{ compared: number }>(pairCountTable.name, 'stock')?.compared ?? 0).toBe(
          both.length,
        );
        const wrong = both.filter(([, a, b]) => a !== b).map(([sku]) => sku);
        expect(harness.members('quality_differs', 'stock')).toEqual(wrong);
        expect(
          look()
            .keys.map(({ key }) => key)
            .sort(),
        ).toEqual(wrong);
        for (const [sku] of skus) {
          const kept = harness.row<PairRow>(pairTable.name, `stock/${sku}`);
          if (kept !== undefined) expect(kept.since !== null).toBe(differs(pair, kept));
        }
      }),
    );
  });
});

describe('the price of a side', () => {
  const base = { v: '38' };
  const group = (v: string, more = {}) => ({ v, group: true, ...more });
  const of = (...rows: readonly Record<string, string | boolean>[]) =>
    sideValue('price', Object.fromEntries(rows.map((says, at) => [`row ${at}`, says])), start);

  it('is what the one group of businesses pays', () => {
    expect(of(base)).toBe('38');
    expect(of(base, group('36'))).toBe('36');
    expect(of(base, group('36'), group('36'))).toBe('36');
  });

  it('is the reduced one while there is one, also where the regular one began later', () => {
    const sale = { v: '30', sale: true, from: '10', to: String(start + 1) };
    expect(of({ ...base, from: '20' }, sale)).toBe('30');
    expect(of({ ...base, from: '20' }, { ...sale, to: String(start) })).toBe('38');
  });

  it('is the regular one where groups pay differently, or none does now', () => {
    expect(of(base, group('36'), group('35'))).toBe('38');
    expect(of(base, group('36', { to: String(start) }))).toBe('38');
  });
});
