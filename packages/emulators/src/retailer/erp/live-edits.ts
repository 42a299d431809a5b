import { DAY_MS } from '../parameters.js';
import type { Random } from '../random.js';
import {
  adjustErpStock,
  changeDelivery,
  changePurchaseItem,
  changeStandardPrice,
  createPurchaseOrder,
  dayIn,
  openUnits,
  postGoodsReceipt,
  retypeStock,
  reviewPlanning,
} from './actions.js';
import { CONDITION_BASE } from './conditions.js';
import { advanceErp } from './erp.js';
import { PLANT_COUNT, placeOf, STOCK_BLOCKED, STOCK_UNRESTRICTED } from './erp-stock.js';
import { blockMaterial, setCondition } from './master-data.js';
import { MATERIAL_BLOCKED } from './materials.js';
import { PURCHASE_DELETED } from './purchasing-documents.js';
import { DELIVERY_ISSUED } from './sales.js';
import { type Erp, touchPartner } from './state.js';

/** People at work in the ERP, one edit at a time. */

const RECENT = 400;

const recent = (random: Random, length: number): number =>
  length - 1 - random.below(Math.min(length, RECENT));

/** An item of a recent order that still waits for goods, or -1. */
export const openItem = (erp: Erp, random: Random): number => {
  const { purchases } = erp;
  for (let tries = 0; tries < 60 && purchases.itemLength > 0; tries++) {
    const item = recent(random, purchases.itemLength);
    if (openUnits(erp, item) > 0 && !purchases.has(item, PURCHASE_DELETED)) return item;
  }
  return -1;
};

/** A material that exists and is sold by itself. */
export const anyVariant = (erp: Erp, random: Random): number => {
  const { variants } = erp.world.catalogue;
  for (let tries = 0; tries < 60; tries++) {
    const variant = random.below(variants.length);
    if (erp.materials.exists(variants[variant] ?? -1)) return variant;
  }
  return -1;
};

export const openDelivery = (erp: Erp, random: Random): number => {
  const { deliveries } = erp;
  for (let tries = 0; tries < 60 && deliveries.length > 0; tries++) {
    const delivery = recent(random, deliveries.length);
    if ((deliveries.status.get(delivery) & DELIVERY_ISSUED) === 0) return delivery;
  }
  return -1;
};

type Edit = (erp: Erp, random: Random, variant: number, atMs: number) => void;

const EDITS: readonly (readonly [weight: number, edit: Edit])[] = [
  [
    0.2,
    (erp, random, variant, atMs) => {
      adjustErpStock(erp, variant, random.below(PLANT_COUNT), random.between(1, 6), atMs);
    },
  ],
  [
    0.2,
    (erp, random, _, atMs) => {
      const item = openItem(erp, random);
      if (item >= 0) postGoodsReceipt(erp, item, random.between(1, openUnits(erp, item)), atMs);
    },
  ],
  [
    0.12,
    (erp, random, variant, atMs) => {
      const plant = random.below(PLANT_COUNT);
      const { standardMilli } = erp.valuation;
      const before = standardMilli.get(erp.valuation.slotOf(variant, plant));
      changeStandardPrice(
        erp,
        variant,
        plant,
        Math.round(before * (0.95 + random.next() / 10)),
        atMs,
      );
    },
  ],
  [
    0.1,
    (erp, random, variant, atMs) => {
      const { conditions, world } = erp;
      const subject = world.catalogue.variants[variant] ?? -1;
      const area = random.below(erp.model.salesAreas.length);
      const record = conditions.inForce(subject, area, CONDITION_BASE);
      if (record < 0) return;
      const rate = Math.round(conditions.rate.get(record) * (0.95 + random.next() / 10));
      setCondition(erp, { subject, area, kind: CONDITION_BASE, rate, scales: [], atMs });
    },
  ],
  [
    0.1,
    (erp, random, _, atMs) => {
      const item = openItem(erp, random);
      if (item >= 0)
        changePurchaseItem(erp, item, { day: dayIn(atMs, random.between(1, 20)) }, atMs);
    },
  ],
  [
    0.06,
    (erp, random, variant, atMs) => {
      const row = erp.world.catalogue.variants[variant] ?? -1;
      const supplier = erp.world.catalogue.products[row]?.supplier ?? 0;
      const quantity = random.between(6, 60);
      const dueMs = atMs + random.between(2, 20) * DAY_MS;
      createPurchaseOrder(erp, supplier, [{ variant, quantity }], dueMs, atMs);
    },
  ],
  [
    0.06,
    (erp, random, _, atMs) => {
      const delivery = openDelivery(erp, random);
      if (delivery >= 0) changeDelivery(erp, delivery, { laterDays: random.between(1, 3) }, atMs);
    },
  ],
  [
    0.06,
    (erp, random, _, atMs) => {
      const partner = random.below(erp.partners.length);
      erp.partners.edit(partner, { searchTerm: `NOTE ${random.between(1, 999)}` });
      touchPartner(erp, partner, 'changed', atMs);
    },
  ],
  [
    0.05,
    (erp, _, variant, atMs) =>
      reviewPlanning(erp, erp.world.catalogue.variants[variant] ?? -1, atMs),
  ],
  [
    0.03,
    (erp, _, variant, atMs) => {
      const place = placeOf(0, 0);
      if (erp.stock.at(variant, place, STOCK_UNRESTRICTED) < 1) return;
      retypeStock(erp, variant, place, [STOCK_UNRESTRICTED, STOCK_BLOCKED], 1, atMs);
    },
  ],
  [
    0.02,
    (erp, _, variant, atMs) => {
      const row = erp.world.catalogue.variants[variant] ?? -1;
      blockMaterial(erp, row, !erp.materials.has(row, MATERIAL_BLOCKED), atMs);
    },
  ],
];

export const makeRandomErpEdit = (erp: Erp, random: Random, atMs: number): void => {
  advanceErp(erp, atMs);
  const variant = anyVariant(erp, random);
  if (variant < 0) return;
  let draw = random.next() * EDITS.reduce((sum, [weight]) => sum + weight, 0);
  for (const [weight, edit] of EDITS) {
    draw -= weight;
    if (draw > 0) continue;
    edit(erp, random, variant, atMs);
    return;
  }
};
