import { HeadraceError } from '../connector/errors.js';

// GS1 numbers. All share one check digit: weights 3 and 1 from the right, so leading zeros do not
// matter and every GTIN can be held with 14 digits.

/** The GS1 check digit of the digits before it. */
export function gs1CheckDigit(digits: string): number {
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = digits.charCodeAt(digits.length - 1 - index) - 48;
    sum += index % 2 === 0 ? digit * 3 : digit;
  }
  return (10 - (sum % 10)) % 10;
}

/** Whether the text is a GTIN of 8, 12, 13 or 14 digits with the right check digit. */
export function isGtin(text: string): boolean {
  return /^(?:\d{8}|\d{12,14})$/.test(text) && hasCheckDigit(text);
}

/**
 * The GTIN with 14 digits, so one item compares equal however a system pads it. Spaces and hyphens
 * are dropped. Throws `E_GTIN`; mappings that would rather lose a bad number ask `isGtin` first.
 */
export function normalizeGtin(text: string): string {
  const digits = text.replace(/[\s-]/g, '');
  if (isGtin(digits)) return digits.padStart(14, '0');
  throw new HeadraceError('record', 'The number is not a GTIN with a valid check digit.', {
    code: 'E_GTIN',
    hint: 'Correct it at the source, or leave it out: a wrong GTIN joins the wrong items.',
  });
}

/** Whether the text is a GLN: 13 digits with the right check digit. */
export function isGln(text: string): boolean {
  return /^\d{13}$/.test(text) && hasCheckDigit(text);
}

/** Whether the text is an SSCC: 18 digits with the right check digit. */
export function isSscc(text: string): boolean {
  return /^\d{18}$/.test(text) && hasCheckDigit(text);
}

function hasCheckDigit(digits: string): boolean {
  return gs1CheckDigit(digits.slice(0, -1)) === digits.charCodeAt(digits.length - 1) - 48;
}
