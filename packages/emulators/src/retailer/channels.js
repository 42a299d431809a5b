/** Brands, sales channels, currencies, tax and places: the fixed frame of the company. */
export const LANGUAGES = ['nl-NL', 'de-DE', 'en-GB'];
export const BRANDS = ['alpha', 'beta'];
export const CURRENCIES = [
  { code: 'EUR', symbol: '€', name: 'Euro', factor: 1 },
  { code: 'GBP', symbol: '£', name: 'Pound', factor: 0.86 },
];
export const CHANNELS = [
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
export const channelAt = (index) => {
  const channel = CHANNELS[index];
  if (channel === undefined) throw new RangeError(`no channel ${index}`);
  return channel;
};
export const currencyAt = (index) => {
  const currency = CURRENCIES[index];
  if (currency === undefined) throw new RangeError(`no currency ${index}`);
  return currency;
};
/** Tax classes: 0 standard, 1 reduced (care products). Percent, by country of delivery. */
const TAX_PERCENT = {
  NL: [21, 9],
  DE: [19, 7],
  GB: [20, 5],
  BE: [21, 6],
};
export const taxPercent = (country, taxClass) => TAX_PERCENT[country][taxClass === 1 ? 1 : 0];
export const LOCATIONS = [
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
export const PAYMENT_METHODS = ['invoice', 'ideal', 'card', 'paypal'];
export const SHIPPING_METHODS = ['standard', 'express'];
//# sourceMappingURL=channels.js.map
