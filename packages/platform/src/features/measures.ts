/**
 * What views measure, as whole numbers: millionths in a JavaScript number while that is exact, in a
 * bigint beyond. Folded state and sums hold nothing else, so the order of adding never shows.
 *
 * Encoded, a measure is JSON: `null` (not told), a number of millionths, `["EUR", millionths]` for
 * what has a unit or a currency, text and yes/no as they are, `{"n": "…"}` for a larger number.
 */
import { HeadraceError, type Money, parseMoney, parseQuantity, type Quantity } from '@headrace/sdk';

/** An exact whole number. */
export type Whole = number | bigint;

/** A number of millionths with its unit; `decimal` makes one of decimal text. */
export interface Scaled {
  readonly micros: Whole;
  readonly unit: string;
}

/** What adds up: numbers, quantities, amounts, decimals; null and absent add nothing. */
export type Addend = number | bigint | Quantity | Money | Scaled | null | undefined;

/** What may be remembered as it is. */
export type Remembered = Addend | string | boolean;

export type Encoded =
  | null
  | boolean
  | string
  | number
  | { readonly n: string }
  | readonly [string, number | { readonly n: string }];

const scale = 1_000_000;
const scaleBig = 1_000_000n;
const safeMax = BigInt(Number.MAX_SAFE_INTEGER);

/** Millionths of exact decimal text, such as a tax rate or a rating; null stays null. */
export function decimal(text: string | null | undefined): Scaled | null {
  if (text === null || text === undefined) return null;
  const { valueMicros } = parseQuantity({ value: text, unit: 'C62' });
  return { micros: whole(valueMicros), unit: '' };
}

/** The same number as a JavaScript number where that is exact. */
export function whole(value: Whole): Whole {
  if (typeof value === 'number') return value;
  return value <= safeMax && value >= -safeMax ? Number(value) : value;
}

export function addWhole(left: Whole, right: Whole): Whole {
  if (typeof left === 'number' && typeof right === 'number') {
    const sum = left + right;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return whole(BigInt(left) + BigInt(right));
}

export function timesWhole(left: Whole, right: Whole): Whole {
  if (typeof left === 'number' && typeof right === 'number') {
    const product = left * right;
    if (Number.isSafeInteger(product)) return product;
  }
  return whole(BigInt(left) * BigInt(right));
}

export function compareWhole(left: Whole, right: Whole): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Millionths as the number a model gets: the nearest there is, and always the same one. */
export function unscaled(micros: Whole): number {
  return Number(micros) / scale;
}

/** Encodes what a view's function gave. Throws `E_MEASURE` for what is no measure. */
export function encodeMeasure(value: Remembered): Encoded {
  if (value === null || value === undefined) return null;
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return encodeNumber(microsOf(value));
    case 'bigint':
      return encodeNumber(value * scaleBig);
    case 'object':
      return encodeObject(value);
    default:
      throw badMeasure();
  }
}

/** The unit or currency of an encoded number and its millionths; null for text and yes/no. */
export function numberOf(encoded: Encoded): Scaled | null {
  if (typeof encoded === 'number') return { micros: encoded, unit: '' };
  if (encoded === null || typeof encoded !== 'object') return null;
  if (!isTagged(encoded)) return { micros: BigInt(encoded.n), unit: '' };
  const [unit, micros] = encoded;
  return { micros: typeof micros === 'number' ? micros : BigInt(micros.n), unit };
}

/** The value a model or a reader gets of one encoded measure. */
export function plainOf(encoded: Encoded): string | number | boolean | null {
  if (encoded === null || typeof encoded === 'string' || typeof encoded === 'boolean') {
    return encoded;
  }
  const number = numberOf(encoded);
  return number === null ? null : unscaled(number.micros);
}

function isTagged(
  encoded: Exclude<Encoded, null | string | boolean | number>,
): encoded is readonly [string, number | { readonly n: string }] {
  return Array.isArray(encoded);
}

function encodeNumber(micros: Whole): number | { readonly n: string } {
  const exact = whole(micros);
  return typeof exact === 'number' ? exact : { n: exact.toString() };
}

function encodeObject(value: Quantity | Money | Scaled): Encoded {
  if ('micros' in value) {
    const micros = encodeNumber(value.micros);
    return value.unit === '' ? micros : [value.unit, micros];
  }
  if ('amount' in value) {
    return [value.currency, encodeNumber(parseMoney(value, 'unit').amountMicros)];
  }
  if ('value' in value) return [value.unit, encodeNumber(parseQuantity(value).valueMicros)];
  throw badMeasure();
}

/** Numbers of JSON are taken to six decimals. */
function microsOf(value: number): number {
  const micros = Math.round(value * scale);
  if (!Number.isSafeInteger(micros)) throw badMeasure();
  // Never -0, which JSON would write as 0 while it compares unlike in a map.
  return micros === 0 ? 0 : micros;
}

function badMeasure(): HeadraceError {
  return new HeadraceError('record', 'A view measured something that is no number or text.', {
    code: 'E_MEASURE',
    hint: 'Give a number, a quantity, an amount of money, text, yes/no or null.',
  });
}
