/** Numbers of Shopware's JSON, without ever calculating with binary fractions. */
import type { Money } from '@headrace/sdk';
import { currencyDigits, formatMoney, moneyFromJsonNumber, parseMoney } from '@headrace/sdk';
import type { Currency, Rounding } from './reference.js';

/** Plain decimal text of a number, or null where it has none that is short. */
export function decimalText(value: number | null): string | null {
  if (value === null) return null;
  const written = String(value);
  return /^-?\d+(\.\d+)?$/.test(written) ? written : null;
}

/** A rate in per cent as the fraction the model wants, by moving its point: 19 is 0.19. */
export function rateText(percent: number | null): string | null {
  const written = decimalText(percent);
  if (written === null) return null;
  const [, sign = '', whole = '', fraction = ''] = /^(-?)(\d+)\.?(\d*)$/.exec(written) ?? [];
  const digits = whole.padStart(3, '0');
  const moved = `${digits.slice(0, -2)}.${digits.slice(-2)}${fraction}`;
  return `${sign}${moved.replace(/\.?0+$/, '')}`;
}

/** An amount that was paid: floats of the shop's own sums carry noise behind their last digit. */
export function paidMoney(value: number | null, isoCode: string): Money | undefined {
  return value === null ? undefined : roundedMoney(value, isoCode);
}

/**
 * Nearly all numbers are written with no more digits than their currency has. Their text only
 * wants zeros at its end; orders have dozens of amounts, so the way around integers is saved.
 */
function roundedMoney(value: number, isoCode: string): Money {
  const digits = currencyDigits(isoCode);
  const written = String(value);
  const point = written.indexOf('.');
  const fraction = point < 0 ? 0 : written.length - point - 1;
  if (fraction > digits || written.length > 15 || written.includes('e') || Object.is(value, -0)) {
    return moneyFromJsonNumber(value, isoCode, { round: true });
  }
  const zeros = '0'.repeat(digits - fraction);
  return {
    amount: point < 0 && digits > 0 ? `${written}.${zeros}` : written + zeros,
    currency: isoCode,
  };
}

const MICROS = 1_000_000n;

/**
 * A price as the shop charges it: rounded as the currency says, net prices only where it says so.
 * Otherwise all of its digits stay, as far as unit prices have any.
 */
export function unitMoneyOf(value: number, currency: Currency, basis: 'net' | 'gross'): Money {
  const { isoCode, rounding } = currency;
  if (basis === 'net' && !rounding.roundForNet) {
    return moneyFromJsonNumber(value, isoCode, { precision: 'unit', round: true });
  }
  if (rounding.decimals === currencyDigits(isoCode) && !hasCashStep(rounding)) {
    return roundedMoney(value, isoCode);
  }
  const exact = parseMoney(
    moneyFromJsonNumber(value, isoCode, { precision: 'unit', round: true }),
    'unit',
  );
  const decimals = Math.min(Math.max(rounding.decimals, 0), 6);
  const rounded = toStep(exact.amountMicros, 10n ** BigInt(6 - decimals));
  const step = hasCashStep(rounding) ? stepMicros(rounding.interval) : 1n;
  return formatMoney({ amountMicros: toStep(rounded, step), currency: isoCode });
}

/** Cash rounding to 5 or 10 cents and the like; 0.01 means none. */
function hasCashStep({ interval }: Rounding): boolean {
  return interval > 0.01;
}

function stepMicros(interval: number): bigint {
  const text = moneyFromJsonNumber(interval, 'EUR', { precision: 'unit', round: true });
  const { amountMicros } = parseMoney(text, 'unit');
  return amountMicros > 0n ? amountMicros : MICROS / 100n;
}

/** Half away from zero, as invoices are rounded. */
function toStep(amountMicros: bigint, step: bigint): bigint {
  const above = amountMicros < 0n ? -amountMicros : amountMicros;
  const rounded = ((above * 2n + step) / (step * 2n)) * step;
  return amountMicros < 0n ? -rounded : rounded;
}
