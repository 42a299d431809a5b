import { categoryFactors, type DemandModel, unitsPerLine } from './demand.js';
import { productAt } from './edits.js';
import { DUE_RECEIPT } from './order-flow.js';
import { DAY_MS, HOUR_MS } from './parameters.js';
import { PURCHASE_LAUNCH, PURCHASE_OPENING, PURCHASE_ORDERED } from './purchases.js';
import { putAway } from './receiving.js';
import type { World } from './world.js';

/** How stock comes in: at the start, with a launch, and by orders to suppliers. */

const dailyUnits = (world: World, model: DemandModel, variant: number): number => {
  const product = productAt(world, world.catalogue.variants[variant] ?? -1);
  const lines = (world.catalogue.popularity[variant] ?? 0) * model.level;
  return lines * unitsPerLine(product.brands);
};

/** Opening stock of everything already on sale, and of launches on their day. */
export const stockUp = (world: World, model: DemandModel): void => {
  const random = world.random.supply;
  for (let variant = 0; variant < world.stock.variantCount; variant++) {
    const product = productAt(world, world.catalogue.variants[variant] ?? -1);
    if (product.launchAtMs > world.startMs) continue;
    const units = Math.ceil(dailyUnits(world, model, variant) * random.between(25, 70)) + 3;
    putAway(world, variant, units, world.receipts.variant.push(variant), world.startMs);
    world.receipts.quantity.push(units);
    world.purchases.add(PURCHASE_OPENING, 0, world.startMs);
  }
};

export const launchStock = (world: World, rows: readonly number[], atMs: number): void => {
  for (const row of rows) {
    const product = productAt(world, row);
    const units = 5 + Math.ceil((world.catalogue.popularity[product.variant] ?? 1) * 12);
    world.receipts.quantity.push(units);
    world.purchases.add(PURCHASE_LAUNCH, 0, atMs);
    putAway(world, product.variant, units, world.receipts.variant.push(product.variant), atMs);
  }
};

/**
 * Reviews every `step`-th variant from `first` and orders up to lead time plus seven weeks. In
 * history a seventh of the range is reviewed each day, live a share each hour.
 */
export const replenish = (
  world: World,
  model: DemandModel,
  atMs: number,
  first: number,
  step: number,
): void => {
  const random = world.random.supply;
  const factors = categoryFactors(world, Math.floor((atMs - world.startMs) / DAY_MS));
  for (let variant = first % step; variant < world.stock.variantCount; variant += step) {
    const product = productAt(world, world.catalogue.variants[variant] ?? -1);
    if (product.launchAtMs > atMs || product.phaseOutAtMs < atMs + 30 * DAY_MS) continue;
    const supplier = world.catalogue.suppliers[product.supplier];
    if (supplier === undefined) continue;
    const rate = dailyUnits(world, model, variant) * (factors[product.category] ?? 1);
    const position = world.stock.available(variant) + world.inbound.get(variant);
    if (position >= rate * (supplier.leadTimeDays + 21) + 2) continue;
    const quantity = Math.ceil(rate * (supplier.leadTimeDays + 49)) + 6 - position;
    if (quantity <= 0) continue;
    const leadDays = supplier.leadTimeDays * random.gamma(supplier.reliability);
    orderGoods(
      world,
      variant,
      quantity,
      atMs + Math.max(1, leadDays) * DAY_MS + random.below(9 * HOUR_MS),
      atMs,
    );
  }
};

export const orderGoods = (
  world: World,
  variant: number,
  quantity: number,
  dueMs: number,
  orderedAtMs: number,
): number => {
  world.purchases.add(PURCHASE_ORDERED, orderedAtMs, Math.floor(dueMs));
  world.receipts.quantity.push(quantity);
  const receipt = world.receipts.variant.push(variant);
  world.inbound.set(variant, world.inbound.get(variant) + quantity);
  world.queue.push(dueMs, DUE_RECEIPT, receipt);
  return receipt;
};
