import { defineConnector, type JsonObject, type Sink } from '@headrace/sdk';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type FlowOptions, flow } from './flow-config.js';
import { prepareProject } from './load-project.js';
import { defineProject, type ProjectConfig } from './project.js';

const sink: Sink<unknown> = {
  name: 'stock',
  title: 'Stock',
  description: 'Stock of a variant.',
  entities: ['stock'],
  delivery: 'idempotent',
  makes: 'state',
  fields: z.strictObject({ quantity: z.number() }) as unknown as z.ZodType<JsonObject>,
  batchMax: 10,
  map: () => null,
  read: async () => [],
  write: async () => [],
};
const toy = (sinks: readonly Sink<unknown>[]) =>
  defineConnector({
    name: 'toy',
    title: 'Toy',
    config: z.strictObject({}),
    budget: { requestsPerSecond: 1, concurrency: 1 },
    baseUrl: () => 'http://127.0.0.1:9',
    authenticate: () => ({ headers: async () => ({}), invalidate() {} }),
    streams: () => [],
    sinks,
    check: async () => [],
  })({});

const base: ProjectConfig = {
  timeZone: 'Europe/Amsterdam',
  currency: 'EUR',
  languages: ['nl-NL'],
  sources: { shop: toy([sink]), erp: toy([]) },
};
const given = { folder: '.', variables: {}, definition: 'test' };
const prepare = (config: Partial<ProjectConfig>) =>
  prepareProject(defineProject({ ...base, ...config }), given);
const prepared = (options: FlowOptions, config: Partial<ProjectConfig> = {}) =>
  prepare({ flows: [flow('stock', 'shop', options)], ...config }).flows[0];

function problem(work: () => unknown): string {
  try {
    work();
  } catch (thrown) {
    return (thrown as Error).message;
  }
  return 'nothing was wrong';
}

describe('flows of a project', () => {
  test('only show, are limited and own everything, unless told otherwise', () => {
    expect(prepared({})).toMatchObject({
      name: 'shop.stock',
      target: 'shop',
      write: 'shadow',
      owns: null,
      limits: { rows: 1000, approval: 1000, change: 0.5, share: 0.2 },
    });
    expect(prepared({ write: 'live', limits: { rows: 50, change: 'off' } })).toMatchObject({
      write: 'live',
      limits: { rows: 50, approval: 50, change: null, share: 0.2 },
    });
  });

  test('a project that never writes wins over its flows', () => {
    expect(prepared({ write: 'live' }, { write: 'never' })?.write).toBe('shadow');
  });

  test('a function alone is its mapping', () => {
    const map = () => null;
    expect(prepare({ flows: [flow('stock', 'shop', map)] }).flows[0]?.map).toBe(map);
  });

  test('a change of what is written changes the definitions, and with them the fold', () => {
    const definitions = [{}, { write: 'live' }, { owns: ['quantity'] }, { map: () => null }].map(
      (options) =>
        JSON.stringify(
          prepare({ flows: [flow('stock', 'shop', options as FlowOptions)] }).definitions,
        ),
    );
    expect(new Set(definitions).size).toBe(definitions.length);
  });

  test.each([
    [{ flows: [flow('stock', 'web')] }, 'flows.0: there is no source web; there are shop, erp'],
    [{ flows: [flow('price', 'shop')] }, 'shop (toy) has no sink price; there are stock'],
    [{ flows: [flow('stock', 'erp')] }, 'has no sink stock; nothing can be written to it'],
    [
      { flows: [flow('stock', 'shop', { owns: ['amount'] })] },
      'flows.0.owns: stock has no field amount; there are quantity',
    ],
    [{ flows: [flow('stock', 'shop'), flow('stock', 'shop')] }, 'two are named shop.stock'],
    [{ flows: [flow('stock', 'shop', { write: 'on' } as never)] }, 'write shadow or live'],
    [{ flows: [flow('stock', 'shop', { limit: {} } as never)] }, 'Did you mean limits?'],
    [{ flows: [flow('stock', 'shop', { limits: { row: 1 } } as never)] }, 'Did you mean rows?'],
    [{ flows: ['stock'] as never }, 'flows.0'],
  ] satisfies [Partial<ProjectConfig>, string][])('%j is refused with words', (config, text) => {
    expect(problem(() => prepare(config))).toContain(text);
  });
});
