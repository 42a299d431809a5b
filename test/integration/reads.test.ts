/**
 * Reads of features at an address of their own: the thread there answers what the main thread's log holds,
 * shows at once what became durable, lets in who may, and is there again when it ended.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { vectorAnswer } from '../../packages/platform/dist/api/index.js';
import { type Platform, startPlatform } from '../../packages/platform/dist/app/platform.js';
import { freePort } from './support/free-port.js';
import { endFile, opener, projectIn } from './support/reads-project.mjs';

const folder = mkdtempSync(join(tmpdir(), 'headrace-reads-'));
const errors: string[] = [];
const nothing = () => undefined;
const log = { debug: nothing, info: nothing, warn: nothing };
let platform: Platform;
let readsUrl = '';
let token = '';

const start = async (more: object = {}) =>
  startPlatform({
    ...{ project: projectIn(folder), folder, threads: opener(folder) },
    log: { ...log, error: (text: string) => void errors.push(text) },
    listen: { host: '127.0.0.1', port: 0 },
    reads: { host: '127.0.0.1', port: await freePort() },
    crash: (error) => {
      throw error;
    },
    ...more,
  });

beforeAll(async () => {
  platform = await start();
  readsUrl = platform.readsUrl ?? '';
  token = platform.token ?? '';
}, 60_000);

afterAll(async () => {
  await platform?.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Answered {
  readonly status: number;
  readonly vectors: readonly ReturnType<typeof vectorAnswer>[];
}

const skus = ['a', 'b', 'c', 'd'];

async function ask(at: string, by = token): Promise<Answered> {
  const response = await fetch(`${at}/v1/features/online`, {
    ...{ method: 'POST', headers: { authorization: `Bearer ${by}` } },
    body: JSON.stringify({ views: ['sold'], keys: skus }),
  });
  const body = (await response.json()) as Partial<Answered>;
  return { status: response.status, vectors: body.vectors ?? [] };
}

async function status(): Promise<object> {
  const response = await fetch(`${platform.url}/v1/status`, {
    headers: { authorization: `Bearer ${token}` },
  });
  return (await response.json()) as object;
}

async function sell(lines: readonly object[]): Promise<void> {
  const response = await fetch(`${platform.url}/v1/ingest/till/line`, {
    ...{ method: 'POST', headers: { authorization: `Bearer ${token}` } },
    body: JSON.stringify(lines),
  });
  expect(response.status).toBe(202);
}

/** The same asked for as a table, put together again. */
async function askTable(at: string): Promise<Answered['vectors']> {
  const response = await fetch(`${at}/v1/features/online`, {
    ...{ method: 'POST', headers: { authorization: `Bearer ${token}` } },
    body: JSON.stringify({ views: ['sold'], keys: skus, shape: 'table' }),
  });
  const { names, rows, ages, evidence } = (await response.json()) as Table;
  return rows.map((row) => {
    const values = names.map((name, place) => [
      name,
      { value: row.values[place], ...ages[row.ages[place] as number] },
    ]);
    return { key: row.key, values: Object.fromEntries(values), evidence };
  });
}

interface Table {
  readonly names: readonly string[];
  readonly rows: readonly {
    readonly key: string;
    readonly values: readonly unknown[];
    readonly ages: readonly number[];
  }[];
  readonly ages: readonly object[];
  readonly evidence: Answered['vectors'][number]['evidence'];
}

const units = async (at: string) => {
  const { vectors } = await ask(at);
  return vectors.map(({ values }) => Number(values['sold.units_1h']?.value ?? 0));
};

/** Lines now and a minute ago, each sold anew with other units and for another thing later on. */
const batch = (round: number) =>
  [0, 1, 2].map((place) => ({
    ...{ id: `L${(round * 2 + place) % 40}`, version: String(round + 1).padStart(4, '0') },
    ...{ sku: skus[(round + place) % skus.length], units: 1 + ((round + place) % 5) },
    soldAt: new Date(Date.now() - place * 60_000).toISOString(),
  }));

/** What each sold of, as far as these rounds go. */
function soldIn(rounds: number): number[] {
  const lines = new Map<string, ReturnType<typeof batch>[number]>();
  for (let round = 0; round < rounds; round += 1) {
    for (const line of batch(round)) lines.set(line.id, line);
  }
  return skus.map((sku) =>
    [...lines.values()].reduce((sum, line) => sum + (line.sku === sku ? line.units : 0), 0),
  );
}

describe('reads of features', () => {
  it('say what the log says at the moment they were asked, and soon what was sold last', async () => {
    const { reader } = platform.features;
    const rounds = 120;
    let compared = 0;
    for (let round = 0; round < rounds; round += 1) {
      await sell(batch(round));
      const isTable = round % 2 === 1;
      const vectors = isTable ? await askTable(readsUrl) : (await ask(readsUrl)).vectors;
      for (const vector of vectors) {
        const { t, k } = vector.evidence;
        const question = { t, known: { k: k ?? 0 } };
        const again = vectorAnswer(reader.vector(reader.select(['sold']), vector.key, question));
        expect(vector, `round ${round}`).toEqual(again);
        compared += 1;
      }
    }
    expect(compared).toBe(rounds * skus.length);
    await expect.poll(() => units(readsUrl), { timeout: 5000 }).toEqual(soldIn(rounds));
    expect(await units(platform.url)).toEqual(soldIn(rounds));
  }, 60_000);

  it('are counted, and some are checked by the main thread', async () => {
    // One in a hundred tells of those before it.
    const counted = async () => {
      for (let time = 0; time < 25; time += 1) await ask(readsUrl);
      const { offered = 0, checked = 0, mismatches } = platform.features.parity?.status() ?? {};
      return { isCounted: offered > 500, isChecked: checked > 0, mismatches };
    };
    await expect
      .poll(counted, { timeout: 30_000 })
      .toEqual({ isCounted: true, isChecked: true, mismatches: 0 });
  }, 60_000);

  it('are for those with a token, until it is taken back', async () => {
    expect((await ask(readsUrl, 'hr_none')).status).toBe(401);
    const tokens = (method: string, path: string, body?: object) =>
      fetch(`${platform.url}/v1/tokens${path}`, {
        ...{ method, headers: { authorization: `Bearer ${token}` } },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    const made = await tokens('POST', '', { name: 'model', role: 'viewer' });
    const { token: given } = (await made.json()) as { token: string };
    const statusNow = async () => (await ask(readsUrl, given)).status;
    await expect.poll(statusNow, { timeout: 5000 }).toBe(200);
    expect((await tokens('DELETE', '/model')).ok).toBe(true);
    await expect.poll(statusNow, { timeout: 5000 }).toBe(401);
  }, 30_000);

  it('answer nothing else', async () => {
    const response = await fetch(`${readsUrl}/v1/status`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(response.status).toBe(404);
  });

  it('are answered again, at the same address, when their thread ended', async () => {
    writeFileSync(endFile(folder), '');
    const away = 'The thread for reads of features ended.';
    await expect.poll(status, { timeout: 10_000, interval: 20 }).toMatchObject({
      ...{ healthy: false, reads: { url: readsUrl, why: away } },
      why: expect.stringContaining(`${readsUrl}; the API answers them meanwhile: ${away}`),
    });
    expect(errors[0]).toBe(away);
    const isThere = () =>
      units(readsUrl).then(
        () => true,
        () => false,
      );
    await expect.poll(isThere, { timeout: 30_000 }).toBe(true);
    const back = { healthy: true, why: null, reads: { url: readsUrl, why: null } };
    await expect.poll(status, { timeout: 5000 }).toMatchObject(back);
    await sell([
      { ...{ id: 'L99', version: '0001', sku: 'a', units: 7 }, soldAt: new Date().toISOString() },
    ]);
    const [a = 0, ...others] = soldIn(120);
    await expect.poll(() => units(readsUrl), { timeout: 5000 }).toEqual([a + 7, ...others]);
  }, 60_000);

  it('end with the platform, also while their thread is away', async () => {
    const before = errors.length;
    writeFileSync(endFile(folder), '');
    await expect.poll(() => errors.length, { timeout: 10_000 }).toBeGreaterThan(before);
    await platform.close();
    platform = await start();
    expect(await units(platform.readsUrl ?? '')).toEqual(await units(platform.url));
  }, 60_000);

  it('need an address nobody has, and say so', async () => {
    await platform.close();
    const address = { host: '127.0.0.1', port: await freePort() };
    const both = { reads: address, listen: address };
    await expect(start(both)).rejects.toMatchObject({ code: 'E_LISTEN' });
    // Nothing listens there after that, or the API could not.
    platform = await start({ listen: address });
    expect(await units(platform.readsUrl ?? '')).toEqual(await units(platform.url));
  }, 60_000);
});
