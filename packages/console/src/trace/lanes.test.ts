import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Hop, Trace } from '../client/schema.js';
import { changesOf } from './changes.js';
import { clustersOf, lanesOf, meaningsOf, spanOf, ticksOf, waterfallOf } from './lanes.js';

const iso = (ms: number) => new Date(ms).toISOString();
const statement = (journal: number, eventAt: number | null, knownAt: number) => ({
  ...{ source: 'shop', stream: 'order', key: 'a', version: null, gone: false, payload: null },
  ...{ journal, personal: { kind: 'none' as const } },
  eventAt: eventAt === null ? null : iso(eventAt),
  knownAt: iso(knownAt),
  durableAt: iso(knownAt + 3),
});
const hop = (journal: number, at: number): Hop => ({
  ...{ journal, at: iso(at), room: 'engine', what: 'x', ms: 0 },
});
const answer = (record: string, journals: readonly number[]) => ({
  ...{ record, entities: [], deleted: false, fault: null },
  hops: journals.map((journal) => hop(journal, journal * 1000)),
  sources: journals.map((journal) => statement(journal, journal * 900, journal * 1000)),
});
const trace: Trace = {
  ...{ id: '1', hops: [], sources: [] },
  answers: [
    answer('shop/order/a', [9, 5, 2]),
    answer('erp/salesOrder/4/7', [6]),
    answer('shop/order/b', [3]),
  ],
};

describe('lanes', () => {
  test('are one per system, with a row per record and a mark per statement, oldest first', () => {
    const lanes = lanesOf(trace);
    expect(lanes.map(({ source, rows }) => [source, rows.map(({ label }) => label)])).toEqual([
      ['shop', ['order/a', 'order/b']],
      ['erp', ['salesOrder/4/7']],
    ]);
    const marks = lanes[0]?.rows[0]?.marks ?? [];
    expect(marks.map((mark) => mark.statement.journal)).toEqual([2, 5, 9]);
    expect(marks.map((mark) => mark.before?.journal ?? null)).toEqual([null, 2, 5]);
    expect(marks.map((mark) => mark.hops.length)).toEqual([1, 1, 1]);
    expect(marks[0]).toMatchObject({ fromMs: 1800, toMs: 2003 });
  });

  test('tell what the id may be, each once', () => {
    const order = { entity: 'order', key: 'alpha-nl/1' };
    const entities = [order, { entity: 'orderLine', key: 'alpha-nl/1/10' }];
    const answers = trace.answers.map((one) => ({ ...one, entities }));
    expect(meaningsOf({ ...trace, answers })).toEqual([order]);
  });

  test('have what flows did at the system it was done to, once, also where it is silent', () => {
    const delivery = { ...hop(40, 9500), room: 'flows', flow: 'web.stock', target: 'web' };
    const answers = trace.answers.map((one) => ({ ...one, hops: [...one.hops, delivery] }));
    const lanes = lanesOf({ ...trace, answers });
    expect(lanes.map(({ source, acts }) => [source, acts.length])).toEqual([
      ['shop', 0],
      ['erp', 0],
      ['web', 1],
    ]);
    expect(lanes[0]?.rows[0]?.marks.at(-1)?.hops).not.toContain(delivery);
    expect(spanOf(lanes).toMs).toBeGreaterThan(9500);
  });

  test('span all that is told of, and more', () => {
    const { fromMs, toMs } = spanOf(lanesOf(trace));
    expect(fromMs).toBeLessThan(1800);
    expect(toMs).toBeGreaterThan(9003);
    expect(spanOf([])).toEqual({ fromMs: 0, toMs: 1000 });
  });
});

test('clusters lose no mark and do not cover each other', () => {
  const times = fc.array(fc.tuple(fc.nat(100_000), fc.nat(5000)), { maxLength: 60 });
  fc.assert(
    fc.property(times, fc.integer({ min: 1, max: 40 }), (pairs, apart) => {
      const marks = pairs.map(([from, lag], index) => ({
        ...{ statement: statement(index, from, from + lag), hops: [], before: null, isPass: false },
        ...{ fromMs: from, toMs: from + lag },
      }));
      const clusters = clustersOf(marks, (ms) => ms / 100, apart);
      expect(clusters.flatMap((one) => one.marks).length).toBe(marks.length);
      expect(new Set(clusters.flatMap((one) => one.marks)).size).toBe(marks.length);
      for (const [index, cluster] of clusters.entries()) {
        const before = clusters[index - 1];
        if (before !== undefined) {
          expect(cluster.from - before.to).toBeGreaterThanOrEqual(apart);
        }
      }
    }),
  );
});

test('ticks lie in the span, evenly, and are few', () => {
  const span = fc.tuple(
    fc.integer({ min: 0, max: 4e12 }),
    fc.integer({ min: 2, max: 20 * 365 * 86_400_000 }),
  );
  fc.assert(
    fc.property(span, fc.integer({ min: 3, max: 12 }), ([fromMs, length], countMax) => {
      const ticks = ticksOf({ fromMs, toMs: fromMs + length }, countMax, 0);
      expect(ticks.length).toBeLessThanOrEqual(countMax + 1);
      for (const { ms } of ticks) {
        expect(ms).toBeGreaterThanOrEqual(fromMs);
        expect(ms).toBeLessThanOrEqual(fromMs + length);
      }
    }),
  );
});

describe('a waterfall', () => {
  test('draws each hop from the one before it', () => {
    const { bars, isCut } = waterfallOf([hop(1, 0), hop(1, 100), hop(1, 400)]);
    expect(isCut).toBe(false);
    expect(bars.map(({ from, to }) => [from, to])).toEqual([
      [0, 0],
      [0, 0.25],
      [0.25, 1],
    ]);
  });

  test('does not draw the days before the first read', () => {
    const { bars, isCut } = waterfallOf([hop(1, 0), hop(1, 86_400_000), hop(1, 86_400_100)]);
    expect(isCut).toBe(true);
    expect(bars.at(-1)).toMatchObject({ from: 0, to: 1 });
  });

  test('is empty for no hops', () => {
    expect(waterfallOf([])).toEqual({ bars: [], isCut: false });
  });
});

describe('changes', () => {
  test('are named by their path', () => {
    const before = { a: 1, b: { c: [1, 2], d: null }, same: { x: [1] } };
    const after = { a: 1, b: { c: [1, 3, 4], d: {} }, same: { x: [1] }, e: 'new' };
    expect(changesOf(before, after)).toEqual([
      { path: 'b.c.1', before: 2, after: 3 },
      { path: 'b.c.2', before: undefined, after: 4 },
      { path: 'b.d', before: null, after: {} },
      { path: 'e', before: undefined, after: 'new' },
    ]);
  });

  test('of a value with itself are none', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => changesOf(value, value).length === 0));
  });
});
