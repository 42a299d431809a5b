/**
 * The way back out of quarantine, in real processes over real stores. A mapping breaks for 1,204
 * orders; it is put right on disk, tried, and the orders are stated again while the process is killed
 * in the middle. Beside it runs a platform in which nothing broke: both end in the same state and
 * with the same restated features, and what was known meanwhile stays honestly different (I11).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import type {
  DryReplay,
  QuarantineGroup,
  ReplayReport,
} from '../../packages/platform/dist/engine/index.js';
import { Headrace, killAll, send, type Up } from './support/run-headrace.js';

const home = mkdtempSync(join(tmpdir(), 'headrace-quarantine-'));
let dying: ChildProcess | null = null;
afterAll(() => {
  killAll();
  dying?.kill('SIGKILL');
  rmSync(home, { recursive: true, force: true });
});

const before = 300;
const broken = 1204;
const hourMs = 3_600_000;
const canary = 'Ada-Canary-4471';
const config = join(home, 'headrace.config.ts');

/** A project as a user writes it; its mapping lies under `maps/`, where it is broken and mended. */
const writeProject = (contracts: string) =>
  writeFileSync(
    config,
    `import { defineConnector, notReadable } from '@headrace/sdk';
import { count, defineProject, entity, features, state, sum } from 'headrace';
import { z } from 'zod';
import { orderOf } from './maps/order';

const order = {
  name: 'order', description: 'An order.', entities: ['order'],
  feed: 'delivery', everyMs: 60_000, versionOrder: 'integer',
  key: (record) => record.id, version: (record) => record.version, eventAt: (record) => record.at,
  personal: { subject: (record) => record.person ?? null, paths: ['person', 'name'] },
  read: notReadable, map: orderOf,
};
const shop = defineConnector({
  name: 'shop', title: 'Shop', config: z.strictObject({}), example: {}, permissions: [],
  budget: { requestsPerSecond: 10, concurrency: 1 }, baseUrl: () => 'http://127.0.0.1:9',
  authenticate: () => ({ headers: async () => ({}), invalidate() {} }),
  streams: () => [order], check: async () => [],
});
const sales = features(
  'sales',
  { of: entity('channel', ['channel']), from: state('order'), at: (one) => one.placedAt },
  { orders: count(['1d']), lines: sum((one) => one.lineCount, ['1d']) },
);
export default defineProject({
  timeZone: 'Europe/Amsterdam', currency: 'EUR', languages: ['nl-NL'],
  brands: { alpha: ['alpha-nl', 'alpha-be'] }, sources: { shop: shop({}) }, features: [sales],
  listen: { port: 0 }, contracts: ${contracts},
});
`,
  );
writeProject('{}');
mkdirSync(join(home, 'maps'));
const writeMapping = (lines: string) =>
  writeFileSync(
    join(home, 'maps', 'order.ts'),
    `export const orderOf = (record) => [{ entity: 'order', type: 'order', externalId: record.id,
  fields: { channel: record.channel, orderNo: record.id, placedAt: record.at, lineCount: ${lines} } }];
`,
  );
const good = 'record.items.length';
/** Somebody took another name for granted. */
const bad = 'record.positions.length';

const start = Date.now();
const orderAt = (index: number, version = '1', more: object = {}) => ({
  ...{ id: `o-${index}`, version, channel: index % 3 === 0 ? 'alpha-be' : 'alpha-nl' },
  at: new Date(start - 3 * hourMs - index * 30_000).toISOString(),
  items: Array.from({ length: 1 + (index % 4) }, (_, line) => ({ line })),
  ...{ person: `p-${index}`, name: index === 700 ? canary : `Name ${index}` },
  ...more,
});
const orders = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => orderAt(from + index));

class Shop {
  readonly folder: string;
  token = '';
  up: Up | null = null;
  constructor(name: string) {
    this.folder = join(home, name);
  }
  async begin(): Promise<void> {
    this.up = await new Headrace(this.folder, {}, config).up();
    this.token = this.up.token ?? this.token;
  }
  async end(): Promise<void> {
    await this.up?.stop('SIGINT');
    this.up = null;
  }
  get headrace(): Headrace {
    const url = this.up?.url ?? '';
    return new Headrace(this.folder, { HEADRACE_URL: url, HEADRACE_TOKEN: this.token }, config);
  }
  async ask<T>(path: string, body?: unknown): Promise<T> {
    const answer = await send({ url: this.up?.url ?? '' }, this.token, path, body);
    expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300);
    return answer.body as T;
  }
  put = (records: readonly object[]) => this.ask('/v1/ingest/shop/order', records);
  groups = async () => (await this.ask<{ groups: QuarantineGroup[] }>('/v1/quarantine')).groups;

  /** What every order says now, whatever entry told of it. */
  async state(): Promise<unknown[]> {
    const rows: unknown[] = [];
    for (let after = ''; ; ) {
      const path = `/v1/entities/order?limit=1000&after=${encodeURIComponent(after)}`;
      const page = await this.ask<{ records: { fields: unknown }[]; next: string | null }>(path);
      rows.push(...page.records.map(({ fields }) => fields));
      if (page.next === null) return rows;
      after = page.next;
    }
  }

  async features(at: string, known: unknown): Promise<Vector[]> {
    const labels = ['alpha-nl', 'alpha-be'].map((key) => ({ key, at }));
    const response = await fetch(`${this.up?.url}/v1/features/as-of`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.token}` },
      body: JSON.stringify({ views: ['sales'], spine: { labels }, known }),
    });
    const lines = (await response.text())
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    return lines.slice(0, -1) as Vector[];
  }
}

interface Vector {
  readonly key: string;
  readonly values: Readonly<Record<string, { value: number | null; knownAt: string | null }>>;
}

const valuesOf = (vectors: readonly Vector[]) =>
  vectors.map(({ key, values }) => [
    key,
    Object.fromEntries(Object.entries(values).map(([name, { value }]) => [name, value])),
  ]);

function filesWith(text: string, folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const file = join(folder, name);
    if (statSync(file).isDirectory()) return filesWith(text, file);
    return readFileSync(file).includes(text) ? [file] : [];
  });
}

/** A platform that kills itself when so many parts of a replay are durable. */
async function begunToDie(folder: string, count: number) {
  const child = spawn(
    process.execPath,
    [
      fileURLToPath(new URL('./support/crash-child.mjs', import.meta.url)),
      JSON.stringify({ config, folder, crashAt: null, at: { point: 'replay-durable', count } }),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  dying = child;
  const url = await new Promise<string>((resolve) => {
    let out = '';
    child.stdout.on('data', (part) => {
      out += part;
      if (out.endsWith('}\n')) resolve(JSON.parse(out).apiUrl);
    });
  });
  const died = new Promise<string | null>((resolve) =>
    child.on('close', (_code, signal) => resolve(signal)),
  );
  return { url, died };
}

it('1,204 records after a broken mapping: fix, dry run, replay, killed in the middle', {
  timeout: 240_000,
}, async () => {
  writeMapping(good);
  const whole = new Shop('whole');
  await whole.begin();
  await whole.put(orders(0, before));
  await whole.put(orders(before, before + broken));

  const mended = new Shop('mended');
  await mended.begin();
  await mended.put(orders(0, before));
  await mended.end();
  writeMapping(bad);
  await mended.begin();
  // What a restart with the broken mapping breaks of earlier records a later one mends by itself.
  await mended.put(orders(before, before + broken));
  const waiting = (await mended.groups()).find(({ code }) => code === 'E_MAPPING');
  expect(waiting).toMatchObject({ group: 'shop/order/E_MAPPING', count: before + broken });
  expect(waiting?.samples.length).toBeGreaterThan(0);
  const meanwhile = new Date().toISOString();

  // Tried beside the running platform: first as it is, then as it was put right.
  const dry = ['replay', '--quarantine', 'shop/order/E_MAPPING', '--dry-run'];
  const failing = await mended.headrace.json<DryReplay>(...dry);
  expect(failing).toMatchObject({ exit: 2, replayed: 0, failed: before + broken });
  writeMapping(good);
  const end = async () =>
    (await mended.ask<{ journal: { entries: number } }>('/v1/status')).journal.entries;
  const entries = await end();
  const working = await mended.headrace.json<DryReplay>(...dry);
  expect(working).toMatchObject({ exit: 0, replayed: before + broken, failed: 0, errors: [] });
  expect(working.samples[0]?.out?.[0]).toMatchObject({ entity: 'order' });
  expect(JSON.stringify(working)).not.toContain(canary);
  // Ticks of the minute aside, nothing came into the journal.
  expect((await end()) - entries).toBeLessThan(5);
  expect(await mended.groups()).toMatchObject([{ count: before + broken }]);

  // An order in quarantine whose person is erased before it is used.
  await mended.ask('/v1/erasures', { source: 'shop', person: 'p-700' });
  await mended.end();

  // Only what the mapping failed on when it came waits for a replay.
  const group = 'shop/order/E_MAPPED_SINCE';
  const replay = `/v1/quarantine/${encodeURIComponent(group)}/replay`;
  const doomed = await begunToDie(mended.folder, 3);
  const cut = send({ url: doomed.url }, mended.token, replay, {});
  await expect(cut).rejects.toThrow();
  expect(await doomed.died).toBe('SIGKILL');
  await mended.begin();
  const [left] = await mended.groups();
  expect(left).toMatchObject({ group, count: broken - 600 });
  const report = await mended.headrace.json<ReplayReport>('replay', '--quarantine', group);
  expect(report).toMatchObject({ exit: 0, replayed: broken - 600, failed: 0, settled: 0 });
  expect(await mended.groups()).toEqual([]);

  // The current state and restated features are those of the run in which nothing broke.
  expect(await mended.state()).toEqual(await whole.state());
  expect((await mended.state()).length).toBe(before + broken);
  const restated = valuesOf(await mended.features(meanwhile, 'restated'));
  expect(restated).toEqual(valuesOf(await whole.features(meanwhile, 'restated')));
  // What was known then is not: the orders were there, and could not be used.
  const known = valuesOf(await mended.features(meanwhile, 'row-time'));
  const knownWhole = valuesOf(await whole.features(meanwhile, 'row-time'));
  expect(knownWhole).toEqual(restated);
  expect(known).not.toEqual(restated);
  const ordersIn = (vectors: ReturnType<typeof valuesOf>) =>
    vectors.reduce(
      (sum, [, values]) => sum + ((values as Record<string, number>)['sales.orders_1d'] ?? 0),
      0,
    );
  expect([ordersIn(known), ordersIn(restated)]).toEqual([before, before + broken]);
  // Evidence leads to the replay, which is younger than the order it states again.
  const facts = '/v1/features/facts/sales/alpha-nl?limit=2000';
  const younger = await Promise.all(
    [mended, whole].map(async (shop) => {
      const { sources } = await shop.ask<{ sources: { knownAt: string }[] }>(facts);
      return sources.filter(({ knownAt }) => knownAt > meanwhile).length;
    }),
  );
  const replayedHere = orders(before, before + broken).filter(
    ({ channel }) => channel === 'alpha-nl',
  ).length;
  expect(younger).toEqual([replayedHere, 0]);
  console.log(
    `quarantine: ${broken} replayed (600 before kill -9); known then ${ordersIn(known)} orders, restated ${ordersIn(restated)}`,
  );

  // Erased stays erased, and everyone who acted is named.
  expect(filesWith(canary, mended.folder)).toEqual([]);
  const acts = join(home, 'acts.jsonl');
  await mended.headrace.json('export', 'audit', '--to', acts);
  const audited = readFileSync(acts, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { action: string; principal: string })
    .filter(({ action }) => action.startsWith('quarantine'));
  expect(audited.map(({ action, principal }) => `${action} ${principal}`)).toEqual([
    'quarantine-replay admin',
    'quarantine-replay admin',
    'quarantine-replayed admin',
  ]);
  await mended.end();
  expect(await mended.headrace.json('replay', '--verify')).toMatchObject({
    mismatches: 0,
    exit: 0,
  });
});

it('a record is corrected by hand, beside its source copy until it is used', {
  timeout: 120_000,
}, async () => {
  writeMapping(good);
  const shop = new Shop('corrected');
  await shop.begin();
  const wrong = orderAt(1, '1', { items: null });
  await shop.put([orderAt(0), wrong]);
  const [group] = await shop.groups();
  expect(group).toMatchObject({ group: 'shop/order/E_MAPPING', count: 1, corrected: 0 });
  const record = group?.samples[0]?.record ?? '';
  const file = join(home, 'correction.json');
  const { person: _person, name: _name, ...business } = wrong;
  writeFileSync(file, JSON.stringify({ ...business, items: [{}, {}] }));
  const put = await shop.headrace.json('quarantine', '--correct', record, '--with', file);
  expect(put).toMatchObject({ exit: 0, trial: { corrected: true, error: null } });
  expect(await shop.groups()).toMatchObject([{ count: 1, corrected: 1 }]);
  const traced = () => shop.ask<object>(`/v1/trace/${record}?personal=open`);
  const asItCame = JSON.stringify(await traced());
  expect(asItCame).toContain('"items":null');
  const report = await shop.headrace.json<ReplayReport>(
    ...['replay', '--quarantine', group?.group ?? ''],
  );
  expect(report).toMatchObject({ exit: 0, replayed: 1, corrected: 1 });
  expect(await shop.state()).toMatchObject([{ lineCount: 1 }, { lineCount: 2 }]);
  // What the source sent stays in the log beside what was put in its place, and so does the name.
  const after = JSON.stringify(await traced());
  expect(after).toContain('"items":null');
  expect(after).toContain('"items":[{},{}]');
  const namesIn = (text: string) => text.split('Name 1').length - 1;
  expect(namesIn(after)).toBe(2 * namesIn(asItCame));
  // The shop says the same again, and then something else.
  await shop.put([wrong]);
  expect(await shop.state()).toMatchObject([{ lineCount: 1 }, { lineCount: 2 }]);
  expect(await shop.groups()).toEqual([]);
  await shop.put([orderAt(1, '2', { items: [{}, {}, {}] })]);
  expect((await shop.state())[1]).toMatchObject({ lineCount: 3 });
  await shop.end();
});

it('a record that breaks the shape its stream promised waits with the difference', {
  timeout: 120_000,
}, async () => {
  writeMapping(good);
  writeProject(
    "{ 'shop/order': { shape: { id: 'string', channel: ['alpha-nl', 'alpha-be'], items: 'list', at: 'string?' } } }",
  );
  const shop = new Shop('drifted');
  await shop.begin();
  await shop.put([
    orderAt(0),
    // New fields are no breach.
    orderAt(1, '1', { colour: 'red' }),
    orderAt(2, '1', { channel: 'alpha-de' }),
    orderAt(3, '1', { items: { 0: {} } }),
  ]);
  expect((await shop.state()).length).toBe(2);
  const [group] = await shop.groups();
  expect(group).toMatchObject({ group: 'shop/order/E_SCHEMA_DRIFT', count: 2 });
  expect(group?.samples.map(({ message }) => message).sort()).toEqual([
    'channel says "alpha-de", which is none of its values.',
    'items was list and is object.',
  ]);
  // The contract is put right for what was meant, and the rest goes on waiting.
  await shop.end();
  writeProject("{ 'shop/order': { shape: { id: 'string', channel: 'string', items: 'list' } } }");
  await shop.begin();
  const mended = 'shop/order/E_MAPPED_SINCE';
  expect((await shop.groups()).map(({ group: name, count }) => [name, count])).toEqual([
    [mended, 1],
    ['shop/order/E_SCHEMA_DRIFT', 1],
  ]);
  const report = await shop.headrace.json<ReplayReport>('replay', '--quarantine', mended);
  expect(report).toMatchObject({ exit: 0, replayed: 1 });
  expect((await shop.state()).length).toBe(3);
  await shop.end();
  writeProject('{}');
});
