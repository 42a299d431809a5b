import { productAt, touchStock } from './edits.js';
import type { World } from './world.js';

/** Goods from suppliers, and which location gets which share of them. */

/** A delivery from a supplier: put away by share, then told to the shop as a new stock number. */
export const receiveGoods = (world: World, receipt: number, atMs: number): void => {
  const variant = world.receipts.variant.get(receipt);
  const quantity = world.receipts.quantity.get(receipt);
  world.purchases.isReceived.set(receipt, 1);
  const ahead = world.purchases.ahead.get(receipt) ?? [];
  const rest = ahead.reduce((left, units) => left - units, quantity);
  if (rest <= 0) return;
  world.inbound.set(variant, Math.max(0, world.inbound.get(variant) - rest));
  const product = productAt(world, world.catalogue.variants[variant] ?? -1);
  if (product.isDeleted) return;
  putAway(world, variant, quantity, receipt, atMs);
  touchStock(world, product, atMs);
};

/** What a receipt brings to each location. */
export const sharesOf = (quantity: number): readonly number[] => {
  const second = Math.floor(quantity * 0.3);
  const third = Math.floor(quantity * 0.1);
  return [quantity - second - third, second, third];
};

export const putAway = (
  world: World,
  variant: number,
  quantity: number,
  receipt: number,
  atMs: number,
): void => {
  const ahead = world.purchases.ahead.get(receipt);
  for (const [location, share] of sharesOf(quantity).entries()) {
    const units = share - (ahead?.[location] ?? 0);
    if (units > 0) world.stock.post(atMs, variant, location, 'receipt', units, receipt);
  }
};
