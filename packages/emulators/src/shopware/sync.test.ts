import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type HookReceiver,
  startHookReceiver,
  startTestClient,
  type TestClient,
  until,
} from '../test-client.js';
import { SYSTEM_CURRENCY_ID } from './ids.js';

const PRODUCT_ID = 'a'.repeat(32);
const CHILD_ID = 'b'.repeat(32);

describe('sync and single writes', () => {
  let client: TestClient;
  let hooks: HookReceiver;
  beforeAll(async () => {
    hooks = await startHookReceiver();
    client = await startTestClient({ days: 20, webhookUrl: hooks.url });
  });
  afterAll(async () => {
    await client.emulators.close();
    await hooks.close();
  });

  const sync = (operations: unknown, headers?: Record<string, string>) =>
    client.call('POST', '/api/_action/sync', operations, headers);
  const product = (id: string) =>
    client.search('product', { ids: [id] }).then((answer) => answer.body.data[0]);

  const create = () => ({
    action: 'upsert',
    entity: 'product',
    payload: [
      {
        id: PRODUCT_ID,
        productNumber: 'NEW-1',
        name: 'Nieuw product',
        stock: 12,
        taxId: client.emulators.shop.reference.id.tax(0),
        price: [{ currencyId: SYSTEM_CURRENCY_ID, gross: 24.2, net: 20, linked: true }],
        customFields: { custom_care_code: 'W30' },
      },
      { id: CHILD_ID, parentId: PRODUCT_ID, productNumber: 'NEW-1.1', stock: 4 },
    ],
  });

  it('is idempotent with ids chosen by the client', async () => {
    const count = client.emulators.world.catalogue.products.length;
    for (let repeat = 0; repeat < 3; repeat++) {
      const answer = await sync([create()]);
      expect(answer.status).toBe(200);
      expect(answer.body.data.product).toEqual([PRODUCT_ID, CHILD_ID]);
    }
    expect(client.emulators.world.catalogue.products).toHaveLength(count + 2);
    expect(await product(PRODUCT_ID)).toMatchObject({
      name: 'Nieuw product',
      stock: 12,
      childCount: 1,
      customFields: { custom_care_code: 'W30' },
    });
    expect(await product(CHILD_ID)).toMatchObject({ parentId: PRODUCT_ID, stock: 4, name: null });
    expect(client.emulators.world.stock.checkBalance()).toEqual([]);
  });

  it('tells subscribers of one call once per entity', async () => {
    await until(() => hooks.received.length >= 1);
    expect(
      hooks.received[0]?.body.data.payload.map((entry: { primaryKey: string }) => entry.primaryKey),
    ).toEqual([PRODUCT_ID, CHILD_ID]);
  });

  it('writes nothing at all when one record is wrong, unless told to go on', async () => {
    const operations = [
      {
        action: 'upsert',
        entity: 'product',
        payload: [
          { id: PRODUCT_ID, stock: 99 },
          { id: CHILD_ID, stock: 'many' },
        ],
      },
    ];
    const refused = await sync(operations);
    expect(refused.status).toBe(400);
    expect(refused.body.errors[0].source.pointer).toBe('/0/1/stock');
    expect((await product(PRODUCT_ID)).stock).toBe(12);
    const partial = await sync(operations, { 'fail-on-error': 'false' });
    expect(partial.status).toBe(200);
    expect(partial.body.success).toBe(false);
    expect((await product(PRODUCT_ID)).stock).toBe(99);
  });

  it('patches single records and moves their updatedAt', async () => {
    await client.emulators.manualClock?.advance(5_000);
    const patched = await client.call('PATCH', `/api/product/${PRODUCT_ID}`, {
      name: 'Ander product',
      stock: 3,
    });
    expect(patched.status).toBe(204);
    const row = await product(PRODUCT_ID);
    expect(row).toMatchObject({ name: 'Ander product', stock: 3 });
    expect(Date.parse(row.updatedAt)).toBe(client.emulators.clock.now());
    expect(
      (await client.call('PATCH', `/api/product/${'c'.repeat(32)}`, { stock: 1 })).status,
    ).toBe(404);
  });

  it('deletes with the variants and names what it did not find', async () => {
    const deletion = {
      action: 'delete',
      entity: 'product',
      payload: [{ id: PRODUCT_ID }, { id: 'd'.repeat(32) }],
    };
    const answer = await sync([deletion]);
    expect(answer.body).toMatchObject({
      deleted: { product: [PRODUCT_ID] },
      notFound: { product: ['d'.repeat(32)] },
    });
    expect(await product(CHILD_ID)).toBeUndefined();
    await until(() => hooks.received.some((hook) => hook.body.data.event === 'product.deleted'));
  });

  it('moves orders through their states and refuses what is not possible', async () => {
    const placed = await client.control('POST', '/commands', { kind: 'place-order' });
    const process = () => client.call('POST', `/api/_action/order/${placed.body.id}/state/process`);
    expect((await process()).body.technicalName).toBe('in_progress');
    const again = await process();
    expect(again.status).toBe(400);
    expect(again.body.errors[0].code).toBe('SYSTEM__ILLEGAL_STATE_TRANSITION');
    const order = (
      await client.search('order', { ids: [placed.body.id], associations: { deliveries: {} } })
    ).body.data[0];
    const shipped = await client.call(
      'POST',
      `/api/_action/order_delivery/${order.deliveries[0].id}/state/ship`,
    );
    expect(shipped.body.technicalName).toBe('shipped');
  });

  it('writes custom fields of orders key by key', async () => {
    const id = (await client.call('POST', '/api/search-ids/order', { limit: 1 })).body.data[0];
    await sync([
      {
        action: 'upsert',
        entity: 'order',
        payload: [{ id, customFields: { custom_gift_wrap: true } }],
      },
    ]);
    await sync([
      { action: 'upsert', entity: 'order', payload: [{ id, customFields: { custom_other: 1 } }] },
    ]);
    const order = (await client.search('order', { ids: [id] })).body.data[0];
    expect(order.customFields).toEqual({ custom_gift_wrap: true, custom_other: 1 });
  });
});
