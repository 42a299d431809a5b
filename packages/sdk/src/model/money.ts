import { HeadraceError } from '../connector/errors.js';
import { currencyDigits } from './currencies.js';
import {
  decimalFromJsonNumber,
  divideRounded,
  formatDecimal,
  readDecimal,
  readDecimalRounded,
  scaleDigits,
} from './decimal.js';
import type { ScaledQuantity } from './quantity.js';

// Inside, every currency has the same scale: millionths in a bigint. One scale means adding needs
// no bookkeeping and unit prices of 6 decimals add up with totals; bigint, because 2^53 millionths
// are only 9 billion, less than a week of sales in IDR.

/** An amount as records carry it: exact decimal text and an ISO 4217 code. */
export interface Money {
  readonly amount: string;
  readonly currency: string;
}

/** An amount to calculate with. */
export interface ScaledMoney {
  readonly amountMicros: bigint;
  readonly currency: string;
}

/**
 * How fine an amount may be. `minor`: the currency's own digits, for all that is paid. `unit`:
 * up to 6 decimals, for unit costs, unit prices and rates.
 */
export type MoneyPrecision = 'minor' | 'unit';

const stepsMicros = [1_000_000n, 100_000n, 10_000n, 1_000n, 100n, 10n, 1n] as const;

/** The smallest amount of the currency that can be paid, in millionths: EUR 10000. */
export function minorUnitMicros(currency: string): bigint {
  return stepsMicros[currencyDigits(currency)] ?? 1n;
}

/** Reads an amount of a record. Throws `E_MONEY_…` when it is malformed, unknown or too fine. */
export function parseMoney(money: Money, precision: MoneyPrecision = 'minor'): ScaledMoney {
  const stepMicros = minorUnitMicros(money.currency);
  const amountMicros = readDecimal(money.amount, scaleDigits);
  if (amountMicros === 'malformed') throw malformed(money.currency);
  if (amountMicros === 'too-fine') throw tooFine(money.currency);
  if (precision === 'minor' && amountMicros % stepMicros !== 0n) throw tooFine(money.currency);
  return { amountMicros, currency: money.currency };
}

/** Writes an amount with at least the currency's digits: `129.90` EUR, `130` JPY. */
export function formatMoney(money: ScaledMoney): Money {
  const digitsMin = currencyDigits(money.currency);
  return {
    amount: formatDecimal(money.amountMicros, scaleDigits, digitsMin),
    currency: money.currency,
  };
}

/** The amount as connectors put it into fields: checked, in canonical text. */
export function toMoney(
  amount: string,
  currency: string,
  precision: MoneyPrecision = 'minor',
): Money {
  return formatMoney(parseMoney({ amount, currency }, precision));
}

export interface MoneyFromJsonNumberOptions {
  readonly precision?: MoneyPrecision;
  /** Round half away from zero to the precision; without it finer amounts are refused. */
  readonly round?: boolean;
}

/**
 * The amount of a vendor that sends prices as JSON numbers, called by mappings with the number's
 * source text or the parsed number: `moneyFromJsonNumber(19.99, 'EUR')` is `19.99` EUR.
 */
export function moneyFromJsonNumber(
  source: number | string,
  currency: string,
  options: MoneyFromJsonNumberOptions = {},
): Money {
  const text = decimalFromJsonNumber(source);
  if (text === 'malformed') throw malformed(currency);
  const precision = options.precision ?? 'minor';
  if (options.round !== true) return toMoney(text, currency, precision);
  const digits = precision === 'minor' ? currencyDigits(currency) : scaleDigits;
  const scaled = readDecimalRounded(text, digits);
  if (scaled === 'malformed') throw malformed(currency);
  return formatMoney({ amountMicros: scaled * (stepsMicros[digits] ?? 1n), currency });
}

/** The amount in minor units (cents), for systems that count so. Throws when it is finer. */
export function moneyMinorUnits(money: ScaledMoney): bigint {
  const stepMicros = minorUnitMicros(money.currency);
  if (money.amountMicros % stepMicros !== 0n) throw tooFine(money.currency);
  return money.amountMicros / stepMicros;
}

/** An amount counted in minor units: 12990 and EUR is 129.90 EUR. */
export function moneyFromMinorUnits(units: bigint | number, currency: string): ScaledMoney {
  return { amountMicros: wholeNumber(units) * minorUnitMicros(currency), currency };
}

/** The sum of two amounts of one currency. */
export function addMoney(left: ScaledMoney, right: ScaledMoney): ScaledMoney {
  assertSameCurrency(left, right);
  return { amountMicros: left.amountMicros + right.amountMicros, currency: left.currency };
}

/** `left` less `right`, both of one currency. */
export function subtractMoney(left: ScaledMoney, right: ScaledMoney): ScaledMoney {
  assertSameCurrency(left, right);
  return { amountMicros: left.amountMicros - right.amountMicros, currency: left.currency };
}

/** The amount with the other sign. */
export function negateMoney(money: ScaledMoney): ScaledMoney {
  return { amountMicros: -money.amountMicros, currency: money.currency };
}

/** -1, 0 or 1 as `left` is less than, equal to or more than `right`. */
export function compareMoney(left: ScaledMoney, right: ScaledMoney): -1 | 0 | 1 {
  assertSameCurrency(left, right);
  if (left.amountMicros === right.amountMicros) return 0;
  return left.amountMicros < right.amountMicros ? -1 : 1;
}

/** The amount times a whole number. */
export function multiplyMoney(money: ScaledMoney, factor: bigint | number): ScaledMoney {
  return { amountMicros: money.amountMicros * wholeNumber(factor), currency: money.currency };
}

/** A unit price times a quantity, rounded half away from zero to millionths. */
export function multiplyMoneyByQuantity(unit: ScaledMoney, quantity: ScaledQuantity): ScaledMoney {
  const product = unit.amountMicros * quantity.valueMicros;
  return { amountMicros: divideRounded(product, stepsMicros[0]), currency: unit.currency };
}

/** The amount rounded half away from zero to what can be paid. */
export function roundMoney(money: ScaledMoney): ScaledMoney {
  const stepMicros = minorUnitMicros(money.currency);
  const amountMicros = divideRounded(money.amountMicros, stepMicros) * stepMicros;
  return { amountMicros, currency: money.currency };
}

/**
 * Shares an amount out by weights so that the parts add up to it exactly, in payable steps (in
 * millionths where the amount itself is finer). Left-over steps go to the largest remainders,
 * earlier parts first, so equal inputs always share alike.
 */
export function allocateMoney(
  money: ScaledMoney,
  weights: readonly (bigint | number)[],
): readonly ScaledMoney[] {
  const shares = weights.map(wholeNumber);
  const total = shares.reduce((sum, share) => sum + share, 0n);
  if (total <= 0n || shares.some((share) => share < 0n)) {
    throw new HeadraceError('record', 'Weights must be positive whole numbers.', {
      code: 'E_MONEY_WEIGHTS',
    });
  }
  const minorMicros = minorUnitMicros(money.currency);
  const stepMicros = money.amountMicros % minorMicros === 0n ? minorMicros : 1n;
  const sign = money.amountMicros < 0n ? -1n : 1n;
  const steps = (money.amountMicros * sign) / stepMicros;
  const parts = shares.map((share, index) => ({
    index,
    steps: (steps * share) / total,
    remainder: (steps * share) % total,
  }));
  let left = parts.reduce((rest, part) => rest - part.steps, steps);
  const byRemainder = [...parts].sort((a, b) => {
    if (a.remainder === b.remainder) return a.index - b.index;
    return a.remainder > b.remainder ? -1 : 1;
  });
  for (const part of byRemainder) {
    if (left === 0n) break;
    part.steps += 1n;
    left -= 1n;
  }
  return parts.map((part) => ({
    amountMicros: part.steps * stepMicros * sign,
    currency: money.currency,
  }));
}

function assertSameCurrency(left: ScaledMoney, right: ScaledMoney): void {
  if (left.currency === right.currency) return;
  throw new HeadraceError('record', 'Amounts of two currencies cannot be combined.', {
    code: 'E_MONEY_CURRENCY_MISMATCH',
    hint: 'Sum per currency; convert at read with a stated rate.',
    context: { left: left.currency, right: right.currency },
  });
}

function wholeNumber(value: bigint | number): bigint {
  if (typeof value === 'bigint') return value;
  if (Number.isSafeInteger(value)) return BigInt(value);
  throw new HeadraceError('record', 'Money is only multiplied or divided by whole numbers.', {
    code: 'E_MONEY_FACTOR',
  });
}

function malformed(currency: string): HeadraceError {
  return new HeadraceError('record', 'The amount is not a plain decimal number.', {
    code: 'E_MONEY_MALFORMED',
    hint: 'Write amounts like 1299.90: no thousands separators, no exponent, no symbol.',
    context: { currency },
  });
}

function tooFine(currency: string): HeadraceError {
  return new HeadraceError('record', 'The amount has more decimals than allowed.', {
    code: 'E_MONEY_PRECISION',
    hint: 'Say whether it is a unit price (6 decimals) or ask for rounding.',
    context: { currency },
  });
}
