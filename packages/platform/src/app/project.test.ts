import { example } from '@headrace/connectors';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { commerceFeatures } from '../features/index.js';
import { prepareProject } from './load-project.js';
import { defineProject, type ProjectConfig } from './project.js';
import { remap } from './remap.js';

const source = example({ url: 'https://prices.example', key: 'k', channels: { '7': 'web' } });
const base: ProjectConfig = {
  timeZone: 'Europe/Amsterdam',
  currency: 'EUR',
  languages: ['nl-NL'],
  sources: { prices: source },
};
const given = { folder: '.', variables: {}, definition: 'test' };
const prepare = (config: ProjectConfig) => prepareProject(defineProject(config), given);

function problem(work: () => unknown): string {
  try {
    work();
  } catch (thrown) {
    return (thrown as Error).message;
  }
  return 'nothing was wrong';
}

describe('a project', () => {
  test('predicts only from views it lists, and keeps the name of what is decided for itself', () => {
    const predict = { demand: { horizonDays: 30, purchase: { location: 'dc' } } };
    const without = problem(() => defineProject({ ...base, predict }));
    expect(without).toContain('predict.demand: needs the view demand with a series daily');
    expect(without).toContain('predict.demand.purchase: needs the view on_order');
    const features = commerceFeatures({ currency: 'EUR' });
    expect(defineProject({ ...base, predict, features }).predict).toEqual(predict);
    const long = problem(() =>
      defineProject({ ...base, predict: { demand: { horizonDays: 400 } } }),
    );
    expect(long).toContain('predict.demand.horizonDays');
    const taken = problem(() => defineProject({ ...base, sources: { headrace: source } }));
    expect(taken).toContain('headrace is the name of what is decided here');
  });

  test('has defaults for what may be left out', () => {
    const project = defineProject(base);
    expect(project).toMatchObject({ tenant: 'main', brands: {}, leading: {}, streams: {} });
    expect(project.listen).toEqual({ host: '127.0.0.1', port: 4800 });
    expect(Object.isFrozen(project)).toBe(true);
  });

  test('a wrong key is a type error and is answered with the right one', () => {
    // @ts-expect-error curency is no key of a project
    const wrong = problem(() => defineProject({ ...base, curency: 'EUR' }));
    expect(wrong).toContain('there is no key curency. Did you mean currency?');
    expect(wrong).toContain('Allowed: tenant, timeZone, currency,');
    // @ts-expect-error every is a key, evry is none
    const inner = problem(() => defineProject({ ...base, streams: { 'a/b': { evry: '1s' } } }));
    expect(inner).toContain('streams.a/b: there is no key evry. Did you mean every?');
  });

  test.each([
    [{ timeZone: 'Mars' }, 'timeZone: use an IANA zone'],
    [{ currency: 'EURO' }, 'currency: use a code of ISO 4217'],
    [{ languages: [] }, 'languages: name at least one'],
    [{ write: 'live' }, 'write: write shadow or never'],
    [{ brands: { a: ['x'], b: ['x'] } }, 'brands: channel x is in a and b'],
    [
      { leading: { product: ['erp'] } },
      'leading.product: there is no source erp; there are prices',
    ],
    [
      { links: [{ entity: 'customer', by: 'order', from: 'prices', to: 'erp' }] },
      'links.0: there is no source erp; there are prices',
    ],
    [{ leading: { wish: ['prices'] } }, 'leading.wish: there is no entity wish'],
    [{ sources: { prices: {} } }, 'sources.prices: call a connector here'],
    [{ streams: { 'prices/price': { every: 'soon' } } }, 'streams.prices/price.every: write a dur'],
    [{ timeZone: undefined }, 'timeZone: missing; give a string'],
  ])('%j is refused with what would be right', (wrong, expected) => {
    expect(problem(() => defineProject({ ...base, ...wrong } as never))).toContain(expected);
  });

  test('the editor knows what a project takes', () => {
    expectTypeOf(defineProject).parameter(0).toHaveProperty('sources');
    expectTypeOf<ProjectConfig['write']>().toEqualTypeOf<'shadow' | 'never' | undefined>();
  });
});

describe('a prepared project', () => {
  test('hands each source its parsed settings and exceptions', () => {
    const { sources, definitions } = prepare({
      ...base,
      streams: { 'prices/price': { every: '5s', passEvery: 'off', off: true } },
    });
    expect(sources[0]).toMatchObject({
      name: 'prices',
      everyMs: { price: 5000 },
      passEveryMs: { price: 0 },
      without: ['price'],
    });
    expect(definitions).toMatchObject({ tenant: 'main', project: 'test' });
  });

  test('wrong settings of a connector are told under their source', () => {
    const wrong = example({ url: 'no address', kee: 'k', channels: {} } as never);
    const text = problem(() => prepare({ ...base, sources: { prices: wrong } }));
    expect(text).toContain('sources.prices.url: Invalid URL');
    expect(text).toContain('sources.prices: there is no key kee. Did you mean key?');
  });

  test('an exception for a stream that is not there is refused', () => {
    const text = problem(() => prepare({ ...base, streams: { 'prices/cost': { off: true } } }));
    expect(text).toContain('there is no stream prices/cost; there are prices/price');
  });
});

describe('remap', () => {
  const record = { id: '1', sku: 's', shop: '7', amount: 2, currency: 'EUR' };
  const contextOf = (config: unknown) => ({ config: config as never, source: {}, subject: null });

  test('has the last word on the mapping', () => {
    const changed = remap(source, {
      price: (mapped) =>
        mapped.map((one) => ({ ...one, fields: { ...one.fields, sku: 'changed' } })),
    });
    const [prepared] = prepare({ ...base, sources: { prices: changed } }).sources;
    const [stream] = prepared?.spec.streams(prepared.config as never) ?? [];
    const [mapped] = stream?.map(record, contextOf(prepared?.config)) ?? [];
    expect(mapped).toMatchObject({ entity: 'price', fields: { sku: 'changed', channel: 'web' } });
  });

  test('names a stream it does not know', () => {
    const changed = remap(source, { prise: (mapped) => mapped });
    expect(problem(() => prepare({ ...base, sources: { prices: changed } }))).toContain(
      'example has no stream prise to remap',
    );
  });
});
