import type { TaxShare } from '../retailer/orders.js';
import type { Entity } from './table.js';
/** Amounts leave the shop as JSON numbers: whole minor units divided by a hundred. */
export declare const amount: (minor: number) => number;
export declare const taxEntities: (shares: readonly TaxShare[]) => Entity[];
export declare const taxRules: (percents: readonly number[]) => Entity[];
export declare const calculatedPrice: (
  unitMinor: number,
  quantity: number,
  shares: readonly TaxShare[],
  listMinor?: number,
) => Entity;
