/**
 * The platform against the retailer's own ledger, over real HTTP between two processes: after the
 * backfill, after an hour of traffic with lost, doubled and shuffled webhooks, an outage and a hook
 * that was switched off in silence, and with poison among the records. Then a person is erased.
 */
// runs: alone
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Demo, startDemo } from '../../packages/platform/dist/app/demo.js';
import { compareLedger } from '../../scripts/compare-ledger.mjs';
import { freePort } from './support/free-port.js';

/** Simulated seconds per real one: the hour passes in a minute and a half. */
const speed = 40;
const hourMs = 3_600_000;
const port = await freePort();
const folder = mkdtempSync(join(tmpdir(), 'headrace-parity-'));
const silent = { debug() {}, info() {}, warn() {}, error() {} };
let demo: Demo;

beforeAll(async () => {
  const forever = new Promise<void>(() => undefined);
  demo = await startDemo(
    {
      ...{ folder: join(folder, 'data'), keep: false, port, seed: 3, days: 60, scale: 0.05, speed },
      log: () => silent,
      crash: (error) => {
        throw error;
      },
      watch: { phase() {}, backfilling() {} },
    },
    forever,
  );
}, 120_000);

afterAll(async () => {
  await demo?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function control(path: string, body?: object): Promise<Record<string, unknown>> {
  const response = await fetch(new URL(path, demo.emulator.controlUrl), {
    method: body === undefined ? 'GET' : 'POST',
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return (await response.json()) as Record<string, unknown>;
}

/** Compares until it is equal: what is on its way is given three poll intervals and a pass. */
async function compare() {
  const options = {
    api: demo.record.apiUrl,
    token: demo.record.token,
    control: demo.emulator.controlUrl,
    source: 'shop',
  };
  const rounds = 12;
  for (let round = 1; ; round += 1) {
    await sleep(15_000 / speed);
    const answer = await compareLedger(options);
    if (answer.ok || round === rounds) return answer;
  }
}

function faulty(answer: Awaited<ReturnType<typeof compareLedger>>) {
  return answer.results
    .filter((row) => row.missing + row.extra + row.differing + row.doubled > 0)
    .map((row) => `${row.ledger}: ${row.examples.join('; ')}`);
}

async function stopTraffic(): Promise<void> {
  await demo.emulator.live(0, 0);
  await fetch(new URL('/faults', demo.emulator.controlUrl), { method: 'DELETE' });
}

async function get(path: string): Promise<Record<string, unknown>> {
  const response = await fetch(`${demo.record.apiUrl}${path}`, {
    headers: { authorization: `Bearer ${demo.record.token}` },
  });
  return (await response.json()) as Record<string, unknown>;
}

describe('parity with the ledger', () => {
  it('holds after the backfill', async () => {
    await stopTraffic();
    const answer = await compare();
    for (const row of answer.results) console.log(`${row.ledger}: ${row.compared} compared`);
    console.log(`hidden by design: ${answer.hidden.map((row) => JSON.stringify(row)).join('\n')}`);
    expect(faulty(answer)).toEqual([]);
  }, 60_000);

  it('holds after an hour of lost, doubled and shuffled webhooks, an outage and a dead hook', async () => {
    await control('/faults', { kind: 'drop-webhook', rate: 0.05, seed: 1 });
    await control('/faults', { kind: 'duplicate-webhook', rate: 0.05, seed: 2 });
    await control('/faults', { kind: 'reorder-webhook', rate: 0.5, seed: 3 });
    await control('/faults', { kind: '5xx', rate: 0.02, seed: 4 });
    await control('/faults', { kind: 'truncate', rate: 0.02, seed: 5 });
    await demo.emulator.live(1200, 2400);
    await sleep(hourMs / 3 / speed);
    await control('/faults', { kind: 'outage', rate: 1, seed: 6, forMs: hourMs / 6 });
    await sleep(hourMs / 3 / speed);
    await control('/faults', { kind: 'disable-webhook', rate: 1, seed: 7, times: 3 });
    await sleep(hourMs / 3 / speed);
    await stopTraffic();
    const { injected } = (await control('/faults/log')) as { injected: { kind: string }[] };
    const counts = new Map<string, number>();
    for (const { kind } of injected) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    console.log(`injected: ${JSON.stringify(Object.fromEntries(counts))}`);
    for (const kind of ['drop-webhook', 'duplicate-webhook', 'reorder-webhook', 'outage']) {
      expect(counts.get(kind) ?? 0, kind).toBeGreaterThan(0);
    }
    const answer = await compare();
    expect(faulty(answer)).toEqual([]);
  }, 180_000);

  it('sets poison aside with a reason while the rest goes on', async () => {
    for (const poison of ['invalid-utf8', 'deep', 'nan', 'null-id', 'huge-string']) {
      await control('/faults', { kind: 'poison', poison, scope: 'product', rate: 1, times: 1 });
      await control('/commands', { kind: 'rename-product', name: `Renamed for ${poison}` });
      await sleep(2_000);
    }
    const currency = { kind: 'poison', poison: 'unknown-currency', scope: 'order', rate: 1 };
    await control('/faults', { ...currency, times: 1 });
    await control('/commands', { kind: 'edit-order', comment: 'In which currency?' });
    await sleep(2_000);
    await stopTraffic();
    const { groups } = (await get('/v1/quarantine')) as { groups: { code: string }[] };
    const codes = groups.map((group) => group.code);
    console.log(`quarantine: ${JSON.stringify(groups)}`);
    expect(codes.length).toBeGreaterThan(0);
    for (const code of codes) expect(code).toMatch(/^E_/);
    const answer = await compare();
    expect(faulty(answer)).toEqual([]);
  }, 120_000);

  it('erases a person: no trace of them in any file, everyone else as before', async () => {
    const text = await (await fetch(new URL('/ledger/orders', demo.emulator.controlUrl))).text();
    const order = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, string>)
      .find((row) => row['customerId'] !== null) as Record<string, string>;
    const people = await (
      await fetch(new URL('/ledger/customers', demo.emulator.controlUrl))
    ).text();
    const person = people
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, string>)
      .find((row) => row['id'] === order['customerId']) as Record<string, string>;
    const before = await get(`/v1/trace/${order['id']}?personal=open`);
    expect(JSON.stringify(before)).toContain(person['email']);

    const response = await fetch(`${demo.record.apiUrl}/v1/erasures`, {
      method: 'POST',
      headers: { authorization: `Bearer ${demo.record.token}` },
      body: JSON.stringify({ source: 'shop', person: person['id'] }),
    });
    expect(response.status).toBe(200);
    const report = (await response.json()) as { erased: number; quarantined: number };
    expect(report).toMatchObject({ subjects: [{ source: 'shop' }] });
    // Beside the person's own key those of broken bytes that named them.
    expect(report.erased).toBe(1 + report.quarantined);

    const after = await get(`/v1/trace/${order['id']}?personal=open`);
    expect(JSON.stringify(after)).not.toContain(person['email']);
    expect(JSON.stringify(after)).toContain('"erased"');
    for (const canary of [person['email'], person['street']]) {
      expect(filesWith(join(folder, 'data'), canary as string)).toEqual([]);
    }
    expect(faulty(await compare())).toEqual([]);

    const replay = await replayed(join(folder, 'data'));
    console.log(`replay: ${replay}`);
    expect(JSON.parse(replay)).toMatchObject({ mismatches: 0 });
  }, 120_000);
});

/** By a process of its own, as the program would. */
function replayed(data: string): Promise<string> {
  const script = fileURLToPath(new URL('./support/verify-replay.mjs', import.meta.url));
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [script, data], (error, out) =>
      error === null ? resolve(out) : reject(error),
    );
  });
}

/**
 * By a process of its own: whoever closes a file of a store gives up every lock that its process holds
 * on it, and this process has the store open.
 */
function filesWith(place: string, text: string): string[] {
  const { status, stdout } = spawnSync('grep', ['-rlF', '--', text, place], { encoding: 'utf8' });
  if (status !== 0 && status !== 1) throw new Error('The files could not be searched.');
  return stdout.split('\n').filter((file) => file !== '');
}
