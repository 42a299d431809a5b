import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { conformalReach, daysMin, flaggedLevel, forecastDemand, servedLevel } from './model.js';

/** mulberry32: the same numbers for the same seed everywhere. */
function chanceOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Shapes of residuals: even, with a long tail, mostly nothing, two humps. */
const shapes: Readonly<Record<string, (next: () => number) => number>> = {
  even: (next) => next() - 0.5,
  tailed: (next) => (next() - 0.5) / (next() + 1e-3),
  sparse: (next) => (next() < 0.8 ? next() * 1e-3 : next() * 9),
  humped: (next) => (next() < 0.5 ? -4 : 4) + next(),
};

describe('the interval', () => {
  for (const [shape, draw] of Object.entries(shapes)) {
    for (const level of [servedLevel, flaggedLevel]) {
      test(`holds a new ${shape} residual with its level of ${level} and little more`, () => {
        const next = chanceOf(7);
        const [sets, size] = [6000, 20];
        let held = 0;
        for (let set = 0; set < sets; set += 1) {
          const residuals = Array.from({ length: size }, () => Math.round(draw(next) * 1e9));
          const { micros: reach } = conformalReach(residuals, level);
          if (Math.abs(Math.round(draw(next) * 1e9)) <= reach) held += 1;
        }
        // Theory: at least the level, and below level + 1/(n + 1); four standard errors of chance.
        const share = held / sets;
        const chance = 4 * Math.sqrt(((level / 1000) * (1 - level / 1000)) / sets);
        expect(share).toBeGreaterThanOrEqual(level / 1000 - chance);
        expect(share).toBeLessThanOrEqual(level / 1000 + 1 / (size + 1) + chance);
      });
    }
  }

  test('says the level it can tell where residuals are too few for the wanted one', () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1, maxLength: 40 }), (residuals) => {
        const { length } = residuals;
        const { micros, level } = conformalReach(residuals, flaggedLevel);
        expect(level).toBeLessThanOrEqual(flaggedLevel);
        if (level === flaggedLevel) expect(length).toBeGreaterThanOrEqual(19);
        else {
          expect(level / 1000).toBeLessThanOrEqual(length / (length + 1));
          expect(micros).toBe(Math.max(...residuals.map(Math.abs)));
        }
      }),
    );
  });

  test('does not depend on the order of residuals, and never shrinks with the level', () => {
    const some = fc.array(fc.integer({ min: -1e9, max: 1e9 }), { minLength: 19, maxLength: 60 });
    fc.assert(
      fc.property(some, (residuals) => {
        const reach = conformalReach(residuals, servedLevel);
        expect(conformalReach([...residuals].reverse(), servedLevel)).toEqual(reach);
        const { micros } = conformalReach(residuals, flaggedLevel);
        expect(micros).toBeGreaterThanOrEqual(reach.micros);
      }),
    );
  });
});

const days = (least: number, most: number) =>
  fc.array(fc.integer({ min: 0, max: 1e12 }), { minLength: least, maxLength: most });

describe('the forecast', () => {
  test('is the same weekday of last week, in whole numbers, within its interval', () => {
    fc.assert(
      fc.property(days(daysMin, 60), fc.integer({ min: 1, max: 90 }), (history, horizon) => {
        const found = forecastDemand(history, horizon);
        if (found === null) throw new Error('no forecast');
        const { valueMicros, served, flagged, horizonMicros, residuals } = found;
        // Tomorrow, two days after the last whole day: six days before tomorrow less one.
        expect(valueMicros).toBe(history[history.length - 6]);
        expect(residuals).toBe(history.length - 7);
        expect(served.lowMicros).toBeGreaterThanOrEqual(0);
        expect(served.lowMicros).toBeLessThanOrEqual(valueMicros);
        expect(served.highMicros).toBeGreaterThanOrEqual(valueMicros);
        expect(served.level).toBe(servedLevel);
        expect(flagged.level).toBeGreaterThanOrEqual(servedLevel);
        expect(flagged.lowMicros).toBeLessThanOrEqual(served.lowMicros);
        expect(flagged.highMicros).toBeGreaterThanOrEqual(served.highMicros);
        for (const number of [valueMicros, horizonMicros, served.lowMicros, served.highMicros]) {
          expect(Number.isSafeInteger(number)).toBe(true);
        }
      }),
    );
  });

  test('of whole weeks is what the last week asked for', () => {
    fc.assert(
      fc.property(days(28, 28), fc.integer({ min: 1, max: 8 }), (history, weeks) => {
        const week = history.slice(-7).reduce((sum, micros) => sum + micros, 0);
        expect(forecastDemand(history, weeks * 7)?.horizonMicros).toBe(week * weeks);
      }),
    );
  });

  test('is none where the days are too few', () => {
    fc.assert(
      fc.property(days(0, daysMin - 1), (history) => {
        expect(forecastDemand(history, 30)).toBeNull();
      }),
    );
  });

  test('is as wide as a constant demand is uncertain', () => {
    const flat = forecastDemand(
      Array.from({ length: 27 }, () => 3_000_000),
      30,
    );
    expect(flat).toMatchObject({
      valueMicros: 3_000_000,
      served: { lowMicros: 3_000_000, highMicros: 3_000_000 },
      horizonMicros: 90_000_000,
    });
  });
});
