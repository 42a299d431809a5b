import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { count, last, series, sum } from './aggregates.js';
import { contributionOf } from './contribution.js';
import { changes, entity, type FeatureView, features } from './definition.js';
import { evaluate, type Line } from './evaluate.js';
import { evaluateKept, type KeptStanding } from './standing.js';

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
/** Values of a series move with every hour, whatever there is. */
const hourly = features(
  'hourly',
  { of: view.of, from: changes('orderLine'), at: (line) => line.orderedAt },
  { lines: count(['1h']), units: series((line) => line.quantity, '1h', 3) },
);

/** @param behindMs How long after its date it became true, as a source's clock has it. */
function lineAt(at: number, seq: number, of: FeatureView = view, behindMs = 0): Line {
  const fields = {
    sku: 'A',
    orderedAt: new Date(at).toISOString(),
    quantity: { value: String(1 + (seq % 3)), unit: 'C62' },
  };
  const made = contributionOf(of, fields, at, null);
  if (made === null || typeof made === 'string') throw new Error('A line adds nothing.');
  const { value } = made;
  const eventAt = at + behindMs;
  return { at, seq, knownAt: at, kind: 0, feed: 1, eventAt, value, tile: null, measures: null };
}

describe('what lines come to', () => {
  it('is the same kept as walked again, at whichever moments it is asked for', () => {
    // Often where a tail stops, and just before and behind: those of windows lie on these minutes.
    const near = fc.tuple(fc.integer({ min: -26, max: 26 }), fc.integer({ min: -1, max: 1 }));
    const nearby = near.map(([steps, ms]) => steps * 5 * minuteMs + ms);
    const windows = fc.constantFrom(0, 60, 720, 13 * 1440);
    const dates = fc.oneof(
      fc.integer({ min: -20 * 1440 * minuteMs, max: 0 }),
      fc.nat({ max: 4 * minuteMs }),
      fc.tuple(nearby, windows).map(([ms, minutes]) => ms - minutes * minuteMs),
    );
    const behind = fc.oneof(fc.constant(0), fc.nat({ max: 100 * minuteMs }));
    const moments = fc.array(
      fc.oneof(fc.integer({ min: 0, max: 900 * minuteMs }), fc.nat({ max: 4 * minuteMs }), nearby),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(
        fc.constantFrom(view, hourly),
        fc.array(fc.tuple(dates, behind), { maxLength: 12 }),
        moments,
        (of, offsets, later) => {
          const lines = [...offsets]
            .sort(([a], [b]) => a - b)
            .map(([at, behindMs], seq) => lineAt(startMs + at, seq, of, behindMs));
          const kept: KeptStanding = { last: null };
          for (const ms of later.sort((a, b) => a - b).flatMap((one) => [one, one + 1])) {
            const question = { t: startMs + ms, known: { k: offsets.length } };
            const wanted = evaluate(of, lines, question, zone);
            expect(evaluateKept(of, lines, question, zone, kept)).toEqual(wanted);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('is not walked again while nothing moves', () => {
    const lines = [lineAt(startMs - minuteMs, 0), lineAt(startMs + 4 * minuteMs, 1)];
    const kept: KeptStanding = { last: null };
    const at = (ms: number) =>
      evaluateKept(view, lines, { t: startMs + ms, known: { k: 2 } }, zone, kept);
    const first = at(0);
    expect(at(3 * minuteMs)).toBe(first);
    const second = at(4 * minuteMs);
    expect(second).not.toBe(first);
    // The tail of five minutes has passed a line by then, that of an hour none before an hour is over.
    expect(at(8 * minuteMs)).not.toBe(second);
    const third = at(10 * minuteMs);
    for (const minutes of [15, 20, 40, 54]) expect(at(minutes * minuteMs)).toBe(third);
    expect(at(65 * minuteMs)).not.toBe(third);
  });
});
