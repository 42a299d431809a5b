import { Float64Column, Int32Column, Uint8Column, Uint32Column } from '../columns.js';
import type { PostedOrder } from './posted-orders.js';
import type { PostedReturn } from './posted-returns.js';
import { ChangeIndex } from './stamps.js';

/**
 * Sales orders, deliveries and returns as the ERP holds them: under numbers of its own, minutes
 * after the shop, each in the order it arrived.
 */

export const SALES_REJECTED = 1;
export const SALES_IN_DELIVERY = 2;
export const SALES_DELIVERED = 4;
export const SALES_BILLED = 8;

/** Rows that belong to rows of another table; 0 stands for none. */
export class RowMap {
  private readonly rows = new Uint32Column();
  get(key: number): number {
    return key < this.rows.length ? this.rows.get(key) - 1 : -1;
  }
  set(key: number, row: number): void {
    while (this.rows.length <= key) this.rows.push(0);
    this.rows.set(key, row + 1);
  }
}

/** Row of the last entry that is not greater than the value, in an ascending column. */
export const ownerOf = (firsts: Uint32Column, value: number): number => {
  let low = 0;
  let high = firsts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (firsts.get(middle) <= value) low = middle;
    else high = middle - 1;
  }
  return low;
};

export class SalesOrderTable {
  /** Order row of the shop; NO_ROW where the ERP alone has it. */
  readonly order = new Uint32Column();
  readonly createdAtMs = new Float64Column();
  readonly stamp = new Float64Column();
  readonly status = new Uint8Column();
  readonly partner = new Uint32Column();
  /** Amounts as last sent by the shop. */
  readonly netMinor = new Int32Column();
  readonly grossMinor = new Int32Column();
  readonly shippingMinor = new Int32Column();
  /** Running number of its first item among all items. */
  readonly firstItem = new Uint32Column();
  readonly byOrder = new RowMap();
  readonly changes = new ChangeIndex((row) => this.stamp.get(row));
  /** Contents the ERP keeps itself; those of the others are the shop's order. */
  readonly posted = new Map<number, PostedOrder>();
  /** Of `posted`, by the customer's own number. */
  private readonly byReference = new Map<string, number[]>();
  itemLength = 0;

  get length(): number {
    return this.order.length;
  }

  isRejected(row: number): boolean {
    return (this.status.get(row) & SALES_REJECTED) !== 0;
  }

  itemsEnd(row: number): number {
    return row + 1 < this.length ? this.firstItem.get(row + 1) : this.itemLength;
  }

  /** Rows of `posted` with this number, ascending. */
  withReference(reference: string): readonly number[] {
    return this.byReference.get(reference) ?? [];
  }

  addReference(reference: string, row: number): void {
    const rows = this.byReference.get(reference) ?? [];
    this.byReference.set(
      reference,
      [...rows, row].sort((left, right) => left - right),
    );
  }

  moveReference(from: string, to: string, row: number): void {
    this.byReference.set(
      from,
      this.withReference(from).filter((one) => one !== row),
    );
    this.addReference(to, row);
  }
}

export const DELIVERY_ISSUED = 1;
export const DELIVERY_ARRIVED = 2;
export const DELIVERY_WITHDRAWN = 4;
export const DELIVERY_BLOCKED = 8;

export class DeliveryTable {
  /** Row of the sales order. */
  readonly salesOrder = new Uint32Column();
  readonly createdAtMs = new Float64Column();
  /** 0 until the first change; shown by day only. */
  readonly changedAtMs = new Float64Column();
  readonly issuedAtMs = new Float64Column();
  readonly arrivedAtMs = new Float64Column();
  readonly plannedDay = new Int32Column();
  readonly status = new Uint8Column();
  readonly firstItem = new Uint32Column();
  readonly bySalesOrder = new RowMap();
  readonly changes = new ChangeIndex((row) => this.changedAtMs.get(row));
  itemLength = 0;

  get length(): number {
    return this.salesOrder.length;
  }
}

export class CustomerReturnTable {
  /** Return row of the world; NO_ROW where the goods have not come yet. */
  readonly shopReturn = new Uint32Column();
  readonly createdAtMs = new Float64Column();
  readonly stamp = new Float64Column();
  readonly isInspected = new Uint8Column();
  /** Running number of its first item among all items. */
  readonly firstItem = new Uint32Column();
  readonly byReturn = new RowMap();
  readonly changes = new ChangeIndex((row) => this.stamp.get(row));
  /** Announced by a call; the others are parcels that came back. */
  readonly posted = new Map<number, PostedReturn>();
  private readonly bySalesOrder = new Map<number, number[]>();
  itemLength = 0;

  get length(): number {
    return this.shopReturn.length;
  }

  add(shopReturn: number, salesOrder: number, items: number, atMs: number): number {
    this.createdAtMs.push(atMs);
    this.stamp.push(0);
    this.isInspected.push(0);
    this.firstItem.push(this.itemLength);
    this.itemLength += items;
    const row = this.shopReturn.push(shopReturn);
    const rows = this.bySalesOrder.get(salesOrder);
    if (rows === undefined) this.bySalesOrder.set(salesOrder, [row]);
    else rows.push(row);
    return row;
  }

  ofOrder(salesOrder: number): readonly number[] {
    return this.bySalesOrder.get(salesOrder) ?? [];
  }

  itemsEnd(row: number): number {
    return row + 1 < this.length ? this.firstItem.get(row + 1) : this.itemLength;
  }
}
