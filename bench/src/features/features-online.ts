/**
 * Reads of fifty values over HTTP, one key and a hundred, while lines of orders come in. The platform
 * is a process of its own; reads of one key and of a hundred go out from a thread each. Then more lines,
 * and how late the last of each batch is read.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { openLoop } from '../shared/open-loop.js';
import type { BenchOptions, BenchResult } from '../shared/options.js';
import { loadAverage, usageOf } from '../shared/process-usage.js';
import { seeded } from '../shared/seeded.js';
import { quantile, round } from '../shared/statistics.js';
import { type Address, post, read, type Shape } from './online-client.js';
import type { Reads, ReadsDone } from './reads-worker.js';
import type { ServerTimes } from './server-times.js';

const targets = { oneKeyP99Ms: 5, hundredKeysP99Ms: 20, readableP99Ms: 1000, loadCores: 0.3 };
const dayMs = 86_400_000;
const hotKeys = 500;
/** The second time they are kept, and the rest is compiled by then. */
const warmTimes = 10;

interface Settings {
  readonly lines: number;
  readonly keys: number;
  readonly seconds: number;
  readonly linesPerSecond: number;
  readonly busyLinesPerSecond: number;
  readonly readsPerSecond: number;
  readonly hundredsPerSecond: number;
  /** How a hundred are answered; one key always as a vector. */
  readonly hundredsAs: Shape;
}

/** Begins to read; ends with the last answer. */
type Reader = () => Promise<ReadsDone>;

interface Server extends Address {
  readonly child: ChildProcess;
  /** Of the thread that answers reads. */
  readonly reads: Address;
}

export async function featuresOnline(options: BenchOptions): Promise<BenchResult> {
  const settings: Settings = {
    lines: options.number('lines', 200_000),
    keys: options.number('keys', 20_000),
    seconds: options.number('seconds', 30),
    linesPerSecond: options.number('lines-per-second', 1000),
    busyLinesPerSecond: options.number('busy-lines-per-second', 2000),
    readsPerSecond: options.number('reads-per-second', 100),
    hundredsPerSecond: options.number('hundreds-per-second', 2),
    hundredsAs: options.flag('vectors') ? 'vectors' : 'table',
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
  const [{ url, readsUrl, token }] = (await once(child, 'message')) as [
    { url: string; readsUrl: string; token: string },
  ];
  return { child, url, token, reads: { url: readsUrl, token } };
}

async function measure(
  server: Server,
  settings: Settings,
  say: (text: string) => void,
): Promise<BenchResult> {
  const { lines, keys } = settings;
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const till = new Till(keys);
  const ingest = (body: string) => post(server, agent, '/v1/ingest/till/line', body);
  for (let sent = 0; sent < lines; sent += 1000) {
    await ingest(till.batch(Math.min(1000, lines - sent), 90 * dayMs));
    if (sent % 50_000 === 0) say(`${sent} of ${lines} lines are there`);
  }
  const load = new Load(server, agent, till, settings);
  await load.warm();
  const reading = await load.run({
    linesPerSecond: settings.linesPerSecond,
    readsPerSecond: settings.readsPerSecond,
    hundredsPerSecond: settings.hundredsPerSecond,
  });
  say(`p99 of one key ${reading.oneKey.p99Ms} ms; now the faster lines alone`);
  const busy = await load.run({
    linesPerSecond: settings.busyLinesPerSecond,
    readsPerSecond: 0,
    hundredsPerSecond: 0,
  });
  agent.destroy();
  const { oneKey, hundredKeys, cpu } = reading;
  const errors = reading.errors + busy.errors;
  return {
    name: 'features-online',
    value: oneKey.p99Ms,
    unit: 'ms p99, 1 key of 50 values',
    detail: {
      ...{ ...settings, errors, oneKey, hundredKeys, server: reading.server },
      readable: { [settings.linesPerSecond]: reading.readable },
      readableBusy: { [settings.busyLinesPerSecond]: busy.readable },
      ...{ cpu, cpuBusy: busy.cpu, parity: busy.parity, loadAverage: loadAverage() },
      targets: {
        ...targets,
        met:
          errors === 0 &&
          oneKey.p99Ms <= targets.oneKeyP99Ms &&
          hundredKeys.p99Ms <= targets.hundredKeysP99Ms &&
          busy.readable.p99Ms <= targets.readableP99Ms &&
          cpu.measurement <= targets.loadCores,
      },
    },
  };
}

interface Rates {
  readonly linesPerSecond: number;
  readonly readsPerSecond: number;
  readonly hundredsPerSecond: number;
}

interface Figures {
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** The lines that are sold. */
class Till {
  readonly #random = seeded(17);
  readonly #keys: number;
  #next = 0;

  constructor(keys: number) {
    this.#keys = keys;
  }

  /** Lines ordered within so many ms; the last one of `sku`, where it is given. */
  batch(size: number, withinMs: number, sku?: string): string {
    const list = Array.from({ length: size }, (_, index) => {
      this.#next += 1;
      const isLast = sku !== undefined && index === size - 1;
      return {
        ...{ id: `L${this.#next}`, version: '1' },
        sku: isLast ? sku : `S${this.#random.below(this.#keys)}`,
        orderedAt: new Date(Date.now() - Math.floor(this.#random.next() * withinMs)).toISOString(),
        ...{ units: String(1 + this.#random.below(4)), net: '19.99' },
      };
    });
    return JSON.stringify(list);
  }
}

const batchesPerSecond = 10;

class Load {
  readonly #server: Server;
  readonly #agent: Agent;
  readonly #till: Till;
  readonly #settings: Settings;
  #probes = 0;

  constructor(server: Server, agent: Agent, till: Till, settings: Settings) {
    this.#server = server;
    this.#agent = agent;
    this.#till = till;
    this.#settings = settings;
  }

  async run({ linesPerSecond, readsPerSecond, hundredsPerSecond }: Rates) {
    const readable: number[] = [];
    let errors = 0;
    const sell = async (dueMs: number) => {
      this.#probes += 1;
      const probe = `P${this.#probes}`;
      const batch = this.#till.batch(linesPerSecond / batchesPerSecond, 0, probe);
      const { status } = await post(this.#server, this.#agent, '/v1/ingest/till/line', batch);
      if (status !== 202) errors += 1;
      // Until a read shows it, whatever the answer to the batch says.
      while (!(await this.#isReadable(probe))) await sleep(5);
      readable.push(performance.now() - dueMs);
    };
    const [readOnes, readHundreds] = await Promise.all([
      this.#reader(1, readsPerSecond, 0),
      this.#reader(100, hundredsPerSecond, 1),
    ]);
    await this.#ask();
    const { pid = 0 } = this.#server.child;
    const before = { own: usageOf().cpuSeconds, server: usageOf(pid).cpuSeconds };
    const begun = performance.now();
    const [one, hundred] = await Promise.all([
      readOnes(),
      readHundreds(),
      openLoop({ perSecond: batchesPerSecond, seconds: this.#settings.seconds }, sell),
    ]);
    errors += one.errors + hundred.errors;
    const took = (performance.now() - begun) / 1000;
    const cpu = {
      measurement: round((usageOf().cpuSeconds - before.own) / took, 2),
      platform: round((usageOf(pid).cpuSeconds - before.server) / took, 2),
    };
    const { parity, tookMs } = await this.#ask();
    return {
      ...{
        oneKey: figures(one.tookMs),
        hundredKeys: figures(hundred.tookMs),
        readable: figures(readable),
      },
      ...{ errors, cpu, parity },
      server: { oneKey: figures(tookMs.one), hundredKeys: figures(tookMs.hundred) },
    };
  }

  /** Nine in ten are to be keys that were asked for before, from the first read on. */
  async warm(): Promise<void> {
    for (let from = 0; from < warmTimes * hotKeys; from += 100) {
      const keys = Array.from({ length: 100 }, (_, at) => `S${(from + at) % hotKeys}`);
      await read(this.#server.reads, this.#agent, keys);
    }
  }

  /** A thread that reads so many keys at once, and begins when it is told to. */
  async #reader(size: number, perSecond: number, place: number): Promise<Reader> {
    if (perSecond === 0) return async () => ({ tookMs: [], errors: 0 });
    const { keys, seconds, hundredsAs } = this.#settings;
    const reads: Reads = {
      ...{ to: this.#server.reads, size, shape: size === 1 ? 'vectors' : hundredsAs },
      ...{ perSecond, seconds, hotKeys, keys, place, of: 2 },
    };
    const thread = new Worker(new URL('./reads-worker.js', import.meta.url), { workerData: reads });
    await once(thread, 'message');
    return async () => {
      thread.postMessage('begin');
      const [done] = (await once(thread, 'message')) as [ReadsDone];
      return done;
    };
  }

  async #isReadable(probe: string): Promise<boolean> {
    return (await read(this.#server.reads, this.#agent, [probe]))
      .text()
      .includes('"wide.lines_1h":{"value":1,');
  }

  /** What the platform noted since it was asked last. */
  async #ask() {
    this.#server.child.send('status');
    const [noted] = (await once(this.#server.child, 'message')) as [
      { readonly parity: unknown; readonly tookMs: ServerTimes },
    ];
    return noted;
  }
}

function figures(values: readonly number[]): Figures {
  return {
    count: values.length,
    p50Ms: round(quantile(values, 0.5), 2),
    p99Ms: round(quantile(values, 0.99), 2),
    maxMs: round(Math.max(0, ...values), 2),
  };
}
