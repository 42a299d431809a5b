import { shopware } from '@headrace/connectors';
import { startEmulators } from '@headrace/emulators';
import type { JsonObject, TargetRecord } from '@headrace/sdk';
import { createTestContext, flowGroup, testSink } from '@headrace/sdk/testing';
import { afterAll, describe, expect, it } from 'vitest';

const emulators = await startEmulators({
  ...{ seed: 11, scale: 0.02, days: 30, customers: 200, orderLines: 600, integration: 'none' },
  hasReturns: true,
});
const { shopware: shop, clock, control } = emulators;
afterAll(() => emulators.close());

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
    product: { options: { colour: 'Kleur', size: 'Maat' }, properties: { fit: 'Pasvorm' } },
  },
});
const sold = (
  await find('product', {
    limit: 200,
    filter: [{ type: 'range', field: 'childCount', parameters: { lte: 0 } }],
  })
).filter(({ parentId }) => parentId !== null);
const numbers = sold.map(({ productNumber }) => String(productNumber));
let round = 0;
const pieces = (value: number) => ({ value: String(value), unit: 'C62' });
const money = (value: string) => ({ amount: value, currency: 'EUR' });

describe('the stock sink', () => {
  const wanted = async (): Promise<TargetRecord[]> => {
    round += 1;
    return numbers.slice(0, 3).map((key, at) => ({ key, fields: { stock: 40 + round * 10 + at } }));
  };
  const cases = testSink(target, 'stock', {
    ...{ clock: time, wanted, loseAnswer },
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
    const context = createTestContext(target, { clock: time });
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
    ...{ clock: time, wanted, loseAnswer },
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
        properties: { Pasvorm: [`Pas ${round}`] },
        customFields: { custom_fit: `fit ${round}` },
      },
    }));
  };
  const cases = testSink(target, 'product', {
    ...{ clock: time, wanted, loseAnswer, count },
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
    const context = createTestContext(target, { clock: time });
    const source = (await shopware.spec.context?.(context)) ?? {};
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
            active: round % 2 === 0,
          },
        };
      }),
    );
  };
  const cases = testSink(target, 'variant', {
    ...{ clock: time, wanted, loseAnswer, count },
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
    ...{ clock: time, wanted },
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
