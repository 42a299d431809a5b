import { nameOf } from '../retailer/catalogue.js';
import { channelAt, currencyAt, PAYMENT_METHODS, SHIPPING_METHODS } from '../retailer/channels.js';
import { CUSTOMER_CONSENT, CUSTOMER_DELETED, CUSTOMER_GUEST } from '../retailer/customers.js';
import { productAt } from '../retailer/edits.js';
import { deliveryStateOf, orderStateOf, paymentStateOf } from '../retailer/order-flow.js';
import { LINE_PRODUCT, parcelNumberOf, RETURN_REASONS } from '../retailer/orders.js';
import { BASKET_CODES } from '../retailer/promotions.js';
import type { World } from '../retailer/world.js';
import type { WrittenReturns } from '../shopware/delivery-writes.js';
import { type IdOf, type LedgerRow, timeOrNull } from './ledger-row.js';

/** Truth about who bought what: orders, lines, deliveries, returns, customers. */

export const orders = function* (world: World, idOf: IdOf): Generator<LedgerRow> {
  const table = world.orders;
  for (let order = 0; order < table.length; order++) {
    const channel = channelAt(table.channel.get(order));
    const edits = table.edits.get(order);
    yield {
      channel: channel.key,
      brand: channel.brand,
      orderNo: table.numberOf(order),
      id: idOf('order', order),
      customerNo: world.customers.numberOf(table.customer.get(order)),
      customerId: world.customers.isLive(table.customer.get(order))
        ? idOf('customer', table.customer.get(order))
        : null,
      currency: currencyAt(channel.currency).code,
      basis: channel.taxBasis,
      grossMinor: table.grossMinor.get(order),
      netMinor: table.netMinor.get(order),
      taxMinor: table.grossMinor.get(order) - table.netMinor.get(order),
      shippingMinor: table.shippingMinor.get(order),
      lines: table.lineCount.get(order),
      state: orderStateOf(world, order),
      deliveryState: deliveryStateOf(world, order),
      paymentState: paymentStateOf(world, order),
      paymentMethod: PAYMENT_METHODS[table.paymentMethod.get(order)],
      comment: edits?.comment ?? null,
      customFields: edits?.customFields ?? null,
      placedAt: table.placedAtMs.get(order),
      paidAt: timeOrNull(table.paidAtMs.get(order)),
      shippedAt: timeOrNull(table.shippedAtMs.get(order)),
      completedAt: timeOrNull(table.completedAtMs.get(order)),
      cancelledAt: timeOrNull(table.cancelledAtMs.get(order)),
      updatedAt: timeOrNull(table.updatedAtMs.get(order)),
    };
  }
};

export const orderLines = function* (world: World, idOf: IdOf): Generator<LedgerRow> {
  const table = world.orders;
  for (let line = 0; line < table.lineLength; line++) {
    const order = table.lineOrder.get(line);
    const channel = channelAt(table.channel.get(order));
    const isProduct = table.lineKind.get(line) === LINE_PRODUCT;
    const subject = table.lineSubject.get(line);
    const product = isProduct
      ? productAt(world, world.catalogue.variants[subject] ?? -1)
      : undefined;
    yield {
      channel: channel.key,
      orderNo: table.numberOf(order),
      line: line - table.firstLine.get(order) + 1,
      id: idOf('order_line_item', line),
      orderId: idOf('order', order),
      type: isProduct ? 'product' : 'promotion',
      sku: product?.number ?? null,
      code: isProduct ? null : BASKET_CODES[subject]?.code,
      label:
        product === undefined
          ? BASKET_CODES[subject]?.code
          : nameOf(world.catalogue, product, channel.language, table.placedAtMs.get(order)),
      quantity: table.lineQuantity.get(line),
      unitMinor: table.lineUnitMinor.get(line),
      totalMinor: table.lineTotalMinor(line),
      listMinor: table.lineListMinor.get(line) || null,
      returned: table.lineReturned.get(line),
    };
  }
};

export const deliveries = function* (world: World, idOf: IdOf): Generator<LedgerRow> {
  const table = world.orders;
  for (let order = 0; order < table.length; order++) {
    const channel = channelAt(table.channel.get(order));
    yield {
      channel: channel.key,
      orderNo: table.numberOf(order),
      id: idOf('order_delivery', order),
      orderId: idOf('order', order),
      state: deliveryStateOf(world, order),
      method: SHIPPING_METHODS[table.shippingMethod.get(order)],
      shippingMinor: table.shippingMinor.get(order),
      hasTracking: table.shippedAtMs.get(order) !== 0,
      trackingNos:
        table.writtenCodes.get(order) ??
        (isToldOfParcel(world, order) ? [parcelNumberOf(order)] : []),
      promisedDays: table.promisedDays.get(order),
      shippedAt: timeOrNull(table.shippedAtMs.get(order)),
      updatedAt: timeOrNull(table.deliveryUpdatedAtMs.get(order)),
    };
  }
};

/** A shop that is told by nobody knows of the parcels that left before. */
const isToldOfParcel = ({ orders: table, integration, parameters }: World, order: number) => {
  const atMs = table.shippedAtMs.get(order);
  return atMs !== 0 && (integration.has('tracking') || atMs <= parameters.epochMs);
};

export const customers = function* (world: World, idOf: IdOf): Generator<LedgerRow> {
  const table = world.customers;
  for (let customer = 0; customer < table.length; customer++) {
    if (table.has(customer, CUSTOMER_DELETED)) continue;
    const person = table.current(customer);
    yield {
      customerNo: table.numberOf(customer),
      id: idOf('customer', customer),
      channel: channelAt(table.channel.get(customer)).key,
      firstName: person.firstName,
      lastName: person.lastName,
      email: person.email,
      company: person.company,
      street: person.street,
      zipcode: person.zipcode,
      city: person.city,
      guest: table.has(customer, CUSTOMER_GUEST),
      consent: table.has(customer, CUSTOMER_CONSENT),
      active: person.active,
      person: table.person.get(customer),
      customFields: table.edits.get(customer)?.customFields ?? null,
      orders: table.orderCount.get(customer),
      spentMinor: table.spentMinor.get(customer),
      lastOrderAt: timeOrNull(table.lastOrderAtMs.get(customer)),
      createdAt: table.createdAtMs.get(customer),
      updatedAt: timeOrNull(table.updatedAtMs.get(customer)),
    };
  }
};

export const returns = function* (world: World, idOf: IdOf): Generator<LedgerRow> {
  const table = world.returns;
  for (let row = 0; row < table.length; row++) {
    const line = table.line.get(row);
    const order = world.orders.lineOrder.get(line);
    yield {
      channel: channelAt(world.orders.channel.get(order)).key,
      orderNo: world.orders.numberOf(order),
      orderId: idOf('order', order),
      lineId: idOf('order_line_item', line),
      quantity: table.quantity.get(row),
      reason: RETURN_REASONS[table.reason.get(row)],
      resellable: table.isResellable.get(row) === 1,
      requestedAt: table.requestedAtMs.get(row),
      receivedAt: table.receivedAtMs.get(row),
    };
  }
};

/** Returns as they stand in the shop: those it was told of, and those clients have written. */
export const shopReturns = function* (world: World, written: WrittenReturns): Generator<LedgerRow> {
  const { orders: table, returns: told, catalogue, integration, parameters } = world;
  const lineOf = (line: number, quantity: number): LedgerRow => {
    const order = table.lineOrder.get(line);
    const product = catalogue.variants[table.lineSubject.get(line)] ?? -1;
    return {
      channel: channelAt(table.channel.get(order)).key,
      orderNo: table.numberOf(order),
      sku: productAt(world, product).number,
      quantity,
    };
  };
  for (let row = 0; row < told.length; row++) {
    if (!integration.has('return') && told.receivedAtMs.get(row) > parameters.epochMs) continue;
    yield {
      returnNo: String(10_001 + row),
      ...lineOf(told.line.get(row), told.quantity.get(row)),
      createdAt: told.receivedAtMs.get(row),
    };
  }
  for (const { ofReturn, line, quantity, createdAtMs } of written.lines) {
    const returnNo = written.headers[ofReturn]?.returnNumber;
    yield { returnNo, ...lineOf(line, quantity), createdAt: createdAtMs };
  }
};
