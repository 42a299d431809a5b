/**
 * The whole step on a large store: pages of bytes → split, planned, folded, sealed, committed by the
 * writer worker with an fsync per commit. Rounds alternate with the bare insert of the same bodies.
 */
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { BenchOptions, BenchResult } from '../shared/options.js';
import { loadAverage, rssBytesOf, sizeOf, threadIds, usageOf } from '../shared/process-usage.js';
import { median, round } from '../shared/statistics.js';
import type { BareResult } from './bare-insert.js';
import { type FlowShares, type MadePage, openPages } from './page-file.js';
import { isPreloaded, preload, storeFolder } from './preload.js';
import { startProbe } from './probe.js';
import { folds, openRig, type Rig, readPosition, startWorkerFor } from './rig.js';
import { fillByStep, foldsWithViews } from './with-views.js';

const runFile = promisify(execFile);
const defaults = { entries: 10_000_000, rounds: 3, seconds: 8, warmUp: 6, bareSeconds: 4 };
/** With views every one of them goes through the step. */
const viewEntries = 300_000;
const perSecondMax = 24_000;
const pagesAheadMax = 3;

const shares: FlowShares = {
  updates: 0.2,
  duplicates: 0.05,
  uniform: 0.5,
  recentSpan: 20_000,
  lowest: 0,
};

interface Round {
  readonly perSecond: number;
  readonly mainCpuMicros: number;
  readonly writerCpuMicros: number;
  readonly otherCpuMicros: number;
  readonly mainBusy: number;
  readonly writerBusy: number;
  readonly rowReadMicros: number;
  readonly subjectReadMicros: number;
  readonly writtenPerEvent: number;
  readonly readPerEvent: number;
  readonly walBytesMax: number;
  readonly noopP50Ms: number;
  readonly noopP99Ms: number;
  readonly noopMaxMs: number;
  readonly entriesPerCommit: number;
}

export async function step(options: BenchOptions): Promise<BenchResult> {
  const hasViews = options.flag('views');
  const set = {
    entries: options.number('entries', hasViews ? viewEntries : defaults.entries),
    rounds: options.number('rounds', defaults.rounds),
    seconds: options.number('seconds', defaults.seconds),
    warmUp: options.number('warm-up', defaults.warmUp),
    bareSeconds: options.number('bare-seconds', defaults.bareSeconds),
    cold: options.flag('cold'),
    noReadAhead: options.flag('no-read-ahead'),
  };
  mkdirSync(options.data, { recursive: true });
  const folder = storeFolder(options.data, set.entries, hasViews);
  const { folds: all, views } = hasViews ? foldsWithViews(options.data) : { folds, views: 0 };
  if (!isPreloaded(folder)) {
    if (hasViews) await fillByStep(folder, set.entries, all, options.say);
    else await preload(folder, set.entries);
  }
  if (options.flag('preload-only')) {
    return { name: 'step', value: set.entries, unit: 'entries', detail: { folder } };
  }
  const before = new Set(threadIds());
  const rig = await openRig(folder, !set.noReadAhead, startWorkerFor(all), all);
  const writerThreads = threadIds().filter((id) => !before.has(id));
  const pagesPath = join(options.data, 'step-pages');
  const records = Math.ceil((set.rounds * set.seconds + set.warmUp) * perSecondMax);
  const entriesBefore = rig.planner.nextOffset;
  writePagesAside(pagesPath, rig, records);
  const probe = await startProbe();
  const feeder = feed(rig, openPages(pagesPath));
  const rounds: Round[] = [];
  const bare: BareResult[] = [];
  try {
    await feeder.run(set.warmUp * 1000);
    for (let count = 0; count < set.rounds; count += 1) {
      if (set.cold) leaveMemory(folder);
      rounds.push(await measure(rig, feeder, folder, writerThreads, probe, set.seconds * 1000));
      bare.push(
        await bareInsertAside(pagesPath, join(options.data, 'bare.db'), set.bareSeconds * 1000),
      );
      options.say(
        `round ${count + 1}: ${Math.round(rounds[count]?.perSecond ?? 0)}/s, bare ${Math.round(bare[count]?.perSecond ?? 0)}/s`,
      );
    }
  } finally {
    feeder.close();
    probe.close();
    await rig.close();
    rmSync(pagesPath, { force: true });
  }
  return resultOf({ ...set, views }, rig, rounds, bare, entriesBefore, folder);
}

/** Has the system forget the files' pages, as it does when memory is short; dd can ask for that. */
function leaveMemory(folder: string): void {
  for (const name of ['store.db', 'keys.db']) {
    execFileSync('dd', [`if=${join(folder, name)}`, 'iflag=nocache', 'count=0', 'status=none']);
  }
}

function writePagesAside(path: string, rig: Rig, records: number): void {
  const order = { path, from: readPosition(rig.reader), shares, records, seed: 2 };
  const script = fileURLToPath(new URL('./page-file-main.js', import.meta.url));
  execFileSync(process.execPath, [script, JSON.stringify(order)]);
}

/** In a process of its own, so that neither warms the other's caches or waits for its garbage. */
async function bareInsertAside(pages: string, database: string, forMs: number) {
  const script = fileURLToPath(new URL('./bare-insert-main.js', import.meta.url));
  const { stdout } = await runFile(process.execPath, [script, pages, database, String(forMs)]);
  return JSON.parse(stdout) as BareResult;
}

/** Keeps a few pages on their way, as a source's backfill does. */
function feed(rig: Rig, pages: ReturnType<typeof openPages>) {
  let records = 0;
  return {
    records: () => records,
    async run(forMs: number): Promise<void> {
      const until = performance.now() + forMs;
      const underWay: Promise<void>[] = [];
      while (performance.now() < until) {
        const page: MadePage | null = pages.next();
        if (page === null) throw new Error('The pages were used up; raise perSecondMax.');
        underWay.push(rig.submit(page));
        if (underWay.length >= pagesAheadMax) {
          await underWay.shift();
          records += 500;
        }
      }
      records += underWay.length * 500;
      await Promise.all(underWay);
    },
    close: () => pages.close(),
  };
}

async function measure(
  rig: Rig,
  feeder: ReturnType<typeof feed>,
  folder: string,
  writerThreads: readonly number[],
  probe: Awaited<ReturnType<typeof startProbe>>,
  forMs: number,
): Promise<Round> {
  let walBytesMax = 0;
  const watch = setInterval(() => {
    walBytesMax = Math.max(walBytesMax, sizeOf(join(folder, 'store.db-wal')));
  }, 250);
  const from = {
    at: performance.now(),
    records: feeder.records(),
    usage: usageOf(),
    loop: performance.eventLoopUtilization(),
    writerMs: rig.writerBusyMs(),
    readMs: rig.readMs(),
    batches: rig.batches(),
  };
  probe.begin();
  await feeder.run(forMs);
  const wallMs = performance.now() - from.at;
  const loop = performance.eventLoopUtilization(from.loop);
  const usage = usageOf();
  const readMs = rig.readMs();
  const noop = await probe.end();
  clearInterval(watch);
  const records = feeder.records() - from.records;
  const cpuOf = (id: number) => (usage.threads.get(id) ?? 0) - (from.usage.threads.get(id) ?? 0);
  const mainCpu = cpuOf(process.pid);
  const writerCpu = writerThreads.reduce((sum, id) => sum + cpuOf(id), 0);
  const allCpu = usage.cpuSeconds - from.usage.cpuSeconds;
  const micros = (seconds: number) => (seconds * 1e6) / records;
  return {
    perSecond: (records / wallMs) * 1000,
    mainCpuMicros: micros(mainCpu),
    writerCpuMicros: micros(writerCpu),
    otherCpuMicros: micros(allCpu - mainCpu - writerCpu),
    mainBusy: loop.utilization,
    writerBusy: (rig.writerBusyMs() - from.writerMs) / wallMs,
    rowReadMicros: ((readMs.rows - from.readMs.rows) * 1000) / records,
    subjectReadMicros: ((readMs.subjects - from.readMs.subjects) * 1000) / records,
    writtenPerEvent: (usage.bytesWritten - from.usage.bytesWritten) / records,
    readPerEvent: (usage.bytesRead - from.usage.bytesRead) / records,
    walBytesMax,
    noopP50Ms: noop.p50Ms,
    noopP99Ms: noop.p99Ms,
    noopMaxMs: noop.maxMs,
    entriesPerCommit: records / (rig.batches() - from.batches),
  };
}

function resultOf(
  set: typeof defaults & {
    readonly cold: boolean;
    readonly noReadAhead: boolean;
    readonly views: number;
  },
  rig: Rig,
  rounds: readonly Round[],
  bare: readonly BareResult[],
  entriesBefore: number,
  folder: string,
): BenchResult {
  const mid = (name: keyof Round) => median(rounds.map((one) => one[name]));
  const value = mid('perSecond');
  const against = median(bare.map((one) => one.perSecond));
  const mainBusy = mid('mainBusy');
  const writerBusy = mid('writerBusy');
  return {
    name: 'step',
    value: Math.round(value),
    unit: 'events/s',
    ratio: round(value / against, 3),
    against: `bare insert of the same bodies, ${Math.round(against)}/s`,
    detail: {
      ...set,
      entriesBefore,
      entriesAfter: rig.planner.nextOffset,
      counts: rig.planner.counts,
      perRound: rounds.map((one) => Math.round(one.perSecond)),
      barePerRound: bare.map((one) => Math.round(one.perSecond)),
      cpuMicrosPerEvent: {
        main: round(mid('mainCpuMicros')),
        writer: round(mid('writerCpuMicros')),
        other: round(mid('otherCpuMicros')),
        bare: round(median(bare.map((one) => one.cpuMicros))),
      },
      busy: { main: round(mainBusy, 2), writer: round(writerBusy, 2) },
      bound: mainBusy > writerBusy ? 'the main thread (planning)' : 'the writer (transactions)',
      readWallMicrosPerEvent: {
        rows: round(mid('rowReadMicros')),
        subjects: round(mid('subjectReadMicros')),
      },
      eventsPerCommit: Math.round(mid('entriesPerCommit')),
      bytesWrittenPerEvent: Math.round(mid('writtenPerEvent')),
      bytesReadPerEvent: Math.round(mid('readPerEvent')),
      walBytesMax: Math.max(...rounds.map((one) => one.walBytesMax)),
      noopRoute: {
        p50Ms: round(mid('noopP50Ms'), 2),
        p99Ms: round(mid('noopP99Ms'), 2),
        maxMs: round(Math.max(...rounds.map((one) => one.noopMaxMs)), 1),
      },
      rssBytes: rssBytesOf(process.pid),
      storeBytes: sizeOf(join(folder, 'store.db')),
      keysBytes: sizeOf(join(folder, 'keys.db')),
      loadAverage: loadAverage(),
    },
  };
}
