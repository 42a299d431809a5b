import type { Product } from './catalogue.js';
import { type LanguageCode } from './channels.js';
import { type CustomerEdits } from './customers.js';
import type { OrderEdits } from './orders.js';
import { type World } from './world.js';
/** Edits people and systems make through the shop: these, and only these, move `updatedAt`. */
export declare const productAt: (world: World, row: number) => Product;
export declare const touchProduct: (
  world: World,
  product: Product,
  atMs: number,
  fields: readonly string[],
) => void;
/** Posts the difference as an adjustment, so that the ledger explains the new number. */
export declare const adjustStock: (
  world: World,
  variant: number,
  shown: number,
  atMs: number,
) => void;
export declare const setStock: (
  world: World,
  product: Product,
  shown: number,
  atMs: number,
) => void;
export interface PriceChange {
  readonly currency: number;
  readonly grossMinor: number;
  /** Undefined keeps it, null removes it. */
  readonly listMinor?: number | null;
}
export declare const setPrice: (
  world: World,
  product: Product,
  changes: readonly PriceChange[],
  atMs: number,
) => void;
export declare const netOf: (grossMinor: number, taxClass: number) => number;
export declare const renameProduct: (
  world: World,
  product: Product,
  names: Partial<Record<LanguageCode, string | null>>,
  atMs: number,
) => void;
export declare const setActive: (
  world: World,
  product: Product,
  active: boolean | null,
  atMs: number,
) => void;
/** Takes the variants along, as a shop does. */
export declare const deleteProduct: (world: World, product: Product) => void;
export declare const editCustomer: (
  world: World,
  customer: number,
  edits: CustomerEdits,
  fields: readonly string[],
  atMs: number,
) => void;
export declare const touchCustomer: (
  world: World,
  customer: number,
  atMs: number,
  fields: readonly string[],
) => void;
export declare const deleteCustomer: (world: World, customer: number) => void;
export declare const touchOrder: (
  world: World,
  order: number,
  atMs: number,
  fields: readonly string[],
) => void;
export declare const editOrder: (
  world: World,
  order: number,
  edits: OrderEdits,
  fields: readonly string[],
  atMs: number,
) => void;
/** A service agent corrects the shipping cost: totals follow. */
export declare const setShippingCost: (
  world: World,
  order: number,
  shippingMinor: number,
  atMs: number,
) => void;
export declare const renameCategory: (
  world: World,
  row: number,
  names: Partial<Record<LanguageCode, string>>,
  atMs: number,
) => void;
