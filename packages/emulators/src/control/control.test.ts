import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestWorld } from '../retailer/digest.js';
import { startTestClient, type TestClient } from '../test-client.js';

describe('the control port', () => {
  let client: TestClient;
  beforeAll(async () => {
    client = await startTestClient({ days: 30 });
  });
  afterAll(() => client.emulators.close());

  const ledger = async (name: string): Promise<Record<string, unknown>[]> => {
    const response = await fetch(`${client.emulators.control.url}/ledger/${name}`);
    return (await response.text())
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  };

  it('agrees with the shop, row by row, by two separate ways', async () => {
    const rows = await ledger('orders');
    expect(rows).toHaveLength(client.emulators.world.orders.length);
    const { body } = await client.search('order', {
      limit: 500,
      associations: { stateMachineState: {} },
    });
    for (const [index, order] of body.data.entries()) {
      expect(rows[index]).toMatchObject({
        id: order.id,
        orderNo: order.orderNumber,
        grossMinor: Math.round(order.amountTotal * 100),
        netMinor: Math.round(order.amountNet * 100),
        state: order.stateMachineState.technicalName,
        placedAt: Date.parse(order.orderDateTime),
      });
    }
    const stock = new Map((await ledger('stock')).map((row) => [row['id'], row['shown']]));
    const products = (
      await client.search('product', {
        limit: 500,
        filter: [{ type: 'equals', field: 'childCount', value: 0 }],
      })
    ).body.data;
    expect(products).toHaveLength(stock.size);
    for (const product of products) expect(stock.get(product.id)).toBe(product.stock);
  });

  it('dumps every ledger', async () => {
    const { body } = await client.control('GET', '/ledger');
    for (const name of body.ledgers) expect((await ledger(name)).length).toBeGreaterThan(0);
    expect((await ledger('hidden')).every((row) => typeof row['reason'] === 'string')).toBe(true);
  });

  it('counts calls and keeps those that change something apart', async () => {
    await client.control('DELETE', '/calls');
    await client.search('tax', {});
    const [id] = (await client.call('POST', '/api/search-ids/product', { limit: 1 })).body.data;
    await client.call('PATCH', `/api/product/${id}`, { stock: 1 });
    expect((await client.control('GET', '/calls')).body).toEqual({
      total: 3,
      mutating: 1,
      byClass: {
        'PATCH /api/product/{id}': 1,
        'POST /api/search-ids/product': 1,
        'POST /api/search/tax': 1,
      },
      byClient: { SWIAHEADRACEDEMO: { total: 3, mutating: 1 } },
    });
  });

  it('spoils answers as ordered and writes down which', async () => {
    const cases: [object, (answer: { status: number; text: string }) => boolean][] = [
      [{ kind: '429', retryAfterS: 7 }, (answer) => answer.status === 429],
      [{ kind: '5xx', status: 502 }, (answer) => answer.status === 502],
      [{ kind: 'token-expiry' }, (answer) => answer.status === 401],
      [{ kind: 'empty-feed' }, (answer) => answer.text.startsWith('{"total":0,"data":[]')],
      [{ kind: 'drop-last-page' }, (answer) => answer.text.startsWith('{"total":0,"data":[]')],
      [
        { kind: 'unit-shift', factor: 100, field: 'taxRate' },
        (answer) => answer.text.includes('"taxRate":2100'),
      ],
      [
        { kind: 'schema-change', field: 'taxRate' },
        (answer) => answer.text.includes('taxRateRenamed'),
      ],
      [
        { kind: 'poison', poison: 'nan', field: 'taxRate' },
        (answer) => answer.text.includes('"taxRate":NaN'),
      ],
      [
        { kind: 'poison', poison: 'deep', depth: 50 },
        (answer) => answer.text.includes('{"a":{"a":'),
      ],
      [
        { kind: 'poison', poison: 'huge-string', bytes: 9_999 },
        (answer) => answer.text.length > 9_999,
      ],
      [{ kind: 'poison', poison: 'null-id' }, (answer) => answer.text.includes('"id":null')],
    ];
    for (const [order, isSpoilt] of cases) {
      const fresh = await startTestClient({ days: 5, scale: 0.01 });
      const { url } = fresh.emulators.shopware;
      await fresh.control('POST', '/faults', { ...order, scope: 'tax' });
      const token = await fetch(`${url}/api/oauth/token`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          grant_type: 'client_credentials',
          client_id: fresh.emulators.shopware.clientId,
          client_secret: fresh.emulators.shopware.clientSecret,
        }),
      });
      const { access_token } = (await token.json()) as { access_token: string };
      const response = await fetch(`${url}/api/search/tax`, {
        method: 'POST',
        headers: { authorization: `Bearer ${access_token}`, accept: 'application/json' },
        body: '{}',
      });
      expect([order, isSpoilt({ status: response.status, text: await response.text() })]).toEqual([
        order,
        true,
      ]);
      const log = await fresh.control('GET', '/faults/log');
      expect(log.body.injected).toHaveLength(1);
      await fresh.emulators.close();
    }
  });

  it('cuts connections for outages, half answers and answers lost after the fact', async () => {
    const [id] = (await client.call('POST', '/api/search-ids/product', { limit: 1 })).body.data;
    for (const kind of ['outage', 'truncate', 'timeout-after-apply']) {
      const fault = await client.control('POST', '/faults', { kind, times: 1 });
      await expect(client.call('POST', '/api/search/product', { ids: [id] })).rejects.toThrow();
      await client.control('DELETE', `/faults/${fault.body.id}`);
    }
    await client.control('POST', '/faults', {
      kind: 'timeout-after-apply',
      scope: 'product',
      times: 1,
    });
    await expect(client.call('PATCH', `/api/product/${id}`, { stock: 77 })).rejects.toThrow();
    expect((await client.search('product', { ids: [id] })).body.data[0].stock).toBe(77);
  });

  it('answers commands with what they touched, one or many', async () => {
    const one = await client.control('POST', '/commands', {
      kind: 'register-customer',
      email: 'canary@example.org',
    });
    expect(one.body).toMatchObject({
      kind: 'register-customer',
      entity: 'customer',
      at: client.emulators.clock.now(),
    });
    const many = await client.control('POST', '/commands', [
      { kind: 'set-stock' },
      { kind: 'no-such' },
    ]);
    expect(many.body.results[0].entity).toBe('product');
    expect(many.body.results[1].error).toContain('unknown command');
    expect(
      (await client.control('POST', '/commands', { kind: 'set-stock', sku: 'nope' })).status,
    ).toBe(400);
  });

  it('runs a simulated day of live traffic, the same for the same seed', async () => {
    const digests: string[] = [];
    for (let repeat = 0; repeat < 2; repeat++) {
      const fresh = await startTestClient({ days: 15 });
      const before = fresh.emulators.world.orders.length;
      await fresh.control('POST', '/live', { ordersPerHour: 20, editsPerHour: 40 });
      const { body } = await fresh.control('POST', '/advance', { ms: 86_400_000 });
      expect(body.done.orders).toBeGreaterThan(300);
      expect(fresh.emulators.world.orders.length).toBeGreaterThan(before + 200);
      expect(fresh.emulators.world.stock.checkBalance()).toEqual([]);
      digests.push(digestWorld(fresh.emulators.world));
      await fresh.emulators.close();
    }
    expect(digests[0]).toBe(digests[1]);
  });
});
