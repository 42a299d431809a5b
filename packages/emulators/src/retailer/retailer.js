import { generateHistory } from './history.js';
import { resolveParameters } from './parameters.js';
import { createWorld } from './world.js';
/** The same options give the same retailer, byte for byte. */
export const createRetailer = (options) => {
  const world = createWorld(resolveParameters(options));
  return { world, demand: generateHistory(world) };
};
//# sourceMappingURL=retailer.js.map
