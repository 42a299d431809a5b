/** The project of the proof and erasure tests: two systems that know the same persons, sent to us. */
import { defineConnector, moneyFromJsonNumber } from '@headrace/sdk';
import { defineProject, type Stream } from 'headrace';
import { z } from 'zod';
import { person, sent, text } from '../sent-person.js';

const price: Stream<unknown> = {
  ...sent,
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
