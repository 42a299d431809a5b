import { BRANDS, type BrandKey, LANGUAGES, type LanguageCode } from './channels.js';
import { CATEGORY_WORDS, type CategoryWords } from './vocabulary.js';

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
  readonly formerNames: { untilMs: number; names: LocalizedTexts | null }[];
}

export interface Category {
  readonly index: number;
  parent: number;
  level: number;
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
  /** Price at which popularity was set, and what the present price does to demand. */
  readonly referenceMinor: number[];
  readonly priceFactor: number[];
  readonly byNumber: Map<string, number>;
}

export const gtinCheckDigit = (digits: string): number => {
  let sum = 0;
  for (let index = 0; index < digits.length; index++) {
    const weight = (digits.length - index) % 2 === 1 ? 3 : 1;
    sum += Number(digits[index]) * weight;
  }
  return (10 - (sum % 10)) % 10;
};

export const localized = (from: Readonly<Record<LanguageCode, string>>): LocalizedTexts => ({
  'nl-NL': from['nl-NL'],
  'de-DE': from['de-DE'],
  'en-GB': from['en-GB'],
});

/** Follows inheritance: the record that states a value for this product. */
export const priceOf = (catalogue: Catalogue, product: Product): Price => {
  const price = product.price ?? catalogue.products[product.parent]?.price;
  if (price === undefined || price === null) throw new Error(`${product.number} has no price`);
  return price;
};

/** To be called after each change of a price; a parent's price moves its variants. */
export const refreshPriceFactor = (catalogue: Catalogue, product: Product): void => {
  for (const row of [product.index, ...product.children]) {
    const record = catalogue.products[row];
    if (record === undefined || record.variant < 0) continue;
    const now = priceOf(catalogue, record).gross[0] ?? 1;
    const reference = catalogue.referenceMinor[record.variant] ?? now;
    catalogue.priceFactor[record.variant] =
      now === reference ? 1 : (now / reference) ** -(catalogue.elasticity[record.variant] ?? 1);
  }
};

export const nameOf = (
  catalogue: Catalogue,
  product: Product,
  language: LanguageCode,
  atMs?: number,
): string => {
  const namesAt = (record: Product): LocalizedTexts | null => {
    if (atMs !== undefined) {
      const former = record.formerNames.find((entry) => entry.untilMs > atMs);
      if (former !== undefined) return former.names;
    }
    return record.names;
  };
  const parent = catalogue.products[product.parent];
  for (const record of parent === undefined ? [product] : [product, parent]) {
    const names = namesAt(record);
    const name = names?.[language] ?? names?.['nl-NL'];
    if (name !== null && name !== undefined) return name;
  }
  return product.number;
};

export const isActive = (catalogue: Catalogue, product: Product): boolean =>
  !product.isDeleted && (product.active ?? catalogue.products[product.parent]?.active ?? true);

/** The category of this kind under a brand's own root. */
export const categoryIndexFor = (kind: number, brand: BrandKey): number =>
  1 + BRANDS.indexOf(brand) * (CATEGORY_WORDS.length + 1) + 1 + kind;

export const languageTexts = (
  value: LocalizedTexts | null,
): readonly [LanguageCode, string | null][] =>
  LANGUAGES.map((language) => [language, value?.[language] ?? null]);
