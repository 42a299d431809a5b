import { type RetailerParameters } from './parameters.js';
import type { Random } from './random.js';
/** Sales: a category is reduced for some days, with the old price struck through. */
export interface Promotion {
  readonly index: number;
  readonly name: string;
  /** Index into CATEGORY_WORDS. */
  readonly category: number;
  readonly percentOff: number;
  readonly fromDay: number;
  readonly toDay: number;
  /** What a reduction brings beyond its price effect, by being shown. */
  readonly uplift: number;
}
/** Codes entered in the basket; they become a promotion line of the order. */
export declare const BASKET_CODES: readonly [
  {
    readonly code: 'WELCOME10';
    readonly percentOff: 10;
  },
  {
    readonly code: 'SEASON15';
    readonly percentOff: 15;
  },
];
export declare const makePromotions: (
  parameters: RetailerParameters,
  random: Random,
) => Promotion[];
export declare const dayOf: (parameters: RetailerParameters, atMs: number) => number;
