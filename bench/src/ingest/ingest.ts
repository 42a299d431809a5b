/**
 * Signed webhook → durable, deduplicated 202 over real HTTP, the platform beside the server one
 * would write by hand; afterwards both stores must hold exactly the events that were acknowledged.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openDatabase, storePaths } from '../../../packages/platform/dist/storage/index.js';
import type { BenchOptions, BenchResult } from '../shared/options.js';
import { loadAverage, rssBytesOf, usageOf } from '../shared/process-usage.js';
import { median, round } from '../shared/statistics.js';
import { type DeliveryShares, productIdOf } from './deliveries.js';
import { type Load, type LoadResult, startLoad } from './load.js';
import { type Server, startServer } from './server.js';

const shares: DeliveryShares = { redelivered: 0.05, recentSpan: 5_000, products: 50_000 };
const connections = 32;
const perSecondMax = 30_000;
const openPerSecond = 1_000;

interface Measured extends LoadResult {
  readonly serverCpuMicros: number;
}

/** One of the two, with all that was sent to it. */
interface Side {
  readonly name: 'platform' | 'baseline';
  readonly folder: string;
  readonly server: Server;
  readonly peaks: Measured[];
  readonly steady: Measured[];
  readonly acknowledged: Set<number>;
  sent: number;
  nextEvent: number;
}

export async function ingest(options: BenchOptions): Promise<BenchResult> {
  const set = {
    rounds: options.number('rounds', 3),
    seconds: options.number('seconds', 6),
    openSeconds: options.number('open-seconds', 10),
    warmUp: options.number('warm-up', 3),
  };
  const folder = join(options.data, 'ingest');
  rmSync(folder, { recursive: true, force: true });
  const sides = [await startSide('platform', folder), await startSide('baseline', folder)] as const;
  const load = await startLoad();
  try {
    for (const side of sides) await send(load, side, { perSecond: null, seconds: set.warmUp });
    for (let count = 0; count < set.rounds; count += 1) {
      for (const side of sides) {
        side.peaks.push(await send(load, side, { perSecond: null, seconds: set.seconds }));
        const { perSecond, p99Ms } = side.peaks.at(-1) as Measured;
        options.say(`${side.name}: ${Math.round(perSecond)}/s, p99 ${round(p99Ms)} ms`);
      }
      for (const side of sides) {
        const pace = { perSecond: openPerSecond, seconds: set.openSeconds };
        side.steady.push(await send(load, side, pace));
        const { p50Ms, p99Ms } = side.steady.at(-1) as Measured;
        options.say(
          `${side.name} at ${openPerSecond}/s: p50 ${round(p50Ms, 2)}, p99 ${round(p99Ms, 2)} ms`,
        );
      }
    }
    return await resultOf(sides, set);
  } finally {
    load.close();
    for (const { server } of sides) await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function startSide(name: Side['name'], data: string): Promise<Side> {
  const folder = join(data, name);
  mkdirSync(folder, { recursive: true });
  const server = await startServer(`./${name}-main.js`, folder);
  const acknowledged = new Set<number>();
  return { name, folder, server, peaks: [], steady: [], acknowledged, sent: 0, nextEvent: 0 };
}

async function send(
  load: Load,
  side: Side,
  pace: { readonly perSecond: number | null; readonly seconds: number },
): Promise<Measured> {
  const count = Math.ceil((pace.perSecond ?? perSecondMax) * pace.seconds);
  const before = usageOf(side.server.pid).cpuSeconds;
  const result = await load.run({
    ...{ port: side.server.port, connections, perSecond: pace.perSecond, count, shares },
    forMs: pace.seconds * 1000,
    firstEvent: side.nextEvent,
    seed: 7 + side.nextEvent,
  });
  const cpuSeconds = usageOf(side.server.pid).cpuSeconds - before;
  for (const event of result.events) side.acknowledged.add(event);
  side.nextEvent += count;
  side.sent += result.sent;
  const refused = Object.keys(result.statuses).filter((status) => status !== '202');
  if (refused.length > 0) {
    throw new Error(`${side.name} answered ${JSON.stringify(result.statuses)}.`);
  }
  return { ...result, serverCpuMicros: (cpuSeconds * 1e6) / result.sent };
}

async function resultOf(sides: readonly [Side, Side], set: object): Promise<BenchResult> {
  const [platform, baseline] = sides;
  const rssBytes = rssBytesOf(platform.server.pid);
  const baselineRssBytes = rssBytesOf(baseline.server.pid);
  for (const { server } of sides) await server.close();
  const stored = { platform: verifyPlatform(platform), baseline: verifyBaseline(baseline) };
  const peak = mid(platform.peaks, 'perSecond');
  const against = mid(baseline.peaks, 'perSecond');
  return {
    name: 'ingest',
    value: Math.round(peak),
    unit: 'webhooks/s',
    ratio: round(peak / against, 3),
    against: `Fastify and SQLite by hand, group commit, ${Math.round(against)}/s`,
    detail: {
      ...set,
      connections,
      redelivered: shares.redelivered,
      peak: { platform: figuresOf(platform.peaks), baseline: figuresOf(baseline.peaks) },
      [`at${openPerSecond}PerSecond`]: {
        platform: figuresOf(platform.steady),
        baseline: figuresOf(baseline.steady),
      },
      p99RatioOpenLoop: round(mid(platform.steady, 'p99Ms') / mid(baseline.steady, 'p99Ms'), 2),
      stored,
      rssBytes: { platform: rssBytes, baseline: baselineRssBytes },
      loadAverage: loadAverage(),
    },
  };
}

function mid(runs: readonly Measured[], name: 'perSecond' | 'p50Ms' | 'p99Ms' | 'serverCpuMicros') {
  return median(runs.map((run) => run[name]));
}

function figuresOf(runs: readonly Measured[]) {
  return {
    perSecond: Math.round(mid(runs, 'perSecond')),
    perRound: runs.map((run) => Math.round(run.perSecond)),
    p50Ms: round(mid(runs, 'p50Ms'), 2),
    p99Ms: round(mid(runs, 'p99Ms'), 2),
    p99PerRound: runs.map((run) => round(run.p99Ms, 2)),
    serverCpuMicros: round(mid(runs, 'serverCpuMicros')),
    senderCpuMicros: round(median(runs.map((run) => (run.cpuSeconds * 1e6) / run.sent))),
  };
}

/** Every acknowledged event's id and the marks of its key, once each, and nothing more. */
function verifyPlatform(side: Side) {
  const database = openDatabase(storePaths(side.folder).main, { readOnly: true });
  const count = (sql: string) => Number(database.prepare(sql).get()?.['n']);
  const events = count('SELECT count(*) AS n FROM event_id_current');
  const marks = count("SELECT count(*) AS n FROM dirty WHERE stream = 'shop/product'");
  database.close();
  const products = new Set(
    [...side.acknowledged].map((event) => productIdOf(event, shares.products)),
  );
  expect('platform', 'event ids', events, side.acknowledged.size);
  expect('platform', 'marked products', marks, products.size);
  return { sent: side.sent, acknowledged: side.acknowledged.size, events, marks };
}

function verifyBaseline(side: Side) {
  const database = openDatabase(join(side.folder, 'baseline.db'), { readOnly: true });
  const events = Number(database.prepare('SELECT count(*) AS n FROM event').get()?.['n']);
  database.close();
  expect('baseline', 'event ids', events, side.acknowledged.size);
  return { sent: side.sent, acknowledged: side.acknowledged.size, events };
}

function expect(side: string, what: string, found: number, wanted: number): void {
  if (found !== wanted) {
    throw new Error(`The ${side} holds ${found} ${what}, acknowledged were ${wanted}.`);
  }
}
