import { Float64Column, Int32Column, Uint8Column, Uint32Column } from '../columns.js';
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
  /** Order row of the shop. */
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
  itemLength = 0;

  get length(): number {
    return this.order.length;
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
  /** Return row of the world. */
  readonly shopReturn = new Uint32Column();
  readonly createdAtMs = new Float64Column();
  readonly stamp = new Float64Column();
  readonly isInspected = new Uint8Column();
  readonly byReturn = new RowMap();
  readonly changes = new ChangeIndex((row) => this.stamp.get(row));

  get length(): number {
    return this.shopReturn.length;
  }
}
