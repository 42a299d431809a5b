import { NO_ROW } from '../orders.js';
import { contentsOf, type SalesContents, type SalesItem, totalsOf } from './contents.js';
import { releaseMs } from './delays.js';
import * as events from './events.js';
import { withdrawDelivery } from './fulfilment.js';
import { DELIVERY_ISSUED, SALES_REJECTED } from './sales.js';
import { type Erp, touchSalesOrder } from './state.js';

/**
 * Sales orders somebody enters in the ERP itself. One whose reference is that of a shop order
 * stands for that order, and the warehouse ships it as such; a second one with the same reference
 * is a second order, as in any ERP, and shipped on its own.
 *
 *   entered -> released: delivery -> goods issue -> arrived, billed
 *      any item, or all of them, rejected until the goods have left
 */

type Writable<Type> = { -readonly [Name in keyof Type]: Type[Name] };

export type PostedItem = Writable<SalesItem>;

export const PARTNER_FUNCTIONS = ['BP', 'PY', 'SH', 'SP'] as const;
export type PartnerFunction = (typeof PARTNER_FUNCTIONS)[number];

/** By the vendor's names of its properties; only what was given. */
export type DocumentAddress = Readonly<Record<string, string>>;

export interface PostedOrder extends Writable<Omit<SalesContents, 'items'>> {
  items: PostedItem[];
  /** Who plays which part, where it is not the customer it is sold to. */
  readonly partners: Map<PartnerFunction, number>;
  readonly addresses: Map<PartnerFunction, DocumentAddress>;
}

export interface NewOrder {
  readonly contents: Omit<PostedOrder, 'partners' | 'addresses'>;
  readonly soldTo: number;
  readonly shippingMinor: number;
  readonly partners: ReadonlyMap<PartnerFunction, number>;
  readonly addresses: ReadonlyMap<PartnerFunction, DocumentAddress>;
}

/** Enters an order; returns its row. */
export const enterOrder = (erp: Erp, order: NewOrder, atMs: number): number => {
  const { orders } = erp;
  const { contents, shippingMinor } = order;
  const shopOrder = erp.world.orders.find(contents.channel, contents.reference);
  const isShops = shopOrder >= 0 && orders.byOrder.get(shopOrder) < 0;
  const posted: PostedOrder = {
    ...contents,
    partners: new Map(order.partners),
    addresses: new Map(order.addresses),
  };
  const { netMinor, grossMinor } = totalsOf(posted, shippingMinor);
  orders.createdAtMs.push(atMs);
  orders.stamp.push(0);
  orders.status.push(0);
  orders.partner.push(order.soldTo);
  orders.netMinor.push(netMinor);
  orders.grossMinor.push(grossMinor);
  orders.shippingMinor.push(shippingMinor);
  orders.firstItem.push(orders.itemLength);
  orders.itemLength += posted.items.length;
  const row = orders.order.push(isShops ? shopOrder : NO_ROW);
  if (isShops) orders.byOrder.set(shopOrder, row);
  orders.posted.set(row, posted);
  orders.addReference(contents.reference, row);
  touchSalesOrder(erp, row, 'created', atMs);
  if (!isShops) erp.queue.push(atMs + releaseMs(erp.seed, row), events.POSTED_RELEASED, row);
  else if (!erp.world.integration.has('order')) {
    erp.queue.push(atMs + releaseMs(erp.seed, shopOrder), events.ORDER_RELEASED, shopOrder);
  }
  return row;
};

/** The order's contents to be changed: from now on they are the ERP's own. */
const own = (erp: Erp, row: number): PostedOrder => {
  const known = erp.orders.posted.get(row);
  if (known !== undefined) return known;
  const { items, ...rest } = contentsOf(erp, row);
  const posted: PostedOrder = {
    ...rest,
    items: items.map((item) => ({ ...item })),
    partners: new Map(),
    addresses: new Map(),
  };
  erp.orders.posted.set(row, posted);
  erp.orders.addReference(posted.reference, row);
  return posted;
};

export const isIssued = (erp: Erp, row: number): boolean => {
  const delivery = erp.deliveries.bySalesOrder.get(row);
  return delivery >= 0 && (erp.deliveries.status.get(delivery) & DELIVERY_ISSUED) !== 0;
};

/** Changes what stands in an order; the whole is refused by the caller or not at all. */
export const changeOrder = (
  erp: Erp,
  row: number,
  change: (posted: PostedOrder) => { readonly shippingMinor?: number } | undefined,
  atMs: number,
): void => {
  const { orders } = erp;
  const posted = own(erp, row);
  const reference = posted.reference;
  const { shippingMinor } = change(posted) ?? {};
  if (posted.reference !== reference) orders.moveReference(reference, posted.reference, row);
  if (shippingMinor !== undefined) orders.shippingMinor.set(row, shippingMinor);
  const totals = totalsOf(posted, orders.shippingMinor.get(row));
  orders.netMinor.set(row, totals.netMinor);
  orders.grossMinor.set(row, totals.grossMinor);
  const isRejected = posted.items.every(({ rejection }) => rejection !== '');
  const status = orders.status.get(row);
  orders.status.set(row, isRejected ? status | SALES_REJECTED : status & ~SALES_REJECTED);
  if (isRejected) withdrawDelivery(erp, row, atMs);
  touchSalesOrder(erp, row, 'changed', atMs);
};
