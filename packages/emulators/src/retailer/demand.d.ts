import { type BrandKey } from './channels.js';
import type { World } from './world.js';
export interface DemandModel {
  /** Prices at which popularity was set; the price effect is relative to them. */
  readonly referenceMinor: Float64Array;
  /** Chosen so that history has about the planned number of lines. */
  readonly level: number;
}
/** Category factors of one day: season and running promotions. */
export declare const categoryFactors: (world: World, day: number) => number[];
export declare const lifeFactor: (launchAtMs: number, phaseOutAtMs: number, atMs: number) => number;
export declare const createDemandModel: (world: World) => DemandModel;
export declare const priceEffect: (world: World, model: DemandModel, variant: number) => number;
export declare const chooseChannel: (brands: readonly BrandKey[], draw: number) => number;
/** Units a line of this variant takes on average: business customers buy by the box. */
export declare const unitsPerLine: (brands: readonly BrandKey[]) => number;
