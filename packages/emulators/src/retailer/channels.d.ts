/** Brands, sales channels, currencies, tax and places: the fixed frame of the company. */
export type BrandKey = 'alpha' | 'beta';
export type LanguageCode = 'nl-NL' | 'de-DE' | 'en-GB';
export type CountryCode = 'NL' | 'DE' | 'GB' | 'BE';
export declare const LANGUAGES: readonly LanguageCode[];
export declare const BRANDS: readonly BrandKey[];
export interface Currency {
  readonly code: 'EUR' | 'GBP';
  readonly symbol: string;
  readonly name: string;
  /** Units of this currency for one euro. */
  readonly factor: number;
}
export declare const CURRENCIES: readonly Currency[];
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
export declare const CHANNELS: readonly Channel[];
export declare const channelAt: (index: number) => Channel;
export declare const currencyAt: (index: number) => Currency;
export declare const taxPercent: (country: CountryCode, taxClass: number) => number;
export interface Location {
  readonly index: number;
  readonly key: string;
  readonly name: string;
  readonly country: CountryCode;
  /** Share of each receipt that is put away here. */
  readonly receiptShare: number;
}
export declare const LOCATIONS: readonly Location[];
export declare const PAYMENT_METHODS: readonly ['invoice', 'ideal', 'card', 'paypal'];
export declare const SHIPPING_METHODS: readonly ['standard', 'express'];
