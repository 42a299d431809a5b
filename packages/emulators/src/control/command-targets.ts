import type { Product } from '../retailer/catalogue.js';
import { CHANNELS } from '../retailer/channels.js';
import { productAt } from '../retailer/edits.js';
import type { World } from '../retailer/world.js';
import { type Tables, tableOf } from '../shopware/encode.js';

/** What a command is about: by id, by the key people use, or any that fits. */

export interface Command {
  readonly kind: string;
  readonly [field: string]: unknown;
}

export const text = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : undefined;
export const integer = (value: unknown, name: string): number => {
  if (!Number.isInteger(value)) throw new RangeError(`${name} must be an integer`);
  return value as number;
};

export const createTargets = (world: World, tables: Tables) => {
  const { catalogue, orders, customers } = world;
  const random = world.random.live;

  const rowById = (entity: string, id: string): number => {
    const table = tableOf(tables, entity);
    const row = table.rowOf(id);
    if (row < 0 || !table.isLive(row)) throw new RangeError(`no ${entity} ${id}`);
    return row;
  };

  const findProduct = (command: Command, accepts: (product: Product) => boolean): Product => {
    const id = text(command['id']);
    if (id !== undefined) return productAt(world, rowById('product', id));
    const number = text(command['sku']) ?? text(command['productNo']);
    if (number !== undefined) {
      const row = catalogue.byNumber.get(number);
      if (row === undefined) throw new RangeError(`no product ${number}`);
      return productAt(world, row);
    }
    for (let tries = 0; tries < 1_000; tries++) {
      const product = random.pick(catalogue.products);
      if (!product.isDeleted && accepts(product)) return product;
    }
    throw new RangeError('no fitting product');
  };

  const findOrder = (command: Command, accepts: (order: number) => boolean): number => {
    const id = text(command['id']);
    if (id !== undefined) return rowById('order', id);
    const number = text(command['orderNo']);
    if (number !== undefined) {
      const channel = CHANNELS.findIndex((entry) => entry.key === command['channel']);
      const order = orders.find(channel, number);
      if (order < 0) throw new RangeError(`no order ${String(command['channel'])}/${number}`);
      return order;
    }
    for (let order = orders.length - 1; order >= Math.max(0, orders.length - 20_000); order--) {
      if (accepts(order)) return order;
    }
    throw new RangeError('no fitting order');
  };

  const findCustomer = (command: Command): number => {
    const id = text(command['id']);
    if (id !== undefined) return rowById('customer', id);
    const number = text(command['customerNo']);
    if (number !== undefined) {
      const row = Number(number) - Number(customers.numberOf(0));
      if (!customers.isLive(row)) throw new RangeError(`no customer ${number}`);
      return row;
    }
    for (let tries = 0; tries < 1_000; tries++) {
      const row = random.below(customers.length);
      if (customers.isLive(row)) return row;
    }
    throw new RangeError('no fitting customer');
  };

  return { rowById, findProduct, findOrder, findCustomer };
};
