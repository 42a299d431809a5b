import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addQuantity,
  compareQuantity,
  convertQuantity,
  formatQuantity,
  parseQuantity,
  pieces,
  subtractQuantity,
  toQuantity,
} from './quantity.js';
import { findUnit, units } from './units.js';

const micros = fc.bigInt({ min: -(10n ** 28n), max: 10n ** 28n });
const unit = fc.constantFrom(...units.map(({ code }) => code));

describe('quantities', () => {
  it.each([
    ['2', 'C62', '2'],
    ['02.500', 'KGM', '2.5'],
    ['-0.0', 'MTR', '0'],
    ['1', 'XBX', '1'],
  ])('%s %s is written %s', (value, code, canonical) => {
    expect(toQuantity(value, code)).toEqual({ value: canonical, unit: code });
  });

  it.each([
    ['two', 'C62', 'E_QUANTITY_MALFORMED'],
    ['1.0000001', 'KGM', 'E_QUANTITY_PRECISION'],
    ['1', 'kg', 'E_QUANTITY_UNIT'],
    ['1', 'constructor', 'E_QUANTITY_UNIT'],
  ])('refuses %s %s with %s', (value, code, error) => {
    expect(() => toQuantity(value, code)).toThrow(expect.objectContaining({ code: error }));
  });

  it('every quantity comes back the same', () => {
    fc.assert(
      fc.property(micros, unit, (valueMicros, code) => {
        const quantity = { valueMicros, unit: code };
        expect(parseQuantity(formatQuantity(quantity))).toEqual(quantity);
      }),
    );
  });

  it('adds as integers do and refuses two units', () => {
    fc.assert(
      fc.property(micros, micros, (a, b) => {
        const left = { valueMicros: a, unit: 'KGM' };
        const right = { valueMicros: b, unit: 'KGM' };
        expect(addQuantity(left, right).valueMicros).toBe(a + b);
        expect(subtractQuantity(left, right).valueMicros).toBe(a - b);
        expect(compareQuantity(left, right)).toBe(a < b ? -1 : a > b ? 1 : 0);
      }),
    );
    const kilogram = parseQuantity({ value: '1', unit: 'KGM' });
    expect(() => addQuantity(kilogram, parseQuantity(pieces(1)))).toThrow('two units');
  });

  it('counts pieces in whole numbers', () => {
    expect(pieces(3)).toEqual({ value: '3', unit: 'C62' });
    expect(() => pieces(1.5)).toThrow('whole number');
  });
});

describe('convertQuantity', () => {
  it.each([
    ['1.5', 'KGM', 'GRM', '1500'],
    ['2', 'DZN', 'C62', '24'],
    ['24', 'EA', 'DZN', '2'],
    ['3', 'PR', 'H87', '6'],
    ['12', 'INH', 'FOT', '1'],
    ['1', 'MTQ', 'LTR', '1000'],
    ['7', 'WEE', 'DAY', '49'],
  ])('%s %s in %s', (value, from, to, expected) => {
    const converted = convertQuantity(parseQuantity({ value, unit: from }), to);
    expect(formatQuantity(converted)).toEqual({ value: expected, unit: to });
  });

  it('refuses packs, other dimensions and what would lose digits', () => {
    const box = parseQuantity({ value: '1', unit: 'XBX' });
    expect(() => convertQuantity(box, 'C62')).toThrow('No fixed ratio');
    const pound = parseQuantity({ value: '1', unit: 'LBR' });
    expect(() => convertQuantity(pound, 'MTR')).toThrow('No fixed ratio');
    expect(() => convertQuantity(pound, 'KGM')).toThrow('6 decimals');
    expect(formatQuantity(convertQuantity(pound, 'KGM', { round: true })).value).toBe('0.453592');
  });

  it('there and back is the same wherever it is exact', () => {
    const fixed = units.filter(({ ratio }) => ratio !== null);
    fc.assert(
      fc.property(fc.constantFrom(...fixed), fc.nat(), fc.nat(), (from, pick, value) => {
        const siblings = fixed.filter(({ dimension }) => dimension === from.dimension);
        const to = siblings[pick % siblings.length] ?? from;
        // A multiple of all ratios, so that every conversion is exact.
        const valueMicros = BigInt(value) * 10n ** 30n * 454_609n * 45_359_237n * 3_785_411_784n;
        const scaledUp =
          valueMicros * 28_349_523_125n * 9_290_304n * 254n * 3048n * 9144n * 604_800n;
        const quantity = { valueMicros: scaledUp, unit: from.code };
        expect(convertQuantity(convertQuantity(quantity, to.code), from.code)).toEqual(quantity);
      }),
    );
  });

  it('units have distinct codes', () => {
    expect(new Set(units.map(({ code }) => code)).size).toBe(units.length);
    expect(findUnit('KGM')?.title).toBe('kilogram');
    expect(findUnit('QQQ')).toBeNull();
  });
});
