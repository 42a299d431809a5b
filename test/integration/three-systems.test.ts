/**
 * Shop, PIM and ERP of one retailer, read side by side: each row of the ledgers of all three after
 * the backfill and after an hour of traffic with lost, doubled and shuffled notices, errors, an
 * outage and a time in which the ERP is down for its nightly work; and what of several systems
 * meets in one entity. Once for each of two companies, who differ in nothing but settings.
 */
// runs: alone
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inriver, sap, shopware } from '@headrace/connectors';
import { type Emulators, startEmulators } from '@headrace/emulators';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prepareProject } from '../../packages/platform/dist/app/load-project.js';
import { type Platform, startPlatform } from '../../packages/platform/dist/app/platform.js';
import { defineProject } from '../../packages/platform/dist/app/project.js';
import { compareLedger, erpLedgers, pimLedgers } from '../../scripts/compare-ledger.mjs';
import { erpSettings } from './support/erp-settings.js';
import { freePort } from './support/free-port.js';
import { pimSettings } from './support/pim-settings.js';

/** Simulated seconds per real one. */
const rate = 60;
const minuteMs = 60_000 / rate;
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const epochMs = Date.UTC(2026, 4, 4, 8);
/** When the ERP is down for its nightly work: twenty seconds after the start, for ten. */
const night = {
  from: '08:20',
  to: '08:30',
  fromMs: epochMs + 1_200_000,
  toMs: epochMs + 1_800_000,
};
const brands = { alpha: ['alpha-nl', 'alpha-b2b'], beta: ['beta-de', 'marketplace'] };

describe.each(['standard', 'second'])('a company modelled the %s way', (model) => {
  const folder = mkdtempSync(join(tmpdir(), 'headrace-three-'));
  let port = 0;
  const settings = erpSettings(model);
  let emulators: Emulators;
  let platform: Platform;
  let crashed: unknown = null;
  let watch: ReturnType<typeof watchNight>;

  beforeAll(async () => {
    port = await freePort();
    const clock = { epochMs, realStartMs: Date.now(), rate };
    const hook = (source: string) => `http://127.0.0.1:${port}/v1/webhooks/${source}`;
    emulators = await startEmulators({
      ...{ ...clock, seed: 5, scale: 0.03, days: 20, orderLines: 300 },
      systems: ['shopware', 'sap', 'inriver'],
      model: model === 'second' ? 'second' : 'default',
      ...{ webhookUrl: hook('shop'), inriverRelayUrl: hook('pim'), sapEventsUrl: hook('erp') },
      sapQuietHours: { from: night.from, to: night.to },
    });
    const { shopware: shop, inriver: pim, sap: erp } = emulators;
    if (pim === undefined || erp === undefined) throw new Error('a system did not start');
    const auth = `${shop.clientId}:${shop.clientSecret}`;
    const project = defineProject({
      ...{ timeZone: 'Europe/Amsterdam', currency: 'EUR', languages: ['nl-NL'], write: 'shadow' },
      brands,
      sources: {
        erp: sap({
          ...settings,
          url: erp.url,
          auth: sap.oauth(`${erp.clientId}:${erp.clientSecret}`),
          webhookSecret: erp.eventsSecret,
          quiet: `${night.from}-${night.to}`,
          // Small pages, so that goods are posted while a pass of the stock is under way.
          pageSize: 100,
        }),
        pim: inriver({
          ...pimSettings(model),
          ...{ url: pim.url, key: pim.key, webhookSecret: pim.relaySecret },
        }),
        shop: shopware({
          ...{ url: shop.url, auth, webhookSecret: shop.webhookSecret },
          salesChannels: await channelsOf(emulators),
        }),
      },
      leading: {
        'product.*': ['pim', 'shop', 'erp'],
        'variant.*': ['pim', 'shop', 'erp'],
        'variant.unit': ['erp'],
        stock: ['erp', 'shop'],
        price: ['erp', 'shop'],
        order: ['shop', 'erp'],
      },
      links: [{ entity: 'customer', by: 'order', from: 'shop', to: 'erp' }],
      // Deletes whose notice was lost show in a pass only, and so does a cost that was set by hand.
      streams: {
        'pim/product': { passEvery: '2m' },
        'pim/variant': { passEvery: '2m' },
        'erp/cost': { passEvery: '2m' },
      },
    } as Parameters<typeof defineProject>[0]);
    platform = await startPlatform({
      project: prepareProject(project, { folder, variables: {}, definition: 'test' }),
      ...{ folder, log: silent, listen: { host: '127.0.0.1', port }, clock },
      crash: (error) => {
        crashed = error;
      },
    });
    watch = watchNight(platform, emulators.clock);
  }, 60_000);

  afterAll(async () => {
    watch?.stop();
    await platform?.close();
    await emulators?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function get<Answer>(path: string): Promise<Answer> {
    const headers = { authorization: `Bearer ${platform.token}` };
    return (await (await fetch(`${platform.url}${path}`, { headers })).json()) as Answer;
  }

  async function ledger(name: string): Promise<LedgerRow[]> {
    const text = await (await fetch(`${emulators.control.url}/ledger/${name}`)).text();
    return text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as LedgerRow);
  }

  async function act(method: string, path: string, body: object): Promise<number> {
    const headers = { authorization: `Bearer ${platform.token}` };
    const answer = await fetch(platform.url + path, {
      ...{ method, headers, body: JSON.stringify(body) },
    });
    return answer.status;
  }

  /** Orders of people, not of companies and not of those who bought without an account. */
  async function personOrders(): Promise<LedgerRow[]> {
    const persons = new Set(
      (await ledger('partners'))
        .filter(({ kind }) => kind === 'person')
        .map(({ partner }) => partner),
    );
    return (await ledger('erp-orders')).filter(({ partner }) => persons.has(partner));
  }

  async function shopOrderOf(order: LedgerRow | undefined): Promise<LedgerRow> {
    const found = (await ledger('orders')).find(
      (row) => row['orderNo'] === order?.['orderNo'] && row['channel'] === order?.['channel'],
    );
    return found as LedgerRow;
  }

  /** Compares all three until they are equal; what is on its way is given some intervals. */
  async function faulty(): Promise<string[]> {
    const common = {
      ...{ api: platform.url, token: platform.token ?? '', control: emulators.control.url },
      plants: settings.plants ?? {},
    };
    const runs = [
      { ...common, source: 'shop' },
      { ...common, source: 'pim', only: pimLedgers },
      { ...common, source: 'erp', only: erpLedgers },
    ];
    for (let round = 1; ; round += 1) {
      await sleep(minuteMs / 2);
      const answers = [];
      for (const run of runs) answers.push(await compareLedger(run));
      const results = answers.flatMap((answer) => answer.results);
      const wrong = results.filter((row) => row.missing + row.extra + row.differing + row.doubled);
      if (wrong.length === 0) {
        console.log(
          `${model}: ${results.map((row) => `${row.ledger} ${row.compared}`).join(', ')}`,
        );
      }
      if (wrong.length === 0 || round === 24) {
        return wrong.map(
          (row) =>
            `${row.ledger}: ${row.missing} missing, ${row.extra} extra, ${row.differing} differing of ${row.compared}: ${row.examples.join('; ')}`,
        );
      }
    }
  }

  it('is held row by row after the backfill', async () => {
    expect(await faulty()).toEqual([]);
    const { groups } = await get<{ groups: unknown[] }>('/v1/quarantine');
    expect(groups).toEqual([]);
  }, 120_000);

  it('keeps what is sold in two brands as one stock row', async () => {
    const shared = (await ledger('products')).find(({ brands: own }) => own.length === 2);
    const skus = (await ledger('variants')).filter(
      ({ productNo }) => productNo === shared?.['productNo'],
    );
    expect(skus.length).toBeGreaterThan(0);
    for (const brand of ['alpha', 'beta']) {
      const product = await get<Entity>(`/v1/entities/product/${brand}/${shared?.['productNo']}`);
      expect(product.fields['brand']).toBe(brand);
    }
    for (const { sku } of skus) {
      const places = Object.values(settings.plants ?? {});
      const rows = await Promise.all(
        places.map((place) => get<Entity>(`/v1/entities/stock/${sku}/${place}`)),
      );
      expect(rows.map(({ rows: own }) => own.map(({ source }) => source))).toEqual(
        places.map(() => ['erp']),
      );
      const listings = (await ledger('listings')).filter((row) => row['sku'] === sku);
      expect(new Set(listings.map((row) => row['brand']))).toEqual(new Set(['alpha', 'beta']));
    }
  }, 60_000);

  it('joins the rows of several systems, with whose value each field is', async () => {
    const sourcesOf = ({ provenance }: Entity) =>
      [...new Set(Object.values(provenance).map(({ source }) => source))].sort();
    const [pimItem] = await ledger('pim-items');
    const variant = await get<Entity>(`/v1/entities/variant/${pimItem?.['sku']}`);
    expect(sourcesOf(variant)).toEqual(['erp', 'pim', 'shop']);
    expect(variant.provenance['unit']?.source).toBe('erp');
    const [material] = (await ledger('pim-products')).filter((row) =>
      row.brands.join().startsWith('alpha'),
    );
    const path = `/v1/entities/product/alpha/${material?.['productNo']}`;
    const product = await get<Entity>(path);
    expect(new Set(product.rows.map(({ source }) => source))).toEqual(
      new Set(['erp', 'pim', 'shop']),
    );
    const [order] = (await ledger('erp-orders')).filter(({ channel }) => channel === 'alpha-nl');
    const joined = await get<Entity>(`/v1/entities/order/alpha-nl/${order?.['orderNo']}`);
    expect(sourcesOf(joined)).toEqual(['erp', 'shop']);
    expect(joined.provenance['totalGross']?.source).toBe('shop');
    expect(joined.provenance['requestedDeliveryAt']?.source).toBe('erp');

    // A row that someone takes out is an entity of its own, until it is put back.
    const row = product.rows.find(({ source }) => source === 'erp')?.id ?? '';
    expect(await act('POST', '/v1/rows/part', { row })).toBe(204);
    const without = await get<Entity>(path);
    expect(without.rows.map(({ source }) => source)).not.toContain('erp');
    expect(without.apart).toEqual([{ id: row, source: 'erp' }]);
    expect(sourcesOf(await get<Entity>(`${path}?row=${row}`))).toEqual(['erp']);
    expect(await act('POST', '/v1/rows/rejoin', { row })).toBe(204);
    expect((await get<Entity>(path)).rows).toHaveLength(product.rows.length);
  }, 60_000);

  it('links customers named in one order, and leaves apart whom a person took apart', async () => {
    const [order] = await personOrders();
    const path = `/v1/entities/order/${order?.['channel']}/${order?.['orderNo']}`;
    const { rows } = await get<Entity>(path);
    const buyerIn = (source: string) =>
      String(rows.find((row) => row.source === source)?.fields['customerId']);
    const [from, to] = [buyerIn('shop'), buyerIn('erp')];
    const customer = (key: string) => get<Entity>(`/v1/entities/customer/${key}`);
    let linked = await customer(from);
    for (let tries = 0; tries < 300 && (linked.links ?? []).length === 0; tries += 1) {
      await sleep(100);
      linked = await customer(from);
    }
    expect(linked.links).toMatchObject([{ entity: 'customer', from, to, method: 'rule' }]);
    expect(linked.links[0]?.evidence).toContain('order');
    expect(new Set(linked.rows.map(({ source }) => source))).toEqual(new Set(['erp', 'shop']));
    expect(linked.id).toBe((await customer(to)).id);
    expect(linked.provenance['orderCount']?.source).toBe('shop');

    expect(await act('DELETE', '/v1/links', { entity: 'customer', from })).toBe(204);
    // The rule sees the order again, and holds back.
    const edit = { kind: 'edit-order', id: (await shopOrderOf(order)).id, comment: 'Once more' };
    await fetch(new URL('/commands', emulators.control.url), {
      method: 'POST',
      body: JSON.stringify(edit),
    });
    await sleep(2 * minuteMs);
    const [shopSide, erpSide] = [await customer(from), await customer(to)];
    expect(shopSide.rows.map(({ source }) => source)).toEqual(['shop']);
    expect(erpSide.rows.map(({ source }) => source)).toEqual(['erp']);
    expect(shopSide.id).not.toBe(erpSide.id);
    const trace = await get<{ answers: { entities: { key: string }[] }[] }>(`/v1/trace/${from}`);
    expect(JSON.stringify(trace)).not.toContain(`"key":"${to}"`);
  }, 60_000);

  it('is held after lost, doubled and shuffled notices, errors, an outage and a night', async () => {
    const { faults, clock, pim, live } = emulators;
    faults.add({ kind: 'drop-webhook', rate: 0.2, seed: 1 });
    faults.add({ kind: 'duplicate-webhook', rate: 0.2, seed: 2 });
    faults.add({ kind: 'reorder-webhook', rate: 0.5, seed: 3 });
    faults.add({ kind: '5xx', rate: 0.05, seed: 4 });
    faults.add({ kind: 'truncate', rate: 0.05, seed: 5 });
    live.set({ ordersPerHour: 1200, editsPerHour: 2400 });
    pim?.setEditsPerHour(600);
    await sleep(minuteMs);
    faults.add({ kind: 'outage', rate: 1, seed: 6, forMs: 2 * 60_000 });
    // One night is enough: what the second company is for are its settings.
    const hasNight = model === 'standard';
    const untilMs = Math.max(hasNight ? night.toMs + 120_000 : 0, clock.now() + 4 * 60_000);
    while (clock.now() < untilMs) await sleep(minuteMs);
    live.set({ ordersPerHour: 0, editsPerHour: 0 });
    pim?.setEditsPerHour(0);
    const struck = new Set(faults.log().map(({ kind }) => kind));
    for (const kind of [
      'drop-webhook',
      'duplicate-webhook',
      'reorder-webhook',
      'outage',
    ] as const) {
      expect(struck).toContain(kind);
    }
    faults.clear();
    expect(await faulty()).toEqual([]);
    expect(crashed).toBeNull();
    expect(watch.alarms).toEqual([]);
    if (hasNight) expect(watch.states).toContain('quiet');
    expect(watch.shopStates).not.toContain('quiet');
  }, 180_000);
});

/** Notes, as often as a person would look, how the streams are in the night of the ERP. */
function watchNight(platform: Platform, clock: { now(): number }) {
  const states = new Set<string>();
  const shopStates = new Set<string>();
  const alarms = new Set<string>();
  const look = () => {
    const now = clock.now();
    for (const [name, runner] of platform.engine.runners) {
      const { state } = runner.health.state(now, runner.everyMs, runner.oldestNotice);
      const isNight = now >= night.fromMs && now < night.toMs;
      if (isNight) (name.startsWith('erp/') ? states : shopStates).add(state);
      if (!name.startsWith('erp/')) continue;
      for (const { code, since } of runner.health.alarms()) {
        if (since >= night.fromMs && since < night.toMs) alarms.add(`${name} ${code}`);
      }
    }
  };
  const timer = setInterval(look, 20);
  return {
    states,
    shopStates,
    get alarms() {
      return [...alarms];
    },
    stop: () => clearInterval(timer),
  };
}

type LedgerRow = Record<string, unknown> & {
  readonly id: string;
  readonly brands: string[];
  readonly sku: string;
};

interface Entity {
  readonly id: string;
  readonly fields: Record<string, unknown>;
  readonly rows: { id: string; source: string; fields: Record<string, unknown> }[];
  readonly links: { from: string; to: string; method: string; evidence: string }[];
  readonly apart: { id: string; source: string }[];
  readonly provenance: Record<string, { source: string }>;
}

/** The shop's ids of its sales channels, as someone would copy them into the settings. */
async function channelsOf({ control }: Emulators): Promise<Record<string, string>> {
  const text = await (await fetch(`${control.url}/ledger/listings`)).text();
  const rows = text.trim().split('\n');
  return Object.fromEntries(
    rows.map((row) => {
      const { channelId, channel } = JSON.parse(row) as Record<string, string>;
      return [channelId, channel];
    }),
  );
}
