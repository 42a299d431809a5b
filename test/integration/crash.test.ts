/**
 * kill -9 of the whole platform at every labelled point of the step and of the source loops, and of
 * `headrace up` itself at random, under load of webhooks and polls, over one data directory that
 * grows. After each: nothing acknowledged is lost (I1), nothing has two effects (I2), the cursor
 * has not passed the journal (I4), journal, leaves and state agree (I5).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { foldsOf } from '../../packages/platform/dist/app/folds.js';
import { loadProject } from '../../packages/platform/dist/app/load-project.js';
import {
  type EngineOptions,
  isDeleted,
  type RecordState,
  verifyReplay,
} from '../../packages/platform/dist/engine/index.js';
import { createNormalizer } from '../../packages/platform/dist/entities/index.js';
import { chanceOf } from './support/chance.js';
import { type CrashSource, startCrashSource } from './support/crash-source.js';
import { StoreCheck, stateOf, storedCursor } from './support/store-check.js';

const pathOf = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const program = pathOf('../../packages/platform/dist/app/main.js');
const script = pathOf('./support/crash-child.mjs');
const config = pathOf('./support/crash-project/headrace.config.ts');
const seed = Number(process.env['HEADRACE_SEED'] ?? 1);
/** Every label at several passings either way; HEADRACE_KILLS=208 for the long campaign. */
const kills = Number(process.env['HEADRACE_KILLS'] ?? 26);
const passings = { commit: Math.floor(kills / 13), loop: Math.floor(kills / 23) };

interface Plan {
  readonly crashAt: EngineOptions['crashAt'] | null;
  readonly at: { readonly point: string; readonly count: number } | null;
  /** `headrace up`, killed by us this long after it was ready. */
  readonly afterMs: number | null;
}

const commitPoints = ['before-begin', 'keys-committed', 'applied', 'committed'] as const;
const loopPoints = [
  ...['fetch-begun', 'fetch-answered', 'fetch-durable'],
  ...['changes-answered', 'changes-durable', 'pass-answered', 'pass-durable'],
];

/** Every point at its first passings, then moments nobody chose. */
function plans(next: () => number): Plan[] {
  const none = { crashAt: null, at: null, afterMs: null };
  const list: Plan[] = [];
  for (const point of commitPoints) {
    for (let count = 1; count <= passings.commit; count += 1)
      list.push({ ...none, crashAt: { point, count } });
  }
  for (const point of loopPoints) {
    for (let count = 1; count <= passings.loop; count += 1) {
      // A pass ends rarely; its first ends are enough.
      const passing = point === 'pass-durable' ? 1 + (count % 2) : count;
      list.push({ ...none, at: { point, count: passing } });
    }
  }
  while (list.length < kills) {
    list.push({ ...none, afterMs: Math.floor(next() * 150) });
  }
  return list;
}

interface Notice {
  readonly key: string;
  /** Version of the change it told of. */
  readonly version: number;
}

class Campaign {
  readonly folder = mkdtempSync(join(tmpdir(), 'headrace-crash-'));
  readonly check = new StoreCheck();
  readonly readyMs: number[] = [];
  readonly source: CrashSource;
  acknowledged: Notice[] = [];
  refused = 0;
  acknowledgedCount = 0;
  entries = 0;
  /** Processes that died by themselves, at the point they were to die at. */
  labelsPassed = 0;
  #agent = new Agent({ keepAlive: true });
  #ids = 0;
  readonly #next: () => number;

  constructor(source: CrashSource, next: () => number) {
    this.source = source;
    this.#next = next;
  }

  /** Runs one process until it dies; resolves once it is dead. */
  async live(plan: Plan): Promise<void> {
    const { child, port, dead } = await this.#start(plan);
    let isAlive = true;
    void dead.then(() => {
      isAlive = false;
    });
    const load = this.#load(port, () => isAlive);
    if (plan.afterMs !== null) await Promise.race([delay(plan.afterMs), dead]);
    // A point may not be passed often enough; then the process dies anyway.
    else await Promise.race([delay(1500), dead]);
    if (!isAlive) this.labelsPassed += 1;
    child.kill('SIGKILL');
    expect(await dead, 'the process died of the signal, not of an error').toBe('SIGKILL');
    await load;
    this.#agent.destroy();
    this.#agent = new Agent({ keepAlive: true });
  }

  async #start(plan: Plan): Promise<{ child: ChildProcess; port: number; dead: Promise<unknown> }> {
    const { folder } = this;
    const isLabelled = plan.crashAt !== null || plan.at !== null;
    const args = isLabelled
      ? [script, JSON.stringify({ config, folder, ...plan })]
      : [program, 'up', '--json', '--port', '0', '--config', config, '--data', folder];
    const begun = performance.now();
    const child = spawn(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, SHOP_URL: this.source.url, HEADRACE_LOG: 'error' },
    });
    const dead = new Promise((resolve) =>
      child.once('exit', (code, signal) => resolve(signal ?? code)),
    );
    let said = '';
    const ready = new Promise<number>((resolve) => {
      child.stdout?.on('data', (part: Buffer) => {
        said += part.toString();
        const port = /"apiUrl": *"http:\/\/127\.0\.0\.1:(\d+)"/.exec(said)?.[1];
        if (port !== undefined) resolve(Number(port));
      });
    });
    // It may die before it serves: at the first commit of a start.
    const port = await Promise.race([ready, dead.then(() => 0)]);
    if (port > 0 && !isLabelled) this.readyMs.push(performance.now() - begun);
    return { child, port, dead };
  }

  /** Changes at the source and notices of most of them, as fast as they are answered. */
  async #load(port: number, isAlive: () => boolean): Promise<void> {
    if (port === 0) return;
    const worker = async () => {
      while (isAlive()) {
        const key = this.source.change();
        const notice = { key, version: this.source.lastVersion(key) };
        if (this.#next() < 0.1) continue;
        this.#ids += 1;
        const id = `e${this.#ids}`;
        const times = this.#next() < 0.05 ? 2 : 1;
        for (let time = 0; time < times; time += 1) {
          const status = await this.#send(port, id, key);
          if (status === 202) {
            this.acknowledged.push(notice);
            this.acknowledgedCount += 1;
          } else this.refused += 1;
        }
        await delay(2);
      }
    };
    await Promise.all([worker(), worker(), worker()]);
  }

  #send(port: number, eventId: string, key: string): Promise<number> {
    const body = JSON.stringify({ eventId, at: null, changes: [{ stream: 'thing', key }] });
    const signature = createHmac('sha256', 'secret').update(body).digest('hex');
    return new Promise((resolve) => {
      const call = request(
        {
          ...{
            host: '127.0.0.1',
            port,
            path: '/v1/webhooks/shop',
            method: 'POST',
            agent: this.#agent,
          },
          headers: { 'x-signature': signature, 'content-length': Buffer.byteLength(body) },
        },
        (response) => {
          response.resume();
          response.once('error', () => undefined);
          resolve(response.statusCode ?? 0);
        },
      );
      call.once('error', () => resolve(0));
      call.end(body);
    });
  }

  /** Holds the store to what was promised while it was written. */
  verify(): number {
    return this.check.run(this.folder, (reader) => {
      const marked = new Set(reader.dirty().map((row) => row.key));
      const open: Notice[] = [];
      for (const notice of this.acknowledged) {
        if (marked.has(notice.key)) {
          open.push(notice);
          continue;
        }
        if (this.#isAnswered(stateOf(reader, notice.key), notice)) continue;
        expect(`${notice.key} ${notice.version}`, 'was acknowledged and lost (I1)').toBe('');
      }
      this.acknowledged = open;
      const after = storedCursor(reader);
      this.source.changePages = this.source.changePages.filter((page) => page.after <= after);
      for (const { rows } of this.source.changePages) {
        for (const row of rows) {
          const version = Number(stateOf(reader, row.id)?.version ?? -1);
          expect(version, `the cursor passed ${row.id} (I4)`).toBeGreaterThanOrEqual(
            Number(row.version),
          );
        }
      }
      this.source.changePages = [];
    });
  }

  /** Without a mark, a read begun after the notice has shown what it told of, or something later. */
  #isAnswered(state: RecordState | null, { key, version }: Notice): boolean {
    const isGone = state === null || isDeleted(state);
    const isKnown = state !== null && Number(state.version) >= version;
    if (this.source.lastVersion(key) > version) return isGone || isKnown;
    return this.source.rows.has(key) ? isKnown && !isGone : isGone;
  }

  /** A last life without faults, until the state is the source's. */
  async settle(): Promise<void> {
    const { child, dead } = await this.#start({ crashAt: null, at: null, afterMs: null });
    const end = performance.now() + 30_000;
    for (let same = false; !same && performance.now() < end; ) {
      await delay(200);
      this.check.run(this.folder, (reader) => {
        const shown: Record<string, string> = {};
        for (const row of reader.tableAll('record')) {
          const key = row.key.slice('shop/thing/'.length);
          const state = stateOf(reader, key);
          if (state !== null && !isDeleted(state)) shown[key] = state.version ?? '';
        }
        const truth = Object.fromEntries(
          [...this.source.rows].map(([key, row]) => [key, row.version]),
        );
        same = reader.dirty().length === 0 && sameEntries(shown, truth);
        if (!same && performance.now() >= end) expect(shown).toEqual(truth);
      });
    }
    child.kill('SIGKILL');
    await dead;
  }
}

function sameEntries(a: Record<string, string>, b: Record<string, string>): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

describe('kill -9', () => {
  const folders: string[] = [];
  afterAll(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  /** One data directory with a source of its own; throws with the plan that failed. */
  async function run(list: readonly Plan[], next: () => number): Promise<Campaign> {
    const source = await startCrashSource(next);
    const campaign = new Campaign(source, next);
    folders.push(campaign.folder);
    for (const plan of list) {
      try {
        await campaign.live(plan);
        campaign.entries = campaign.verify();
      } catch (thrown) {
        const error = thrown as Error;
        error.message = `HEADRACE_SEED=${seed} ${JSON.stringify(plan)}: ${error.message}`;
        throw error;
      }
    }
    await campaign.settle();
    const project = await loadProject(config, { SHOP_URL: source.url });
    const folds = foldsOf(project);
    const normalizer = createNormalizer(project.sources);
    const replay = verifyReplay({ folder: campaign.folder, folds, normalizer });
    expect(replay).toMatchObject({ mismatches: 0, firstMismatch: null });
    await source.close();
    return campaign;
  }

  it('loses nothing and doubles nothing', { timeout: 900_000 }, async () => {
    const begun = performance.now();
    const all = plans(chanceOf(seed));
    // Side by side, for each spends most of its time starting.
    const campaigns = await Promise.all(
      [0, 1].map((side) =>
        run(
          all.filter((_, index) => index % 2 === side),
          chanceOf(seed + side),
        ),
      ),
    );
    const sum = (of: (campaign: Campaign) => number) =>
      campaigns.reduce((total, campaign) => total + of(campaign), 0);
    const ready = campaigns.flatMap((campaign) => campaign.readyMs).sort((a, b) => a - b);
    const p50 = ready[Math.floor(ready.length / 2)] as number;
    console.log(
      `seed ${seed}: ${all.length} kills in ${Math.round((performance.now() - begun) / 1000)} s, ` +
        `${sum((campaign) => campaign.labelsPassed)} at their labels, ` +
        `${sum((campaign) => campaign.entries)} entries, ` +
        `${sum((campaign) => campaign.acknowledgedCount)} notices acknowledged, ` +
        `${sum((campaign) => campaign.refused)} not; \`up\` ready after p50 ${Math.round(p50)} ms, ` +
        `max ${Math.round(ready.at(-1) as number)} ms`,
    );
  });
});
