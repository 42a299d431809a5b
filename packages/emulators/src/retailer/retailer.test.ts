import { describe, expect, it } from 'vitest';
import { gtinCheckDigit } from './catalogue.js';
import { digestWorld } from './digest.js';
import { LINE_PRODUCT } from './orders.js';
import { createRetailer } from './retailer.js';

const SMALL = { seed: 5, scale: 0.02, days: 120 };
const { world } = createRetailer(SMALL);

describe('the simulated retailer', () => {
  it('is the same world for the same seed, and another for another', () => {
    const again = createRetailer(SMALL).world;
    const other = createRetailer({ ...SMALL, seed: 6 }).world;
    expect(digestWorld(again)).toBe(digestWorld(world));
    expect(digestWorld(other)).not.toBe(digestWorld(world));
  });

  it('has about the planned number of order lines', () => {
    const planned = world.parameters.orderLines;
    expect(world.orders.productLineCount).toBeGreaterThan(planned * 0.7);
    expect(world.orders.productLineCount).toBeLessThan(planned * 1.4);
  });

  it('balances every unit of stock by posted movements', () => {
    expect(world.stock.checkBalance()).toEqual([]);
    for (let variant = 0; variant < world.stock.variantCount; variant++) {
      expect(world.stock.available(variant)).toBeGreaterThanOrEqual(0);
    }
  });

  it('keeps committed and open stock equal to the orders they stand for', () => {
    const { orders, stock } = world;
    const committed = new Array<number>(stock.variantCount).fill(0);
    const open = new Array<number>(stock.variantCount).fill(0);
    for (let line = 0; line < orders.lineLength; line++) {
      if (orders.lineKind.get(line) !== LINE_PRODUCT) continue;
      const order = orders.lineOrder.get(line);
      const variant = orders.lineSubject.get(line);
      const quantity = orders.lineQuantity.get(line);
      if (orders.cancelledAtMs.get(order) !== 0) continue;
      if (orders.shippedAtMs.get(order) === 0)
        committed[variant] = (committed[variant] ?? 0) + quantity;
      if (orders.completedAtMs.get(order) === 0) open[variant] = (open[variant] ?? 0) + quantity;
    }
    expect(committed.map((_, variant) => stock.committedOf(variant))).toEqual(committed);
    expect(open.map((_, variant) => stock.openOf(variant))).toEqual(open);
  });

  it('uses order numbers in both brands', () => {
    const numbers = (brand: readonly number[]): Set<string> =>
      new Set(
        brand.flatMap((channel) => {
          const rows = world.orders.byChannel[channel];
          return Array.from({ length: rows?.length ?? 0 }, (_, index) =>
            world.orders.numberOf(rows?.get(index) ?? 0),
          );
        }),
      );
    const alpha = numbers([0, 1]);
    const shared = [...numbers([2, 3])].filter((number) => alpha.has(number));
    expect(shared.length).toBeGreaterThan(24);
  });

  it('has totals that follow from lines, shipping and tax', () => {
    const { orders } = world;
    for (let order = 0; order < orders.length; order++) {
      let sum = orders.shippingMinor.get(order);
      for (const line of orders.linesOf(order)) sum += orders.lineTotalMinor(line);
      const tax = orders.taxShares(order).reduce((total, share) => total + share.taxMinor, 0);
      expect(orders.grossMinor.get(order) - orders.netMinor.get(order)).toBe(tax);
      const isNet = orders.channel.get(order) === 1;
      expect(isNet ? orders.netMinor.get(order) : orders.grossMinor.get(order)).toBe(sum);
    }
  });

  it('numbers orders, customers and products in the order they came', () => {
    for (let order = 1; order < world.orders.length; order++) {
      expect(world.orders.placedAtMs.get(order)).toBeGreaterThanOrEqual(
        world.orders.placedAtMs.get(order - 1),
      );
    }
    for (let row = 1; row < world.customers.length; row++) {
      expect(world.customers.createdAtMs.get(row)).toBeGreaterThanOrEqual(
        world.customers.createdAtMs.get(row - 1),
      );
    }
    for (const [row, product] of world.catalogue.products.entries()) {
      expect(product.createdAtMs).toBeGreaterThan(
        world.catalogue.products[row - 1]?.createdAtMs ?? 0,
      );
    }
  });

  it('gives GTINs valid check digits', () => {
    const gtins = world.catalogue.products.flatMap((product) => product.gtin ?? []);
    expect(gtins.length).toBeGreaterThan(20);
    for (const gtin of gtins) expect(gtinCheckDigit(gtin.slice(0, -1))).toBe(Number(gtin.at(-1)));
  });

  it('has no change later than its epoch', () => {
    for (let order = 0; order < world.orders.length; order++) {
      expect(world.orders.updatedAtMs.get(order)).toBeLessThanOrEqual(world.parameters.epochMs);
    }
  });
});
