import type { DemandModel } from './demand.js';
import { type RetailerOptions } from './parameters.js';
import { type World } from './world.js';
export interface Retailer {
  readonly world: World;
  readonly demand: DemandModel;
}
/** The same options give the same retailer, byte for byte. */
export declare const createRetailer: (options: RetailerOptions) => Retailer;
