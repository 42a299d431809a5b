import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { count, last, sum } from './aggregates.js';
import { contributionOf } from './contribution.js';
import { changes, entity, features } from './definition.js';
import { evaluate, evaluateKept, type KeptStanding, type Line } from './evaluate.js';

const zone = 'Europe/Amsterdam';
const minuteMs = 60_000;
const startMs = Date.UTC(2026, 2, 28, 22);
const view = features(
  'sold',
  {
    of: entity('sku', ['sku']),
    from: changes('orderLine'),
    at: (line) => line.orderedAt,
  },
  {
    lines: count(['5m', '1h', '12h', '13d']),
    units: sum((line) => line.quantity, ['1h', '13d']),
    newest: last((line) => line.orderedAt),
  },
);

function lineAt(at: number, seq: number): Line {
  const fields = {
    sku: 'A',
    orderedAt: new Date(at).toISOString(),
    quantity: { value: String(1 + (seq % 3)), unit: 'C62' },
  };
  const made = contributionOf(view, fields, at, null);
  if (made === null || typeof made === 'string') throw new Error('A line adds nothing.');
  const { value } = made;
  return { at, seq, knownAt: at, kind: 0, feed: 1, eventAt: at, value, tile: null, measures: null };
}

describe('what lines come to', () => {
  it('is the same kept as walked again, at whichever moments it is asked for', () => {
    const dates = fc.oneof(
      fc.integer({ min: -20 * 1440 * minuteMs, max: 0 }),
      fc.nat({ max: 4 * minuteMs }),
    );
    const moments = fc.array(
      fc.oneof(fc.integer({ min: 0, max: 900 * minuteMs }), fc.nat({ max: 4 * minuteMs })),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(fc.array(dates, { maxLength: 12 }), moments, (offsets, later) => {
        const lines = [...offsets]
          .sort((a, b) => a - b)
          .map((at, seq) => lineAt(startMs + at, seq));
        const kept: KeptStanding = { last: null };
        for (const ms of later.flatMap((one) => [one, one + 1])) {
          const question = { t: startMs + ms, known: { k: offsets.length } };
          const wanted = evaluate(view, lines, question, zone);
          expect(evaluateKept(view, lines, question, zone, kept)).toEqual(wanted);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('is not walked again while nothing moves', () => {
    const lines = [lineAt(startMs - minuteMs, 0), lineAt(startMs + 4 * minuteMs, 1)];
    const kept: KeptStanding = { last: null };
    const at = (ms: number) =>
      evaluateKept(view, lines, { t: startMs + ms, known: { k: 2 } }, zone, kept);
    const first = at(0);
    expect(at(3 * minuteMs)).toBe(first);
    expect(at(4 * minuteMs)).not.toBe(first);
  });
});
