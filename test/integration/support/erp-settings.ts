import type { sap } from '@headrace/connectors';

type Settings = Omit<Parameters<typeof sap>[0], 'url' | 'auth'>;

/**
 * What a customer writes for the two companies the ERP is emulated for. The connector is the same:
 * plants, sales areas, condition types and fields of their own differ in settings alone.
 */
export const erpSettings = (model: string): Settings => (model === 'second' ? second : standard);

const channels = ['alpha-nl', 'alpha-b2b', 'beta-de', 'marketplace'] as const;
const locations = ['dc-nl', 'dc-de', 'store-ams'] as const;

const named = <Name extends string>(keys: readonly string[], names: readonly Name[]) =>
  Object.fromEntries(keys.map((key, index) => [key, names[index] as Name]));

const common = {
  businessChannels: ['alpha-b2b'],
  brandOf: { ALPH: 'alpha', BETA: 'beta' },
  languages: { NL: 'nl-NL', DE: 'de-DE', EN: 'en-GB' },
  returnReasons: { '001': 'too-small', '002': 'too-large', '003': 'damaged', '004': 'late' },
  inspectionCodes: { '0001': 'resell', '0003': 'dispose' },
} satisfies Settings;

const standard: Settings = {
  ...common,
  plants: named(['NL01', 'DE01', 'ST01'], locations),
  salesAreas: named(['1000/10/00', '1000/20/00', '2000/10/00', '2000/30/00'], channels),
  priceConditions: {
    PPR0: 'list',
    VKP0: { as: 'list', basis: 'gross' },
    VKA0: { as: 'sale', basis: 'gross' },
  },
  extend: {
    variant: { 'traits.fit': 'A_Product.YY1_Fit_PRD' },
    order: { 'traits.erp.shopChannel': 'A_SalesOrder.YY1_ShopChannel_SDH' },
  },
};

const second: Settings = {
  ...common,
  plants: named(['1010', '1020', 'S100'], locations),
  salesAreas: named(['NL10/01/10', 'NL10/02/10', 'DE10/01/20', 'DE10/07/20'], channels),
  priceConditions: {
    ZPR0: 'list',
    ZVKP: { as: 'list', basis: 'gross' },
    ZPRM: { as: 'sale', basis: 'gross' },
  },
  extend: {
    variant: {
      'traits.season': 'A_Product.YY1_SeasonCode_PRD',
      'traits.care': 'A_Product.YY1_CareSymbol_PRD',
    },
    order: { 'traits.erp.shopChannel': 'A_SalesOrder.YY1_Platform_SDH' },
    shipment: { 'traits.priority': 'A_OutbDeliveryHeader.YY1_Priority_DLH' },
  },
};
