import { takeBack } from '../order-flow.js';
import { LINE_PRODUCT, NO_ROW } from '../orders.js';
import { contentsOf, soldItemOf } from './contents.js';
import { inspectionMs, parcelMs, share } from './delays.js';
import * as events from './events.js';
import { type Erp, touchReturn } from './state.js';

/**
 * What stands in a customer return: a parcel that came back, entered afterwards; or one somebody
 * announced by a call, whose goods arrive later.
 *
 *   announced -> received -> inspected           came back -> entered -> inspected
 */

/** Codes for the world's reasons, in their order. */
export const RETURN_REASON_CODES: readonly string[] = ['001', '002', '003', '004', '005', '006'];

export interface ReturnItem {
  /** 10, 20, …, as a number. */
  readonly position: number;
  /** Which item of the sales order it takes back, counted from 0. */
  readonly soldItem: number;
  readonly variant: number;
  readonly quantity: number;
  readonly reason: string;
  /** Whether it goes back on the shelf; to be seen once it is inspected. */
  readonly isSellable: boolean;
}

export interface PostedReturn {
  readonly salesOrder: number;
  readonly reference: string;
  readonly requestedAtMs: number;
  readonly reason: string;
  /** The caller's own number of the return. */
  readonly assignment: string;
  readonly items: readonly ReturnItem[];
  isReceived: boolean;
}

export interface ReturnContents extends Readonly<PostedReturn> {
  readonly createdBy: string;
}

const SELLABLE = 0.88;

export const returnContents = (erp: Erp, row: number): ReturnContents => {
  const posted = erp.returns.posted.get(row);
  if (posted !== undefined) return { ...posted, createdBy: 'CC0000000012' };
  const { returns, orders } = erp.world;
  const shopReturn = erp.returns.shopReturn.get(row);
  const line = returns.line.get(shopReturn);
  const order = orders.lineOrder.get(line);
  const salesOrder = erp.orders.byOrder.get(order);
  const reason = RETURN_REASON_CODES[returns.reason.get(shopReturn)] ?? '';
  return {
    salesOrder,
    reference: orders.numberOf(order),
    requestedAtMs: returns.requestedAtMs.get(shopReturn),
    reason,
    assignment: '',
    isReceived: true,
    createdBy: 'RETOURS',
    items: [
      {
        position: 10,
        soldItem: soldItemOf(erp, salesOrder, line),
        variant: orders.lineSubject.get(line),
        quantity: returns.quantity.get(shopReturn),
        reason,
        isSellable: returns.isResellable.get(shopReturn) === 1,
      },
    ],
  };
};

/** Pieces of each item of a sales order that are back or announced. */
export const returnedOf = (erp: Erp, salesOrder: number): readonly number[] => {
  const sums = contentsOf(erp, salesOrder).items.map(() => 0);
  for (const row of erp.returns.ofOrder(salesOrder)) {
    for (const { soldItem, quantity } of returnContents(erp, row).items) {
      sums[soldItem] = (sums[soldItem] ?? 0) + quantity;
    }
  }
  return sums;
};

export const enterPostedReturn = (
  erp: Erp,
  posted: Omit<PostedReturn, 'isReceived' | 'items'> & {
    readonly items: readonly Omit<ReturnItem, 'isSellable'>[];
  },
  atMs: number,
): number => {
  const { returns } = erp;
  const row = returns.add(NO_ROW, posted.salesOrder, posted.items.length, atMs);
  returns.posted.set(row, {
    ...posted,
    isReceived: false,
    items: posted.items.map((item) => ({
      ...item,
      isSellable: share(erp.seed, 41, row * 16 + item.position) < SELLABLE,
    })),
  });
  touchReturn(erp, row, 'created', atMs);
  erp.queue.push(atMs + parcelMs(erp.seed, row), events.RETURN_RECEIVED, row);
  return row;
};

/** The parcel of an announced return is there; the world and the shop hear of it as of any other. */
export const receivePosted = (erp: Erp, row: number, atMs: number): void => {
  const posted = erp.returns.posted.get(row);
  if (posted === undefined || posted.isReceived) return;
  posted.isReceived = true;
  for (const item of posted.items) {
    const line = lineOf(erp, posted.salesOrder, item);
    if (line >= 0) {
      const reason = Math.max(0, RETURN_REASON_CODES.indexOf(item.reason));
      const { quantity, isSellable } = item;
      const { requestedAtMs } = posted;
      const back = takeBack(
        erp.world,
        line,
        { quantity, reason, isResellable: isSellable, requestedAtMs },
        atMs,
      );
      // The return it would be entered as is here already.
      erp.returns.byReturn.set(back, row);
    } else if (item.isSellable) {
      erp.world.stock.post(atMs, item.variant, 0, 'return', item.quantity, NO_ROW - 1 - row);
    }
  }
  touchReturn(erp, row, 'changed', atMs);
  erp.queue.push(atMs + inspectionMs(erp.seed, row), events.RETURN_INSPECTED, row);
};

/** Line of the shop's order an item came from, with so many pieces still out; -1 for none. */
const lineOf = (erp: Erp, salesOrder: number, item: ReturnItem): number => {
  const order = erp.orders.order.get(salesOrder);
  if (order === NO_ROW) return -1;
  const { orders } = erp.world;
  for (const line of orders.linesOf(order)) {
    const isGoods = orders.lineKind.get(line) === LINE_PRODUCT;
    const left = orders.lineQuantity.get(line) - orders.lineReturned.get(line);
    if (isGoods && orders.lineSubject.get(line) === item.variant && left >= item.quantity)
      return line;
  }
  return -1;
};
