import { channelAt, LANGUAGES } from '../retailer/channels.js';
import type { Person } from '../retailer/customers.js';
import { productAt } from '../retailer/edits.js';
import { LINE_PRODUCT } from '../retailer/orders.js';
import type { World } from '../retailer/world.js';
import type { IdKind } from './ids.js';
import type { Reference } from './reference.js';

/**
 * How the parts of an order find each other. Delivery, payment and customer copy exist once per
 * order and the addresses twice, so their rows and ids follow from the order's row.
 */

export type OrderRows = ReturnType<typeof createOrderRows>;

export const createOrderRows = (world: World, reference: Reference) => {
  const { orders, customers, catalogue } = world;
  const { ids } = reference;
  const placedAtMs = (order: number): number => orders.placedAtMs.get(order);
  const isOrder = (row: number): boolean => row >= 0 && row < orders.length;
  const channelOf = (order: number) => channelAt(orders.channel.get(order));
  const languageOf = (order: number): number => LANGUAGES.indexOf(channelOf(order).language);

  const codec = (kind: IdKind, orderOf: (row: number) => number, length: () => number) => {
    const idOf = (row: number): string => ids.idOf(kind, row, placedAtMs(orderOf(row)));
    return {
      idOf,
      rowOf: (text: string): number => {
        const row = ids.rowOf(kind, text);
        return row >= 0 && row < length() && idOf(row) === text ? row : -1;
      },
    };
  };
  const same = (row: number): number => row;
  const half = (row: number): number => row >>> 1;
  const lineOrder = (row: number): number => orders.lineOrder.get(row);
  const orderCount = (): number => orders.length;
  const lineCount = (): number => orders.lineLength;
  const orderIds = codec('order', same, orderCount);
  const customerIds = codec('order_customer', same, orderCount);
  const addressIds = codec('order_address', half, () => orders.length * 2);
  const lineIds = codec('order_line_item', lineOrder, lineCount);
  const deliveryIds = codec('order_delivery', same, orderCount);
  const positionIds = codec('order_delivery_position', lineOrder, lineCount);
  const paymentIds = codec('order_transaction', same, orderCount);

  const personOf = (order: number): Person => customers.personOf(orders.customer.get(order));
  const customerId = (order: number): string | null => {
    const row = orders.customer.get(order);
    return customers.isLive(row) ? ids.idOf('customer', row, customers.createdAtMs.get(row)) : null;
  };
  const lineRows = (order: number): number[] => {
    const first = orders.firstLine.get(order);
    return Array.from({ length: orders.lineCount.get(order) }, (_, index) => first + index);
  };
  const productLineRows = (order: number): number[] =>
    lineRows(order).filter((line) => orders.lineKind.get(line) === LINE_PRODUCT);
  const productRowOf = (line: number): number =>
    orders.lineKind.get(line) === LINE_PRODUCT
      ? (catalogue.variants[orders.lineSubject.get(line)] ?? -1)
      : -1;
  const productId = (row: number): string =>
    ids.idOf('product', row, productAt(world, row).createdAtMs);

  return {
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
  };
};
