import { createHash } from 'node:crypto';
import type { World } from './world.js';

/** One hash over everything in the world; equal worlds have equal digests. */
export const digestWorld = (world: World): string => {
  const hash = createHash('sha256');
  const columns = [world.orders, world.customers, world.returns, world.stock, world.receipts];
  for (const table of columns) {
    for (const value of Object.values(table)) {
      const bytes = (value as { bytes?: () => Uint8Array } | null)?.bytes?.();
      if (bytes !== undefined) hash.update(bytes);
    }
  }
  hash.update(JSON.stringify(world.catalogue.products));
  hash.update(JSON.stringify(world.catalogue.categories));
  hash.update(JSON.stringify(world.catalogue.tierPrices));
  hash.update(JSON.stringify([...world.customers.edits]));
  hash.update(JSON.stringify([...world.orders.edits]));
  return hash.digest('hex');
};
