import { describe, expect, it } from 'vitest';
import { productAt, setActive, setPrice, setStock } from './edits.js';
import { adjustErpStock } from './erp/actions.js';
import { advanceErp } from './erp/erp.js';
import {
  completeOrder,
  deliveryStateOf,
  noteCompleted,
  noteShipped,
  orderStateOf,
  payOrder,
  receiveReturn,
  shipOrder,
} from './order-flow.js';
import { placeOrder } from './order-placing.js';
import { DAY_MS, type Integration, parseIntegration } from './parameters.js';
import { createRetailer } from './retailer.js';

const SMALL = { seed: 3, scale: 0.01, days: 40 };

const retailerWith = (integration: Integration) => {
  const { world, erp } = createRetailer({ ...SMALL, integration }, { model: 'default' });
  if (erp === undefined) throw new Error('no ERP');
  const inStock = world.catalogue.variants.findIndex((_, row) => world.stock.available(row) > 20);
  const product = productAt(world, world.catalogue.variants[inStock] ?? -1);
  return { world, erp, variant: inStock, product, nowMs: world.parameters.epochMs + 1_000 };
};

describe('a retailer whose systems are connected by nobody', () => {
  it('has the same past as one that has connected them', () => {
    const existing = retailerWith('existing');
    const none = retailerWith('none');
    const shelf = ({ world }: typeof none) =>
      world.catalogue.variants.map((_, variant) => world.stock.sellable(variant));
    expect(shelf(none)).toEqual(shelf(existing));
    expect(none.world.orders.length).toBe(existing.world.orders.length);
  });

  it('shows stock in the shop by what the shop was told and has sold, not by the warehouse', () => {
    const { world, erp, variant, product, nowMs } = retailerWith('none');
    const before = world.stock.sellable(variant);
    const onHand = world.stock.onHandOf(variant);
    adjustErpStock(erp, variant, 0, 5, nowMs);
    expect(world.stock.sellable(variant)).toBe(before);
    expect(world.stock.onHandOf(variant)).toBe(onHand + 5);
    setStock(world, product, 7, nowMs);
    expect(world.stock.sellable(variant)).toBe(7);
    expect(world.stock.onHandOf(variant)).toBe(onHand + 5);
    const basket = { channel: 0, customer: 0, paymentMethod: 1, lines: [{ variant, quantity: 9 }] };
    const order = placeOrder(world, basket, nowMs);
    expect(world.orders.lineQuantity.get(world.orders.firstLine.get(order))).toBe(7);
    expect(world.stock.sellable(variant)).toBe(0);
  });

  it('keeps a price and a block of the shop out of the ERP', () => {
    const { world, erp, product, nowMs } = retailerWith('none');
    const conditions = erp.conditions.length;
    setPrice(world, product, [{ currency: 0, grossMinor: 12_345 }], nowMs);
    setActive(world, product, false, nowMs);
    advanceErp(erp, nowMs + DAY_MS / 24);
    expect(erp.conditions.length).toBe(conditions);
    const told = retailerWith(['price']);
    setPrice(told.world, told.product, [{ currency: 0, grossMinor: 12_345 }], told.nowMs);
    advanceErp(told.erp, told.nowMs + DAY_MS / 24);
    expect(told.erp.conditions.length).toBeGreaterThan(conditions);
  });

  it('ends with the last price in both systems, however soon one follows the other', () => {
    const told = retailerWith('existing');
    const { conditions } = told.erp;
    const ratesNow = () => conditions.rate.get(conditions.inForce(told.product.index, 0, 0));
    const owner = told.product.price === null ? productAt(told.world, told.product.parent) : null;
    for (let change = 0; change < 40; change++) {
      const prices = [{ currency: 0, grossMinor: 10_000 + change }];
      setPrice(told.world, owner ?? told.product, prices, told.nowMs + change * 1_000);
      advanceErp(told.erp, told.nowMs + change * 1_000);
    }
    advanceErp(told.erp, told.nowMs + DAY_MS / 6);
    expect(ratesNow()).toBe(10_039);
  });

  it('leaves an order open in the shop while its parcel leaves, arrives and comes back', () => {
    const { world, variant, nowMs } = retailerWith('none');
    const basket = { channel: 0, customer: 0, paymentMethod: 1, lines: [{ variant, quantity: 1 }] };
    const order = placeOrder(world, basket, nowMs);
    payOrder(world, order, nowMs);
    expect(shipOrder(world, order, nowMs)).toBe(true);
    expect(shipOrder(world, order, nowMs)).toBe(false);
    expect(completeOrder(world, order, nowMs)).toBe(true);
    expect(completeOrder(world, order, nowMs)).toBe(false);
    expect(receiveReturn(world, world.orders.firstLine.get(order), nowMs)).toBe(true);
    expect([orderStateOf(world, order), deliveryStateOf(world, order)]).toEqual([
      'in_progress',
      'open',
    ]);
    const onHand = world.stock.onHandOf(variant);
    expect(noteShipped(world, order, nowMs)).toBe(true);
    expect(noteShipped(world, order, nowMs)).toBe(false);
    expect(noteCompleted(world, order, nowMs)).toBe(true);
    expect(world.stock.onHandOf(variant)).toBe(onHand);
    expect([orderStateOf(world, order), deliveryStateOf(world, order)]).toEqual([
      'completed',
      'shipped',
    ]);
  });

  it('waits with a parcel for goods the shop should not have sold', () => {
    const { world, variant, product, nowMs } = retailerWith('none');
    const onHand = world.stock.onHandOf(variant);
    setStock(world, product, onHand + 50, nowMs);
    const basket = {
      channel: 0,
      customer: 0,
      paymentMethod: 1,
      lines: [{ variant, quantity: onHand + 1 }],
    };
    const order = placeOrder(world, basket, nowMs);
    expect(shipOrder(world, order, nowMs)).toBe(false);
    expect(world.stock.onHandOf(variant)).toBe(onHand);
    world.stock.post(nowMs, variant, 0, 'adjust', 1, world.stock.movementAtMs.length);
    expect(shipOrder(world, order, nowMs)).toBe(true);
    expect(world.stock.checkBalance()).toEqual([]);
  });

  it('can be connected in part', () => {
    expect(parseIntegration('order, tracking')).toEqual(['order', 'tracking']);
    expect(() => parseIntegration('orders')).toThrow(/none of existing, none, stock/);
    const { world, erp, variant, nowMs } = retailerWith(['stock']);
    const before = world.stock.sellable(variant);
    adjustErpStock(erp, variant, 0, 5, nowMs);
    expect(world.stock.sellable(variant)).toBe(before + 5);
  });
});
