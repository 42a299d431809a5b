/**
 * Views over a running shop: right against what the API itself says of orders, the same when read
 * again, whole after kill -9, and new ones folded from the journal without asking the shop.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEmulator } from '../../packages/platform/dist/app/emulator-process.js';
import { openDatabase } from '../../packages/platform/dist/storage/index.js';

import { freePort } from './support/free-port.js';
import { Headrace, send, type Up } from './support/run-headrace.js';

const home = mkdtempSync(join(tmpdir(), 'headrace-features-'));
const data = join(home, 'data');
const config = join(home, 'headrace.config.ts');
const port = await freePort();
let emulator: Awaited<ReturnType<typeof startEmulator>>;
let headrace: Headrace;
let up: Up;
let token = '';

/** A project as a user writes it; `more` is the view added later. */
function writeProject(more: string): void {
  const channels = JSON.stringify(emulator.shop.salesChannels);
  writeFileSync(
    config,
    `import { commerceFeatures, count, defineProject, entity, features, secret, state, sum } from 'headrace';
import { shopware } from 'headrace/connectors';
import { defineConnector, notReadable } from '@headrace/sdk';
import { z } from 'zod';
${till}${more}
export default defineProject({
  timeZone: 'Europe/Amsterdam', currency: 'EUR', languages: ['nl-NL'],
  sources: {
    shop: shopware({ url: '${emulator.shop.url}', auth: secret('SHOP'), salesChannels: ${channels} }),
    till: till({}),
  },
  streams: ${JSON.stringify(Object.fromEntries(readOnce.map((name) => [`shop/${name}`, { every: '6h' }])))},
  features: [...commerceFeatures({ currency: 'EUR' })${more === '' ? '' : ', baskets'}],
});
`,
  );
}

/** Asked once, so that a call of the shop after that is one too many. */
const readOnce = ['product', 'stock', 'category', 'order', 'customer'];

/** Lines that are sent to us while others are folded. */
const till = `
const text = (value) => (typeof value === 'string' ? value : null);
const line = {
  name: 'line', description: 'A line sold.', entities: ['orderLine'], feed: 'delivery', everyMs: 60_000,
  key: (record) => text(record.id), version: () => '1', eventAt: (record) => text(record.soldAt),
  read: notReadable,
  map: (record) => [{
    entity: 'orderLine', type: 'line', externalId: record.id,
    fields: {
      channel: 'till', orderNo: record.id, line: '1', sku: record.sku, orderedAt: record.soldAt,
      quantity: { value: '1', unit: 'C62' },
    },
  }],
};
const till = defineConnector({
  name: 'till', title: 'Till', config: z.strictObject({}), example: {}, permissions: [],
  budget: { requestsPerSecond: 1, concurrency: 1 }, baseUrl: () => 'http://127.0.0.1:9',
  authenticate: () => ({ headers: async () => ({}), invalidate() {} }),
  streams: () => [line], check: async () => [],
});`;

const addedView = `
const baskets = features(
  'baskets',
  { of: entity('channel', ['channel']), from: state('order'), at: (order) => order.placedAt },
  { orders: count(['7d', '28d']), lines: sum((order) => order.lineCount, ['28d']) },
);`;

beforeAll(async () => {
  const realStartMs = Date.now();
  emulator = await startEmulator({
    ...{ seed: 9, days: 45, scale: 0.02 },
    clock: { epochMs: realStartMs, realStartMs, rate: 1 },
    webhookUrl: `http://127.0.0.1:${port}/v1/webhooks/shop`,
  });
  writeFileSync(join(home, '.env'), `SHOP=${emulator.shop.auth}\n`);
  writeProject('');
  headrace = new Headrace(data, { HEADRACE_LOG: 'info' }, config);
}, 120_000);

afterAll(async () => {
  await up?.stop('SIGKILL');
  await emulator?.close();
  rmSync(home, { recursive: true, force: true });
});

interface Stream {
  readonly source: string;
  readonly state: string;
  readonly waiting: number;
}

interface Vector {
  readonly key: string;
  readonly values: Readonly<
    Record<string, { value: unknown; status: string; ageMs: number | null }>
  >;
  readonly evidence: { readonly t: number; readonly k: number; readonly v: string };
}

interface Traced {
  readonly vector: Vector;
  readonly views: readonly {
    readonly count: number;
    readonly facts: readonly { readonly journal: number }[];
  }[];
  readonly sources: readonly { readonly stream: string }[];
}

async function started(): Promise<void> {
  up = await headrace.up();
  token = up.token ?? token;
  await expect
    .poll(
      async () => {
        const { body } = await send(up, token, '/v1/streams');
        return (body as { streams: Stream[] }).streams
          .filter(({ source }) => source === 'shop')
          .map(({ state, waiting }) => `${state} ${waiting}`);
      },
      { timeout: 240_000, interval: 300 },
    )
    .toSatisfy((states: string[]) => states.every((state) => state === 'live 0'));
}

async function online(views: readonly string[], keys: readonly string[]): Promise<Vector[]> {
  const { status, body } = await send(up, token, '/v1/features/online', { views, keys });
  expect(status, JSON.stringify(body)).toBe(200);
  return (body as { vectors: Vector[] }).vectors;
}

interface Line {
  readonly sku?: string;
  readonly kind?: string;
  readonly state?: string;
  readonly orderedAt?: string;
  readonly quantity?: { readonly value: string };
}

/** Every row of an entity, as the API lists them. */
async function all<T>(entity: string): Promise<T[]> {
  const rows: T[] = [];
  for (let after = ''; ; ) {
    const path = `/v1/entities/${entity}?limit=1000&after=${encodeURIComponent(after)}`;
    const { body } = await send(up, token, path);
    const page = body as { records: { fields: T }[]; next: string | null };
    rows.push(...page.records.map((record) => record.fields));
    if (page.next === null) return rows;
    after = page.next;
  }
}

describe('views of a shop', () => {
  let demanded: Map<string, number>;
  let answered: Vector[];

  it('sum up what the entities say', { timeout: 300_000 }, async () => {
    await started();
    demanded = new Map();
    for (const { sku, kind, state, quantity } of await all<Line>('orderLine')) {
      if (sku === undefined || (kind ?? 'item') !== 'item' || state === 'cancelled') continue;
      demanded.set(sku, (demanded.get(sku) ?? 0) + Number(quantity?.value ?? 0));
    }
    expect(demanded.size).toBeGreaterThan(50);
    const keys = [...demanded.keys()].map(encodeURIComponent);
    answered = await online(['demand', 'return_rate_91d'], keys);
    const wrong = answered.filter(({ key, values }) => {
      const units = values['demand.units_91d'];
      return units?.value !== demanded.get(decodeURIComponent(key)) || units?.status !== 'ok';
    });
    expect(wrong).toEqual([]);
    const [none] = await online(['demand'], ['no-such-sku']);
    expect(none?.values['demand.units_91d']).toMatchObject({ value: null, status: 'missing' });
  });

  it('are read again now and then, and found the same', { timeout: 300_000 }, async () => {
    const keys = answered.map(({ key }) => key);
    for (let round = 0; round < 12; round += 1) await online(['demand'], keys);
    const health = async () => (await send(up, token, '/v1/features/parity')).body;
    await expect
      .poll(health, { timeout: 60_000 })
      .toMatchObject({ parity: { waiting: 0, mismatches: 0 } });
    const { parity } = (await health()) as { parity: { checked: number; offered: number } };
    expect(parity.checked).toBeGreaterThan(0);
    const metrics = await fetch(`${up.url}/metrics`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(await metrics.text()).toContain('headrace_feature_parity_mismatches_total 0');
  });

  it('survive kill -9, and say of the past what was answered then', {
    timeout: 300_000,
  }, async () => {
    await up.stop('SIGKILL');
    await started();
    const { t, k } = answered[0]?.evidence ?? { t: 0, k: 0 };
    const labels = answered.map(({ key }) => ({ key, at: new Date(t).toISOString() }));
    const response = await fetch(`${up.url}/v1/features/as-of`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify({
        views: ['demand', 'return_rate_91d'],
        spine: { labels },
        known: { k },
      }),
    });
    const lines = (await response.text())
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const { summary } = lines.pop() as { summary: { rows: number } };
    expect(summary.rows).toBe(answered.length);
    const before = new Map(answered.map(({ key, values }) => [key, values]));
    for (const { key, values } of lines as Vector[]) expect(values).toEqual(before.get(key));
  });

  it('follow from the journal, and leave it as a training set', { timeout: 300_000 }, async () => {
    await up.stop('SIGINT');
    expect(await headrace.json('replay', '--verify')).toMatchObject({ mismatches: 0, exit: 0 });
    const out = join(home, 'set.parquet');
    const from = new Date(Date.now() - 20 * 86_400_000).toISOString();
    const to = new Date().toISOString();
    const asOf = ['features', 'as-of', '--views', 'demand', '--every', '1d'];
    const said = await headrace.json<{ rows: number; imputedShare: number; leakedRows: number }>(
      ...[...asOf, '--from', from, '--to', to, '--out', out],
    );
    expect(said).toMatchObject({ exit: 0, rows: 20 * demanded.size, known: 'row-time' });
    // All of it was imported: known at an imputed time, where anything was ordered by then.
    expect(said.imputedShare).toBeGreaterThan(0.1);
    const bytes = readFileSync(out);
    expect(bytes.subarray(0, 4).toString()).toBe('PAR1');
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
    const rows = await parquetReadObjects({ file });
    expect(rows.length).toBe(said.rows);
    expect(rows.some((row) => Number(row['demand.units_7d']) > 0)).toBe(true);
  });

  it('lead back to the records they stand on, which others can check', {
    timeout: 300_000,
  }, async () => {
    const [top] = [...demanded].sort(([, a], [, b]) => b - a);
    const key = encodeURIComponent(top?.[0] ?? '');
    const was = answered.find((vector) => vector.key === key);
    const { t, k } = was?.evidence ?? { t: 0, k: 0 };
    const id = `feature/demand/${key}`;
    const at = ['--as-of', new Date(t).toISOString(), '--known', String(k)];
    const told = await headrace.json<Traced>('trace', id, ...at);
    const demand = Object.entries(was?.values ?? {}).filter(([name]) => name.startsWith('demand.'));
    expect(told.vector.values).toEqual(Object.fromEntries(demand));
    const [view] = told.views;
    // The shop is 45 days old, so all there ever was lies in this window.
    expect(view?.count).toBe(told.vector.values['demand.lines_91d']?.value);
    expect(view?.facts.every(({ journal }) => journal < k)).toBe(true);
    const orders = new Set(told.sources.map(({ stream }) => stream));
    expect([...orders]).toEqual(['order']);
    const file = join(home, 'vector.json');
    const made = await headrace.json<{ entries: number }>('trace', id, ...at, '--bundle', file);
    expect(made.entries).toBe(new Set(view?.facts.map(({ journal }) => journal)).size);
    const { publicKey } = await headrace.json<{ publicKey: string }>('verify');
    const script = fileURLToPath(new URL('../../docs/reference/check-proof.mjs', import.meta.url));
    const check = spawnSync(process.execPath, [script, file, publicKey], { encoding: 'utf8' });
    expect(check.stdout.trimEnd().split('\n')).toHaveLength(made.entries + 1);
    expect(check).toMatchObject({ status: 0, stdout: expect.stringContaining('It holds.') });
    const exported = join(home, 'events.jsonl');
    await headrace.json('export', 'openlineage', '--to', exported);
    const events = readFileSync(exported, 'utf8').trimEnd().split('\n');
    const jobs = events.map((line) => (JSON.parse(line) as { job: { name: string } }).job.name);
    expect(new Set(jobs)).toContain('read.shop.order');
    expect(new Set(jobs)).toContain('view.demand');
  });

  it('can be added while the old ones serve, and without reading the shop again', {
    timeout: 300_000,
  }, async () => {
    const control = new URL('/calls', emulator.controlUrl);
    const calls = async () => {
      const answer = await fetch(control);
      return (await answer.json()) as { total: number; byClass: Record<string, number> };
    };
    await fetch(control, { method: 'DELETE' });
    await started();
    const usual = await calls();
    writeProject(addedView);
    // What was folded before is not called wrong because the project was changed since.
    expect(await headrace.json('verify', '--deep')).toMatchObject({
      ...{ exit: 1, error: { code: 'E_FOLDED_BEFORE' } },
    });

    let sold = 0;
    /** Sells one more, which a read after its answer has to show. */
    const sellOne = async () => {
      const line = { id: `T${sold}`, sku: 'sold-meanwhile', soldAt: new Date().toISOString() };
      expect((await send(up, token, '/v1/ingest/till/line', [line])).status).toBe(202);
      sold += 1;
      const [vector] = await online(['demand'], ['sold-meanwhile']);
      expect(vector?.values['demand.units_1d']).toMatchObject({ value: sold, status: 'ok' });
    };
    const sellUntil = async (ended: Promise<unknown>) => {
      const before = sold;
      let isOver = false;
      void ended.finally(() => {
        isOver = true;
      });
      while (!isOver) await sellOne();
      expect(sold).toBeGreaterThan(before + 3);
    };
    await fetch(control, { method: 'DELETE' });
    // Killed as it folds: what serves notices nothing, and the next goes on.
    const killed = headrace.begin('prepare', '--json');
    await sellUntil(untilFolding().then(() => killed.child.kill('SIGKILL')));
    expect((await killed.ended).code).toBeNull();
    const prepared = headrace.json<{ entries: number; folded: number }>('prepare');
    await sellUntil(prepared);
    const { entries, folded, exit } = await prepared;
    expect(exit).toBe(0);
    expect(entries).toBeLessThan(folded);
    expect(await calls()).toMatchObject({ total: 0 });
    const { body: unknown } = await send(up, token, '/v1/features/online', {
      ...{ views: ['baskets'], keys: ['till'] },
    });
    expect(unknown).toMatchObject({ code: 'E_NO_VIEW' });
    await sellOne();

    await up.stop('SIGKILL');
    await started();
    const told = /"entries":(\d+),"before":(\d+)/.exec(up.logged());
    // Nothing is left to fold but what came since.
    expect(Number(told?.[2])).toBeGreaterThanOrEqual(folded);
    expect(Number(told?.[1]) - Number(told?.[2])).toBeLessThan(folded / 10);
    const orders = await all<{ channel: string }>('order');
    const channels = [...new Set(orders.map(({ channel }) => channel))];
    const vectors = await online(['baskets'], channels.map(encodeURIComponent));
    const counts = vectors.map(({ values }) => Number(values['baskets.orders_28d']?.value));
    expect(counts.reduce((sum, one) => sum + one, 0)).toBeGreaterThan(orders.length / 4);
    await sellOne();
    // As many calls as any start makes, give or take a poll.
    const { total, byClass } = await calls();
    console.log(`calls of the shop: ${usual.total} at a usual start, ${total} with a new view`);
    expect(total, JSON.stringify(byClass)).toBeLessThanOrEqual(usual.total + 3);

    await up.stop('SIGINT');
    // The same as a store that had the view from the beginning.
    expect(await headrace.json('replay', '--verify')).toMatchObject({ mismatches: 0, exit: 0 });
  });
});

/** Resolves once somebody folds the journal anew, and is not through. */
async function untilFolding(): Promise<void> {
  const database = openDatabase(join(data, 'store.db'), { readOnly: true });
  const folding = database.prepare("SELECT value FROM meta WHERE name = 'next-fold'");
  await expect
    .poll(() => Buffer.from((folding.get()?.['value'] ?? '') as Uint8Array).toString(), {
      ...{ timeout: 60_000, interval: 5 },
    })
    .toMatch(/"folded":[1-9]/);
  database.close();
}
