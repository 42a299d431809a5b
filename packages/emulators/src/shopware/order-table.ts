import { LINE_PRODUCT } from '../retailer/orders.js';
import type { World } from '../retailer/world.js';
import type { FilterValue } from './criteria.js';
import { formatInstant } from './dates.js';
import { LIVE_VERSION_ID } from './ids.js';
import { amount } from './money.js';
import { createOrderEntities } from './order-entities.js';
import { createOrderRows } from './order-rows.js';
import type { Reference } from './reference.js';
import { oneRow, type Table } from './table.js';

/** Orders and everything that belongs to one, as tables. */

const COUNTRY_ROWS = ['NL', 'DE', 'GB', 'BE'];
const DATES: ReadonlySet<string> = new Set([
  'createdAt',
  'updatedAt',
  'orderDateTime',
  'shippingDateEarliest',
  'shippingDateLatest',
]);

export const createOrderTables = (world: World, reference: Reference): Table[] => {
  const { orders } = world;
  const { id } = reference;
  const rows = createOrderRows(world, reference);
  const {
    placedAtMs,
    isOrder,
    channelOf,
    languageOf,
    half,
    lineOrder,
    orderCount,
    lineCount,
    orderIds,
    customerIds,
    addressIds,
    lineIds,
    deliveryIds,
    positionIds,
    paymentIds,
    personOf,
    customerId,
    lineRows,
    productLineRows,
    productRowOf,
    productId,
  } = rows;
  const { ids } = reference;
  const { buildOrder, buildLine, buildDelivery, buildPayment, buildOrderCustomer, buildAddress } =
    createOrderEntities(world, reference, rows);

  const perOrder = {
    length: orderCount,
    liveCount: orderCount,
    isLive: isOrder,
    createdAtMs: placedAtMs,
    isChronological: true,
    dateFields: DATES,
    hasAutoIncrement: false,
  };
  const perLine = {
    ...perOrder,
    length: lineCount,
    liveCount: lineCount,
    isLive: (row: number) => row >= 0 && row < orders.lineLength,
    createdAtMs: (row: number) => placedAtMs(lineOrder(row)),
  };
  // Kept up to date as lines are added: a shop is asked what is open of a product again and again.
  const lineIndex = new Map<number, number[]>();
  let linesIndexed = 0;
  const linesOfProduct = (product: number): readonly number[] => {
    for (; linesIndexed < orders.lineLength; linesIndexed++) {
      const of = productRowOf(linesIndexed);
      const known = lineIndex.get(of);
      if (known === undefined) lineIndex.set(of, [linesIndexed]);
      else known.push(linesIndexed);
    }
    return product < 0 ? [] : (lineIndex.get(product) ?? []);
  };
  const orderOf = { entity: 'order', isMany: false, rows: oneRow };
  const byOrderId = (value: FilterValue): readonly number[] =>
    oneRow(orderIds.rowOf(String(value)));
  const stateRow = (
    machine: 'order' | 'order_delivery' | 'order_transaction',
    index: number,
  ): number => {
    const first = { order: 0, order_delivery: 4, order_transaction: 9 }[machine];
    return first + index;
  };
  const state = (
    machine: 'order' | 'order_delivery' | 'order_transaction',
    column: { get(row: number): number },
  ) => ({
    entity: 'state_machine_state',
    isMany: false,
    rows: (row: number) => [stateRow(machine, column.get(row))],
  });
  const salutation = { entity: 'salutation', isMany: false, rows: () => [0] };

  return [
    {
      ...perOrder,
      ...orderIds,
      entity: 'order',
      hasAutoIncrement: true,
      createdAtAlias: 'orderDateTime',
      updatedAtMs: (row) => orders.updatedAtMs.get(row),
      changes: world.changes.orders,
      values: {
        autoIncrement: (row) => row + 1,
        orderNumber: (row) => orders.numberOf(row),
        orderDateTime: placedAtMs,
        salesChannelId: (row) => id.channel(orders.channel.get(row)),
        stateId: (row) => id.state('order', orders.state.get(row)),
        amountTotal: (row) => amount(orders.grossMinor.get(row)),
      },
      lookups: {
        orderNumber: (value) =>
          orders.byChannel.map((_, channel) => orders.find(channel, String(value))),
      },
      associations: {
        stateMachineState: state('order', orders.state),
        orderCustomer: { entity: 'order_customer', isMany: false, rows: oneRow },
        currency: { entity: 'currency', isMany: false, rows: (row) => [channelOf(row).currency] },
        language: { entity: 'language', isMany: false, rows: (row) => [languageOf(row)] },
        salesChannel: {
          entity: 'sales_channel',
          isMany: false,
          rows: (row) => [orders.channel.get(row)],
        },
        addresses: { entity: 'order_address', isMany: true, rows: (row) => [row * 2, row * 2 + 1] },
        billingAddress: { entity: 'order_address', isMany: false, rows: (row) => [row * 2] },
        deliveries: { entity: 'order_delivery', isMany: true, rows: oneRow },
        lineItems: { entity: 'order_line_item', isMany: true, rows: lineRows },
        transactions: { entity: 'order_transaction', isMany: true, rows: oneRow },
        primaryOrderDelivery: { entity: 'order_delivery', isMany: false, rows: oneRow },
        primaryOrderTransaction: { entity: 'order_transaction', isMany: false, rows: oneRow },
      },
      emptyAssociations: { documents: 'many', tags: 'many', createdBy: 'one', updatedBy: 'one' },
      build: buildOrder,
    },
    {
      ...perLine,
      ...lineIds,
      entity: 'order_line_item',
      updatedAtMs: () => 0,
      values: {
        orderId: (row) => orderIds.idOf(lineOrder(row)),
        type: (row) => (orders.lineKind.get(row) === LINE_PRODUCT ? 'product' : 'promotion'),
        quantity: (row) => orders.lineQuantity.get(row),
        productId: (row) => {
          const product = productRowOf(row);
          return product < 0 ? null : productId(product);
        },
      },
      lookups: {
        orderId: (value) => byOrderId(value).flatMap(lineRows),
        productId: (value) => linesOfProduct(ids.rowOf('product', String(value))),
      },
      associations: {
        order: { entity: 'order', isMany: false, rows: (row) => [lineOrder(row)] },
        product: { entity: 'product', isMany: false, rows: (row) => oneRow(productRowOf(row)) },
        orderDeliveryPositions: { entity: 'order_delivery_position', isMany: true, rows: oneRow },
      },
      emptyAssociations: {
        cover: 'one',
        promotion: 'one',
        children: 'many',
        parent: 'one',
        downloads: 'many',
        orderTransactionCaptureRefundPositions: 'many',
      },
      build: buildLine,
    },
    {
      ...perOrder,
      ...deliveryIds,
      entity: 'order_delivery',
      updatedAtMs: (row) => orders.deliveryUpdatedAtMs.get(row),
      changes: world.changes.deliveries,
      values: {
        orderId: (row) => orderIds.idOf(row),
        stateId: (row) => id.state('order_delivery', orders.deliveryState.get(row)),
      },
      lookups: { orderId: byOrderId },
      associations: {
        order: orderOf,
        stateMachineState: state('order_delivery', orders.deliveryState),
        shippingOrderAddress: {
          entity: 'order_address',
          isMany: false,
          rows: (row) => [row * 2 + 1],
        },
        shippingMethod: {
          entity: 'shipping_method',
          isMany: false,
          rows: (row) => [orders.shippingMethod.get(row)],
        },
        positions: { entity: 'order_delivery_position', isMany: true, rows: productLineRows },
      },
      emptyAssociations: { primaryOrder: 'one' },
      build: buildDelivery,
    },
    {
      ...perLine,
      ...positionIds,
      entity: 'order_delivery_position',
      updatedAtMs: () => 0,
      values: { orderLineItemId: (row) => lineIds.idOf(row) },
      lookups: {},
      associations: {
        orderLineItem: { entity: 'order_line_item', isMany: false, rows: oneRow },
        orderDelivery: { entity: 'order_delivery', isMany: false, rows: (row) => [lineOrder(row)] },
      },
      emptyAssociations: {},
      build: (row) => ({
        versionId: LIVE_VERSION_ID,
        orderDeliveryId: deliveryIds.idOf(lineOrder(row)),
        orderDeliveryVersionId: LIVE_VERSION_ID,
        orderLineItemId: lineIds.idOf(row),
        orderLineItemVersionId: LIVE_VERSION_ID,
        price: buildLine(row)['price'],
        unitPrice: amount(orders.lineUnitMinor.get(row)),
        totalPrice: amount(orders.lineTotalMinor(row)),
        quantity: orders.lineQuantity.get(row),
        customFields: null,
        createdAt: formatInstant(placedAtMs(lineOrder(row))),
        updatedAt: null,
      }),
    },
    {
      ...perOrder,
      ...paymentIds,
      entity: 'order_transaction',
      updatedAtMs: (row) => orders.paymentUpdatedAtMs.get(row),
      changes: world.changes.payments,
      values: {
        orderId: (row) => orderIds.idOf(row),
        stateId: (row) => id.state('order_transaction', orders.paymentState.get(row)),
      },
      lookups: { orderId: byOrderId },
      associations: {
        order: orderOf,
        stateMachineState: state('order_transaction', orders.paymentState),
        paymentMethod: {
          entity: 'payment_method',
          isMany: false,
          rows: (row) => [orders.paymentMethod.get(row)],
        },
      },
      emptyAssociations: { captures: 'many', primaryOrder: 'one' },
      build: buildPayment,
    },
    {
      ...perOrder,
      ...customerIds,
      entity: 'order_customer',
      updatedAtMs: () => 0,
      values: { email: (row) => personOf(row).email, customerId },
      lookups: { orderId: byOrderId },
      associations: {
        order: orderOf,
        customer: { entity: 'customer', isMany: false, rows: (row) => [orders.customer.get(row)] },
        salutation,
      },
      emptyAssociations: {},
      build: buildOrderCustomer,
    },
    {
      ...perOrder,
      ...addressIds,
      entity: 'order_address',
      length: () => orders.length * 2,
      liveCount: () => orders.length * 2,
      isLive: (row) => row >= 0 && row < orders.length * 2,
      createdAtMs: (row) => placedAtMs(half(row)),
      updatedAtMs: () => 0,
      values: {},
      lookups: { orderId: (value) => byOrderId(value).flatMap((row) => [row * 2, row * 2 + 1]) },
      associations: {
        order: { entity: 'order', isMany: false, rows: (row) => [half(row)] },
        country: {
          entity: 'country',
          isMany: false,
          rows: (row) => [COUNTRY_ROWS.indexOf(channelOf(half(row)).country)],
        },
        salutation,
      },
      emptyAssociations: { countryState: 'one', orderDeliveries: 'many' },
      build: buildAddress,
    },
  ];
};
