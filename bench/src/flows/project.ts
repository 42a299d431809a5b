/** A company whose systems nothing but the ready-made flows connects, at the connectors' own intervals. */
import { inriver, sap, shopware } from '@headrace/connectors';
import type { FlowGroup } from '@headrace/sdk';
import { flow } from '../../../packages/platform/dist/app/flow-config.js';
import { defineProject, type Project } from '../../../packages/platform/dist/app/project.js';

export interface Systems {
  readonly shop: { readonly url: string; readonly auth: string; readonly secret: string };
  readonly erp: { readonly url: string; readonly auth: string; readonly secret: string };
  readonly pim: { readonly url: string; readonly key: string; readonly secret: string };
  /** Id of a sales channel in the shop → our name. */
  readonly channels: Readonly<Record<string, string>>;
  /** Number of the first order of each channel that is the flows' to carry. */
  readonly firstOrders: Readonly<Record<string, number>>;
}

export function companyProject({ shop, erp, pim, channels, firstOrders }: Systems): Project {
  const live = { write: 'live', limits: { rows: 'off', change: 'off' } } as const;
  // Documents from before were carried under numbers of their own.
  const since = (entity: 'order' | 'shipment' | 'return') => ({
    ...live,
    where: (group: FlowGroup) =>
      group
        .records(entity)
        .every(
          ({ fields }) => Number(fields.orderNo) >= (firstOrders[String(fields.channel)] ?? 0),
        ),
  });
  return defineProject({
    ...{ timeZone: 'Europe/Amsterdam', currency: 'EUR', languages: ['nl-NL', 'de-DE', 'en-GB'] },
    brands: { alpha: ['alpha-nl', 'alpha-b2b'], beta: ['beta-de', 'marketplace'] },
    leading: { 'product.*': ['pim', 'erp'], 'variant.*': ['pim', 'erp'] },
    sources: {
      shop: shopware({
        ...{ url: shop.url, auth: shop.auth, webhookSecret: shop.secret, salesChannels: channels },
        returns: true,
        write: {
          price: { channels: ['alpha-nl', 'beta-de', 'marketplace'] },
          product: { options: { colour: 'Kleur', size: 'Maat' } },
        },
      }),
      erp: sap({
        ...{ url: erp.url, auth: sap.oauth(erp.auth), webhookSecret: erp.secret },
        plants: { NL01: 'dc-nl', DE01: 'dc-de', ST01: 'store-ams' },
        salesAreas: {
          '1000/10/00': 'alpha-nl',
          '1000/20/00': 'alpha-b2b',
          '2000/10/00': 'beta-de',
          '2000/30/00': 'marketplace',
        },
        businessChannels: ['alpha-b2b'],
        brandOf: { ALPH: 'alpha', BETA: 'beta' },
        languages: { NL: 'nl-NL', DE: 'de-DE', EN: 'en-GB' },
        priceConditions: {
          PPR0: 'list',
          VKP0: { as: 'list', basis: 'gross' },
          VKA0: { as: 'sale', basis: 'gross' },
        },
        returnNoFrom: 'AssignmentReference',
        write: {
          order: { soldTo: '1010000010', grossPrice: 'VKP0', netPrice: 'PPR0', rejection: '50' },
          return: { type: 'RE2' },
        },
      }),
      pim: inriver({
        ...{ url: pim.url, key: pim.key, webhookSecret: pim.secret },
        languages: { en: 'en-GB', nl: 'nl-NL', de: 'de-DE' },
        fields: {
          product: {
            productId: 'ProductId',
            brand: 'ProductBrand',
            name: 'ProductName',
            description: 'ProductDescription',
          },
          variant: {
            sku: 'ItemSku',
            gtin: 'ItemGtin',
            weightKilograms: 'ItemWeight',
            'options.colour': 'ItemColour',
            'options.size': 'ItemSize',
          },
          category: { name: 'ChannelNodeName', isActive: 'ChannelNodeActive' },
        },
      }),
    },
    flows: [
      flow('stock', 'shop', live),
      flow('price', 'shop', live),
      flow('product', 'shop', live),
      flow('variant', 'shop', live),
      flow('order', 'erp', since('order')),
      flow('tracking', 'shop', since('shipment')),
      flow('return', 'shop', since('return')),
      flow('return', 'erp', since('return')),
    ],
  } as Parameters<typeof defineProject>[0]);
}
