import { Float64Column, Uint8Column } from './columns.js';

/** Why goods come in, row by row beside the receipts they become. */

export const PURCHASE_OPENING = 0;
export const PURCHASE_LAUNCH = 1;
export const PURCHASE_ORDERED = 2;

export class PurchaseTable {
  readonly kind = new Uint8Column();
  /** 0 where nothing was ordered: opening stock and launches. */
  readonly orderedAtMs = new Float64Column();
  readonly dueAtMs = new Float64Column();
  readonly isReceived = new Uint8Column();
  /** Units by location that came before the rest of their receipt. */
  readonly ahead = new Map<number, number[]>();

  get length(): number {
    return this.kind.length;
  }

  add(kind: number, orderedAtMs: number, dueAtMs: number): number {
    this.orderedAtMs.push(orderedAtMs);
    this.dueAtMs.push(dueAtMs);
    this.isReceived.push(kind === PURCHASE_ORDERED ? 0 : 1);
    return this.kind.push(kind);
  }
}
