import { Float64Column, Int32Column, Uint8Column, Uint32Column } from '../columns.js';
import { RowMap } from './sales.js';
import { ChangeIndex } from './stamps.js';

/**
 * Purchase orders with items by material and plant. A schedule line says when how much should
 * come; what came is known from the goods receipts, that is from material documents.
 */

export const PURCHASE_COMPLETE = 1;
export const PURCHASE_DELETED = 2;
export const PURCHASE_CONFIRMED = 4;
/** Ordered in two schedule lines, the second a week after the first. */
export const PURCHASE_SPLIT = 8;

export const NO_PURCHASE = 0xffffffff;

export const SECOND_LINE_DAYS = 7;

/** What a call said of an order that it entered, and that the order shows. */
export interface PostedPurchase {
  /** Ours, of whoever entered it. */
  readonly reference: string;
  readonly theirReference: string;
  readonly group: string;
}

export class PurchaseOrderTable {
  readonly supplier = new Uint32Column();
  readonly createdAtMs = new Float64Column();
  readonly stamp = new Float64Column();
  readonly firstItem = new Uint32Column();
  readonly changes = new ChangeIndex((row) => this.stamp.get(row));
  /** Orders entered by a call, by row. */
  readonly posted = new Map<number, PostedPurchase>();

  readonly itemOrder = new Uint32Column();
  /** Purchase row of the world, or NO_PURCHASE for orders made in the ERP alone. */
  readonly itemPurchase = new Uint32Column();
  readonly itemVariant = new Uint32Column();
  readonly itemPlant = new Uint8Column();
  readonly itemFlags = new Uint8Column();
  readonly itemOrdered = new Int32Column();
  readonly itemConfirmed = new Int32Column();
  readonly itemReceived = new Int32Column();
  /** Days since 1970: as ordered, and as the supplier confirmed. */
  readonly itemPromisedDay = new Int32Column();
  readonly itemConfirmedDay = new Int32Column();
  /** Price for `priceUnit` pieces, in thousandths of a euro. */
  readonly itemPriceMilli = new Int32Column();
  /** First item of a purchase row; its other plants follow. */
  readonly byPurchase = new RowMap();

  get length(): number {
    return this.supplier.length;
  }

  get itemLength(): number {
    return this.itemOrder.length;
  }

  endOf(order: number): number {
    return order + 1 < this.length ? this.firstItem.get(order + 1) : this.itemLength;
  }

  has(item: number, flag: number): boolean {
    return (this.itemFlags.get(item) & flag) !== 0;
  }

  mark(item: number, flag: number): void {
    this.itemFlags.set(item, this.itemFlags.get(item) | flag);
  }

  /** Quantities of the schedule lines; the first takes three fifths where there are two. */
  linesOf(quantity: number, isSplit: boolean): readonly number[] {
    if (!isSplit || quantity < 2) return [quantity];
    const first = Math.ceil(quantity * 0.6);
    return [first, quantity - first];
  }
}
