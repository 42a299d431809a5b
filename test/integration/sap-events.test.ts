/**
 * One ERP read three ways, each told of changes by another: its broker pushes with a token, pushes
 * with a signature, or keeps a queue that we fetch from. Polls are an hour apart, so what arrives
 * came by its event.
 */
// runs: alone
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sap } from '@headrace/connectors';
import { type Emulators, startEmulators } from '@headrace/emulators';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prepareProject } from '../../packages/platform/dist/app/load-project.js';
import { type Platform, startPlatform } from '../../packages/platform/dist/app/platform.js';
import { defineProject } from '../../packages/platform/dist/app/project.js';
import { freePort } from './support/free-port.js';

const rate = 20;
const port = await freePort();
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const folder = mkdtempSync(join(tmpdir(), 'headrace-events-'));
const hook = (name: string) => `http://127.0.0.1:${port}/v1/webhooks/${name}`;
const ways = ['bearer', 'hmac', 'queue'];
let emulators: Emulators;
let platform: Platform;
let crashed: unknown = null;

function systemOf({ sap: access, sapSystem }: Emulators) {
  if (access === undefined || sapSystem === undefined) throw new Error('the ERP did not start');
  return { access, mesh: sapSystem.mesh };
}

beforeAll(async () => {
  const clock = { epochMs: Date.UTC(2026, 4, 4, 8), realStartMs: Date.now(), rate };
  emulators = await startEmulators({
    ...{ ...clock, seed: 11, scale: 0.02, days: 20, customers: 100, orderLines: 200 },
    systems: ['shopware', 'sap'],
  });
  const { access, mesh } = systemOf(emulators);
  mesh.createQueue({ name: 'company/headrace', types: ['sap.s4.beh.*'] });
  const credentials = `${access.clientId}:${access.clientSecret}`;
  const away = `${access.queueUrl}/oauth/token`;
  const settings = {
    url: access.url,
    without: [
      ...(['product', 'supplyPlanning', 'cost', 'stock', 'stockMovement', 'order'] as const),
      ...(['delivery', 'return', 'price', 'partner'] as const),
    ],
    every: { purchaseOrder: '1h' },
  };
  const project = defineProject({
    ...{ timeZone: 'Europe/Amsterdam', currency: 'EUR', languages: ['nl-NL'], write: 'shadow' },
    brands: {},
    sources: {
      bearer: sap({
        ...settings,
        auth: sap.basic(`${access.user}:${access.password}`),
        webhookSecret: access.eventsSecret,
      }),
      hmac: sap({
        ...settings,
        // Tokens of a login that many systems share come from a host of their own.
        auth: sap.oauth(credentials, { tokenUrl: away }),
        webhookSecret: 'shared',
        webhookSignature: 'hmac',
      }),
      queue: sap({
        ...settings,
        auth: sap.oauth(credentials),
        events: {
          url: access.queueUrl,
          queue: 'company/headrace',
          auth: sap.oauth(credentials, { tokenUrl: away }),
        },
      }),
    },
  } as Parameters<typeof defineProject>[0]);
  platform = await startPlatform({
    project: prepareProject(project, { folder, variables: {}, definition: 'test' }),
    ...{ folder, log: silent, listen: { host: '127.0.0.1', port }, clock },
    crash: (error) => {
      crashed = error;
    },
  });
  const bearer = { kind: 'bearer' as const, token: access.eventsSecret };
  const hmac = { kind: 'hmac' as const, secret: 'shared' };
  mesh.subscribe({ name: 'bearer', url: hook('bearer'), auth: bearer, hasHandshake: true });
  mesh.subscribe({ name: 'hmac', url: hook('hmac'), auth: hmac, hasHandshake: true });
  await until('backfilled', () => streams().every(({ state }) => state === 'live'));
});

afterAll(async () => {
  await platform?.close();
  await emulators?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function until(what: string, isSo: () => boolean): Promise<void> {
  for (let tries = 0; !isSo(); tries += 1) {
    if (tries === 600) throw new Error(`not so after a minute: ${what}`);
    await sleep(100);
  }
}

const streams = () =>
  [...platform.engine.runners.values()].map((runner) =>
    runner.health.state(platform.clock.now(), runner.everyMs),
  );

/** Has a buyer change a purchase order; gives its number. */
async function change(): Promise<string> {
  const body = JSON.stringify({ kind: 'change-purchase-order' });
  const response = await fetch(`${emulators.control.url}/commands`, { method: 'POST', body });
  return ((await response.json()) as { id: string }).id;
}

/** Statements each way has of a purchase order that came because a notice named it. */
function noticed(id: string): Record<string, number> {
  const counts = ways.map((way) => {
    const statements = platform.engine.history.statements(`${way}/purchaseOrder/${id}`, 50, false);
    return [way, statements.filter(({ header }) => header.noticedAt !== null).length] as const;
  });
  return Object.fromEntries(counts);
}

async function statusOf() {
  const headers = { authorization: `Bearer ${platform.token}` };
  const response = await fetch(`${platform.url}/v1/status`, { headers });
  return (await response.json()) as {
    readonly streams: readonly { source: string; mode: string; why: string | null }[];
    readonly sources: readonly { source: string; subscription: { kind: string } | null }[];
  };
}

describe('business events', () => {
  it('are asked for before they are pushed, and told nothing where nobody takes them', async () => {
    const { mesh } = systemOf(emulators);
    await until('asked', () => mesh.webhooks().every(({ state }) => state === 'active'));
    const ask = (name: string, headers: Record<string, string>, method = 'OPTIONS') =>
      fetch(hook(name), { method, headers });
    const from = { 'webhook-request-origin': 'mesh.example', 'webhook-request-rate': '120' };
    const yes = await ask('bearer', from);
    expect(yes.status).toBe(200);
    expect(yes.headers.get('webhook-allowed-origin')).toBe('mesh.example');
    expect(yes.headers.get('webhook-allowed-rate')).toBe('*');
    for (const [name, headers] of [
      ['bearer', {}],
      ['bearer', { 'webhook-request-origin': 'a b' }],
      // Without a secret nothing pushed could pass.
      ['queue', from],
    ] as const) {
      const no = await ask(name, headers);
      expect([no.status, no.headers.get('webhook-allowed-origin')]).toEqual([200, null]);
    }
    const [asked, sent] = await Promise.all([ask('nobody', from), ask('nobody', {}, 'POST')]);
    expect([asked.status, await asked.text()]).toEqual([404, await sent.text()]);
  });

  it('bring the record, whichever way they come', async () => {
    const id = await change();
    await until(`${id} is read`, () => Object.values(noticed(id)).every((count) => count > 0));
    const found = await fetch(`${platform.url}/v1/trace/${id}`, {
      headers: { authorization: `Bearer ${platform.token}` },
    });
    const { sources } = (await found.json()) as { sources: { source: string; payload: object }[] };
    expect(new Set(sources.map(({ source }) => source))).toEqual(new Set(ways));
    for (const { payload } of sources) expect(payload).toMatchObject({ PurchaseOrder: id });
    const { mesh } = systemOf(emulators);
    expect(mesh.webhooks().map(({ refused, delivered }) => [refused, delivered > 0])).toEqual([
      [0, true],
      [0, true],
    ]);
    const { streams: rows, sources: subscriptions } = await statusOf();
    expect(rows.map(({ source, mode }) => `${source} ${mode}`)).toEqual([
      'bearer push',
      'hmac push',
      'queue push',
    ]);
    expect(subscriptions.find(({ source }) => source === 'queue')?.subscription).toEqual({
      kind: 'active',
    });
  });

  it('wait in the queue while it cannot be had, and the stream says that it is polled', async () => {
    emulators.faults.add({ kind: 'outage', scope: 'sap' });
    const of = async () => (await statusOf()).streams.find(({ source }) => source === 'queue');
    for (let row = await of(); row?.why?.startsWith('Polling only.') !== true; row = await of()) {
      await sleep(100);
    }
    expect((await of())?.mode).toBe('poll');
    const id = await change();
    const before = noticed(id)['queue'] ?? 0;
    emulators.faults.clear();
    await until(`${id} is read`, () => noticed(id)['queue'] === before + 1);
    expect(await of()).toMatchObject({ mode: 'push', why: null });
    expect(crashed).toBeNull();
  });
});
