import { DAY_MS } from '../parameters.js';
import { sharesOf } from '../receiving.js';
import { confirmationMs, share } from './delays.js';
import { PLANT_COUNT } from './erp-stock.js';
import * as events from './events.js';
import { dayOfMs, ensureMaterial, purchaseMinor } from './master-data.js';
import {
  NO_PURCHASE,
  PURCHASE_COMPLETE,
  PURCHASE_CONFIRMED,
  PURCHASE_DELETED,
  PURCHASE_SPLIT,
} from './purchasing-documents.js';
import { type Erp, touchPurchase } from './state.js';
import { priceUnitOf } from './valuation.js';

/**
 * Orders to suppliers. What the world calls a purchase is one material for all locations; the
 * ERP orders it as an item for each plant. Some suppliers send less than was ordered.
 */

export interface NewItem {
  readonly variant: number;
  readonly plant: number;
  readonly quantity: number;
  readonly dueDay: number;
  readonly purchase: number;
  /** In one schedule line, whatever its size. */
  readonly isWhole?: boolean;
}

/** Writes an order; returns its row. */
export const writeOrder = (
  erp: Erp,
  supplier: number,
  items: readonly NewItem[],
  atMs: number,
): number => {
  const { purchases, seed, world } = erp;
  purchases.createdAtMs.push(atMs);
  purchases.stamp.push(0);
  purchases.firstItem.push(purchases.itemLength);
  const order = purchases.supplier.push(supplier);
  for (const item of items) {
    const product = world.catalogue.products[world.catalogue.variants[item.variant] ?? -1];
    if (product === undefined) continue;
    ensureMaterial(erp, product.index, atMs);
    const row = purchases.itemOrder.push(order);
    const factor = 0.97 + 0.08 * share(seed, 31, row);
    const price = purchaseMinor(erp, product) * 10 * priceUnitOf(seed, item.variant) * factor;
    const isSplit = item.isWhole !== true && item.quantity >= 20 && share(seed, 32, row) < 0.15;
    purchases.itemPurchase.push(item.purchase);
    purchases.itemVariant.push(item.variant);
    purchases.itemPlant.push(item.plant);
    purchases.itemFlags.push(isSplit ? PURCHASE_SPLIT : 0);
    purchases.itemOrdered.push(item.quantity);
    purchases.itemConfirmed.push(0);
    purchases.itemReceived.push(0);
    purchases.itemPromisedDay.push(item.dueDay);
    purchases.itemConfirmedDay.push(item.dueDay);
    purchases.itemPriceMilli.push(Math.round(price));
    if (item.purchase !== NO_PURCHASE && purchases.byPurchase.get(item.purchase) < 0) {
      purchases.byPurchase.set(item.purchase, row);
    }
  }
  touchPurchase(erp, order, 'created', atMs);
  erp.queue.push(atMs + confirmationMs(seed, order), events.PURCHASE_ANSWERED, order);
  return order;
};

/** Writes the orders of a review: for each purchase an item by plant. */
export const writePlanned = (erp: Erp, planned: number, atMs: number): void => {
  const rows = erp.plannedOrders.get(planned);
  erp.plannedOrders.delete(planned);
  if (rows === undefined) return;
  const open = rows.filter((row) => erp.purchases.byPurchase.get(row) < 0);
  const supplier = supplierOfPurchase(erp, open[0] ?? -1);
  if (open.length > 0) {
    writeOrder(
      erp,
      supplier,
      open.flatMap((row) => itemsOfPurchase(erp, row)),
      atMs,
    );
  }
};

const supplierOfPurchase = (erp: Erp, purchase: number): number => {
  const { catalogue, receipts } = erp.world;
  if (purchase < 0) return 0;
  const row = catalogue.variants[receipts.variant.get(purchase)] ?? -1;
  return catalogue.products[row]?.supplier ?? 0;
};

export const itemsOfPurchase = (erp: Erp, purchase: number): readonly NewItem[] => {
  const { world, seed } = erp;
  const variant = world.receipts.variant.get(purchase);
  const lead = world.catalogue.suppliers[supplierOfPurchase(erp, purchase)]?.leadTimeDays ?? 14;
  const dueDay = dayOfMs(world.purchases.orderedAtMs.get(purchase)) + lead;
  return sharesOf(world.receipts.quantity.get(purchase)).flatMap((expected, plant) => {
    if (expected === 0) return [];
    // One in eight items comes up short: more was ordered than will be sent.
    const isShort = share(seed, 33, purchase * PLANT_COUNT + plant) < 0.12;
    const missing = isShort ? Math.ceil(expected * 0.15) : 0;
    return [{ variant, plant, quantity: expected + missing, dueDay, purchase }];
  });
};

/** The item a receipt at a plant belongs to; the order is written now if it was not yet. */
export const itemOfPurchase = (erp: Erp, purchase: number, plant: number, atMs: number): number => {
  const { purchases } = erp;
  let item = purchases.byPurchase.get(purchase);
  if (item < 0) {
    writeOrder(erp, supplierOfPurchase(erp, purchase), itemsOfPurchase(erp, purchase), atMs);
    item = purchases.byPurchase.get(purchase);
  }
  while (purchases.itemPlant.get(item) !== plant) item++;
  return item;
};

/** What the world will bring for an item, shortfall left out. */
export const expectedOf = (erp: Erp, item: number): number => {
  const { purchases, world } = erp;
  const purchase = purchases.itemPurchase.get(item);
  if (purchase === NO_PURCHASE) return purchases.itemOrdered.get(item);
  const quantity = world.receipts.quantity.get(purchase);
  return sharesOf(quantity)[purchases.itemPlant.get(item)] ?? 0;
};

/** A receipt moves the order record only when it completes an item. */
export const noteReceipt = (erp: Erp, item: number, quantity: number, atMs: number): void => {
  const { purchases } = erp;
  purchases.itemReceived.add(item, quantity);
  if (purchases.has(item, PURCHASE_COMPLETE)) return;
  if (purchases.itemReceived.get(item) < expectedOf(erp, item)) return;
  purchases.mark(item, PURCHASE_COMPLETE);
  touchPurchase(erp, purchases.itemOrder.get(item), 'changed', atMs);
};

/** The supplier answers: most as ordered, some for a later day. */
export const answerOrder = (erp: Erp, order: number, atMs: number): void => {
  const { purchases, seed } = erp;
  for (let item = purchases.firstItem.get(order); item < purchases.endOf(order); item++) {
    if (purchases.has(item, PURCHASE_DELETED) || purchases.has(item, PURCHASE_CONFIRMED)) continue;
    purchases.mark(item, PURCHASE_CONFIRMED);
    purchases.itemConfirmed.set(item, purchases.itemOrdered.get(item));
    const draw = share(seed, 34, item);
    const shift = draw < 0.7 ? 0 : Math.ceil((draw - 0.7) * 40);
    const earliest = dayOfMs(atMs) + 1;
    const day = Math.max(earliest, purchases.itemPromisedDay.get(item) + shift);
    purchases.itemConfirmedDay.set(item, day);
  }
  touchPurchase(erp, order, 'changed', atMs);
};

/** The world's day an item is due by its supplier's lead time. */
export const dueDayFor = (erp: Erp, supplier: number, atMs: number): number =>
  dayOfMs(atMs + (erp.world.catalogue.suppliers[supplier]?.leadTimeDays ?? 14) * DAY_MS);
