import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { canonicalJson } from './canonical-json.js';
import { checkFields } from './check-fields.js';
import { compileCheck, refused } from './compile-check.js';
import { currencyCodes, currencyDigits } from './currencies.js';
import { describeField, describeModel } from './describe-model.js';
import { entityKey, parseEntityKey } from './entity-key.js';
import { gs1CheckDigit } from './identifiers.js';
import { formatEpochDay, formatInstant } from './instant.js';
import { formatMoney } from './money.js';
import type { EntityFields, EntityName } from './registry.js';
import { entityDefinitions, entityNames } from './registry.js';
import { tombstone } from './tombstone.js';
import { units } from './units.js';

const id = fc.string({ minLength: 1, maxLength: 12 });
const language = fc.constantFrom('nl-NL', 'de-DE', 'fr', 'en-gb', 'zh-hant-tw');
const instant = fc
  .record({
    epochSeconds: fc.integer({ min: 0, max: 4_000_000_000 }),
    fractionDigits: fc.stringMatching(/^\d{0,7}$/),
  })
  .map(formatInstant);
const decimal = fc.stringMatching(/^-?\d{1,12}(\.\d{1,8})?$/);
const gs1 = (length: number) =>
  fc.stringMatching(new RegExp(`^\\d{${length - 1}}$`)).map((body) => body + gs1CheckDigit(body));

/** Valid values of each value type, not always in canonical text. */
const samples: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  text: fc.string(),
  id,
  integer: fc.integer(),
  count: fc.nat(),
  'yes/no': fc.boolean(),
  decimal,
  money: fc
    .record({
      units: fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }),
      currency: fc.constantFrom(...currencyCodes),
    })
    .map(({ units: amount, currency }) =>
      formatMoney({ amountMicros: amount * 10n ** BigInt(6 - currencyDigits(currency)), currency }),
    ),
  'unit money': fc.record({
    amount: fc
      .stringMatching(/^-?\d{1,20}(\.\d{1,6}0?)?$/)
      .map((text) => text.replace(/(\.\d{6})\d$/, '$1')),
    currency: fc.constantFrom(...currencyCodes),
  }),
  quantity: fc.record({
    value: fc.stringMatching(/^-?\d{1,20}(\.\d{1,6})?$/),
    unit: fc.constantFrom('XBX', ...units.map(({ code }) => code)),
  }),
  instant,
  date: fc.integer({ min: 0, max: 40_000 }).map(formatEpochDay),
  zone: fc.constantFrom('Europe/Amsterdam', 'UTC'),
  'time of day': fc.constantFrom('00:00', '17:30', '23:59'),
  currency: fc.constantFrom(...currencyCodes),
  country: fc.constantFrom('NL', 'DE'),
  language,
  'localized text': fc.dictionary(language, fc.string()),
  'GTIN-14': fc.constantFrom(8, 12, 13, 14).chain(gs1),
  GLN: gs1(13),
  SSCC: gs1(18),
  attributes: fc.dictionary(id, fc.oneof(fc.string(), fc.boolean(), fc.array(fc.string()))),
  JSON: fc.jsonValue({ maxDepth: 3 }),
  traits: fc.dictionary(id, fc.dictionary(id, fc.jsonValue({ maxDepth: 2 })), { maxKeys: 2 }),
};

function sampleOf(schema: z.ZodType): fc.Arbitrary<unknown> {
  if (schema instanceof z.ZodOptional) {
    return fc.option(sampleOf(schema.unwrap() as z.ZodType), { nil: undefined });
  }
  if (schema instanceof z.ZodNullable) return fc.option(sampleOf(schema.unwrap() as z.ZodType));
  if (schema instanceof z.ZodArray) {
    return fc.array(sampleOf(schema.element as z.ZodType), { maxLength: 3 });
  }
  if (schema instanceof z.ZodEnum) return fc.constantFrom(...schema.options);
  const type = z.globalRegistry.get(schema)?.type;
  const sample = samples[String(type)];
  if (sample !== undefined) return sample;
  if (schema instanceof z.ZodObject) return fieldsOf(schema);
  throw new Error(`no sample of ${schema.def.type} ${String(type)}`);
}

function fieldsOf(schema: z.ZodObject): fc.Arbitrary<Record<string, unknown>> {
  const shape: Record<string, z.ZodType> = schema.shape as Record<string, z.ZodType>;
  return fc.record(
    Object.fromEntries(Object.entries(shape).map(([name, field]) => [name, sampleOf(field)])),
  );
}

/** What sources and mappings also give: other types, other spellings, nothing. */
const odd = fc.constantFrom<unknown>(
  ...[undefined, null, '', 'x', '-', '01.50', '2026-02-30', '2026-02-28T10:00:00Z', 'EUR', true],
  ...[-1, 0.5, Number.NaN, 2 ** 60, [], ['x'], [undefined], {}, { x: 'y' }, { x: undefined }],
  ...[{ amount: '1.5', currency: 'EUR' }, { currency: 'EUR', amount: '1.50' }, { amount: '1' }],
  ...[{ value: '01', unit: 'C62' }, { 'nl-nl': 'jas' }, new Date(0), new Map([['x', 'y']])],
);

/** Fields of which some were replaced, left out or moved to the end. */
function spoiltFieldsOf(schema: z.ZodObject): fc.Arbitrary<Record<string, unknown>> {
  const names = [...Object.keys(schema.shape), 'colour', '__proto__'];
  const changes = fc.array(fc.tuple(fc.constantFrom(...names), fc.option(odd)), { maxLength: 2 });
  return fc.tuple(fieldsOf(schema), changes).map(([fields, list]) => {
    const spoilt = { ...fields };
    for (const [name, value] of list) {
      const moved = value ?? spoilt[name];
      delete spoilt[name];
      if (moved === null) continue;
      Object.defineProperty(spoilt, name, {
        ...{ value: moved, enumerable: true, writable: true, configurable: true },
      });
    }
    return spoilt;
  });
}

function namesPrototype(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.hasOwn(value, '__proto__') || Object.values(value).some(namesPrototype);
}

const keyOnly: Readonly<Record<string, unknown>> = {
  currency: 'EUR',
  date: '2026-03-01',
  capturedAt: '2026-03-01T00:00:00Z',
};

function smallest(entity: EntityName): Record<string, unknown> {
  const { schema } = entityDefinitions[entity];
  return Object.fromEntries(
    Object.entries(schema.shape)
      .filter(([, field]) => !field.safeParse(undefined).success)
      .map(([name]) => [name, keyOnly[name] ?? 'x']),
  );
}

describe.each(entityNames.map((name) => [name]))('%s', (entity) => {
  const definition = entityDefinitions[entity];

  it('takes valid fields, and takes its own output unchanged', () => {
    fc.assert(
      fc.property(fieldsOf(definition.schema), (fields) => {
        const checked = checkFields(entity, fields);
        expect(checkFields(entity, checked)).toEqual(checked);
        const key = entityKey(entity, checked);
        expect(parseEntityKey(entity, key)).toBeTypeOf('object');
        expect(JSON.parse(canonicalJson(checked))).toEqual(JSON.parse(JSON.stringify(checked)));
      }),
      { numRuns: 20 },
    );
  });

  it('is checked as its schema says, value by value, without zod', () => {
    const check = compileCheck(definition.schema);
    expect(check).not.toBeNull();
    fc.assert(
      fc.property(spoiltFieldsOf(definition.schema), (fields) => {
        const checked = check?.(fields);
        const parsed = definition.schema.safeParse(fields);
        // What is called `__proto__` zod leaves out, so it is left to zod.
        if (!namesPrototype(fields)) expect(checked !== refused).toBe(parsed.success);
        if (checked === refused) return;
        expect(parsed.success).toBe(true);
        if (parsed.success) expect(JSON.stringify(checked)).toBe(JSON.stringify(parsed.data));
      }),
      { numRuns: 60 },
    );
  });

  it('needs no more than its key, and refuses fields it does not have', () => {
    const fields = smallest(entity);
    expect(checkFields(entity, fields)).toEqual(fields);
    expect(() => checkFields(entity, { ...fields, colour: 'secret' })).toThrow(
      expect.objectContaining({
        code: 'E_FIELDS',
        context: { entity, path: 'colour', problem: 'unrecognized_keys' },
      }),
    );
  });

  it('is registered under its name, described, with traits and raw states', () => {
    expect(definition.name).toBe(entity);
    const names = Object.keys(definition.schema.shape);
    expect(names).toContain('traits');
    for (const [name, field] of Object.entries(definition.schema.shape)) {
      const described = describeField(field as z.ZodType);
      expect(described.description, name).toMatch(/\.$/);
      expect(described.type, name).not.toMatch(/^(string|object|record|union|custom|number)$/);
      if (/state$/i.test(name) && !name.startsWith('raw')) {
        expect(names).toContain(`raw${name[0]?.toUpperCase()}${name.slice(1)}`);
      }
    }
    expect(new Set(definition.keyFields).size).toBe(definition.keyFields.length);
    for (const field of definition.aggregate?.keyFields ?? []) {
      expect(definition.keyFields).toContain(field);
    }
  });
});

describe('checkFields', () => {
  it('writes canonical texts', () => {
    const checked = checkFields('price', {
      sku: 'S',
      currency: 'EUR',
      minQuantity: '010.0',
      validFrom: '2026-01-01T01:00:00.000+01:00',
      list: { amount: '19.9', currency: 'EUR' },
    });
    expect(checked).toEqual({
      sku: 'S',
      currency: 'EUR',
      minQuantity: '10',
      validFrom: '2026-01-01T00:00:00Z',
      list: { amount: '19.90', currency: 'EUR' },
    });
    const variant = checkFields('variant', {
      sku: 'S',
      gtin: '4006381333931',
      name: { 'nl-nl': 'Jas' },
    });
    expect(variant.gtin).toBe('04006381333931');
    expect(variant.name).toEqual({ 'nl-NL': 'Jas' });
  });

  it.each<[EntityName, Record<string, unknown>, string]>([
    [
      'order',
      { channel: 'c', orderNo: '1', totalNet: { amount: 12.5, currency: 'EUR' } },
      'totalNet.amount',
    ],
    [
      'order',
      { channel: 'c', orderNo: '1', totalNet: { amount: '1.005', currency: 'EUR' } },
      'totalNet.amount',
    ],
    [
      'order',
      { channel: 'c', orderNo: '1', totalNet: { amount: '1', currency: 'XTS' } },
      'totalNet.currency',
    ],
    ['order', { channel: 'c', orderNo: '1', placedAt: '1 March' }, 'placedAt'],
    ['order', { channel: 'c', orderNo: '1', state: 'gone' }, 'state'],
    ['order', { channel: 'c', orderNo: 7 }, 'orderNo'],
    ['order', { channel: 'c', orderNo: '' }, 'orderNo'],
    ['order', { channel: 'c' }, 'orderNo'],
    [
      'orderLine',
      { channel: 'c', orderNo: '1', line: '1', quantity: { value: '1', unit: 'kg' } },
      'quantity.unit',
    ],
    ['variant', { sku: 's', gtin: '4006381333932' }, 'gtin'],
    ['variant', { sku: 's', name: { nl_NL: 'x' } }, 'name.nl_NL'],
    [
      'customer',
      { customerId: 'c', consents: [{ purpose: 'mail', isGiven: 'yes' }] },
      'consents.0.isGiven',
    ],
    ['variant', { sku: 's', traits: { erp: { price: Number.NaN } } }, 'traits.erp.price'],
    ['variant', { sku: 's', traits: { erp: { at: new Date(0) } } }, 'traits.erp.at'],
  ])('%s %j is wrong at %s', (entity, fields, path) => {
    expect(() => checkFields(entity, fields)).toThrow(
      expect.objectContaining({ kind: 'record', context: expect.objectContaining({ path }) }),
    );
  });

  it('never shows a value', () => {
    const secret = 'mina@shop.example';
    try {
      checkFields('order', { channel: 'c', orderNo: '1', state: secret, placedAt: secret });
      expect.unreachable();
    } catch (error) {
      expect(JSON.stringify(error) + String(error)).not.toContain(secret);
    }
  });

  it('keeps absent and null apart', () => {
    const fields = { sku: 'S', location: 'l', onHand: null };
    expect(checkFields('stock', fields)).toEqual(fields);
    expect('committed' in checkFields('stock', fields)).toBe(false);
  });

  it('is typed by entity', () => {
    expectTypeOf<EntityFields<'order'>['orderNo']>().toEqualTypeOf<string>();
    expectTypeOf<EntityFields<'stock'>['onHand']>().toEqualTypeOf<
      { value: string; unit: string } | null | undefined
    >();
    expectTypeOf(checkFields('return', { rma: 'r' }).rma).toEqualTypeOf<string>();
  });
});

describe('describeModel', () => {
  const text = describeModel();

  it('is the same every time and names every entity and key', () => {
    expect(describeModel()).toBe(text);
    for (const name of entityNames) expect(text).toContain(`\`${name}\`. `);
    expect(text).toContain('| `orderNo` | ● | id |');
    expect(text).toContain('`variant/<sku>`');
  });

  it('every row of a table has as many cells as its head', () => {
    for (const table of text.split('\n\n').filter((block) => block.startsWith('|'))) {
      const cells = table
        .trimEnd()
        .split('\n')
        .map((row) => row.replaceAll('\\|', '').split('|').length);
      expect(new Set(cells).size).toBe(1);
    }
  });
});

describe('tombstone', () => {
  it('says when and why', () => {
    const gone = { deletedAt: '2026-03-01T09:30:00Z', reason: 'missing' };
    expect(tombstone.parse(gone)).toEqual(gone);
    expect(tombstone.safeParse({ ...gone, reason: 'tidy' }).success).toBe(false);
    expect(tombstone.safeParse({ ...gone, by: 'x' }).success).toBe(false);
  });
});
