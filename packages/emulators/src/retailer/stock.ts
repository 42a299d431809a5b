import { LOCATIONS } from './channels.js';
import { Float64Column, Int32Column, Uint8Column, Uint32Column } from './columns.js';

/**
 * The stock ledger. Every unit that moves has a posted movement; on-hand balances are kept
 * beside it and equal the sum of the movements at every moment (`checkBalance` proves it).
 *
 *   shown in the shop = on hand, all locations - committed to orders not yet shipped
 *
 * A shop that nobody tells of the warehouse counts for itself: from what it was told last, down
 * with each order and up with each cancellation.
 */

export const MOVEMENT_KINDS = ['receipt', 'pick', 'adjust', 'return', 'transfer'] as const;
export type MovementKind = (typeof MOVEMENT_KINDS)[number];

const LOCATION_COUNT = LOCATIONS.length;

export class StockLedger {
  readonly movementAtMs = new Float64Column();
  readonly movementVariant = new Uint32Column();
  readonly movementLocation = new Uint8Column();
  readonly movementKind = new Uint8Column();
  readonly movementQuantity = new Int32Column();
  /** What caused it: order row for picks, return row for returns, running number otherwise. */
  readonly movementReference = new Uint32Column();

  /** Of a shop that counts for itself; null while it shows what the warehouse has. */
  private shown: Int32Column | null = null;
  private readonly onHand = new Int32Column();
  private readonly onHandTotal = new Int32Column();
  private readonly committed = new Int32Column();
  /** In orders neither completed nor cancelled: what older shops keep out of available stock. */
  private readonly open = new Int32Column();
  /** Demand that met an empty shelf: known to us, visible to no system. */
  readonly lost = new Uint32Column();
  /** Units ordered and not cancelled since the beginning. */
  readonly sold = new Int32Column();

  addVariant(): number {
    for (let location = 0; location < LOCATION_COUNT; location++) this.onHand.push(0);
    this.onHandTotal.push(0);
    this.committed.push(0);
    this.lost.push(0);
    this.sold.push(0);
    this.shown?.push(0);
    return this.open.push(0);
  }

  get variantCount(): number {
    return this.open.length;
  }

  post(
    atMs: number,
    variant: number,
    location: number,
    kind: MovementKind,
    quantity: number,
    reference: number,
  ): void {
    this.movementAtMs.push(atMs);
    this.movementVariant.push(variant);
    this.movementLocation.push(location);
    this.movementKind.push(MOVEMENT_KINDS.indexOf(kind));
    this.movementQuantity.push(quantity);
    this.movementReference.push(reference);
    this.onHand.add(variant * LOCATION_COUNT + location, quantity);
    this.onHandTotal.add(variant, quantity);
  }

  onHandAt(variant: number, location: number): number {
    return this.onHand.get(variant * LOCATION_COUNT + location);
  }

  onHandOf(variant: number): number {
    return this.onHandTotal.get(variant);
  }

  committedOf(variant: number): number {
    return this.committed.get(variant);
  }

  openOf(variant: number): number {
    return this.open.get(variant);
  }

  available(variant: number): number {
    return this.onHandTotal.get(variant) - this.committed.get(variant);
  }

  /** What the shop takes to be there for sale. */
  sellable(variant: number): number {
    return this.shown === null ? this.available(variant) : this.shown.get(variant);
  }

  get isShopDetached(): boolean {
    return this.shown !== null;
  }

  detachShop(): void {
    this.shown = new Int32Column();
    for (let variant = 0; variant < this.variantCount; variant++) {
      this.shown.push(this.available(variant));
    }
  }

  setShown(variant: number, quantity: number): void {
    this.shown?.set(variant, quantity);
  }

  commit(variant: number, quantity: number): void {
    this.shown?.add(variant, -quantity);
    this.sold.add(variant, quantity);
    this.committed.add(variant, quantity);
    this.open.add(variant, quantity);
  }

  release(variant: number, quantity: number): void {
    this.shown?.add(variant, quantity);
    this.sold.add(variant, -quantity);
    this.committed.add(variant, -quantity);
    this.open.add(variant, -quantity);
  }

  close(variant: number, quantity: number): void {
    this.open.add(variant, -quantity);
  }

  /** Picks from the preferred location; what it lacks is first brought over from the others. */
  pick(atMs: number, variant: number, preferred: number, quantity: number, order: number): void {
    let missing = quantity - this.onHandAt(variant, preferred);
    for (let location = 0; location < LOCATION_COUNT && missing > 0; location++) {
      if (location === preferred) continue;
      const moved = Math.min(missing, Math.max(0, this.onHandAt(variant, location)));
      if (moved === 0) continue;
      this.post(atMs, variant, location, 'transfer', -moved, order);
      this.post(atMs, variant, preferred, 'transfer', moved, order);
      missing -= moved;
    }
    this.post(atMs, variant, preferred, 'pick', -quantity, order);
    this.committed.add(variant, -quantity);
  }

  /** Recomputes every balance from the movements alone; returns the variants that disagree. */
  checkBalance(): number[] {
    const sums = new Float64Array(this.variantCount * LOCATION_COUNT);
    for (let row = 0; row < this.movementVariant.length; row++) {
      const slot = this.movementVariant.get(row) * LOCATION_COUNT + this.movementLocation.get(row);
      sums[slot] = (sums[slot] as number) + this.movementQuantity.get(row);
    }
    const wrong: number[] = [];
    for (let variant = 0; variant < this.variantCount; variant++) {
      let total = 0;
      let isWrong = false;
      for (let location = 0; location < LOCATION_COUNT; location++) {
        const sum = sums[variant * LOCATION_COUNT + location] as number;
        if (sum !== this.onHandAt(variant, location)) isWrong = true;
        total += sum;
      }
      if (isWrong || total !== this.onHandOf(variant)) wrong.push(variant);
    }
    return wrong;
  }
}
