/**
 * One prediction through everything: an emulated S/4HANA and Shopware over real HTTP, the program as
 * people run it, and daily demand that is served, held when SAP stops, and served again. The same figures
 * over HTTP, on the command line and on the page; a crash in the middle keeps the last good value. What is
 * to be bought is shown, then entered into SAP once, and never while demand is held.
 */
// needs: chromium
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Emulators, startEmulators } from '@headrace/emulators';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bundle, checkBundle } from '../../packages/platform/dist/audit/index.js';
import { type Answers, readAnswers } from './support/answers.js';
import { controlOf } from './support/control.js';
import { erpSettings } from './support/erp-settings.js';
import { Headrace, killAll, send, type Up } from './support/run-headrace.js';

const home = mkdtempSync(join(tmpdir(), 'headrace-predict-'));
const config = join(home, 'headrace.config.ts');
const results = fileURLToPath(
  new URL('../../node_modules/.cache/headrace/results/readiness', import.meta.url),
);
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const flags = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];
const limitMs = 8000;
let emulators: Emulators;
let control: ReturnType<typeof controlOf>;
let headrace: Headrace;
let up: Up;
let token = '';
let answers: Answers;
let browser: Browser;
let page: Page;
/** What the page logged as wrong. */
const complaints: string[] = [];

interface Input {
  readonly input: string;
  readonly score: number;
  readonly ageMs: number | null;
  readonly maxAgeMs: number;
}

interface Standing {
  readonly gate: string;
  readonly since: number | null;
  readonly at: number;
  readonly worstInput: { readonly input: string; readonly component: string } | null;
  readonly inputs: readonly Input[];
}

interface Prediction {
  readonly id: string | null;
  readonly key: string;
  readonly date: string | null;
  readonly value: number | null;
  readonly interval: { readonly low: number; readonly high: number; readonly level: number } | null;
  readonly horizon: { readonly days: number; readonly value: number } | null;
  readonly gate: string;
  readonly reason: string | null;
  readonly worstInput: { readonly input: string; readonly fix: string } | null;
  readonly since: number | null;
  readonly lastGood: {
    readonly id: string;
    readonly value: number;
    readonly interval: { readonly low: number; readonly high: number };
    readonly date: string;
    readonly madeAt: number;
  } | null;
  readonly evidence: {
    readonly t: number;
    readonly k: number;
    readonly v: { readonly model: string };
    readonly journal: number;
    readonly vector: readonly number[];
    readonly inputs: readonly { readonly input: string; readonly ageMs: number | null }[];
  } | null;
}

type Listed = Standing & {
  readonly predictions: readonly Prediction[];
  readonly counts: Readonly<Record<string, number>>;
};
type One = Standing & { readonly prediction: Prediction };

async function get<Answer>(path: string): Promise<Answer> {
  const { status, body } = await send(up, token, path);
  if (status !== 200) throw new Error(`${path}: ${status} ${JSON.stringify(body)}`);
  expect(answers.problem('GET', path, status, body)).toBeNull();
  return body as Answer;
}

const list = () => get<Listed>('/v1/predictions/demand?limit=1000');
const one = (key: string) => get<One>(`/v1/predictions/demand/${encodeURIComponent(key)}`);

async function until<Answer>(
  what: string,
  ask: () => Promise<Answer>,
  holds: (answer: Answer) => boolean,
  seconds = 90,
): Promise<Answer> {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (holds(answer)) return answer;
    if (performance.now() > end) {
      throw new Error(`${what} did not come within ${seconds} s: ${JSON.stringify(answer)}`);
    }
    await sleep(100);
  }
}

/** A zone in which it is about noon, so that no day ends while the suite runs. */
function zoneAtNoon(): string {
  const ahead = 12 - new Date().getUTCHours();
  return ahead === 0 ? 'UTC' : `Etc/GMT${ahead > 0 ? '-' : '+'}${Math.abs(ahead)}`;
}

function writeProject(write: 'shadow' | 'live'): void {
  const { shopware: shop, sap: erp } = emulators;
  const channels = emulators.shop.reference.rows.channels.map(({ id, key }) => [id, key]);
  writeFileSync(
    config,
    `import { commerceFeatures, defineProject, flow, secret } from 'headrace';
import { sap, shopware } from 'headrace/connectors';
export default defineProject({
  timeZone: '${zoneAtNoon()}', currency: 'EUR', languages: ['nl-NL'],
  sources: {
    erp: sap({
      ...${JSON.stringify(erpSettings('standard'))},
      url: '${erp?.url}', auth: sap.oauth(secret('SAP')),
      stock: { every: '1s' }, every: { order: '1s', purchaseOrder: '1s' },
      write: { purchase: { companyCode: '1000', organization: '1000', group: '001' } },
    }),
    shop: shopware({
      url: '${shop.url}', auth: secret('SHOP'),
      salesChannels: ${JSON.stringify(Object.fromEntries(channels))},
    }),
  },
  leading: { stock: ['erp', 'shop'], order: ['shop', 'erp'] },
  features: commerceFeatures({ currency: 'EUR' }),
  contracts: {
    'erp/stock': { slo: '6s', maxAge: '${limitMs / 1000}s' },
    'erp/order': { slo: '6s', maxAge: '${limitMs / 1000}s' },
  },
  predict: { demand: { horizonDays: 91, every: '1s', purchase: { location: 'dc-nl' } } },
  flows: [flow('purchase', 'erp', { write: '${write}', limits: { rows: 'off' } })],
});
`,
  );
  writeFileSync(
    join(home, '.env'),
    `SHOP=${shop.clientId}:${shop.clientSecret}\nSAP=${erp?.clientId}:${erp?.clientSecret}\n`,
  );
}

const stopSap = async () => {
  const fault = { kind: '5xx', scope: 'sap', status: 503 };
  return (await control.call<{ id: string }>('POST', '/faults', fault)).id;
};
const startSap = (id: string) => control.call('DELETE', `/faults/${id}`);

/** What does not move while a question is asked twice. */
const still = ({ id, key, date, value, interval, horizon, gate, lastGood }: Prediction) => ({
  ...{ id, key, date, value, interval, horizon, gate },
  lastGood: lastGood === null ? null : { ...lastGood, ageMs: 0 },
});

describe('demand', () => {
  let key = '';
  let served: Prediction;

  beforeAll(async () => {
    const epochMs = Date.now();
    emulators = await startEmulators({
      ...{ seed: 11, scale: 0.01, days: 45, products: 12, variants: 40 },
      ...{ systems: ['shopware', 'sap'], integration: 'none', epochMs, realStartMs: epochMs },
    });
    control = controlOf(emulators);
    writeProject('shadow');
    headrace = new Headrace(join(home, 'data'), {}, config);
    up = await headrace.up();
    token = up.token ?? '';
    answers = await readAnswers(up.url);
    mkdirSync(results, { recursive: true });
    const executablePath = process.env['HEADRACE_CHROMIUM'] ?? '/usr/bin/chromium';
    browser = await chromium.launch({ executablePath, headless: true, args: flags });
    page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    page.setDefaultTimeout(20_000);
    page.on('pageerror', (error) => complaints.push(String(error)));
    writeFileSync(
      join(home, '.env'),
      `HEADRACE_TOKEN=${token}\nSHOP=${emulators.shopware.clientId}:${emulators.shopware.clientSecret}\nSAP=${emulators.sap?.clientId}:${emulators.sap?.clientSecret}\n`,
    );
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    killAll();
    await emulators?.close();
    rmSync(home, { recursive: true, force: true });
  });

  /** The page, and the cells of a key up to the last good value. */
  const enter = async () => {
    await page.goto(`${up.url}/readiness`);
    await page.getByLabel('Token').fill(token);
    await page.getByRole('button', { name: 'Enter' }).click();
    await page.getByRole('heading', { name: 'Readiness' }).waitFor();
  };
  const rowOf = async (sku: string): Promise<string[]> => {
    const name = decodeURIComponent(sku);
    const row = page
      .getByRole('table', { name: 'Predictions of demand' })
      .locator('tbody tr')
      .filter({ has: page.getByRole('rowheader', { name, exact: true }) });
    await row.waitFor();
    return (await row.locator('th, td').allTextContents()).slice(0, 7);
  };
  const isWell = async (picture: string) => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      const path = join(results, `${picture}-${colorScheme}.png`);
      await page.screenshot({ path, fullPage: true });
      // Not as a script of the page: its policy lets none in.
      await page.evaluate(axe);
      const found: unknown = await page.evaluate(
        `axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }).then((result) =>
          result.violations.flatMap((one) => one.nodes.map((node) => one.id + ': ' + node.target.join(' '))))`,
      );
      expect(found, `${picture}, ${colorScheme}`).toEqual([]);
    }
    await page.emulateMedia({ colorScheme: 'light' });
  };
  const soldToday = async (sku: string): Promise<number> => {
    const body = { views: ['demand'], keys: [sku] };
    const { body: answer } = await send(up, token, '/v1/features/online', body);
    const { vectors } = answer as { vectors: { values: Record<string, { value: number }> }[] };
    return vectors[0]?.values['demand.units_1d']?.value ?? 0;
  };
  const cli = (...args: readonly string[]) =>
    new Headrace(join(home, 'data'), { HEADRACE_URL: up.url }, config).json<
      Standing & { predictions: Prediction[] }
    >('predict', 'demand', ...args);

  it('is predicted once all it stands on is known, each with what it stands on', async () => {
    const first = await list();
    if (first.predictions.length === 0) expect(first.gate).toBe('hold');
    const found = await until('demand', list, (now) => (now.counts['served'] ?? 0) >= 20);
    const names = found.inputs.map(({ input }) => input);
    expect(names).toEqual(['erp/stock', 'erp/order', 'shop/order']);
    for (const prediction of found.predictions) {
      const { value, interval, evidence, id, date } = prediction;
      expect(prediction).toMatchObject({ gate: 'serve', reason: null, lastGood: null });
      expect(interval?.level).toBe(0.9);
      expect(value).toBeGreaterThanOrEqual(interval?.low as number);
      expect(value).toBeLessThanOrEqual(interval?.high as number);
      expect(evidence?.inputs.map(({ input }) => input)).toEqual(names);
      expect(id).toBe(`prediction/demand/${prediction.key}/${evidence?.journal}`);
      expect(evidence?.k).toBeLessThanOrEqual(evidence?.journal as number);
      // Tomorrow, as the same weekday of last week had it.
      const days = evidence?.vector ?? [];
      expect(value).toBe(days[days.length - 6]);
      expect(date).toMatch(/^\d{4}-\d\d-\d\d$/);
    }
    const busiest = found.predictions.toSorted((a, b) => (b.value ?? 0) - (a.value ?? 0))[0];
    served = busiest as Prediction;
    // Released under a signed checkpoint that covers its entry: origin, size, root.
    const note = readFileSync(join(home, 'data', 'log', 'checkpoint'), 'utf8').split('\n');
    const newest = Math.max(...found.predictions.map((one) => one.evidence?.journal ?? 0));
    expect(Number(note[1])).toBeGreaterThan(newest);
    key = served.key;
    expect(served.value).toBeGreaterThan(0);
  }, 120_000);

  it('says the same when its view is asked again at its (T, K), whatever came since', async () => {
    const { t, k, vector, journal } = served.evidence as NonNullable<Prediction['evidence']>;
    const before = await soldToday(key);
    await control.call('POST', '/commands', {
      ...{ kind: 'place-order', channel: 'alpha-nl' },
      lines: [{ sku: decodeURIComponent(key), quantity: 3 }],
    });
    await until(
      'the order',
      () => soldToday(key),
      (units) => units >= before + 3,
    );
    const asked = await get<{
      vector: { values: Record<string, { value: number[] }> };
      sources: { journal: number; ageMs: number }[];
    }>(
      `/v1/features/facts/demand/${encodeURIComponent(key)}?at=${new Date(t).toISOString()}&k=${k}`,
    );
    const days = asked.vector.values['demand.daily']?.value ?? [];
    expect(days.slice(0, -1).slice(-vector.length)).toEqual(vector);
    // From there to the source records, each known by then, and to the entry that holds the prediction.
    expect(asked.sources.length).toBeGreaterThan(0);
    for (const source of asked.sources) expect(source.journal).toBeLessThan(k);
    const proof = await get<{ entries: { offset: number }[] }>(`/v1/audit/proof/entry/${journal}`);
    expect(proof.entries.map(({ offset }) => offset)).toEqual([journal]);
    const grounds = await get<{ entries: { offset: number; path: string[] }[] }>(
      `/v1/audit/proof/feature/demand/${encodeURIComponent(key)}?at=${new Date(t).toISOString()}&k=${k}`,
    );
    expect(grounds.entries.map(({ offset }) => offset)).toEqual(
      asked.sources.map((source) => source.journal).toSorted((a, b) => a - b),
    );
    // All of it in one document, which checks with the public key alone.
    const { publicKey } = await get<{ publicKey: string }>('/v1/audit/checkpoint');
    const id = (served.id ?? '').split('/').map(encodeURIComponent).join('/');
    const bundle = await get<Bundle>(`/v1/audit/proof/${id}`);
    const checked = checkBundle(bundle, publicKey);
    expect(checked).toMatchObject({ ok: true, firstBad: null });
    const { prediction, sources } = bundle.about as {
      readonly prediction: object;
      readonly sources: readonly { journal: number; version: string | null; ageMs: number }[];
    };
    expect(prediction).toMatchObject({ key, t, k, isWorkedOutAgain: true });
    expect(sources.length).toBeGreaterThan(0);
    const proved = checked.sources.map(({ offset }) => offset);
    expect(proved).toEqual(
      [...sources.map((source) => source.journal), journal].sort((a, b) => a - b),
    );
    expect(checked.sources.find(({ offset }) => offset === journal)?.body?.['rows']).toEqual(
      expect.arrayContaining([expect.objectContaining({ key })]),
    );
  }, 60_000);

  it('has the same figures over HTTP and on the command line', async () => {
    const http = await one(key);
    const line = await cli('--key', decodeURIComponent(key));
    expect(line.exit).toBe(0);
    expect(line.predictions.map(still)).toEqual([still(http.prediction)]);
    expect(still(http.prediction)).toEqual(still(served));
    const all = await cli('--limit', '1000');
    expect(all.predictions.map(still)).toEqual((await list()).predictions.map(still));
  }, 60_000);

  it('has the same figures on the page', async () => {
    await enter();
    await page.getByRole('region', { name: 'Gate of demand' }).getByText('serve').waitFor();
    const { prediction } = await one(key);
    expect(await rowOf(key)).toEqual([
      ...[decodeURIComponent(key), 'serve', prediction.date, String(prediction.value)],
      `${prediction.interval?.low} to ${prediction.interval?.high}`,
      `${prediction.horizon?.value} in ${prediction.horizon?.days} d`,
      'not needed',
    ]);
    const inputs = await page.locator('table').first().locator('tbody th').allTextContents();
    const { inputs: told } = await get<{ inputs: { input: string }[] }>('/v1/readiness');
    expect(inputs.toSorted()).toEqual(told.map(({ input }) => input).toSorted());
    await isWell('served');
  }, 60_000);

  it('is held when SAP stops, with the reason and the last good value, and served again', async () => {
    const fault = await stopSap();
    const seen: One[] = [];
    const held = await until(
      'the hold',
      async () => {
        const now = await one(key);
        seen.push(now);
        return now;
      },
      ({ prediction }) => prediction.gate === 'hold',
    );
    // No answer was served on an input whose limit was over.
    for (const { inputs, prediction } of seen) {
      const isOver = inputs.some(({ ageMs, maxAgeMs }) => ageMs === null || ageMs >= maxAgeMs);
      expect(prediction.gate === 'hold').toBe(isOver);
    }
    const { prediction, worstInput, inputs } = held;
    expect(prediction).toMatchObject({
      ...{ value: null, interval: null, horizon: null },
      lastGood: {
        ...{ id: served.id, value: served.value, interval: served.interval, date: served.date },
      },
    });
    expect(worstInput?.component).toBe('freshness');
    expect(worstInput?.input).toMatch(/^erp\/(stock|order)$/);
    expect(prediction.reason).toContain(`${worstInput?.input}: Last known whole`);
    expect(prediction.worstInput?.fix).toContain('headrace status');
    // Since the first limit was over: as long as an input is beyond it.
    const heldMs = held.at - (prediction.since ?? 0);
    const overMs = inputs.map(({ ageMs, maxAgeMs }) => (ageMs ?? 0) - maxAgeMs);
    expect(overMs.some((ms) => Math.abs(ms - heldMs) <= 1)).toBe(true);
    console.log(`demand: held ${heldMs} ms after the first limit was over, asked every 100 ms`);
    // What does not stand on SAP is well.
    expect(inputs.find(({ input }) => input === 'shop/order')?.score).toBe(1);
    const line = await cli('--key', decodeURIComponent(key));
    expect(line.exit).toBe(2);
    expect(line.predictions.map(still)).toEqual([still(prediction)]);
    expect((await list()).predictions.every(({ value }) => value === null)).toBe(true);
    const gate = page.getByRole('region', { name: 'Gate of demand' });
    await gate.getByText('hold').waitFor();
    await gate.getByText('is worst: Last known whole').waitFor();
    const { lastGood, date } = prediction;
    expect(await rowOf(key)).toEqual([
      ...[decodeURIComponent(key), 'hold', date, 'held', 'none', 'none'],
      `${lastGood?.value} (${lastGood?.interval.low} to ${lastGood?.interval.high})`,
    ]);
    await isWell('held');

    const { pid } = up.child;
    await startSap(fault);
    const again = await until(
      'SAP back',
      () => one(key),
      (now) => now.gate === 'serve',
    );
    expect(up.child.pid).toBe(pid);
    expect(still(again.prediction)).toEqual(still(served));
    await gate.getByText('serve', { exact: true }).waitFor();
    expect(complaints).toEqual([]);
  }, 120_000);

  it('keeps the last good value over a crash while it is held', async () => {
    const fault = await stopSap();
    const before = await until(
      'the hold',
      () => one(key),
      ({ gate }) => gate === 'hold',
    );
    // The turn itself is journaled a look later.
    await sleep(1500);
    await up.stop('SIGKILL');
    up = await headrace.up();
    const after = await one(key);
    expect(after.gate).toBe('hold');
    expect(still(after.prediction)).toEqual(still(before.prediction));
    await startSap(fault);
    const again = await until(
      'SAP back',
      () => one(key),
      (now) => now.gate === 'serve',
    );
    expect(still(again.prediction)).toEqual(still(served));
    const verified = await send(up, token, '/v1/predictions/churn');
    expect(verified).toMatchObject({ status: 404, body: { code: 'E_NO_USE_CASE' } });
    const unknown = await send(up, token, '/v1/predictions/demand/NOTHING');
    expect(unknown).toMatchObject({ status: 404, body: { code: 'E_NO_PREDICTION' } });
  }, 120_000);

  /** Calls that entered purchase orders, and what they entered. */
  const entered = async (): Promise<number> => {
    const { byClass } = await control.call<{ byClass: Record<string, number> }>('GET', '/calls');
    const path = '/sap/opu/odata/sap/API_PURCHASEORDER_PROCESS_SRV/A_PurchaseOrder';
    return byClass[`POST ${path}`] ?? 0;
  };
  const flowOf = () => get<{ flows: FlowState[] }>('/v1/flows').then(({ flows }) => flows[0]);
  const proposals = async () => {
    const path = '/v1/flows/erp.purchase/differences?limit=100';
    const { differences } = await get<{ differences: Difference[] }>(path);
    return differences.map(({ fields }) =>
      Object.fromEntries(fields.map(({ field, after }) => [field, after])),
    );
  };
  it('shows what to buy, each with its prediction, and enters nothing', async () => {
    await until('proposals', flowOf, (flow) => flow?.waiting === 0 && (flow?.differences ?? 0) > 0);
    const shown = await proposals();
    const ids = new Set((await list()).predictions.map(({ id }) => id));
    for (const proposal of shown) {
      expect(ids).toContain(proposal['prediction']);
      expect(proposal).toMatchObject({ plant: 'NL01', type: 'NB', unit: 'PC' });
      expect(Number(proposal['quantity'])).toBeGreaterThan(0);
      expect(proposal['why']).toContain(`${proposal['quantity']} short: `);
    }
    const references = shown.map((proposal) => proposal['reference']);
    expect(new Set(references).size).toBe(references.length);
    expect(await entered()).toBe(0);
  }, 90_000);

  it('enters none while demand is held though the flow is live, and each once when it is served', async () => {
    const shown = await proposals();
    const stock = { kind: '5xx', scope: 'A_MaterialStock', status: 503 };
    const fault = (await control.call<{ id: string }>('POST', '/faults', stock)).id;
    await until('the hold', list, ({ gate }) => gate === 'hold');
    await up.stop('SIGINT');
    writeProject('live');
    up = await headrace.up();
    await send(up, token, '/v1/flows/erp.purchase/resync', { all: true });
    const gated = await until('it is due', flowOf, (flow) => (flow?.waiting ?? 0) > 0);
    expect(gated).toMatchObject({ write: 'live', state: 'gated' });
    expect(gated?.why).toContain('Demand is held: erp/stock');
    await sleep(4000);
    // SAP would take it: only its stock does not answer.
    expect(await entered()).toBe(0);
    await control.call('DELETE', `/faults/${fault}`);
    await until('all is entered', entered, (count) => count >= shown.length);
    await until('nothing waits', flowOf, (flow) => flow?.waiting === 0);
    const lines = await control.ledger('purchase-order-lines');
    for (const { material, quantity } of shown) {
      const own = lines.filter(
        ({ sku, ordered, plant }) =>
          sku === material && ordered === Number(quantity) && plant === 'NL01',
      );
      expect(own.length, String(material)).toBeGreaterThanOrEqual(1);
    }
    // What was ordered is on its way, so nothing is short any more; but for what has no supplier, and
    // waits with the reason.
    const settled = await until(
      'it is settled',
      () =>
        get<{ records: { fields: Decided }[] }>(
          '/v1/entities/decision?stream=headrace/decision&limit=200',
        ),
      ({ records }) =>
        records.every(
          ({ fields: { parameters } }) =>
            parameters.supplierId === undefined || parameters.quantity.value === '0',
        ),
    );
    const open = settled.records.filter(({ fields }) => fields.parameters.quantity.value !== '0');
    expect((await flowOf())?.failed).toBe(open.length);
    const count = await entered();
    expect(count).toBe(shown.length);
    await up.stop('SIGKILL');
    up = await headrace.up();
    await until('it is served', list, ({ gate }) => gate === 'serve');
    await send(up, token, '/v1/flows/erp.purchase/resync', { all: true });
    await until('nothing waits', flowOf, (flow) => flow?.waiting === 0);
    expect(await entered()).toBe(count);
    // Predictions, turns of the gate and decisions fold again to the same, and the log is whole.
    const verified = await headrace.json<{ mismatches: number }>('replay', '--verify');
    expect(verified).toMatchObject({ exit: 0, mismatches: 0 });
    expect(await headrace.json('verify')).toMatchObject({ exit: 0, ok: true });
  }, 240_000);
});

interface FlowState {
  readonly write: string;
  readonly state: string;
  readonly why: string | null;
  readonly waiting: number;
  readonly differences: number;
  readonly failed: number;
}

interface Difference {
  readonly fields: readonly { readonly field: string; readonly after: unknown }[];
}

interface Decided {
  readonly parameters: {
    readonly quantity: { readonly value: string };
    readonly supplierId?: string;
  };
}
