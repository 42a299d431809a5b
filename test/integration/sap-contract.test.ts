import { sap, sapReadFields } from '@headrace/connectors';
import { startEmulators } from '@headrace/emulators';
import type { Change, JsonObject } from '@headrace/sdk';
import { createTestContext, recordsOf, testConnector } from '@headrace/sdk/testing';
import { afterAll, describe, expect, it } from 'vitest';

const {
  sap: access,
  clock,
  ...emulators
} = await startEmulators({
  ...{ seed: 7, scale: 0.02, days: 30, customers: 200, orderLines: 600 },
  systems: ['shopware', 'sap'],
});
afterAll(() => emulators.close());
if (access === undefined) throw new Error('the emulator of SAP did not start');

const time = { now: () => clock.now(), monotonicMs: () => performance.now() };
const shared: Omit<Parameters<typeof sap>[0], 'auth'> = {
  url: access.url,
  plants: { NL01: 'dc-nl', DE01: 'dc-de', ST01: 'store' },
  salesAreas: {
    '1000/10/00': 'alpha-nl',
    '1000/20/00': 'alpha-b2b',
    '2000/10/00': 'beta-de',
    '2000/30/00': 'market',
  },
  businessChannels: ['alpha-b2b'],
  brandOf: { ALPH: 'alpha', BETA: 'beta' },
  priceConditions: {
    PPR0: 'list',
    VKP0: { as: 'list', basis: 'gross' },
    VKA0: { as: 'sale', basis: 'gross' },
  },
  extend: { variant: { 'traits.fit': 'A_Product.YY1_Fit_PRD' } },
};
const source = sap({
  ...shared,
  auth: sap.oauth(`${access.clientId}:${access.clientSecret}`),
  odata: {
    groups: sap.odata({
      ...{ service: 'API_PRODUCT_SRV', entity: 'A_ProductValuation', version: 2 },
      key: ['Product', 'ValuationArea'],
      select: ['Product', 'ValuationArea', 'StandardPrice'],
    }),
  },
});
const context = createTestContext(source, { clock: time });
const streamOf = (name: string) => {
  const stream = sap.spec.streams(context.config).find((each) => each.name === name);
  if (stream === undefined) throw new Error(`there is no stream ${name}`);
  return stream;
};

async function all(name: string): Promise<readonly JsonObject[]> {
  const stream = streamOf(name);
  const records: JsonObject[] = [];
  let page = await stream.read(context, 'pass', null);
  for (;;) {
    records.push(...(recordsOf(page) as readonly JsonObject[]));
    if (page.next === null) return records;
    page = await stream.read(context, 'pass', page.next);
  }
}

/** Has the company do something, and says which record of a stream that changes. */
async function act(stream: string, kind: string): Promise<Change> {
  const body = JSON.stringify({ kind });
  const response = await fetch(`${emulators.control.url}/commands`, { method: 'POST', body });
  const { id } = (await response.json()) as { id: string };
  const year = new Date(clock.now()).getUTCFullYear();
  return { stream, key: stream === 'stockMovement' ? `${year}/${id}` : id };
}

/** Adjusting stock names the document; the material is the key of its answer. */
async function adjust(): Promise<Change> {
  const body = JSON.stringify({ kind: 'adjust-stock' });
  const response = await fetch(`${emulators.control.url}/commands`, { method: 'POST', body });
  const { key } = (await response.json()) as { key: string };
  return { stream: 'stock', key };
}

describe('sap', () => {
  const cases = testConnector(source, {
    clock: time,
    mutate: {
      product: () => act('product', 'block-product'),
      supplyPlanning: () => act('supplyPlanning', 'review-planning'),
      stock: adjust,
      stockMovement: () => act('stockMovement', 'post-goods-receipt'),
      purchaseOrder: () => act('purchaseOrder', 'change-purchase-order'),
      delivery: () => act('delivery', 'change-delivery'),
      return: () => act('return', 'create-return'),
      price: () => act('price', 'change-condition'),
      partner: () => act('partner', 'edit-partner'),
    },
  });
  for (const { name, run } of cases) it(name, run);

  it('has what it needs, with a password as well', async () => {
    const basic = sap({ ...shared, auth: sap.basic(`${access.user}:${access.password}`) });
    for (const each of [source, basic]) {
      const results = await sap.spec.check(createTestContext(each, { clock: time }));
      expect(results.filter(({ ok }) => !ok)).toEqual([]);
    }
  });

  it('says once that a password is refused, and asks nothing else with it', async () => {
    const wrong = sap({ ...shared, auth: sap.basic(`${access.user}:wrong`) });
    const results = await sap.spec.check(createTestContext(wrong, { clock: time }));
    expect(results).toEqual([{ name: 'system', ok: false, text: expect.stringContaining('401') }]);
  });

  it('shows the words of SAP where a field of the settings is not there', async () => {
    const extend = { variant: { 'traits.x': 'A_Product.YY1_Unheard_PRD' } };
    const auth = sap.basic(`${access.user}:${access.password}`);
    const wrong = createTestContext(sap({ ...shared, auth, extend }), { clock: time });
    const product = sap.spec.streams(wrong.config).find(({ name }) => name === 'product');
    const read = product?.read(wrong, 'pass', null);
    await expect(read).rejects.toMatchObject({ kind: 'contract' });
    await expect(read).rejects.toThrow('YY1_Unheard_PRD');
  });

  it('discovers the fields the company added, with their labels', async () => {
    const fields = (await sap.spec.discover?.(context)) ?? [];
    const fit = fields.find(({ path }) => path === 'A_Product.YY1_Fit_PRD');
    expect(fit).toEqual({
      ...{ stream: 'product', path: 'A_Product.YY1_Fit_PRD' },
      ...{ type: 'Edm.String(20)', label: 'Fit', isOwn: true },
    });
  });

  it('small pages give what large ones do', async () => {
    const auth = sap.basic(`${access.user}:${access.password}`);
    const small = createTestContext(sap({ ...shared, auth, pageSize: 50 }), { clock: time });
    const stream = sap.spec.streams(small.config).find(({ name }) => name === 'stockMovement');
    const large = await all('stockMovement');
    const keys: (string | null | undefined)[] = [];
    let page = await stream?.read(small, 'pass', null);
    expect(page?.total).toBe(large.length);
    for (;;) {
      const records = page === undefined ? [] : (recordsOf(page) as readonly JsonObject[]);
      keys.push(...records.map((record) => stream?.key(record)));
      if (page?.next == null) break;
      page = await stream?.read(small, 'pass', page.next);
    }
    expect(keys).toEqual(large.map((record) => streamOf('stockMovement').key(record)));
  });

  it('a shop’s order keeps the shop’s number', async () => {
    const [record] = await all('order');
    const [order] = streamOf('order').map(record ?? {}, {
      config: context.config,
      source: {},
      subject: 'handle',
    });
    expect(order?.fields.orderNo).toBe(record?.PurchaseOrderByCustomer);
    expect(Object.values(shared.salesAreas ?? {})).toContain(order?.fields.channel);
  });

  it('movements add up to the stock there is', async () => {
    const mapped = { config: context.config, source: {}, subject: null };
    const sums = new Map<string, number>();
    for (const record of await all('stockMovement')) {
      for (const { fields } of streamOf('stockMovement').map(record, mapped)) {
        const key = `${String(fields.sku)} ${String(fields.location)}`;
        const quantity = Number((fields.quantity as { value: string }).value);
        sums.set(key, (sums.get(key) ?? 0) + quantity);
      }
    }
    const stock = new Map<string, number>();
    for (const record of await all('stock')) {
      for (const { fields } of streamOf('stock').map(record, mapped)) {
        const onHand = Number((fields.onHand as { value: string }).value);
        stock.set(`${String(fields.sku)} ${String(fields.location)}`, onHand);
      }
    }
    expect(sums.size).toBeGreaterThan(10);
    const wrong = [...stock].filter(([key, onHand]) => (sums.get(key) ?? 0) !== onHand);
    expect(wrong).toEqual([]);
  });
});

it('is held against as many services as its page names', async () => {
  const services = Object.keys(sapReadFields());
  for (const service of services) {
    const path = `/sap/opu/odata/sap/${service}/$metadata`;
    const headers = { accept: 'application/xml' };
    const { body } = await context.http.request({ method: 'GET', path, headers });
    expect(Buffer.from(body).toString()).toContain('Version="1.0"');
  }
  expect(`${services.length} services of OData V2`).toBe(sap.spec.tested?.emulator?.version);
});
