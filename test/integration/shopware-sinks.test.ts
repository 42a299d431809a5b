import { shopware } from '@headrace/connectors';
import { startEmulators } from '@headrace/emulators';
import type { JsonObject, TargetRecord } from '@headrace/sdk';
import { createTestContext, differingFields, flowGroup, testSink } from '@headrace/sdk/testing';
import { afterAll, describe, expect, it } from 'vitest';
import {
  calledActions,
  writtenFields,
} from '../../packages/connectors/dist/shopware/sinks/write-fields.js';
import { startPictures } from './support/pictures.js';

const emulators = await startEmulators({
  ...{ seed: 11, scale: 0.02, days: 30, customers: 200, orderLines: 600, integration: 'none' },
  hasReturns: true,
});
const { shopware: shop, clock, control } = emulators;
const pictures = await startPictures();
afterAll(async () => {
  await pictures.close();
  await emulators.close();
});

/** Everything the sinks write, by entity, and the actions they call. */
const sent = { fields: new Map<string, Set<string>>(), actions: new Set<string>() };
const watched: typeof fetch = (input, init) => {
  const url = new URL(String(input instanceof Request ? input.url : input));
  if (url.pathname.startsWith('/api/_action/')) noteAction(url, String(init?.body ?? ''));
  return fetch(input, init);
};

function noteAction({ pathname, searchParams }: URL, body: string): void {
  const path = pathname
    .replace('/api', '')
    .replace(/(?<=\/media\/)\w+/, '{mediaId}')
    .replace(/\/(order|order_delivery)\/\w+\/state\/\w+/, (_, machine: string) => {
      const id = machine === 'order' ? '{orderId}' : '{orderDeliveryId}';
      return `/${machine}/${id}/state/{transition}`;
    });
  const json = JSON.parse(body) as unknown;
  const named = Object.keys(Array.isArray(json) ? (json[0] ?? {}) : (json as object)).sort();
  sent.actions.add(JSON.stringify([path, [...searchParams.keys()].sort(), named]));
  if (path !== '/_action/sync') return;
  for (const { entity, payload } of json as { entity: string; payload: JsonObject[] }[]) {
    const paths = sent.fields.get(entity) ?? new Set();
    sent.fields.set(entity, paths);
    for (const row of payload) for (const one of pathsIn(row)) paths.add(one);
  }
}

/** Names down to values, those of list members under the list's own. */
function pathsIn(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((one) => pathsIn(one, path));
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([name, inner]) =>
    pathsIn(inner, path === '' ? name : `${path}.${name}`),
  );
}

const time = { now: () => clock.now(), monotonicMs: () => performance.now() };
const auth = `${shop.clientId}:${shop.clientSecret}`;
const plain = createTestContext(shopware({ url: shop.url, auth }), { clock: time });

async function find(entity: string, criteria: object = {}): Promise<readonly JsonObject[]> {
  const { body } = await plain.http.request({
    method: 'POST',
    path: `/api/search/${entity}`,
    headers: { accept: 'application/json' },
    json: { limit: 20, ...criteria },
  });
  return (JSON.parse(Buffer.from(body).toString()) as { data: JsonObject[] }).data;
}

async function command(body: object): Promise<{ readonly key: string }> {
  const answer = await fetch(`${control.url}/commands`, {
    method: 'POST',
    body: JSON.stringify(body),
  });
  return (await answer.json()) as { key: string };
}

const loseAnswer = async () => {
  await fetch(`${control.url}/faults`, {
    method: 'POST',
    body: JSON.stringify({
      kind: 'timeout-after-apply',
      scope: '/api/_action',
      times: 1,
      holdMs: 50,
    }),
  });
};

const channels = await find('sales-channel');
const [root] = await find('category', {
  filter: [{ type: 'equals', field: 'parentId', value: null }],
});
const [rule] = await find('rule');
const target = shopware({
  url: shop.url,
  auth,
  salesChannels: Object.fromEntries(channels.map(({ id, shortName }) => [id, shortName])),
  brandOf: { 'alpha-nl': 'alpha', 'alpha-b2b': 'alpha', 'beta-de': 'beta', marketplace: 'beta' },
  customFields: { product: { 'traits.pim.fit': 'custom_fit' } },
  write: {
    price: {
      channels: ['alpha-nl', 'beta-de', 'marketplace'],
      advanced: { [String(rule?.id)]: 'alpha-b2b' },
    },
    product: {
      ...{ options: { colour: 'Kleur', size: 'Maat' }, properties: { fit: 'Pasvorm' } },
      ...{ hasOwnCategories: true, categoryRoot: String(root?.id) },
    },
  },
});
const sold = (
  await find('product', {
    limit: 200,
    filter: [{ type: 'range', field: 'childCount', parameters: { lte: 0 } }],
  })
).filter(({ parentId }) => parentId !== null);
const numbers = sold.map(({ productNumber }) => String(productNumber));
/** The shop gives ten tokens a minute, so one context has to do. */
const context = createTestContext(target, { clock: time, fetch: watched });
const source = (await shopware.spec.context?.(context)) ?? {};
let round = 0;
const pieces = (value: number) => ({ value: String(value), unit: 'C62' });
const money = (value: string) => ({ amount: value, currency: 'EUR' });

describe('the stock sink', () => {
  const wanted = async (): Promise<TargetRecord[]> => {
    round += 1;
    return numbers.slice(0, 3).map((key, at) => ({ key, fields: { stock: 40 + round * 10 + at } }));
  };
  const cases = testSink(target, 'stock', {
    ...{ clock: time, fetch: watched, wanted, loseAnswer },
    absent: { key: 'NO-SUCH', fields: { stock: 1 } },
    refused: { key: 'NO-SUCH', fields: { stock: 1 } },
    groups: [
      {
        key: 'A',
        records: [
          { entity: 'stock', key: 'A|x', fields: { sku: 'A', location: 'x', onHand: pieces(3) } },
          {
            entity: 'stock',
            key: 'A|y',
            fields: { sku: 'A', location: 'y', onHand: pieces(9), damaged: pieces(2) },
          },
        ],
      },
    ],
  });
  for (const { name, run } of cases) it(name, run);

  it('never offers again what the shop has sold and not shipped', async () => {
    const sink = shopware.spec.sinks?.find(({ name }) => name === 'stock');
    const key = numbers[5] as string;
    const product = async () =>
      (
        await find('product', { filter: [{ type: 'equals', field: 'productNumber', value: key }] })
      )[0];
    const before = Number((await product())?.availableStock);
    const record = { key, fields: { stock: before + 20 } };
    const item = {
      ...record,
      idempotencyKey: 'x',
      wanted: record.fields,
      before: null,
      personal: null,
    };
    const [state] = (await sink?.read(context, [record])) ?? [];
    const open = Number(state?.fields.stock) - before;
    await sink?.write(context, [item]);
    expect((await product())?.stock).toBe(before + 20 - open);
    await command({ kind: 'place-order', channel: 'alpha-nl', lines: [{ sku: key, quantity: 4 }] });
    expect((await product())?.stock).toBe(before + 16 - open);
    const [after] = (await sink?.read(context, [record])) ?? [];
    expect(after?.fields.stock).toBe(before + 20);
  });
});

describe('the price sink', () => {
  const wanted = async (): Promise<TargetRecord[]> => {
    round += 1;
    return numbers.slice(0, 3).map((key, at) => ({
      key,
      fields: {
        price: {
          EUR: { basis: 'gross', amount: `${20 + round}.${90 + at}`, list: null },
          GBP: { basis: 'gross', amount: `${19 + round}.5`, list: `${25 + round}` },
        },
        advanced: {
          [String(rule?.id)]: {
            '1': { EUR: { basis: 'net', amount: `${12 + round}.1`, list: null } },
            '10': { EUR: { basis: 'net', amount: `${11 + round}`, list: null } },
          },
        },
      },
    }));
  };
  const cases = testSink(target, 'price', {
    ...{ clock: time, fetch: watched, wanted, loseAnswer },
    absent: {
      key: 'NO-SUCH',
      fields: { price: { EUR: { basis: 'gross', amount: '1', list: null } } },
    },
    refused: {
      key: numbers[9] as string,
      fields: { price: { CHF: { basis: 'gross', amount: '1', list: null } } },
    },
    groups: [
      {
        key: 'A',
        records: [
          {
            entity: 'price',
            key: 'A|alpha-nl',
            fields: {
              sku: 'A',
              channel: 'alpha-nl',
              currency: 'EUR',
              list: money('25.00'),
              sale: money('19.95'),
              basis: 'gross',
            },
          },
          {
            entity: 'price',
            key: 'A|alpha-b2b',
            fields: {
              sku: 'A',
              channel: 'alpha-b2b',
              currency: 'EUR',
              minQuantity: '10',
              list: money('12.00'),
              basis: 'net',
            },
          },
        ],
      },
    ],
  });
  for (const { name, run } of cases) it(name, run);
});

const parents = (
  await find('product', { limit: 50, filter: [{ type: 'equals', field: 'parentId', value: null }] })
).map(({ productNumber }) => String(productNumber));
const count = async () => emulators.world.catalogue.products.length;

describe('the product sink', () => {
  const wanted = async (): Promise<TargetRecord[]> => {
    round += 1;
    return parents.slice(0, 3).map((key) => ({
      key,
      fields: {
        name: { 'nl-NL': `Naam ${round}`, 'de-DE': `Name ${round}` },
        description: { 'nl-NL': `Tekst ${round}` },
        active: round % 2 === 0,
        manufacturer: `Maker ${round}`,
        properties: { Pasvorm: [`Pas ${round}`], 'Een nieuwe groep': [`Keus ${round}`] },
        customFields: { custom_fit: `fit ${round}` },
      },
    }));
  };
  const cases = testSink(target, 'product', {
    ...{ clock: time, fetch: watched, wanted, loseAnswer, count },
    absent: { key: 'NO-SUCH', fields: { name: { 'nl-NL': 'Niets' } } },
    refused: { key: 'NO-NAME', fields: { name: { 'de-DE': 'Kein Name' } } },
    groups: [
      {
        key: 'P',
        records: [
          {
            entity: 'product',
            key: 'alpha|P',
            fields: {
              ...{ brand: 'alpha', productId: 'P', state: 'active', manufacturer: 'Maker' },
              name: { 'nl-NL': 'Jas', 'de-DE': 'Jacke' },
              fit: 'Wijd',
              traits: { pim: { fit: 'wide' } },
            },
          },
        ],
      },
    ],
  });
  for (const { name, run } of cases) it(name, run);

  it('makes a product with its variants, hidden until one of them has a price', async () => {
    const deliver = async (name: string, fields: JsonObject, entity: 'product' | 'variant') => {
      const sink = shopware.spec.sinks?.find((each) => each.name === name);
      const records = [{ entity, key: 'x', fields }];
      const record = sink?.map(flowGroup({ key: 'x', records }), {
        config: context.config,
        source,
        subject: null,
      });
      if (record === undefined || record === null) throw new Error('not mapped');
      const [before] = (await sink?.read(context, [record])) ?? [];
      const item = {
        ...record,
        idempotencyKey: name,
        wanted: record.fields,
        before: before ?? null,
        personal: null,
      };
      return (await sink?.write(context, [item]))?.[0];
    };
    const variant = {
      sku: 'NEW-P.1',
      productId: 'NEW-P',
      state: 'active',
      options: { colour: { 'nl-NL': 'Paars' }, size: 'XXL' },
    };
    expect(await deliver('variant', variant, 'variant')).toMatchObject({
      kind: 'refused',
      error: 'transient',
    });
    const product = {
      brand: 'beta',
      productId: 'NEW-P',
      state: 'active',
      name: { 'nl-NL': 'Nieuw' },
    };
    expect(await deliver('product', product, 'product')).toMatchObject({
      kind: 'refused',
      error: 'transient',
      message: expect.stringContaining('hidden until'),
    });
    expect(await deliver('variant', variant, 'variant')).toMatchObject({ kind: 'written' });
    const price = shopware.spec.sinks?.find(({ name }) => name === 'price');
    const fields = { price: { EUR: { basis: 'gross', amount: '49.95', list: null } } };
    await price?.write(context, [
      { key: 'NEW-P.1', idempotencyKey: 'p', fields, wanted: fields, before: null, personal: null },
    ]);
    expect(await deliver('product', product, 'product')).toMatchObject({ kind: 'written' });
    const [made] = await find('product', {
      filter: [{ type: 'equals', field: 'productNumber', value: 'NEW-P' }],
      associations: { visibilities: {}, configuratorSettings: { associations: { option: {} } } },
    });
    expect(made).toMatchObject({ active: true, name: 'Nieuw', childCount: 1 });
    const settings = (made?.configuratorSettings ?? []) as readonly JsonObject[];
    expect(settings.map(({ option }) => (option as JsonObject).name).sort()).toEqual([
      'Paars',
      'XXL',
    ]);
    const shown = ((made?.visibilities ?? []) as readonly JsonObject[]).map(
      ({ salesChannelId }) => channels.find(({ id }) => id === salesChannelId)?.shortName,
    );
    expect(shown.sort()).toEqual(['beta-de', 'marketplace']);
  });
});

describe('the variant sink', () => {
  const known = sold.slice(0, 3);
  const wanted = async (): Promise<TargetRecord[]> => {
    round += 1;
    return Promise.all(
      known.map(async ({ productNumber, parentId }, at) => {
        const [parent] = await find('product', { ids: [parentId] });
        return {
          key: String(productNumber),
          fields: {
            product: String(parent?.productNumber),
            options: { Kleur: `Kleur ${round}.${at}` },
            gtin: `87100110${String(10000 + round).slice(-4)}${at}`,
            weightKilograms: `${round}.25`,
            manufacturerNumber: `M-${round}`,
            active: round % 2 === 0,
          },
        };
      }),
    );
  };
  const cases = testSink(target, 'variant', {
    ...{ clock: time, fetch: watched, wanted, loseAnswer, count },
    absent: { key: 'NO-SUCH', fields: { product: parents[0] as string } },
    refused: { key: 'ORPHAN', fields: { product: 'NO-SUCH-PARENT' } },
    groups: [
      {
        key: 'A.1',
        records: [
          {
            entity: 'variant',
            key: 'A.1',
            fields: {
              sku: 'A.1',
              productId: 'A',
              gtin: '08710011000594',
              state: 'active',
              options: { size: 'M' },
            },
          },
        ],
      },
    ],
  });
  for (const { name, run } of cases) it(name, run);
});

describe('the tracking sink', () => {
  const openOrder = async () => {
    const { key } = await command({ kind: 'place-order', channel: 'alpha-nl' });
    await command({
      kind: 'pay-order',
      key,
      channel: key.split('/')[0],
      orderNo: key.split('/')[1],
    });
    return key;
  };
  const wanted = async (): Promise<TargetRecord[]> => {
    const keys = [await openOrder(), await openOrder()];
    return keys.map((key) => ({
      key,
      fields: { trackingCodes: ['3S1', '3S2'], delivery: 'shipped', order: 'completed' },
    }));
  };
  const cases = testSink(target, 'tracking', {
    ...{ clock: time, fetch: watched, wanted },
    absent: { key: 'alpha-nl/0', fields: { delivery: 'shipped' } },
    refused: { key: 'alpha-nl/0', fields: { delivery: 'shipped' } },
    groups: [
      {
        key: 'alpha-nl/1',
        records: [
          {
            entity: 'shipment',
            key: 'alpha-nl|1|80',
            fields: {
              channel: 'alpha-nl',
              orderNo: '1',
              shipmentNo: '80',
              state: 'handed-over',
              trackingNos: ['3S9'],
            },
          },
        ],
      },
    ],
  });
  for (const { name, run } of cases) it(name, run);
});

describe('the return sink', () => {
  const wanted = async (): Promise<TargetRecord[]> => {
    round += 1;
    const sku = numbers[7 + (round % 5)] as string;
    await command({ kind: 'set-stock', sku, stock: 50 });
    const { key } = await command({
      kind: 'place-order',
      channel: 'alpha-nl',
      lines: [{ sku, quantity: 3 }],
    });
    return [
      {
        key: `${key}/6000${round}`,
        fields: {
          order: key,
          lines: [{ sku, quantity: 2, reason: 'too-small' }],
          requestedAt: '2026-05-04T10:00:00Z',
        },
      },
    ];
  };
  const cases = testSink(target, 'return', {
    ...{
      clock: time,
      fetch: watched,
      wanted,
      loseAnswer,
      count: async () => emulators.shop.written.headers.length,
    },
    absent: {
      key: 'alpha-nl/0/1',
      fields: { order: 'alpha-nl/0', lines: [{ sku: 'x', quantity: 1, reason: null }] },
    },
    refused: {
      key: 'alpha-nl/0/1',
      fields: { order: 'alpha-nl/0', lines: [{ sku: 'x', quantity: 1, reason: null }] },
    },
    groups: [
      {
        key: 'alpha-nl/1/60',
        records: [
          {
            entity: 'return',
            key: 'r',
            fields: { channel: 'alpha-nl', orderNo: '1', rma: '60', state: 'received' },
          },
          {
            entity: 'returnLine',
            key: 'l',
            fields: {
              channel: 'alpha-nl',
              orderNo: '1',
              rma: '60',
              line: '10',
              sku: 'A',
              quantity: pieces(2),
              reason: 'damaged',
            },
          },
        ],
      },
    ],
  });
  for (const { name, run } of cases) it(name, run);
});

const sinkNamed = (name: string) => {
  const sink = shopware.spec.sinks?.find((each) => each.name === name);
  if (sink === undefined) throw new Error(`no sink ${name}`);
  return sink;
};

describe('the category sink', () => {
  const sink = sinkNamed('category');
  const mapped = async (fields: JsonObject): Promise<TargetRecord> => {
    const records = [{ entity: 'category' as const, key: 'x', fields }];
    const scope = { config: context.config, source, subject: null };
    const record = sink.map(flowGroup({ key: 'x', records }), scope);
    if (record === null) throw new Error('not mapped');
    return record;
  };
  const named = (categoryId: string, parentId: string | null) => ({
    ...{ categoryId, parentId, isActive: round % 2 === 0 },
    name: { 'nl-NL': `Groep ${categoryId} ${round}`, 'de-DE': `Gruppe ${categoryId} ${round}` },
  });
  // What is below comes first, and moves from one to another.
  const wanted = async () => {
    round += 1;
    return Promise.all([
      mapped(named('T.1.1', round % 2 === 0 ? 'T.1' : 'T')),
      mapped(named('T.1', 'T')),
      mapped(named('T', null)),
    ]);
  };
  const cases = testSink(target, 'category', {
    ...{ clock: time, http: context.http, wanted, loseAnswer },
    count: async () => emulators.world.catalogue.categories.length,
    absent: { key: 'NO-SUCH', fields: { name: { 'nl-NL': 'Niets' } } },
    refused: { key: 'ORPHAN', fields: { name: { 'nl-NL': 'Wees' }, parentId: 'f'.repeat(32) } },
    groups: [
      {
        key: 'T',
        records: [{ entity: 'category', key: 'T', fields: named('T', null) }],
      },
    ],
  });
  for (const { name, run } of cases) it(name, run);

  it('makes a tree that products stand in, under the names of both languages', async () => {
    await sink.write(context, await itemsFor(sink, await wanted()));
    const product = await mapProduct({ categoryIds: ['T.1.1'] });
    await sinkNamed('product').write(context, await itemsFor(sinkNamed('product'), [product]));
    const [row] = await find('product', {
      filter: [{ type: 'equals', field: 'productNumber', value: product.key }],
      associations: { categories: {} },
    });
    const [category] = (row?.categories ?? []) as readonly JsonObject[];
    expect(category).toMatchObject({
      name: `Groep T.1.1 ${round}`,
      breadcrumb: expect.arrayContaining([`Groep T ${round}`, `Groep T.1.1 ${round}`]),
    });
    expect(String(category?.path).startsWith(`|${String(root?.id)}|`)).toBe(true);
  });

  it('waits for the one above, and leaves what is not told alone', async () => {
    const late = await mapped(named('U.1', 'U'));
    const [waiting] = await sink.write(context, await itemsFor(sink, [late]));
    expect(waiting).toMatchObject({ kind: 'refused', error: 'transient' });
    const both = [late, await mapped(named('U', null))];
    const written = await sink.write(context, await itemsFor(sink, both));
    expect(written.map(({ kind }) => kind)).toEqual(['written', 'written']);
    const unplaced = await mapped({ categoryId: 'V', name: { 'nl-NL': 'Los' } });
    expect(await sink.write(context, await itemsFor(sink, [unplaced]))).toMatchObject([
      { kind: 'refused', error: 'record', message: 'Nothing says where V stands in the tree.' },
    ]);
    const foreign = await mapped({ categoryId: 'W', parentId: null, name: { 'de-DE': 'Nur' } });
    expect(await sink.write(context, await itemsFor(sink, [foreign]))).toMatchObject([
      { kind: 'refused', message: expect.stringContaining('no name in nl-NL') },
    ]);
    expect((await itemsFor(sink, [await mapped({ categoryId: 'U' })]))[0]?.fields).toEqual({});
  });
});

async function mapProduct(fields: JsonObject): Promise<TargetRecord> {
  const whole = { brand: 'alpha', productId: parents[4] as string, ...fields };
  const records = [{ entity: 'product' as const, key: 'x', fields: whole }];
  const scope = { config: context.config, source, subject: null };
  const sink = sinkNamed(fields['media'] === undefined ? 'product' : 'media');
  const record = sink.map(flowGroup({ key: 'x', records }), scope);
  if (record === null) throw new Error('not mapped');
  return record;
}

/** What differs, as the platform would write it. */
async function itemsFor(sink: ReturnType<typeof sinkNamed>, wanted: readonly TargetRecord[]) {
  const states = new Map((await sink.read(context, wanted)).map((state) => [state.key, state]));
  return wanted.map((record) => {
    const before = states.get(record.key);
    const due = differingFields(record, before).map((name) => [name, record.fields[name] ?? null]);
    return {
      ...{ key: record.key, idempotencyKey: 'x', wanted: record.fields, personal: null },
      ...{ fields: Object.fromEntries(due) as JsonObject, before: before ?? null },
    };
  });
}

describe('the media sink', () => {
  const sink = sinkNamed('media');
  const at = (name: string) => `${pictures.url}/${name}`;
  const shownBy = async (number: string) => {
    const [row] = await find('product', {
      filter: [{ type: 'equals', field: 'productNumber', value: number }],
      associations: {
        cover: { associations: { media: {} } },
        media: { associations: { media: {} } },
      },
    });
    return row as {
      coverId: string;
      media: { id: string; position: number; media: { fileName: string; hasFile: boolean } }[];
    };
  };
  let newest: TargetRecord | null = null;
  const wanted = async (): Promise<TargetRecord[]> => {
    round += 1;
    const records = parents.slice(0, 3).map((key, index) => {
      const names = [at(`${key}-${round}.png`), at(`${key}.png`), at(`shared ${index}.jpg`)];
      const listed = round % 2 === 0 ? names : names.reverse();
      return { key, fields: { pictures: listed, cover: listed[0] as string } };
    });
    newest = records[0] ?? null;
    return records;
  };
  /** Of the last call, once the shop has the files. */
  const loseLast = async () => {
    if (newest === null) throw new Error('nothing was wanted');
    const elsewhere = { ...newest, key: parents[6] as string };
    await sink.write(context, await itemsFor(sink, [elsewhere]));
    await loseAnswer();
  };
  const cases = testSink(target, 'media', {
    ...{ clock: time, http: context.http, wanted, loseAnswer: loseLast },
    absent: { key: 'NO-SUCH', fields: { pictures: [at('a.png')] } },
    refused: { key: parents[5] as string, fields: { pictures: [at('missing.png')] } },
    groups: [
      {
        key: 'P',
        records: [
          {
            entity: 'product',
            key: 'alpha|P',
            fields: {
              ...{ brand: 'alpha', productId: 'P' },
              media: [
                { url: 'https://files.example/b.jpg', kind: 'image', position: 1 },
                { url: 'https://files.example/a.jpg', kind: 'image', position: 0 },
                { url: 'https://files.example/a.pdf', kind: 'document', position: 2 },
              ],
            },
          },
        ],
      },
    ],
  });
  for (const { name, run } of cases) it(name, run);

  it('shows pictures in their order beside those of others, and keeps files that are taken away', async () => {
    const number = parents[4] as string;
    const others = (await shownBy(number)).media.length;
    const told = (...names: string[]) =>
      mapProduct({
        media: names.map((name, position) => ({ url: at(name), kind: 'image', position })),
      });
    const deliver = async (record: TargetRecord) =>
      sink.write(context, await itemsFor(sink, [record]));
    expect(await deliver(await told('one.png', 'two.png'))).toMatchObject([{ kind: 'written' }]);
    const files = pictures.served.length;
    expect(await deliver(await told('two.png', 'one.png', 'three.webp'))).toMatchObject([
      { kind: 'written' },
    ]);
    expect(pictures.served.slice(files), 'only what is new is fetched').toEqual(['/three.webp']);
    const row = await shownBy(number);
    const ours = row.media.filter(({ media }) => /^(one|two|three)-/.test(media.fileName));
    const order = ours.toSorted((a, b) => a.position - b.position);
    expect(order.map(({ media }) => media.fileName.split('-')[0])).toEqual(['two', 'one', 'three']);
    expect(row.coverId).toBe(order[0]?.id);
    expect(row.media.length).toBe(others + 3);

    await deliver(await told('three.webp'));
    const left = await shownBy(number);
    expect(left.media.length).toBe(others + 1);
    expect(left.coverId).toBe(
      left.media.find(({ media }) => media.fileName.startsWith('three'))?.id,
    );
    const library = await find('media', {
      filter: [{ type: 'equals', field: 'fileName', value: order[1]?.media.fileName }],
    });
    expect(library.map(({ hasFile }) => hasFile)).toEqual([true]);
    // What was taken away is shown again without being fetched again.
    const before = pictures.served.length;
    await deliver(await told('one.png', 'three.webp'));
    expect(pictures.served.length).toBe(before);
  });

  it('takes up a picture whose record was made and whose file never came', async () => {
    const record = await mapProduct({
      media: [{ url: at('late.png'), kind: 'image', position: 0 }],
    });
    pictures.isDown = true;
    const [failed] = await sink.write(context, await itemsFor(sink, [record]));
    pictures.isDown = false;
    expect(failed).toMatchObject({ kind: 'refused', error: 'record' });
    expect(failed?.kind === 'refused' && failed.message).toContain('Cannot open source stream');
    const [item] = await itemsFor(sink, [record]);
    expect(Object.keys(item?.fields ?? {})).toContain('pictures');
    expect(await sink.write(context, [item as never])).toMatchObject([{ kind: 'written' }]);
    expect((await itemsFor(sink, [record]))[0]?.fields).toEqual({});
  });
});

describe('what the sinks send', () => {
  it('is what they say they write, no more and no less', () => {
    // Amounts of other currencies go back as they came.
    const isOf = (path: string, said: readonly string[]) =>
      said.some((one) => (one.endsWith('.*') ? path.startsWith(one.slice(0, -1)) : one === path)) ||
      /^price\.(listPrice|percentage|regulationPrice|extensions|apiAlias)/.test(path);
    const unsaid = [...sent.fields].flatMap(([entity, paths]) =>
      [...paths]
        .filter((path) => !isOf(path, writtenFields[entity] ?? []))
        .map((path) => `${entity}: ${path}`),
    );
    expect(unsaid).toEqual([]);
    const unseen = Object.entries(writtenFields).flatMap(([entity, said]) =>
      said
        .filter((one) => {
          const paths = [...(sent.fields.get(entity) ?? [])];
          return !paths.some((path) => path === one || path.startsWith(one.replace('*', '')));
        })
        .map((path) => `${entity}: ${path}`),
    );
    expect(unseen).toEqual([]);
    const called = Object.entries(calledActions).map(([path, { query = [], body }]) =>
      JSON.stringify([path, [...query].sort(), [...body].sort()]),
    );
    expect([...sent.actions].sort()).toEqual(called.sort());
  });
});
