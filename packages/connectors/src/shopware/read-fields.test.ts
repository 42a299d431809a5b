import { describe, expect, it } from 'vitest';
import {
  customerFields,
  includesOf,
  orderFields,
  personalPathsOf,
  type ReadFields,
  readFields,
} from './read-fields.js';

/** Names that are about a person wherever they stand. */
const tellsOfPerson = new RegExp(
  [
    ...['name$', 'mail', 'phone', 'street', 'zip', 'city', 'company', 'birthday', 'title', 'vat'],
    ...['address(line)?\\d', 'remoteaddress', 'comment', 'customernumber', 'customerid', 'hash'],
    'department',
  ].join('|'),
  'i',
);
/** Types whose names are not a person's. */
const things = new Set(['state_machine_state', 'product', 'order_line_item']);

describe.each<[string, ReadFields]>([
  ['order', orderFields],
  ['customer', customerFields],
])('%s', (_, fields) => {
  const lists = Object.entries(fields).filter(([type]) => !things.has(type));

  it('reads nothing about a person that it does not seal', () => {
    const open = lists.flatMap(([type, { business }]) =>
      business.filter((name) => tellsOfPerson.test(name)).map((name) => `${type}.${name}`),
    );
    expect(open).toEqual([]);
  });

  it('has each field in one list, and a place for each personal one', () => {
    for (const [type, { business, personal = [], at }] of lists) {
      const all = [...business, ...personal];
      expect(all, type).toEqual([...new Set(all)]);
      const isRoot = type === Object.keys(fields)[0];
      if (personal.length > 0 && !isRoot) expect(at, type).toBeDefined();
    }
  });
});

it('asks for every field of both lists and seals the personal one', () => {
  expect(includesOf(orderFields).order_address).toContain('street');
  expect(includesOf(orderFields).order_address).toContain('countryId');
  const paths = personalPathsOf(orderFields);
  expect(paths).toContain('deliveries.*.shippingOrderAddress.street');
  expect(paths).toContain('orderCustomer.customerId');
  expect(paths).toContain('customerComment');
  expect(paths.filter((path) => path.endsWith('countryId'))).toEqual([]);
});

it('never asks for what could not be needed', () => {
  const all = Object.values(readFields).flatMap((lists) =>
    lists.flatMap((fields) => Object.values(includesOf(fields)).flat()),
  );
  for (const name of ['password', 'legacyPassword', 'hash', 'deepLinkCode', 'remoteAddress']) {
    expect(all).not.toContain(name);
  }
});
