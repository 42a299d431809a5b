import { Float64Column, Int32Column, Uint8Column, Uint32Column } from '../columns.js';
import { NO_ROW } from '../orders.js';

/**
 * Material documents: one per posting, in the order they were entered, never changed. Every
 * change of stock in the ERP is an item of one; balances are sums of items.
 */

export interface MovementType {
  /** As in SAP. */
  readonly code: string;
  /** Goods movement code of the transaction that posts it. */
  readonly group: '01' | '03' | '04' | '05' | '06';
  readonly reference: 'none' | 'purchase' | 'order' | 'return';
}

const movement = (
  code: string,
  group: MovementType['group'],
  reference: MovementType['reference'] = 'none',
): MovementType => ({ code, group, reference });

export const MOVE_OPENING = 0;
export const MOVE_WITHOUT_ORDER = 1;
export const MOVE_RECEIPT = 2;
export const MOVE_ISSUE = 3;
export const MOVE_TRANSFER = 4;
export const MOVE_SURPLUS = 5;
export const MOVE_SHORTAGE = 6;
export const MOVE_RETURN = 7;
export const MOVE_RETURN_BLOCKED = 8;
export const MOVE_RELEASE = 9;
export const MOVE_BLOCK = 10;
export const MOVE_UNBLOCK = 11;
export const MOVE_SCRAP = 12;

export const MOVEMENT_TYPES: readonly MovementType[] = [
  movement('561', '05'),
  movement('501', '05'),
  movement('101', '01', 'purchase'),
  movement('601', '03', 'order'),
  movement('301', '04'),
  movement('701', '05'),
  movement('702', '03'),
  movement('653', '05', 'return'),
  movement('657', '05', 'return'),
  movement('321', '04'),
  movement('344', '04'),
  movement('343', '04'),
  movement('555', '03'),
];

export interface DocumentItem {
  readonly variant: number;
  readonly place: number;
  readonly type: number;
  readonly movement: number;
  /** Signed: what it does to the stock of its place and type. */
  readonly quantity: number;
  /** Purchase order item, order or return, by the movement type's kind of reference. */
  readonly reference?: number;
}

export class DocumentTable {
  /** When entered, and when the goods moved. */
  readonly enteredAtMs = new Float64Column();
  readonly movedAtMs = new Float64Column();
  readonly firstItem = new Uint32Column();

  readonly itemDocument = new Uint32Column();
  readonly itemVariant = new Uint32Column();
  readonly itemPlace = new Uint8Column();
  readonly itemType = new Uint8Column();
  readonly itemMovement = new Uint8Column();
  readonly itemQuantity = new Int32Column();
  readonly itemReference = new Uint32Column();
  /** The item before this one of the same material. */
  private readonly itemBefore = new Uint32Column();
  private readonly latest = new Uint32Column();

  get length(): number {
    return this.enteredAtMs.length;
  }

  get itemLength(): number {
    return this.itemDocument.length;
  }

  post(enteredAtMs: number, movedAtMs: number, items: readonly DocumentItem[]): number {
    const before = this.length === 0 ? 0 : this.enteredAtMs.get(this.length - 1);
    this.movedAtMs.push(movedAtMs);
    this.firstItem.push(this.itemLength);
    const document = this.enteredAtMs.push(Math.max(before, enteredAtMs));
    for (const item of items) {
      while (this.latest.length <= item.variant) this.latest.push(NO_ROW);
      this.itemVariant.push(item.variant);
      this.itemPlace.push(item.place);
      this.itemType.push(item.type);
      this.itemMovement.push(item.movement);
      this.itemQuantity.push(item.quantity);
      this.itemReference.push(item.reference ?? NO_ROW);
      this.itemBefore.push(this.latest.get(item.variant));
      this.latest.set(item.variant, this.itemDocument.push(document));
    }
    return document;
  }

  endOf(document: number): number {
    return document + 1 < this.length ? this.firstItem.get(document + 1) : this.itemLength;
  }

  /** Items of a material, oldest first. */
  itemsOf(variant: number): number[] {
    const items: number[] = [];
    let item = variant < this.latest.length ? this.latest.get(variant) : NO_ROW;
    for (; item !== NO_ROW; item = this.itemBefore.get(item)) items.push(item);
    return items.reverse();
  }
}
