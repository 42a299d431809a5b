/**
 * A shop and a PIM of one retailer, read side by side: each row of the PIM's own ledger after the
 * backfill and after traffic with lost, doubled and shuffled notices, errors and deletes; and one
 * product of both, with whose value each field is. Once for each of two companies, who differ in
 * nothing but settings.
 */
// runs: alone
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inriver, shopware } from '@headrace/connectors';
import { type Emulators, startEmulators } from '@headrace/emulators';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prepareProject } from '../../packages/platform/dist/app/load-project.js';
import { type Platform, startPlatform } from '../../packages/platform/dist/app/platform.js';
import { defineProject } from '../../packages/platform/dist/app/project.js';
import { compareLedger, pimLedgers } from '../../scripts/compare-ledger.mjs';
import { freePort } from './support/free-port.js';
import { pimSettings } from './support/pim-settings.js';

/** Simulated seconds per real one. */
const rate = 120;
const minuteMs = 60_000 / rate;
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const epochMs = Date.UTC(2026, 4, 4, 8);

describe.each(['standard', 'second'])('a PIM modelled the %s way', (model) => {
  const folder = mkdtempSync(join(tmpdir(), 'headrace-pim-'));
  let port = 0;
  let emulators: Emulators;
  let platform: Platform;
  let crashed: unknown = null;

  beforeAll(async () => {
    port = await freePort();
    const clock = { epochMs, realStartMs: Date.now(), rate };
    emulators = await startEmulators({
      ...{ ...clock, seed: 5, scale: 0.03, days: 20, orderLines: 200 },
      systems: ['shopware', 'inriver'],
      model: model === 'second' ? 'second' : 'default',
      inriverRelayUrl: `http://127.0.0.1:${port}/v1/webhooks/pim`,
    });
    const { shopware: shop, inriver: pim } = emulators;
    const project = defineProject({
      ...{ timeZone: 'Europe/Amsterdam', currency: 'EUR', languages: ['nl-NL'], write: 'shadow' },
      brands: { alpha: ['alpha-nederland', 'alpha-zakelijk'] },
      sources: {
        shop: shopware({
          url: shop.url,
          auth: `${shop.clientId}:${shop.clientSecret}`,
          // One channel of each brand names it; the others are not asked for.
          brandOf: { 'alpha-nederland': 'alpha', 'alpha-zakelijk': 'alpha' },
        }),
        pim: inriver({
          ...pimSettings(model),
          url: pim?.url ?? '',
          key: pim?.key ?? '',
          webhookSecret: pim?.relaySecret ?? '',
        }),
      },
      leading: {
        'product.*': ['shop', 'pim'],
        'product.name': ['pim', 'shop'],
        'variant.*': ['shop', 'pim'],
      },
      // Deletes whose notice was lost show in a pass only.
      streams: { 'pim/product': { passEvery: '2m' }, 'pim/variant': { passEvery: '2m' } },
    } as Parameters<typeof defineProject>[0]);
    platform = await startPlatform({
      project: prepareProject(project, { folder, variables: {}, definition: 'test' }),
      ...{ folder, log: silent, listen: { host: '127.0.0.1', port }, clock },
      crash: (error) => {
        crashed = error;
      },
    });
  }, 60_000);

  afterAll(async () => {
    await platform?.close();
    await emulators?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Compares until it is equal; what is on its way is given some intervals, links five minutes. */
  async function faulty() {
    const options = {
      ...{ api: platform.url, token: platform.token ?? '', control: emulators.control.url },
      ...{ source: 'pim', only: pimLedgers },
    };
    for (let round = 1; ; round += 1) {
      await sleep(minuteMs / 2);
      const answer = await compareLedger(options);
      const rows = answer.results.map((row) => `${row.ledger} ${row.compared}`).join(', ');
      if (answer.ok) console.log(`${model}: ${rows}`);
      if (answer.ok || round === 60) {
        return answer.results
          .filter((row) => row.missing + row.extra + row.differing + row.doubled > 0)
          .map((row) => `${row.ledger}: ${row.examples.join('; ')}`);
      }
    }
  }

  it('is held row by row after the backfill', async () => {
    expect(await faulty()).toEqual([]);
  }, 60_000);

  it('is held after lost, doubled and shuffled notices, errors and deletes', async () => {
    const { faults, pim } = emulators;
    faults.add({ kind: 'drop-webhook', scope: 'inriver', rate: 0.2, seed: 1 });
    faults.add({ kind: 'duplicate-webhook', scope: 'inriver', rate: 0.2, seed: 2 });
    faults.add({ kind: 'reorder-webhook', scope: 'inriver', rate: 0.5, seed: 3 });
    faults.add({ kind: '5xx', scope: 'inriver', rate: 0.25, seed: 4 });
    faults.add({ kind: 'truncate', scope: 'inriver', rate: 0.25, seed: 5 });
    pim?.setEditsPerHour(3_600);
    await sleep(4 * minuteMs);
    const wanted = ['drop-webhook', 'duplicate-webhook', 'reorder-webhook', '5xx', 'truncate'];
    const missing = () => {
      const struck = new Set<string>(faults.log().map(({ kind }) => kind));
      return wanted.filter((kind) => !struck.has(kind));
    };
    for (let minutes = 0; minutes < 20 && missing().length > 0; minutes += 1) await sleep(minuteMs);
    pim?.setEditsPerHour(0);
    pim?.command({ kind: 'pim-delete' }, emulators.clock.now());
    expect(missing()).toEqual([]);
    faults.clear();
    expect(await faulty()).toEqual([]);
    expect(crashed).toBeNull();
  }, 90_000);

  it('meets the shop in one product and one variant, with whose value each field is', async () => {
    const [row] = [...(emulators.pim?.ledger('pim-products') ?? [])].filter(
      ({ brands, items }) =>
        (brands as string[]).join() === 'alpha' && (items as string[]).length > 1,
    );
    emulators.pim?.command(
      { kind: 'pim-rename', key: row?.['productNo'], name: 'Named here' },
      emulators.clock.now(),
    );
    const get = async (path: string) => {
      const headers = { authorization: `Bearer ${platform.token}` };
      return (await (await fetch(`${platform.url}${path}`, { headers })).json()) as {
        readonly fields: Record<string, Record<string, string>>;
        readonly provenance: Record<string, { readonly source: string }>;
      };
    };
    const path = `/v1/entities/product/alpha/${row?.['productNo']}`;
    let product = await get(path);
    for (let tries = 0; tries < 40; tries += 1) {
      if (Object.values(product.fields?.['name'] ?? {}).includes('Named here')) break;
      await sleep(minuteMs / 10);
      product = await get(path);
    }
    expect(Object.values(product.fields['name'] ?? {})).toContain('Named here');
    expect(product.provenance['name']?.source).toBe('pim');
    expect(product.provenance['completenessRatio']?.source).toBe('pim');
    expect(new Set(Object.values(product.provenance).map(({ source }) => source))).toEqual(
      new Set(['pim', 'shop']),
    );
    const [sku] = (row?.['items'] ?? []) as string[];
    const variant = await get(`/v1/entities/variant/${sku}`);
    expect(new Set(Object.values(variant.provenance).map(({ source }) => source))).toEqual(
      new Set(['pim', 'shop']),
    );
  }, 60_000);
});
