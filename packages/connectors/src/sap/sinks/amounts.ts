/** Amounts and quantities as SAP takes them: decimals as text, amounts in the currency's digits. */
import { currencyDigits, HeadraceError, type Json, type Money, type Quantity } from '@headrace/sdk';
import { lookUp, object, text } from '../json.js';
import { decimalOfMicros, micros } from '../mapping/exact.js';
import { decimalOf } from '../odata/values.js';

export function moneyIn(value: Json | undefined): Money | null {
  const money = object(value);
  const [amount, currency] = [text(money?.amount), text(money?.currency)];
  return amount === null || currency === null ? null : { amount, currency };
}

export function quantityIn(value: Json | undefined): Quantity | null {
  const quantity = object(value);
  const [amount, unit] = [text(quantity?.value), text(quantity?.unit)];
  return amount === null || unit === null ? null : { value: amount, unit };
}

export interface PricedAt {
  readonly amount: string;
  readonly per: string;
}

const PER = ['1', '10', '100', '1000', '10000'];

/**
 * A price of a unit. SAP keeps no finer digits than the currency has: 1.2345 EUR is 123.45 EUR for
 * a hundred.
 */
export function priceOf({ amount, currency }: Money): PricedAt {
  const value = micros(amount);
  for (const [zeros, per] of PER.entries()) {
    if (value === null) break;
    const scaled = value * 10n ** BigInt(zeros);
    const minor = 10n ** BigInt(6 - currencyDigits(currency));
    if (scaled % minor === 0n) return { amount: decimalOfMicros(scaled), per };
  }
  throw new HeadraceError('record', `SAP cannot state the price ${amount} ${currency}.`, {
    code: 'E_SAP_PRICE',
    hint: 'Prices may have four digits more than their currency.',
  });
}

/** SAP's codes of units that are sold by. */
const units: Readonly<Record<string, string>> = {
  ...{ KGM: 'KG', GRM: 'G', MTR: 'M', CMT: 'CM', MTK: 'M2', LTR: 'L', MLT: 'ML', MTQ: 'M3' },
  ...{ XCT: 'CAR', XPX: 'PAL', XPK: 'PAK', SET: 'SET', PR: 'PAA', DZN: 'DZ', HUR: 'H' },
};

export function sapUnitOf(unit: string, piece: string): string {
  const found = unit === 'C62' ? piece : lookUp(units, unit);
  if (found !== undefined) return found;
  throw new HeadraceError('record', `SAP has no unit for ${unit}.`, {
    code: 'E_SAP_NO_UNIT',
    hint: 'Sell by the piece, or by a unit SAP delivers (table T006).',
  });
}

/** A decimal in one notation: SAP fills its digits up with zeros, and takes them without. */
export function plainDecimalOf(value: Json | undefined): string | null {
  const exact = micros(decimalOf(value));
  return exact === null ? null : decimalOfMicros(exact);
}

/** The sum of some amounts, as text. */
export function sumText(amounts: readonly (string | null | undefined)[]): string {
  let sum = 0n;
  for (const amount of amounts) sum += micros(amount ?? '0') ?? 0n;
  return decimalOfMicros(sum);
}

/** How the line of a channel is named in the six characters SAP has for it. */
export function lineCode(line: string): string {
  return /^[A-Z0-9]{1,6}$/.test(line) ? line : codeOf(line, 6);
}

/** Letters and digits that stand for a text where SAP has few characters; at most twelve of them. */
export function codeOf(whole: string, length: number): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(whole, 'utf8')) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  }
  return (hash % 36n ** BigInt(length)).toString(36).toUpperCase().padStart(length, '0');
}
