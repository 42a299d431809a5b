/**
 * ERP to shop, and nothing else between them: stock and prices of an emulated S/4HANA reach an
 * emulated Shopware through live flows only. Answers are lost after the shop has done what it was
 * told, refused with 429 and 503, and what was posted is compared in the ledgers of both by code that
 * knows neither.
 */
// runs: alone
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sap, shopware } from '@headrace/connectors';
import { type Emulators, startEmulators } from '@headrace/emulators';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { flow } from '../../packages/platform/dist/app/flow-config.js';
import { prepareProject } from '../../packages/platform/dist/app/load-project.js';
import { type Platform, startPlatform } from '../../packages/platform/dist/app/platform.js';
import { defineProject } from '../../packages/platform/dist/app/project.js';
import { compareFlows } from '../../scripts/compare-flows.mjs';
import { controlOf } from './support/control.js';
import { erpSettings } from './support/erp-settings.js';
import { freePort } from './support/free-port.js';

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const folder = mkdtempSync(join(tmpdir(), 'headrace-shop-flows-'));
let emulators: Emulators;
let control: ReturnType<typeof controlOf>;
let platform: Platform | null = null;
let port = 0;
let crashed: unknown = null;

async function start(write: 'shadow' | 'live'): Promise<void> {
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
        webhookSecret: erp.eventsSecret,
      }),
      shop: shopware({
        ...{ url: shop.url, auth: `${shop.clientId}:${shop.clientSecret}` },
        ...{ webhookSecret: shop.webhookSecret, salesChannels: Object.fromEntries(channels) },
        write: { price: { channels: ['alpha-nl', 'beta-de', 'marketplace'] } },
      }),
    },
    flows: [
      flow('stock', 'shop', { write, limits: { rows: 'off' } }),
      flow('price', 'shop', { write, limits: { rows: 'off', change: 'off' } }),
    ],
  } as Parameters<typeof defineProject>[0]);
  const clock = { epochMs: emulators.clock.now(), realStartMs: Date.now(), rate: 1 };
  platform = await startPlatform({
    project: prepareProject(project, { folder, variables: {}, definition: write }),
    ...{ folder, log: silent, listen: { host: '127.0.0.1', port }, clock },
    crash: (error) => {
      crashed = error;
    },
  });
}

async function stop(): Promise<void> {
  await platform?.close();
  platform = null;
}

async function differing() {
  const results = await compareFlows({
    control: control.url,
    only: ['stock', 'price'],
  });
  for (const { compared } of results) expect(compared).toBeGreaterThan(0);
  return results.map(({ flow: name, differing: rows }) => [name, rows.slice(0, 3)]);
}

const level = [
  ['stock', []],
  ['price', []],
];

async function untilLevel(seconds: number): Promise<void> {
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end && crashed === null) {
    if (JSON.stringify(await differing()) === JSON.stringify(level)) break;
    await sleep(500);
  }
  expect(crashed).toBeNull();
  expect(await differing()).toEqual(level);
}

describe('flows from an ERP to a shop', () => {
  beforeAll(async () => {
    port = await freePort();
    const hook = (source: string) => `http://127.0.0.1:${port}/v1/webhooks/${source}`;
    emulators = await startEmulators({
      ...{ seed: 5, scale: 0.01, days: 10, orderLines: 100, products: 12, variants: 40 },
      ...{ systems: ['shopware', 'sap'], integration: 'none', realStartMs: Date.now() },
      ...{ webhookUrl: hook('shop'), sapEventsUrl: hook('erp') },
    });
    control = controlOf(emulators);
  }, 60_000);

  afterAll(async () => {
    await stop();
    await emulators?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('write nothing until they are live', async () => {
    await start('shadow');
    await control.call('POST', '/commands', { kind: 'adjust-stock', quantity: 7 });
    await sleep(8_000);
    expect(await control.mutating()).toBe(0);
    await stop();
  }, 60_000);

  it('bring the shop level, and keep it so through lost answers, refusals and a restart', async () => {
    await start('live');
    await untilLevel(90);
    const faults = [
      { kind: 'timeout-after-apply', scope: '/api/_action/sync', times: 2, delayMs: 100 },
      { kind: '429', scope: '/api/_action/sync', times: 1 },
      { kind: '5xx', status: 503, scope: '/api/_action/sync', times: 1 },
    ];
    for (const fault of faults) await control.call('POST', '/faults', fault);
    const edits = ['adjust-stock', 'change-condition'].flatMap((kind) =>
      Array.from({ length: 8 }, () => ({ kind })),
    );
    await control.call('POST', '/commands', edits);
    await sleep(2_000);
    await stop();
    await control.call('POST', '/commands', edits);
    await start('live');
    await untilLevel(90);
    expect(
      emulators.faults
        .log()
        .map(({ kind }) => kind)
        .sort(),
    ).toEqual(['429', '5xx', 'timeout-after-apply', 'timeout-after-apply']);
    const before = await control.mutating();
    await sleep(5_000);
    expect(await control.mutating()).toBe(before);
  }, 240_000);
});
