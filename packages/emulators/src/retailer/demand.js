import { priceOf } from './catalogue.js';
import { CHANNELS } from './channels.js';
import { DAY_MS } from './parameters.js';
import { CATEGORY_WORDS } from './vocabulary.js';

/**
 * Mean demand of a variant on a day, in order lines:
 * popularity × yearly season × day of the week × life cycle × price effect × promotion.
 */
const WEEKDAY = [1.25, 1.05, 0.95, 0.95, 1.0, 0.85, 0.95];
const seasonOf = (category, day, startMs) => {
  const words = CATEGORY_WORDS[category];
  if (words === undefined) return 1;
  const dayOfYear = (startMs / DAY_MS + day) % 365.25;
  const angle = ((dayOfYear - words.peakDay) / 365.25) * 2 * Math.PI;
  return 1 + words.amplitude * Math.cos(angle);
};
/** Category factors of one day: season and running promotions. */
export const categoryFactors = (world, day) => {
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
export const lifeFactor = (launchAtMs, phaseOutAtMs, atMs) => {
  if (atMs < launchAtMs || atMs >= phaseOutAtMs) return 0;
  const ageDays = (atMs - launchAtMs) / DAY_MS;
  return ageDays < 21 ? 0.4 + (0.6 * ageDays) / 21 : 1;
};
export const createDemandModel = (world) => {
  const { catalogue, parameters } = world;
  const referenceMinor = new Float64Array(catalogue.variants.length);
  for (const [variant, row] of catalogue.variants.entries()) {
    const product = catalogue.products[row];
    if (product === undefined) continue;
    referenceMinor[variant] = priceOf(catalogue, product).gross[0] ?? 1;
  }
  let expected = 0;
  // Every fifth day is enough to know the level to within a percent.
  const step = parameters.days > 40 ? 5 : 1;
  for (let day = 0; day < parameters.days; day += step) {
    const factors = categoryFactors(world, day);
    const atMs = world.startMs + day * DAY_MS;
    for (const [variant, row] of catalogue.variants.entries()) {
      const product = catalogue.products[row];
      if (product === undefined) continue;
      expected +=
        (catalogue.popularity[variant] ?? 0) *
        (factors[product.category] ?? 1) *
        lifeFactor(product.launchAtMs, product.phaseOutAtMs, atMs) *
        step;
    }
  }
  // Bracket orders add some lines, lost sales and reductions take and add some.
  return { referenceMinor, level: (parameters.orderLines * 0.97) / Math.max(1e-9, expected) };
};
export const priceEffect = (world, model, variant) => {
  const row = world.catalogue.variants[variant] ?? -1;
  const product = world.catalogue.products[row];
  if (product === undefined) return 0;
  const now = priceOf(world.catalogue, product).gross[0] ?? 1;
  const reference = model.referenceMinor[variant] ?? now;
  if (now === reference || reference === 0) return 1;
  return (now / reference) ** -(world.catalogue.elasticity[variant] ?? 1);
};
const CHANNELS_OF = {
  alpha: CHANNELS.filter((channel) => channel.brand === 'alpha').map((channel) => channel.index),
  beta: CHANNELS.filter((channel) => channel.brand === 'beta').map((channel) => channel.index),
};
export const chooseChannel = (brands, draw) => {
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
export const unitsPerLine = (brands) =>
  brands.length > 1 ? 2.4 : brands[0] === 'alpha' ? 3.4 : 1.15;
//# sourceMappingURL=demand.js.map
