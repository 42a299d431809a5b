/**
 * From a change in the shop to its being readable over HTTP, open loop: changes go out by the clock,
 * however late the answers are. Shop, platform and measurement are three processes.
 *
 *   notices on    price, order and customer edits, and a few stock sets, each with its webhook
 *   notices lost  stock sets nobody tells about, found by polling; customer edits beside them
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchOptions, BenchResult } from '../shared/options.js';
import { loadAverage, usageOf } from '../shared/process-usage.js';
import { seeded } from '../shared/seeded.js';
import { quantile, round } from '../shared/statistics.js';
import { type ChangeKind, customer, type Draw, drawOf, order, price, stock } from './changes.js';
import { startDiskProbe } from './disk-probe.js';
import { type PlatformProcess, startPlatformProcess, untilLive } from './platform-process.js';
import { type ShopWorld, startShopWorld } from './shop-world.js';
import { lagOfSystems } from './systems.js';
import { type Seen, Watcher } from './watcher.js';

const pushed: readonly ChangeKind[] = [price, order, customer];
/** The engine's wait for further keys before it reads some, and the connector's budget. */
const coalesceMs = 20;
const budgetDefault = { requestsPerSecond: 20, concurrency: 4 };
const warmUpSeconds = 5;

interface Settings {
  readonly seconds: number;
  readonly perSecond: number;
  readonly stockPerSecond: number;
  readonly hotKeys: number;
  readonly days: number;
  readonly scale: number;
}

interface Phase {
  readonly seen: readonly Seen[];
  readonly sent: number;
  readonly refused: number;
  readonly unseen: number;
  readonly detail: Readonly<Record<string, unknown>>;
}

export async function lag(options: BenchOptions): Promise<BenchResult> {
  if (options.flag('systems') || options.flag('stock-pass')) return lagOfSystems(options);
  const settings: Settings = {
    seconds: options.number('seconds', 40),
    perSecond: options.number('per-second', 50),
    stockPerSecond: 3,
    hotKeys: options.number('hot-keys', 10),
    days: options.number('days', 60),
    scale: options.number('scale', 0.1),
  };
  const budget = {
    requestsPerSecond: options.number('budget', budgetDefault.requestsPerSecond),
    concurrency: options.number('concurrency', budgetDefault.concurrency),
  };
  const folder = join(options.data, 'lag');
  rmSync(folder, { recursive: true, force: true });
  const world = await startShopWorld({ ...settings, rate: 1 });
  const { emulator, clock, port } = world;
  let platform: PlatformProcess | null = null;
  try {
    platform = await startPlatformProcess({ folder, shop: emulator.shop, clock, port, budget });
    await untilLive(platform);
    options.say('live; warming up');
    const draws = await drawsOf(platform, settings);
    await run(world, platform, draws, { ...settings, seconds: warmUpSeconds }, 'told', folder);
    const told = await run(world, platform, draws, settings, 'told', folder);
    options.say(`notices on: ${JSON.stringify(told.detail)}`);
    const lost = await run(world, platform, draws, settings, 'lost', folder);
    options.say(`notices lost: ${JSON.stringify(lost.detail)}`);
    return await resultOf(settings, budget, platform, told, lost);
  } finally {
    await platform?.close();
    await emulator.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

type Draws = ReadonlyMap<ChangeKind, Draw>;

async function drawsOf(platform: PlatformProcess, { hotKeys }: Settings): Promise<Draws> {
  const draws = new Map<ChangeKind, Draw>();
  for (const [index, kind] of [...pushed, stock].entries()) {
    draws.set(kind, await drawOf(platform, kind, seeded(index), { targetsMax: 1000, hotKeys }));
  }
  return draws;
}

/** Numbers of changes go up for good, so that one run's are not taken for the next one's. */
let lastNumber = 0;

async function run(
  world: ShopWorld,
  platform: PlatformProcess,
  draws: Draws,
  settings: Settings,
  notices: 'told' | 'lost',
  folder: string,
): Promise<Phase> {
  const { seconds, perSecond, stockPerSecond } = settings;
  const random = seeded(notices === 'told' ? 11 : 12);
  const watcher = new Watcher(platform.url, platform.token);
  const kinds = notices === 'told' ? pushed : [customer];
  if (notices === 'lost') {
    await control(world, 'POST', '/faults', { kind: 'drop-webhook', scope: 'product', rate: 1 });
  }
  await control(world, 'DELETE', '/calls');
  const cpu = { platform: usageOf(platform.pid).cpuSeconds, own: usageOf().cpuSeconds };
  const disk = startDiskProbe(join(folder, 'disk-probe'));
  const begun = performance.now();
  const lateMs: number[] = [];
  const sending: Promise<void>[] = [];
  let refused = 0;
  const count = Math.round(seconds * perSecond);
  for (let index = 0; index < count; index += 1) {
    const dueAt = begun + (index * 1000) / perSecond;
    const waitMs = dueAt - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    const isStock = random.next() < stockPerSecond / perSecond;
    const kind = isStock ? stock : (kinds[random.below(kinds.length)] as ChangeKind);
    const target = (draws.get(kind) as Draw).next();
    lastNumber += 1;
    const number = lastNumber;
    const sentAt = performance.now();
    lateMs.push(sentAt - dueAt);
    watcher.watch(target, number, sentAt);
    sending.push(
      control(world, 'POST', '/commands', kind.command(target, number)).then((answer) => {
        if (answer['error'] === undefined) return;
        refused += 1;
        watcher.forget(target, number);
      }),
    );
  }
  await Promise.all(sending);
  const wallMs = performance.now() - begun;
  const diskMs = await disk.end();
  const calls = await control(world, 'GET', '/calls');
  // A polled change may wait a poll; a lost one is not waited for longer than two.
  await watcher.settled(35_000);
  await control(world, 'DELETE', '/faults');
  const unseen = watcher.openCount;
  watcher.close();
  const { seen, askMs } = watcher;
  const slowest = [...seen].sort((a, b) => b.ms - a.ms).slice(0, 5);
  const cpuShare = (from: number, to: number) => round(((to - from) * 1000) / wallMs, 2);
  return {
    seen,
    sent: count,
    refused,
    unseen,
    detail: {
      sent: count,
      refused,
      unseen,
      streams: Object.fromEntries([...draws.keys()].flatMap((kind) => rowOf(kind, seen))),
      sentLateP99Ms: round(quantile(lateMs, 0.99)),
      asked: {
        count: askMs.length,
        p50Ms: round(quantile(askMs, 0.5)),
        p99Ms: round(quantile(askMs, 0.99)),
        maxMs: round(Math.max(...askMs)),
      },
      diskSync: {
        p50Ms: round(quantile(diskMs, 0.5)),
        p99Ms: round(quantile(diskMs, 0.99)),
        maxMs: round(Math.max(...diskMs)),
      },
      shopCalls: calls,
      cpu: {
        platform: cpuShare(cpu.platform, usageOf(platform.pid).cpuSeconds),
        measurement: cpuShare(cpu.own, usageOf().cpuSeconds),
      },
      slowest: slowest.map(({ kind, ms, sentAt }) => ({
        kind: kind.name,
        ms: Math.round(ms),
        atSecond: round((sentAt - begun) / 1000),
      })),
    },
  };
}

function rowOf(kind: ChangeKind, seen: readonly Seen[]): [string, unknown][] {
  const row = figuresOf(seen.filter((one) => one.kind === kind));
  return row.count === 0 ? [] : [[`${kind.stream} (${kind.name})`, row]];
}

function figuresOf(seen: readonly Seen[]) {
  const ms = seen.map((one) => one.ms);
  return {
    count: ms.length,
    p50Ms: round(quantile(ms, 0.5)),
    p99Ms: round(quantile(ms, 0.99)),
    maxMs: round(Math.max(...ms)),
  };
}

async function resultOf(
  settings: Settings,
  budget: typeof budgetDefault,
  platform: PlatformProcess,
  told: Phase,
  lost: Phase,
): Promise<BenchResult> {
  const ofPushed = figuresOf(told.seen.filter(({ kind }) => pushed.includes(kind)));
  const ofPolled = figuresOf(lost.seen.filter(({ kind }) => kind === stock));
  const { streams } = await platform.status();
  const pollMs = streams.find(({ stream }) => stream === 'stock')?.everyMs ?? 0;
  const unseen = told.unseen + lost.unseen;
  return {
    name: 'lag',
    value: ofPushed.p99Ms,
    unit: 'ms',
    detail: {
      ...settings,
      readBudget: budget,
      coalesceMs,
      pushed: ofPushed,
      polled: { ...ofPolled, everyMs: pollMs },
      unseen,
      targets: {
        pushed: { p50Ms: 100, p99Ms: 1000 },
        polledMaxMs: pollMs + 1000,
        isMet:
          unseen === 0 &&
          ofPushed.p50Ms <= 100 &&
          ofPushed.p99Ms <= 1000 &&
          ofPolled.maxMs <= pollMs + 1000,
      },
      noticesOn: told.detail,
      noticesLost: lost.detail,
      status: streams.map(({ stream, mode, lagMs, everyMs }) => ({ stream, mode, lagMs, everyMs })),
      load: loadAverage(),
    },
  };
}

async function control(
  { emulator }: ShopWorld,
  method: string,
  path: string,
  body?: object,
): Promise<Readonly<Record<string, unknown>>> {
  const response = await fetch(new URL(path, emulator.controlUrl), {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return (await response.json()) as Record<string, unknown>;
}
