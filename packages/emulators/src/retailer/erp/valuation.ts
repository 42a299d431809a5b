import { Float64Column } from '../columns.js';
import { mix } from '../random.js';
import { PLANT_COUNT } from './erp-stock.js';
import { ChangeIndex, stampMs } from './stamps.js';

/**
 * What a material costs at a plant: a standard price that is set, and a moving average that
 * every goods receipt moves. Prices stand for 1, 10 or 100 pieces, in thousandths of a euro.
 */

export const priceUnitOf = (seed: number, variant: number): number => {
  const draw = mix(mix(seed >>> 0, 0x5052), variant) % 100;
  return draw < 88 ? 1 : draw < 96 ? 10 : 100;
};

/** `S`: stock is valued at the standard price; `V`: at the moving average. */
export const procedureOf = (seed: number, variant: number): 'S' | 'V' =>
  mix(mix(seed >>> 0, 0x5056), variant) % 5 === 0 ? 'S' : 'V';

export class ValuationTable {
  readonly standardMilli = new Float64Column();
  readonly averageMilli = new Float64Column();
  /** Stamp of the last change of a price; 0 until the first. */
  readonly stamp = new Float64Column();
  readonly changes = new ChangeIndex((slot) => this.stamp.get(slot));

  slotOf(variant: number, plant: number): number {
    return variant * PLANT_COUNT + plant;
  }

  reserve(variant: number): void {
    while (this.stamp.length < (variant + 1) * PLANT_COUNT) {
      this.standardMilli.push(0);
      this.averageMilli.push(0);
      this.stamp.push(0);
    }
  }

  changedAtMs(slot: number): number {
    const stamp = this.stamp.get(slot);
    return stamp === 0 ? 0 : stampMs(stamp);
  }
}
