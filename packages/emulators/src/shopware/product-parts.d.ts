import { type Product } from '../retailer/catalogue.js';
import type { World } from '../retailer/world.js';
import type { Reference } from './reference.js';
import { type ListRow, type Table } from './table.js';
/** What hangs on products: media, visibilities, quantity prices, makers, categories. */
export interface ProductParts {
  readonly tables: readonly Table[];
  readonly mediaRows: (product: Product) => readonly number[];
  readonly mediaId: (product: Product, position: number) => string | null;
  readonly visibilityRows: (product: number) => readonly number[];
  readonly tierRows: (product: number) => readonly number[];
  readonly manufacturerId: (supplier: number) => string;
  readonly categoriesOf: (product: Product) => number[];
  readonly categoryId: (row: number) => string;
  readonly categoryTree: (rows: readonly number[]) => string[];
  /** Registers media and visibilities of a product made after the start. */
  readonly adopt: (product: Product) => void;
  readonly visibilities: (ListRow & VisibilityEntry)[];
}
interface VisibilityEntry {
  readonly product: number;
  readonly channel: number;
  visibility: number;
}
export declare const createProductParts: (world: World, reference: Reference) => ProductParts;
