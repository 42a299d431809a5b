import { type BrandKey, type LanguageCode } from './channels.js';
import { type RetailerParameters } from './parameters.js';
import { type CategoryWords } from './vocabulary.js';
/**
 * What the retailer sells. A product is either a parent with variants or sells by itself; a
 * variant leaves empty (null) whatever it takes over from its parent, as shops keep it.
 */
export interface LocalizedTexts {
  'nl-NL': string | null;
  'de-DE': string | null;
  'en-GB': string | null;
}
export interface Price {
  /** Gross, minor units, by index of CURRENCIES; null where the currency has no own price. */
  gross: (number | null)[];
  /** Price before the reduction, shown struck through. */
  list: (number | null)[];
}
export interface Product {
  readonly index: number;
  readonly parent: number;
  readonly children: number[];
  /** Index among the things that can be sold and stocked, -1 for a parent of variants. */
  readonly variant: number;
  readonly number: string;
  readonly brands: readonly BrandKey[];
  names: LocalizedTexts | null;
  descriptions: LocalizedTexts | null;
  readonly category: number;
  readonly supplier: number;
  readonly taxClass: number;
  readonly colour: number;
  readonly size: number;
  readonly material: number | null;
  readonly fit: number | null;
  readonly imageCount: number;
  gtin: string | null;
  readonly supplierNumber: string | null;
  weightGrams: number | null;
  price: Price | null;
  purchaseNetMinor: number | null;
  active: boolean | null;
  isCloseout: boolean | null;
  readonly restockDays: number | null;
  readonly launchAtMs: number;
  readonly phaseOutAtMs: number;
  readonly createdAtMs: number;
  /** 0 until the first edit through the shop's interfaces. */
  updatedAtMs: number;
  isDeleted: boolean;
  customFields: Record<string, unknown> | null;
  /** Fields written through the shop that the world itself gives no meaning to. */
  readonly extra: Record<string, unknown>;
  /** Earlier names with the time they ended: an order keeps the name it was sold under. */
  readonly formerNames: {
    untilMs: number;
    names: LocalizedTexts | null;
  }[];
}
export interface Category {
  readonly index: number;
  readonly parent: number;
  readonly level: number;
  names: LocalizedTexts;
  readonly brand: BrandKey | null;
  readonly words: CategoryWords | null;
  active: boolean;
  readonly createdAtMs: number;
  updatedAtMs: number;
}
export interface Supplier {
  readonly index: number;
  readonly name: string;
  readonly leadTimeDays: number;
  /** Gamma shape of the lead time: small is unreliable. */
  readonly reliability: number;
}
/** Quantity prices for business customers, net in euro minor units. */
export interface TierPrice {
  readonly index: number;
  readonly product: number;
  readonly quantityFrom: number;
  readonly quantityTo: number | null;
  netMinor: number;
  grossMinor: number;
  readonly createdAtMs: number;
  updatedAtMs: number;
  isDeleted: boolean;
}
export interface Catalogue {
  readonly products: Product[];
  /** Product index of each variant. */
  readonly variants: number[];
  readonly categories: Category[];
  readonly suppliers: readonly Supplier[];
  readonly tierPrices: TierPrice[];
  /** Mean demand in lines a day before season, price and life cycle; by variant. */
  readonly popularity: number[];
  readonly elasticity: number[];
  readonly byNumber: Map<string, number>;
}
export declare const gtinCheckDigit: (digits: string) => number;
export declare const localized: (from: Readonly<Record<LanguageCode, string>>) => LocalizedTexts;
/** Follows inheritance: the record that states a value for this product. */
export declare const priceOf: (catalogue: Catalogue, product: Product) => Price;
export declare const nameOf: (
  catalogue: Catalogue,
  product: Product,
  language: LanguageCode,
  atMs?: number,
) => string;
export declare const isActive: (catalogue: Catalogue, product: Product) => boolean;
/** The category of this kind under a brand's own root. */
export declare const categoryIndexFor: (kind: number, brand: BrandKey) => number;
export declare const makeCatalogue: (parameters: RetailerParameters) => Catalogue;
export declare const languageTexts: (
  value: LocalizedTexts | null,
) => readonly [LanguageCode, string | null][];
