/** What a world is made of. One number scales it; everything else follows from the seed. */
export const DAY_MS = 86_400_000;
export const HOUR_MS = 3_600_000;
export const MINUTE_MS = 60_000;
/** A fixed moment, so that a world made without options is the same world on every machine. */
export const DEFAULT_EPOCH_MS = Date.UTC(2026, 4, 4, 8, 0, 0);
export const resolveParameters = (options) => {
  const scale = options.scale ?? 1;
  const days = options.days ?? 400;
  if (!(scale > 0 && scale <= 100)) throw new RangeError(`scale ${scale} is not in (0, 100]`);
  if (!Number.isInteger(days) || days < 1) throw new RangeError(`days ${days} is not a count`);
  const scaled = (count, least) => Math.max(least, Math.round(count * scale));
  const products = options.products ?? scaled(600, 8);
  return {
    seed: options.seed ?? 1,
    scale,
    days,
    epochMs: options.epochMs ?? DEFAULT_EPOCH_MS,
    products,
    variants: Math.max(products, options.variants ?? scaled(3_000, 40)),
    customers: options.customers ?? scaled(20_000, 100),
    suppliers: options.suppliers ?? Math.max(4, Math.min(200, Math.round(25 * Math.sqrt(scale)))),
    orderLines: options.orderLines ?? Math.round(250_000 * scale * (days / 400)),
  };
};
//# sourceMappingURL=parameters.js.map
