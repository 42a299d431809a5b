/**
 * kill -9 of the platform at every labelled point of a flow and at random, while an ERP changes and a
 * shop loses answers, times out after it has applied, refuses and limits. After all of it the shop
 * holds what the ERP says, each order was made once, no price went back, and a key stood for one
 * content (I18).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { foldsOf } from '../../packages/platform/dist/app/folds.js';
import { loadProject } from '../../packages/platform/dist/app/load-project.js';
import { decodeHeader } from '../../packages/platform/dist/audit/index.js';
import { tablesOf, verifyReplay } from '../../packages/platform/dist/engine/index.js';
import { createNormalizer } from '../../packages/platform/dist/entities/index.js';
import { createReader, openStore } from '../../packages/platform/dist/storage/index.js';
import { chanceOf } from './support/chance.js';
import { type FlowSystems, startFlowSystems } from './support/flow-systems.js';

const pathOf = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const program = pathOf('../../packages/platform/dist/app/main.js');
const script = pathOf('./support/crash-child.mjs');
const config = pathOf('./support/flow-project/headrace.config.ts');
const seed = Number(process.env['HEADRACE_SEED'] ?? 1);
const kills = Number(process.env['HEADRACE_KILLS'] ?? 20);
const points = ['flow-marks-read', 'flow-begun', 'flow-written', 'flow-ended'] as const;
const commitPoints = ['before-begin', 'applied', 'committed'] as const;

interface Plan {
  readonly at: { readonly point: string; readonly count: number } | null;
  readonly crashAt: { readonly point: string; readonly count: number } | null;
  /** `headrace up`, killed this long after it was ready. */
  readonly afterMs: number | null;
}

/** Half of the kills at the points of a flow, the rest inside commits and at moments nobody chose. */
function plans(next: () => number): Plan[] {
  return Array.from({ length: kills }, (_, index): Plan => {
    const none = { at: null, crashAt: null, afterMs: null };
    if (index % 2 === 0)
      return { ...none, at: { point: points[(index / 2) % 4] as string, count: 1 + (index % 7) } };
    if (index % 4 === 1) return { ...none, afterMs: Math.floor(next() * 1000) };
    const commit = commitPoints[index % 3] as string;
    return { ...none, crashAt: { point: commit, count: 3 + (index % 9) } };
  });
}

class Campaign {
  readonly folder = mkdtempSync(join(tmpdir(), 'headrace-flows-'));
  readonly systems: FlowSystems;
  labelled = 0;
  readonly #next: () => number;
  #orders = 0;
  #step = 0;

  constructor(systems: FlowSystems, next: () => number) {
    this.systems = systems;
    this.#next = next;
  }

  async live(plan: Plan): Promise<void> {
    const { child, ready, dead } = this.#start(plan);
    let isAlive = true;
    void dead.then(() => {
      isAlive = false;
    });
    await Promise.race([ready, dead]);
    const load = this.#load(() => isAlive);
    // A point may not be passed often enough; then the process dies anyway.
    await Promise.race([delay(plan.afterMs ?? 2500), dead]);
    if (!isAlive) this.labelled += 1;
    child.kill('SIGKILL');
    expect(await dead, 'the process died of the signal, not of an error').toBe('SIGKILL');
    await load;
    const { shop, web } = this.systems;
    expect([...shop.complaints, ...web.complaints]).toEqual([]);
    const references = shop.orders.map(({ reference }) => reference);
    expect(references.length, 'no order was made twice').toBe(new Set(references).size);
  }

  #start({ at, crashAt, afterMs }: Plan): {
    readonly child: ChildProcess;
    readonly ready: Promise<string>;
    readonly dead: Promise<unknown>;
  } {
    const { folder } = this;
    const args =
      afterMs === null
        ? [script, JSON.stringify({ config, folder, at, crashAt })]
        : [program, 'up', '--json', '--port', '0', '--config', config, '--data', folder];
    const child = spawn(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        ...process.env,
        ...{ SYSTEMS_URL: this.systems.url, HEADRACE_LOG: 'silent', TOY_BATCH: '5' },
      },
    });
    const dead = new Promise((resolve) =>
      child.once('exit', (code, signal) => resolve(signal ?? code)),
    );
    let said = '';
    const ready = new Promise<string>((resolve) => {
      child.stdout?.on('data', (part: Buffer) => {
        said += part.toString();
        const url = /"apiUrl": *"([^"]+)"/.exec(said)?.[1];
        if (url !== undefined) resolve(url);
      });
    });
    return { child, ready, dead };
  }

  /** Prices change again and again, orders come once and are amended. */
  async #load(isAlive: () => boolean): Promise<void> {
    const { thing, order } = this.systems.erp;
    const next = this.#next;
    while (isAlive()) {
      this.#step += 1;
      thing.put(`k${Math.floor(next() * 40)}`, 1 + Math.floor(next() * 3), this.#step);
      if (next() < 0.2) {
        const isNew = this.#orders === 0 || next() < 0.7;
        if (isNew) this.#orders += 1;
        const number = isNew ? this.#orders : 1 + Math.floor(next() * this.#orders);
        order.put(`o${number}`, 1 + Math.floor(next() * 5));
      }
      await delay(5);
    }
  }

  /** A last life without faults, until the shop holds what the ERP says. */
  async settle(): Promise<void> {
    this.systems.isFaulty = false;
    const { child, dead } = this.#start({ at: null, crashAt: null, afterMs: 0 });
    const end = performance.now() + 40_000;
    while (performance.now() < end && !this.#isLevel()) await delay(100);
    child.kill('SIGKILL');
    await dead;
    const { erp, shop } = this.systems;
    const things = Object.fromEntries([...shop.things].map(([key, fields]) => [key, fields]));
    const wanted = [...erp.thing.rows.values()].map(({ id, value, step }) => [
      id,
      { price: value, step },
    ]);
    expect(things).toEqual(Object.fromEntries(wanted));
    const orders = shop.orders.map(({ reference, buyer, fields }) => [
      reference,
      buyer,
      fields['lines'],
    ]);
    const said = [...erp.order.rows.values()].map(({ id, name, value }) => [id, name, value]);
    expect(orders.sort()).toEqual(said.sort());
  }

  #isLevel(): boolean {
    const { erp, shop } = this.systems;
    const same = (kind: string, id: string, fields: object) =>
      Object.entries(fields).every(([name, value]) => shop.find(kind, id)?.[name] === value);
    return (
      [...erp.thing.rows.values()].every(({ id, value, step }) =>
        same('thing', id, { price: value, step }),
      ) &&
      [...erp.order.rows.values()].every(({ id, value }) => same('order', id, { lines: value }))
    );
  }

  /** Every key a shop was called with was journaled before, and only once. */
  async verify(): Promise<number> {
    const { folder } = this;
    const project = await loadProject(config, { SYSTEMS_URL: this.systems.url });
    const folds = foldsOf(project);
    const normalizer = createNormalizer(project.sources);
    const replay = verifyReplay({ folder, folds, normalizer });
    expect(replay).toMatchObject({ mismatches: 0, firstMismatch: null });
    const tables = tablesOf(folds);
    const store = openStore(folder, { readOnly: true, tables });
    try {
      const reader = createReader(store, tables);
      const begun = new Map<string, number>();
      for (let from = 0; from < reader.journalEnd(); from += 1000) {
        for (const row of reader.journalRange(from, 1000)) {
          if (decodeHeader(row.header).kind !== 'outcome') continue;
          const body = JSON.parse(Buffer.from(row.body).toString());
          if (body.action !== 'begun') continue;
          for (const { idempotencyKey } of body.items) {
            begun.set(idempotencyKey, (begun.get(idempotencyKey) ?? 0) + 1);
          }
        }
      }
      expect(
        [...begun.values()].every((count) => count === 1),
        'begun once',
      ).toBe(true);
      const unknown = [...this.systems.shop.sent.keys()].filter((key) => !begun.has(key));
      expect(unknown, 'called with a key that was not journaled').toEqual([]);
      return replay.entries;
    } finally {
      store.close();
    }
  }

  /** Names were opened for the calls, and are nowhere in the clear. */
  checkSealed(): void {
    for (const name of readdirSync(this.folder)) {
      if (!name.startsWith('store.db')) continue;
      expect(readFileSync(join(this.folder, name)).includes('Ada van'), name).toBe(false);
    }
  }
}

describe('kill -9 of flows', () => {
  const folders: string[] = [];
  afterAll(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  async function run(
    list: readonly Plan[],
    next: () => number,
  ): Promise<Campaign & { entries: number }> {
    const systems = await startFlowSystems(next);
    systems.isFaulty = true;
    const campaign = new Campaign(systems, next);
    folders.push(campaign.folder);
    for (const plan of list) {
      try {
        await campaign.live(plan);
      } catch (thrown) {
        const error = thrown as Error;
        error.message = `HEADRACE_SEED=${seed} ${JSON.stringify(plan)}: ${error.message}`;
        throw error;
      }
    }
    await campaign.settle().finally(() => systems.close());
    const entries = await campaign.verify();
    campaign.checkSealed();
    expect(systems.web.mutations, 'a flow that only shows makes no call that writes').toBe(0);
    expect(systems.web.reads, 'and looks all the same').toBeGreaterThan(0);
    return Object.assign(campaign, { entries });
  }

  it('levels the shop, makes each order once and repeats no key', {
    timeout: 600_000,
  }, async () => {
    const begun = performance.now();
    const all = plans(chanceOf(seed));
    const campaigns = await Promise.all(
      [0, 1].map((side) =>
        run(
          // Pairs, so that each side gets every kind.
          all.filter((_, index) => (index >> 1) % 2 === side),
          chanceOf(seed + side),
        ),
      ),
    );
    const sum = (of: (campaign: (typeof campaigns)[number]) => number) =>
      campaigns.reduce((total, campaign) => total + of(campaign), 0);
    console.log(
      `seed ${seed}: ${all.length} kills in ${Math.round((performance.now() - begun) / 1000)} s, ` +
        `${sum(({ labelled }) => labelled)} at their labels, ` +
        `${sum(({ entries }) => entries)} entries, ` +
        `${sum(({ systems }) => systems.shop.mutations)} calls, ` +
        `${sum(({ systems }) => systems.shop.orders.length)} orders`,
    );
    expect(all).toHaveLength(kills);
  });
});
