import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  defineConnector,
  type FlowGroup,
  type JsonObject,
  type TargetRecord,
} from '../connector/index.js';
import { type MappingRecord, tryMapping } from './try-mapping.js';

const shop = defineConnector({
  name: 'toy-shop',
  title: 'Shop',
  config: z.strictObject({ url: z.url(), channel: z.string().default('alpha-nl') }),
  example: { url: 'http://127.0.0.1:9' },
  permissions: [],
  budget: { requestsPerSecond: 1, concurrency: 1 },
  baseUrl: ({ url }) => url,
  authenticate: () => ({ headers: async () => ({}), invalidate() {} }),
  check: async () => [],
  streams: () => [],
  sinks: [
    {
      ...{ name: 'price', title: 'Price', description: 'Prices', batchMax: 10 },
      ...{ entities: ['price'], delivery: 'idempotent', makes: 'state' },
      fields: z.strictObject({
        amount: z.string(),
        colour: z.string().optional(),
      }) as unknown as z.ZodType<JsonObject>,
      map(group: FlowGroup, { config }): TargetRecord | null {
        const record = group
          .records('price')
          .find(({ fields }) => fields.channel === config.channel);
        if (record === undefined) return null;
        const { list } = record.fields as { readonly list: { readonly amount: string } };
        return { key: String(record.fields.sku), fields: { amount: list.amount } };
      },
      read: async () => [],
      write: async () => [],
    },
  ],
});
const target = shop({ url: 'http://127.0.0.1:9' });
const price = (sku: string, fields: JsonObject = {}): MappingRecord => ({
  entity: 'price',
  fields: {
    ...{ sku, channel: 'alpha-nl', currency: 'EUR', basis: 'gross' },
    ...{ list: { amount: '9.50', currency: 'EUR' }, ...fields },
  },
});

describe('a mapping tried in a test', () => {
  it('gives what the target is to hold, from canonical records', () => {
    expect(tryMapping(target, 'price', { records: [price('A')] })).toEqual({
      ...{ key: 'A', fields: { amount: '9.50' } },
    });
    expect(
      tryMapping(target, 'price', { records: [price('A', { channel: 'beta-de' })] }),
    ).toBeNull();
  });

  it('has the rules of the flow: where, a mapping of its own, cross-reference tables', () => {
    const records = [price('A')];
    expect(tryMapping(target, 'price', { records, where: () => false })).toBeNull();
    const mapped = tryMapping(target, 'price', {
      records,
      lookups: { colours: { A: 'red' } },
      map(group, _context, ready) {
        const record = ready();
        if (record === null) return null;
        const colour = group.lookup('colours', record.key) ?? 'none';
        return { ...record, fields: { ...record.fields, colour } };
      },
    });
    expect(mapped?.fields).toEqual({ amount: '9.50', colour: 'red' });
  });

  it('fails where the platform would not write, and says why', () => {
    const records = [price('A')];
    const attempt = (map: () => unknown) => () =>
      tryMapping(target, 'price', { records, map: map as () => TargetRecord | null });
    expect(attempt(() => ({ key: 'A', fields: { amount: 9, size: 'M' } }))).toThrow(
      /what price does not take: amount: .*; size: the sink has no such field/,
    );
    expect(attempt(() => ({ fields: { amount: '9' } }))).toThrow(/there is no key/);
    expect(attempt(() => undefined)).toThrow(/there is no key/);
    const own = new Error('my own');
    expect(
      attempt(() => {
        throw own;
      }),
    ).toThrow(own);
    const table = { records, where: (group: FlowGroup) => group.lookup('colours', 'A') === 'red' };
    expect(() => tryMapping(target, 'price', table)).toThrow('no cross-reference table colours');
    expect(
      tryMapping(target, 'price', { ...table, lookups: { colours: { A: 'red' } } }),
    ).not.toBeNull();
  });

  it('takes no records the model refuses, and none of two groups', () => {
    const wrong = price('A', { currency: 'euro' });
    expect(() => tryMapping(target, 'price', { records: [wrong] })).toThrow(
      'Field currency of price',
    );
    const two = [price('A'), price('B')];
    expect(() => tryMapping(target, 'price', { records: two })).toThrow(
      'not of one group but of variant/A, variant/B',
    );
    expect(() => tryMapping(target, 'stock', { records: [] })).toThrow('it has price');
  });
});
