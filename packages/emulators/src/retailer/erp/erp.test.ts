import { describe, expect, it } from 'vitest';
import { priceOf } from '../catalogue.js';
import { CHANNELS, netOf } from '../channels.js';
import { digestWorld } from '../digest.js';
import { DAY_MS } from '../parameters.js';
import { createRandom } from '../random.js';
import { createRetailer } from '../retailer.js';
import { itemAmounts } from './amounts.js';
import { CONDITION_BASE } from './conditions.js';
import { MOVE_RECEIPT, MOVE_TRANSFER } from './documents.js';
import { advanceErp, type Erp } from './erp.js';
import { SLOT_COUNT, STOCK_BLOCKED, TYPE_COUNT } from './erp-stock.js';
import { makeRandomErpEdit } from './live-edits.js';

const SMALL = { seed: 5, scale: 0.02, days: 120 };
const make = (): Erp => {
  const { erp } = createRetailer(SMALL, { model: 'default' });
  if (erp === undefined) throw new Error('an ERP was asked for');
  return erp;
};
const erp = make();
const { world, documents, purchases } = erp;

const bytesOf = (one: Erp): string => {
  const columns = [one.documents, one.orders, one.deliveries, one.purchases, one.conditions];
  return columns
    .flatMap((table) => Object.values(table))
    .map((column) => (column as { bytes?: () => Uint8Array }).bytes?.())
    .filter((bytes) => bytes !== undefined)
    .map((bytes) => Buffer.from(bytes).toString('base64'))
    .join('\n');
};

/** Sums of items, by slot; what balances must equal. */
const sums = (one: Erp): Float64Array => {
  const found = new Float64Array(one.stock.variantCount * SLOT_COUNT);
  for (let item = 0; item < one.documents.itemLength; item++) {
    const slot =
      one.documents.itemVariant.get(item) * SLOT_COUNT +
      one.documents.itemPlace.get(item) * TYPE_COUNT +
      one.documents.itemType.get(item);
    found[slot] = (found[slot] ?? 0) + one.documents.itemQuantity.get(item);
  }
  return found;
};

const unbalanced = (one: Erp): number[] =>
  [...sums(one).entries()].flatMap(([slot, quantity]) => {
    const within = slot % SLOT_COUNT;
    const held = one.stock.at(
      Math.floor(slot / SLOT_COUNT),
      Math.floor(within / TYPE_COUNT),
      within % TYPE_COUNT,
    );
    return held === quantity ? [] : [slot];
  });

describe('the ERP of the retailer', () => {
  it('asks businesses for what the shop asks without tax, at either rate of it', () => {
    // One of few that sell what is taxed less.
    const size = { seed: 70_021, scale: 0.01, days: 7, products: 20, variants: 60 };
    const { erp } = createRetailer(size, { model: 'default' });
    if (erp === undefined) throw new Error('an ERP was asked for');
    const { catalogue } = erp.world;
    const rates = new Set<number>();
    for (const product of catalogue.products) {
      const area = CHANNELS.findIndex(
        ({ taxBasis, brand }) => taxBasis === 'net' && product.brands.includes(brand),
      );
      const record = erp.conditions.inForce(product.index, area, CONDITION_BASE);
      const { gross, list } = priceOf(catalogue, product);
      if (area < 0 || record < 0 || gross[0] == null || product.isDeleted) continue;
      rates.add(product.taxClass);
      const asked = netOf(list[0] ?? gross[0], product.taxClass);
      expect(erp.conditions.rate.get(record), product.number).toBe(asked);
    }
    expect([...rates].sort()).toEqual([0, 1]);
  });

  it('leaves the world as it is without one, and is the same for the same seed', () => {
    expect(digestWorld(world)).toBe(digestWorld(createRetailer(SMALL).world));
    expect(bytesOf(make())).toBe(bytesOf(erp));
  });

  it('explains every balance by the items of its documents', () => {
    expect(documents.itemLength).toBeGreaterThan(1_000);
    expect(unbalanced(erp)).toEqual([]);
  });

  it('agrees with the warehouse once everything is posted', () => {
    const settled = make();
    advanceErp(settled, world.parameters.epochMs + 30 * DAY_MS);
    for (let variant = 0; variant < settled.stock.variantCount; variant++) {
      for (const plant of [0, 1, 2]) {
        expect([variant, plant, settled.stock.valuated(variant, plant)]).toEqual([
          variant,
          plant,
          settled.world.stock.onHandAt(variant, plant),
        ]);
      }
    }
  });

  it('moves goods between plants without making or losing any', () => {
    for (let document = 0; document < documents.length; document++) {
      let sum = 0;
      let isTransfer = false;
      for (let item = documents.firstItem.get(document); item < documents.endOf(document); item++) {
        if (documents.itemMovement.get(item) !== MOVE_TRANSFER) continue;
        isTransfer = true;
        sum += documents.itemQuantity.get(item);
      }
      if (isTransfer) expect(sum).toBe(0);
    }
  });

  it('receives no more than was ordered, and only what documents say', () => {
    const received = new Float64Array(purchases.itemLength);
    for (let item = 0; item < documents.itemLength; item++) {
      if (documents.itemMovement.get(item) !== MOVE_RECEIPT) continue;
      const row = documents.itemReference.get(item);
      received[row] = (received[row] ?? 0) + documents.itemQuantity.get(item);
      expect(purchases.itemVariant.get(row)).toBe(documents.itemVariant.get(item));
    }
    let short = 0;
    for (const [item, quantity] of received.entries()) {
      expect(purchases.itemReceived.get(item)).toBe(quantity);
      expect(quantity).toBeLessThanOrEqual(purchases.itemOrdered.get(item));
      if (quantity > 0 && quantity < purchases.itemOrdered.get(item)) short++;
    }
    expect(short).toBeGreaterThan(0);
  });

  it('enters every shop order once, after it was placed, and delivers only those', () => {
    const { orders, deliveries } = erp;
    expect(orders.length).toBeGreaterThan(world.orders.length - 20);
    const seen = new Set<number>();
    for (let row = 0; row < orders.length; row++) {
      const order = orders.order.get(row);
      seen.add(order);
      expect(orders.createdAtMs.get(row)).toBeGreaterThan(world.orders.placedAtMs.get(order));
    }
    expect(seen.size).toBe(orders.length);
    for (let row = 0; row < deliveries.length; row++) {
      expect(deliveries.createdAtMs.get(row)).toBeGreaterThanOrEqual(
        orders.createdAtMs.get(deliveries.salesOrder.get(row)),
      );
    }
  });

  it('spreads the total of an order over its items to the cent', () => {
    for (let row = 0; row < erp.orders.length; row++) {
      const items = itemAmounts(erp, row);
      const sum = (read: (item: (typeof items)[number]) => number): number =>
        items.reduce((total, item) => total + read(item), 0);
      expect(sum((item) => item.netMinor)).toBe(erp.orders.netMinor.get(row));
      for (const item of items) {
        expect(item.goodsMinor + item.discountMinor + item.freightMinor).toBe(item.netMinor);
      }
    }
  });

  it('has one price in force per material and area on any day', () => {
    const { conditions } = erp;
    const byKey = new Map<string, number[]>();
    for (let row = 0; row < conditions.length; row++) {
      if (conditions.isDeleted.get(row) === 1 || conditions.kind.get(row) === 2) continue;
      const key = `${conditions.subject.get(row)}/${conditions.area.get(row)}/${conditions.kind.get(row)}`;
      byKey.set(key, [...(byKey.get(key) ?? []), row]);
    }
    expect(byKey.size).toBeGreaterThan(50);
    for (const rows of byKey.values()) {
      for (const [index, row] of rows.entries()) {
        expect(conditions.fromDay.get(row)).toBeLessThanOrEqual(conditions.toDay.get(row));
        const before = rows[index - 1];
        if (before === undefined) continue;
        expect(conditions.toDay.get(before)).toBeLessThan(conditions.fromDay.get(row));
      }
    }
  });

  it('stays balanced through weeks of edits, and repeats them', () => {
    const after: string[] = [];
    for (let repeat = 0; repeat < 2; repeat++) {
      const busy = make();
      const random = createRandom(11, 'edits');
      for (let edit = 0; edit < 400; edit++) {
        makeRandomErpEdit(busy, random, world.parameters.epochMs + edit * 3_600_000);
      }
      expect(unbalanced(busy)).toEqual([]);
      expect(busy.world.stock.checkBalance()).toEqual([]);
      for (let item = 0; item < busy.purchases.itemLength; item++) {
        expect(busy.purchases.itemReceived.get(item)).toBeLessThanOrEqual(
          busy.purchases.itemOrdered.get(item),
        );
      }
      after.push(bytesOf(busy));
    }
    expect(after[1]).toBe(after[0]);
  });

  it('keeps damaged goods in the books until they are scrapped', () => {
    const blocked = [...sums(erp).entries()].filter(
      ([slot, quantity]) => slot % TYPE_COUNT === STOCK_BLOCKED && quantity !== 0,
    );
    for (const [, quantity] of blocked) expect(quantity).toBeGreaterThan(0);
  });
});
