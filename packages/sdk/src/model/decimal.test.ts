import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalDecimal, formatDecimal, isCanonicalDecimal, readDecimal } from './decimal.js';

/** Numbers as systems write them, some of them odd. */
const written = fc.oneof(
  fc.stringMatching(/^-?\d{1,26}(\.\d{1,8})?$/),
  fc.stringMatching(/^-?0{1,2}(\.0{1,4})?$/),
  fc.stringMatching(/^[-+.0-9e]{0,8}$/),
  fc.string({ maxLength: 6 }),
);

describe('isCanonicalDecimal', () => {
  it.each([
    ['0', 0, 6, true],
    ['12.5', 0, 6, true],
    ['-12.50', 2, 2, true],
    ['0.00', 2, 2, true],
    ['12.50', 0, 6, false],
    ['12', 2, 2, false],
    ['12.345', 2, 2, false],
    ['012', 0, 6, false],
    ['-0', 0, 6, false],
    ['-0.00', 2, 2, false],
    ['12.', 0, 6, false],
    ['.5', 0, 6, false],
    ['-', 0, 6, false],
    ['', 0, 6, false],
    ['1e3', 0, 6, false],
    ['9'.repeat(25), 0, 6, false],
  ])('of %s with %i to %i digits is %s', (text, digitsMin, digitsMax, expected) => {
    expect(isCanonicalDecimal(text, digitsMin, digitsMax)).toBe(expected);
  });

  it('says yes to nothing that would be written otherwise', () => {
    const digits = fc
      .tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 6 }))
      .map((pair) => pair.sort((a, b) => a - b));
    fc.assert(
      fc.property(written, digits, (text, [digitsMin = 0, digitsMax = 0]) => {
        if (!isCanonicalDecimal(text, digitsMin, digitsMax)) return;
        const scaled = readDecimal(text, digitsMax);
        expect(scaled).toBeTypeOf('bigint');
        expect(formatDecimal(scaled as bigint, digitsMax, digitsMin)).toBe(text);
      }),
    );
  });

  it('says yes to what short numbers are written as', () => {
    const scaled = fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n });
    fc.assert(
      fc.property(scaled, fc.integer({ min: 0, max: 6 }), (value, digitsMin) => {
        expect(isCanonicalDecimal(formatDecimal(value, 6, digitsMin), digitsMin, 6)).toBe(true);
      }),
    );
  });

  it('leaves the canonical text of decimals as reading and writing them has it', () => {
    fc.assert(
      fc.property(written, (text) => {
        const scaled = readDecimal(text, 24);
        const expected = typeof scaled === 'bigint' ? formatDecimal(scaled, 24, 0) : null;
        expect(canonicalDecimal(text)).toBe(expected);
      }),
    );
  });
});
