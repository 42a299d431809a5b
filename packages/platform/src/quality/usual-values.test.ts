import { describe, expect, it } from 'vitest';
import {
  addHour,
  type ClosedFacts,
  stabilityLimit,
  stabilityOf,
  type UsualFacts,
} from './usual-values.js';

/** An hour of prices: so many of each of these sizes. */
const hour = (each: number, ...sizes: number[]): ClosedFacts => {
  const n = each * sizes.length;
  return {
    ...{ n, filled: n },
    sizes: Object.fromEntries(sizes.map((size) => [String(size), each])),
  };
};

describe('what is usual of sizes', () => {
  it('is wide where an hour has the prices of a few products, and narrow where it has those of many', () => {
    const [few, many]: Record<string, UsualFacts>[] = [{}, {}];
    const all = [20, 21, 22, 23, 24, 25];
    for (let at = 0; at < 120; at += 1) {
      const [one = 20, other = 21] = [all[at % 6], all[(at * 5 + 3) % 6]];
      addHour(few ?? {}, 'price.list', hour(30, one, other));
      addHour(many ?? {}, 'price.list', hour(10, ...all));
    }
    const limitOf = (fields: Record<string, UsualFacts> | undefined, own: ClosedFacts) => {
      const base = structuredClone(fields?.['price.list']);
      addHour(fields ?? {}, 'price.list', own);
      return { limit: own.limit ?? 0, stability: stabilityOf(own, base) };
    };
    const usual = limitOf(few, hour(30, 21, 24));
    expect(usual.stability).toBeGreaterThan(stabilityLimit);
    expect(usual.stability).toBeLessThan(usual.limit);
    const other = limitOf(many, hour(30, 26, 27));
    expect(other.limit).toBe(stabilityLimit);
    expect(other.stability).toBeGreaterThan(other.limit);
  });
});
