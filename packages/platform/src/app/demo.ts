/**
 * The demo: a simulated retailer behind an emulated shop, and the platform reading it.
 *
 *   world → platform starts → first entities → backfill, stream by stream → ready → live
 */
import { mkdirSync, rmSync } from 'node:fs';
import { type Clock, HeadraceError, type Logger } from '@headrace/sdk';
import { type Status, statusOf } from '../api/index.js';
import { sleepReal, systemClock } from '../ports/index.js';
import { type DemoRecord, type DemoSystem, readDemo, writeDemo } from './demo-folder.js';
import { prepareDemo } from './demo-project.js';
import { type RunningEmulator, startEmulator } from './emulator-process.js';
import { openerOf } from './open-features.js';
import { type Platform, startPlatform } from './platform.js';

export interface DemoOptions {
  readonly folder: string;
  /** Go on with the data that is there instead of starting anew. */
  readonly keep: boolean;
  readonly port: number;
  readonly seed: number;
  readonly days: number;
  readonly scale: number;
  /** The shop alone when left out. */
  readonly systems?: readonly DemoSystem[];
  /** Clock seconds per real second. */
  readonly speed: number;
  readonly log: (now: () => number) => Logger;
  readonly crash: (error: HeadraceError) => void;
  readonly watch: DemoWatch;
}

/** Told while the demo comes up. */
export interface DemoWatch {
  phase(name: string, seconds: number, what: string): void;
  /** Records journaled so far. */
  backfilling(records: number): void;
}

export interface BackfilledStream {
  readonly source: string;
  readonly stream: string;
  readonly records: number;
  readonly seconds: number;
  readonly recordsPerSecond: number;
}

export interface Demo {
  readonly platform: Platform;
  readonly emulator: RunningEmulator;
  readonly record: DemoRecord;
  readonly backfill: {
    readonly records: number;
    readonly seconds: number;
    readonly streams: readonly BackfilledStream[];
  };
  readonly phases: Readonly<Record<string, number>>;
  /** Opens the page once; null where it was not built. */
  readonly consoleUrl: string | null;
  status(): Status;
  close(): Promise<void>;
}

/** When the demo's history ends: a fixed moment, so that one seed is one history everywhere. */
const epochMs = Date.UTC(2026, 4, 4, 8, 0, 0);
const lookEveryMs = 100;
const ordersPerHour = 720;
const editsPerHour = 1440;

export async function startDemo(options: DemoOptions, stopped: Promise<void>): Promise<Demo> {
  const { folder, watch } = options;
  const clock = systemClock();
  const { seed, days, scale, systems = ['shopware'] } = options;
  // Said only where it is not the shop alone, so that data of earlier versions can go on.
  const world = { seed, days, scale, ...(systems.length === 1 ? {} : { systems }) };
  const before = options.keep ? readDemo(folder) : null;
  if (before !== null && JSON.stringify(before.world) !== JSON.stringify(world)) {
    throw new HeadraceError('config', `The data in ${folder} is of another world.`, {
      code: 'E_DEMO',
      hint: 'Give the seed, days, scale and systems it was made with, or another --data.',
    });
  }
  // Data that goes on needs a clock that goes on.
  const shared = before?.clock ?? { epochMs, realStartMs: clock.now(), rate: options.speed };
  const phases: Record<string, number> = {};
  const timed = phaseTimer(clock, (name, seconds, what) => {
    phases[name] = seconds;
    watch.phase(name, seconds, what);
  });
  if (!options.keep) rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });

  const emulator = await startEmulator({
    ...world,
    clock: shared,
    webhookUrl: `http://127.0.0.1:${options.port}/v1/webhooks/shop`,
  });
  timed('world', worldText(emulator.counts));
  let platform: Platform | null = null;
  try {
    const movedClock = systemClock(shared);
    platform = await startPlatform({
      project: prepareDemo(folder, emulator.shop, emulator.beside),
      folder,
      threads: openerOf({ data: folder }),
      log: options.log(() => movedClock.now()),
      listen: { host: '127.0.0.1', port: options.port },
      clock: shared,
      crash: options.crash,
    });
    const record: DemoRecord = {
      world,
      apiUrl: platform.url,
      token: platform.token ?? before?.token ?? '',
      shop: emulator.shop,
      beside: emulator.beside,
      clock: shared,
    };
    writeDemo(folder, record);
    const running = platform;
    const status = () => statusOf(running.engine, running.clock);
    const gone = Promise.race([emulator.ended, stopped.then(() => Promise.reject(interrupted()))]);
    const backfill = await Promise.race([awaitReady(running, clock, watch, timed), gone]);
    timed('ready', `${running.url}`);
    await emulator.live(ordersPerHour, editsPerHour);
    return {
      platform: running,
      emulator,
      record,
      backfill,
      phases,
      consoleUrl: running.consoleLink('admin'),
      status,
      async close() {
        await running.close();
        await emulator.close();
      },
    };
  } catch (thrown) {
    await platform?.close();
    await emulator.close();
    throw thrown;
  }
}

async function awaitReady(
  { engine, clock: movedClock }: Platform,
  clock: Clock,
  watch: DemoWatch,
  timed: (name: string, what: string) => void,
): Promise<Demo['backfill']> {
  const startedMs = clock.monotonicMs();
  const done = new Map<string, BackfilledStream>();
  let isFirst = true;
  for (;;) {
    const { streams } = statusOf(engine, movedClock);
    const seconds = (clock.monotonicMs() - startedMs) / 1000;
    const records = streams.reduce((sum, stream) => sum + stream.records, 0);
    if (isFirst && records > 0) {
      timed('firstEntities', 'readable over HTTP');
      isFirst = false;
    }
    watch.backfilling(records);
    for (const { source, stream, state, why } of streams) {
      const name = `${source}/${stream}`;
      // What was read now: a demo that goes on has most of it already.
      const count = engine.runners.get(name)?.health.journaled ?? 0;
      if (state === 'stopped') throw notReady(name, why);
      // One that was read whole once and does not keep up is behind, and that is for `status` to say.
      const isWhole = state === 'live' || state === 'behind';
      if (!isWhole || done.has(name)) continue;
      const recordsPerSecond = Math.round(count / Math.max(seconds, 0.001));
      done.set(name, { source, stream, records: count, seconds, recordsPerSecond });
    }
    if (streams.length > 0 && done.size === streams.length) {
      timed('backfill', `${records.toLocaleString('en-US')} records`);
      const list = [...done.values()];
      const read = list.reduce((sum, stream) => sum + stream.records, 0);
      return { records: read, seconds, streams: list };
    }
    await sleepReal(lookEveryMs);
  }
}

function phaseTimer(
  clock: Clock,
  tell: (name: string, seconds: number, what: string) => void,
): (name: string, what: string) => void {
  let last = clock.monotonicMs();
  return (name, what) => {
    const now = clock.monotonicMs();
    tell(name, (now - last) / 1000, what);
    last = now;
  };
}

function worldText(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${count.toLocaleString('en-US')} ${name}`)
    .join(', ');
}

function notReady(stream: string, why: string | null): HeadraceError {
  return new HeadraceError('config', `The stream ${stream} stopped: ${why ?? 'no reason given'}`, {
    code: 'E_DEMO',
  });
}

function interrupted(): HeadraceError {
  return new HeadraceError('cancelled', 'The demo was stopped before it was ready.', {
    code: 'E_CANCELLED',
  });
}
