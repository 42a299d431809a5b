/** A company whose systems nothing but the ready-made flows connects, at the connectors' own intervals. */
import type { FlowGroup } from '@headrace/sdk';
import { demoProject } from '../../../packages/platform/dist/app/demo-project.js';
import { flow } from '../../../packages/platform/dist/app/flow-config.js';
import type { Project } from '../../../packages/platform/dist/app/project.js';

export interface Systems {
  readonly shop: { readonly url: string; readonly auth: string; readonly secret: string };
  readonly erp: { readonly url: string; readonly auth: string; readonly secret: string };
  readonly pim: { readonly url: string; readonly key: string; readonly secret: string };
  /** Id of a sales channel in the shop → our name. */
  readonly channels: Readonly<Record<string, string>>;
  /** Number of the first order of each channel that is the flows' to carry. */
  readonly firstOrders: Readonly<Record<string, number>>;
}

/** The demo's project of three systems, with its flows live and returns carried both ways. */
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
  const demo = demoProject(
    {
      ...{ url: shop.url, auth: shop.auth, webhookSecret: shop.secret, salesChannels: channels },
      brands: { alpha: ['alpha-nl', 'alpha-b2b'], beta: ['beta-de', 'marketplace'] },
    },
    {
      erp: { url: erp.url, auth: erp.auth, eventsSecret: erp.secret },
      pim: { url: pim.url, key: pim.key, relaySecret: pim.secret },
    },
    { hasFlows: false },
  );
  const withSettings = (name: string, more: object) => {
    const source = demo.sources[name] as (typeof demo.sources)[string];
    return { ...source, settings: { ...(source.settings as object), ...more } };
  };
  return {
    ...demo,
    features: [],
    sources: {
      ...demo.sources,
      shop: withSettings('shop', {
        returns: true,
        // Where products are filed is left to the shop; categories have no flow here.
        write: {
          price: { channels: ['alpha-nl', 'beta-de', 'marketplace'] },
          product: { options: { colour: 'Kleur', size: 'Maat' } },
        },
      }),
      erp: withSettings('erp', { returnNoFrom: 'AssignmentReference' }),
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
  };
}
