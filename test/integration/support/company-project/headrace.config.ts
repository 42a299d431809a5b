/** The project of the campaign over whole flows: systems that nothing but these flows connects. */
import { inriver, sap, shopware } from '@headrace/connectors';
import type { EntityName, FlowGroup } from '@headrace/sdk';
import { defineProject, env, flow } from 'headrace';
import { erpSettings } from '../erp-settings.js';
import { pimSettings } from '../pim-settings.js';

interface Given {
  readonly shop: { readonly url: string; readonly auth: string; readonly secret: string };
  readonly erp: { readonly url: string; readonly auth: string; readonly secret: string };
  readonly pim: { readonly url: string; readonly key: string; readonly secret: string };
  /** Id of a sales channel in the shop → our name. */
  readonly channels: Readonly<Record<string, string>>;
  /** Number of the first order of each channel that is ours to carry. */
  readonly firstOrders: Readonly<Record<string, number>>;
}

const { shop, erp, pim, channels, firstOrders } = JSON.parse(env('COMPANY')) as Given;
const limits = { rows: 'off', change: 'off' } as const;

/** What came before was carried by what the company had, under numbers of its own. */
const live = (entity: EntityName) => ({
  ...{ write: 'live' as const, limits },
  where: (group: FlowGroup) =>
    group
      .records(entity)
      .every(({ fields }) => Number(fields.orderNo) >= (firstOrders[String(fields.channel)] ?? 0)),
});

export default defineProject({
  timeZone: 'Europe/Amsterdam',
  currency: 'EUR',
  languages: ['nl-NL', 'de-DE', 'en-GB'],
  brands: { alpha: ['alpha-nl', 'alpha-b2b'], beta: ['beta-de', 'marketplace'] },
  leading: { 'product.*': ['pim', 'erp'], 'variant.*': ['pim', 'erp'] },
  // What hangs on a link is not dated: where its notice was lost, it shows in a pass.
  streams: {
    'pim/variant': { passEvery: '20s' },
    'pim/product': { passEvery: '20s' },
    'pim/category': { passEvery: '20s' },
  },
  sources: {
    shop: shopware({
      ...{ url: shop.url, auth: shop.auth, webhookSecret: shop.secret, salesChannels: channels },
      ...{ returns: true, everyMs: { order: 1000, return: 1000 } },
      write: {
        product: { options: { colour: 'Kleur', size: 'Maat' }, hasOwnCategories: true },
        price: { channels: ['alpha-nl', 'beta-de', 'marketplace'] },
      },
    }),
    erp: sap({
      ...erpSettings('standard'),
      ...{ url: erp.url, auth: sap.oauth(erp.auth), webhookSecret: erp.secret },
      write: {
        // A customer with an address of its own, as one for all orders of a shop may be.
        order: { soldTo: '1010000010', grossPrice: 'VKP0', netPrice: 'PPR0', rejection: '50' },
        return: { type: 'RE2' },
      },
      returnNoFrom: 'AssignmentReference',
      every: { order: '1s', delivery: '1s', return: '1s', stockMovement: '1s', price: '1s' },
      stock: { every: '5s' },
    }),
    pim: inriver({
      ...pimSettings('standard'),
      ...{ url: pim.url, key: pim.key, webhookSecret: pim.secret },
      everyMs: { product: 1000, variant: 1000, category: 1000 },
    }),
  },
  flows: [
    flow('stock', 'shop', { write: 'live', limits }),
    flow('price', 'shop', { write: 'live', limits }),
    flow('order', 'erp', live('order')),
    flow('tracking', 'shop', live('shipment')),
    flow('return', 'shop', live('return')),
    flow('return', 'erp', live('return')),
    flow('category', 'shop', { write: 'live', limits }),
    flow('product', 'shop', { write: 'live', limits }),
    flow('variant', 'shop', { write: 'live', limits }),
    flow('media', 'shop', { write: 'live', limits }),
  ],
});
