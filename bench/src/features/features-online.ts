/**
 * Reads of fifty values over HTTP, one key and a hundred, while lines of orders come in. The platform
 * is a process of its own. Reads go out by the clock, however late the answers are; one in ten asks
 * for a key that was not asked for before.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchOptions, BenchResult } from '../shared/options.js';
import { loadAverage, usageOf } from '../shared/process-usage.js';
import { type Seeded, seeded } from '../shared/seeded.js';
import { quantile, round } from '../shared/statistics.js';

const targets = { oneKeyP99Ms: 5, hundredKeysP99Ms: 20, readableP99Ms: 1000, loadCores: 0.3 };
const dayMs = 86_400_000;
const hotKeys = 500;

interface Settings {
  readonly lines: number;
  readonly keys: number;
  readonly seconds: number;
  readonly linesPerSecond: number;
  readonly readsPerSecond: number;
  readonly hundredsPerSecond: number;
}

interface Server {
  readonly child: ChildProcess;
  readonly url: string;
  readonly token: string;
}

export async function featuresOnline(options: BenchOptions): Promise<BenchResult> {
  const settings: Settings = {
    lines: options.number('lines', 200_000),
    keys: options.number('keys', 20_000),
    seconds: options.number('seconds', 30),
    linesPerSecond: options.number('lines-per-second', 1000),
    readsPerSecond: options.number('reads-per-second', 100),
    hundredsPerSecond: options.number('hundreds-per-second', 2),
  };
  const folder = join(options.data, 'features-online');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const server = await startServer(folder);
  try {
    return await measure(server, settings, options.say);
  } finally {
    server.child.kill('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  }
}

async function startServer(folder: string): Promise<Server> {
  const child = fork(new URL('./online-project.js', import.meta.url), [folder], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const [{ url, token }] = (await once(child, 'message')) as [{ url: string; token: string }];
  return { child, url, token };
}

async function measure(
  server: Server,
  settings: Settings,
  say: (text: string) => void,
): Promise<BenchResult> {
  const { lines, keys, seconds } = settings;
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const random = seeded(17);
  let next = 0;
  const batch = (size: number, recent: boolean) =>
    JSON.stringify(
      Array.from({ length: size }, () => {
        next += 1;
        const age = recent ? 0 : Math.floor(random.next() * 90 * dayMs);
        return {
          ...{ id: `L${next}`, version: '1', sku: `S${random.below(keys)}` },
          orderedAt: new Date(Date.now() - age).toISOString(),
          ...{ units: String(1 + random.below(4)), net: '19.99' },
        };
      }),
    );
  const ingest = (body: string) => post(server, agent, '/v1/ingest/till/line', body);
  for (let sent = 0; sent < lines; sent += 1000) {
    await ingest(batch(Math.min(1000, lines - sent), false));
    if (sent % 50_000 === 0) say(`${sent} of ${lines} lines are there`);
  }

  const one: number[] = [];
  const hundred: number[] = [];
  const readable: number[] = [];
  let errors = 0;
  let cold = hotKeys;
  const keyOf = (from: Seeded) => {
    if (from.next() >= 0.1) return `S${from.below(hotKeys)}`;
    cold += 1;
    return `S${cold % keys}`;
  };
  const read = async (size: number, into: number[], dueMs: number) => {
    const body = JSON.stringify({
      views: ['wide'],
      keys: Array.from({ length: size }, () => keyOf(random)),
    });
    const answer = await post(server, agent, '/v1/features/online', body);
    if (answer.status !== 200) errors += 1;
    into.push(performance.now() - dueMs);
  };
  const before = { own: usageOf().cpuSeconds, server: usageOf(server.child.pid).cpuSeconds };
  const begun = performance.now();
  const under: Promise<unknown>[] = [];
  const every = async (perSecond: number, act: (dueMs: number) => Promise<unknown>) => {
    for (let index = 0; index < perSecond * seconds; index += 1) {
      const dueMs = begun + (index * 1000) / perSecond;
      const waitMs = dueMs - performance.now();
      if (waitMs > 0) await sleep(waitMs);
      under.push(act(dueMs));
    }
  };
  const batches = 10;
  await Promise.all([
    every(settings.readsPerSecond, (dueMs) => read(1, one, dueMs)),
    every(settings.hundredsPerSecond, (dueMs) => read(100, hundred, dueMs)),
    every(batches, async (dueMs) => {
      // A read at the end of what is durable sees every line whose 202 has come.
      const { status } = await ingest(batch(settings.linesPerSecond / batches, true));
      if (status !== 202) errors += 1;
      readable.push(performance.now() - dueMs);
    }),
  ]);
  await Promise.all(under);
  const took = (performance.now() - begun) / 1000;
  const cpu = {
    measurement: round((usageOf().cpuSeconds - before.own) / took, 2),
    platform: round((usageOf(server.child.pid).cpuSeconds - before.server) / took, 2),
  };
  server.child.send('status');
  const [{ parity }] = (await once(server.child, 'message')) as [{ parity: unknown }];
  agent.destroy();
  const figures = (values: readonly number[]) => ({
    count: values.length,
    p50Ms: round(quantile(values, 0.5), 2),
    p99Ms: round(quantile(values, 0.99), 2),
    maxMs: round(Math.max(...values), 2),
  });
  const [oneKey, hundredKeys, lineReadable] = [one, hundred, readable].map(figures) as [
    ReturnType<typeof figures>,
    ReturnType<typeof figures>,
    ReturnType<typeof figures>,
  ];
  return {
    name: 'features-online',
    value: oneKey.p99Ms,
    unit: 'ms p99, 1 key of 50 values',
    detail: {
      ...{ ...settings, errors, oneKey, hundredKeys, lineReadable, cpu, parity },
      loadAverage: loadAverage(),
      targets: {
        ...targets,
        met:
          errors === 0 &&
          oneKey.p99Ms <= targets.oneKeyP99Ms &&
          hundredKeys.p99Ms <= targets.hundredKeysP99Ms &&
          lineReadable.p99Ms <= targets.readableP99Ms,
      },
    },
  };
}

function post(
  { url, token }: Server,
  agent: Agent,
  path: string,
  body: string,
): Promise<{ readonly status: number }> {
  return new Promise((resolve, reject) => {
    const sent = request(new URL(path, url), {
      agent,
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-length': Buffer.byteLength(body) },
    });
    sent.on('error', reject);
    sent.on('response', (answer) => {
      answer.resume();
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0 }));
    });
    sent.end(body);
  });
}
