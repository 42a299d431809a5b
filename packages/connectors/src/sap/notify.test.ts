import { verifyWebhook } from '@headrace/sdk';
import { describe, expect, it } from 'vitest';
import { config } from './config.js';
import { notify } from './notify.js';

const settings = (more: object = {}) =>
  config.parse({ url: 'https://sap.example', auth: { kind: 'basic', secret: 'u:p' }, ...more });
const request = (body: object, headers: Record<string, string> = {}) => ({
  ...{ method: 'POST', uri: '/', headers, body: Buffer.from(JSON.stringify(body)) },
});
const event = (name: string, data: object) => ({
  specversion: '1.0',
  id: 'e1',
  type: `sap.s4.beh.${name}.Changed.v1`,
  source: '/default/sap.s4.beh/S4H',
  time: '2026-03-01T12:00:00.123Z',
  data,
});
const changes = (name: string, data: object) =>
  notify
    .parse(request(event(name, data)), settings())
    .changes.map(({ stream, key }) => `${stream} ${key}`);

describe('business events', () => {
  it.each<[string, object, string[]]>([
    ['salesorder.v1.SalesOrder', { SalesOrder: '42' }, ['order 42']],
    ['product.v1.Product', { Product: 'A-1' }, ['product A-1', 'supplyPlanning A-1', 'cost A-1']],
    [
      'materialdocument.v1.MaterialDocument',
      { MaterialDocumentYear: '2026', MaterialDocument: '4900000001' },
      ['stockMovement 2026/4900000001'],
    ],
    ['outbounddelivery.v1.OutboundDelivery', { OutboundDelivery: '8' }, ['delivery 8']],
    ['salesorder.v1.SalesOrder', { PurchaseOrder: '42' }, []],
    ['billofmaterial.v1.BillOfMaterial', { Material: '42' }, []],
  ])('%s %j', (name, data, expected) => {
    expect(changes(name, data)).toEqual(expected);
  });

  it('carry their id and time, in the body or in headers', () => {
    const whole = request(event('salesorder.v1.SalesOrder', { SalesOrder: '42' }));
    const split = request(
      { SalesOrder: '42' },
      {
        'ce-id': 'e1',
        'ce-type': 'sap.s4.beh.salesorder.v1.SalesOrder.Changed.v1',
        'ce-time': '2026-03-01T12:00:00.123Z',
      },
    );
    const expected = {
      eventId: 'e1',
      at: Date.parse('2026-03-01T12:00:00.123Z'),
      changes: [{ stream: 'order', key: '42' }],
    };
    expect(notify.parse(whole, settings())).toEqual(expected);
    expect(notify.parse(split, settings())).toEqual(expected);
  });

  it('of streams that are not read are passed over', () => {
    const body = request(event('product.v1.Product', { Product: 'A' }));
    const { changes: left } = notify.parse(body, settings({ without: ['product', 'cost'] }));
    expect(left).toEqual([{ stream: 'supplyPlanning', key: 'A' }]);
  });

  it('are verified by bearer token, or by signature where the settings say so', () => {
    const spec = (more: object) => notify.signatureOf?.(settings(more)) ?? notify.signature;
    const body = request(event('x', {}), { authorization: 'Bearer s' });
    expect(verifyWebhook(spec({}), ['s'], body, 0)).toMatchObject({ ok: true, eventId: 'e1' });
    const hmac = verifyWebhook(spec({ webhookSignature: 'hmac' }), ['s'], body, 0);
    expect(hmac).toEqual({ ok: false, reason: 'missing-signature' });
  });
});
