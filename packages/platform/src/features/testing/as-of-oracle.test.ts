/** The oracle is checked by hand: cases small enough to work out on paper. */
import { describe, expect, it } from 'vitest';
import {
  clusterOf,
  factsOf,
  midnight,
  type OracleView,
  type Statement,
  standing,
} from './as-of-oracle.js';

const hour = 3_600_000;
const day = 24 * hour;

const view: OracleView = {
  kind: 'state',
  leading: ['erp', 'shop'],
  key: (fields) => (fields['sku'] as string | undefined) ?? null,
  where: (fields) => fields['state'] !== 'cancelled',
  at: (fields) => (fields['at'] as number | undefined) ?? null,
  over: null,
  acceptLateMs: null,
  importLagMs: hour,
};

function say(
  seq: number,
  fields: Readonly<Record<string, unknown>> | null,
  more: Partial<Statement> = {},
): Statement {
  const rows = fields === null ? [] : [{ entityKey: 'line-1', fields }];
  return {
    ...{ seq, knownAt: seq * hour, record: 'r1', source: 'shop', eventAt: null, imported: false },
    ...{ rows, ...more },
  };
}

const quantities = (statements: readonly Statement[], k: number, t = 100 * hour, of = view) =>
  standing(
    factsOf(statements, of),
    ['A'],
    { t, from: 0, before: Number.POSITIVE_INFINITY },
    { k },
  ).map((fact) => fact.fields['quantity']);

describe('facts of what stands', () => {
  const line = (quantity: number, more = {}) => ({ sku: 'A', at: 2 * hour, quantity, ...more });

  it('are corrected, cancelled, moved and deleted, and still as they were at any earlier offset', () => {
    const told = [
      say(0, line(2)),
      say(1, line(3)),
      say(2, line(3, { state: 'cancelled' })),
      say(3, line(4)),
      say(4, line(4, { sku: 'B' })),
      say(5, line(5)),
      say(6, null),
    ];
    const seen = Array.from({ length: 8 }, (_, k) => quantities(told, k));
    expect(seen).toEqual([[], [2], [3], [], [4], [], [5], []]);
  });

  it('do not stand before they are true, and not outside the window', () => {
    const told = [say(0, line(2))];
    expect(quantities(told, 1, 2 * hour - 1)).toEqual([]);
    expect(quantities(told, 1, 2 * hour)).toEqual([2]);
    const from = { t: 9 * hour, from: 2 * hour + 1, before: 9 * hour };
    expect(standing(factsOf(told, view), ['A'], from, { k: 1 })).toEqual([]);
  });

  it('follow the source that leads, field by field', () => {
    const told = [
      say(0, { sku: 'A', at: 2 * hour, quantity: 2 }),
      say(1, { quantity: 7 }, { record: 'r2', source: 'erp' }),
      say(2, null, { record: 'r2', source: 'erp' }),
    ];
    expect([1, 2, 3].map((k) => quantities(told, k))).toEqual([[2], [7], [2]]);
  });

  it('that come too late never stand, but a correction of one that stands does', () => {
    const strict = { ...view, acceptLateMs: 5 * hour };
    const late = [say(9, line(2)), say(10, line(3))];
    expect(quantities(late, 11, 100 * hour, strict)).toEqual([]);
    const corrected = [say(4, line(2)), say(40, line(3))];
    expect(quantities(corrected, 41, 100 * hour, strict)).toEqual([3]);
    const imported = [say(9, line(2), { imported: true })];
    expect(quantities(imported, 10, 100 * hour, strict)).toEqual([2]);
  });

  it('of imported history are known when they would have been', () => {
    const facts = factsOf([say(50, line(2), { imported: true })], view);
    const at = (by: number) =>
      standing(facts, ['A'], { t: by, from: 0, before: by + 1 }, { by }).length;
    expect([at(3 * hour - 1), at(3 * hour), at(60 * hour)]).toEqual([0, 1, 1]);
  });
});

it('keeps every version as a fact of its own when asked for changes', () => {
  const changes: OracleView = { ...view, kind: 'changes', at: null };
  const told = [say(0, { sku: 'A', quantity: 5 }), say(1, { sku: 'A', quantity: 4 })];
  const again = [
    say(2, { sku: 'A', quantity: 4 }),
    say(3, { sku: 'A', quantity: 5 }),
    say(4, null),
  ];
  expect(quantities([...told, ...again], 5, 100 * hour, changes)).toEqual([5, 4, 5]);
});

it('joins keys that were linked at the moment', () => {
  const moment = (seq: number) => ({ seq, knownAt: seq });
  const links = [
    { from: 'a', to: 'b', since: moment(1), until: moment(5) },
    { from: 'c', to: 'b', since: moment(3), until: null },
  ];
  const seen = [1, 2, 4, 6].map((k) => clusterOf(links, 'b', { k }).sort().join(''));
  expect(seen).toEqual(['b', 'ab', 'abc', 'bc']);
});

it('finds midnights where clocks change', () => {
  const zone = 'Europe/Amsterdam';
  const noon = Date.parse('2026-03-29T12:00:00+02:00');
  expect(midnight(noon, zone, 0)).toBe(Date.parse('2026-03-29T00:00:00+01:00'));
  expect(midnight(noon, zone, 1) - midnight(noon, zone, 0)).toBe(23 * hour);
  const october = Date.parse('2026-10-25T12:00:00+01:00');
  expect(midnight(october, zone, 1) - midnight(october, zone, 0)).toBe(25 * hour);
  expect(midnight(october, zone, -28)).toBe(Date.parse('2026-09-27T00:00:00+02:00'));
  // Clocks went forward at midnight: the day began at one.
  expect(midnight(Date.parse('2018-11-04T12:00:00-02:00'), 'America/Sao_Paulo', 0)).toBe(
    Date.parse('2018-11-04T01:00:00-02:00'),
  );
  expect(midnight(day, 'Asia/Kolkata', 0)).toBe(Date.parse('1970-01-02T00:00:00+05:30'));
});
