/** The project of the erasure and audit tests: persons and orders sent to us, and written to a shop. */
import { type ContactFields, defineConnector } from '@headrace/sdk';
import {
  count,
  defineProject,
  entity,
  env,
  features,
  flow,
  type Stream,
  state,
  sum,
} from 'headrace';
import { z } from 'zod';
import { toyShop } from '../flow-project/toy.js';
import { person, sent, text } from '../sent-person.js';

const order: Stream<unknown> = {
  ...sent,
  name: 'order',
  description: 'An order of one line.',
  entities: ['order'],
  personal: { subject: (record) => text(record.person), paths: ['name', 'mail'] },
  personalFields: (record): ContactFields => ({
    email: String(record.mail),
    shipTo: { familyName: String(record.name) },
  }),
  map(record) {
    const orderNo = text(record.id);
    if (orderNo === null) return [];
    const fields = {
      ...{ channel: 'alpha-nl', orderNo, customerId: record.person, placedAt: record.at },
      lineCount: Number(record.lines),
    };
    return [{ entity: 'order', type: 'order', externalId: orderNo, fields }];
  },
};

const price: Stream<unknown> = {
  ...sent,
  name: 'price',
  description: 'A price.',
  entities: ['price'],
  map(record) {
    const [sku, amount] = [text(record.id), text(record.value)];
    if (sku === null || amount === null) return [];
    const list = { amount, currency: 'EUR' };
    const traits = { toy: { step: Number(record.version) } };
    const fields = { sku, channel: 'alpha-nl', currency: 'EUR', list, basis: 'gross', traits };
    return [{ entity: 'price', type: 'price', externalId: sku, fields }];
  },
};

const system = defineConnector({
  name: 'till',
  title: 'System of the erasure tests',
  config: z.strictObject({}),
  example: {},
  permissions: [],
  budget: { requestsPerSecond: 10, concurrency: 1 },
  baseUrl: () => 'http://127.0.0.1:9',
  authenticate: () => ({ headers: async () => ({}), invalidate() {} }),
  streams: () => [person, order, price],
  receive: {
    signature: { headers: ['x-signature'], encoding: 'hex', message: '{body}' },
    secrets: () => ['key'],
    bytesMax: 100_000,
    fileEndings: ['.json'],
    parse: (body) => [{ stream: 'price', bytes: body }],
  },
  check: async () => [],
});

const customer = entity('customer', ['customerId'], { identity: 'customer' });

export default defineProject({
  timeZone: 'Europe/Amsterdam',
  currency: 'EUR',
  languages: ['nl-NL'],
  brands: { alpha: ['alpha-nl'] },
  sources: {
    till: system({}),
    crm: system({}),
    web: toyShop({ url: `${env('SYSTEMS_URL')}/web/`, everyMs: 200 }),
  },
  features: [
    features(
      'buyer',
      { of: customer, from: state('order'), at: (order) => order.placedAt },
      { orders: count(['182d']), lines: sum((order) => order.lineCount, ['182d']) },
    ),
    features(
      'channel',
      {
        of: entity('channel', ['channel']),
        from: state('order'),
        at: (order) => order.placedAt,
      },
      { orders: count(['182d']) },
    ),
  ],
  flows: [
    flow('order', 'web', { write: 'live' }),
    flow('thing', 'web', { write: 'live', owns: ['price'] }),
  ],
  listen: { port: 0 },
});
