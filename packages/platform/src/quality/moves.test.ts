import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isMoving,
  largestSince,
  type Moment,
  type Moves,
  momentOf,
  movesAfter,
  noMoves,
  withMove,
} from './moves.js';

const changes = (max: number) =>
  fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 1, max: max })), {
    maxLength: 40,
  });

/** All there were, with the times they came at. */
function moved(list: readonly (readonly [number, number])[]) {
  let now = 0;
  let largest: Moves['largest'] = [];
  const all = list.map(([later, size]) => {
    now += later;
    largest = withMove(largest, now, BigInt(size));
    return { at: now, size };
  });
  const since = (from: number) =>
    all.reduce((most, { at, size }) => (at >= from ? Math.max(most, size) : most), 0);
  return { now, largest, since };
}

describe('what moved since two systems differ', () => {
  it('is known by its largest change from any moment until now', () => {
    // Of seven sizes, no more than seven can each be larger than all after them.
    fc.assert(
      fc.property(changes(7), fc.nat(200), (list, ago) => {
        const { now, largest, since } = moved(list);
        expect(largestSince(largest, now - ago)).toBe(BigInt(since(now - ago)));
      }),
    );
  });

  it('is never taken for less where there are too many to keep, and all of it is forgotten', () => {
    fc.assert(
      fc.property(changes(1000), fc.nat(200), (list, ago) => {
        const { now, largest, since } = moved(list);
        expect(largest.length).toBeLessThanOrEqual(8);
        expect(largestSince(largest, now - ago)).toBeGreaterThanOrEqual(BigInt(since(now - ago)));
        expect(largestSince(largest, now + 1)).toBe(0n);
      }),
    );
  });

  it('is the same whether what comes within a moment comes at once or one after the other', () => {
    const value = fc.integer({ min: 0, max: 9 });
    const steps = fc.array(fc.tuple(value, value), { minLength: 2, maxLength: 30 });
    const moved = (values: readonly (readonly [number, number])[], isAtOnce: boolean) => {
      let moment: Moment | null = null;
      let since: number | null = null;
      let now = { a: '0', b: '0' };
      values.forEach(([a, b], index) => {
        const at = index * 5000;
        const after = { a: String(a), b: String(b) };
        // Before it is where it ends, everything has been elsewhere.
        const over = { a: '100', b: '0' };
        for (const next of isAtOnce ? [after] : [over, { a: now.a, b: after.b }, after]) {
          moment = momentOf(moment, at, now, since);
          since = next.a === next.b ? null : (since ?? moment.since ?? at);
          now = next;
        }
      });
      return { since, ...movesAfter(moment, now, since !== null) };
    };
    fc.assert(
      fc.property(steps, (values) => {
        expect(moved(values, false)).toEqual(moved(values, true));
      }),
    );
  });

  it('begins anew where the two were level', () => {
    const level: Moment = { at: 0, since: null, a: '5', b: '5', ...noMoves };
    expect(movesAfter(level, { a: '9', b: '5' }, true)).toEqual({ ...noMoves, least: '4' });
    expect(movesAfter({ ...level, since: 0 }, { a: '5', b: '5' }, false)).toEqual(noMoves);
  });

  it('explains a difference while it is new, a good part of it, and one of many', () => {
    const moves: Moves = { moves: 5, least: '35', largest: [[10, '70']] };
    expect(isMoving(moves, 10)).toBe(true);
    expect(isMoving(moves, 11)).toBe(false);
    expect(isMoving({ ...moves, moves: 4 }, 10)).toBe(false);
    expect(isMoving({ ...moves, least: '140' }, 10)).toBe(false);
  });
});
