import type { FlowGroup, FlowRecord, JsonObject, TargetRecord } from '@headrace/sdk';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { config, type SapConfig } from '../config.js';
import { lineCode, priceOf, sapUnitOf } from './amounts.js';
import { orderJson } from './order.js';
import { mapOrder, type OrderFields } from './order-map.js';
import { type FoundItem, type FoundOrder, stateOf } from './order-read.js';
import { writtenFieldsByService } from './write-fields.js';

const settings: SapConfig = z.parse(config, {
  url: 'https://erp.example',
  auth: { kind: 'basic', secret: 'user:password' },
  timeZone: 'Europe/Amsterdam',
  salesAreas: { '1000/10/00': 'web', '1000/20/00': 'b2b' },
  businessChannels: ['b2b'],
  sku: { prefix: 'M-' },
  write: {
    order: {
      type: { web: 'ZWEB', b2b: 'OR' },
      soldTo: '1010000001',
      grossPrice: 'VKP0',
      netPrice: 'PPR0',
      shippingConditions: { express: '10' },
      paymentTerms: { invoice: '0014' },
    },
  },
});
const context = { config: settings, source: {}, subject: null };
const eur = (amount: string) => ({ amount, currency: 'EUR' });
const pieces = (value: string) => ({ value, unit: 'C62' });

function groupOf(order: JsonObject, lines: readonly JsonObject[]): FlowGroup {
  const common = { channel: order.channel ?? 'web', orderNo: 'W-7' };
  const records: readonly FlowRecord[] = [
    { entity: 'order', key: '1', fields: { ...common, currency: 'EUR', ...order } },
    ...lines.map(
      (line, index): FlowRecord => ({
        entity: 'orderLine',
        key: `1/${index}`,
        fields: { ...common, ...line },
      }),
    ),
  ];
  return {
    key: 'web/W-7',
    records: (entity) => records.filter((one) => one.entity === entity),
    own: () => [],
    lookup: () => undefined,
  };
}

const shopOrder = groupOf(
  {
    // Just after midnight in Amsterdam, still the day before in UTC.
    ...{ placedAt: '2026-05-03T22:30:00Z', promisedAt: '2026-05-06T12:00:00Z' },
    ...{ shippingMethod: 'express', paymentMethod: 'invoice', shippingGross: eur('4.95') },
  },
  [
    {
      line: '0189f7a2b0c1',
      sku: 'A1',
      kind: 'item',
      quantity: pieces('2'),
      unitGross: eur('12.1234'),
    },
    {
      line: 'L2',
      sku: 'B2',
      kind: 'item',
      quantity: pieces('3'),
      cancelledQuantity: pieces('1'),
      unitGross: eur('5.00'),
    },
    {
      line: 'L3',
      sku: 'C3',
      kind: 'item',
      quantity: pieces('1'),
      unitGross: eur('9.00'),
      state: 'cancelled',
    },
    { line: 'L4', kind: 'discount', quantity: pieces('1'), lineGross: eur('-2.50') },
    { line: 'L5', kind: 'bundle', quantity: pieces('1') },
  ],
);

describe('a shop’s order as SAP takes it', () => {
  it('has the day of the system’s zone, prices in cents, and conditions for the rest', () => {
    const record = mapOrder(shopOrder, context);
    expect(record).toEqual({
      key: 'web/W-7',
      fields: {
        ...{ area: '1000/10/00', type: 'ZWEB', soldTo: '1010000001', reference: 'W-7' },
        ...{ orderedOn: '2026-05-04', requestedOn: '2026-05-06', currency: 'EUR' },
        ...{ shippingCondition: '10', paymentTerms: '0014', freight: '4.95', discount: '2.5' },
        items: {
          [lineCode('0189f7a2b0c1')]: {
            ...{ material: 'M-A1', quantity: '2', unit: 'PC', isCancelled: false },
            price: { condition: 'VKP0', amount: '1212.34', per: '100' },
          },
          L2: {
            ...{ material: 'M-B2', quantity: '2', unit: 'PC', isCancelled: false },
            price: { condition: 'VKP0', amount: '5', per: '1' },
          },
          L3: {
            ...{ material: 'M-C3', quantity: '1', unit: 'PC', isCancelled: true },
            price: { condition: 'VKP0', amount: '9', per: '1' },
          },
        },
      },
    });
    expect(mapOrder(shopOrder, context)).toEqual(record);
  });

  it('is a deep insert with dates at midnight UTC and nothing that is not listed as written', () => {
    const { fields } = mapOrder(shopOrder, context) as TargetRecord;
    const address = { givenName: 'Iris', familyName: 'Holm', city: 'Tilburg', country: 'NL' };
    const json = orderJson(
      fields as OrderFields,
      '1010000001',
      { email: 'i@example.org', shipTo: address },
      context,
    );
    expect(json).toMatchObject({
      SalesOrderDate: `/Date(${Date.UTC(2026, 4, 4)})/`,
      RequestedDeliveryDate: `/Date(${Date.UTC(2026, 4, 6)})/`,
      to_Partner: [
        {
          PartnerFunction: 'SH',
          to_Address: [{ OrganizationName1: 'Iris Holm', CityName: 'Tilburg' }],
        },
      ],
      to_PricingElement: [
        { ConditionType: 'HD00', ConditionRateValue: '4.95' },
        { ConditionType: 'HB00', ConditionRateValue: '-2.5' },
      ],
    });
    const sets = writtenFieldsByService().API_SALES_ORDER_SRV ?? {};
    const below: Readonly<Record<string, string>> = {
      'A_SalesOrder.to_Item': 'A_SalesOrderItem',
      'A_SalesOrder.to_Partner': 'A_SalesOrderHeaderPartner',
      'A_SalesOrder.to_PricingElement': 'A_SalesOrderHeaderPrElement',
      'A_SalesOrderItem.to_PricingElement': 'A_SalesOrderItemPrElement',
      'A_SalesOrderHeaderPartner.to_Address': 'A_SalesOrderPartnerAddress',
    };
    const check = (set: string, row: JsonObject): void => {
      for (const [name, value] of Object.entries(row)) {
        expect(sets[set]?.create, `${set}.${name}`).toContain(name);
        const child = below[`${set}.${name}`];
        if (child !== undefined)
          for (const one of value as readonly JsonObject[]) check(child, one);
      }
    };
    check('A_SalesOrder', json);
  });

  it('is net in a channel of companies, and none without a sales area or a time', () => {
    const lines = [
      { line: 'L1', sku: 'A1', kind: 'item', quantity: pieces('1'), unitNet: eur('8.00') },
    ];
    const placedAt = '2026-05-04T10:00:00Z';
    const business = mapOrder(
      groupOf({ channel: 'b2b', placedAt, shippingNet: eur('1.00') }, lines),
      context,
    );
    expect(business?.fields).toMatchObject({
      ...{ area: '1000/20/00', type: 'OR', freight: '1' },
      items: { L1: { price: { condition: 'PPR0', amount: '8' } } },
    });
    expect(mapOrder(groupOf({ channel: 'store', placedAt }, lines), context)).toBeNull();
    expect(mapOrder(groupOf({ channel: 'web' }, lines), context)).toBeNull();
    const nameless = [{ line: 'L1', kind: 'item', quantity: pieces('1') }];
    expect(() => mapOrder(groupOf({ placedAt }, nameless), context)).toThrow('L1');
  });

  it('states prices as finely as it can and no finer', () => {
    expect(priceOf(eur('1.2'))).toEqual({ amount: '1.2', per: '1' });
    expect(priceOf(eur('1.234567'))).toEqual({ amount: '12345.67', per: '10000' });
    expect(priceOf({ amount: '1.5', currency: 'JPY' })).toEqual({ amount: '15', per: '10' });
    expect(() => priceOf({ amount: '0.000001', currency: 'JPY' })).toThrow('0.000001');
    expect(sapUnitOf('C62', 'ST')).toBe('ST');
    expect(() => sapUnitOf('XBX', 'PC')).toThrow('XBX');
  });

  it('names every line in six characters, the same each time', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 40 }), (line) => {
        expect(lineCode(line)).toMatch(/^[A-Z0-9]{1,6}$/);
        expect(lineCode(lineCode(line))).toBe(lineCode(line));
      }),
    );
    const codes = new Set(Array.from({ length: 5_000 }, (_, index) => lineCode(`line-${index}`)));
    expect(codes.size).toBeGreaterThan(4_995);
  });
});

describe('a sales order as the shop’s is compared with it', () => {
  const wanted = mapOrder(shopOrder, context) as TargetRecord;
  const items = (wanted.fields as OrderFields).items;
  const found = (own: readonly (readonly [string, FoundItem])[]): FoundOrder => ({
    ...{ number: '1', tag: null, record: {}, conditions: new Map() },
    ...{ freight: '4.95', discount: '2.5', items: new Map(own) },
  });
  const item = (line: string, more: Partial<FoundItem> = {}): FoundItem => {
    const fields = items[line] as FoundItem['fields'];
    return {
      number: '10',
      material: fields.material,
      isRejected: false,
      fields,
      price: null,
      ...more,
    };
  };

  it('is level when items carry the shop’s lines, and when somebody else entered it', () => {
    const lines = Object.keys(items);
    const ours = found(lines.map((line) => [line, item(line, { isRejected: line === 'L3' })]));
    expect(stateOf(wanted, ours).fields).toEqual(wanted.fields);
    const theirs = found(
      lines.map((line, index) => [` ${index * 10}`, item(line, { isRejected: line === 'L3' })]),
    );
    expect(stateOf(wanted, theirs).fields).toEqual(wanted.fields);
  });

  it('leaves what SAP rejected, and items of its own, alone', () => {
    const lines = Object.keys(items).map(
      (line) => [line, item(line, { isRejected: true })] as const,
    );
    const gift = { ...item('L2'), material: 'GIFT' };
    expect(stateOf(wanted, found([...lines, [' 90', gift]])).fields).toEqual(wanted.fields);
    const line = [...lines, ['ZZZZZZ', item('L2')] as const];
    expect(stateOf(wanted, found(line)).fields.items).toHaveProperty('ZZZZZZ');
  });
});
