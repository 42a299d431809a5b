import { LOCATIONS } from './channels.js';
import { Float64Column, Int32Column, Uint8Column, Uint32Column } from './columns.js';
/**
 * The stock ledger. Every unit that moves has a posted movement; on-hand balances are kept
 * beside it and equal the sum of the movements at every moment (`checkBalance` proves it).
 *
 *   shown in the shop = on hand, all locations - committed to orders not yet shipped
 */
export const MOVEMENT_KINDS = ['receipt', 'pick', 'adjust', 'return', 'transfer'];
const LOCATION_COUNT = LOCATIONS.length;
export class StockLedger {
  movementAtMs = new Float64Column();
  movementVariant = new Uint32Column();
  movementLocation = new Uint8Column();
  movementKind = new Uint8Column();
  movementQuantity = new Int32Column();
  /** What caused it: order row for picks, return row for returns, running number otherwise. */
  movementReference = new Uint32Column();
  onHand = new Int32Column();
  onHandTotal = new Int32Column();
  committed = new Int32Column();
  /** In orders neither completed nor cancelled: what older shops keep out of available stock. */
  open = new Int32Column();
  /** Demand that met an empty shelf: known to us, visible to no system. */
  lost = new Uint32Column();
  /** Units ordered and not cancelled since the beginning. */
  sold = new Int32Column();
  addVariant() {
    for (let location = 0; location < LOCATION_COUNT; location++) this.onHand.push(0);
    this.onHandTotal.push(0);
    this.committed.push(0);
    this.lost.push(0);
    this.sold.push(0);
    return this.open.push(0);
  }
  get variantCount() {
    return this.open.length;
  }
  post(atMs, variant, location, kind, quantity, reference) {
    this.movementAtMs.push(atMs);
    this.movementVariant.push(variant);
    this.movementLocation.push(location);
    this.movementKind.push(MOVEMENT_KINDS.indexOf(kind));
    this.movementQuantity.push(quantity);
    this.movementReference.push(reference);
    this.onHand.add(variant * LOCATION_COUNT + location, quantity);
    this.onHandTotal.add(variant, quantity);
  }
  onHandAt(variant, location) {
    return this.onHand.get(variant * LOCATION_COUNT + location);
  }
  onHandOf(variant) {
    return this.onHandTotal.get(variant);
  }
  committedOf(variant) {
    return this.committed.get(variant);
  }
  openOf(variant) {
    return this.open.get(variant);
  }
  available(variant) {
    return this.onHandTotal.get(variant) - this.committed.get(variant);
  }
  commit(variant, quantity) {
    this.sold.add(variant, quantity);
    this.committed.add(variant, quantity);
    this.open.add(variant, quantity);
  }
  release(variant, quantity) {
    this.sold.add(variant, -quantity);
    this.committed.add(variant, -quantity);
    this.open.add(variant, -quantity);
  }
  close(variant, quantity) {
    this.open.add(variant, -quantity);
  }
  /** Picks from the preferred location; what it lacks is first brought over from the others. */
  pick(atMs, variant, preferred, quantity, order) {
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
  checkBalance() {
    const sums = new Float64Array(this.variantCount * LOCATION_COUNT);
    for (let row = 0; row < this.movementVariant.length; row++) {
      const slot = this.movementVariant.get(row) * LOCATION_COUNT + this.movementLocation.get(row);
      sums[slot] = sums[slot] + this.movementQuantity.get(row);
    }
    const wrong = [];
    for (let variant = 0; variant < this.variantCount; variant++) {
      let total = 0;
      let isWrong = false;
      for (let location = 0; location < LOCATION_COUNT; location++) {
        const sum = sums[variant * LOCATION_COUNT + location];
        if (sum !== this.onHandAt(variant, location)) isWrong = true;
        total += sum;
      }
      if (isWrong || total !== this.onHandOf(variant)) wrong.push(variant);
    }
    return wrong;
  }
}
//# sourceMappingURL=stock.js.map
