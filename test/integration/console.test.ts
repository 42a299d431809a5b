/**
 * The page as people use it: a real Chromium, the live demo with its three emulated systems, the
 * built page served by the platform itself. Pictures of each view are left in the results folder.
 */
// needs: chromium
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Demo, startDemo } from '../../packages/platform/dist/app/demo.js';
import { loadProject } from '../../packages/platform/dist/app/load-project.js';
import { type Platform, startPlatform } from '../../packages/platform/dist/app/platform.js';
import { type FlowSystems, startFlowSystems } from './support/flow-systems.js';
import { freePort } from './support/free-port.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const results = join(root, 'node_modules', '.cache', 'headrace', 'results', 'console');
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'headrace-console-'));
const flags = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];
let demo: Demo;
let browser: Browser;
let page: Page;
/** What the page logged as wrong, and every address it asked for. */
let complaints: string[] = [];
let asked: string[] = [];

beforeAll(async () => {
  mkdirSync(results, { recursive: true });
  const log = () => undefined;
  demo = await startDemo(
    {
      ...{ folder: join(folder, 'data'), keep: false, port: await freePort() },
      ...{ seed: 5, days: 30, scale: 0.02, speed: 1 },
      systems: ['shopware', 'sap', 'inriver'],
      log: () => ({ debug: log, info: log, warn: log, error: log }),
      crash: (error) => {
        throw error;
      },
      watch: { phase() {}, backfilling() {} },
    },
    new Promise<void>(() => undefined),
  );
  const executablePath = process.env['HEADRACE_CHROMIUM'] ?? '/usr/bin/chromium';
  browser = await chromium.launch({ executablePath, headless: true, args: flags });
});

afterAll(async () => {
  await browser?.close();
  await demo?.close();
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  complaints = [];
  asked = [];
  page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  page.setDefaultTimeout(20_000);
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('request', (request) => asked.push(request.url()));
});

afterEach(async () => {
  const own = new URL(page.url()).origin;
  expect(asked.filter((url) => new URL(url).origin !== own)).toEqual([]);
  await page.close();
});

const at = (path: string) => `${demo.record.apiUrl}${path}`;

async function enter(path = '/'): Promise<void> {
  await page.goto(at(path));
  await page.getByLabel('Token').fill(demo.record.token);
  await page.getByRole('button', { name: 'Enter' }).click();
  await page.locator('.strip li').first().waitFor();
}

/** Rules of WCAG 2.2 A and AA, as far as a program can tell. */
async function violations(): Promise<string[]> {
  // Not as a script of the page: its policy lets none in.
  await page.evaluate(axe);
  const found: unknown = await page.evaluate(
    `axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }).then((result) =>
      result.violations.flatMap((one) =>
        one.nodes.map((node) => one.id + ': ' + node.target.join(' ') + ' ' + node.failureSummary)))`,
  );
  return found as string[];
}

async function isWell(picture: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: join(results, `${picture}-${colorScheme}.png`), fullPage: true });
    expect(await violations(), `${picture}, ${colorScheme}`).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: 'light' });
}

/** An order that more than one system tells of, as the simulated retailer has it in its books. */
async function anOrder(): Promise<string> {
  const lines = await (await fetch(new URL('/ledger/orders', demo.emulator.controlUrl))).text();
  const numbers = lines
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).orderNo as string);
  return numbers[10] as string;
}

describe('access', () => {
  test('the printed link opens the page once, and leaves no code behind', async () => {
    const link = demo.consoleUrl ?? '';
    await page.goto(link);
    await page.locator('.strip li').first().waitFor();
    expect(page.url()).not.toContain('#');
    await page.reload();
    await page.locator('.strip li').first().waitFor();
    const other = await browser.newContext();
    const second = await other.newPage();
    await second.goto(link);
    await second.getByText('This link was used before').waitFor();
    await other.close();
  });

  test('a wrong token is refused, and a good one is asked for once', async () => {
    await page.goto(at('/streams'));
    await page.getByLabel('Token').fill('hr_wrong');
    await page.getByRole('button', { name: 'Enter' }).click();
    await page.getByText('No token of this platform.').waitFor();
    await isWell('sign-in');
    await page.getByLabel('Token').fill(demo.record.token);
    await page.getByRole('button', { name: 'Enter' }).click();
    await page.getByRole('heading', { name: 'Streams' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Streams' }).waitFor();
    const kept = await page.evaluate('[localStorage.length, document.cookie]');
    expect(JSON.stringify(kept)).not.toContain(demo.record.token);
  });

  test('its policy lets in nothing from elsewhere', async () => {
    const response = await page.goto(at('/'));
    const policy = response?.headers()['content-security-policy'] ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    await page.setContent('<script>window.ran = true</script>').catch(() => undefined);
    await page.goto(at('/'));
    await page.evaluate(
      `document.body.append(Object.assign(document.createElement('script'), { textContent: 'window.ran = true' }))`,
    );
    expect(await page.evaluate('window.ran')).toBeUndefined();
    const missing = await fetch(at('/v1/nothing'), { headers: { accept: 'text/html' } });
    expect([missing.status, missing.headers.get('content-type')?.split(';')[0]]).toEqual([
      404,
      'application/problem+json',
    ]);
  });
});

describe('trace', () => {
  test('an order number typed anywhere shows each system in a lane, with every hop', async () => {
    const orderNo = await anOrder();
    await enter('/streams');
    await page.keyboard.press('/');
    await page.keyboard.type(orderNo);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: orderNo, exact: true }).waitFor();
    expect(new URL(page.url()).pathname).toBe(`/trace/${orderNo}`);
    const lanes = await page.locator('.lane-name').allTextContents();
    expect(lanes.toSorted()).toEqual(['erp', 'shop']);
    await isWell('trace');

    await page.getByRole('button', { name: 'Newest change' }).click();
    await page.locator('.lanes .mark').first().focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: /^(shop|erp)\// }).waitFor();
    const hops = await page.locator('.hops tbody tr').allTextContents();
    expect(hops.length).toBeGreaterThanOrEqual(4);
    expect(hops.at(-1)).toContain('durable and readable');
    expect(await page.locator('pre').textContent()).toContain('{');
    await isWell('statement');

    // The address says all of it.
    const address = page.url();
    expect(address).toMatch(/from=.*to=.*entry=\d+/);
    await page.goto(address);
    await page.locator('.hops').waitFor();
    expect(await page.locator('.hops tbody tr').allTextContents()).toEqual(hops);
  });

  test('the table has every statement the platform knows', async () => {
    const orderNo = await anOrder();
    await enter(`/trace/${orderNo}`);
    await page.locator('.twin').waitFor();
    const response = await fetch(at(`/v1/trace/${orderNo}`), {
      headers: { authorization: `Bearer ${demo.record.token}` },
    });
    const trace = (await response.json()) as { sources: { journal: number }[] };
    for (const older of await page.getByRole('button', { name: 'older versions' }).all()) {
      await older.click();
    }
    const entries = await page.getByRole('button', { name: /^entry / }).allTextContents();
    const shown = entries.map((text) => Number(text.replace(/\D/g, '')));
    expect(shown.toSorted((a, b) => a - b)).toEqual(
      trace.sources.map(({ journal }) => journal).toSorted((a, b) => a - b),
    );
  });

  test('a change in the shop appears by itself, with what changed', async () => {
    const product = await firstKey('product');
    await enter(`/trace/shop/product/${product}`);
    await page.locator('.lanes .mark').first().waitFor();
    const entries = () => page.getByRole('button', { name: /^entry / }).count();
    const before = await entries();
    await editProduct(product, { width: 123.5 });
    await expect.poll(entries, { timeout: 30_000 }).toBeGreaterThan(before);
    await page
      .getByRole('button', { name: /^entry / })
      .first()
      .click();
    await page.getByRole('row', { name: /^width .* 123\.5$/ }).waitFor();
    await isWell('change');
    expect(complaints).toEqual([]);
  });

  test('what is not known is said, with what to try', async () => {
    await enter('/trace/there-is-no-such-thing');
    await page.getByText('Nothing is known of there-is-no-such-thing').waitFor();
    expect(complaints.filter((text) => !text.includes('404'))).toEqual([]);
  });
});

async function firstKey(stream: string): Promise<string> {
  const path = `/v1/entities/variant?stream=shop/${stream}&limit=20`;
  const response = await fetch(at(path), {
    headers: { authorization: `Bearer ${demo.record.token}` },
  });
  const { records } = (await response.json()) as { records: { record: string }[] };
  return records[0]?.record.split('/')[2] ?? '';
}

/** As somebody would in the shop's administration. */
async function editProduct(id: string, fields: object): Promise<void> {
  const { url, auth } = demo.record.shop;
  const [client_id, client_secret] = auth.split(':');
  const json = { 'content-type': 'application/json', accept: 'application/json' };
  const granted = await fetch(new URL('/api/oauth/token', url), {
    ...{ method: 'POST', headers: json },
    body: JSON.stringify({ grant_type: 'client_credentials', client_id, client_secret }),
  });
  const { access_token } = (await granted.json()) as { access_token: string };
  const patched = await fetch(new URL(`/api/product/${id}`, url), {
    ...{ method: 'PATCH', headers: { ...json, authorization: `Bearer ${access_token}` } },
    body: JSON.stringify(fields),
  });
  expect(patched.status).toBe(204);
}

test('streams say how late they are, and none is on time before its first change', async () => {
  await enter('/streams');
  await page.getByRole('heading', { name: 'Streams' }).waitFor();
  const rows = await page.locator('.data tbody tr').allTextContents();
  expect(rows.length).toBe(demo.status().streams.length);
  for (const { source, stream, lagMs } of demo.status().streams) {
    if (lagMs !== null) continue;
    // None is told of now, so none was when the page was read.
    const row = rows.find((text) => text.startsWith(`${source}/${stream}`));
    expect(row, `${source}/${stream}`).toContain('none yet');
  }
  await isWell('streams');
  expect(complaints).toEqual([]);
});

describe('flows', () => {
  const data = mkdtempSync(join(tmpdir(), 'headrace-console-flows-'));
  const config = join(root, 'test/integration/support/flow-project/acceptance.config.ts');
  let systems: FlowSystems;
  let platform: Platform;

  beforeAll(async () => {
    systems = await startFlowSystems(() => 0.5);
    for (let at = 0; at < 12; at += 1) systems.erp.thing.put(`k${at}`, 10 + at);
    systems.shop.edit('k1', { price: 999, step: 7 });
    const variables = { SYSTEMS_URL: systems.url, WRITE: 'shadow', MAP: 'plain', EVERY_MS: '200' };
    const log = () => undefined;
    platform = await startPlatform({
      project: await loadProject(config, variables),
      folder: data,
      log: { debug: log, info: log, warn: log, error: log },
      listen: { host: '127.0.0.1', port: 0 },
      crash: (error) => {
        throw error;
      },
    });
  });
  afterAll(async () => {
    await platform?.close();
    await systems?.close();
    rmSync(data, { recursive: true, force: true });
  });

  test('show what would be written, field by field, and nothing is', async () => {
    await page.goto(platform.consoleLink('approver') ?? '');
    const row = page.getByRole('row', { name: /shop\.thing/ });
    await row.getByText('SHADOW', { exact: true }).waitFor();
    await row.getByRole('link', { name: '12', exact: true }).waitFor();
    // Nothing was written, so there is no lag to tell of.
    expect(await row.getByText('none yet').count()).toBe(2);
    await isWell('flows');

    await row.getByRole('link', { name: '12', exact: true }).click();
    await page.getByRole('link', { name: /(^|\/)k1$/ }).click();
    const field = page.getByRole('row', { name: /^price 999 11$/ });
    await field.waitFor();
    await page.getByRole('columnheader', { name: 'shop now' }).waitFor();
    await page.getByRole('columnheader', { name: 'Would write' }).waitFor();
    await page.getByRole('row', { name: /^step owned elsewhere 7 not this: / }).waitFor();
    await isWell('difference');
    const address = page.url();
    await page.goto(address);
    await field.waitFor();
    expect([systems.shop.mutations, systems.web.mutations]).toEqual([0, 0]);
    expect(complaints).toEqual([]);
  });

  test('are paused and resumed after a preview, and not by a viewer', async () => {
    await page.goto(platform.consoleLink('operator') ?? '');
    await page.getByRole('link', { name: 'shop.thing' }).click();
    await page.getByRole('button', { name: 'Pause' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Writes nothing to shop until it is resumed').waitFor();
    expect(platform.flows.find('shop.thing').state().paused).toBeNull();
    await isWell('preview');
    await dialog.getByRole('button', { name: 'Pause' }).click();
    await page.getByText(/Paused by console-/).waitFor();
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('button', { name: 'Pause' }).waitFor();

    const context = await browser.newContext();
    const other = await context.newPage();
    await other.goto(platform.consoleLink('viewer') ?? '');
    await other.getByRole('link', { name: 'shop.thing' }).click();
    expect(await other.getByRole('button', { name: 'Pause' }).isDisabled()).toBe(true);
    await context.close();
    expect(complaints).toEqual([]);
  });

  test('have their mapping tried: in, out, difference, and mistakes where they are', async () => {
    await page.goto(platform.consoleLink('operator') ?? '');
    await page.getByRole('link', { name: 'shop.thing' }).click();
    await page.getByRole('link', { name: 'Try the mapping' }).click();
    // Without a choice, groups of which there is something to say.
    await page
      .getByRole('region', { name: /^Trial of variant/ })
      .first()
      .waitFor();
    await page.getByLabel('Group', { exact: true }).fill('variant/k1');
    await page.getByRole('button', { name: 'Try', exact: true }).click();
    const trial = page.getByRole('region', { name: 'Trial of variant/k1' });
    await trial.waitFor();
    const trials = () => page.getByRole('region', { name: /^Trial of/ }).count();
    await expect.poll(trials, { timeout: 20_000 }).toBe(1);
    await trial.getByRole('row', { name: 'list.amount 11.00', exact: true }).waitFor();
    await trial.getByRole('row', { name: 'price 999 11', exact: true }).waitFor();
    await trial.getByText('999 → 11 is more than 50 %').waitFor();
    await isWell('trial');
    const address = page.url();
    expect(address).toContain('group=variant%2Fk1');
    await page.goto(address);
    await trial.getByRole('row', { name: 'price 999 11', exact: true }).waitFor();

    // Its records, corrected by hand.
    await trial.getByRole('button', { name: 'Edit these records' }).click();
    const box = page.getByLabel('Canonical records as JSON');
    const records = JSON.parse(await box.inputValue()) as [{ fields: Record<string, unknown> }];
    records[0].fields['list'] = { amount: '998.5', currency: 'EUR' };
    await box.fill(JSON.stringify([...records, { entity: 'stock', fields: {} }]));
    await page.getByRole('button', { name: 'Try these' }).click();
    await trial.getByRole('row', { name: 'price 999 998.5', exact: true }).waitFor();
    await page.getByText('E_FLOW_SAMPLE').waitFor();
    await page.getByText(`records.${records.length}`, { exact: true }).waitFor();
    await box.fill('[{');
    await page.getByRole('button', { name: 'Try these' }).click();
    await page.getByRole('alert').waitFor();
    await isWell('trial-sample');
    expect([systems.shop.mutations, systems.web.mutations]).toEqual([0, 0]);
    expect(complaints).toEqual([]);

    // Who may only look sees the mapping, and the shop is left alone.
    const context = await browser.newContext();
    const other = await context.newPage();
    await other.goto(platform.consoleLink('viewer') ?? '');
    await other.getByRole('link', { name: 'shop.thing' }).click();
    await other.getByRole('link', { name: 'Try the mapping' }).click();
    await other.getByText('needs the role operator; you are viewer').waitFor();
    await other.getByText('was not read, so nothing is known to differ').first().waitFor();
    await context.close();
  });
});

describe('flows that write', () => {
  const data = mkdtempSync(join(tmpdir(), 'headrace-console-live-'));
  const config = join(root, 'test/integration/support/flow-project/acceptance.config.ts');
  const count = 1200;
  let systems: FlowSystems;
  let platform: Platform;
  let token = '';

  const start = async (write: 'shadow' | 'live') => {
    const variables = { SYSTEMS_URL: systems.url, WRITE: write, MAP: 'plain', EVERY_MS: '200' };
    const log = () => undefined;
    platform = await startPlatform({
      project: await loadProject(config, variables),
      folder: data,
      log: { debug: log, info: log, warn: log, error: log },
      listen: { host: '127.0.0.1', port: 0 },
      crash: (error) => {
        throw error;
      },
    });
  };

  beforeAll(async () => {
    systems = await startFlowSystems(() => 0.5);
    for (let at = 0; at < count; at += 1) systems.erp.thing.put(`k${at}`, 10 + at);
    await start('shadow');
    token = platform.token ?? '';
    for (let turn = 0; platform.flows.find('shop.thing').state().differs < count; turn += 1) {
      if (turn > 1200) expect.fail('the flow has not looked at everything');
      await delay(50);
    }
    await platform.close();
    await start('live');
  }, 120_000);
  afterAll(async () => {
    await platform?.close();
    await systems?.close();
    rmSync(data, { recursive: true, force: true });
  });

  test('have a held run approved, and a delivery taken back, each after a preview', async () => {
    const { shop } = systems;
    await page.goto(platform.consoleLink('operator') ?? '');
    await page.getByRole('link', { name: 'shop.thing' }).click();
    // More wait than the limit: all are looked at, and a person is asked.
    await page.getByText(/^1200 of 1200 rows would be written/).waitFor({ timeout: 60_000 });
    expect(shop.mutations).toBe(0);
    const approve = page.getByRole('button', { name: 'Approve the run' });
    expect(await approve.isDisabled(), 'to an operator').toBe(true);

    await page.goto(platform.consoleLink('approver') ?? '');
    await page.getByRole('link', { name: 'shop.thing' }).click();
    await approve.click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Lets 1,200 differing groups be written to shop.').waitFor();
    expect(shop.mutations, 'before it is confirmed').toBe(0);
    await isWell('held-run');
    await dialog.getByRole('button', { name: 'Approve the run' }).click();
    await expect.poll(() => shop.things.size, { timeout: 60_000 }).toBe(count);
    const run = () => platform.flows.find('shop.thing').state().run;
    await expect.poll(run, { timeout: 60_000 }).toBeNull();
    await page.locator('#view').getByText('live', { exact: true }).waitFor();

    // One entry tells of many deliveries; a page of them is a page all the same.
    const told: { group: string }[] = [];
    for (let next: string | null = ''; next !== null; ) {
      const path = `/v1/flows/shop.thing/deliveries?limit=70${next === '' ? '' : `&before=${next}`}`;
      const answer = await fetch(`${platform.url}${path}`, {
        headers: { authorization: `Bearer ${token}` },
      });
      const read = (await answer.json()) as { deliveries: typeof told; next: string | null };
      expect(read.deliveries.length).toBeLessThanOrEqual(70);
      told.push(...read.deliveries);
      next = read.next;
    }
    expect([told.length, new Set(told.map(({ group }) => group)).size]).toEqual([count, count]);

    // A change, and its delivery is taken back.
    systems.erp.thing.put('k7', 18);
    await expect.poll(() => shop.things.get('k7')?.['price'], { timeout: 30_000 }).toBe(18);
    await page.getByRole('link', { name: /^Written/ }).click();
    const row = page.getByRole('row', { name: /variant\/k7 written/ }).first();
    await row.getByText('1 field').waitFor();
    await row.getByRole('button', { name: 'Undo' }).click();
    await dialog.getByText('Writes to shop again what was there before this delivery.').waitFor();
    await dialog.getByText('It is about 1 group.').waitFor();
    expect(shop.things.get('k7')?.['price'], 'before it is confirmed').toBe(18);
    await isWell('undo');
    await dialog.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => shop.things.get('k7')?.['price'], { timeout: 30_000 }).toBe(17);
    await page.getByRole('row', { name: /variant\/k7 written.*undo/ }).waitFor();

    // It is not written again by itself; a person lets it.
    await page.getByRole('link', { name: /^Held/ }).click();
    await page.getByText('a person took this delivery back').waitFor();
    await page
      .getByRole('row', { name: /variant\/k7/ })
      .getByRole('button')
      .click();
    await dialog.getByRole('button', { name: 'Approve' }).click();
    await expect.poll(() => shop.things.get('k7')?.['price'], { timeout: 30_000 }).toBe(18);
    expect(shop.complaints).toEqual([]);
    expect(complaints).toEqual([]);
  });
});
