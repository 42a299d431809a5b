/** The project of the proof and erasure tests: two systems that know the same persons, sent to us. */
import { defineConnector, moneyFromJsonNumber, notReadable } from '@headrace/sdk';
import { defineProject, type JsonObject, type Stream } from 'headrace';
import { z } from 'zod';

const text = (value: unknown) => (typeof value === 'string' ? value : null);
const common = {
  feed: 'delivery',
  everyMs: 60_000,
  versionOrder: 'integer',
  key: (record: JsonObject) => text(record.id),
  version: (record: JsonObject) => text(record.version),
  eventAt: () => null,
  read: notReadable,
} as const;

const person: Stream<unknown> = {
  ...common,
  name: 'person',
  description: 'A person who buys.',
  entities: ['customer'],
  personal: { subject: (record) => text(record.id), paths: ['name', 'mail'] },
  map: (record, { subject }) => [
    {
      entity: 'customer',
      type: 'person',
      externalId: String(record.id),
      fields: { customerId: record.id, subject, segment: record.segment },
    },
  ],
};

const price: Stream<unknown> = {
  ...common,
  name: 'price',
  description: 'A price.',
  entities: ['price'],
  map(record) {
    const [sku, currency] = [text(record.id), 'EUR'];
    if (sku === null || typeof record.value !== 'number') return [];
    const list = moneyFromJsonNumber(record.value, currency, { precision: 'unit' });
    const fields = { sku, channel: 'alpha-nl', currency, list, basis: 'gross' };
    return [{ entity: 'price', type: 'price', externalId: sku, fields }];
  },
};

const system = defineConnector({
  name: 'proof',
  title: 'System of the proof tests',
  config: z.strictObject({}),
  example: {},
  permissions: [],
  budget: { requestsPerSecond: 10, concurrency: 1 },
  baseUrl: () => 'http://127.0.0.1:9',
  authenticate: () => ({ headers: async () => ({}), invalidate() {} }),
  streams: () => [person, price],
  check: async () => [],
});

export default defineProject({
  timeZone: 'Europe/Amsterdam',
  currency: 'EUR',
  languages: ['nl-NL'],
  brands: { alpha: ['alpha-nl'] },
  sources: { shop: system({}), crm: system({}) },
  listen: { port: 0 },
});
