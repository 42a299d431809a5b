/**
 * All of a shop into an empty store over HTTP, then a kill and a start over the same data. Before
 * and after it, the bare loop over the shop's orders.
 */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  isWhole,
  type PlatformOrder,
  type PlatformProcess,
  type Status,
  startPlatformProcess,
  untilLive,
} from '../lag/platform-process.js';
import { startShopWorld } from '../lag/shop-world.js';
import type { BenchOptions, BenchResult } from '../shared/options.js';
import { loadAverage, rssPeakBytesOf, sizeOf, usageOf } from '../shared/process-usage.js';
import { seeded } from '../shared/seeded.js';
import { median, round } from '../shared/statistics.js';
import { bareLoop } from './bare-loop.js';

const mega = 1_000_000;
const rssTargetMb = 600;
const restartTargetMs = 3000;

interface StreamTime {
  readonly records: number;
  readonly seconds: number;
}

export async function backfill(options: BenchOptions): Promise<BenchResult> {
  const scale = options.number('scale', 0.3);
  const days = options.number('days', 400);
  const bareOrders = options.number('bare-orders', 100_000);
  const restarts = Math.max(1, options.number('restarts', 1));
  const random = seeded(1);
  const folder = join(options.data, 'backfill');
  const bareFolder = join(options.data, 'backfill-bare');
  rmSync(folder, { recursive: true, force: true });
  const others = childrenOf(process.pid);
  const world = await startShopWorld({ days, scale, rate: 1 });
  const { emulator, clock, port } = world;
  const shopPid = childrenOf(process.pid).find((pid) => !others.includes(pid)) ?? 0;
  options.say(JSON.stringify(emulator.counts));
  const order: PlatformOrder = { folder, shop: emulator.shop, clock, port };
  let platform: PlatformProcess | null = null;
  try {
    const bareBefore = await bareLoop(bareFolder, emulator.shop, bareOrders);
    options.say(`bare loop: ${Math.round(bareBefore.perSecond)} orders/s`);
    const shopCpuBefore = usageOf(shopPid).cpuSeconds;
    const begun = performance.now();
    platform = await startPlatformProcess(order);
    const { token } = platform;
    const times = await follow(platform, begun, options);
    const seconds = (performance.now() - begun) / 1000;
    const cpu = {
      platform: round(usageOf(platform.pid).cpuSeconds),
      shop: round(usageOf(shopPid).cpuSeconds - shopCpuBefore),
    };
    const rssPeakMb = round(rssPeakBytesOf(platform.pid) / mega);
    const { journal } = await platform.status();
    const folderBytes = bytesIn(folder);

    // Before the restarts, each of which takes one of the ten tokens the shop gives a minute.
    const bareAfter = await bareLoop(bareFolder, emulator.shop, bareOrders);
    const starts: { healthyMs: number; liveMs: number }[] = [];
    for (let time = 0; time < restarts; time += 1) {
      // Later ones are killed while they read and fold what changed since.
      if (time > 0) await sleep(random.next() * 2000);
      await platform.kill();
      const restarting = performance.now();
      const healthy = untilHealthy(`http://127.0.0.1:${port}`).then(
        () => performance.now() - restarting,
      );
      platform = await startPlatformProcess(order, { token });
      const healthyMs = await healthy;
      await untilLive(platform, () => undefined, 20);
      starts.push({ healthyMs, liveMs: performance.now() - restarting });
    }
    const after = await platform.status();
    await platform.close();
    platform = null;

    const records = [...times.values()].reduce((sum, stream) => sum + stream.records, 0);
    const bare = median([bareBefore.perSecond, bareAfter.perSecond]);
    const orders = times.get('order');
    const orderRate = orders === undefined ? Number.NaN : orders.records / orders.seconds;
    return {
      name: 'backfill',
      value: Math.round(records / seconds),
      unit: 'records/s',
      ratio: round(orderRate / bare, 3),
      against: `bare loop over the orders, ${Math.round(bare)}/s, beside our order stream, ${Math.round(orderRate)}/s`,
      detail: {
        scale,
        days,
        world: emulator.counts,
        records,
        seconds: round(seconds),
        streams: Object.fromEntries(
          [...times].map(([name, time]) => [
            name,
            {
              records: time.records,
              seconds: round(time.seconds),
              perSecond: Math.round(time.records / time.seconds),
            },
          ]),
        ),
        barePerSecond: [bareBefore, bareAfter].map(({ perSecond }) => Math.round(perSecond)),
        bareCpuMicrosPerOrder: Math.round((bareBefore.cpuSeconds * 1e6) / bareBefore.records),
        cpuSeconds: cpu,
        platformCpuMicrosPerRecord: Math.round((cpu.platform * 1e6) / records),
        entries: journal.entries,
        storeBytesPerEntry: Math.round(journal.bytes / journal.entries),
        folderBytesPerEntry: Math.round(folderBytes / journal.entries),
        folderMb: round(folderBytes / mega),
        rssPeakMb,
        restart: {
          times: starts.length,
          healthyMs: spread(starts.map(({ healthyMs }) => healthyMs)),
          everyStreamLiveMs: spread(starts.map(({ liveMs }) => liveMs)),
          entriesAfter: after.journal.entries,
        },
        targets: {
          rssMb: rssTargetMb,
          restartMs: restartTargetMs,
          isMet:
            rssPeakMb <= rssTargetMb && starts.every(({ liveMs }) => liveMs <= restartTargetMs),
        },
        load: loadAverage(),
      },
    };
  } finally {
    await platform?.close();
    await emulator.close();
    for (const path of [folder, bareFolder]) rmSync(path, { recursive: true, force: true });
  }
}

/** When each stream was done, and with how many records. */
async function follow(
  platform: PlatformProcess,
  begun: number,
  options: BenchOptions,
): Promise<Map<string, StreamTime>> {
  const times = new Map<string, StreamTime>();
  let toldAt = 0;
  const look = ({ streams, journal }: Status) => {
    const seconds = (performance.now() - begun) / 1000;
    for (const { stream, state, records } of streams) {
      if (isWhole(state) && !times.has(stream)) times.set(stream, { records, seconds });
    }
    if (seconds - toldAt < 10) return;
    toldAt = seconds;
    const rss = Math.round(rssPeakBytesOf(platform.pid) / mega);
    options.say(`${Math.round(seconds)} s: ${journal.entries} entries, RSS ${rss} MB at most`);
  };
  await untilLive(platform, look);
  return times;
}

function spread(values: readonly number[]): { p50: number; max: number } {
  return { p50: Math.round(median(values)), max: Math.round(Math.max(...values)) };
}

async function untilHealthy(url: string): Promise<void> {
  for (;;) {
    const response = await fetch(`${url}/healthz`).catch(() => null);
    if (response?.status === 200) return;
    await sleep(10);
  }
}

function bytesIn(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + sizeOf(join(entry.parentPath, entry.name)), 0);
}

function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
  } catch {
    return [];
  }
}
