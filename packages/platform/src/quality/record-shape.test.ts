import type { Json, JsonObject } from '@headrace/sdk';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareShapes, shapeCheck, shapeProblems, suggestShape } from './record-shape.js';

const shape = {
  Id: 'string',
  State: ['A', 'B'],
  Price: 'number|null',
  Note: 'string?',
  Lines: 'list',
  'Lines.*.Sku': 'string',
};
const good = { Id: '1', State: 'A', Price: 2.5, Lines: [{ Sku: 'x' }, { Sku: 'y' }] };
const breach = (record: JsonObject): string | null => {
  try {
    shapeCheck(shape)(record);
    return null;
  } catch (thrown) {
    expect(thrown).toMatchObject({ code: 'E_SCHEMA_DRIFT' });
    return (thrown as Error).message;
  }
};

describe('the shape of records', () => {
  it('lets pass what is promised, and what is new beside it', () => {
    expect(breach(good)).toBe(null);
    expect(breach({ ...good, Price: null, Note: 'n', Colour: 'red' })).toBe(null);
    expect(breach({ ...good, Lines: [] })).toBe(null);
  });

  it.each<[string, JsonObject, string]>([
    ['a field that is gone', { State: 'A', Price: 1, Lines: [] }, 'Id is missing.'],
    ['one of another kind', { ...good, Price: '2,50' }, 'Price was number or null and is string.'],
    [
      'a value nobody knows',
      { ...good, State: 'C' },
      'State says "C", which is none of its values.',
    ],
    ['an element without it', { ...good, Lines: [{}, {}] }, 'Lines.*.Sku is missing.'],
    ['a list that is none', { ...good, Lines: {} }, 'Lines was list and is object.'],
  ])('holds %s back, with the difference', (_name, record, text) => {
    expect(breach(record)).toBe(text);
  });

  it('tells apart what breaks a contract and what it does not know yet', () => {
    const records = [
      { ...good, Colour: 'red' },
      { ...good, Id: 7 },
    ] as JsonObject[];
    expect(compareShapes(shape, records).map(({ kind, path }) => [kind, path])).toEqual([
      ['retyped', 'Id'],
      ['added', 'Colour'],
    ]);
  });

  it('says what is wrong with a contract', () => {
    expect(shapeProblems({ A: 'text', B: [], C: 'string|null?' })).toEqual([
      'A: there is no kind text; there are string, number, boolean, null, object, list',
      'B: a list of no values lets nothing pass',
    ]);
  });

  it('as suggested of records is kept by each of them, and has nothing to add', () => {
    const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
    const name = fc.constantFrom('a', 'b', 'c', 'd');
    const inner = fc.dictionary(name, leaf);
    const record = fc.dictionary(name, fc.oneof(leaf, inner, fc.array(fc.oneof(leaf, inner))));
    fc.assert(
      fc.property(fc.array(record as fc.Arbitrary<Json>, { minLength: 1 }), (given) => {
        const records = given as JsonObject[];
        const suggested = suggestShape(records, () => true);
        expect(shapeProblems(suggested)).toEqual([]);
        for (const one of records) expect(() => shapeCheck(suggested)(one)).not.toThrow();
        expect(compareShapes(suggested, records)).toEqual([]);
      }),
    );
  });
});
