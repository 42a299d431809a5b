import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anchorOf, entityKey, parseEntityKey } from './entity-key.js';
import type { EntityName } from './registry.js';
import { entityDefinitions, entityNames } from './registry.js';

const part = fc.oneof(
  fc.string({ minLength: 1, unit: 'binary' }),
  fc.constantFrom('-', '%2D', '/', 'a/b', '%', '.', '..', '-/-', 'ü', ' ', '0', '%2F'),
);

describe('entityKey', () => {
  it.each<[EntityName, Record<string, unknown>, string]>([
    ['order', { channel: 'alpha-nl', orderNo: '10023' }, 'alpha-nl/10023'],
    ['orderLine', { channel: 'alpha-nl', orderNo: '10023', line: '1' }, 'alpha-nl/10023/1'],
    ['variant', { sku: 'SKU-1', brand: 'alpha' }, 'SKU-1'],
    ['variant', { sku: 'A/B 1' }, 'A%2FB%201'],
    ['variant', { sku: '-' }, '%2D'],
    ['stock', { sku: 'SKU-1', location: 'dc-nl' }, 'SKU-1/dc-nl'],
    ['price', { sku: 'S', channel: 'c', currency: 'EUR' }, 'S/c/EUR/-/-/-/-/-'],
    [
      'price',
      { sku: 'S', currency: 'EUR', customerGroup: 'b2b', minQuantity: '10', validFrom: null },
      'S/-/EUR/b2b/-/-/10/-',
    ],
    ['payment', { paymentId: 'p1' }, '-/-/p1'],
  ])('%s %j is %s', (entity, fields, key) => {
    expect(entityKey(entity, fields)).toBe(key);
  });

  it.each([undefined, null, ''])('misses a required part that is %j', (orderNo) => {
    expect(() => entityKey('order', { channel: 'alpha-nl', orderNo })).toThrow(
      expect.objectContaining({
        code: 'E_KEY_MISSING',
        context: { entity: 'order', field: 'orderNo' },
      }),
    );
  });

  it('refuses parts that have no text', () => {
    for (const sku of [{}, 1.5, true, '\ud800']) {
      expect(() => entityKey('variant', { sku })).toThrow('not a key');
    }
    expect(() => entityKey('toString' as EntityName, {})).toThrow('no such entity');
  });

  it('comes back as the parts it was made of, for every entity', () => {
    for (const entity of entityNames) {
      const { keyFields, schema } = entityDefinitions[entity];
      const shape: Record<string, { safeParse(value: unknown): { success: boolean } }> =
        schema.shape;
      const parts = keyFields.map((field) =>
        shape[field]?.safeParse(undefined).success ? fc.option(part, { nil: null }) : part,
      );
      fc.assert(
        fc.property(fc.tuple(...parts), (values) => {
          const fields = Object.fromEntries(
            keyFields.map((field, index) => [field, values[index]]),
          );
          const key = entityKey(entity, fields);
          expect(key.split('/')).toHaveLength(keyFields.length);
          expect(parseEntityKey(entity, key)).toEqual(fields);
        }),
        { numRuns: 30 },
      );
    }
  });

  it('different parts never share a key', () => {
    fc.assert(
      fc.property(fc.tuple(part, part), fc.tuple(part, part), (left, right) => {
        const key = ([sku, location]: [string, string]) => entityKey('stock', { sku, location });
        expect(key(left) === key(right)).toBe(left[0] === right[0] && left[1] === right[1]);
      }),
    );
  });
});

describe('parseEntityKey', () => {
  it.each(['a', 'a/b/c', '-/1', 'a/', '/1', 'a/%zz', 'a/%41', 'a/b c', ''])('%j is none', (key) => {
    expect(() => parseEntityKey('order', key)).toThrow(
      expect.objectContaining({ code: 'E_KEY_MALFORMED' }),
    );
  });
});

describe('anchorOf', () => {
  it.each<[EntityName, string, string]>([
    ['order', 'alpha-nl/10023', 'order/10023/alpha-nl'],
    ['orderLine', 'alpha-nl/10023/1', 'order/10023/alpha-nl'],
    ['shipment', 'alpha-nl/10023/s1', 'order/10023/alpha-nl'],
    ['shipmentLine', 'alpha-nl/10023/s1/1', 'order/10023/alpha-nl'],
    ['tracking', 'alpha-nl/10023/t1', 'order/10023/alpha-nl'],
    ['return', 'alpha-nl/10023/r1', 'order/10023/alpha-nl'],
    ['returnLine', 'alpha-nl/10023/r1/1', 'order/10023/alpha-nl'],
    ['payment', 'alpha-nl/10023/p1', 'order/10023/alpha-nl'],
    ['refund', 'alpha-nl/10023/f1', 'order/10023/alpha-nl'],
    ['payment', '-/-/p1', 'payment/-/-/p1'],
    ['payment', '-/10023/p1', 'order/10023/-'],
    ['variant', 'SKU-1', 'variant/SKU-1'],
    ['listing', 'SKU-1/alpha-nl', 'variant/SKU-1'],
    ['price', 'SKU-1/c/EUR/-/-/-/-/-', 'variant/SKU-1'],
    ['cost', 'SKU-1/-/-/-', 'variant/SKU-1'],
    ['stock', 'SKU-1/dc-nl', 'variant/SKU-1'],
    ['allocation', 'SKU-1/dc-nl/alpha-nl', 'variant/SKU-1'],
    ['supplierItem', 'sup-1/SKU-1', 'variant/SKU-1'],
    ['component', 'SET-1/SKU-1', 'variant/SET-1'],
    ['product', 'alpha/P-1', 'product/P-1/alpha'],
    ['customer', 'c-1', 'customer/c-1'],
    ['purchaseOrderLine', '4500/10', 'purchaseOrder/4500'],
    ['stockMovement', 'dc-nl/d1/1', 'stockMovement/dc-nl/d1/1'],
    ['competitorOffer', 'SKU-1/x/t', 'competitorOffer/SKU-1/x/t'],
    ['behaviourEvent', 'e1', 'behaviourEvent/e1'],
    ['outcome', 'p1/-', 'prediction/p1'],
  ])('%s %s stands under %s', (entity, key, anchor) => {
    expect(anchorOf(entity, key)).toBe(anchor);
  });
});
