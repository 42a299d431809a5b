/** Brands, sales channels, currencies, tax and places: the fixed frame of the company. */

export type BrandKey = 'alpha' | 'beta';
export type LanguageCode = 'nl-NL' | 'de-DE' | 'en-GB';
export type CountryCode = 'NL' | 'DE' | 'GB' | 'BE';

export const LANGUAGES: readonly LanguageCode[] = ['nl-NL', 'de-DE', 'en-GB'];
export const BRANDS: readonly BrandKey[] = ['alpha', 'beta'];

export interface Currency {
  readonly code: 'EUR' | 'GBP';
  readonly symbol: string;
  readonly name: string;
  /** Units of this currency for one euro. */
  readonly factor: number;
}

export const CURRENCIES: readonly Currency[] = [
  { code: 'EUR', symbol: '€', name: 'Euro', factor: 1 },
  { code: 'GBP', symbol: '£', name: 'Pound', factor: 0.86 },
];

export interface Channel {
  readonly index: number;
  readonly key: string;
  readonly name: string;
  readonly brand: BrandKey;
  readonly kind: 'web' | 'business' | 'marketplace';
  readonly country: CountryCode;
  readonly language: LanguageCode;
  /** Index into CURRENCIES. */
  readonly currency: number;
  readonly taxBasis: 'gross' | 'net';
  /** Share of its brand's demand. */
  readonly demandShare: number;
  /**
   * Each channel numbers its own orders from here. The ranges overlap on purpose: the same
   * order number exists in both brands.
   */
  readonly firstOrderNumber: number;
  readonly shippingMinor: number;
  readonly freeShippingFromMinor: number;
}

export const CHANNELS: readonly Channel[] = [
  {
    index: 0,
    key: 'alpha-nl',
    name: 'Alpha Nederland',
    brand: 'alpha',
    kind: 'web',
    country: 'NL',
    language: 'nl-NL',
    currency: 0,
    taxBasis: 'gross',
    demandShare: 0.8,
    firstOrderNumber: 10_001,
    shippingMinor: 495,
    freeShippingFromMinor: 7_500,
  },
  {
    index: 1,
    key: 'alpha-b2b',
    name: 'Alpha Zakelijk',
    brand: 'alpha',
    kind: 'business',
    country: 'NL',
    language: 'nl-NL',
    currency: 0,
    taxBasis: 'net',
    demandShare: 0.2,
    firstOrderNumber: 10_001,
    shippingMinor: 1_250,
    freeShippingFromMinor: 50_000,
  },
  {
    index: 2,
    key: 'beta-de',
    name: 'Beta Deutschland',
    brand: 'beta',
    kind: 'web',
    country: 'DE',
    language: 'de-DE',
    currency: 0,
    taxBasis: 'gross',
    demandShare: 0.75,
    firstOrderNumber: 10_001,
    shippingMinor: 590,
    freeShippingFromMinor: 9_900,
  },
  {
    index: 3,
    key: 'marketplace',
    name: 'Marketplace UK',
    brand: 'beta',
    kind: 'marketplace',
    country: 'GB',
    language: 'en-GB',
    currency: 1,
    taxBasis: 'gross',
    demandShare: 0.25,
    firstOrderNumber: 10_001,
    shippingMinor: 399,
    freeShippingFromMinor: 6_000,
  },
];

export const channelAt = (index: number): Channel => {
  const channel = CHANNELS[index];
  if (channel === undefined) throw new RangeError(`no channel ${index}`);
  return channel;
};

export const currencyAt = (index: number): Currency => {
  const currency = CURRENCIES[index];
  if (currency === undefined) throw new RangeError(`no currency ${index}`);
  return currency;
};

/** Tax classes: 0 standard, 1 reduced (care products). Percent, by country of delivery. */
const TAX_PERCENT: Readonly<Record<CountryCode, readonly [number, number]>> = {
  NL: [21, 9],
  DE: [19, 7],
  GB: [20, 5],
  BE: [21, 6],
};

export const taxPercent = (country: CountryCode, taxClass: number): number =>
  TAX_PERCENT[country][taxClass === 1 ? 1 : 0];

/** What is left of a price with tax when the company's own country took its part, in minor units. */
export const netOf = (grossMinor: number, taxClass: number): number =>
  Math.round((grossMinor * 100) / (100 + taxPercent('NL', taxClass)));

export interface Location {
  readonly index: number;
  readonly key: string;
  readonly name: string;
  readonly country: CountryCode;
  /** Share of each receipt that is put away here. */
  readonly receiptShare: number;
}

export const LOCATIONS: readonly Location[] = [
  { index: 0, key: 'dc-nl', name: 'Distribution centre Tilburg', country: 'NL', receiptShare: 0.6 },
  {
    index: 1,
    key: 'dc-de',
    name: 'Distribution centre Duisburg',
    country: 'DE',
    receiptShare: 0.3,
  },
  { index: 2, key: 'store-ams', name: 'Store Amsterdam', country: 'NL', receiptShare: 0.1 },
];

export const PAYMENT_METHODS = ['invoice', 'ideal', 'card', 'paypal'] as const;
export const SHIPPING_METHODS = ['standard', 'express'] as const;
