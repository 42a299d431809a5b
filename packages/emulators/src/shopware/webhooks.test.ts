import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type HookReceiver,
  startHookReceiver,
  startTestClient,
  type TestClient,
  until,
} from '../test-client.js';

describe('webhooks', () => {
  let hooks: HookReceiver;
  let client: TestClient;
  beforeEach(async () => {
    hooks = await startHookReceiver();
    client = await startTestClient({ days: 20, webhookUrl: hooks.url });
  });
  afterEach(async () => {
    await client.emulators.close();
    await hooks.close();
  });

  const command = (body: object) => client.control('POST', '/commands', body);
  const productHook = () =>
    client.emulators.shop.dispatcher.rows.find((row) => row.eventName === 'product.written');

  it('are signed over the raw body and carry keys only', async () => {
    const changed = await command({ kind: 'set-stock' });
    await until(() => hooks.received.length === 1);
    const [hook] = hooks.received;
    const { webhookSecret } = client.emulators.shopware;
    expect(hook?.headers['shopware-shop-signature']).toBe(
      createHmac('sha256', webhookSecret)
        .update(hook?.raw ?? '')
        .digest('hex'),
    );
    expect(hook?.headers).toMatchObject({ 'x-shopware-sequence': '1', 'x-shopware-attempt': '1' });
    expect(hook?.headers['x-shopware-event-id']).toBe(hook?.body.source.eventId);
    expect(hook?.body.data).toMatchObject({
      event: 'product.written',
      payload: [{ entity: 'product', operation: 'update', primaryKey: changed.body.id }],
    });
    expect(hook?.body.data.payload[0].updatedFields).toContain('stock');
  });

  it('tell of an order and its states, but never of the stock it took', async () => {
    const placed = await command({ kind: 'place-order', channel: 'beta-de', lines: undefined });
    await command({ kind: 'pay-order', id: placed.body.id });
    await command({ kind: 'ship-order', id: placed.body.id });
    await until(() => hooks.received.length >= 6);
    const events = hooks.received.map((hook) => hook.body.data.event);
    expect(events).toEqual(
      expect.arrayContaining([
        'order.written',
        'checkout.order.placed',
        'state_enter.order_transaction.state.paid',
        'state_enter.order.state.in_progress',
        'state_enter.order_delivery.state.shipped',
      ]),
    );
    expect(events).not.toContain('product.written');
    const shipped = hooks.received.find(
      (hook) => hook.body.data.event === 'state_enter.order_delivery.state.shipped',
    );
    expect(shipped?.body.data.payload.order.id).toBe(placed.body.id);
  });

  it('are tried six times at the promised distances', async () => {
    hooks.status = 500;
    await command({ kind: 'set-stock' });
    await until(() => hooks.received.length === 1);
    const steps = [5_000, 30_000, 300_000, 1_800_000, 14_400_000];
    for (const [index, stepMs] of steps.entries()) {
      await until(() => client.emulators.shop.dispatcher.pending === 0);
      await client.emulators.manualClock?.advance(stepMs - 1);
      expect(hooks.received).toHaveLength(index + 1);
      await client.emulators.manualClock?.advance(1);
      await until(() => hooks.received.length === index + 2);
    }
    await until(() => client.emulators.shop.dispatcher.pending === 0);
    await client.emulators.manualClock?.advance(100_000_000);
    expect(hooks.received.map((hook) => hook.headers['x-shopware-attempt'])).toEqual([
      '1',
      '2',
      '3',
      '4',
      '5',
      '6',
    ]);
    expect(new Set(hooks.received.map((hook) => hook.headers['x-shopware-event-id'])).size).toBe(1);
  });

  it('are switched off by ten errors, and nothing is queued meanwhile', async () => {
    hooks.status = 503;
    for (let count = 0; count < 10; count++) {
      await command({ kind: 'set-stock' });
      await until(() => client.emulators.shop.dispatcher.pending === 0);
    }
    expect(productHook()).toMatchObject({ active: false, errorCount: 10 });
    const rows = await client.search('webhook', {
      filter: [{ type: 'equals', field: 'eventName', value: 'product.written' }],
    });
    expect(rows.body.data[0]).toMatchObject({ active: false, errorCount: 10 });
    hooks.status = 200;
    const before = hooks.received.length;
    await command({ kind: 'set-stock' });
    await client.emulators.manualClock?.advance(20_000_000);
    expect(hooks.received).toHaveLength(before);
  });

  it('can be dropped, doubled and held back by faults, and the log tells which', async () => {
    const dropped = await client.control('POST', '/faults', {
      kind: 'drop-webhook',
      scope: 'product',
      times: 1,
    });
    await command({ kind: 'set-stock' });
    await client.control('DELETE', `/faults/${dropped.body.id}`);
    await client.control('POST', '/faults', { kind: 'duplicate-webhook', times: 1 });
    await command({ kind: 'set-stock' });
    await until(() => hooks.received.length === 2);
    expect(new Set(hooks.received.map((hook) => hook.headers['x-shopware-event-id'])).size).toBe(1);
    const log = await client.control('GET', '/faults/log');
    expect(log.body.injected.map((entry: { kind: string }) => entry.kind)).toEqual([
      'drop-webhook',
      'duplicate-webhook',
    ]);
  });
});
