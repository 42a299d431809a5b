import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestClient, type TestClient } from '../test-client.js';

interface Row {
  readonly id: string;
  readonly autoIncrement: number;
  readonly updatedAt: string | null;
  readonly createdAt: string;
  readonly orderNumber: string;
}

describe('search', () => {
  let client: TestClient;
  beforeAll(async () => {
    client = await startTestClient();
  });
  afterAll(() => client.emulators.close());

  const all = async (entity: string, criteria: object): Promise<Row[]> => {
    const rows: Row[] = [];
    for (let page = 1; ; page++) {
      const { body } = await client.search(entity, { limit: 100, page, ...criteria });
      rows.push(...body.data);
      if (body.data.length < 100) return rows;
    }
  };

  it('pages through everything once, in any order', async () => {
    const count = client.emulators.world.orders.length;
    const sortings = [
      [],
      [{ field: 'createdAt' }],
      [{ field: 'id', order: 'DESC' }],
      [{ field: 'updatedAt' }, { field: 'id' }],
      [{ field: 'amountTotal' }],
    ];
    for (const sort of sortings) {
      const rows = await all('order', { sort, includes: { order: ['id'] } });
      expect(new Set(rows.map((row) => row.id)).size).toBe(count);
      expect(rows.length).toBe(count);
    }
  });

  it('gives total the meaning its mode asks for', async () => {
    const { orders } = client.emulators.world;
    const total = async (mode: unknown, page: number): Promise<number> =>
      (await client.search('order', { limit: 10, page, 'total-count-mode': mode })).body.total;
    expect(await total(0, 1)).toBe(10);
    expect(await total(1, 3)).toBe(orders.length);
    expect(await total('exact', 3)).toBe(orders.length);
    expect(await total(2, 1)).toBe(61);
    expect(await total(2, Math.floor(orders.length / 10))).toBe(10 + (orders.length % 10));
    const filter = [
      { type: 'equals', field: 'stateMachineState.technicalName', value: 'cancelled' },
    ];
    const states = await client.search('order', { limit: 1, filter, 'total-count-mode': 1 });
    let cancelled = 0;
    for (let row = 0; row < orders.length; row++)
      if (orders.cancelledAtMs.get(row) > 0) cancelled++;
    expect(states.body.total).toBe(cancelled);
  });

  it('refuses more than 500 rows and nonsense, with a pointer', async () => {
    const many = await client.search('product', { limit: 501 });
    expect(many.status).toBe(400);
    expect(many.body.errors[0]).toMatchObject({
      code: 'FRAMEWORK__QUERY_LIMIT_EXCEEDED',
      source: { pointer: '/limit' },
    });
    const filter = [{ type: 'sounds-like', field: 'name', value: 'x' }];
    expect((await client.search('product', { filter })).body.errors[0].source.pointer).toBe(
      '/filter/0',
    );
    const unknown = await client.search('product', {
      filter: [{ type: 'equals', field: 'nope', value: 1 }],
    });
    expect(unknown.body.errors[0].code).toBe('FRAMEWORK__UNMAPPED_FIELD');
    expect((await client.search('nothing', {})).status).toBe(404);
    expect(
      (await client.search('product', { associations: { nope: {} } })).body.errors[0].code,
    ).toBe('FRAMEWORK__ASSOCIATION_NOT_FOUND');
  });

  it('finds by ranges of autoIncrement and by OR of created and updated, with equal results by scan', async () => {
    const range = await client.search('order', {
      limit: 500,
      filter: [{ type: 'range', field: 'autoIncrement', parameters: { gt: 20, lte: 40 } }],
      sort: [{ field: 'autoIncrement', order: 'DESC' }],
    });
    expect(range.body.data.map((row: Row) => row.autoIncrement)).toEqual(
      Array.from({ length: 20 }, (_, index) => 40 - index),
    );
    const rows = await all('order', { includes: { order: ['id', 'createdAt', 'updatedAt'] } });
    const since = rows.at(-60)?.createdAt ?? '';
    const changed = await all('order', {
      filter: [
        {
          type: 'multi',
          operator: 'or',
          queries: ['createdAt', 'updatedAt'].map((field) => ({
            type: 'range',
            field,
            parameters: { gte: since },
          })),
        },
      ],
      includes: { order: ['id'] },
    });
    const expected = rows.filter((row) => row.createdAt >= since || (row.updatedAt ?? '') >= since);
    expect(changed.map((row) => row.id).sort()).toEqual(expected.map((row) => row.id).sort());
  });

  it('leaves updatedAt null until the first change', async () => {
    const placed = await client.control('POST', '/commands', { kind: 'place-order' });
    const read = async (): Promise<Row> =>
      (await client.search('order', { ids: [placed.body.id] })).body.data[0];
    expect((await read()).updatedAt).toBeNull();
    await client.emulators.manualClock?.advance(1_000);
    await client.control('POST', '/commands', { kind: 'edit-order', id: placed.body.id });
    expect((await read()).updatedAt).not.toBeNull();
  });

  it('changes stock by an order without a trace on the product, and leaves the order alone when its delivery moves', async () => {
    const { control, search } = client;
    const filter = [
      { type: 'range', field: 'stock', parameters: { gte: 5 } },
      { type: 'equals', field: 'childCount', value: 0 },
    ];
    const before = (await search('product', { limit: 1, filter })).body.data[0];
    const placed = await control('POST', '/commands', {
      kind: 'place-order',
      channel: 'alpha-nl',
      lines: [{ sku: before.productNumber, quantity: 2 }],
    });
    const after = (await search('product', { ids: [before.id] })).body.data[0];
    expect(after.stock).toBe(before.stock - 2);
    expect(after.availableStock).toBe(after.stock);
    expect(after.updatedAt).toBe(before.updatedAt);
    await client.emulators.manualClock?.advance(1_000);
    await control('POST', '/commands', { kind: 'ship-order', id: placed.body.id });
    const order = (
      await search('order', {
        ids: [placed.body.id],
        associations: { deliveries: { associations: { stateMachineState: {} } } },
      })
    ).body.data[0];
    expect(order.updatedAt).toBeNull();
    expect(order.deliveries[0].stateMachineState.technicalName).toBe('shipped');
    expect(order.deliveries[0].trackingCodes).toHaveLength(1);
  });

  it('cuts fields by includes and keeps apiAlias', async () => {
    const { body } = await client.search('order', {
      limit: 3,
      includes: { order: ['orderNumber', 'lineItems'], order_line_item: ['quantity'] },
      associations: { lineItems: {} },
    });
    expect(Object.keys(body.data[0]).sort()).toEqual(['apiAlias', 'lineItems', 'orderNumber']);
    expect(Object.keys(body.data[0].lineItems[0]).sort()).toEqual(['apiAlias', 'quantity']);
  });

  it('leaves inherited fields of variants empty unless asked to inherit', async () => {
    const criteria = {
      limit: 50,
      filter: [
        {
          type: 'not',
          operator: 'and',
          queries: [{ type: 'equals', field: 'parentId', value: null }],
        },
      ],
    };
    const raw = (await client.search('product', criteria)).body.data;
    const variant = raw.find((row: { price: unknown }) => row.price === null);
    expect(variant).toMatchObject({ name: null, taxId: null, active: null });
    const ids = [variant.id];
    const shown = (await client.search('product', { ids }, { 'sw-inheritance': '1' })).body.data[0];
    expect(shown.price[0].gross).toBeGreaterThan(0);
    expect(shown.translated.name).toBeTypeOf('string');
    expect(shown.name).toBeNull();
  });

  it('answers in the wanted language and falls back to the first', async () => {
    const languages = (await client.search('language', { associations: { locale: {} } })).body.data;
    const german = languages.find(
      (row: { locale: { code: string } }) => row.locale.code === 'de-DE',
    ).id;
    const filter = [{ type: 'equals', field: 'parentId', value: null }];
    const dutch = (await client.search('product', { limit: 500, filter })).body.data;
    const other = (
      await client.search('product', { limit: 500, filter }, { 'sw-language-id': german })
    ).body.data;
    for (const [index, row] of other.entries()) {
      expect(row.translated.name).toBe(row.name ?? dutch[index].name);
    }
    expect((await client.search('product', {}, { 'sw-language-id': '0'.repeat(32) })).status).toBe(
      412,
    );
  });

  it('finds the same order number in several channels', async () => {
    const { body } = await client.search('order', {
      filter: [{ type: 'equals', field: 'orderNumber', value: '10010' }],
      'total-count-mode': 1,
    });
    expect(body.total).toBeGreaterThan(2);
    expect(
      new Set(body.data.map((row: { salesChannelId: string }) => row.salesChannelId)).size,
    ).toBe(body.total);
  });

  it('returns ids in the order asked for, and only those', async () => {
    const { body } = await client.call('POST', '/api/search-ids/product', { limit: 6 });
    const ids = [...body.data].reverse();
    const rows = (await client.search('product', { ids })).body.data;
    expect(rows.map((row: Row) => row.id)).toEqual(ids);
    expect((await client.call('GET', `/api/product/${ids[0]}`)).body.data.id).toBe(ids[0]);
    expect((await client.call('GET', `/api/product/${'0'.repeat(32)}`)).status).toBe(404);
  });

  it('speaks JSON:API to those who do not ask for plain JSON', async () => {
    const { body, headers } = await client.search(
      'order',
      { limit: 2, associations: { lineItems: {} } },
      { accept: '*/*' },
    );
    expect(headers.get('content-type')).toBe('application/vnd.api+json');
    expect(body.data[0]).toMatchObject({ type: 'order', attributes: { orderNumber: '10001' } });
    expect(body.included.some((row: { type: string }) => row.type === 'order_line_item')).toBe(
      true,
    );
  });
});
