import { type DeliveryState, type OrderState, type PaymentState } from './orders.js';
import { type World } from './world.js';
/**
 * How an order lives. Placing one changes the shelf but not the product record: shops do that
 * by direct statement, past their own change tracking, and so do we. Changing the state of a
 * delivery or a payment likewise leaves the order record alone.
 */
export declare const DUE_PAY = 1;
export declare const DUE_CANCEL = 2;
export declare const DUE_PROGRESS = 3;
export declare const DUE_SHIP = 4;
export declare const DUE_COMPLETE = 5;
export declare const DUE_RETURN = 6;
export declare const DUE_RECEIPT = 7;
export interface BasketLine {
  readonly variant: number;
  readonly quantity: number;
}
export interface Basket {
  readonly channel: number;
  readonly customer: number;
  readonly lines: readonly BasketLine[];
  /** Index into BASKET_CODES. */
  readonly code?: number;
  readonly isExpress?: boolean;
  readonly paymentMethod: number;
}
/** Returns the order's row, or -1 when nothing in the basket could be had. */
export declare const placeOrder: (world: World, basket: Basket, atMs: number) => number;
/** Draws what will happen to a fresh order and puts the first step on the queue. */
export declare const scheduleOrder: (world: World, order: number, atMs: number) => void;
export declare const orderStateOf: (world: World, order: number) => OrderState;
export declare const deliveryStateOf: (world: World, order: number) => DeliveryState;
export declare const paymentStateOf: (world: World, order: number) => PaymentState;
export declare const payOrder: (world: World, order: number, atMs: number) => boolean;
export declare const progressOrder: (world: World, order: number, atMs: number) => boolean;
export declare const shipOrder: (world: World, order: number, atMs: number) => boolean;
/** The parcel arrived and the order is done; some of it will come back. */
export declare const completeOrder: (world: World, order: number, atMs: number) => boolean;
/** Goods came back: the refund is recorded, and what can be sold again goes on the shelf. */
export declare const receiveReturn: (world: World, line: number, atMs: number) => boolean;
export declare const cancelOrder: (world: World, order: number, atMs: number) => boolean;
/** A delivery from a supplier: put away by share, then told to the shop as a new stock number. */
export declare const receiveGoods: (world: World, receipt: number, atMs: number) => void;
export declare const putAway: (
  world: World,
  variant: number,
  quantity: number,
  receipt: number,
  atMs: number,
) => void;
/** Carries out the next due event; the time given is when it really happens. */
export declare const runDueEvent: (world: World, kind: number, row: number, atMs: number) => void;
