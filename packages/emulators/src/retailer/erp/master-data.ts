import type { Product } from '../catalogue.js';
import { CHANNELS, channelAt, netOf } from '../channels.js';
import { DAY_MS } from '../parameters.js';
import { mix } from '../random.js';
import { CONDITION_BASE, CONDITION_DISCOUNT, CONDITION_PROMOTION, LAST_DAY } from './conditions.js';
import { PLANT_COUNT } from './erp-stock.js';
import { MATERIAL_BLOCKED, MATERIAL_DELETION } from './materials.js';
import {
  type Erp,
  touchCondition,
  touchMaterial,
  touchMaterials,
  touchValuation,
} from './state.js';
import { priceUnitOf } from './valuation.js';

/** Materials and what hangs on them: prices to sell at, cost, planning parameters. */

export const dayOfMs = (atMs: number): number => Math.floor(atMs / DAY_MS);

const productAt = (erp: Erp, row: number): Product | undefined => erp.world.catalogue.products[row];

/** Materials are created with their prices; a posting does not wait for that. */
export const ensureMaterial = (erp: Erp, row: number, atMs: number): void => {
  const product = productAt(erp, row);
  if (product === undefined || erp.materials.exists(row)) return;
  if (product.parent >= 0) ensureMaterial(erp, product.parent, atMs);
  erp.materials.create(erp.world, row, atMs);
  touchMaterial(erp, row, 'created', atMs);
  if (product.variant < 0) return;
  valuate(erp, product, atMs);
  const owner = product.price === null ? productAt(erp, product.parent) : product;
  if (owner?.price != null) priceMaterial(erp, product, owner.price.gross, owner.price.list, atMs);
};

/** Net purchase price of one piece in minor units. */
export const purchaseMinor = (erp: Erp, product: Product): number =>
  product.purchaseNetMinor ?? productAt(erp, product.parent)?.purchaseNetMinor ?? 1_000;

const valuate = (erp: Erp, product: Product, atMs: number): void => {
  const { valuation, seed } = erp;
  const { variant } = product;
  valuation.reserve(variant);
  for (let plant = 0; plant < PLANT_COUNT; plant++) {
    const slot = valuation.slotOf(variant, plant);
    const freight = [1, 1.02, 1.05][plant] ?? 1;
    const milli = purchaseMinor(erp, product) * 10 * priceUnitOf(seed, variant) * freight;
    valuation.standardMilli.set(slot, Math.round(milli));
    valuation.averageMilli.set(slot, Math.round(milli));
    touchValuation(erp, slot, 'created', atMs);
  }
};

/** What a gross price in the shop means in a sales area, in minor units of its currency. */
const rateFor = (area: number, gross: readonly (number | null)[], taxClass: number): number => {
  const channel = channelAt(area);
  const minor = gross[channel.currency] ?? gross[0] ?? 0;
  return channel.taxBasis === 'net' ? netOf(minor, taxClass) : minor;
};

type Scales = readonly (readonly [from: number, rate: number])[];

const scalesFor = (erp: Erp, product: Product, area: number): Scales => {
  if (channelAt(area).taxBasis !== 'net') return [];
  const owner = product.parent < 0 ? product.index : product.parent;
  return (tierRows(erp).get(owner) ?? [])
    .map((row) => erp.world.catalogue.tierPrices[row])
    .filter((tier) => tier !== undefined && !tier.isDeleted)
    .map((tier) => [tier?.quantityFrom ?? 1, tier?.netMinor ?? 0] as const)
    .sort((left, right) => left[0] - right[0]);
};

const tiersByErp = new WeakMap<Erp, { count: number; rows: Map<number, number[]> }>();

const tierRows = (erp: Erp): ReadonlyMap<number, readonly number[]> => {
  const tiers = erp.world.catalogue.tierPrices;
  const known = tiersByErp.get(erp);
  if (known !== undefined && known.count === tiers.length) return known.rows;
  const rows = new Map<number, number[]>();
  for (const tier of tiers) {
    const list = rows.get(tier.product);
    if (list === undefined) rows.set(tier.product, [tier.index]);
    else list.push(tier.index);
  }
  tiersByErp.set(erp, { count: tiers.length, rows });
  return rows;
};

const isReducedByPromotion = (erp: Erp, product: Product, gross: number, list: number): boolean => {
  const { world } = erp;
  return world.promotions.some(
    (promotion) =>
      promotion.category === product.category &&
      Math.round((list * (100 - promotion.percentOff)) / 100) === gross,
  );
};

/** Brings the conditions of a material in line with a price, in each area it is sold in. */
const priceMaterial = (
  erp: Erp,
  product: Product,
  gross: readonly (number | null)[],
  list: readonly (number | null)[],
  atMs: number,
): void => {
  const regular = gross.map((minor, currency) => list[currency] ?? minor);
  const isReduced = list[0] !== null && list[0] !== undefined;
  const isPromotion = isReduced && isReducedByPromotion(erp, product, gross[0] ?? 0, list[0] ?? 0);
  for (const { index, brand } of CHANNELS) {
    if (!product.brands.includes(brand)) continue;
    setCondition(erp, {
      subject: product.index,
      area: index,
      kind: CONDITION_BASE,
      rate: rateFor(index, regular, product.taxClass),
      scales: scalesFor(erp, product, index),
      atMs,
    });
    if (isReduced && !isPromotion) {
      setCondition(erp, {
        subject: product.index,
        area: index,
        kind: CONDITION_PROMOTION,
        rate: rateFor(index, gross, product.taxClass),
        scales: [],
        atMs,
      });
    } else endCondition(erp, product.index, index, CONDITION_PROMOTION, atMs);
  }
};

export interface NewCondition {
  readonly subject: number;
  readonly area: number;
  readonly kind: number;
  readonly rate: number;
  readonly scales: Scales;
  readonly atMs: number;
  readonly fromDay?: number;
  readonly toDay?: number;
}

const hasScales = (erp: Erp, record: number, scales: Scales): boolean => {
  const { conditions } = erp;
  const first = conditions.firstScale.get(record);
  return (
    conditions.scaleEnd(record) - first === scales.length &&
    scales.every(
      ([from, rate], index) =>
        conditions.scaleFrom.get(first + index) === from &&
        conditions.scaleRate.get(first + index) === rate,
    )
  );
};

/** Puts a price in force; returns its record. */
export const setCondition = (erp: Erp, wanted: NewCondition): number => {
  const { conditions } = erp;
  const day = wanted.fromDay ?? dayOfMs(wanted.atMs);
  const known = conditions.inForce(wanted.subject, wanted.area, wanted.kind);
  if (known >= 0) {
    const isSame = hasScales(erp, known, wanted.scales);
    if (isSame && conditions.rate.get(known) === wanted.rate && wanted.toDay === undefined) {
      return known;
    }
    if (isSame && conditions.fromDay.get(known) === day) {
      conditions.rate.set(known, wanted.rate);
      if (wanted.toDay !== undefined) conditions.toDay.set(known, wanted.toDay);
      touchCondition(erp, known, 'changed', wanted.atMs);
      return known;
    }
    endRecord(erp, known, day, wanted.atMs);
  }
  const row = conditions.add({
    subject: wanted.subject,
    area: wanted.area,
    kind: wanted.kind,
    rate: wanted.rate,
    fromDay: day,
    toDay: wanted.toDay ?? LAST_DAY,
    atMs: wanted.atMs,
    scales: wanted.scales,
  });
  touchCondition(erp, row, 'created', wanted.atMs);
  return row;
};

/** A record that never was in force on a whole day is deleted, any other just ends. */
const endRecord = (erp: Erp, record: number, day: number, atMs: number): void => {
  const { conditions } = erp;
  if (conditions.fromDay.get(record) >= day) conditions.isDeleted.set(record, 1);
  else conditions.toDay.set(record, day - 1);
  touchCondition(erp, record, 'changed', atMs);
};

export const endCondition = (
  erp: Erp,
  subject: number,
  area: number,
  kind: number,
  atMs: number,
): void => {
  const known = erp.conditions.inForce(subject, area, kind);
  if (known < 0) return;
  erp.conditions.release(subject, area, kind);
  endRecord(erp, known, dayOfMs(atMs), atMs);
};

const sellablesOf = (erp: Erp, owner: Product): readonly Product[] => {
  if (owner.variant >= 0 && owner.children.length === 0) return [owner];
  return owner.children.flatMap((row) => {
    const child = productAt(erp, row);
    return child === undefined || child.price !== null ? [] : [child];
  });
};

export const changePrice = (erp: Erp, logged: number, atMs: number): void => {
  const prices = erp.world.facts?.prices;
  const owner = prices === undefined ? undefined : productAt(erp, prices.product.get(logged));
  if (prices === undefined || owner === undefined) return;
  // Each change takes its own time, but none overtakes a later one of the same product.
  if (logged < (erp.pricesTaken.get(owner.index) ?? 0)) return;
  erp.pricesTaken.set(owner.index, logged);
  const read = (columns: (typeof prices)['gross']): (number | null)[] =>
    columns.map((column) => (column.get(logged) < 0 ? null : column.get(logged)));
  for (const product of sellablesOf(erp, owner)) {
    if (!erp.materials.exists(product.index)) continue;
    priceMaterial(erp, product, read(prices.gross), read(prices.list), atMs);
  }
};

export const changeTier = (erp: Erp, tier: number, atMs: number): void => {
  const owner = productAt(erp, erp.world.catalogue.tierPrices[tier]?.product ?? -1);
  if (owner === undefined) return;
  tiersByErp.delete(erp);
  const rows = owner.children.length === 0 ? [owner.index] : owner.children;
  for (const row of rows) {
    const product = productAt(erp, row);
    if (product === undefined || !erp.materials.exists(row)) continue;
    const priced = product.price === null ? productAt(erp, product.parent) : product;
    if (priced?.price != null) {
      priceMaterial(erp, product, priced.price.gross, priced.price.list, atMs);
    }
  }
};

/** A sale: so much off everything of a material group, in every area. */
export const enterDiscount = (erp: Erp, index: number, atMs: number): void => {
  const promotion = erp.world.promotions[index];
  if (promotion === undefined) return;
  const startDay = dayOfMs(erp.world.startMs);
  for (const { index: area } of CHANNELS) {
    setCondition(erp, {
      subject: promotion.category,
      area,
      kind: CONDITION_DISCOUNT,
      rate: -promotion.percentOff * 10,
      scales: [],
      atMs,
      fromDay: startDay + promotion.fromDay,
      toDay: startDay + promotion.toDay,
    });
    // Each sale stands for itself; the next does not end it.
    erp.conditions.release(promotion.category, area, CONDITION_DISCOUNT);
  }
};

export const setMaterialFlag = (
  erp: Erp,
  row: number,
  flag: number,
  isSet: boolean,
  atMs: number,
): void => {
  const product = productAt(erp, row);
  if (product === undefined) return;
  for (const one of [row, ...product.children]) {
    ensureMaterial(erp, one, atMs);
    if (erp.materials.has(one, flag) === isSet) continue;
    erp.materials.setFlag(one, flag, isSet);
    touchMaterial(erp, one, 'changed', atMs);
  }
};

export const blockMaterial = (erp: Erp, row: number, isSet: boolean, atMs: number): void =>
  setMaterialFlag(erp, row, MATERIAL_BLOCKED, isSet, atMs);

export const markMaterial = (erp: Erp, row: number, atMs: number): void => {
  ensureMaterial(erp, row, atMs);
  if (erp.materials.has(row, MATERIAL_DELETION)) return;
  erp.materials.setFlag(row, MATERIAL_DELETION, true);
  touchMaterial(erp, row, 'changed', atMs);
};

/** Each night some materials are planned anew; now and then costs are estimated anew. */
export const runNight = (erp: Erp, day: number, atMs: number): void => {
  const { world, seed, materials, valuation } = erp;
  const planned: number[] = [];
  const isMonthEnd = day % 30 === 29;
  for (const [variant, row] of world.catalogue.variants.entries()) {
    if (!materials.exists(row)) continue;
    if (mix(mix(seed >>> 0, day), variant) % 120 === 0) {
      materials.planning.set(row, (materials.planning.get(row) + 1) % 250);
      planned.push(row);
    }
    if (!isMonthEnd || mix(mix(seed >>> 0, day + 100_000), variant) % 20 !== 0) continue;
    for (let plant = 0; plant < PLANT_COUNT; plant++) {
      const slot = valuation.slotOf(variant, plant);
      const factor = 0.95 + (mix(variant, day) % 100) / 1_000;
      valuation.standardMilli.set(slot, Math.round(valuation.standardMilli.get(slot) * factor));
      touchValuation(erp, slot, 'changed', atMs);
    }
  }
  touchMaterials(erp, planned, atMs);
};
