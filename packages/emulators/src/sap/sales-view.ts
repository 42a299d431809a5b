import { channelAt, currencyAt } from '../retailer/channels.js';
import { type ItemAmounts, itemAmounts } from '../retailer/erp/amounts.js';
import type { Erp } from '../retailer/erp/erp.js';
import { productLinesOf } from '../retailer/erp/fulfilment.js';
import { ownerOf, SALES_DELIVERED, SALES_IN_DELIVERY } from '../retailer/erp/sales.js';
import { DAY_MS } from '../retailer/parameters.js';

/** What several sets have to know of a sales order and its items. */

export interface SalesView {
  readonly orderOf: (salesOrder: number) => number;
  /** Rows of items are running numbers over all orders. */
  readonly ownerOfItem: (item: number) => number;
  readonly amountsOf: (item: number) => ItemAmounts;
  readonly itemsOf: (salesOrder: number) => readonly number[];
  readonly materialOf: (line: number) => string;
  readonly currencyOf: (salesOrder: number) => string;
  readonly promisedAtMs: (salesOrder: number) => number;
  readonly has: (salesOrder: number, flag: number) => boolean;
}

const SPREAD_KEPT = 4_096;

export const salesView = (erp: Erp): SalesView => {
  const { orders, world } = erp;
  const orderOf = (salesOrder: number): number => orders.order.get(salesOrder);
  const ownerOfItem = (item: number): number => ownerOf(orders.firstItem, item);
  // A page of items asks for the same order again and again.
  const spread = new Map<number, { stamp: number; amounts: readonly ItemAmounts[] }>();
  const amountsOfOrder = (salesOrder: number): readonly ItemAmounts[] => {
    const stamp = orders.stamp.get(salesOrder);
    const known = spread.get(salesOrder);
    if (known !== undefined && known.stamp === stamp) return known.amounts;
    const amounts = itemAmounts(erp, salesOrder);
    if (spread.size > SPREAD_KEPT) spread.clear();
    spread.set(salesOrder, { stamp, amounts });
    return amounts;
  };
  const none: ItemAmounts = {
    line: 0,
    netMinor: 0,
    taxMinor: 0,
    goodsMinor: 0,
    discountMinor: 0,
    freightMinor: 0,
  };
  return {
    orderOf,
    ownerOfItem,
    amountsOf: (item) => {
      const salesOrder = ownerOfItem(item);
      return amountsOfOrder(salesOrder)[item - orders.firstItem.get(salesOrder)] ?? none;
    },
    itemsOf: (salesOrder) => {
      const first = orders.firstItem.get(salesOrder);
      return Array.from(
        { length: productLinesOf(erp, orderOf(salesOrder)) },
        (_, index) => first + index,
      );
    },
    materialOf: (line) =>
      erp.materials.numberOf(world.catalogue.variants[world.orders.lineSubject.get(line)] ?? -1),
    currencyOf: (salesOrder) =>
      currencyAt(channelAt(world.orders.channel.get(orderOf(salesOrder))).currency).code,
    promisedAtMs: (salesOrder) => {
      const order = orderOf(salesOrder);
      return world.orders.placedAtMs.get(order) + world.orders.promisedDays.get(order) * DAY_MS;
    },
    has: (salesOrder, flagBit) => (orders.status.get(salesOrder) & flagBit) !== 0,
  };
};

/** A: not yet, B: in part, C: done. */
export const deliveryStatus = (view: SalesView, salesOrder: number): string =>
  view.has(salesOrder, SALES_DELIVERED) ? 'C' : view.has(salesOrder, SALES_IN_DELIVERY) ? 'B' : 'A';
