import { describe, expect, expectTypeOf, it } from 'vitest';
import { count, last, lastN, series, sum, sumMoney } from './aggregates.js';
import { changes, derive, entity, featureKey, features, keyParts, state } from './definition.js';

const sku = entity('sku', ['sku']);
const demand = features(
  'demand',
  {
    of: sku,
    from: state('orderLine'),
    where: (line) => line.state !== 'cancelled',
    at: (line) => line.orderedAt,
    maxAge: '15m',
  },
  {
    units: sum((line) => line.quantity, ['1d', '28d']),
    revenue: sumMoney((line) => line.lineNet, ['28d'], { currency: 'EUR' }),
    lines: count(['7d']),
    discounted: count((line) => line.discountTotal != null, ['7d']),
    lastOrdered: last((line) => line.orderedAt),
    lastUnits: last((line) => line.quantity),
    recent: lastN((line) => line.orderNo, 3),
    daily: series((line) => line.quantity, '1d', 14),
  },
);

describe('a view', () => {
  it('is typed from the canonical model to the values derived from it', () => {
    const average = derive('average', [demand], (d) => {
      expectTypeOf(d.units['28d']).toEqualTypeOf<number | null>();
      expectTypeOf(d.lastOrdered).toEqualTypeOf<string | null>();
      expectTypeOf(d.lastUnits).toEqualTypeOf<number | null>();
      expectTypeOf(d.recent).toEqualTypeOf<readonly string[] | null>();
      expectTypeOf(d.daily).toEqualTypeOf<readonly number[] | null>();
      // @ts-expect-error There is no window of three days.
      d.units['3d'];
      return d.units['28d'] === null ? null : d.units['28d'] / 28;
    });
    expect(average.views).toEqual([demand]);
    const options = { of: sku, from: changes('order') } as const;
    // @ts-expect-error An order has no such field.
    features('wrong', options, { units: sum((order) => order.quantity, ['1d']) });
    // @ts-expect-error Nor this one.
    features('wrong', { ...options, where: (order) => order.paid === true }, { n: count() });
    // @ts-expect-error The canonical model has no such entity.
    expect(() => state('orderline')).toThrow(/no such entity/);
  });

  it('names a value for each window', () => {
    expect(demand.features.map((feature) => feature.name)).toEqual([
      ...['units_1d', 'units_28d', 'revenue_28d', 'lines_7d', 'discounted_7d'],
      ...['lastOrdered', 'lastUnits', 'recent', 'daily'],
    ]);
  });

  it('has a version that changes with what it says', () => {
    const make = (days: '1d' | '2d', fraction: number) =>
      features(
        'demand',
        { of: sku, from: state('orderLine') },
        { units: fraction === 1 ? count([days]) : sum((line) => line.quantity, [days]) },
      ).version;
    expect(make('1d', 1)).toBe(make('1d', 1));
    expect(new Set([make('1d', 1), make('2d', 1), make('1d', 2)]).size).toBe(3);
  });

  it('says what is wrong with it', () => {
    const of = sku;
    const from = state('orderLine');
    const say = (options: object) => () =>
      features('bad', { of, from, ...options }, { n: count(['1d']) });
    expect(() => features('bad', { of, from }, {})).toThrow('a view needs values');
    expect(say({ ahead: '14d' })).toThrow('belong together');
    expect(say({ retain: '5m' })).toThrow('raise retain');
    expect(say({ zone: 'Europe/Nowhere' })).toThrow('no time zone');
    expect(say({ maxAge: 'soon' })).toThrow('no duration');
    expect(() => count(['90m', '13h', '7m'])).toThrow('no multiple of 5 minutes');
    expect(() => features('9lives', { of, from }, { n: count() })).toThrow('cannot name');
    const other = features('other', { of: entity('x', ['sku']), from }, { n: count() });
    expect(() => derive('both', [demand, other], () => 1)).toThrow('different entities');
  });
});

it('writes keys so that they read back', () => {
  const of = entity('shelf', ['sku', 'location']);
  const key = featureKey(of, { sku: 'A/1 ü', location: 'nl' });
  expect(keyParts(of, key)).toEqual({ sku: 'A/1 ü', location: 'nl' });
  expect(() => featureKey(of, { sku: 'A' })).toThrow('needs sku, location');
  expect(() => keyParts(of, 'A')).toThrow('no key of shelf');
});
