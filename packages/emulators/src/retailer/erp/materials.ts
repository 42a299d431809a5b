import { Float64Column, Int32Column, Uint8Column } from '../columns.js';
import type { World } from '../world.js';
import { ChangeIndex } from './stamps.js';

/**
 * The ERP's own record of each product, by product row of the catalogue. A material is never
 * deleted, only marked; what the ERP took over at creation it keeps, whatever the shop edits.
 */

export const MATERIAL_EXISTS = 1;
export const MATERIAL_DELETION = 2;
export const MATERIAL_BLOCKED = 4;

export class MaterialTable {
  readonly createdAtMs = new Float64Column();
  readonly stamp = new Float64Column();
  readonly flags = new Uint8Column();
  /** -1 where the ERP has no weight. */
  readonly weightGrams = new Int32Column();
  /** Goes up whenever planning parameters are reviewed; the parameters follow from it. */
  readonly planning = new Uint8Column();
  readonly gtins: (string | null)[] = [];
  readonly names: (Readonly<Record<string, string | null>> | null)[] = [];
  readonly changes = new ChangeIndex((row) => this.stamp.get(row));
  private sorted: number[] = [];
  private ranks = new Int32Array(0);
  private readonly numbers: string[] = [];
  /** Goes up with every new material; caches of positions hang on it. */
  version = 0;

  get length(): number {
    return this.flags.length;
  }

  exists(row: number): boolean {
    return row < this.length && (this.flags.get(row) & MATERIAL_EXISTS) !== 0;
  }

  has(row: number, flag: number): boolean {
    return (this.flags.get(row) & flag) !== 0;
  }

  setFlag(row: number, flag: number, isSet: boolean): void {
    const now = this.flags.get(row);
    this.flags.set(row, isSet ? now | flag : now & ~flag);
  }

  numberOf(row: number): string {
    return this.numbers[row] ?? '';
  }

  /** Reserves rows up to a product of the catalogue; it exists once `create` was called. */
  reserve(row: number): void {
    while (this.length <= row) {
      this.createdAtMs.push(0);
      this.stamp.push(0);
      this.weightGrams.push(-1);
      this.planning.push(0);
      this.gtins.push(null);
      this.names.push(null);
      this.numbers.push('');
      this.flags.push(0);
    }
  }

  create(world: World, row: number, atMs: number): void {
    const product = world.catalogue.products[row];
    if (product === undefined) return;
    this.reserve(row);
    const parent = world.catalogue.products[product.parent];
    this.createdAtMs.set(row, atMs);
    this.flags.set(row, MATERIAL_EXISTS);
    this.weightGrams.set(row, product.weightGrams ?? parent?.weightGrams ?? -1);
    this.gtins[row] = product.gtin;
    const names = product.names ?? parent?.names ?? null;
    this.names[row] = names === null ? null : { ...names };
    this.numbers[row] = product.number;
    this.sorted = [];
    this.version++;
  }

  /** Rows in the order of their numbers, which is the order of their keys. */
  inOrder(): readonly number[] {
    if (this.sorted.length === 0) {
      for (let row = 0; row < this.length; row++) if (this.exists(row)) this.sorted.push(row);
      this.sorted.sort((left, right) => (this.numberOf(left) < this.numberOf(right) ? -1 : 1));
      this.ranks = new Int32Array(this.length).fill(-1);
      for (const [rank, row] of this.sorted.entries()) this.ranks[row] = rank;
    }
    return this.sorted;
  }

  rankOf(row: number): number {
    this.inOrder();
    return this.ranks[row] ?? -1;
  }
}
