import { Int32Column } from '../columns.js';

/**
 * Stock as the ERP has posted it: by material, plant, storage location and type of stock. It
 * trails the warehouse by the time a posting takes.
 */

export const STOCK_UNRESTRICTED = 0;
export const STOCK_QUALITY = 1;
export const STOCK_BLOCKED = 2;
export const STOCK_TYPES = ['unrestricted', 'quality', 'blocked'] as const;

export const PLANT_COUNT = 3;
export const STORAGE_COUNT = 2;
export const TYPE_COUNT = STOCK_TYPES.length;
/** Slots of one variant. */
export const SLOT_COUNT = PLANT_COUNT * STORAGE_COUNT * TYPE_COUNT;

/** A place is a plant and one of its two storage locations. */
export const placeOf = (plant: number, storage: number): number => plant * STORAGE_COUNT + storage;
export const plantOfPlace = (place: number): number => Math.floor(place / STORAGE_COUNT);
export const storageOfPlace = (place: number): number => place % STORAGE_COUNT;

export class ErpStock {
  private readonly quantities = new Int32Column();
  /** Slots that hold something, by variant. */
  private readonly filled = new Int32Column();
  /** Goes up when a slot becomes empty or is filled. */
  version = 0;
  onFilled: (variant: number, by: 1 | -1) => void = () => undefined;

  get variantCount(): number {
    return this.filled.length;
  }

  addVariant(): void {
    for (let slot = 0; slot < SLOT_COUNT; slot++) this.quantities.push(0);
    this.filled.push(0);
  }

  post(variant: number, place: number, type: number, quantity: number): void {
    while (this.variantCount <= variant) this.addVariant();
    const slot = variant * SLOT_COUNT + place * TYPE_COUNT + type;
    const before = this.quantities.get(slot);
    const after = before + quantity;
    this.quantities.set(slot, after);
    if ((before === 0) === (after === 0)) return;
    const by = after === 0 ? -1 : 1;
    this.filled.add(variant, by);
    this.version++;
    this.onFilled(variant, by);
  }

  at(variant: number, place: number, type: number): number {
    return variant < this.variantCount
      ? this.quantities.get(variant * SLOT_COUNT + place * TYPE_COUNT + type)
      : 0;
  }

  filledOf(variant: number): number {
    return variant < this.variantCount ? this.filled.get(variant) : 0;
  }

  /** Unrestricted and quality stock of a plant: what is valuated. */
  valuated(variant: number, plant: number): number {
    let sum = 0;
    for (let storage = 0; storage < STORAGE_COUNT; storage++) {
      const place = placeOf(plant, storage);
      sum += this.at(variant, place, STOCK_UNRESTRICTED) + this.at(variant, place, STOCK_QUALITY);
    }
    return sum;
  }
}
