import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from './connector.js';
import { compilePersonal, joinPersonal, splitPersonal } from './personal.js';

const order: JsonObject = {
  orderNumber: '10001',
  orderCustomer: { customerId: 'c1', email: 'mina@shop.example' },
  deliveries: [
    { id: 'd1', shippingOrderAddress: { street: 'Lane 1' } },
    { id: 'd2', shippingOrderAddress: null },
  ],
  lineItems: [{ id: 'l1' }],
  customerComment: null,
};

const split = (record: JsonObject, paths: readonly string[]) =>
  splitPersonal(record, compilePersonal(paths));

describe('splitPersonal', () => {
  it('moves personal branches aside, each in its place', () => {
    const paths = ['orderCustomer.email', 'deliveries.*.shippingOrderAddress', 'customerComment'];
    expect(split(order, paths)).toEqual({
      business: {
        orderNumber: '10001',
        orderCustomer: { customerId: 'c1' },
        deliveries: [{ id: 'd1' }, { id: 'd2' }],
        lineItems: [{ id: 'l1' }],
      },
      personal: {
        orderCustomer: { email: 'mina@shop.example' },
        deliveries: [
          { shippingOrderAddress: { street: 'Lane 1' } },
          { shippingOrderAddress: null },
        ],
        customerComment: null,
      },
    });
  });

  it('shares what it does not touch', () => {
    const { business } = split(order, ['orderCustomer']);
    expect(business.lineItems).toBe(order.lineItems);
    expect(split(order, ['nowhere.at.all'])).toEqual({ business: order, personal: null });
    expect(split(order, ['nowhere']).business).toBe(order);
    expect(split(order, []).business).toBe(order);
  });

  it.each<[string, JsonObject, readonly string[]]>([
    ['text where an object was expected', { address: 'Lane 1' }, ['address.street']],
    [
      'a list where an object was expected',
      { address: [{ street: 'Lane 1' }] },
      ['address.street'],
    ],
    ['an object where a list was expected', { items: { a: { x: 'Lane 1' } } }, ['items.*.x']],
    ['text where a list was expected', { items: 'Lane 1' }, ['items.*.x']],
    ['a list inside a list', { items: [[{ x: 'Lane 1' }]] }, ['items.*.x']],
    ['a number', { birthday: 19_800_101, at: ['Lane 1'] }, ['birthday.year', 'at.*']],
  ])('seals %s', (_, record, paths) => {
    const { business, personal } = split(record, paths);
    expect(JSON.stringify(business)).not.toMatch(/Lane|1980/);
    expect(joinPersonal(business, personal)).toEqual(record);
  });

  it('lets a short path cover a longer one, in any order', () => {
    for (const paths of [
      ['a', 'a.b'],
      ['a.b', 'a'],
      ['a.*', 'a.*.b'],
    ]) {
      expect(split({ a: [{ b: 1, c: 2 }], d: 1 }, paths)).toEqual({
        business: { d: 1 },
        personal: { a: [{ b: 1, c: 2 }] },
      });
    }
  });

  it('survives names that mean something to the language', () => {
    const record = JSON.parse('{"__proto__":{"email":"x"},"constructor":{"email":"y"},"a":1}');
    const { business, personal } = split(record, ['__proto__.email', 'constructor.email']);
    expect(JSON.stringify(business)).toBe('{"__proto__":{},"constructor":{},"a":1}');
    expect(Object.getPrototypeOf(business)).toBe(Object.prototype);
    expect(JSON.stringify(joinPersonal(business, personal))).toBe(JSON.stringify(record));
  });

  it('loses nothing and leaves nothing, for any record and paths', () => {
    const name = fc.constantFrom('a', 'b', 'c');
    const { record } = fc.letrec((tie) => ({
      record: fc.dictionary(name, tie('value'), { maxKeys: 3, noNullPrototype: true }),
      value: fc.oneof(
        { maxDepth: 4, withCrossShrink: true },
        fc.constantFrom(null, 1, 'text', true),
        tie('record'),
        fc.array(tie('value'), { maxLength: 3 }),
      ),
    }));
    const step = fc.oneof(name, fc.constant('*'));
    const path = fc
      .tuple(name, fc.array(step, { maxLength: 3 }))
      .map(([first, rest]) => [first, ...rest].join('.'));
    fc.assert(
      fc.property(record, fc.array(path, { maxLength: 4 }), (value, paths) => {
        const original = value as JsonObject;
        const before = JSON.stringify(original);
        const { business, personal } = split(original, paths);
        expect(joinPersonal(business, personal)).toEqual(original);
        expect(JSON.stringify(original)).toBe(before);
        // What was sealed once leaves nothing to seal.
        expect(split(business, paths).personal).toBeNull();
      }),
    );
  });
});
