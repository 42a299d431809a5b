import { Float64Column, Int32Column, Uint8Column, Uint32Column } from './columns.js';
/**
 * The stock ledger. Every unit that moves has a posted movement; on-hand balances are kept
 * beside it and equal the sum of the movements at every moment (`checkBalance` proves it).
 *
 *   shown in the shop = on hand, all locations - committed to orders not yet shipped
 */
export declare const MOVEMENT_KINDS: readonly ['receipt', 'pick', 'adjust', 'return', 'transfer'];
export type MovementKind = (typeof MOVEMENT_KINDS)[number];
export declare class StockLedger {
  readonly movementAtMs: Float64Column;
  readonly movementVariant: Uint32Column;
  readonly movementLocation: Uint8Column;
  readonly movementKind: Uint8Column;
  readonly movementQuantity: Int32Column;
  /** What caused it: order row for picks, return row for returns, running number otherwise. */
  readonly movementReference: Uint32Column;
  private readonly onHand;
  private readonly onHandTotal;
  private readonly committed;
  /** In orders neither completed nor cancelled: what older shops keep out of available stock. */
  private readonly open;
  /** Demand that met an empty shelf: known to us, visible to no system. */
  readonly lost: Uint32Column;
  /** Units ordered and not cancelled since the beginning. */
  readonly sold: Int32Column;
  addVariant(): number;
  get variantCount(): number;
  post(
    atMs: number,
    variant: number,
    location: number,
    kind: MovementKind,
    quantity: number,
    reference: number,
  ): void;
  onHandAt(variant: number, location: number): number;
  onHandOf(variant: number): number;
  committedOf(variant: number): number;
  openOf(variant: number): number;
  available(variant: number): number;
  commit(variant: number, quantity: number): void;
  release(variant: number, quantity: number): void;
  close(variant: number, quantity: number): void;
  /** Picks from the preferred location; what it lacks is first brought over from the others. */
  pick(atMs: number, variant: number, preferred: number, quantity: number, order: number): void;
  /** Recomputes every balance from the movements alone; returns the variants that disagree. */
  checkBalance(): number[];
}
