import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gs1CheckDigit, isGln, isGtin, isSscc, normalizeGtin } from './identifiers.js';

const digits = (count: number) => fc.stringMatching(new RegExp(`^\\d{${count}}$`));
const withCheckDigit = (body: string) => `${body}${gs1CheckDigit(body)}`;
const lengths = [8, 12, 13, 14] as const;

describe('GTIN', () => {
  // From the GS1 General Specifications and printed packages.
  it.each([
    ['4006381333931', '04006381333931'],
    ['036000291452', '00036000291452'],
    ['73513537', '00000073513537'],
    ['10614141000415', '10614141000415'],
    ['4006381-33393 1', '04006381333931'],
  ])('%s is held as %s', (text, held) => {
    expect(normalizeGtin(text)).toBe(held);
  });

  it.each(['4006381333932', '400638133393', '12345', 'A006381333931', ''])('%s is none', (text) => {
    expect(isGtin(text)).toBe(false);
    expect(() => normalizeGtin(text)).toThrow(expect.objectContaining({ code: 'E_GTIN' }));
  });

  it('any length with its check digit is one, and stays one with 14 digits', () => {
    const gtin = fc.constantFrom(...lengths).chain((length) => digits(length - 1));
    fc.assert(
      fc.property(gtin, (body) => {
        const text = withCheckDigit(body);
        expect(isGtin(text)).toBe(true);
        expect(isGtin(normalizeGtin(text))).toBe(true);
        expect(normalizeGtin(normalizeGtin(text))).toBe(normalizeGtin(text));
      }),
    );
  });

  it('one wrong digit is always found', () => {
    fc.assert(
      fc.property(digits(12), fc.nat(12), fc.integer({ min: 1, max: 9 }), (body, at, by) => {
        const text = withCheckDigit(body);
        const wrong = (Number(text[at]) + by) % 10;
        expect(isGtin(text.slice(0, at) + wrong + text.slice(at + 1))).toBe(false);
      }),
    );
  });
});

describe('GLN and SSCC', () => {
  it('have their own lengths', () => {
    fc.assert(
      fc.property(digits(12), digits(17), (gln, sscc) => {
        expect(isGln(withCheckDigit(gln))).toBe(true);
        expect(isSscc(withCheckDigit(sscc))).toBe(true);
        expect(isSscc(withCheckDigit(gln))).toBe(false);
      }),
    );
    expect(isSscc('106141412345678908')).toBe(true);
    expect(isSscc('106141412345678907')).toBe(false);
  });
});
