import { channelAt, taxPercent } from '../channels.js';
import { LINE_PRODUCT, taxMinorOf } from '../orders.js';
import { DAY_MS } from '../parameters.js';
import type { PostedOrder } from './posted-orders.js';
import type { Erp } from './state.js';

/**
 * What stands in a sales order: taken over from the shop's order, or as it was posted to the ERP
 * by somebody's call, from when on the ERP has an order of its own to keep.
 */

export interface SalesItem {
  /** Line of the shop's order; -1 where the ERP was told of the item by a call. */
  readonly line: number;
  /** 10, 20, …, as a number. */
  readonly position: number;
  readonly variant: number;
  readonly quantity: number;
  /** Price of `pricePer` pieces, in the basis of the channel. */
  readonly priceMinor: number;
  readonly pricePer: number;
  readonly taxClass: number;
  /** Why it is rejected; empty where it is not. */
  readonly rejection: string;
  /** The customer's own number of the item. */
  readonly customerItem: string;
  readonly text: string;
}

export interface SalesContents {
  readonly channel: number;
  /** The customer's own number of the order. */
  readonly reference: string;
  readonly referenceMs: number;
  readonly referenceType: string;
  readonly placedAtMs: number;
  readonly requestedAtMs: number;
  readonly shippingCondition: string;
  readonly paymentTerms: string;
  readonly paymentMethod: string;
  readonly reason: string;
  readonly deliveryBlock: string;
  readonly createdBy: string;
  readonly items: readonly SalesItem[];
  /** Taken off the goods as a whole, positive. */
  readonly discountMinor: number;
}

const PAYMENT_METHODS: readonly string[] = ['', 'I', 'C', 'P'];
/** Set by the interface that brings the shop's orders, for all items alike. */
export const REJECTED_BY_SHOP = '50';

export const contentsOf = (erp: Erp, salesOrder: number): SalesContents =>
  erp.orders.posted.get(salesOrder) ?? shopContents(erp, salesOrder);

const shopContents = (erp: Erp, salesOrder: number): SalesContents => {
  const { orders } = erp.world;
  const order = erp.orders.order.get(salesOrder);
  const lines = [...orders.linesOf(order)];
  const rejection = erp.orders.isRejected(salesOrder) ? REJECTED_BY_SHOP : '';
  const isGoods = (line: number): boolean => orders.lineKind.get(line) === LINE_PRODUCT;
  const placedAtMs = orders.placedAtMs.get(order);
  return {
    channel: orders.channel.get(order),
    reference: orders.numberOf(order),
    referenceMs: placedAtMs,
    referenceType: 'WEB',
    placedAtMs,
    requestedAtMs: placedAtMs + orders.promisedDays.get(order) * DAY_MS,
    shippingCondition: orders.shippingMethod.get(order) === 1 ? '10' : '01',
    paymentTerms: orders.paymentMethod.get(order) === 0 ? '0014' : '0001',
    paymentMethod: PAYMENT_METHODS[orders.paymentMethod.get(order)] ?? '',
    reason: '',
    deliveryBlock: '',
    createdBy: 'SHOPIF',
    discountMinor: lines
      .filter((line) => !isGoods(line))
      .reduce((sum, line) => sum - orders.lineTotalMinor(line), 0),
    items: lines.filter(isGoods).map((line, index) => ({
      line,
      position: (index + 1) * 10,
      variant: orders.lineSubject.get(line),
      quantity: orders.lineQuantity.get(line),
      priceMinor: orders.lineUnitMinor.get(line),
      pricePer: 1,
      taxClass: orders.lineTaxClass.get(line),
      rejection,
      customerItem: '',
      text: '',
    })),
  };
};

export const itemTotalMinor = (item: Pick<SalesItem, 'quantity' | 'priceMinor' | 'pricePer'>) =>
  Math.round((item.quantity * item.priceMinor) / item.pricePer);

export interface SalesTotals {
  readonly netMinor: number;
  readonly grossMinor: number;
}

/**
 * Header totals of what is not rejected, taxed as the shops tax theirs: freight at the highest rate
 * of the goods, a discount at the standard one.
 */
export const totalsOf = (
  contents: Pick<PostedOrder, 'channel' | 'items' | 'discountMinor'>,
  shippingMinor: number,
): SalesTotals => {
  const { country, taxBasis } = channelAt(contents.channel);
  const open = contents.items.filter(({ rejection }) => rejection === '');
  if (open.length === 0) return { netMinor: 0, grossMinor: 0 };
  const byPercent = new Map<number, number>();
  const add = (percent: number, minor: number) =>
    byPercent.set(percent, (byPercent.get(percent) ?? 0) + minor);
  let highest = 0;
  for (const item of open) {
    const percent = taxPercent(country, item.taxClass);
    highest = Math.max(highest, percent);
    add(percent, itemTotalMinor(item));
  }
  if (contents.discountMinor !== 0) {
    const standard = taxPercent(country, 0);
    highest = Math.max(highest, standard);
    add(standard, -contents.discountMinor);
  }
  add(highest, shippingMinor);
  let sum = 0;
  let tax = 0;
  for (const [percent, minor] of byPercent) {
    sum += minor;
    tax += taxMinorOf(minor, percent, taxBasis);
  }
  return taxBasis === 'gross'
    ? { netMinor: sum - tax, grossMinor: sum }
    : { netMinor: sum, grossMinor: sum + tax };
};

/** Which item of a sales order a line of the shop's order is, counted from 0; -1 for none. */
export const soldItemOf = (erp: Erp, salesOrder: number, line: number): number => {
  const { items } = contentsOf(erp, salesOrder);
  const own = items.findIndex((item) => item.line === line);
  if (own >= 0) return own;
  const variant = erp.world.orders.lineSubject.get(line);
  return items.findIndex((item) => item.line < 0 && item.variant === variant);
};
