import type { EntitySet, Property } from '../odata/model.js';
import { channelAt } from '../retailer/channels.js';
import type { Erp } from '../retailer/erp/erp.js';
import { SALES_DELIVERED, SALES_REJECTED } from '../retailer/erp/sales.js';
import { BASE_UNIT, CUSTOMER, itemNumber, SALES_ORDER } from './numbers.js';
import { amount, day, decimal, fixed, keyText, minorText, quantity, text } from './properties.js';
import type { SalesView } from './sales-view.js';
import { ascendingIndex, type Layout, layoutSource } from './sources.js';

/** What hangs on sales orders and their items: schedule lines, partners, price elements. */

/** Steps of the pricing procedure: price, discount, freight, tax. */
const STEPS = [
  { step: '10', type: 'price' },
  { step: '100', type: 'discount' },
  { step: '815', type: 'freight' },
  { step: '915', type: 'tax' },
] as const;

export const salesParts = (
  erp: Erp,
  view: SalesView,
  itemLayout: Layout<number>,
): readonly EntitySet<number>[] => {
  const { orders, model, world } = erp;
  const numberOf = (item: number): string => SALES_ORDER.of(view.ownerOfItem(item));
  const position = (item: number): string =>
    itemNumber(item - orders.firstItem.get(view.ownerOfItem(item)));
  const units = (item: number): number => world.orders.lineQuantity.get(view.amountsOf(item).line);
  const has = (item: number, flag: number): boolean => view.has(view.ownerOfItem(item), flag);
  const confirmed = (item: number): number => (has(item, SALES_REJECTED) ? 0 : units(item));
  const delivered = (item: number): number => (has(item, SALES_DELIVERED) ? units(item) : 0);

  const schedule: EntitySet<number> = {
    name: 'A_SalesOrderScheduleLine',
    label: 'Sales Order Schedule Line',
    key: ['SalesOrder', 'SalesOrderItem', 'ScheduleLine'],
    properties: [
      keyText('SalesOrder', 10, numberOf),
      keyText('SalesOrderItem', 6, position),
      keyText('ScheduleLine', 4, () => '1'),
      day('RequestedDeliveryDate', (item) => view.promisedAtMs(view.ownerOfItem(item))),
      day('ConfirmedDeliveryDate', (item) => view.promisedAtMs(view.ownerOfItem(item))),
      fixed('OrderQuantityUnit', 3, BASE_UNIT),
      quantity('ScheduleLineOrderQuantity', units, 'OrderQuantityUnit'),
      quantity('ConfdOrderQtyByMatlAvailCheck', confirmed, 'OrderQuantityUnit'),
      quantity('DeliveredQtyInOrderQtyUnit', delivered, 'OrderQuantityUnit'),
      quantity(
        'OpenConfdDelivQtyInOrdQtyUnit',
        (item) => Math.max(0, confirmed(item) - delivered(item)),
        'OrderQuantityUnit',
      ),
      fixed('DelivBlockReasonForSchedLine', 2, ''),
    ],
    source: layoutSource(
      { ...itemLayout, keyOf: (item) => [...itemLayout.keyOf(item), '1'] },
      { SalesOrder: ascendingIndex(itemLayout, numberOf) },
    ),
  };

  const partnerOrder = (row: number): number => Math.floor(row / 2);
  const partnerFunction = (row: number): string => (row % 2 === 0 ? 'SH' : 'SP');
  const partnerLayout: Layout<number> = {
    count: () => orders.length * 2,
    rowAt: (at) => at,
    keyOf: (row) => [SALES_ORDER.of(partnerOrder(row)), partnerFunction(row)],
  };
  const partners: EntitySet<number> = {
    name: 'A_SalesOrderHeaderPartner',
    label: 'Sales Order Partner',
    key: ['SalesOrder', 'PartnerFunction'],
    properties: [
      keyText('SalesOrder', 10, (row) => SALES_ORDER.of(partnerOrder(row))),
      keyText('PartnerFunction', 2, partnerFunction),
      text('Customer', 10, (row) => CUSTOMER.of(orders.partner.get(partnerOrder(row)))),
      fixed('Supplier', 10, ''),
      fixed('Personnel', 8, '0'),
      fixed('ContactPerson', 10, ''),
    ],
    source: layoutSource(partnerLayout, {
      SalesOrder: ascendingIndex(partnerLayout, (row) => SALES_ORDER.of(partnerOrder(row))),
    }),
  };

  const itemOf = (row: number): number => Math.floor(row / 4);
  const stepOf = (row: number) => STEPS[row % 4] ?? STEPS[0];
  const isNet = (item: number): boolean =>
    channelAt(world.orders.channel.get(view.orderOf(view.ownerOfItem(item)))).taxBasis === 'net';
  const conditionType = (row: number): string => {
    const { type } = stepOf(row);
    const types = model.conditionTypes;
    if (type === 'price') return isNet(itemOf(row)) ? types.net : types.gross;
    return type === 'discount' ? 'HB00' : type === 'freight' ? 'HD00' : 'MWST';
  };
  const conditionAmount = (row: number): number => {
    const amounts = view.amountsOf(itemOf(row));
    return [amounts.goodsMinor, amounts.discountMinor, amounts.freightMinor, amounts.taxMinor][
      row % 4
    ] as number;
  };
  const priceElements = <Row extends number>(
    read: (row: Row) => number,
    currency: (row: Row) => string,
  ): readonly Property<Row>[] => [
    amount('ConditionAmount', read, 'TransactionCurrency'),
    text('TransactionCurrency', 5, currency),
  ];
  const elementLayout: Layout<number> = {
    count: () => orders.itemLength * 4,
    rowAt: (at) => at,
    keyOf: (row) => [numberOf(itemOf(row)), position(itemOf(row)), stepOf(row).step, '1'],
  };
  const elements: EntitySet<number> = {
    name: 'A_SalesOrderItemPrElement',
    label: 'Sales Order Item Pricing Element',
    key: ['SalesOrder', 'SalesOrderItem', 'PricingProcedureStep', 'PricingProcedureCounter'],
    properties: [
      keyText('SalesOrder', 10, (row) => numberOf(itemOf(row))),
      keyText('SalesOrderItem', 6, (row) => position(itemOf(row))),
      keyText('PricingProcedureStep', 3, (row) => stepOf(row).step),
      keyText('PricingProcedureCounter', 3, () => '1'),
      text('ConditionType', 4, conditionType),
      decimal('ConditionRateValue', [24, 9], (row) =>
        stepOf(row).type === 'price'
          ? minorText(world.orders.lineUnitMinor.get(view.amountsOf(itemOf(row)).line))
          : minorText(conditionAmount(row)),
      ),
      text('ConditionCurrency', 5, (row) => view.currencyOf(view.ownerOfItem(itemOf(row)))),
      decimal('ConditionQuantity', [5, 0], () => '1'),
      fixed('ConditionQuantityUnit', 3, BASE_UNIT),
      ...priceElements<number>(conditionAmount, (row) =>
        view.currencyOf(view.ownerOfItem(itemOf(row))),
      ),
    ],
    source: layoutSource(elementLayout, {
      SalesOrder: ascendingIndex(elementLayout, (row) => numberOf(itemOf(row))),
    }),
  };

  const headLayout: Layout<number> = {
    count: () => orders.length,
    rowAt: (at) => at,
    keyOf: (row) => [SALES_ORDER.of(row), '815', '1'],
  };
  const headElements: EntitySet<number> = {
    name: 'A_SalesOrderHeaderPrElement',
    label: 'Sales Order Header Pricing Element',
    key: ['SalesOrder', 'PricingProcedureStep', 'PricingProcedureCounter'],
    properties: [
      keyText('SalesOrder', 10, (row) => SALES_ORDER.of(row)),
      keyText('PricingProcedureStep', 3, () => '815'),
      keyText('PricingProcedureCounter', 3, () => '1'),
      fixed('ConditionType', 4, 'HD00'),
      amount(
        'ConditionRateValue',
        (row) => orders.shippingMinor.get(row),
        'ConditionCurrency',
        [24, 9],
      ),
      text('ConditionCurrency', 5, view.currencyOf),
      ...priceElements<number>((row) => orders.shippingMinor.get(row), view.currencyOf),
    ],
    source: layoutSource(headLayout, {
      SalesOrder: ascendingIndex(headLayout, (row) => SALES_ORDER.of(row)),
    }),
  };
  return [schedule, partners, elements, headElements];
};
