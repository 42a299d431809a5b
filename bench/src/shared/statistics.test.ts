import { describe, expect, it } from 'vitest';
import { median, quantile, round, slope } from './statistics.js';

describe('quantile', () => {
  const values = [5, 1, 4, 2, 3];

  it.each<[number, number]>([
    [0, 1],
    [0.2, 1],
    [0.21, 2],
    [0.5, 3],
    [0.99, 5],
    [1, 5],
  ])('%f is a value that was measured', (share, expected) => {
    expect(quantile(values, share)).toBe(expected);
  });

  it('leaves the sample in its order', () => {
    quantile(values, 0.5);
    expect(values).toEqual([5, 1, 4, 2, 3]);
  });

  it('orders numbers as numbers', () => {
    expect(quantile([10, 9, 100], 1)).toBe(100);
  });

  it('of nothing is no number', () => {
    expect(quantile([], 0.5)).toBeNaN();
  });

  it('p99 of a hundred leaves one out', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
    expect(quantile(hundred, 0.99)).toBe(99);
  });
});

it('median of an even number is the lower of the two in the middle', () => {
  expect(median([4, 1, 3, 2])).toBe(2);
});

it.each<[number, number, number]>([
  [1.25, 1, 1.3],
  [-1.25, 1, -1.2],
  [1234.5678, 0, 1235],
  [0.00049, 3, 0],
])('round(%f, %i) is %f', (value, digits, expected) => {
  expect(round(value, digits)).toBeCloseTo(expected, 9);
});

describe('slope', () => {
  it('of a line is the line’s', () => {
    const line = [0, 1, 2, 5].map((x) => [x, 3 - 2 * x] as const);
    expect(slope(line)).toBeCloseTo(-2, 12);
  });

  it('is the least-squares one', () => {
    // By hand: means 1 and 2, sum of products 3, of squares 2.
    expect(
      slope([
        [0, 1],
        [1, 1],
        [2, 4],
      ]),
    ).toBeCloseTo(1.5, 12);
  });

  it('of one moment is flat', () => {
    expect(
      slope([
        [7, 1],
        [7, 9],
      ]),
    ).toBe(0);
  });
});
