import type { Category, LocalizedTexts, Price, Product } from './catalogue.js';
import { priceOf, refreshPriceFactor } from './catalogue.js';
import { CURRENCIES, LANGUAGES, type LanguageCode, LOCATIONS } from './channels.js';
import { CUSTOMER_DELETED, type CustomerEdits } from './customers.js';
import {
  FACT_CUSTOMER_DELETED,
  FACT_CUSTOMER_EDITED,
  FACT_ORDER_COST,
  FACT_PRICE,
  FACT_PRODUCT_ACTIVE,
  FACT_PRODUCT_DELETED,
  FACT_PRODUCT_INACTIVE,
} from './facts.js';
import type { OrderEdits } from './orders.js';
import { announce, type World } from './world.js';

/** Edits people and systems make through the shop: these, and only these, move `updatedAt`. */

export const productAt = (world: World, row: number): Product => {
  const product = world.catalogue.products[row];
  if (product === undefined) throw new RangeError(`no product ${row}`);
  return product;
};

export const touchProduct = (
  world: World,
  product: Product,
  atMs: number,
  fields: readonly string[],
): void => {
  product.updatedAtMs = world.changes.products.append(product.index, atMs);
  if (world.listeners.size > 0) {
    announce(world, { kind: 'product', row: product.index, operation: 'update', fields });
  }
};

/** The warehouse moved something; a shop that is told shows it on the record. */
export const touchStock = (world: World, product: Product, atMs: number): void => {
  if (product.isDeleted || world.stock.isShopDetached) return;
  touchProduct(world, product, atMs, ['stock']);
};

/** Posts the difference as an adjustment, so that the ledger explains the new number. A shop by itself just shows it. */
export const adjustStock = (world: World, variant: number, shown: number, atMs: number): void => {
  const { stock } = world;
  if (stock.isShopDetached) {
    stock.setShown(variant, shown);
    return;
  }
  let difference = shown - stock.available(variant);
  const reference = stock.movementAtMs.length;
  if (difference > 0) stock.post(atMs, variant, 0, 'adjust', difference, reference);
  for (let location = LOCATIONS.length - 1; location >= 0 && difference < 0; location--) {
    const there = stock.onHandAt(variant, location);
    const taken = location === 0 ? -difference : Math.min(-difference, Math.max(0, there));
    if (taken === 0) continue;
    stock.post(atMs, variant, location, 'adjust', -taken, reference);
    difference += taken;
  }
};

export const setStock = (world: World, product: Product, shown: number, atMs: number): void => {
  if (product.variant < 0) throw new RangeError(`${product.number} keeps no stock`);
  adjustStock(world, product.variant, shown, atMs);
  touchProduct(world, product, atMs, ['stock']);
};

export interface PriceChange {
  readonly currency: number;
  readonly grossMinor: number;
  /** Undefined keeps it, null removes it. */
  readonly listMinor?: number | null;
}

export const setPrice = (
  world: World,
  product: Product,
  changes: readonly PriceChange[],
  atMs: number,
): void => {
  const from = priceOf(world.catalogue, product);
  const price: Price = { gross: [...from.gross], list: [...from.list] };
  for (const change of changes) {
    if (CURRENCIES[change.currency] === undefined) throw new RangeError('unknown currency');
    price.gross[change.currency] = change.grossMinor;
    if (change.listMinor !== undefined) price.list[change.currency] = change.listMinor;
  }
  product.price = price;
  if (world.facts !== null && world.integration.has('price')) {
    const row = world.facts.prices.push(product.index, atMs, price.gross, price.list);
    world.facts.log.push(FACT_PRICE, row, atMs);
  }
  refreshPriceFactor(world.catalogue, product);
  touchProduct(world, product, atMs, ['price']);
};

export const renameProduct = (
  world: World,
  product: Product,
  names: Partial<Record<LanguageCode, string | null>>,
  atMs: number,
): void => {
  product.formerNames.push({
    untilMs: atMs,
    names: product.names === null ? null : { ...product.names },
  });
  const next: LocalizedTexts = product.names ?? { 'nl-NL': null, 'de-DE': null, 'en-GB': null };
  for (const language of LANGUAGES) {
    const name = names[language];
    if (name !== undefined) next[language] = name;
  }
  product.names = LANGUAGES.every((language) => next[language] === null) ? null : next;
  touchProduct(world, product, atMs, ['name']);
};

export const setActive = (
  world: World,
  product: Product,
  active: boolean | null,
  atMs: number,
): void => {
  product.active = active;
  const fact = active === false ? FACT_PRODUCT_INACTIVE : FACT_PRODUCT_ACTIVE;
  if (world.integration.has('product')) world.facts?.log.push(fact, product.index, atMs);
  touchProduct(world, product, atMs, ['active']);
};

/** Takes the variants along, as a shop does. */
export const deleteProduct = (world: World, product: Product): void => {
  if (product.isDeleted) return;
  for (const row of [product.index, ...product.children]) {
    const record = productAt(world, row);
    if (record.isDeleted) continue;
    record.isDeleted = true;
    world.deletedProductCount++;
    if (world.integration.has('product')) world.facts?.log.push(FACT_PRODUCT_DELETED, row, 0);
    if (world.listeners.size > 0) announce(world, { kind: 'product-deleted', row });
  }
};

export const editCustomer = (
  world: World,
  customer: number,
  edits: CustomerEdits,
  fields: readonly string[],
  atMs: number,
): void => {
  world.customers.edits.set(customer, { ...world.customers.edits.get(customer), ...edits });
  world.facts?.log.push(FACT_CUSTOMER_EDITED, customer, atMs);
  touchCustomer(world, customer, atMs, fields);
};

export const touchCustomer = (
  world: World,
  customer: number,
  atMs: number,
  fields: readonly string[],
): void => {
  world.customers.updatedAtMs.set(customer, world.changes.customers.append(customer, atMs));
  if (world.listeners.size > 0) {
    announce(world, { kind: 'customer', row: customer, operation: 'update', fields });
  }
};

export const deleteCustomer = (world: World, customer: number): void => {
  const { customers } = world;
  if (!customers.isLive(customer)) return;
  customers.flags.set(customer, customers.flags.get(customer) | CUSTOMER_DELETED);
  customers.deletedCount++;
  customers.edits.delete(customer);
  world.facts?.log.push(FACT_CUSTOMER_DELETED, customer, 0);
  if (world.listeners.size > 0) announce(world, { kind: 'customer-deleted', row: customer });
};

export const touchOrder = (
  world: World,
  order: number,
  atMs: number,
  fields: readonly string[],
): void => {
  world.orders.updatedAtMs.set(order, world.changes.orders.append(order, atMs));
  if (world.listeners.size > 0) {
    announce(world, { kind: 'order', row: order, operation: 'update', fields });
  }
};

export const editOrder = (
  world: World,
  order: number,
  edits: OrderEdits,
  fields: readonly string[],
  atMs: number,
): void => {
  world.orders.edits.set(order, { ...world.orders.edits.get(order), ...edits });
  touchOrder(world, order, atMs, fields);
};

/** A service agent corrects the shipping cost: totals follow. */
export const setShippingCost = (
  world: World,
  order: number,
  shippingMinor: number,
  atMs: number,
): void => {
  world.orders.shippingMinor.set(order, shippingMinor);
  world.orders.total(order);
  world.facts?.log.push(FACT_ORDER_COST, order, atMs);
  touchOrder(world, order, atMs, ['shippingCosts', 'price']);
};

export interface CategoryEdits {
  readonly names?: Partial<LocalizedTexts>;
  /** Row of the one above; -1 for a root. */
  readonly parent?: number;
  readonly active?: boolean;
}

/** A category somebody files new products under; it belongs to no brand. */
export const addCategory = (world: World, edits: CategoryEdits, atMs: number): number => {
  const { categories } = world.catalogue;
  const index = categories.length;
  const parent = edits.parent ?? -1;
  categories.push({
    ...{ index, parent, level: (categories[parent]?.level ?? 0) + 1, brand: null, words: null },
    names: { 'nl-NL': null, 'de-DE': null, 'en-GB': null, ...edits.names },
    active: edits.active ?? true,
    createdAtMs: Math.max(atMs, (categories.at(-1)?.createdAtMs ?? 0) + 1),
    updatedAtMs: 0,
  });
  return index;
};

export const editCategory = (
  world: World,
  row: number,
  { names, parent, active }: CategoryEdits,
  fields: readonly string[],
  atMs: number,
): void => {
  const { categories } = world.catalogue;
  const category = categories[row];
  if (category === undefined) throw new RangeError(`no category ${row}`);
  Object.assign(category.names, names);
  if (active !== undefined) category.active = active;
  if (parent !== undefined && parent !== category.parent) {
    category.parent = parent;
    const settle = (one: Category): void => {
      one.level = (categories[one.parent]?.level ?? 0) + 1;
      for (const child of categories) if (child.parent === one.index) settle(child);
    };
    settle(category);
  }
  category.updatedAtMs = world.changes.categories.append(row, atMs);
  if (world.listeners.size > 0) {
    announce(world, { kind: 'category', row, operation: 'update', fields });
  }
};

export const renameCategory = (
  world: World,
  row: number,
  names: Partial<Record<LanguageCode, string>>,
  atMs: number,
): void => editCategory(world, row, { names }, ['name'], atMs);
