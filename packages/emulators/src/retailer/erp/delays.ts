import { DAY_MS, HOUR_MS, MINUTE_MS } from '../parameters.js';
import { mix } from '../random.js';

/**
 * How long things take to reach the ERP or to be done in it. Drawn by hashing what they are
 * about, so that asking twice, or in another order, gives the same answer.
 */

const uniform = (seed: number, salt: number, subject: number): number =>
  mix(mix(seed >>> 0, salt), subject) / 0x1_0000_0000;

const exponential = (draw: number, mean: number): number => -Math.log(1 - draw) * mean;

/** From the shop's basket to a sales order: an interface that runs every few minutes. */
export const arrivalMs = (seed: number, order: number): number => {
  const draw = uniform(seed, 1, order);
  const base = MINUTE_MS + exponential(uniform(seed, 2, order), 4 * MINUTE_MS);
  return Math.floor(draw < 0.01 ? base + 6 * HOUR_MS : base);
};

/** From the warehouse's hands to a material document. */
export const postingMs = (seed: number, group: number): number => {
  const base = 20_000 + exponential(uniform(seed, 3, group), 3 * MINUTE_MS);
  return Math.floor(uniform(seed, 4, group) < 0.02 ? base + 75 * MINUTE_MS : base);
};

export const masterDataMs = (seed: number, subject: number): number =>
  Math.floor(30_000 + exponential(uniform(seed, 5, subject), 5 * MINUTE_MS));

/** Most returns are entered the same day, some by a batch run days later. */
export const returnEntryMs = (seed: number, row: number): number =>
  Math.floor(
    uniform(seed, 6, row) < 0.3
      ? DAY_MS * (1 + 2 * uniform(seed, 7, row))
      : 10 * MINUTE_MS + exponential(uniform(seed, 8, row), 2 * HOUR_MS),
  );

export const inspectionMs = (seed: number, row: number): number =>
  Math.floor(HOUR_MS + exponential(uniform(seed, 9, row), 12 * HOUR_MS));

/** A supplier answers an order after a day or two. */
export const confirmationMs = (seed: number, order: number): number =>
  Math.floor(6 * HOUR_MS + uniform(seed, 10, order) * 2.5 * DAY_MS);

export const buyerMs = (seed: number, order: number): number =>
  Math.floor(5 * HOUR_MS + uniform(seed, 11, order) * 4 * HOUR_MS);

export const qualityMs = (seed: number, item: number): number =>
  Math.floor(2 * HOUR_MS + uniform(seed, 12, item) * 28 * HOUR_MS);

export const scrapMs = (seed: number, item: number): number =>
  Math.floor((2 + uniform(seed, 13, item) * 12) * DAY_MS);

/** A delivery is written when the order is released to the warehouse. */
export const releaseMs = (seed: number, order: number): number =>
  Math.floor(MINUTE_MS + exponential(uniform(seed, 14, order), 6 * MINUTE_MS));

/** From delivery to goods issue, where no shop order says how long. */
export const leadMs = (seed: number, salesOrder: number): number =>
  Math.floor(2 * HOUR_MS + exponential(uniform(seed, 15, salesOrder), 12 * HOUR_MS));

export const transitMs = (seed: number, salesOrder: number): number =>
  Math.floor(DAY_MS * (0.8 + 2 * uniform(seed, 16, salesOrder)));

/** From a return that was announced until the parcel is there. */
export const parcelMs = (seed: number, row: number): number =>
  Math.floor(DAY_MS * (1 + 3 * uniform(seed, 17, row)));

export const share = uniform;
