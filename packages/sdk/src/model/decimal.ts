// Decimal text as scaled integers. A binary float never stands between a source's text and ours:
// 0.1 + 0.2 is not 0.3 there, and sums of millions of lines must come out to the cent.

/** Digits behind the point that money and quantities are held with inside. */
export const scaleDigits = 6;

/** Integer parts longer than this are refused, so hostile text cannot make huge integers. */
const integerDigitsMax = 30;
const fractionDigitsMax = 400;

/** Sign aside; well within what is refused. */
const canonicalSizeMax = 24;
const minus = 0x2d;
const point = 0x2e;
const zero = 0x30;
const nine = 0x39;

const plainDecimal = /^(-?)(\d+)(?:\.(\d+))?$/;
const jsonNumber = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,4}))?$/;

export type DecimalProblem = 'malformed' | 'too-fine';

/**
 * Reads plain decimal text (`-12.50`) as an integer scaled by 10^digits. Zeros behind the last
 * digit kept are no loss and pass; any other digit there is `too-fine`.
 */
export function readDecimal(text: string, digits: number): bigint | DecimalProblem {
  const match = plainDecimal.exec(text);
  if (match === null) return 'malformed';
  const integer = match[2] ?? '';
  const fraction = match[3] ?? '';
  if (integer.length > integerDigitsMax || fraction.length > fractionDigitsMax) return 'malformed';
  for (let index = digits; index < fraction.length; index += 1) {
    if (fraction.charCodeAt(index) !== 48) return 'too-fine';
  }
  const scaled = BigInt(integer + fraction.slice(0, digits).padEnd(digits, '0'));
  return match[1] === '-' ? -scaled : scaled;
}

/**
 * Whether the text is written as `formatDecimal` and `canonicalDecimal` write it, with `digitsMin`
 * to `digitsMax` digits behind the point. Nearly all text is, and finding out costs a fraction of
 * reading and writing it. No is not a verdict: longer numbers and a negative zero are left to those.
 */
export function isCanonicalDecimal(text: string, digitsMin: number, digitsMax: number): boolean {
  const { length } = text;
  const start = text.charCodeAt(0) === minus ? 1 : 0;
  if (length - start > canonicalSizeMax) return false;
  let at = start;
  let isZero = true;
  for (; at < length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < zero || code > nine) break;
    if (code !== zero) isZero = false;
  }
  const integerDigits = at - start;
  if (integerDigits === 0 || (integerDigits > 1 && text.charCodeAt(start) === zero)) return false;
  if (at === length) return digitsMin === 0 && !(isZero && start === 1);
  if (text.charCodeAt(at) !== point) return false;
  const digits = length - at - 1;
  if (digits === 0 || digits < digitsMin || digits > digitsMax) return false;
  for (at += 1; at < length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < zero || code > nine) return false;
    if (code !== zero) isZero = false;
  }
  if (digits > digitsMin && text.charCodeAt(length - 1) === zero) return false;
  return !(isZero && start === 1);
}

/** Writes a scaled integer as plain decimal text with at least `digitsMin` digits. */
export function formatDecimal(scaled: bigint, digits: number, digitsMin: number): string {
  const text = (scaled < 0n ? -scaled : scaled).toString().padStart(digits + 1, '0');
  const integer = text.slice(0, text.length - digits);
  let end = digits;
  const fraction = text.slice(text.length - digits);
  while (end > digitsMin && fraction.charCodeAt(end - 1) === 48) end -= 1;
  const sign = scaled < 0n ? '-' : '';
  return end === 0 ? sign + integer : `${sign}${integer}.${fraction.slice(0, end)}`;
}

/** Divides and rounds half away from zero, the rule of commercial invoices. */
export function divideRounded(dividend: bigint, divisor: bigint): bigint {
  const isNegative = dividend < 0n !== divisor < 0n;
  const above = dividend < 0n ? -dividend : dividend;
  const below = divisor < 0n ? -divisor : divisor;
  const rounded = (above * 2n + below) / (below * 2n);
  return isNegative ? -rounded : rounded;
}

/**
 * Plain decimal text of a vendor's JSON number, given as its source text or as the parsed number.
 * `String(n)` is the shortest text that reads back as the same number, so 19.99 stays `19.99`.
 */
export function decimalFromJsonNumber(source: number | string): string | 'malformed' {
  const match = jsonNumber.exec(typeof source === 'number' ? String(source) : source);
  if (match === null) return 'malformed';
  const integer = match[2] ?? '';
  const fraction = match[3] ?? '';
  const exponent = Number(match[4] ?? '0');
  if (integer.length + fraction.length > fractionDigitsMax) return 'malformed';
  const digits = integer + fraction;
  if (/^0+$/.test(digits)) return '0';
  if (Math.abs(exponent) > 340) return 'malformed';
  const point = integer.length + exponent;
  const padded = point <= 0 ? '0'.repeat(1 - point) + digits : digits.padEnd(point, '0');
  const pointInPadded = point <= 0 ? 1 : point;
  const whole = padded.slice(0, pointInPadded).replace(/^0+(?=\d)/, '');
  const rest = padded.slice(pointInPadded).replace(/0+$/, '');
  return (match[1] ?? '') + (rest === '' ? whole : `${whole}.${rest}`);
}

/** Reads plain decimal text and rounds half away from zero to `digits`. */
export function readDecimalRounded(text: string, digits: number): bigint | 'malformed' {
  const match = plainDecimal.exec(text);
  if (match === null) return 'malformed';
  const fractionDigits = match[3]?.length ?? 0;
  if (fractionDigits <= digits) {
    const exact = readDecimal(text, digits);
    return exact === 'too-fine' ? 'malformed' : exact;
  }
  const exact = readDecimal(text, fractionDigits);
  if (typeof exact !== 'bigint') return 'malformed';
  return divideRounded(exact, 10n ** BigInt(fractionDigits - digits));
}

/** Canonical text of a decimal (no leading or needless trailing zeros), or null when it is none. */
export function canonicalDecimal(text: string): string | null {
  if (isCanonicalDecimal(text, 0, canonicalSizeMax)) return text;
  const match = plainDecimal.exec(text);
  if (match === null) return null;
  const integer = (match[2] ?? '').replace(/^0+(?=\d)/, '');
  const fraction = (match[3] ?? '').replace(/0+$/, '');
  if (integer.length > integerDigitsMax || fraction.length > fractionDigitsMax) return null;
  const plain = fraction === '' ? integer : `${integer}.${fraction}`;
  return match[1] === '-' && plain !== '0' ? `-${plain}` : plain;
}
