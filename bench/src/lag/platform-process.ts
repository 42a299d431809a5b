/** Starts the platform as a process of its own beside an emulated shop, and talks to it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { BesideShop, ShopAccess } from '../../../packages/platform/dist/app/demo-folder.js';

export interface WorldClock {
  readonly epochMs: number;
  readonly realStartMs: number;
  readonly rate: number;
}

export interface PlatformOrder {
  readonly folder: string;
  readonly shop: ShopAccess;
  readonly beside?: BesideShop;
  readonly clock: WorldClock;
  readonly port: number;
  /** Poll interval of every stream, as a project says it; the connector's own when absent. */
  readonly every?: string;
  /** Read budget of the connector; its own when absent. */
  readonly budget?: { readonly requestsPerSecond: number; readonly concurrency: number };
}

export interface PlatformReady {
  readonly url: string;
  /** Only the first start over a folder tells it. */
  readonly token: string | null;
}

export interface MemorySample {
  readonly heapUsed: number;
  readonly external: number;
  readonly rss: number;
  readonly isCollected: boolean;
}

/** What of the status document the benchmarks read. */
export interface Status {
  readonly streams: readonly {
    readonly source: string;
    readonly stream: string;
    readonly mode: string;
    readonly records: number;
    readonly lagMs: { readonly p50: number; readonly p99: number } | null;
    readonly everyMs: number;
    /** Keys that changed and were not read since. */
    readonly waiting: number;
    /** How long ago the stream was last known whole. */
    readonly behindMs: number;
    readonly state: string;
    readonly why: string | null;
  }[];
  readonly journal: { readonly entries: number; readonly bytes: number };
  readonly healthy: boolean;
}

export interface PlatformProcess {
  readonly pid: number;
  readonly url: string;
  readonly token: string;
  readonly startedInMs: number;
  get<T>(path: string): Promise<T | null>;
  status(): Promise<Status>;
  sample(): Promise<MemorySample>;
  /** SIGKILL: nothing is flushed or closed. */
  kill(): Promise<void>;
  close(): Promise<void>;
}

export interface ProcessOptions {
  readonly nodeFlags?: readonly string[];
  /** From an earlier start over the same folder. */
  readonly token?: string;
}

export async function startPlatformProcess(
  order: PlatformOrder,
  { nodeFlags = [], token: known = '' }: ProcessOptions = {},
): Promise<PlatformProcess> {
  const script = fileURLToPath(new URL('./platform-main.js', import.meta.url));
  const startedAt = performance.now();
  const child = spawn(process.execPath, [...nodeFlags, script, JSON.stringify(order)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let isMeant = false;
  void exited.then(() => {
    if (isMeant) return;
    process.stderr.write('The platform ended by itself.\n');
    process.exit(1);
  });
  const { url, token } = await messageOf<PlatformReady>(child);
  const headers = { authorization: `Bearer ${token ?? known}` };
  const get = async <T>(path: string): Promise<T | null> => {
    const response = await fetch(url + path, { headers });
    const body = (await response.json()) as T;
    if (response.status === 404) return null;
    if (!response.ok) throw new Error(`${path}: ${response.status} ${JSON.stringify(body)}`);
    return body;
  };
  const end = async (signal: 'SIGKILL' | 'SIGTERM') => {
    isMeant = true;
    child.kill(signal);
    await exited;
  };
  return {
    pid: child.pid as number,
    url,
    token: token ?? known,
    startedInMs: performance.now() - startedAt,
    get,
    status: async () => (await get<Status>('/v1/status')) as Status,
    async sample() {
      const answer = messageOf<MemorySample>(child);
      child.send('sample');
      return answer;
    },
    kill: () => end('SIGKILL'),
    close: () => end('SIGTERM'),
  };
}

/** A stream that was read whole once; whether it keeps up is another question. */
export function isWhole(state: string): boolean {
  return state === 'live' || state === 'behind';
}

/** Waits until every stream was read whole; `look` is called at each look. */
export async function untilLive(
  platform: PlatformProcess,
  look: (status: Status) => void = () => undefined,
  lookEveryMs = 100,
): Promise<void> {
  for (;;) {
    const status = await platform.status();
    look(status);
    const stopped = status.streams.find(({ state }) => state === 'stopped');
    if (stopped !== undefined) throw new Error(`${stopped.stream} stopped: ${stopped.why}`);
    if (status.streams.length > 0 && status.streams.every(({ state }) => isWhole(state))) return;
    await sleep(lookEveryMs);
  }
}

/** A port nobody listens on, for processes that must know each other's address beforehand. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0));
    });
  });
}

function messageOf<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve) => child.once('message', (message) => resolve(message as T)));
}
