import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { beyond, compare, pathOf, type Term } from './query.js';

const term = (property: string, value: string, kind: Term['kind'] = 'text'): Term => ({
  ...{ property, kind, value },
});

describe('filters', () => {
  it.each<[Term, 2 | 4, string]>([
    [term('A', "O'Neill"), 2, "A eq 'O''Neill'"],
    [
      term('A', '2026-03-01T09:30:00.123Z', 'instant'),
      2,
      "A eq datetimeoffset'2026-03-01T09:30:00.123Z'",
    ],
    [term('A', '2026-03-01T09:30:00.1234567Z', 'instant'), 4, 'A eq 2026-03-01T09:30:00.1234567Z'],
    [term('A', '2026-03-01', 'day'), 2, "A eq datetime'2026-03-01T00:00:00'"],
    [term('A', '2026-03-01', 'day'), 4, 'A eq 2026-03-01'],
    [term('A', '13:05:09', 'time'), 2, "A eq time'PT13H05M09S'"],
    [term('A', '42', 'plain'), 2, 'A eq 42'],
  ])('%j in version %d', (wanted, version, expected) => {
    expect(compare(wanted, 'eq', version)).toBe(expected);
  });

  it('say what lies beyond a position of several properties', () => {
    const position = [term('Year', '2026'), term('Number', '49')];
    expect(beyond(position, 'before', 2)).toBe(
      "(Year lt '2026') or ((Year eq '2026') and (Number lt '49'))",
    );
    expect(beyond([term('Number', '49')], 'after', 2)).toBe("Number gt '49'");
  });

  it('never let a value out of its quotes', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        const [, inside = ''] = /^A eq '([\s\S]*)'$/.exec(compare(term('A', value), 'eq', 2)) ?? [];
        expect(inside.replaceAll("''", '')).not.toContain("'");
        expect(inside.replaceAll("''", "'")).toBe(value);
      }),
    );
  });
});

it('an address says everything once, and encodes it', () => {
  const path = pathOf(
    '/sap/opu/odata/sap/S',
    'A_Set',
    { filter: "A eq 'x&y'", select: ['A', 'to_B/C'], expand: ['to_B'], top: 5, count: true },
    2,
    { 'sap-client': '100' },
  );
  expect(path).toBe(
    "/sap/opu/odata/sap/S/A_Set?$format=json&$filter=A%20eq%20'x%26y'&$top=5&$expand=to_B" +
      '&$select=A,to_B/C&$inlinecount=allpages&sap-client=100',
  );
});
