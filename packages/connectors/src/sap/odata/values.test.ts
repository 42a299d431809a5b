import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dateOf, decimalOf, instantOf, isZero, timeOf } from './values.js';

describe('values of OData JSON', () => {
  it.each([
    ['/Date(1511275441123+0000)/', '2017-11-21T14:44:01.123Z'],
    ['/Date(1511275441000+0120)/', '2017-11-21T14:44:01.000Z'],
    ['/Date(-1)/', '1969-12-31T23:59:59.999Z'],
    ['2026-03-01T09:30:00.1234567Z', '2026-03-01T09:30:00.1234567Z'],
    ['/Date(1e3)/', null],
    ['/Date(999999999999999)/', null],
    ['yesterday', null],
    [0, null],
  ])('the instant of %j is %j', (value, expected) => {
    expect(instantOf(value)).toBe(expected);
  });

  it.each([
    ['/Date(253402214400000)/', '9999-12-31'],
    ['/Date(-62135596800000)/', '0001-01-01'],
    ['/Date(1772323200000)/', '2026-03-01'],
    ['2026-03-01', '2026-03-01'],
    ['2026-02-30', null],
  ])('the date of %j is %j', (value, expected) => {
    expect(dateOf(value)).toBe(expected);
  });

  it.each([
    ['PT13H05M09S', '13:05:09'],
    ['PT0H', '00:00:00'],
    ['PT24H00M00S', null],
    ['13:05:09', '13:05:09'],
    ['PT', null],
  ])('the time of %j is %j', (value, expected) => {
    expect(timeOf(value)).toBe(expected);
  });

  it.each([
    ['12.500', '12.500'],
    ['12.500-', '-12.500'],
    [' 7', '7'],
    [0.1, '0.1'],
    [1e21, null],
    ['1.2.3', null],
    ['', null],
  ])('the decimal of %j is %j', (value, expected) => {
    expect(decimalOf(value)).toBe(expected);
  });

  it('keeps every millisecond and every digit', () => {
    fc.assert(
      fc.property(fc.integer({ min: -2e12, max: 4e12 }), fc.bigInt(), (ms, number) => {
        expect(Date.parse(instantOf(`/Date(${ms})/`) ?? '')).toBe(ms);
        const written = number.toString();
        if (written.length < 30) expect(decimalOf(written)).toBe(written);
      }),
    );
  });

  it('knows a zero however it is written', () => {
    expect(['0', '0.000', '-0.0', null].map(isZero)).toEqual([true, true, true, true]);
    expect(['0.001', '-1'].map(isZero)).toEqual([false, false]);
  });
});
