import type { LanguageCode } from './channels.js';

/**
 * How a company has set up its ERP: plants, storage locations, sales areas, document types and
 * the fields it added itself. Two models of one trade exist, so that what was written for the
 * first can be tried on the second by changing configuration alone.
 */

export const MODEL_KEYS = ['default', 'second'] as const;
export type ModelKey = (typeof MODEL_KEYS)[number];

export interface Plant {
  /** Also the valuation area. */
  readonly key: string;
  /** Index into LOCATIONS. */
  readonly location: number;
  readonly name: string;
  /** Where goods are picked and received, and where returns wait for inspection. */
  readonly storageLocations: readonly [main: string, returns: string];
  readonly shippingPoint: string;
}

export interface SalesArea {
  /** Index into CHANNELS. */
  readonly channel: number;
  readonly organization: string;
  readonly distributionChannel: string;
  readonly division: string;
  readonly orderType: string;
}

/** What a customer field is filled from. */
export type ExtensionSource =
  | 'fit'
  | 'season'
  | 'launch-date'
  | 'care-code'
  | 'shop-channel'
  | 'express'
  | 'basket-code'
  | 'buyer'
  | 'priority';

export interface Extension {
  /** Entity set it was added to, such as `A_Product`. */
  readonly entitySet: string;
  readonly name: string;
  readonly label: string;
  readonly source: ExtensionSource;
  readonly maxLength: number;
}

export interface CompanyModel {
  readonly key: ModelKey;
  readonly companyCode: string;
  /** In the order of LOCATIONS. */
  readonly plants: readonly Plant[];
  /** In the order of CHANNELS. */
  readonly salesAreas: readonly SalesArea[];
  readonly purchasingOrganization: string;
  readonly purchasingGroups: readonly string[];
  readonly purchaseOrderType: string;
  readonly returnType: string;
  readonly deliveryType: string;
  readonly conditionTypes: {
    /** Sales price with tax, for consumers. */
    readonly gross: string;
    /** Sales price without tax, for business customers. */
    readonly net: string;
    /** Price of a promotion for one material. */
    readonly promotion: string;
    /** Percentage off a whole material group. */
    readonly discount: string;
  };
  /** In the order of CATEGORY_WORDS. */
  readonly materialGroups: readonly string[];
  readonly languages: readonly LanguageCode[];
  readonly extensions: readonly Extension[];
}

const area = (
  channel: number,
  organization: string,
  distributionChannel: string,
  division: string,
  orderType: string,
): SalesArea => ({ channel, organization, distributionChannel, division, orderType });

const plant = (
  location: number,
  key: string,
  name: string,
  storageLocations: readonly [string, string],
  shippingPoint: string,
): Plant => ({ key, location, name, storageLocations, shippingPoint });

const DEFAULT_MODEL: CompanyModel = {
  key: 'default',
  companyCode: '1000',
  plants: [
    plant(0, 'NL01', 'Tilburg', ['0001', '0002'], 'NL01'),
    plant(1, 'DE01', 'Duisburg', ['0001', '0002'], 'DE01'),
    plant(2, 'ST01', 'Amsterdam', ['0001', '0002'], 'ST01'),
  ],
  salesAreas: [
    area(0, '1000', '10', '00', 'OR'),
    area(1, '1000', '20', '00', 'OR'),
    area(2, '2000', '10', '00', 'OR'),
    area(3, '2000', '30', '00', 'OR'),
  ],
  purchasingOrganization: '1000',
  purchasingGroups: ['001', '002', '003'],
  purchaseOrderType: 'NB',
  returnType: 'RE2',
  deliveryType: 'LF',
  conditionTypes: { gross: 'VKP0', net: 'PPR0', promotion: 'VKA0', discount: 'K004' },
  materialGroups: [
    ...['JACKETS', 'TROUSERS', 'SHIRTS', 'KNITWEAR', 'SHOES', 'RAINWEAR', 'SHORTS', 'BAGS'],
    ...['ACCESS', 'CARE'],
  ],
  languages: ['nl-NL', 'de-DE', 'en-GB'],
  extensions: [
    ext('A_Product', 'YY1_Fit_PRD', 'Fit', 'fit', 20),
    ext('A_Product', 'YY1_LaunchDate_PRD', 'Launch', 'launch-date', 10),
    ext('A_SalesOrder', 'YY1_ShopChannel_SDH', 'Shop channel', 'shop-channel', 20),
    ext('A_PurchaseOrder', 'YY1_Buyer_PDH', 'Buyer', 'buyer', 20),
  ],
};

const SECOND_MODEL: CompanyModel = {
  key: 'second',
  companyCode: 'NL10',
  plants: [
    plant(0, '1010', 'Central warehouse', ['101A', '101R'], '101S'),
    plant(1, '1020', 'Warehouse east', ['102A', '102R'], '102S'),
    plant(2, 'S100', 'Flagship store', ['S10A', 'S10R'], 'S10S'),
  ],
  salesAreas: [
    area(0, 'NL10', '01', '10', 'ZWEB'),
    area(1, 'NL10', '02', '10', 'ZB2B'),
    area(2, 'DE10', '01', '20', 'ZWEB'),
    area(3, 'DE10', '07', '20', 'ZMKT'),
  ],
  purchasingOrganization: 'P100',
  purchasingGroups: ['A01', 'A02'],
  purchaseOrderType: 'ZNB',
  returnType: 'ZRE',
  deliveryType: 'ZLF',
  conditionTypes: { gross: 'ZVKP', net: 'ZPR0', promotion: 'ZPRM', discount: 'ZK04' },
  materialGroups: [
    ...['10010', '10020', '10030', '10040', '20010', '10050', '10060', '20020'],
    ...['20030', '30010'],
  ],
  languages: ['nl-NL', 'en-GB'],
  extensions: [
    ext('A_Product', 'YY1_SeasonCode_PRD', 'Season', 'season', 4),
    ext('A_Product', 'YY1_CareSymbol_PRD', 'Care symbol', 'care-code', 10),
    ext('A_SalesOrder', 'YY1_Platform_SDH', 'Platform', 'shop-channel', 20),
    ext('A_SalesOrder', 'YY1_Voucher_SDH', 'Voucher', 'basket-code', 20),
    ext('A_SalesOrder', 'YY1_Express_SDH', 'Express', 'express', 1),
    ext('A_OutbDeliveryHeader', 'YY1_Priority_DLH', 'Priority', 'priority', 2),
  ],
};

function ext(
  entitySet: string,
  name: string,
  label: string,
  source: ExtensionSource,
  maxLength: number,
): Extension {
  return { entitySet, name, label, source, maxLength };
}

export const companyModel = (key: ModelKey = 'default'): CompanyModel =>
  key === 'second' ? SECOND_MODEL : DEFAULT_MODEL;
