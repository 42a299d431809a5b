import type { DemandModel } from './demand.js';
import { generateHistory } from './history.js';
import { type RetailerOptions, resolveParameters } from './parameters.js';
import { createWorld, type World } from './world.js';

export interface Retailer {
  readonly world: World;
  readonly demand: DemandModel;
}

/** The same options give the same retailer, byte for byte. */
export const createRetailer = (options: RetailerOptions): Retailer => {
  const world = createWorld(resolveParameters(options));
  return { world, demand: generateHistory(world) };
};
