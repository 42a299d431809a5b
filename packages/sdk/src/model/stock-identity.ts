import type { Quantity } from './quantity.js';
import { addQuantity, formatQuantity, parseQuantity, subtractQuantity } from './quantity.js';
import type { EntityFields } from './registry.js';

type StockParts = Pick<
  EntityFields<'stock'>,
  'onHand' | 'committed' | 'safety' | 'qualityHold' | 'damaged'
>;

/**
 * available = onHand − committed − safety − qualityHold − damaged, from what the source told;
 * null without onHand. Checks compare it with the source's own `available`.
 */
export function availableStock(stock: StockParts): Quantity | null {
  if (stock.onHand === undefined || stock.onHand === null) return null;
  const onHand = parseQuantity(stock.onHand);
  let held = { valueMicros: 0n, unit: onHand.unit };
  for (const part of [stock.committed, stock.safety, stock.qualityHold, stock.damaged]) {
    if (part !== undefined && part !== null) held = addQuantity(held, parseQuantity(part));
  }
  return formatQuantity(subtractQuantity(onHand, held));
}
