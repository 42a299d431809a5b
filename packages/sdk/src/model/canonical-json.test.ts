import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from './canonical-json.js';

function shuffled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shuffled);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).reverse();
  return Object.fromEntries(entries.map(([key, item]) => [key, shuffled(item)]));
}

describe('canonicalJson', () => {
  it('reads back as the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('does not depend on the order of keys', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(canonicalJson(shuffled(value))).toBe(canonicalJson(value));
      }),
    );
  });

  it.each([
    [{ b: 1, a: [true, null, -0], c: undefined }, '{"a":[true,null,0],"b":1}'],
    [{ é: 'ü', z: '\n' }, '{"z":"\\n","é":"ü"}'],
    [1e21, '1e+21'],
    [Object.create(null), '{}'],
  ])('%j is %s', (value, text) => {
    expect(canonicalJson(value)).toBe(text);
  });

  it.each([
    1n,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    undefined,
    new Date(0),
    new Map(),
    [undefined],
  ])('refuses value %#', (value) => {
    expect(() => canonicalJson({ value: [value] })).toThrow(
      expect.objectContaining({ code: 'E_CANONICAL_JSON' }),
    );
  });
});
