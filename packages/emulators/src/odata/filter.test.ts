import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Condition, type Operator, predicateOf, propertyOf } from './condition.js';
import { parseFilter } from './filter.js';
import { formatLiteral } from './literals.js';
import type { Property, PropertyValue } from './model.js';
import { createToy, type ToyProduct, toyProduct } from './test-service.js';
import { compareDecimals, parseInstant } from './values.js';

const toy = createToy({ products: 0 });
const { service, productSet } = toy;

/** A row and filters over the same few values, so that comparisons meet. */
const texts = fc.constantFrom('', '9', '10', 'a', "o'b", 'ab', "''", 'G1', 'HAWA', 'ü€', ') or (');
const decimals = fc.constantFrom('0', '-0.5', '1.50', '1.5', '10', '12345678901234567890.123');
const moments = fc
  .tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 2 }))
  .map(([ms, ticks]) => ({ ms: Date.UTC(2026, 4, 4) + ms, ticks }));

const rows: fc.Arbitrary<ToyProduct> = fc
  .record({
    id: texts,
    type: fc.option(texts),
    group: texts,
    weight: fc.option(decimals),
    pieces: fc.integer({ min: -2, max: 2 }),
    isMarked: fc.boolean(),
    createdMs: fc.constantFrom(0, 86_400_000),
    timeMs: fc.constantFrom(0, 1_000, 3_600_000),
    guid: fc.constantFrom(toyProduct(1).guid, toyProduct(2).guid),
    changed: moments,
  })
  .map((fields) => toyProduct(0, fields));

const property = (name: string): Property => {
  const found = propertyOf(service.entitySets[0] ?? productSet, name);
  if (found === undefined) throw new Error(name);
  return found as Property;
};

const valuesFor: readonly (readonly [string, fc.Arbitrary<PropertyValue>])[] = [
  ['Product', texts],
  ['ProductType', fc.option(texts)],
  ['GrossWeight', fc.option(decimals)],
  ['Pieces', fc.integer({ min: -2, max: 2 })],
  ['IsMarkedForDeletion', fc.boolean()],
  ['CreationDate', fc.constantFrom(0, 86_400_000)],
  ['CreationTime', fc.constantFrom(0, 1_000, 3_600_000)],
  ['ProductUUID', fc.constantFrom(toyProduct(1).guid, toyProduct(2).guid)],
  ['LastChangeDateTime', moments],
];

const operators = fc.constantFrom<Operator>('eq', 'ne', 'gt', 'ge', 'lt', 'le');

const comparisons: fc.Arbitrary<Condition> = fc.oneof(
  ...valuesFor.map(([name, values]) =>
    fc.record({ operator: operators, value: values }).map(
      ({ operator, value }): Condition => ({
        kind: 'compare',
        path: { through: [], property: property(name) },
        operator,
        value,
      }),
    ),
  ),
);

const textTests: fc.Arbitrary<Condition> = fc
  .record({
    match: fc.constantFrom('contains' as const, 'startswith' as const, 'endswith' as const),
    name: fc.constantFrom('Product', 'ProductType', 'ProductGroup'),
    text: texts,
  })
  .map(({ match, name, text }) => ({
    kind: 'text',
    match,
    text,
    path: { through: [], property: property(name) },
  }));

const { condition: conditions } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(comparisons, textTests),
    fc.record({
      kind: fc.constantFrom('all' as const, 'any' as const),
      of: fc.array(tie('condition'), { minLength: 2, maxLength: 4 }),
    }),
    fc.record({ kind: fc.constant('not' as const), of: tie('condition') }),
  ),
}));

/** Prints a condition as V2 text, with parentheses around everything that is not a leaf. */
const print = (condition: Condition): string => {
  switch (condition.kind) {
    case 'compare':
      return `${condition.path.property.name} ${condition.operator} ${formatLiteral(condition.path.property, condition.value, 2)}`;
    case 'text': {
      const name = condition.path.property.name;
      const text = `'${condition.text.replaceAll("'", "''")}'`;
      return condition.match === 'contains'
        ? `substringof(${text},${name})`
        : `${condition.match}(${name},${text})`;
    }
    case 'not':
      return `not (${print(condition.of)})`;
    case 'compare-properties':
      throw new Error('not generated');
    default:
      return condition.of
        .map((part) => `(${print(part)})`)
        .join(condition.kind === 'all' ? ' and ' : ' or ');
  }
};

/** The meaning, spelled out a second time and without the engine's comparisons. */
const evaluate = (condition: Condition, row: ToyProduct): boolean => {
  switch (condition.kind) {
    case 'compare': {
      const { path, operator, value } = condition;
      const own = path.property.value(row);
      if (own === null || value === null)
        return operator === 'eq' ? own === value : operator === 'ne' && own !== value;
      const order = directOrder(path.property.type, own, value);
      const { eq, ne, gt, ge, lt, le } = {
        eq: order === 0,
        ne: order !== 0,
        gt: order > 0,
        ge: order >= 0,
        lt: order < 0,
        le: order <= 0,
      };
      return { eq, ne, gt, ge, lt, le }[operator];
    }
    case 'text': {
      const own = condition.path.property.value(row);
      if (typeof own !== 'string') return false;
      if (condition.match === 'contains') return own.indexOf(condition.text) >= 0;
      if (condition.match === 'startswith')
        return own.slice(0, condition.text.length) === condition.text;
      return own.length >= condition.text.length
        ? own.slice(own.length - condition.text.length) === condition.text
        : false;
    }
    case 'not':
      return !evaluate(condition.of, row);
    case 'compare-properties':
      throw new Error('not generated');
    default:
      return condition.kind === 'all'
        ? condition.of.every((part) => evaluate(part, row))
        : condition.of.some((part) => evaluate(part, row));
  }
};

const directOrder = (type: string, left: PropertyValue, right: PropertyValue): number => {
  const scaled = (value: PropertyValue): bigint | string => {
    if (type === 'Edm.Decimal') {
      const [whole = '', part = ''] = String(value).replace('-', '').split('.');
      const digits = BigInt(whole + part.padEnd(3, '0'));
      return String(value).startsWith('-') ? -digits : digits;
    }
    if (typeof value === 'object' && value !== null)
      return BigInt(value.ms) * 10_000n + BigInt(value.ticks);
    if (typeof value === 'boolean') return value ? 1n : 0n;
    if (typeof value === 'number') {
      return type.startsWith('Edm.DateTime') ? BigInt(value) * 10_000n : BigInt(value);
    }
    // As the database has it: numbers with their leading zeros, at least as long as any here.
    return /^\d+$/.test(String(value)) ? String(value).padStart(18, '0') : String(value);
  };
  const a = scaled(left);
  const b = scaled(right);
  return a < b ? -1 : a > b ? 1 : 0;
};

const parse = (text: string) => parseFilter(service, service.entitySets[0] ?? productSet, text);

describe('$filter', () => {
  it('means what it says, for any filter and any row', () => {
    fc.assert(
      fc.property(conditions, rows, (condition, row) => {
        const parsed = parse(print(condition));
        const test = predicateOf(service, service.entitySets[0] ?? productSet, parsed);
        expect(test(row)).toBe(evaluate(condition, row));
      }),
      { numRuns: 2_000 },
    );
  });

  it('binds and tighter than or, and reads spaces, truths and mirrored comparisons', () => {
    const row = toyProduct(2);
    const holds = (text: string): boolean =>
      predicateOf(service, service.entitySets[0] ?? productSet, parse(text))(row);
    expect(holds("Product eq 'x' and Pieces eq 1 or Pieces eq 2")).toBe(true);
    expect(holds("Product eq 'x' and (Pieces eq 1 or Pieces eq 2)")).toBe(false);
    expect(holds('not Pieces eq 1 and Pieces eq 2')).toBe(true);
    expect(holds('not IsMarkedForDeletion')).toBe(true);
    expect(holds('1 lt Pieces')).toBe(true);
    expect(holds("substringof('00',Product) eq true")).toBe(true);
    expect(holds("startswith( Product , 'P' )  eq  false")).toBe(false);
    expect(holds('GrossWeight eq 2.25m')).toBe(true);
    expect(holds('GrossWeight eq 2.2500D')).toBe(true);
    expect(holds("LastChangeDateTime eq datetimeoffset'2026-05-04T12:11:12.3450002+02:00'")).toBe(
      true,
    );
    expect(holds('Product ne ProductType')).toBe(true);
    expect(holds("to_Group/Name eq 'Group G2'")).toBe(false);
  });

  it.each([
    ["Product eq 'x", 'position 11'],
    ['Product eq', 'position 10'],
    ["Product eq 'x' Pieces", 'position 15'],
    ["(Product eq 'x'", 'position 15'],
    ['Product eq 1', "function 'eq'"],
    ["Pieces gt '1'", "function 'gt'"],
    ["LastChangeDateTime gt datetime'2026-05-04T00:00:00'", "function 'gt'"],
    ["CreationDate gt datetimeoffset'2026-05-04T00:00:00Z'", "function 'gt'"],
    ["CreationDate gt datetime'2026-02-30T00:00:00'", "function 'gt'"],
    ['Pieces gt 1.5.2', "function 'gt'"],
    ["Nothing eq 'x'", 'Property Nothing not found'],
    ["WeightUnit eq 'KG'", 'not filterable'],
    ["to_Description/Language eq 'EN'", 'cardinality'],
    ["to_Group/to_Group eq 'EN'", 'Property to_Group not found'],
    ["tolower(Product) eq 'x'", "Function 'tolower' is not supported"],
    ['Pieces add 1 eq 2', 'position 7'],
    ['Product eq "x"', 'position 11'],
  ])('%s is refused with its place', (text, words) => {
    expect(() => parse(text)).toThrow(words);
  });

  it('takes any text in the end, without overflow and without falling silent', () => {
    const hostile = [
      '('.repeat(60_000),
      'not '.repeat(16_000),
      `${'('.repeat(30_000)}Pieces eq 1${')'.repeat(30_000)}`,
      "'".repeat(65_535),
      'a/'.repeat(32_000),
      `Product eq '${"''".repeat(32_000)}`,
      '1'.repeat(65_000),
      `Pieces eq ${'9'.repeat(60_000)}`,
      `${'Pieces eq 1 or '.repeat(1_001)}Pieces eq 1`,
      `GrossWeight eq ${'0'.repeat(99)}.${'0'.repeat(99)}`,
      'x'.repeat(70_000),
    ];
    for (const text of hostile) {
      const run = (): void => {
        parse(text);
      };
      if (text.startsWith('GrossWeight')) run();
      else expect(run).toThrow(Error);
    }
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...("()',/ =enqotad1.-:%&\t'".split('') as string[])) }),
        (text) => {
          try {
            parse(text);
          } catch (error) {
            expect(error).toHaveProperty('status');
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

describe('values', () => {
  it('compares decimals of any length as numbers are', () => {
    const scaled = fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n });
    const text = (value: bigint): string => {
      const digits = (value < 0n ? -value : value).toString().padStart(21, '0');
      return `${value < 0n ? '-' : ''}${digits.slice(0, -20)}.${digits.slice(-20)}`;
    };
    fc.assert(
      fc.property(scaled, scaled, (left, right) => {
        expect(compareDecimals(text(left), text(right))).toBe(
          left < right ? -1 : left > right ? 1 : 0,
        );
      }),
    );
    expect(compareDecimals('-0', '0.00')).toBe(0);
    expect(compareDecimals('1.50', '1.5')).toBe(0);
  });

  it('keeps all seven digits of a second', () => {
    expect(parseInstant('2026-05-04T10:11:12.3456789Z')).toEqual({
      ms: Date.UTC(2026, 4, 4, 10, 11, 12, 345),
      ticks: 6789,
    });
    expect(parseInstant('2026-05-04T10:11:12.345Z')).toBe(Date.UTC(2026, 4, 4, 10, 11, 12, 345));
    for (const text of ['2026-13-01', '2026-02-29', '2026-05-04T24:00:00Z', 'x', ''])
      expect(parseInstant(text)).toBeUndefined();
  });
});
