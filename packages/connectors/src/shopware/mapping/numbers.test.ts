import { moneyFromJsonNumber } from '@headrace/sdk';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimalText, paidMoney, rateText, unitMoneyOf } from './numbers.js';
import type { Currency } from './reference.js';

const currency = (isoCode: string, decimals: number, interval = 0.01, roundForNet = true) =>
  ({ isoCode, rounding: { decimals, interval, roundForNet } }) satisfies Currency;

describe('amounts', () => {
  it.each<[number, Currency, 'net' | 'gross', string]>([
    [19.99, currency('EUR', 2), 'gross', '19.99'],
    [16.798319327731, currency('EUR', 2), 'net', '16.80'],
    [16.798319327731, currency('EUR', 2, 0.01, false), 'net', '16.798319'],
    [1.005, currency('EUR', 2), 'gross', '1.01'],
    [0.1 + 0.2, currency('EUR', 2), 'gross', '0.30'],
    [1299.5, currency('JPY', 0), 'gross', '1300'],
    [1.2345, currency('KWD', 3), 'gross', '1.235'],
    [9.98, currency('CHF', 2, 0.05), 'gross', '10.00'],
    [9.97, currency('CHF', 2, 0.05), 'gross', '9.95'],
    [9.975, currency('CHF', 2, 0.05), 'gross', '10.00'],
    [-9.98, currency('CHF', 2, 0.05), 'gross', '-10.00'],
    [12.345678, currency('EUR', 3), 'gross', '12.346'],
    [1e-7, currency('EUR', 2), 'gross', '0.00'],
  ])('%d by %j, %s: %s', (value, by, basis, expected) => {
    expect(unitMoneyOf(value, by, basis).amount).toBe(expected);
  });

  it('come back as the cents they were', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e11, max: 1e11 }), (cents) => {
        const { amount } = paidMoney(cents / 100, 'EUR') ?? { amount: '' };
        expect(BigInt(amount.replace('.', ''))).toBe(BigInt(cents));
      }),
    );
  });
});

it('takes no short cut that would change an amount', () => {
  const amounts = fc.oneof(
    fc.double({ min: -1e9, max: 1e9, noNaN: true }),
    fc.integer({ min: -1e9, max: 1e9 }).map((cents) => cents / 1000),
    fc.constantFrom(0, -0, 1e-7, 5e-324, 1e15, 123456789012.25),
  );
  fc.assert(
    fc.property(amounts, fc.constantFrom('EUR', 'JPY', 'KWD'), (value, isoCode) => {
      const expected = moneyFromJsonNumber(value, isoCode, { round: true });
      expect(paidMoney(value, isoCode)).toEqual(expected);
    }),
    { numRuns: 1000 },
  );
});

it.each([
  [21, '0.21'],
  [7.7, '0.077'],
  [0, '0'],
  [100, '1'],
  [20, '0.2'],
  [5.5, '0.055'],
  [null, null],
])('a rate of %s %% is %s', (percent, expected) => {
  expect(rateText(percent)).toBe(expected);
});

it('has no text for numbers only a float can write', () => {
  expect([1e21, 1e-7, 0.5, 3].map(decimalText)).toEqual([null, null, '0.5', '3']);
});
