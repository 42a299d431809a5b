/**
 * `headrace assess` on a company nobody prepared it for, as a stranger runs it: the second way the
 * emulated systems are modelled, credentials and nothing of its own fields. The systems count no call
 * that changes anything, the page opens in a real browser, and each figure on it is the API's.
 */
// needs: chromium
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Emulators, startEmulators } from '@headrace/emulators';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AssessReport } from '../../packages/platform/dist/app/assess.js';
import { erpSettings } from './support/erp-settings.js';
import { pimSettings } from './support/pim-settings.js';
import { Headrace, killAll, send } from './support/run-headrace.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const results = join(root, 'node_modules', '.cache', 'headrace', 'results', 'assess');
const home = mkdtempSync(join(tmpdir(), 'headrace-assess-'));
const data = join(home, 'data');
const config = join(home, 'headrace.config.ts');
const out = join(home, 'assessment.html');
const startMs = Date.now();
let emulators: Emulators;
let browser: Browser;
let first: AssessReport & { readonly exit: number | null; readonly token: string | null };
let project = '';

/** What the systems counted since they were last asked. */
async function calls(): Promise<{ total: number; mutating: number; byClass: object }> {
  const url = new URL('/calls', emulators.control.url);
  const counted = (await (await fetch(url)).json()) as Awaited<ReturnType<typeof calls>>;
  await fetch(url, { method: 'DELETE' });
  return counted;
}

beforeAll(async () => {
  mkdirSync(results, { recursive: true });
  emulators = await startEmulators({
    ...{ epochMs: startMs, realStartMs: startMs, rate: 1 },
    ...{ seed: 5, scale: 0.03, days: 20, orderLines: 300, model: 'second' },
    systems: ['shopware', 'sap', 'inriver'],
  });
  const { shopware: shop, inriver: pim, sap: erp } = emulators;
  if (pim === undefined || erp === undefined) throw new Error('a system did not start');
  const listings = (await (await fetch(`${emulators.control.url}/ledger/listings`)).text())
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { channelId: string; channel: string });
  const channels = Object.fromEntries(listings.map((row) => [row.channelId, row.channel]));
  const { extend: _own, ...erpOwn } = erpSettings('second');
  // No field of the company's own is mapped: a stranger has not looked at them yet.
  writeFileSync(
    join(home, '.env'),
    [
      `ERP=${erp.clientId}:${erp.clientSecret}`,
      `PIM=${pim.key}`,
      `SHOP=${shop.clientId}:${shop.clientSecret}`,
    ].join('\n'),
  );
  project = `import { defineProject, flow, secret } from 'headrace';
import { inriver, sap, shopware } from 'headrace/connectors';
export default defineProject({
  timeZone: 'Europe/Amsterdam', currency: 'EUR', languages: ['nl-NL'], write: 'shadow',
  brands: { alpha: ['alpha-nl', 'alpha-b2b'], beta: ['beta-de', 'marketplace'] },
  sources: {
    erp: sap({ ...${JSON.stringify(erpOwn)}, url: '${erp.url}', auth: sap.oauth(secret('ERP')) }),
    pim: inriver({ ...${JSON.stringify(pimSettings('second'))}, url: '${pim.url}', key: secret('PIM') }),
    shop: shopware({ url: '${shop.url}', auth: secret('SHOP'), salesChannels: ${JSON.stringify(channels)} }),
  },
  leading: { 'product.*': ['pim', 'shop', 'erp'], 'variant.*': ['pim', 'shop', 'erp'],
    stock: ['erp', 'shop'], price: ['erp', 'shop'], order: ['shop', 'erp'] },
  flows: [flow('stock', 'shop', { write: 'live' })],
  listen: { port: 0 },
});
`;
  writeFileSync(config, project);
  await calls();
  first = await new Headrace(data, { HEADRACE_URL: '', HEADRACE_TOKEN: '' }, config).json(
    ...['assess', '--out', out, '--wait', '3m', '--limit', '50'],
  );
  if (first.exit !== 0) throw new Error(JSON.stringify(first));
}, 240_000);

afterAll(async () => {
  await browser?.close();
  killAll();
  await emulators?.close();
  rmSync(home, { recursive: true, force: true });
});

interface Answers {
  readonly streams: {
    streams: {
      source: string;
      stream: string;
      records: number;
      lagMs: { p50: number; p95: number } | null;
    }[];
  };
  readonly readiness: {
    inputs: { input: string; components: { component: string; score: number }[] }[];
  };
  readonly reconciliation: {
    pairs: { pair: string; compared: number; differing: number; pending: number }[];
  };
  readonly assessment: Pick<AssessReport, 'useCases' | 'coverage'> & { readonly at: number };
}

describe('a company nobody prepared it for', () => {
  it('is read, and no system counts a call that changes anything', async () => {
    expect(first).toMatchObject({ exit: 0 });
    const counted = await calls();
    console.log(`assess: ${counted.total} calls, ${counted.mutating} of them mutating`);
    expect(counted.total).toBeGreaterThan(20);
    expect(counted.mutating, JSON.stringify(counted.byClass)).toBe(0);
    expect(first.systems).toEqual(['erp', 'pim', 'shop']);
    expect(first.streams.length).toBeGreaterThan(10);
    expect(first.streams.some(({ records }) => records > 50)).toBe(true);
    expect(first.unread).toEqual([]);
    expect(existsSync(out)).toBe(true);
  });

  it('is told what it has and does not use, and what each use case waits for', () => {
    const names = first.unmapped.map(({ source, path }) => `${source} ${path}`);
    // Fields this company added itself, which no setting names.
    expect(names.some((name) => /^erp .*YY1_/.test(name))).toBe(true);
    for (const { fillRate, sample } of first.unmapped) {
      expect(fillRate > 0 && fillRate <= 1).toBe(true);
      expect(sample).not.toBe('');
    }
    expect(first.useCases.map(({ useCase }) => useCase)).toEqual([
      ...['demand', 'campaigns', 'churn', 'pricing', 'returns'],
    ]);
    for (const { ready, because } of first.useCases) expect(ready).toBe(because.length === 0);
    // Twenty days of orders are no quarter: waiting is enough, and the day is named.
    const demand = first.useCases.find(({ useCase }) => useCase === 'demand');
    expect(demand?.ready).toBe(false);
    expect(demand?.because.join()).toContain('91 are needed');
    const inDays = (Date.parse(demand?.readyOn ?? '') - startMs) / 86_400_000;
    expect(inDays > 65 && inDays < 80, `${demand?.readyOn}`).toBe(true);
    console.log(
      first.useCases
        .map(({ useCase, ready, readyOn, because }) => `${useCase} ${ready} ${readyOn} ${because}`)
        .join('\n'),
    );
  });

  it('has a page that opens in a browser, fetches nothing, and prints', {
    timeout: 120_000,
  }, async () => {
    const html = readFileSync(out, 'utf8');
    expect(/<script|<link|\ssrc=|\shref=|url\(/.exec(html)).toBe(null);
    browser = await chromium.launch({
      executablePath: process.env['HEADRACE_CHROMIUM'] ?? '/usr/bin/chromium',
      headless: true,
      args: ['--no-sandbox', '--disable-gpu', '--no-first-run'],
    });
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(pathToFileURL(out).href);
    expect(asked).toEqual([pathToFileURL(out).href]);
    await page.setViewportSize({ width: 1280, height: 1500 });
    await page.screenshot({ path: join(results, 'assessment-top.png') });
    await page.screenshot({ path: join(results, 'assessment.png'), fullPage: true });
    const pdf = await page.pdf({ format: 'A4' });
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    expect(await page.locator('article.case').count()).toBe(5);
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain('ready for');
  });

  it('says of everything what the API says', { timeout: 120_000 }, async () => {
    // Without flows, so that nothing moves while both are asked.
    writeFileSync(
      config,
      project.replace("flows: [flow('stock', 'shop', { write: 'live' })],", ''),
    );
    const up = await new Headrace(data, {}, config).up();
    const token = first.token ?? '';
    const running = { HEADRACE_URL: up.url, HEADRACE_TOKEN: token };
    const headrace = new Headrace(data, running, config);
    const ask = async (path: string) => (await send(up, token, path)).body;
    const askAll = async () =>
      ({
        streams: await ask('/v1/status'),
        readiness: await ask('/v1/readiness'),
        reconciliation: await ask('/v1/reconciliation'),
        assessment: await ask('/v1/assessment'),
      }) as Answers;
    const moving = ({ streams, reconciliation, assessment }: Answers) =>
      JSON.stringify([
        streams.streams.map(({ records, lagMs }) => [records, lagMs]),
        reconciliation.pairs.map(({ compared, differing, pending }) => [
          ...[compared, differing, pending],
        ]),
        assessment.coverage,
      ]);
    // The systems live on meanwhile: a report is held to the API when nothing moved around it.
    let api = await askAll();
    let again = first as AssessReport;
    for (let tries = 0; tries < 6; tries += 1) {
      const before = moving(api);
      again = await headrace.json<AssessReport>('assess', '--out', out, '--limit', '50');
      api = await askAll();
      if (moving(api) === before) break;
    }
    await up.stop('SIGINT');
    expect(again.useCases).toEqual(api.assessment.useCases);
    expect(again.coverage).toEqual(api.assessment.coverage);
    const figures = new Map<string, number | undefined>();
    figures.set('use cases ready', api.assessment.useCases.filter(({ ready }) => ready).length);
    for (const { source, stream, records, lagMs } of api.streams.streams) {
      const name = `${source}/${stream}`;
      const input = api.readiness.inputs.find((one) => one.input === name);
      figures.set(`${name} records`, records);
      figures.set(`${name} p50`, lagMs?.p50);
      figures.set(`${name} p95`, lagMs?.p95);
      const complete = input?.components.find(({ component }) => component === 'completeness');
      figures.set(`${name} complete`, complete?.score);
    }
    for (const { pair, compared, differing, pending } of api.reconciliation.pairs) {
      figures.set(`${pair} compared`, compared);
      figures.set(`${pair} differing`, differing);
      figures.set(`${pair} pending`, pending);
    }
    for (const { kind, has, sellable } of api.assessment.coverage) {
      figures.set(`${kind} has`, has);
      figures.set(`${kind} sellable`, sellable);
    }
    for (const { source, stream, path, fillRate } of again.unmapped) {
      figures.set(`${source}/${stream} ${path}`, fillRate);
    }
    const page = await (await browser.newContext()).newPage();
    await page.goto(pathToFileURL(out).href);
    const shown = await page
      .locator('data')
      .evaluateAll((all) =>
        all.map(
          (one) => [one.getAttribute('title') ?? '', Number(one.getAttribute('value'))] as const,
        ),
      );
    expect(shown.length).toBeGreaterThan(40);
    const wrong = shown.filter(([name, value]) => figures.get(name) !== value);
    expect(wrong).toEqual([]);
    console.log(`assess: ${shown.length} figures on the page are the API's`);
  });
});
