import type { Json } from '@headrace/sdk';
import { createTestContext } from '@headrace/sdk/testing';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { config } from './config.js';
import { shopware } from './index.js';
import { notify } from './notify.js';

const settings = z.parse(config, { url: 'https://shop.example', auth: 'id:key' });
const parse = (body: Json) =>
  notify.parse(
    { method: 'POST', uri: '/', headers: {}, body: Buffer.from(JSON.stringify(body)) },
    settings,
  );
const written = (entity: string, fields: readonly string[], operation = 'update') =>
  parse({
    data: {
      event: `${entity}.written`,
      payload: [{ entity, operation, primaryKey: 'a1', updatedFields: fields }],
    },
    source: { eventId: 'event-1' },
    timestamp: 1_740_830_400,
  });

describe('parse', () => {
  it('says who told it and when', () => {
    const { eventId, at } = written('category', ['name']);
    expect({ eventId, at }).toEqual({ eventId: 'event-1', at: 1_740_830_400_000 });
  });

  it.each<[string, readonly string[], string, readonly string[]]>([
    ['product', ['id', 'versionId', 'price', 'updatedAt'], 'update', ['product']],
    ['product', ['id', 'stock', 'price'], 'update', ['product', 'stock']],
    ['product', ['id', 'versionId', 'stock', 'updatedAt'], 'update', ['stock']],
    ['product', [], 'delete', ['product', 'stock']],
    ['product', ['stock'], 'insert', ['product', 'stock']],
    ['category', ['id', 'name'], 'update', ['category']],
    ['order', ['id'], 'insert', ['order']],
    ['customer', ['id', 'email'], 'update', ['customer']],
    ['media', ['id'], 'update', []],
    ['constructor', ['id'], 'update', []],
  ])('%s with %j by %s', (entity, fields, operation, expected) => {
    const { changes } = written(entity, fields, operation);
    expect(changes).toEqual(expected.map((stream) => ({ stream, key: 'a1' })));
  });

  it('looks at nothing but ids in events that carry an order', () => {
    const order = { id: 'o1', orderCustomer: { customerId: 'c1', email: 'x@y.example' } };
    const event = 'state_enter.order_delivery.state.shipped';
    expect(parse({ data: { event, payload: { order } } }).changes).toEqual([
      { stream: 'order', key: 'o1' },
    ]);
    const placed = parse({ data: { event: 'checkout.order.placed', payload: { order } } });
    expect(placed.changes).toEqual([
      { stream: 'order', key: 'o1' },
      { stream: 'customer', key: 'c1' },
    ]);
  });

  it('names a record once however often it was written', () => {
    const row = { entity: 'order', operation: 'update', primaryKey: 'o1', updatedFields: [] };
    const { changes } = parse({ data: { event: 'order.written', payload: [row, row] } });
    expect(changes).toEqual([{ stream: 'order', key: 'o1' }]);
  });
});

function shop(rows: readonly object[]) {
  const sent: { url: string; body: string }[] = [];
  const answer = async (url: unknown, init?: { body?: unknown }) => {
    sent.push({ url: String(url), body: String(init?.body) });
    const body = String(url).endsWith('/token')
      ? { access_token: 't', expires_in: 600 }
      : { total: rows.length, data: rows };
    return new Response(JSON.stringify(body));
  };
  const source = shopware({ url: 'https://shop.example', auth: 'id:key', salesChannels: {} });
  const context = createTestContext(source, {
    clock: { now: () => 0, monotonicMs: () => 0 },
    fetch: answer as typeof fetch,
  });
  return { context, sent };
}

const hook = (eventName: string, more: object = {}) => ({
  ...{ id: '1', name: `headrace-${eventName}`, eventName, url: 'https://us.example/x' },
  ...{ active: true, errorCount: 0 },
  ...more,
});
const all = ['product.written', 'order.written', 'customer.written', 'category.written'];

describe('state', () => {
  it.each<[string, readonly object[]]>([
    ['missing', []],
    ['missing', [hook('product.written', { name: 'somebody else', url: 'https://other.example' })]],
    ['missing', [hook('product.written')]],
    ['active', all.map((event) => hook(event))],
    ['active', all.map((event) => hook(event, { name: 'x', url: 'http://us/v1/webhooks/shop' }))],
    ['failing', all.map((event) => hook(event, { errorCount: 2 }))],
    ['disabled', all.map((event) => hook(event, { active: event !== 'order.written' }))],
  ])('%s', async (kind, rows) => {
    expect(await notify.state?.(shop(rows).context)).toMatchObject({ kind });
  });
});

it('subscribes with the same rows each time', async () => {
  const { context, sent } = shop([]);
  await notify.subscribe?.(context, 'https://us.example/v1/webhooks/shop');
  await notify.subscribe?.(context, 'https://us.example/v1/webhooks/shop');
  const writes = sent.filter(({ url }) => url.endsWith('/api/_action/sync'));
  expect(writes).toHaveLength(2);
  expect(writes[0]).toEqual(writes[1]);
  const [operation] = JSON.parse(writes[0]?.body ?? '[]') as { payload: { id: string }[] }[];
  const ids = operation?.payload.map(({ id }) => id) ?? [];
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.every((id) => /^[0-9a-f]{32}$/.test(id))).toBe(true);
});
