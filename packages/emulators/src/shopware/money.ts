import type { TaxShare } from '../retailer/orders.js';
import type { Entity } from './table.js';

/** Amounts leave the shop as JSON numbers: whole minor units divided by a hundred. */
export const amount = (minor: number): number => minor / 100;

export const taxEntities = (shares: readonly TaxShare[]): Entity[] =>
  shares.map((share) => ({
    tax: amount(share.taxMinor),
    taxRate: share.percent,
    price: amount(share.priceMinor),
    label: null,
    extensions: [],
    apiAlias: 'cart_tax_calculated',
  }));

export const taxRules = (percents: readonly number[]): Entity[] =>
  percents.map((taxRate) => ({
    taxRate,
    percentage: 100,
    extensions: [],
    apiAlias: 'cart_tax_rule',
  }));

export const calculatedPrice = (
  unitMinor: number,
  quantity: number,
  shares: readonly TaxShare[],
  listMinor = 0,
): Entity => ({
  unitPrice: amount(unitMinor),
  totalPrice: amount(unitMinor * quantity),
  quantity,
  calculatedTaxes: taxEntities(shares),
  taxRules: taxRules(shares.map((share) => share.percent)),
  referencePrice: null,
  listPrice:
    listMinor > unitMinor
      ? {
          price: amount(listMinor),
          discount: amount(unitMinor - listMinor),
          percentage: Math.round(((listMinor - unitMinor) * 10_000) / listMinor) / 100,
          extensions: [],
          apiAlias: 'cart_list_price',
        }
      : null,
  regulationPrice: null,
  extensions: [],
  apiAlias: 'calculated_price',
});
