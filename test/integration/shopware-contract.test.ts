import { shopware } from '@headrace/connectors';
import { startEmulators } from '@headrace/emulators';
import type { Change, JsonObject } from '@headrace/sdk';
import { createTestContext, testConnector } from '@headrace/sdk/testing';
import { afterAll, describe, expect, it } from 'vitest';

const {
  shopware: shop,
  clock,
  ...emulators
} = await startEmulators({
  ...{ seed: 7, scale: 0.02, days: 30, customers: 200, orderLines: 600 },
  hasReturns: true,
});
afterAll(() => emulators.close());

const time = { now: () => clock.now(), monotonicMs: () => performance.now() };
const auth = `${shop.clientId}:${shop.clientSecret}`;
const context = createTestContext(shopware({ url: shop.url, auth, salesChannels: {} }), {
  clock: time,
});

async function find(
  entity: string,
  filter: readonly object[] = [],
): Promise<readonly JsonObject[]> {
  const { body } = await context.http.request({
    method: 'POST',
    path: `/api/search/${entity}`,
    headers: { accept: 'application/json' },
    json: { limit: 10, filter },
  });
  return (JSON.parse(Buffer.from(body).toString()) as { data: JsonObject[] }).data;
}

async function write(entity: string, fields: object): Promise<void> {
  const json = [{ action: 'upsert', entity, payload: [fields] }];
  await context.http.request({ method: 'POST', path: '/api/_action/sync', json });
}

async function change(entity: string, fields: object): Promise<Change> {
  const [row] = await find(entity);
  const key = String(row?.id);
  await write(entity, { id: key, ...fields });
  return { stream: entity, key };
}

async function sell(): Promise<Change> {
  const [product] = await find('product', [
    { type: 'range', field: 'stock', parameters: { gt: 1 } },
  ]);
  await write('product', { id: product?.id, stock: Number(product?.stock) - 1 });
  return { stream: 'stock', key: String(product?.id) };
}

/** The order itself stays as it was: only its delivery changes. */
async function ship(): Promise<Change> {
  const field = 'deliveries.stateMachineState.technicalName';
  const [order] = await find('order', [{ type: 'equals', field, value: 'open' }]);
  const key = String(order?.id);
  const [delivery] = await find('order-delivery', [
    { type: 'equals', field: 'orderId', value: key },
  ]);
  const path = `/api/_action/order_delivery/${delivery?.id}/state/ship`;
  await context.http.request({ method: 'POST', path, json: {} });
  return { stream: 'order', key };
}

/** As the shop's administration does; of the order itself nothing changes. */
async function announce(): Promise<Change> {
  const [line] = await find('order-line-item', [
    { type: 'equals', field: 'type', value: 'product' },
  ]);
  const [state] = await find('state-machine-state', [
    { type: 'equals', field: 'stateMachine.technicalName', value: 'order_return.state' },
  ]);
  const [reason] = await find('order-return-line-item-reason');
  const { id: orderLineItemId, orderId, price } = line ?? {};
  const stateId = state?.id;
  const key = 'ab'.repeat(16);
  await write('order_return', {
    ...{ id: key, orderId, stateId, returnNumber: '20001', requestedAt: '2026-05-04T07:30:00Z' },
    lineItems: [
      { id: 'cd'.repeat(16), orderLineItemId, reasonId: reason?.id, stateId, quantity: 1, price },
    ],
  });
  return { stream: 'return', key };
}

const channels = await find('sales-channel');
const source = shopware({
  url: shop.url,
  auth,
  salesChannels: Object.fromEntries(channels.map(({ id, shortName }) => [id, shortName])),
  webhookSecret: shop.webhookSecret,
  returns: true,
});

describe('shopware', () => {
  const cases = testConnector(source, {
    clock: time,
    mutate: {
      product: () => change('product', { name: 'Nieuwe naam' }),
      category: () => change('category', { name: 'Nieuwe naam' }),
      customer: () => change('customer', { firstName: 'Nieuw' }),
      stock: sell,
      order: ship,
      return: announce,
    },
  });
  for (const { name, run } of cases) it(name, run);

  it('has what it needs but the webhooks nobody made', async () => {
    const results = await shopware.spec.check(createTestContext(source, { clock: time }));
    const failed = results.filter(({ ok }) => !ok).map(({ name }) => name);
    expect(failed).toEqual(['webhooks']);
  });

  it('is held against the emulator its page names', async () => {
    const path = '/api/_info/version';
    const { body } = await context.http.request({ method: 'GET', path });
    const { version } = JSON.parse(Buffer.from(body).toString());
    expect(`Shopware ${version}`).toBe(shopware.spec.tested?.emulator?.version);
  });

  it('finds the variants of a product that changed', async () => {
    const product = shopware.spec.streams(context.config).find(({ name }) => name === 'product');
    const [variant] = await find('product', [
      { type: 'range', field: 'childCount', parameters: { lte: 0 } },
      { type: 'not', queries: [{ type: 'equals', field: 'parentId', value: null }] },
    ]);
    let page = await product?.read(context, 'changes', null);
    while (page?.next != null) page = await product?.read(context, 'changes', page.next);
    await write('product', { id: variant?.parentId, description: 'Anders' });
    const seen: string[] = [];
    page = await product?.read(context, 'changes', page?.resume ?? null);
    for (;;) {
      seen.push(Buffer.from(page?.body ?? '').toString());
      if (page?.next == null) break;
      page = await product?.read(context, 'changes', page.next);
    }
    expect(seen.join()).toContain(`"id":"${variant?.id}"`);
  });

  it('subscribes, and sees that it did', async () => {
    const { notify } = shopware.spec;
    expect(await notify?.state?.(context)).toMatchObject({ kind: 'missing' });
    await notify?.subscribe?.(context, 'http://127.0.0.1:9/v1/webhooks/shop');
    await notify?.subscribe?.(context, 'http://127.0.0.1:9/v1/webhooks/shop');
    expect(await notify?.state?.(context)).toEqual({ kind: 'active' });
    const names = (await find('webhook')).map(({ name }) => name);
    expect(names).toEqual([...new Set(names)]);
  });

  it('discovers the fields of the shop', async () => {
    const fields = (await shopware.spec.discover?.(context)) ?? [];
    const paths = fields.map(({ stream, path }) => `${stream} ${path}`);
    expect(paths).toContain('product customFields.custom_fit');
    expect(paths).toContain('customer customFields.custom_loyalty_tier');
  });
});
