import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Emulators, startEmulators } from '../emulators.js';
import { DAY_MS } from '../retailer/parameters.js';
import { askJson, type TestAnswer } from '../test-client.js';
import type { ErpNews } from './news.js';

/** What may be written to the emulated S/4HANA, over HTTP, and what becomes of it. */

let emulators: Emulators;
const events: ErpNews[] = [];
const session = { token: '', cookies: '' };

beforeAll(async () => {
  emulators = await startEmulators({
    ...{ seed: 3, scale: 0.02, days: 60 },
    systems: ['shopware', 'sap'],
    integration: 'none',
    hasManualClock: true,
    onSapEvent: (event) => events.push(event),
  });
  await openSession();
});
afterAll(() => emulators.close());

const ROOT = '/sap/opu/odata/sap/API_SALES_ORDER_SRV';
const authorization = () =>
  `Basic ${Buffer.from(`${emulators.sap?.user}:${emulators.sap?.password}`).toString('base64')}`;

async function openSession(): Promise<void> {
  const { headers } = await askJson(`${emulators.sap?.url}${ROOT}/`, 'GET', undefined, {
    authorization: authorization(),
    'x-csrf-token': 'Fetch',
  });
  session.token = headers.get('x-csrf-token') ?? '';
  session.cookies = headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ');
}

const call = (
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<TestAnswer> =>
  askJson(`${emulators.sap?.url}${path}`, method, body, {
    authorization: authorization(),
    'x-csrf-token': session.token,
    cookie: session.cookies,
    ...headers,
  });
const read = async (path: string) => (await call('GET', `${ROOT}/${path}`)).body.d;

const materials = (): readonly string[] =>
  emulators.world.catalogue.products
    .filter(({ variant, isDeleted }) => variant >= 0 && !isDeleted)
    .filter(({ variant }) => emulators.world.stock.onHandAt(variant, 0) > 5)
    .map(({ number }) => number);
const address = {
  OrganizationName1: 'Iris Holm',
  StreetName: 'Lange Straat',
  HouseNumber: '7',
  PostalCode: '5038 AB',
  CityName: 'Tilburg',
  Country: 'NL',
};
const order = (reference: string, more: object = {}) => ({
  SalesOrderType: 'OR',
  SalesOrganization: '1000',
  DistributionChannel: '10',
  OrganizationDivision: '00',
  SoldToParty: '1010000001',
  PurchaseOrderByCustomer: reference,
  SalesOrderDate: '/Date(1777852800000)/',
  TransactionCurrency: 'EUR',
  to_Partner: [{ PartnerFunction: 'SH', Customer: '1010000001', to_Address: [address] }],
  to_PricingElement: [
    { ConditionType: 'HD00', ConditionRateValue: '4.95', ConditionCurrency: 'EUR' },
  ],
  to_Item: [
    {
      Material: materials()[0],
      RequestedQuantity: '2',
      RequestedQuantityUnit: 'PC',
      UnderlyingPurchaseOrderItem: 'A1B2C3',
      to_PricingElement: [
        { ConditionType: 'VKP0', ConditionRateValue: '121.00', ConditionCurrency: 'EUR' },
      ],
    },
    {
      Material: materials()[1],
      RequestedQuantity: '1.000',
      to_PricingElement: [
        {
          ...{ ConditionType: 'VKP0', ConditionRateValue: '605.00', ConditionQuantity: '10' },
          ConditionCurrency: 'EUR',
        },
      ],
    },
  ],
  ...more,
});
const enter = async (reference: string, more: object = {}): Promise<string> => {
  const { status, body } = await call('POST', `${ROOT}/A_SalesOrder`, order(reference, more));
  expect([status, body?.error?.message?.value]).toEqual([201, undefined]);
  return body.d.SalesOrder;
};

describe('a sales order posted to the emulated S/4HANA', () => {
  it('gets a number, is found by its reference at once, and is told of by key', async () => {
    events.length = 0;
    const number = await enter('W-1');
    const found = await read(
      "A_SalesOrder?$filter=PurchaseOrderByCustomer eq 'W-1'&$expand=to_Item,to_PricingElement,to_Partner/to_Address",
    );
    expect(found.results).toHaveLength(1);
    const [head] = found.results;
    expect(head).toMatchObject({
      SalesOrder: number,
      SoldToParty: '1010000001',
      SalesOrderDate: '/Date(1777852800000)/',
      OverallSDProcessStatus: 'A',
    });
    expect(head.to_Item.results).toMatchObject([
      { SalesOrderItem: '10', UnderlyingPurchaseOrderItem: 'A1B2C3', RequestedQuantity: '2' },
      { SalesOrderItem: '20', RequestedQuantity: '1' },
    ]);
    expect(head.to_PricingElement.results).toMatchObject([
      { ConditionType: 'HD00', ConditionRateValue: '4.95' },
    ]);
    const shipTo = head.to_Partner.results.find(
      ({ PartnerFunction }: { PartnerFunction: string }) => PartnerFunction === 'SH',
    );
    expect(shipTo.to_Address.results).toMatchObject([address]);
    // 2 × 121.00 + 60.50 + 4.95 with tax, of which 21 % are tax.
    expect(Number(head.TotalNetAmount)).toBe(254.09);
    expect(events).toMatchObject([
      { type: 'sap.s4.beh.salesorder.v1.SalesOrder.Created.v1', subject: number },
    ]);
  });

  it('is a second one when it is posted twice', async () => {
    const numbers = [await enter('W-2'), await enter('W-2')];
    expect(numbers[0]).not.toBe(numbers[1]);
    const found = await read("A_SalesOrder?$filter=PurchaseOrderByCustomer eq 'W-2'");
    expect(found.results.map((row: { SalesOrder: string }) => row.SalesOrder)).toEqual(numbers);
  });

  it('is refused in words, with a code and the property, and leaves nothing behind', async () => {
    const before = emulators.erp?.orders.length;
    const item = { Material: materials()[0], RequestedQuantity: '1' };
    for (const [more, code, target] of [
      [{ SalesOrganization: '9999' }, 'V1/346', 'SalesOrganization'],
      [{ SalesOrderType: 'XX' }, 'V1/313', 'SalesOrderType'],
      [{ SoldToParty: '4711' }, 'VP/204', 'SoldToParty'],
      [{ to_Item: [{ ...item, Material: 'NOPE' }] }, 'V1/382', 'Material'],
      [{ to_Item: [{ ...item, RequestedQuantity: '1.5' }] }, 'V1/384', 'RequestedQuantity'],
      [{ to_Item: [{ ...item, RequestedQuantityUnit: 'KG' }] }, 'V1/287', 'RequestedQuantityUnit'],
      [{ to_Item: [] }, 'V1/320', 'to_Item'],
      [{ to_Partner: [] }, 'VP/112', 'to_Partner'],
      [{ to_Partner: [{ PartnerFunction: 'ZZ' }] }, 'VP/217', 'PartnerFunction'],
      [{ RequestedDeliveryDate: '/Date(1777766400000)/' }, 'V1/150', 'RequestedDeliveryDate'],
      [{ SalesOrderDate: '/Date(1777852800001)/' }, '00/065', 'SalesOrderDate'],
      [{ TransactionCurrency: 'GBP' }, 'V1/383', 'TransactionCurrency'],
    ] as const) {
      const { status, body } = await call(
        'POST',
        `${ROOT}/A_SalesOrder`,
        order('W-3', more as object),
      );
      expect([status, body.error.code]).toEqual([400, code]);
      expect(body.error.message.value.length).toBeGreaterThan(10);
      expect(body.error.innererror.errordetails[0].target).toBe(target);
    }
    expect((await read("A_SalesOrder?$filter=PurchaseOrderByCustomer eq 'W-3'")).results).toEqual(
      [],
    );
    expect(emulators.erp?.orders.length).toBe(before);
  });

  it('wants a token and its cookies, and its own version before it is changed', async () => {
    const number = await enter('W-4');
    const path = `${ROOT}/A_SalesOrder('${number}')`;
    const change = { ShippingCondition: '10' };
    const withoutCookies = await fetch(`${emulators.sap?.url}${ROOT}/A_SalesOrder`, {
      method: 'POST',
      headers: { authorization: authorization(), 'x-csrf-token': session.token },
      body: JSON.stringify(order('W-5')),
    });
    expect([withoutCookies.status, await withoutCookies.text()]).toEqual([
      403,
      'CSRF token validation failed',
    ]);
    expect((await call('PATCH', path, change)).status).toBe(428);
    const { headers } = await call('GET', path);
    const etag = headers.get('etag') ?? (await call('GET', path)).body.d.__metadata.etag;
    expect((await call('PATCH', path, change, { 'if-match': etag })).status).toBe(204);
    expect((await call('PATCH', path, change, { 'if-match': etag })).status).toBe(412);
    expect((await read(`A_SalesOrder('${number}')`)).ShippingCondition).toBe('10');
  });

  it('has items rejected and made more, and freight changed, in one change set or not at all', async () => {
    const number = await enter('W-6');
    const item = (position: number) =>
      `A_SalesOrderItem(SalesOrder='${number}',SalesOrderItem='${position}')`;
    const set = (changes: readonly (readonly [string, object])[]) => {
      const parts = changes.map(([path, body]) => {
        const json = JSON.stringify(body);
        return `--c\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\nPATCH ${path} HTTP/1.1\r\nContent-Type: application/json\r\nAccept: application/json\r\nContent-Length: ${json.length}\r\n\r\n${json}\r\n`;
      });
      return `--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n${parts.join('')}--c--\r\n\r\n--b--\r\n`;
    };
    const batch = async (changes: readonly (readonly [string, object])[]) => {
      const response = await fetch(`${emulators.sap?.url}${ROOT}/$batch`, {
        method: 'POST',
        headers: {
          authorization: authorization(),
          'x-csrf-token': session.token,
          cookie: session.cookies,
          'content-type': 'multipart/mixed; boundary=b',
          accept: 'application/json',
        },
        body: set(changes),
      });
      return { status: response.status, text: await response.text() };
    };
    const freight = `A_SalesOrderHeaderPrElement(SalesOrder='${number}',PricingProcedureStep='815',PricingProcedureCounter='1')`;
    const bad = await batch([
      [item(10), { RequestedQuantity: '3' }],
      [item(20), { SalesDocumentRjcnReason: 'ZZ' }],
    ]);
    expect(bad.status).toBe(202);
    expect(bad.text).toContain('HTTP/1.1 400');
    expect(bad.text).toContain('V1/410');
    expect((await read(item(10))).RequestedQuantity).toBe('2');
    const good = await batch([
      [item(10), { RequestedQuantity: '3' }],
      [item(20), { SalesDocumentRjcnReason: '50' }],
      [freight, { ConditionRateValue: '0.00' }],
    ]);
    expect(good.text.match(/HTTP\/1.1 204/g)).toHaveLength(3);
    expect((await read(item(10))).RequestedQuantity).toBe('3');
    const head = await read(`A_SalesOrder('${number}')`);
    expect(head.OverallSDDocumentRejectionSts).toBe('B');
    expect(Number(head.TotalNetAmount)).toBe(300);
  });

  it('is delivered, issued and billed by the ERP when no shop stands behind it', async () => {
    const number = await enter('W-7');
    const stock = emulators.world.stock;
    const moved = stock.movementAtMs.length;
    await emulators.manualClock?.advance(12 * DAY_MS);
    await openSession();
    const head = await read(`A_SalesOrder('${number}')`);
    expect(head).toMatchObject({ OverallTotalDeliveryStatus: 'C', OverallSDProcessStatus: 'C' });
    const delivery = await call(
      'GET',
      `/sap/opu/odata/sap/API_OUTBOUND_DELIVERY_SRV/A_OutbDeliveryItem?$filter=ReferenceSDDocument eq '${number}'`,
    );
    expect(delivery.body.d.results).toMatchObject([
      { ReferenceSDDocumentItem: '000010', ActualDeliveryQuantity: '2', GoodsMovementStatus: 'C' },
      { ReferenceSDDocumentItem: '000020', ActualDeliveryQuantity: '1', GoodsMovementStatus: 'C' },
    ]);
    expect(stock.movementAtMs.length).toBeGreaterThan(moved);
    expect(stock.checkBalance()).toEqual([]);
    const path = `${ROOT}/A_SalesOrderItem(SalesOrder='${number}',SalesOrderItem='10')`;
    const late = await call('PATCH', path, { SalesDocumentRjcnReason: '50' });
    expect([late.status, late.body.error.code]).toEqual([400, 'V1/496']);
  });

  it('is taken back by a return that is announced, arrives and is inspected', async () => {
    const RETURNS = '/sap/opu/odata/sap/API_CUSTOMER_RETURN_SRV';
    const open = await enter('W-8');
    const announced = (number: string, quantity: string, more: object = {}) => ({
      CustomerReturnType: 'RE2',
      AssignmentReference: 'RMA-8',
      ReferenceSDDocument: number,
      to_Item: [
        {
          ...{ ReferenceSDDocument: number, ReferenceSDDocumentItem: '10', ReturnReason: '002' },
          RequestedQuantity: quantity,
          ...more,
        },
      ],
    });
    const post = (body: object) => call('POST', `${RETURNS}/A_CustomerReturn`, body);
    const early = await post(announced(open, '1'));
    expect([early.status, early.body.error.code]).toEqual([400, 'V1/531']);
    await emulators.manualClock?.advance(12 * DAY_MS);
    await openSession();
    for (const [body, code] of [
      [announced('1', '1'), 'V1/302'],
      [announced(open, '3'), 'V1/533'],
      [announced(open, '1', { ReferenceSDDocumentItem: '90' }), 'V1/303'],
      [announced(open, '1', { ReturnReason: '999' }), 'MSR/012'],
    ] as const) {
      const refused = await post(body);
      expect([refused.status, refused.body.error.code]).toEqual([400, code]);
    }
    events.length = 0;
    const { status, body } = await post(announced(open, '2'));
    expect(status).toBe(201);
    const number: string = body.d.CustomerReturn;
    expect(body.d).toMatchObject({ RetsMgmtProcessingStatus: 'A', PurchaseOrderByCustomer: 'W-8' });
    expect(events).toMatchObject([
      { type: 'sap.s4.beh.customerreturn.v1.CustomerReturn.Created.v1', subject: number },
    ]);
    expect((await post(announced(open, '1'))).body.error.code).toBe('V1/533');
    const moved = emulators.world.stock.movementAtMs.length;
    await emulators.manualClock?.advance(12 * DAY_MS);
    await openSession();
    const found = await call(
      'GET',
      `${RETURNS}/A_CustomerReturn?$filter=AssignmentReference eq 'RMA-8' and PurchaseOrderByCustomer eq 'W-8'&$expand=to_Item`,
    );
    expect(found.body.d.results).toMatchObject([
      {
        ...{ CustomerReturn: number, ReferenceSDDocument: open, RetsMgmtProcessingStatus: 'C' },
        to_Item: {
          results: [
            {
              ...{ CustomerReturnItem: '10', RequestedQuantity: '2', ReturnReason: '002' },
              ...{ ReturnsMaterialHasBeenReceived: 'X', ReferenceSDDocumentItem: '10' },
            },
          ],
        },
      },
    ]);
    const item = found.body.d.results[0].to_Item.results[0];
    const isSellable = item.CustomerRetMatlInspResultCode === '0001';
    expect(emulators.world.stock.movementAtMs.length).toBe(moved + (isSellable ? 1 : 0));
    expect(emulators.world.stock.checkBalance()).toEqual([]);
  });

  it('stands for the shop’s order of its number, which only a call brings to the ERP', async () => {
    const { world } = emulators;
    const placed = await askJson(
      `${emulators.control.url}/commands`,
      'POST',
      {
        kind: 'place-order',
        channel: 'alpha-nl',
      },
      {},
    );
    const row = world.orders.length - 1;
    expect([placed.status, world.orders.channel.get(row)]).toEqual([200, 0]);
    await emulators.manualClock?.advance(DAY_MS);
    await openSession();
    expect(emulators.erp?.orders.byOrder.get(row)).toBe(-1);
    const line = world.orders.firstLine.get(row);
    const product =
      world.catalogue.products[world.catalogue.variants[world.orders.lineSubject.get(line)] ?? -1];
    const number = await enter(world.orders.numberOf(row), {
      to_Item: [
        {
          Material: product?.number,
          RequestedQuantity: String(world.orders.lineQuantity.get(line)),
        },
      ],
    });
    await askJson(
      `${emulators.control.url}/commands`,
      'POST',
      { kind: 'pay-order', orderNo: world.orders.numberOf(row), channel: 'alpha-nl' },
      {},
    );
    emulators.live.set({ ordersPerHour: 0, editsPerHour: 0.0001, erpEditsPerHour: 0 });
    await emulators.manualClock?.advance(12 * DAY_MS);
    emulators.live.stop();
    await openSession();
    const head = await read(`A_SalesOrder('${number}')`);
    expect(head).toMatchObject({ OverallTotalDeliveryStatus: 'C', OverallSDProcessStatus: 'C' });
    // The shop has not been told by anybody.
    expect(world.orders.deliveryState.get(row)).toBe(0);
    expect(world.stock.checkBalance()).toEqual([]);
  });
});
