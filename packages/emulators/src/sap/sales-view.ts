import { channelAt, currencyAt } from '../retailer/channels.js';
import type { Plant, SalesArea } from '../retailer/company.js';
import { type ItemAmounts, itemAmounts } from '../retailer/erp/amounts.js';
import { contentsOf, type SalesContents, type SalesItem } from '../retailer/erp/contents.js';
import type { Erp } from '../retailer/erp/erp.js';
import { plantOfChannel } from '../retailer/erp/fulfilment.js';
import { ownerOf, SALES_DELIVERED, SALES_IN_DELIVERY } from '../retailer/erp/sales.js';

/** What several sets have to know of a sales order and its items. */

export interface SalesView {
  readonly contentsOf: (salesOrder: number) => SalesContents;
  /** Rows of items are running numbers over all orders. */
  readonly ownerOfItem: (item: number) => number;
  readonly itemOf: (item: number) => SalesItem;
  readonly amountsOf: (item: number) => ItemAmounts;
  readonly itemsOf: (salesOrder: number) => readonly number[];
  readonly materialOf: (variant: number) => string;
  readonly currencyOf: (salesOrder: number) => string;
  readonly areaOf: (salesOrder: number) => SalesArea | undefined;
  readonly plantOf: (salesOrder: number) => Plant | undefined;
  readonly has: (salesOrder: number, flag: number) => boolean;
}

const KEPT = 4_096;
const NOTHING: ItemAmounts = {
  netMinor: 0,
  taxMinor: 0,
  goodsMinor: 0,
  discountMinor: 0,
  freightMinor: 0,
};

export const salesView = (erp: Erp): SalesView => {
  const { orders, world, model } = erp;
  const ownerOfItem = (item: number): number => ownerOf(orders.firstItem, item);
  // A page of items asks for the same order again and again.
  const known = new Map<
    number,
    { stamp: number; contents: SalesContents; amounts?: readonly ItemAmounts[] }
  >();
  const entryOf = (salesOrder: number) => {
    const stamp = orders.stamp.get(salesOrder);
    const there = known.get(salesOrder);
    if (there !== undefined && there.stamp === stamp) return there;
    if (known.size > KEPT) known.clear();
    const entry: { stamp: number; contents: SalesContents; amounts?: readonly ItemAmounts[] } = {
      stamp,
      contents: contentsOf(erp, salesOrder),
    };
    known.set(salesOrder, entry);
    return entry;
  };
  const view: SalesView = {
    contentsOf: (salesOrder) => entryOf(salesOrder).contents,
    ownerOfItem,
    itemOf: (item) => {
      const salesOrder = ownerOfItem(item);
      const { items } = entryOf(salesOrder).contents;
      return items[item - orders.firstItem.get(salesOrder)] as SalesItem;
    },
    amountsOf: (item) => {
      const salesOrder = ownerOfItem(item);
      const entry = entryOf(salesOrder);
      entry.amounts ??= itemAmounts(erp, salesOrder);
      return entry.amounts[item - orders.firstItem.get(salesOrder)] ?? NOTHING;
    },
    itemsOf: (salesOrder) => {
      const first = orders.firstItem.get(salesOrder);
      return Array.from(
        { length: orders.itemsEnd(salesOrder) - first },
        (_, index) => first + index,
      );
    },
    materialOf: (variant) => erp.materials.numberOf(world.catalogue.variants[variant] ?? -1),
    currencyOf: (salesOrder) =>
      currencyAt(channelAt(view.contentsOf(salesOrder).channel).currency).code,
    areaOf: (salesOrder) => model.salesAreas[view.contentsOf(salesOrder).channel],
    plantOf: (salesOrder) => model.plants[plantOfChannel(view.contentsOf(salesOrder).channel)],
    has: (salesOrder, flagBit) => (orders.status.get(salesOrder) & flagBit) !== 0,
  };
  return view;
};

/** A: not yet, B: in part, C: done. */
export const deliveryStatus = (view: SalesView, salesOrder: number): string =>
  view.has(salesOrder, SALES_DELIVERED) ? 'C' : view.has(salesOrder, SALES_IN_DELIVERY) ? 'B' : 'A';
