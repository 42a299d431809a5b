import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { currencyCodes, currencyDigits } from './currencies.js';
import type { ScaledMoney } from './money.js';
import {
  addMoney,
  allocateMoney,
  compareMoney,
  formatMoney,
  moneyFromJsonNumber,
  moneyFromMinorUnits,
  moneyMinorUnits,
  multiplyMoney,
  multiplyMoneyByQuantity,
  negateMoney,
  parseMoney,
  roundMoney,
  subtractMoney,
  toMoney,
} from './money.js';
import { parseQuantity } from './quantity.js';

const currency = fc.constantFrom(...currencyCodes);
const micros = fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n });
const scaled: fc.Arbitrary<ScaledMoney> = fc.record({ amountMicros: micros, currency });
const pair = fc.tuple(micros, micros, currency);

describe('currencies', () => {
  it.each([
    ['EUR', 2],
    ['JPY', 0],
    ['KWD', 3],
    ['CLF', 4],
    ['IDR', 2],
    ['ISK', 0],
  ])('%s has %i digits', (code, digits) => {
    expect(currencyDigits(code)).toBe(digits);
  });

  it('are three capitals, each once', () => {
    expect(currencyCodes.every((code) => /^[A-Z]{3}$/.test(code))).toBe(true);
    expect(new Set(currencyCodes).size).toBe(currencyCodes.length);
  });
});

describe('parseMoney and formatMoney', () => {
  it.each([
    ['129.9', 'EUR', '129.90'],
    ['0012', 'EUR', '12.00'],
    ['-0.00', 'EUR', '0.00'],
    ['130', 'JPY', '130'],
    ['1.2', 'KWD', '1.200'],
    ['99999999999999999999999.99', 'EUR', '99999999999999999999999.99'],
  ])('%s %s is written %s', (amount, code, canonical) => {
    expect(toMoney(amount, code)).toEqual({ amount: canonical, currency: code });
  });

  it.each([
    ['1,50', 'EUR', 'E_MONEY_MALFORMED'],
    ['1e2', 'EUR', 'E_MONEY_MALFORMED'],
    ['', 'EUR', 'E_MONEY_MALFORMED'],
    ['.5', 'EUR', 'E_MONEY_MALFORMED'],
    ['+1', 'EUR', 'E_MONEY_MALFORMED'],
    ['NaN', 'EUR', 'E_MONEY_MALFORMED'],
    ['1.005', 'EUR', 'E_MONEY_PRECISION'],
    ['1.5', 'JPY', 'E_MONEY_PRECISION'],
    ['1', 'eur', 'E_MONEY_CURRENCY'],
    ['1', 'XAU', 'E_MONEY_CURRENCY'],
    ['1', 'toString', 'E_MONEY_CURRENCY'],
  ])('refuses %s %s with %s', (amount, code, error) => {
    expect(() => toMoney(amount, code)).toThrow(
      expect.objectContaining({ code: error, kind: 'record' }),
    );
  });

  it('unit prices keep 6 decimals and no more', () => {
    expect(toMoney('0.123456', 'EUR', 'unit').amount).toBe('0.123456');
    expect(toMoney('0.1234560', 'EUR', 'unit').amount).toBe('0.123456');
    expect(() => toMoney('0.1234567', 'EUR', 'unit')).toThrow('more decimals');
  });

  it('every amount comes back the same', () => {
    fc.assert(
      fc.property(scaled, (money) => {
        expect(parseMoney(formatMoney(money), 'unit')).toEqual(money);
      }),
    );
  });

  it('text of many digits survives to the last one', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 10n ** 29n }),
        fc.integer({ min: 0, max: 99 }),
        (whole, cents) => {
          const amount = `${whole}.${String(cents).padStart(2, '0')}`;
          expect(toMoney(amount, 'EUR').amount).toBe(amount);
        },
      ),
    );
  });
});

describe('money arithmetic', () => {
  it('equals that of integers', () => {
    fc.assert(
      fc.property(pair, fc.bigInt({ min: -1000n, max: 1000n }), ([a, b, code], factor) => {
        const left = { amountMicros: a, currency: code };
        const right = { amountMicros: b, currency: code };
        expect(addMoney(left, right).amountMicros).toBe(a + b);
        expect(subtractMoney(left, right).amountMicros).toBe(a - b);
        expect(negateMoney(left).amountMicros).toBe(-a);
        expect(multiplyMoney(left, factor).amountMicros).toBe(a * factor);
        expect(compareMoney(left, right)).toBe(a < b ? -1 : a > b ? 1 : 0);
      }),
    );
  });

  it('0.1 and 0.2 are 0.3', () => {
    const sum = addMoney(
      parseMoney({ amount: '0.10', currency: 'EUR' }),
      parseMoney({ amount: '0.20', currency: 'EUR' }),
    );
    expect(formatMoney(sum).amount).toBe('0.30');
  });

  it('refuses two currencies and factors that are not whole', () => {
    const euro = moneyFromMinorUnits(100, 'EUR');
    expect(() => addMoney(euro, moneyFromMinorUnits(1, 'JPY'))).toThrow('two currencies');
    expect(() => multiplyMoney(euro, 1.5)).toThrow('whole numbers');
  });

  it('counts minor units exactly', () => {
    expect(moneyMinorUnits(parseMoney({ amount: '129.90', currency: 'EUR' }))).toBe(12990n);
    expect(formatMoney(moneyFromMinorUnits(12990, 'JPY')).amount).toBe('12990');
    expect(() => moneyMinorUnits({ amountMicros: 1n, currency: 'EUR' })).toThrow('more decimals');
  });

  it.each([
    ['1.005', '1.01'],
    ['-1.005', '-1.01'],
    ['1.004999', '1.00'],
  ])('rounds %s to %s', (amount, rounded) => {
    const money = parseMoney({ amount, currency: 'EUR' }, 'unit');
    expect(formatMoney(roundMoney(money)).amount).toBe(rounded);
  });

  it('multiplies a unit price by a quantity', () => {
    const price = parseMoney({ amount: '3.333333', currency: 'EUR' }, 'unit');
    const total = multiplyMoneyByQuantity(price, parseQuantity({ value: '1.5', unit: 'KGM' }));
    expect(formatMoney(total).amount).toBe('5.00');
  });
});

describe('allocateMoney', () => {
  const weights = fc
    .array(fc.nat({ max: 1000 }), { minLength: 1, maxLength: 12 })
    .filter((list) => list.some((weight) => weight > 0));

  it('parts add up, each less than a step from its exact share', () => {
    fc.assert(
      fc.property(scaled, weights, (money, list) => {
        const parts = allocateMoney(money, list);
        const sum = parts.reduce((total, part) => total + part.amountMicros, 0n);
        expect(sum).toBe(money.amountMicros);
        const total = BigInt(list.reduce((all, weight) => all + weight, 0));
        const stepMicros = 10n ** BigInt(6 - currencyDigits(money.currency));
        parts.forEach((part, index) => {
          const off = part.amountMicros * total - money.amountMicros * BigInt(list[index] ?? 0);
          expect(off < stepMicros * total && -off < stepMicros * total).toBe(true);
        });
      }),
    );
  });

  it('shares 10.00 by three', () => {
    const parts = allocateMoney(moneyFromMinorUnits(1000, 'EUR'), [1, 1, 1]);
    expect(parts.map((part) => formatMoney(part).amount)).toEqual(['3.34', '3.33', '3.33']);
  });

  it('refuses weights that share nothing', () => {
    expect(() => allocateMoney(moneyFromMinorUnits(1, 'EUR'), [0])).toThrow('Weights');
    expect(() => allocateMoney(moneyFromMinorUnits(1, 'EUR'), [2, -1])).toThrow('Weights');
  });
});

describe('moneyFromJsonNumber', () => {
  it.each([
    [19.99, 'EUR', '19.99'],
    ['19.990', 'EUR', '19.99'],
    [1e21, 'EUR', '1000000000000000000000.00'],
    ['1.5E+2', 'EUR', '150.00'],
    ['-1500e-2', 'EUR', '-15.00'],
    [0, 'JPY', '0'],
    [-0, 'EUR', '0.00'],
  ])('%s %s is %s', (source, code, amount) => {
    expect(moneyFromJsonNumber(source, code).amount).toBe(amount);
  });

  it('refuses what is finer unless rounding is asked for', () => {
    expect(() => moneyFromJsonNumber(16.806722689075631, 'EUR')).toThrow('more decimals');
    expect(moneyFromJsonNumber(16.806722689075631, 'EUR', { round: true }).amount).toBe('16.81');
    const options = { precision: 'unit', round: true } as const;
    expect(moneyFromJsonNumber(16.806722689075631, 'EUR', options).amount).toBe('16.806723');
    expect(moneyFromJsonNumber(1e-7, 'EUR', { round: true }).amount).toBe('0.00');
    expect(moneyFromJsonNumber(1.005, 'EUR', { round: true }).amount).toBe('1.01');
    expect(moneyFromJsonNumber(-0.5, 'JPY', { round: true }).amount).toBe('-1');
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 'abc', '', '0x10', '1e999'])(
    'refuses %s',
    (bad) => {
      expect(() => moneyFromJsonNumber(bad, 'EUR')).toThrow(
        expect.objectContaining({ code: 'E_MONEY_MALFORMED' }),
      );
    },
  );

  it('cents divided as floats come back as the cents they were', () => {
    fc.assert(
      fc.property(fc.integer({ min: -(10 ** 12), max: 10 ** 12 }), (cents) => {
        const exact = formatMoney(moneyFromMinorUnits(cents, 'EUR'));
        expect(moneyFromJsonNumber(cents / 100, 'EUR')).toEqual(exact);
        expect(moneyFromJsonNumber(exact.amount, 'EUR')).toEqual(exact);
      }),
    );
  });

  it('reads every finite number as the digits it prints', () => {
    fc.assert(
      fc.property(
        fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e20, max: 1e20 }),
        (n) => {
          const options = { precision: 'unit', round: true } as const;
          const read = parseMoney(moneyFromJsonNumber(n, 'EUR', options), 'unit');
          expect(Math.abs(Number(read.amountMicros) / 1e6 - n)).toBeLessThanOrEqual(
            5.1e-7 + Math.abs(n) * 1e-15,
          );
        },
      ),
    );
  });
});
