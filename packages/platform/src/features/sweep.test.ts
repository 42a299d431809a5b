/**
 * Rows from columns against the general walk, which is itself held against the oracle: random lines of
 * one key with late, imported, corrected and retracted ones on few dates, at random moments.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  avg,
  count,
  deviation,
  first,
  last,
  lastN,
  max,
  min,
  series,
  sum,
  sumMoney,
  variance,
} from './aggregates.js';
import { entity, features, state } from './definition.js';
import { evaluate, type Known, type Seen } from './evaluate.js';
import { imports, retracts } from './feature-fold.js';
import { linesOfText } from './lines.js';
import { layoutOf } from './row-batch.js';
import { ViewSweep } from './sweep.js';

const hour = 3_600_000;
const day = 24 * hour;
const startMs = Date.parse('2026-03-20T00:00:00Z');

const view = features(
  'all',
  { of: entity('sku', ['sku']), from: state('orderLine'), importLag: '2h' },
  {
    n: count(['30m', '1d', '7d', '28d']),
    big: count((line) => line.kind === 'item', ['7d']),
    units: sum((line) => line.quantity, ['1h', '2d', '28d']),
    revenue: sumMoney((line) => line.lineNet, ['1d', '28d'], { currency: 'EUR' }),
    mean: avg((line) => line.quantity, ['28d']),
    low: min((line) => line.quantity, ['1d', '28d']),
    high: max((line) => line.lineNet, ['2d', '28d']),
    spread: variance((line) => line.quantity, ['28d', '91d']),
    sigma: deviation((line) => line.lineNet),
    firstLine: first((line) => line.line, ['7d']),
    lastLine: last((line) => line.line),
    lastNet: last((line) => line.lineNet, ['1d']),
    recent: lastN((line) => line.quantity, 3, ['28d']),
    daily: series((line) => line.quantity, '1d', 5),
    hourly: series((line) => line.quantity, '1h', 4),
  },
);

/** Measures in the order of the view's values, now and then not told. */
const measures = fc
  .record({
    quantity: fc.constantFrom(null, 1e6, 2e6, 7e6, 0, -4e6, 500_000, 2_250_000),
    net: fc.constantFrom(null, 19_990_000, 10_000, 129_900_000, -5_000_000),
    line: fc.constantFrom(null, '1', '2', '10'),
    isItem: fc.boolean(),
    currency: fc.constantFrom(...new Array<string>(200).fill('EUR'), 'USD'),
    asked: fc.constantFrom(...new Array<string>(200).fill('C62'), 'KGM'),
  })
  .map(({ quantity, net, line, isItem, currency, asked }) => {
    const units = quantity === null ? null : [asked, quantity];
    const money = net === null ? null : [currency, net];
    return JSON.stringify([
      ...[true, isItem, units, money, units, units, money, units, money],
      ...[line, line, money, units, units, units],
    ]);
  });

const fact = fc.record({
  at: fc.oneof(
    { weight: 2, arbitrary: fc.integer({ min: 0, max: 11 }).map((one) => one * 7 * hour) },
    fc.integer({ min: -60 * day, max: 12 * day }),
  ),
  lateMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 9 * day })),
  isImported: fc.integer({ min: 0, max: 5 }).map((one) => one === 0),
  goneMs: fc.option(fc.integer({ min: 0, max: 9 * day }), { freq: 1 }),
  feed: fc.integer({ min: 1, max: 3 }),
  value: measures,
});

const moment = fc.record({
  t: fc.oneof(
    fc.integer({ min: 0, max: 12 }).map((one) => one * 7 * hour),
    fc.integer({ min: -5 * day, max: 40 * day }),
  ),
  k: fc.option(fc.nat(80), { freq: 2 }),
});

/** As the log has them: asserted when it was known, retracted again later, in order of date and entry. */
function linesOf(facts: readonly Fact[]) {
  const told = facts.flatMap(({ at, lateMs, goneMs, ...one }) => {
    const knownAt = startMs + at + lateMs;
    const gone = goneMs === null ? [] : [{ ...one, at, knownAt: knownAt + goneMs, isGone: true }];
    return [{ ...one, at, knownAt, isGone: false }, ...gone];
  });
  told.sort((a, b) => a.knownAt - b.knownAt);
  const rows = told.map(({ at, knownAt, isGone, isImported, feed, value }, seq) => {
    const kind = (isGone ? retracts : 0) | (isImported ? imports : 0);
    return [1, startMs + at, seq, 0, knownAt, kind, feed, 0, value] as const;
  });
  return textOf(rows.sort((a, b) => a[1] - b[1] || a[2] - b[2]));
}

/** As a read of the log hands them out, in two stretches. */
function textOf(rows: readonly (readonly (number | string)[])[]) {
  const half = rows.length >> 1;
  return [rows.slice(0, half), rows.slice(half)]
    .map((part) => Buffer.from(`before\n${part.map((row) => `${row.join()}\n`).join('')}`))
    .map((bytes) => ({ bytes, start: 7, end: bytes.length }))
    .filter(({ start, end }) => start < end);
}

interface Fact {
  readonly at: number;
  readonly lateMs: number;
  readonly isImported: boolean;
  readonly goneMs: number | null;
  readonly feed: number;
  readonly value: string;
}

describe('rows from columns', () => {
  it('are what the general walk says', () => {
    const { groups } = layoutOf([view]).views[0] ?? { groups: [] };
    const sweep = new ViewSweep(view, groups);
    let taken = 0;
    let compared = 0;
    const zone = fc.constantFrom('UTC', 'Europe/Amsterdam', 'Australia/Lord_Howe');
    fc.assert(
      fc.property(
        fc.array(fact, { maxLength: 40, size: 'max' }),
        fc.array(moment, { minLength: 1, maxLength: 8 }),
        zone,
        (facts, moments, at) => {
          const stretches = linesOf(facts);
          const k = facts.length;
          if (!sweep.columns.take(stretches, k)) return;
          taken += 1;
          const lines = linesOfText(stretches, k);
          for (const { t: offset, k: entry } of moments) {
            const t = startMs + offset;
            const known: Known = entry === null ? { by: t } : { k: entry };
            const wanted = evaluate(view, lines, { t, known }, at);
            sweep.evaluate(t, known, at);
            compared += 1;
            const { columns, feeds } = sweep;
            const named = (bits: number) =>
              new Set(columns.feeds.filter((_, place) => (bits & (1 << place)) !== 0));
            expect(named(feeds)).toEqual(wanted.feeds);
            expect([sweep.hidden > 0, sweep.imputed > 0]).toEqual([
              wanted.hidden > 0,
              wanted.imputed > 0,
            ]);
            for (const [index, { features: places }] of groups.entries()) {
              for (const place of places) {
                const passed = sweep.passed[index];
                const got = {
                  value: sweep.values[place],
                  count: passed?.count,
                  eventAt: maybe(passed?.eventAt),
                  knownAt: maybe(passed?.knownAt),
                  feeds: named(passed?.feeds ?? 0),
                };
                const seen = wanted.seen[wanted.seenOf[place] as number] as Seen;
                const { count, times, feeds: fed } = seen;
                expect(got, view.features[place]?.name).toEqual({
                  ...{ value: wanted.values.list[place], count, feeds: fed },
                  ...{ eventAt: times.eventAt, knownAt: times.knownAt },
                });
                expect(seen.isNull).toBe(got.value === null);
              }
            }
          }
        },
      ),
      { numRuns: 250 },
    );
    // Most go through columns, or this would compare little.
    expect(taken).toBeGreaterThan(50);
    console.log(`${compared} rows of ${taken} keys are what the general walk says`);
  });

  it('refuse what doubles do not hold exactly', () => {
    const { columns } = new ViewSweep(view, []);
    const line = (quantity: unknown) => {
      const values = view.aggregates.map((_, place) =>
        [2, 4, 5, 7, 12, 13, 14].includes(place) ? quantity : null,
      );
      return [1, startMs, 0, 0, startMs, 0, 1, 0, JSON.stringify(values)] as const;
    };
    const isTaken = (...lines: readonly (readonly (number | string)[])[]) =>
      columns.take(textOf(lines), 9);
    expect(isTaken(line(['C62', 1e6]))).toBe(true);
    expect(isTaken(line(['C62', { n: '9007199254740993' }]))).toBe(false);
    expect(isTaken(line({ n: '9007199254740993' }))).toBe(false);
    expect(isTaken(line(['C62', 5e15]), line(['C62', -5e15]))).toBe(false);
    expect(isTaken(line(['C62', 123_456_000_001]))).toBe(false);
    expect(isTaken(line(['C62', 1e6]), line(['KGM', 1e6]))).toBe(false);
    expect(isTaken(line(['C62', 1e6]), line(1e6))).toBe(false);
    const streams = Array.from({ length: 31 }, (_, feed) => {
      const [owner, at, seq, place, knownAt, kind, , lead, value] = line(null);
      return [owner, at, seq, place, knownAt, kind, feed, lead, value] as const;
    });
    expect(isTaken(...streams.slice(1))).toBe(true);
    expect(isTaken(...streams)).toBe(false);
  });

  it('take text as it is written', () => {
    const { columns } = new ViewSweep(view, []);
    const texts = ['a "quote", [1]', 'back\\slash', 'Größe ]', '', 'null'];
    const lines = texts.map((text, seq) => {
      const values = view.aggregates.map((_, place) => (place === 10 ? text : null));
      return [1, startMs + seq, seq, 0, startMs, 0, 1, 0, JSON.stringify(values)];
    });
    expect(columns.take(textOf(lines), 9)).toBe(true);
    const told = columns.columns[10];
    if (told === undefined) throw new Error('There is no such column.');
    expect(texts.map((_, line) => columns.encodedAt(told, line))).toEqual(texts);
    expect(texts.map((_, line) => columns.textAt(told, line))).toEqual(
      texts.map((text) => JSON.stringify(text)),
    );
  });
});

function maybe(number: number | undefined): number | null {
  return number === undefined || Number.isNaN(number) ? null : number;
}
