/** What a world is made of. One number scales it; everything else follows from the seed. */

/**
 * Ways on which the retailer's systems tell each other something without us. One that is cut
 * leaves both ends as they were at the epoch, until somebody else carries the news:
 *
 * - `stock`, `price`: what the ERP posts, to the shop; and edits of a price in the shop, back
 * - `product`: whether a product is sold, from the shop to the ERP; the PIM never told the shop
 * - `order`: customers, orders and what becomes of them, from the shop to the ERP
 * - `tracking`: that a parcel left and arrived, from the warehouse to the shop
 * - `return`: goods that came back to the warehouse, to the shop
 */
export const INTEGRATION_PATHS = [
  'stock',
  'price',
  'product',
  'order',
  'tracking',
  'return',
] as const;
export type IntegrationPath = (typeof INTEGRATION_PATHS)[number];

/** All of them, none, or those that are there. */
export type Integration = 'existing' | 'none' | readonly IntegrationPath[];

export const integrationPaths = (
  integration: Integration = 'existing',
): ReadonlySet<IntegrationPath> => {
  if (integration === 'none') return new Set();
  return new Set(integration === 'existing' ? INTEGRATION_PATHS : integration);
};

/** `existing`, `none` or a list such as `order,tracking`. */
export const parseIntegration = (text: string): Integration => {
  if (text === 'existing' || text === 'none') return text;
  return text.split(',').map((name) => {
    const path = INTEGRATION_PATHS.find((known) => known === name.trim());
    if (path === undefined) {
      throw new RangeError(
        `integration: "${name}" is none of existing, none, ${INTEGRATION_PATHS.join(', ')}`,
      );
    }
    return path;
  });
};

export interface RetailerParameters {
  readonly seed: number;
  readonly scale: number;
  /** Days of history before `epochMs`. */
  readonly days: number;
  /** The moment history ends and live time begins. */
  readonly epochMs: number;
  readonly products: number;
  readonly variants: number;
  readonly customers: number;
  readonly suppliers: number;
  /** Order lines over the whole history, about. */
  readonly orderLines: number;
}

export interface RetailerOptions {
  readonly seed?: number;
  readonly scale?: number;
  readonly days?: number;
  readonly epochMs?: number;
  readonly products?: number;
  readonly variants?: number;
  readonly customers?: number;
  readonly suppliers?: number;
  readonly orderLines?: number;
  /** What the retailer has connected itself; from the epoch on, the past was always whole. */
  readonly integration?: Integration;
}

export const DAY_MS = 86_400_000;
export const HOUR_MS = 3_600_000;
export const MINUTE_MS = 60_000;

/** A fixed moment, so that a world made without options is the same world on every machine. */
export const DEFAULT_EPOCH_MS = Date.UTC(2026, 4, 4, 8, 0, 0);

export const resolveParameters = (options: RetailerOptions): RetailerParameters => {
  const scale = options.scale ?? 1;
  const days = options.days ?? 400;
  if (!(scale > 0 && scale <= 100)) throw new RangeError(`scale ${scale} is not in (0, 100]`);
  if (!Number.isInteger(days) || days < 1) throw new RangeError(`days ${days} is not a count`);
  const scaled = (count: number, least: number): number =>
    Math.max(least, Math.round(count * scale));
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
