/** The project of the demo: what a user would write for the emulated systems. */
import { inriver, sap, shopware } from '@headrace/connectors';
import { type FlowGroup, Secret } from '@headrace/sdk';
import { commerceFeatures } from '../features/index.js';
import { type BesideShop, demoOf, type ShopAccess } from './demo-folder.js';
import { type FlowDefinition, flow } from './flow-config.js';
import { dataFolder, type PlaceOptions } from './folders.js';
import { type LoadedProject, loadProject, prepareProject } from './load-project.js';
import { defineProject, type Project } from './project.js';

export interface DemoProjectOptions {
  /** Without flows and predictions, for measurements that are about reading alone. */
  readonly hasFlows?: boolean;
}

export function demoProject(
  shop: ShopAccess,
  beside: BesideShop = {},
  { hasFlows = true }: DemoProjectOptions = {},
): Project {
  const { erp, pim } = beside;
  const sources = ['shop', ...Object.keys(beside)];
  const among = (...order: string[]) => order.filter((source) => sources.includes(source));
  return defineProject({
    timeZone: 'Europe/Amsterdam',
    currency: 'EUR',
    languages: ['nl-NL', 'de-DE', 'en-GB'],
    write: 'shadow',
    brands: shop.brands,
    sources: {
      shop: shopware({
        url: shop.url,
        auth: new Secret(shop.auth),
        webhookSecret: new Secret(shop.webhookSecret),
        salesChannels: { ...shop.salesChannels },
        customFields: {
          product: { 'traits.shop.fit': 'custom_fit', 'traits.shop.care': 'custom_care_code' },
          order: { 'traits.shop.giftWrap': 'custom_gift_wrap' },
          customer: { 'traits.shop.tier': 'custom_loyalty_tier' },
        },
        ...(sources.length === 1 ? {} : { write: shopWrites }),
      }),
      ...(erp === undefined ? {} : { erp: erpSource(erp) }),
      ...(pim === undefined ? {} : { pim: pimSource(pim) }),
    },
    leading: {
      product: among('pim', 'shop', 'erp'),
      ...(sources.length === 1
        ? {}
        : {
            'variant.*': among('pim', 'shop', 'erp'),
            stock: among('erp', 'shop'),
            price: among('erp', 'shop'),
            order: among('shop', 'erp'),
          }),
    },
    features: commerceFeatures({ currency: 'EUR', priceSources: among('erp', 'shop') }),
    links: erp === undefined ? [] : [{ entity: 'customer', by: 'order', from: 'shop', to: 'erp' }],
    flows: hasFlows ? flowsBetween(beside) : [],
    ...(hasFlows && erp !== undefined
      ? { predict: { demand: { horizonDays: 30, purchase: { location: 'dc-nl' } } } }
      : {}),
  });
}

/** What a shop is told that others describe the goods of. */
const shopWrites = {
  price: { channels: ['alpha-nl', 'beta-de', 'marketplace'] },
  product: {
    hasOwnCategories: true,
    options: { colour: 'Kleur', size: 'Maat' },
    properties: { fit: 'Pasvorm', material: 'Materiaal' },
  },
};

/**
 * The ready-made flows, beside what the retailer has connected itself: they show what they would write,
 * and write nothing. Documents of the past are nobody's business any more.
 */
function flowsBetween({ erp, pim }: BesideShop): FlowDefinition[] {
  const isRecent = (group: FlowGroup, entity: 'order' | 'shipment' | 'return') =>
    group.records(entity).some(({ fields }) => {
      const at = fields.placedAt ?? fields.shippedAt ?? fields.requestedAt ?? fields.createdAt;
      return typeof at === 'string' && at >= documentsFrom;
    });
  return [
    ...(erp === undefined
      ? []
      : [
          flow('stock', 'shop'),
          flow('price', 'shop'),
          flow('tracking', 'shop', { where: (group) => isRecent(group, 'shipment') }),
          flow('order', 'erp', { where: (group) => isRecent(group, 'order') }),
          flow('return', 'erp', { where: (group) => isRecent(group, 'return') }),
          flow('purchase', 'erp'),
        ]),
    ...(pim === undefined
      ? []
      : ['category', 'product', 'variant', 'media'].map((sink) => flow(sink, 'shop'))),
  ];
}

/** The demo's history ends on 4 May 2026. */
const documentsFrom = '2026-05-03T00:00:00Z';

function erpSource({ url, auth, eventsSecret }: NonNullable<BesideShop['erp']>) {
  return sap({
    url,
    auth: sap.oauth(new Secret(auth)),
    webhookSecret: new Secret(eventsSecret),
    plants: { NL01: 'dc-nl', DE01: 'dc-de', ST01: 'store-ams' },
    salesAreas: {
      '1000/10/00': 'alpha-nl',
      '1000/20/00': 'alpha-b2b',
      '2000/10/00': 'beta-de',
      '2000/30/00': 'marketplace',
    },
    businessChannels: ['alpha-b2b'],
    brandOf: { ALPH: 'alpha', BETA: 'beta' },
    priceConditions: {
      PPR0: 'list',
      VKP0: { as: 'list', basis: 'gross' },
      VKA0: { as: 'sale', basis: 'gross' },
    },
    inspectionCodes: { '0001': 'resell', '0003': 'dispose' },
    languages: { NL: 'nl-NL', DE: 'de-DE', EN: 'en-GB' },
    extend: { variant: { 'traits.fit': 'A_Product.YY1_Fit_PRD' } },
    write: {
      order: {
        soldTo: {
          'alpha-nl': '1010000001',
          'alpha-b2b': '1010000002',
          'beta-de': '1010000003',
          marketplace: '1010000004',
        },
        ...{ grossPrice: 'VKP0', netPrice: 'PPR0', rejection: '50' },
      },
      return: { type: 'RE2' },
      purchase: { companyCode: '1000', organization: '1000', group: '001' },
    },
  });
}

function pimSource({ url, key, relaySecret }: NonNullable<BesideShop['pim']>) {
  return inriver({
    url,
    key: new Secret(key),
    webhookSecret: new Secret(relaySecret),
    languages: { en: 'en-GB', nl: 'nl-NL', de: 'de-DE' },
    fields: {
      product: {
        productId: 'ProductId',
        brand: 'ProductBrand',
        name: 'ProductName',
        description: 'ProductDescription',
        material: 'ProductMaterial',
        fit: 'ProductFit',
        season: 'ProductSeason',
        launchDate: 'ProductLaunch',
        state: { field: 'ProductStatus', values: { phaseout: 'phase-out' } },
      },
      variant: {
        sku: 'ItemSku',
        gtin: 'ItemGtin',
        weightKilograms: 'ItemWeight',
        'options.colour': 'ItemColour',
        'options.size': 'ItemSize',
      },
      category: { name: 'ChannelNodeName' },
    },
  });
}

export function prepareDemo(
  folder: string,
  shop: ShopAccess,
  beside: BesideShop = {},
  options: DemoProjectOptions = {},
): LoadedProject {
  const project = demoProject(shop, beside, options);
  return prepareProject(project, { folder, variables: process.env, definition: 'demo' });
}

/** The project of these options; the demo's where there is none but a demo's data. */
export async function loadForData(options: PlaceOptions): Promise<LoadedProject> {
  const demo = demoOf(options);
  if (demo === null) return loadProject(options.config);
  return prepareDemo(dataFolder(options), demo.shop, demo.beside);
}
