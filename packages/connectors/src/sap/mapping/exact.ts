/** Calculations with decimal texts, in whole numbers. */
import type { Json, Money } from '@headrace/sdk';
import { isCurrency, toMoney } from '@headrace/sdk';
import { text } from '../json.js';
import { decimalOf } from '../odata/values.js';

const DIGITS = 6;

/** Millionths of a decimal; null where it has finer digits. */
export function micros(decimal: string | null): bigint | null {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(decimal ?? '');
  if (match === null) return null;
  const [, sign, whole = '', fraction = ''] = match;
  if (/[1-9]/.test(fraction.slice(DIGITS))) return null;
  const value = BigInt(whole + fraction.slice(0, DIGITS).padEnd(DIGITS, '0'));
  return sign === '-' ? -value : value;
}

export function decimalOfMicros(value: bigint): string {
  const digits = (value < 0n ? -value : value).toString().padStart(DIGITS + 1, '0');
  const fraction = digits.slice(-DIGITS).replace(/0+$/, '');
  const whole = `${value < 0n ? '-' : ''}${digits.slice(0, -DIGITS)}`;
  return fraction === '' ? whole : `${whole}.${fraction}`;
}

/** The sum of some decimals; null where one is too fine, undefined where there is none. */
export function sumOf(decimals: readonly (string | null)[]): string | undefined {
  let sum = 0n;
  let isTold = false;
  for (const decimal of decimals) {
    const value = micros(decimal);
    if (value === null) continue;
    sum += value;
    isTold = true;
  }
  return isTold ? decimalOfMicros(sum) : undefined;
}

/** `a · b / c` where it has six digits at most, else null. */
export function ratioOf(a: string | null, b: string | null, c: string | null): string | null {
  const [left, right, divisor] = [micros(a), micros(b), micros(c)];
  if (left === null || right === null || divisor === null || divisor === 0n) return null;
  const dividend = left * right;
  return dividend % divisor === 0n ? decimalOfMicros(dividend / divisor) : null;
}

/** `a / b` with six digits, half away from zero; null where it is not defined. */
export function quotientOf(a: string | null, b: string | null): string | null {
  const [dividend, divisor] = [micros(a), micros(b)];
  if (dividend === null || divisor === null || divisor === 0n) return null;
  const isNegative = dividend < 0n !== divisor < 0n;
  const abs = (value: bigint) => (value < 0n ? -value : value);
  const scaled = (abs(dividend) * 2_000_000n + abs(divisor)) / (abs(divisor) * 2n);
  return decimalOfMicros(isNegative ? -scaled : scaled);
}

/** An amount as SAP states it; undefined where it or its currency is not told. */
export function moneyOf(
  value: Json | undefined,
  currency: Json | undefined,
  precision: 'minor' | 'unit' = 'unit',
): Money | undefined {
  const [amount, isoCode] = [decimalOf(value), text(currency)];
  if (amount === null || isoCode === null || !isCurrency(isoCode)) return undefined;
  return toMoney(amount, isoCode, precision);
}
