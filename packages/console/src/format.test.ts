import fc from 'fast-check';
import { expect, test } from 'vitest';
import { durationText } from './format.js';

test.each([
  [0, '0 ms'],
  [840, '840 ms'],
  [999.4, '999 ms'],
  [2300, '2.3 s'],
  [9960, '10 s'],
  [59_400, '59 s'],
  [59_600, '1 m'],
  [250_000, '4 m 10 s'],
  [3_600_000, '1 h'],
  [11_100_000, '3 h 5 m'],
  [90_000_000, '1 d 1 h'],
  [31 * 86_400_000, '31 d'],
  [-2300, '−2.3 s'],
])('%d ms are %s', (ms, text) => {
  expect(durationText(ms)).toBe(text);
});

test('a duration never shows a part that is full', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 400 * 86_400_000 }), (ms) => {
      expect(durationText(ms)).not.toMatch(/\b(60 s|60 m|24 h|1000 ms)\b/);
    }),
  );
});
