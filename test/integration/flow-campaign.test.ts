/**
 * Whole flows between an emulated shop, ERP and PIM that nothing else connects, while the platform is killed
 * at each label of each flow, inside commits and at moments nobody chose; while both systems lose answers
 * after they have done what they were told, are busy and ask to wait, and tell of changes twice, late or
 * not at all. SAP enters a document twice as readily as once. In the end, both say the same by their own
 * books, each document is there once, and a refold gives the same store.
 *
 * `HEADRACE_KILLS` makes it longer.
 */
// runs: alone
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { foldsOf } from '../../packages/platform/dist/app/folds.js';
import { loadProject } from '../../packages/platform/dist/app/load-project.js';
import { decodeHeader } from '../../packages/platform/dist/audit/index.js';
import { tablesOf, verifyReplay } from '../../packages/platform/dist/engine/index.js';
import { createNormalizer } from '../../packages/platform/dist/entities/index.js';
import { createReader, openStore } from '../../packages/platform/dist/storage/index.js';
import { compareFlows, type FlowName } from '../../scripts/compare-flows.mjs';
import { chanceOf } from './support/chance.js';
import { Company, companyConfig, type Death, type Life } from './support/company.js';
import { acts } from './support/company-acts.js';

const seed = Number(process.env['HEADRACE_SEED'] ?? 1);
const kills = Number(process.env['HEADRACE_KILLS'] ?? 10);
const points = ['flow-begun', 'flow-written', 'flow-ended', 'flow-marks-read'] as const;
const commitPoints = ['before-begin', 'applied', 'committed'] as const;
/** A label that is not passed by then is not passed in this life. */
const lifeMs = 15_000;
const none: Death = { at: null, crashAt: null };

const flows = Object.keys(acts);
const carried: readonly FlowName[] = [
  ...(['stock', 'price', 'order', 'tracking', 'return'] as const),
  ...(['category', 'product', 'variant', 'media'] as const),
];

interface Plan extends Death {
  /** Of labelled kills. */
  readonly flow: string | null;
  /** Killed this long after it serves. */
  readonly afterMs: number | null;
}

/** Most at the labels of each flow in turn, the rest inside commits and at moments nobody chose. */
function plans(next: () => number): Plan[] {
  return Array.from({ length: kills }, (_, index): Plan => {
    if (index % 6 === 4) {
      const point = commitPoints[Math.floor(next() * 3)] as string;
      const crashAt = { point, count: 1 + Math.floor(next() * 12) };
      return { at: null, crashAt, flow: null, afterMs: null };
    }
    if (index % 6 === 5) return { ...none, flow: null, afterMs: Math.floor(next() * 1500) };
    const labelled = index - 2 * Math.floor(index / 6);
    const flow = flows[labelled % flows.length] as string;
    const point = points[Math.floor(labelled / flows.length) % points.length] as string;
    return { at: { point, by: flow, count: 1 }, crashAt: null, flow, afterMs: null };
  });
}

const faults: readonly object[] = [
  ...['/sap/opu', '/api/_action'].flatMap((path, index) => {
    const scope = path === '/sap/opu' ? `POST ${path}` : path;
    return [
      { kind: 'timeout-after-apply', scope, rate: 0.25, seed: seed + index },
      { kind: '429', scope, rate: 0.08, seed: seed + 10 + index, retryAfterS: 1 },
      { kind: '5xx', scope, rate: 0.12, seed: seed + 20 + index },
    ];
  }),
  { kind: 'duplicate-webhook', rate: 0.3, seed: seed + 30 },
  { kind: 'drop-webhook', rate: 0.1, seed: seed + 31 },
  { kind: 'reorder-webhook', rate: 0.1, seed: seed + 32 },
];

describe('flows between systems that nothing else connects', () => {
  const folder = mkdtempSync(join(tmpdir(), 'headrace-campaign-'));
  let company: Company;
  let life: Life | null = null;

  beforeAll(async () => {
    company = await Company.start({
      ...{ seed: 5, scale: 0.02, days: 10, customers: 100, orderLines: 60 },
      ...{ products: 12, variants: 40 },
    });
  }, 60_000);
  afterAll(async () => {
    life?.child.kill('SIGKILL');
    await company?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** One life of the platform; whether it died where it was planned. */
  async function live(plan: Plan, next: () => number): Promise<boolean> {
    const busy = plan.flow ?? (flows[Math.floor(next() * flows.length)] as string);
    const act = () => acts[busy]?.(company, next);
    await act();
    const own = company.live(folder, plan);
    life = own;
    await Promise.race([own.ready, own.dead]);
    if (own.isAlive()) await company.resumeNotices();
    const end = performance.now() + (plan.afterMs ?? lifeMs);
    while (own.isAlive() && performance.now() < end) {
      await act();
      await Promise.race([delay(Math.min(250, Math.max(0, end - performance.now()))), own.dead]);
    }
    const isMeant = !own.isAlive() || plan.afterMs !== null;
    own.child.kill('SIGKILL');
    expect(await own.dead, 'the process died of the signal, not of an error').toBe('SIGKILL');
    return isMeant;
  }

  const compared = () =>
    compareFlows({ control: company.control, only: carried, since: company.since });

  async function differences() {
    const results = await compared();
    return Object.fromEntries(results.map(({ flow, differing }) => [flow, differing.slice(0, 3)]));
  }
  const level = Object.fromEntries(carried.map((flow) => [flow, []]));
  const isLevel = async () => JSON.stringify(await differences()) === JSON.stringify(level);

  /** A last life without faults, until both say the same; then nothing more is written. */
  async function settle(): Promise<void> {
    await company.call('DELETE', '/faults');
    const own = company.live(folder, none);
    life = own;
    await Promise.race([own.ready, own.dead]);
    await company.resumeNotices();
    const end = performance.now() + 90_000;
    while (performance.now() < end && own.isAlive() && !(await isLevel())) await delay(250);
    expect(await differences()).toEqual(level);
    // Echoes come back, everything unconfirmed is looked at once more, and what is not compared (which
    // categories a product is in) follows; then nothing is written any more.
    const last = performance.now() + 60_000;
    for (let before = -1; performance.now() < last; ) {
      const now = await company.mutating();
      if (now === before) break;
      before = now;
      await delay(5_000);
    }
    const before = await company.mutating();
    await delay(3_000);
    expect(await company.mutating(), 'calls that change something once all is level').toBe(before);
    expect(await differences()).toEqual(level);
    own.child.kill('SIGKILL');
    expect(await own.dead).toBe('SIGKILL');
  }

  /** Deliveries begun, each under a key of its own; the store folds again to the same. */
  async function verify(): Promise<number> {
    const project = await loadProject(companyConfig, company.environment);
    const folds = foldsOf(project);
    const replay = verifyReplay({
      ...{ folder, folds, normalizer: createNormalizer(project.sources) },
    });
    expect(replay).toMatchObject({ mismatches: 0, firstMismatch: null });
    const tables = tablesOf(folds);
    const store = openStore(folder, { readOnly: true, tables });
    try {
      const reader = createReader(store, tables);
      const keys: string[] = [];
      for (let from = 0; from < reader.journalEnd(); from += 1000) {
        for (const row of reader.journalRange(from, 1000)) {
          if (decodeHeader(row.header).kind !== 'outcome') continue;
          const body = JSON.parse(Buffer.from(row.body).toString());
          if (body.action !== 'begun') continue;
          for (const { idempotencyKey } of body.items) keys.push(idempotencyKey);
        }
      }
      expect(new Set(keys).size, 'each delivery is begun under a key of its own').toBe(keys.length);
      return keys.length;
    } finally {
      store.close();
    }
  }

  it('say the same in the end, each document once, whatever died meanwhile', {
    timeout: 300_000 + kills * 20_000,
  }, async () => {
    const begun = performance.now();
    const next = chanceOf(seed);
    for (const fault of faults) await company.fault(fault);
    const hits = new Map<string, number>();
    for (const plan of plans(next)) {
      const isHit = await live(plan, next).catch((thrown: Error) => {
        thrown.message = `HEADRACE_SEED=${seed} ${JSON.stringify(plan)}: ${thrown.message}`;
        throw thrown;
      });
      const name = plan.flow ?? (plan.crashAt === null ? 'any time' : 'a commit');
      if (isHit) hits.set(name, (hits.get(name) ?? 0) + 1);
    }
    const killedS = Math.round((performance.now() - begun) / 1000);
    const injected = company.emulators.faults.log().length;
    await settle();
    const deliveries = await verify();
    const rows = await compared();
    const counts = rows.map((row) => `${row.compared} of ${row.flow}`).join(', ');
    const where = [...hits].map(([name, count]) => `${count} in ${name}`).join(', ');
    console.log(
      `seed ${seed}: ${kills} kills in ${killedS} s (${where}), ${injected} faults, ` +
        `${deliveries} deliveries begun; level: ${counts}; ` +
        `${Math.round((performance.now() - begun) / 1000)} s in all`,
    );
    for (const row of rows) expect(row.compared, row.flow).toBeGreaterThan(0);
  });
});
