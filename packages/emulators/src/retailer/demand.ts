import { type BrandKey, CHANNELS } from './channels.js';
import { DAY_MS } from './parameters.js';
import { CATEGORY_WORDS } from './vocabulary.js';
import type { World } from './world.js';

/**
 * Mean demand of a variant on a day, in order lines:
 * popularity × yearly season × day of the week × life cycle × price effect × promotion.
 */

const WEEKDAY = [1.25, 1.05, 0.95, 0.95, 1.0, 0.85, 0.95];

export interface DemandModel {
  /** Chosen so that history has about the planned number of lines. */
  readonly level: number;
  /** What never changes about the variants of the first day, side by side for speed. */
  readonly category: Uint8Array;
  readonly launchAtMs: Float64Array;
  readonly phaseOutAtMs: Float64Array;
}

const seasonOf = (category: number, day: number, startMs: number): number => {
  const words = CATEGORY_WORDS[category];
  if (words === undefined) return 1;
  const dayOfYear = (startMs / DAY_MS + day) % 365.25;
  const angle = ((dayOfYear - words.peakDay) / 365.25) * 2 * Math.PI;
  return 1 + words.amplitude * Math.cos(angle);
};

/** Category factors of one day: season and running promotions. */
export const categoryFactors = (world: World, day: number): number[] => {
  // Day 0 of the Unix calendar was a Thursday; WEEKDAY starts on Sunday.
  const weekday = (Math.floor(world.startMs / DAY_MS) + day + 4) % 7;
  return CATEGORY_WORDS.map((_, category) => {
    let factor = seasonOf(category, day, world.startMs) * (WEEKDAY[weekday] ?? 1);
    for (const promotion of world.promotions) {
      if (promotion.category !== category) continue;
      if (day >= promotion.fromDay && day <= promotion.toDay) factor *= promotion.uplift;
    }
    return factor;
  });
};

export const lifeFactor = (launchAtMs: number, phaseOutAtMs: number, atMs: number): number => {
  if (atMs < launchAtMs || atMs >= phaseOutAtMs) return 0;
  const ageDays = (atMs - launchAtMs) / DAY_MS;
  return ageDays < 21 ? 0.4 + (0.6 * ageDays) / 21 : 1;
};

export const createDemandModel = (world: World): DemandModel => {
  const { catalogue, parameters } = world;
  const count = catalogue.variants.length;
  const category = new Uint8Array(count);
  const launchAtMs = new Float64Array(count);
  const phaseOutAtMs = new Float64Array(count);
  for (const [variant, row] of catalogue.variants.entries()) {
    const product = catalogue.products[row];
    if (product === undefined) continue;
    category[variant] = product.category;
    launchAtMs[variant] = product.launchAtMs;
    phaseOutAtMs[variant] = product.phaseOutAtMs;
  }
  let expected = 0;
  // Every fifth day is enough to know the level to within a percent.
  const step = parameters.days > 40 ? 5 : 1;
  for (let day = 0; day < parameters.days; day += step) {
    const factors = categoryFactors(world, day);
    const atMs = world.startMs + day * DAY_MS;
    for (let variant = 0; variant < count; variant++) {
      expected +=
        (catalogue.popularity[variant] as number) *
        (factors[category[variant] as number] as number) *
        lifeFactor(launchAtMs[variant] as number, phaseOutAtMs[variant] as number, atMs) *
        step;
    }
  }
  // Bracket orders add some lines, lost sales and reductions take and add some.
  const level = (parameters.orderLines * 0.97) / Math.max(1e-9, expected);
  return { level, category, launchAtMs, phaseOutAtMs };
};

const CHANNELS_OF: Readonly<Record<BrandKey, readonly number[]>> = {
  alpha: CHANNELS.filter((channel) => channel.brand === 'alpha').map((channel) => channel.index),
  beta: CHANNELS.filter((channel) => channel.brand === 'beta').map((channel) => channel.index),
};

export const chooseChannel = (brands: readonly BrandKey[], draw: number): number => {
  const isBoth = brands.length > 1;
  const brand = isBoth ? (draw < 0.55 ? 'alpha' : 'beta') : (brands[0] ?? 'alpha');
  let rest = isBoth ? (draw < 0.55 ? draw / 0.55 : (draw - 0.55) / 0.45) : draw;
  const channels = CHANNELS_OF[brand];
  for (const index of channels) {
    const share = CHANNELS[index]?.demandShare ?? 0;
    if (rest < share) return index;
    rest -= share;
  }
  return channels.at(-1) ?? 0;
};

/** Units a line of this variant takes on average: business customers buy by the box. */
export const unitsPerLine = (brands: readonly BrandKey[]): number =>
  brands.length > 1 ? 2.4 : brands[0] === 'alpha' ? 3.4 : 1.15;
