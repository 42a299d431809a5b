/** A platform with live flows over an emulated S/4HANA and an emulated Shopware that nothing else connects. */
import { setTimeout as sleep } from 'node:timers/promises';
import { sap, shopware } from '@headrace/connectors';
import { type Emulators, startEmulators } from '@headrace/emulators';
import { flow } from '../../../packages/platform/dist/app/flow-config.js';
import { prepareProject } from '../../../packages/platform/dist/app/load-project.js';
import { type Platform, startPlatform } from '../../../packages/platform/dist/app/platform.js';
import { defineProject } from '../../../packages/platform/dist/app/project.js';
import { controlOf } from './control.js';
import { erpSettings } from './erp-settings.js';

const silent = { debug() {}, info() {}, warn() {}, error() {} };

export interface QualitySystems {
  readonly emulators: Emulators;
  readonly control: ReturnType<typeof controlOf>;
  readonly platform: Platform;
  api<Answer>(method: string, path: string, body?: object): Promise<Answer>;
  close(): Promise<void>;
}

/** @param shopFetch How the platform reaches the shop. */
export async function startQualitySystems(
  folder: string,
  shopFetch: typeof fetch = fetch,
): Promise<QualitySystems> {
  const emulators = await startEmulators({
    ...{ seed: 5, scale: 0.01, days: 10, orderLines: 100, products: 12, variants: 40 },
    ...{ systems: ['shopware', 'sap'], integration: 'none', realStartMs: Date.now() },
  });
  const control = controlOf(emulators);
  const { shopware: shop, sap: erp } = emulators;
  if (erp === undefined) throw new Error('SAP did not start');
  const channels = emulators.shop.reference.rows.channels.map(({ id, key }) => [id, key]);
  const project = defineProject({
    ...{ timeZone: 'Europe/Amsterdam', currency: 'EUR', languages: ['nl-NL'] },
    sources: {
      erp: sap({
        ...erpSettings('standard'),
        url: erp.url,
        auth: sap.oauth(`${erp.clientId}:${erp.clientSecret}`),
        stock: { every: '2s' },
        every: { stockMovement: '2s', price: '2s', order: '2s' },
      }),
      shop: shopware({
        ...{ url: shop.url, auth: `${shop.clientId}:${shop.clientSecret}` },
        salesChannels: Object.fromEntries(channels),
        everyMs: { product: 2000, stock: 2000, order: 2000 },
        write: { price: { channels: ['alpha-nl', 'beta-de', 'marketplace'] } },
      }),
    },
    leading: { stock: ['erp', 'shop'], price: ['erp', 'shop'] },
    contracts: {
      stock: { slo: '6s', maxAge: '12s', grace: '2s', tolerance: { units: 0, share: 0 } },
    },
    flows: [
      flow('stock', 'shop', { write: 'live', limits: { rows: 'off' } }),
      flow('price', 'shop', { write: 'live', limits: { rows: 'off' } }),
    ],
    listen: { port: 0 },
  } as Parameters<typeof defineProject>[0]);
  const clock = { epochMs: emulators.clock.now(), realStartMs: Date.now(), rate: 1 };
  const prepared = prepareProject(project, { folder, variables: {}, definition: 'quality' });
  const sources = prepared.sources.map((source) =>
    source.name === 'shop' ? { ...source, fetch: shopFetch } : source,
  );
  const platform = await startPlatform({
    project: { ...prepared, sources },
    ...{ folder, log: silent, listen: { host: '127.0.0.1', port: 0 }, clock },
    crash: (error) => {
      throw error;
    },
  });
  return {
    ...{ emulators, control, platform },
    async api<Answer>(method: string, path: string, body?: object): Promise<Answer> {
      const answer = await fetch(`${platform.url}${path}`, {
        ...{ method },
        headers: {
          authorization: `Bearer ${platform.token}`,
          'content-type': 'application/json',
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
      return (answer.status === 204 ? undefined : await answer.json()) as Answer;
    },
    async close() {
      await platform.close();
      await emulators.close();
    },
  };
}

export async function until(
  what: string,
  holds: () => Promise<boolean>,
  seconds = 60,
): Promise<void> {
  const end = performance.now() + seconds * 1000;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`${what} did not come within ${seconds} s`);
    await sleep(200);
  }
}
