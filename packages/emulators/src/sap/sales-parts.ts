import type { EntitySet, Property } from '../odata/model.js';
import { channelAt } from '../retailer/channels.js';
import type { Erp } from '../retailer/erp/erp.js';
import { SALES_DELIVERED } from '../retailer/erp/sales.js';
import { BASE_UNIT, SALES_ORDER } from './numbers.js';
import {
  amount,
  day,
  decimal,
  fixed,
  keyText,
  minorText,
  outputOnly,
  quantity,
  text,
} from './properties.js';
import { DISCOUNT, FREIGHT, TAX } from './sales-order-from.js';
import type { SalesView } from './sales-view.js';
import type { SalesWrites } from './sales-writes.js';
import { ascendingIndex, type Layout, layoutSource } from './sources.js';

/** What hangs on sales orders and their items: schedule lines, price elements. */

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
  writes: SalesWrites,
): readonly EntitySet<number>[] => {
  const { orders, model } = erp;
  const numberOf = (item: number): string => SALES_ORDER.of(view.ownerOfItem(item));
  const position = (item: number): string => String(view.itemOf(item).position);
  const units = (item: number): number => view.itemOf(item).quantity;
  const confirmed = (item: number): number =>
    view.itemOf(item).rejection === '' ? units(item) : 0;
  const delivered = (item: number): number =>
    view.has(view.ownerOfItem(item), SALES_DELIVERED) ? confirmed(item) : 0;
  const requested = (item: number): number => view.contentsOf(view.ownerOfItem(item)).requestedAtMs;

  const schedule: EntitySet<number> = {
    name: 'A_SalesOrderScheduleLine',
    label: 'Sales Order Schedule Line',
    key: ['SalesOrder', 'SalesOrderItem', 'ScheduleLine'],
    properties: [
      keyText('SalesOrder', 10, numberOf),
      keyText('SalesOrderItem', 6, position),
      keyText('ScheduleLine', 4, () => '1'),
      day('RequestedDeliveryDate', requested),
      day('ConfirmedDeliveryDate', requested),
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

  const itemOf = (row: number): number => Math.floor(row / 4);
  const stepOf = (row: number) => STEPS[row % 4] ?? STEPS[0];
  const isNet = (item: number): boolean =>
    channelAt(view.contentsOf(view.ownerOfItem(item)).channel).taxBasis === 'net';
  const conditionType = (row: number): string => {
    const { type } = stepOf(row);
    const types = model.conditionTypes;
    if (type === 'price') return isNet(itemOf(row)) ? types.net : types.gross;
    return type === 'discount' ? DISCOUNT : type === 'freight' ? FREIGHT : TAX;
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
    properties: outputOnly(
      ['SalesOrder', 'SalesOrderItem', 'ConditionAmount'],
      [
        keyText('SalesOrder', 10, (row) => numberOf(itemOf(row))),
        keyText('SalesOrderItem', 6, (row) => position(itemOf(row))),
        keyText('PricingProcedureStep', 3, (row) => stepOf(row).step),
        keyText('PricingProcedureCounter', 3, () => '1'),
        text('ConditionType', 4, conditionType),
        decimal('ConditionRateValue', [24, 9], (row) =>
          stepOf(row).type === 'price'
            ? minorText(view.itemOf(itemOf(row)).priceMinor)
            : minorText(conditionAmount(row)),
        ),
        text('ConditionCurrency', 5, (row) => view.currencyOf(view.ownerOfItem(itemOf(row)))),
        decimal('ConditionQuantity', [5, 0], (row) =>
          stepOf(row).type === 'price' ? String(view.itemOf(itemOf(row)).pricePer) : '1',
        ),
        fixed('ConditionQuantityUnit', 3, BASE_UNIT),
        ...priceElements<number>(conditionAmount, (row) =>
          view.currencyOf(view.ownerOfItem(itemOf(row))),
        ),
      ],
    ),
    source: {
      ...layoutSource(elementLayout, {
        SalesOrder: ascendingIndex(elementLayout, (row) => numberOf(itemOf(row))),
      }),
      ...writes.itemElements,
    },
  };

  const headOrder = (row: number): number => Math.floor(row / 2);
  const isFreight = (row: number): boolean => row % 2 === 1;
  const headAmount = (row: number): number => headMinor(erp, view, row);
  const headLayout: Layout<number> = {
    count: () => orders.length * 2,
    rowAt: (at) => at,
    keyOf: (row) => [SALES_ORDER.of(headOrder(row)), isFreight(row) ? '815' : '100', '1'],
  };
  const headElements: EntitySet<number> = {
    name: 'A_SalesOrderHeaderPrElement',
    label: 'Sales Order Header Pricing Element',
    key: ['SalesOrder', 'PricingProcedureStep', 'PricingProcedureCounter'],
    properties: outputOnly(
      ['SalesOrder', 'ConditionAmount'],
      [
        keyText('SalesOrder', 10, (row) => SALES_ORDER.of(headOrder(row))),
        keyText('PricingProcedureStep', 3, (row) => (isFreight(row) ? '815' : '100')),
        keyText('PricingProcedureCounter', 3, () => '1'),
        text('ConditionType', 4, (row) => (isFreight(row) ? FREIGHT : DISCOUNT)),
        amount('ConditionRateValue', headAmount, 'ConditionCurrency', [24, 9]),
        text('ConditionCurrency', 5, (row) => view.currencyOf(headOrder(row))),
        ...priceElements<number>(headAmount, (row) => view.currencyOf(headOrder(row))),
      ],
    ),
    source: {
      ...layoutSource(headLayout, {
        SalesOrder: ascendingIndex(headLayout, (row) => SALES_ORDER.of(headOrder(row))),
      }),
      ...writes.headElements,
    },
  };
  return [schedule, elements, headElements];
};

/** Freight as it is, a discount as what it takes off. */
const headMinor = (erp: Erp, view: SalesView, row: number): number =>
  row % 2 === 1
    ? erp.orders.shippingMinor.get(Math.floor(row / 2))
    : -view.contentsOf(Math.floor(row / 2)).discountMinor;

/** Conditions of nothing are not in the document. */
export const headElementsOf =
  (erp: Erp, view: SalesView) =>
  (salesOrder: number): readonly number[] =>
    [salesOrder * 2, salesOrder * 2 + 1].filter((row) => headMinor(erp, view, row) !== 0);
