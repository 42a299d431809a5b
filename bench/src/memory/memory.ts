/**
 * Memory over simulated days: a platform with little heap, a clock that passes a day in a minute
 * and a half, steady traffic. Each sample is taken after a full collection.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type MemorySample,
  type PlatformProcess,
  type Status,
  startPlatformProcess,
  untilLive,
} from '../lag/platform-process.js';
import { type ShopWorld, startShopWorld } from '../lag/shop-world.js';
import type { BenchOptions, BenchResult } from '../shared/options.js';
import { loadAverage, rssPeakBytesOf, usageOf } from '../shared/process-usage.js';
import { round, slope } from '../shared/statistics.js';

const dayMs = 86_400_000;
const mega = 1_000_000;
/** The first samples show caches filling, not a leak. */
const lastShare = 0.7;
/** Of a tenth of a second each. */
const looksMax = 100;
const targets = { percentADay: 1, rssMb: 300 };

interface Settings {
  readonly days: number;
  readonly seconds: number;
  readonly sampleHours: number;
  readonly ordersPerHour: number;
  readonly editsPerHour: number;
  readonly heapMb: number;
  readonly every: string;
  readonly scale: number;
}

interface Webhooks {
  readonly delivered: number;
  readonly failed: number;
  readonly retried: number;
  readonly pending: number;
  readonly webhooks: readonly { readonly eventName: string; readonly active: boolean }[];
}

interface Seen {
  readonly before: Status;
  readonly points: readonly Point[];
  readonly unseenOrders: number;
}

interface Point extends MemorySample {
  readonly day: number;
}

export async function memory(options: BenchOptions): Promise<BenchResult> {
  const days = options.number('days', 10);
  const settings: Settings = {
    days,
    seconds: options.number('seconds', 900),
    sampleHours: options.number('sample-hours', 2),
    ordersPerHour: options.number('orders', 40),
    editsPerHour: options.number('edits', 80),
    heapMb: options.number('heap', 128),
    // At this clock the 15 s of the connector would be a poll every few real milliseconds. Nor can the
    // clock go much faster: a token of the shop lives 600 of its seconds, and a request must fit in.
    every: `${options.number('every-minutes', 10)}m`,
    scale: options.number('scale', 0.02),
  };
  const rate = (days * dayMs) / (settings.seconds * 1000);
  const folder = join(options.data, 'memory');
  rmSync(folder, { recursive: true, force: true });
  const world = await startShopWorld({ days: 10, scale: settings.scale, rate });
  const { emulator, clock, port } = world;
  let platform: PlatformProcess | null = null;
  try {
    platform = await startPlatformProcess(
      { folder, shop: emulator.shop, clock, port, every: settings.every },
      { nodeFlags: [`--max-old-space-size=${settings.heapMb}`, '--expose-gc'] },
    );
    await untilLive(platform);
    await emulator.live(settings.ordersPerHour, settings.editsPerHour);
    options.say(`live at ${Math.round(rate)} clock seconds a second`);
    const before = await platform.status();
    const points = await watch(platform, settings, rate, options);
    await emulator.live(0, 0);
    const unseenOrders = await untilEqual(world, platform);
    return await resultOf(settings, rate, world, platform, { before, points, unseenOrders });
  } finally {
    await platform?.close();
    await emulator.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function watch(
  platform: PlatformProcess,
  { days, sampleHours }: Settings,
  rate: number,
  options: BenchOptions,
): Promise<Point[]> {
  const begun = performance.now();
  const points: Point[] = [];
  const everyMs = (sampleHours * 3_600_000) / rate;
  for (let next = 1; ; next += 1) {
    const day = ((performance.now() - begun) * rate) / dayMs;
    const sample = await platform.sample();
    points.push({ ...sample, day });
    if (day >= days) return points;
    if (points.length % 12 === 0) {
      const { entries } = (await platform.status()).journal;
      options.say(
        `day ${round(day)}: heap ${megabytes(sample.heapUsed)} MB, RSS ${megabytes(sample.rss)} MB, ${entries} entries`,
      );
    }
    await sleep(Math.max(0, begun + next * everyMs - performance.now()));
  }
}

/** Orders of the shop that the platform does not know some polls after the last was placed. */
async function untilEqual(world: ShopWorld, platform: PlatformProcess): Promise<number> {
  for (let look = 0; ; look += 1) {
    const { orders } = await ofShop<{ readonly orders: number }>(world, '/ready');
    const { streams } = await platform.status();
    const known = streams.find(({ stream }) => stream === 'order')?.records ?? 0;
    if (known >= orders || look === looksMax) return orders - known;
    await sleep(100);
  }
}

async function ofShop<T>({ emulator }: ShopWorld, path: string): Promise<T> {
  return (await (await fetch(new URL(path, emulator.controlUrl))).json()) as T;
}

async function resultOf(
  settings: Settings,
  rate: number,
  world: ShopWorld,
  platform: PlatformProcess,
  { before, points, unseenOrders }: Seen,
): Promise<BenchResult> {
  const counted = points.filter(({ day }) => day >= settings.days * (1 - lastShare));
  const slopes = {
    heapUsed: percentADay(counted, ({ heapUsed }) => heapUsed),
    heapAndExternal: percentADay(counted, ({ heapUsed, external }) => heapUsed + external),
    rss: percentADay(counted, ({ rss }) => rss),
    all: percentADay(counted, ({ heapUsed, external, rss }) => heapUsed + external + rss),
  };
  const rssMaxMb = megabytes(Math.max(...points.map(({ rss }) => rss)));
  const status = await platform.status();
  const views = await platform.get<{ readonly views: readonly unknown[] }>('/v1/features');
  const { done } = await ofShop<{ readonly done: unknown }>(world, '/live');
  const { delivered, failed, retried, pending, webhooks } = await ofShop<Webhooks>(
    world,
    '/webhooks',
  );
  const switchedOff = webhooks.filter(({ active }) => !active).map(({ eventName }) => eventName);
  return {
    name: 'memory',
    value: rssMaxMb,
    unit: 'MB',
    detail: {
      ...settings,
      clockSecondsPerSecond: Math.round(rate),
      samples: points.length,
      slopesPercentADay: slopes,
      targets: {
        ...targets,
        isMet: slopes.all <= targets.percentADay && rssMaxMb <= targets.rssMb,
      },
      rssPeakMb: megabytes(rssPeakBytesOf(platform.pid)),
      heapUsedMb: ends(points, ({ heapUsed }) => heapUsed),
      externalMb: ends(points, ({ external }) => external),
      rssMb: ends(points, ({ rss }) => rss),
      journalEntries: { before: before.journal.entries, after: status.journal.entries },
      storeMb: {
        before: megabytes(before.journal.bytes),
        after: megabytes(status.journal.bytes),
      },
      views: views?.views.length ?? 0,
      traffic: done,
      unseenOrders,
      webhooks: { delivered, failed, retried, pending, switchedOff },
      streams: status.streams.map(({ stream, mode, records, waiting, behindMs, state, why }) => ({
        ...{ stream, mode, records, waiting, behindMs, state, why },
      })),
      platformCpuSeconds: round(usageOf(platform.pid).cpuSeconds),
      load: loadAverage(),
    },
  };
}

/** Slope of the line through the samples, against their mean. */
function percentADay(points: readonly Point[], of: (point: Point) => number): number {
  const mean = points.reduce((sum, point) => sum + of(point), 0) / points.length;
  return round((slope(points.map((point) => [point.day, of(point)])) / mean) * 100, 2);
}

function ends(points: readonly Point[], of: (point: Point) => number) {
  const values = points.map(of);
  const [first = 0] = values;
  const middle = values[Math.floor(values.length * (1 - lastShare))] ?? 0;
  const [max, last] = [Math.max(...values), values.at(-1) ?? 0];
  return {
    first: megabytes(first),
    afterWarmUp: megabytes(middle),
    last: megabytes(last),
    max: megabytes(max),
  };
}

function megabytes(bytes: number): number {
  return round(bytes / mega);
}
