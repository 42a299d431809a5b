import type { World } from '../retailer/world.js';
import type { ProductParts } from './product-parts.js';
import type { Reference } from './reference.js';
import { type Entity, type Table } from './table.js';
/**
 * Products and variants share one table. A variant's own fields are null where it inherits;
 * only with `sw-inheritance` does the shop fill them in.
 */
export type StockMeaning = 'reduced-by-open-orders' | 'physical';
export declare const priceEntity: (
  currencyId: string,
  grossMinor: number,
  taxClass: number,
  listMinor: number | null,
) => Entity;
export declare const createProductTable: (
  world: World,
  reference: Reference,
  parts: ProductParts,
  stockMeaning: StockMeaning,
) => Table;
