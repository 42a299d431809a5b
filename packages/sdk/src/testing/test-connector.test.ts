import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { ConnectorSpec, JsonObject, Page, Stream } from '../connector/index.js';
import { defineConnector, secretField } from '../connector/index.js';
import { testConnector } from './test-connector.js';

// The suite is worth what it catches: a small connector that passes, then one fault at a time.

const config = z.strictObject({ auth: secretField().describe('Key.') });
type Config = z.output<typeof config>;

const rows: readonly JsonObject[] = [1, 2, 3].map((number) => ({
  id: `k${number}`,
  at: '2025-03-01T12:00:00Z',
  sku: `sku-${number}`,
  owner: { name: 'Mina Vermeulen' },
}));

const pageOf = (items: readonly JsonObject[], more: Partial<Page> = {}): Page => ({
  body: Buffer.from(JSON.stringify({ data: items })),
  items: ['data'],
  next: null,
  resume: { at: 1 },
  ...more,
});

const good: Stream<Config> = {
  name: 'stock',
  description: 'Stock',
  entities: ['variant'],
  feed: 'poll',
  everyMs: 15_000,
  names: { key: 'id', version: 'at' },
  key: (record) => (typeof record.id === 'string' ? record.id : null),
  version: (record) => (typeof record.at === 'string' ? record.at : null),
  versionOrder: 'text',
  eventAt: (record) => (typeof record.at === 'string' ? record.at : null),
  personal: { subject: () => 'person-1', paths: ['owner.name'] },
  map: (record) =>
    typeof record.sku === 'string' && record.sku !== ''
      ? [{ entity: 'variant', type: 'x', externalId: record.sku, fields: { sku: record.sku } }]
      : [],
  read: async (_, mode) => pageOf(mode === 'pass' ? rows : []),
  fetch: async (_, keys) => pageOf(rows.filter(({ id }) => keys.includes(id as string))),
};

type Spec = ConnectorSpec<typeof config>;

async function failures(stream: Partial<Stream<Config>>, spec: Partial<Spec> = {}) {
  const connector = defineConnector<typeof config>({
    name: 'toy',
    title: 'Toy',
    config,
    budget: { requestsPerSecond: 1, concurrency: 1 },
    baseUrl: () => 'https://toy.example',
    authenticate: () => ({ headers: async () => ({}), invalidate() {} }),
    streams: () => [{ ...good, ...stream }],
    check: async () => [{ name: 'stock', ok: true, text: 'Can be read.' }],
    ...spec,
  });
  const clock = { now: () => Date.parse('2025-03-02T00:00:00Z'), monotonicMs: () => 0 };
  const failed: string[] = [];
  for (const { name, run } of testConnector(connector({ auth: 'canary-key' }), { clock })) {
    await run().catch(() => failed.push(name));
  }
  return failed;
}

let reads = 0;
let mapped = 0;

describe('the contract suite', () => {
  it('passes a connector that keeps the contract', async () => {
    expect(await failures({})).toEqual([]);
  });

  it.each<[string, RegExp, Partial<Stream<Config>>]>([
    ['a pass without end', /a pass ends/, { read: async () => pageOf([], { next: { page: 1 } }) }],
    ['a key used twice', /a pass ends/, { key: () => 'same' }],
    ['a record without key', /a pass ends/, { key: () => null }],
    ['an empty source', /a pass ends/, { read: async () => pageOf([]) }],
    ['a wrong total', /a pass ends/, { read: async () => pageOf(rows, { total: 4 }) }],
    [
      'a cursor that is no JSON',
      /a pass ends/,
      {
        read: async () => pageOf(rows, { resume: { at: Number.NaN } }),
      },
    ],
    [
      'another answer each time',
      /two passes/,
      {
        read: async () => {
          reads += 1;
          return pageOf(rows.map((row) => ({ ...row, reads })));
        },
      },
    ],
    ['a version that is missing', /versions and times/, { version: () => null }],
    ['a time that is none', /versions and times/, { eventAt: () => 'yesterday' }],
    [
      'a mapping that is not pure',
      /total and pure/,
      {
        map: () => {
          mapped += 1;
          const sku = `sku-${mapped}`;
          return [{ entity: 'variant', type: 'x', externalId: sku, fields: { sku } }];
        },
      },
    ],
    [
      'a mapping that changes its input',
      /total and pure/,
      {
        map: (record) => {
          (record as Record<string, unknown>).seen = true;
          return [];
        },
      },
    ],
    [
      'a field the model does not know',
      /total and pure/,
      {
        map: () => [
          { entity: 'variant', type: 'x', externalId: '1', fields: { sku: '1', odd: 1 } },
        ],
      },
    ],
    [
      'an entity it did not announce',
      /total and pure/,
      {
        map: () => [{ entity: 'price', type: 'x', externalId: '1', fields: {} }],
      },
    ],
    [
      'one id for two records',
      /total and pure/,
      {
        map: () =>
          [1, 2].map(() => ({
            entity: 'variant',
            type: 'x',
            externalId: '1',
            fields: { sku: '1' },
          })),
      },
    ],
    [
      'a mapping that trusts its source',
      /missing parts/,
      {
        map: (record) => [
          {
            entity: 'variant',
            type: 'x',
            externalId: (record.sku as string).trim(),
            fields: { sku: record.sku },
          },
        ],
      },
    ],
    [
      'a name in what is mapped',
      /personal/,
      {
        personal: {
          subject: (record) => (record.owner as JsonObject).name as string,
          paths: ['owner'],
        },
        map: () => [
          {
            entity: 'variant',
            type: 'x',
            externalId: '1',
            fields: { sku: '1', name: { nl: 'Mina Vermeulen' } },
          },
        ],
      },
    ],
    [
      'changes without a place to go on',
      /changes come/,
      {
        read: async () => ({ body: Buffer.from('{"data":[]}'), items: ['data'], next: null }),
      },
    ],
    ['changes that give everything again', /changes come/, { read: async () => pageOf(rows) }],
    [
      'a point read that knows another record',
      /point read/,
      {
        fetch: async () => pageOf(rows.map((row) => ({ ...row, sku: 'other' }))),
      },
    ],
    [
      'a point read that invents keys',
      /point read/,
      {
        fetch: async (_, keys) => pageOf(keys.map((id) => ({ ...rows[0], id }))),
      },
    ],
  ])('catches %s', async (_, expected, stream) => {
    expect((await failures(stream)).join('\n')).toMatch(expected);
  });

  it.each<[string, RegExp, Partial<Spec>]>([
    [
      'a setting that is passed over',
      /unknown one/,
      {
        config: z.object({ auth: secretField().describe('Key.') }) as never,
      },
    ],
    [
      'a setting without description',
      /has a description/,
      {
        config: z.strictObject({ auth: secretField() }) as never,
      },
    ],
    [
      'a secret in an error',
      /no secret/,
      {
        context: async ({ config: { auth } }) => {
          throw new Error(`refused ${auth.reveal()}`);
        },
      },
    ],
    ['a check that says nothing', /check/, { check: async () => [] }],
    [
      'a notification that fails',
      /notify/,
      {
        notify: {
          signature: { headers: ['x'], encoding: 'hex', message: '{body}' },
          secrets: () => ['s'],
          parse: ({ body }) => JSON.parse(Buffer.from(body).toString()),
        },
      },
    ],
  ])('catches %s', async (_, expected, spec) => {
    expect((await failures({}, spec)).join('\n')).toMatch(expected);
  });
});
