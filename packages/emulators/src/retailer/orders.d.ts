import { Float64Column, Int32Column, Uint8Column, Uint32Column } from './columns.js';
/**
 * Orders and their lines as columns, numbered in the order they were placed. An order has one
 * delivery and one payment, so those share its row.
 *
 *   order:    open -> in_progress -> completed     open | in_progress -> cancelled
 *   delivery: open -> shipped -> returned_partially | returned          open -> cancelled
 *   payment:  open -> paid -> refunded_partially | refunded             open -> cancelled
 */
export declare const ORDER_STATES: readonly ['open', 'in_progress', 'completed', 'cancelled'];
export declare const DELIVERY_STATES: readonly [
  'open',
  'shipped',
  'returned_partially',
  'returned',
  'cancelled',
];
export declare const PAYMENT_STATES: readonly [
  'open',
  'paid',
  'refunded_partially',
  'refunded',
  'cancelled',
];
export type OrderState = (typeof ORDER_STATES)[number];
export type DeliveryState = (typeof DELIVERY_STATES)[number];
export type PaymentState = (typeof PAYMENT_STATES)[number];
export declare const LINE_PRODUCT = 0;
export declare const LINE_PROMOTION = 1;
export declare const NO_ROW = 4294967295;
export interface OrderEdits {
  comment?: string | null;
  internalComment?: string | null;
  street?: string;
  customFields?: Record<string, unknown> | null;
}
export interface TaxShare {
  readonly percent: number;
  readonly taxMinor: number;
  /** The amount the tax is part of (gross basis) or added to (net basis). */
  readonly priceMinor: number;
}
export declare class OrderTable {
  readonly placedAtMs: Float64Column;
  readonly updatedAtMs: Float64Column;
  readonly deliveryUpdatedAtMs: Float64Column;
  readonly paymentUpdatedAtMs: Float64Column;
  readonly paidAtMs: Float64Column;
  readonly shippedAtMs: Float64Column;
  readonly completedAtMs: Float64Column;
  readonly cancelledAtMs: Float64Column;
  readonly promisedDays: Uint8Column;
  readonly channel: Uint8Column;
  readonly sequence: Uint32Column;
  readonly customer: Uint32Column;
  readonly firstLine: Uint32Column;
  readonly lineCount: Uint8Column;
  readonly state: Uint8Column;
  readonly deliveryState: Uint8Column;
  readonly paymentState: Uint8Column;
  readonly paymentMethod: Uint8Column;
  readonly shippingMethod: Uint8Column;
  readonly shippingMinor: Int32Column;
  /** Sum of the lines, promotion included, in the channel's own basis. */
  readonly positionMinor: Int32Column;
  readonly grossMinor: Int32Column;
  readonly netMinor: Int32Column;
  readonly edits: Map<number, OrderEdits>;
  readonly lineOrder: Uint32Column;
  readonly lineKind: Uint8Column;
  /** Variant for a product line, promotion for a promotion line. */
  readonly lineSubject: Uint32Column;
  readonly lineQuantity: Uint32Column;
  readonly lineUnitMinor: Int32Column;
  readonly lineListMinor: Int32Column;
  readonly lineTaxClass: Uint8Column;
  readonly lineReturned: Uint8Column;
  readonly byChannel: readonly Uint32Column[];
  /** Product lines only; promotions are counted apart. */
  productLineCount: number;
  get length(): number;
  get lineLength(): number;
  numberOf(order: number): string;
  /** The order of this number in a channel, or -1. */
  find(channel: number, number: string): number;
  lineTotalMinor(line: number): number;
  linesOf(order: number): Generator<number>;
  /** Tax by rate over lines and shipping; shipping is taxed with the order's highest rate. */
  taxShares(order: number): TaxShare[];
  /** Fixes the totals from lines and shipping, as a shop does when it stores an order. */
  total(order: number): void;
}
export declare const taxMinorOf: (
  priceMinor: number,
  percent: number,
  basis: 'gross' | 'net',
) => number;
export declare const RETURN_REASONS: readonly [
  'too-small',
  'too-large',
  'damaged',
  'late',
  'not-as-described',
  'changed-mind',
];
/** Returned goods: requested, then received and put back on the shelf or written off. */
export declare class ReturnTable {
  readonly line: Uint32Column;
  readonly quantity: Uint8Column;
  readonly reason: Uint8Column;
  readonly requestedAtMs: Float64Column;
  readonly receivedAtMs: Float64Column;
  readonly isResellable: Uint8Column;
  get length(): number;
}
