/** The fault campaign: what is detected, when, whose fault it is said to be, and what is raised over nothing. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BenchOptions, BenchResult } from '../shared/options.js';
import { loadAverage } from '../shared/process-usage.js';
import { round } from '../shared/statistics.js';
import { type Order, type Outcome, type Report, textOf } from './campaign.js';

/** Those of tests and of whoever tunes a check begin at 1; nothing is tuned on these. */
const firstSeed = 70_001;
const bars = { recall: 0.99, recallOfKind: 0.9, medianS: 60, falseAlarmsAWeek: 1, culprit: 0.95 };

export async function detect(options: BenchOptions): Promise<BenchResult> {
  const isSmoke = options.flag('smoke');
  const at = process.argv.indexOf('--only');
  const only = at === -1 ? null : (process.argv[at + 1] ?? null);
  const worlds = isSmoke || only !== null ? 1 : options.number('worlds', 2);
  // The number of one fault names its world and how often the kind was sent before.
  const fault = options.number('fault', 0);
  const seed = fault > 0 ? Math.floor(fault / 1000) : options.number('seed', firstSeed);
  // Nothing here has to outlive the run, so it lies in memory where there is such a folder.
  const memory = existsSync('/dev/shm') ? '/dev/shm' : options.data;
  const orders = Array.from(
    { length: worlds },
    (_, index): Order => ({
      seed: seed + index,
      folder: join(memory, `headrace-detect-${process.pid}-${index}`),
      everyMs: options.number('every-minutes', 15) * 60_000,
      ordersPerDay: options.number('orders', 240),
      editsPerDay: options.number('edits', 240),
      variants: 60,
      warmUpDays: options.number('warm-up-days', isSmoke ? 0.1 : 28),
      cleanDays: options.number('clean-weeks', isSmoke ? 0 : only === null ? 5 : 0) * 7,
      firstRepeat: fault % 1000,
      repeats: options.number('repeats', isSmoke || fault > 0 ? 1 : 2),
      only: only ?? (isSmoke ? 'price × 100' : null),
    }),
  );
  const begun = performance.now();
  const reports = await Promise.all(orders.map((order) => inProcess(order)));
  const result = resultOf(reports, orders);
  return { ...result, detail: { ...result.detail, seconds: secondsSince(begun) } };
}

function secondsSince(begun: number): number {
  return Math.round((performance.now() - begun) / 1000);
}

function inProcess(order: Order): Promise<Report> {
  const script = fileURLToPath(new URL('./campaign-main.js', import.meta.url));
  const child = spawn(process.execPath, [script, JSON.stringify(order)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  return new Promise((resolve, reject) => {
    child.once('message', (report) => resolve(report as Report));
    child.once('exit', (code) => reject(new Error(`The campaign of ${order.seed} ended: ${code}`)));
  });
}

function resultOf(reports: readonly Report[], orders: readonly Order[]): BenchResult {
  const outcomes = reports.flatMap((report) => report.outcomes);
  const faults = outcomes.filter(({ isHarmless }) => !isHarmless);
  const found = faults.filter(({ detectedMs }) => detectedMs !== null);
  const recall = shareOf(found.length, faults.length);
  const kinds = [...new Set(faults.map(({ kind }) => kind))].map((kind) => {
    const own = faults.filter((one) => one.kind === kind);
    const seen = own.filter(({ detectedMs }) => detectedMs !== null);
    return {
      ...{ kind, runs: own.length, recall: shareOf(seen.length, own.length) },
      medianAfterGraceS: medianAfterGrace(seen),
      culpritRight: shareOf(seen.filter(({ isRight }) => isRight).length, seen.length),
    };
  });
  const weeks = reports.reduce((sum, { cleanDays }) => sum + cleanDays / 7, 0);
  const falseAlarms = reports.flatMap(({ seed, falseAlarms: raised }) =>
    raised.map(({ id, message, at }) => ({ seed, id, message, at: new Date(at).toISOString() })),
  );
  const upper = weeks === 0 ? null : round(poissonUpper(falseAlarms.length) / weeks, 2);
  const medianS = medianAfterGrace(found);
  const culprit = shareOf(found.filter(({ isRight }) => isRight).length, found.length);
  const isMet =
    (recall ?? 0) >= bars.recall &&
    kinds.every((kind) => (kind.recall ?? 0) >= bars.recallOfKind) &&
    (medianS ?? Number.POSITIVE_INFINITY) <= bars.medianS &&
    (culprit ?? 0) >= bars.culprit &&
    upper !== null &&
    upper <= bars.falseAlarmsAWeek;
  return {
    name: 'detect',
    value: recall ?? 0,
    unit: 'recall',
    detail: {
      seeds: orders.map(({ seed }) => seed),
      runs: faults.length,
      targets: { ...bars, isMet },
      medianAfterGraceS: medianS,
      culpritRight: culprit,
      clean: {
        ...{ weeks: round(weeks, 1), falseAlarms },
        aWeek: weeks === 0 ? null : round(falseAlarms.length / weeks, 2),
        aWeekUpper95: upper,
      },
      kinds,
      missed: faults.filter(({ detectedMs }) => detectedMs === null).map(textOf),
      wrong: found.filter(({ isRight }) => !isRight).map(textOf),
      harmless: outcomes.filter(({ isHarmless }) => isHarmless).map(textOf),
      left: outcomes.filter(({ left }) => left.length > 0).map(textOf),
      streams: Object.fromEntries(
        reports.map(({ seed, transits }) => [
          seed,
          Object.fromEntries(
            Object.entries(transits).map(([name, { everyMs, p99Ms }]) => [
              name,
              { pollS: everyMs / 1000, p99TransitS: round(p99Ms / 1000) },
            ]),
          ),
        ]),
      ),
      graceMinutes: gracesOf(outcomes),
      journalEntries: reports.reduce((sum, { entries }) => sum + entries, 0),
      problems: reports.flatMap(({ problems }) => problems),
      load: loadAverage(),
    },
  };
}

function shareOf(part: number, whole: number): number | null {
  return whole === 0 ? null : round(part / whole, 4);
}

/** Seconds an alert came after its grace, 0 where it came within. */
function medianAfterGrace(found: readonly Outcome[]): number | null {
  const late = found
    .map(({ detectedMs, graceMs }) => Math.max(0, (detectedMs ?? 0) - graceMs) / 1000)
    .sort((a, b) => a - b);
  return late.length === 0 ? null : Math.round(late[(late.length - 1) >> 1] ?? 0);
}

/** By kind and stream: the shortest and the longest grace that was given. */
function gracesOf(outcomes: readonly Outcome[]): Record<string, readonly [number, number]> {
  const graces: Record<string, [number, number]> = {};
  for (const { kind, stream, graceMs } of outcomes) {
    const minutes = Math.round(graceMs / 60_000);
    const known = graces[`${kind}, ${stream}`] ?? [minutes, minutes];
    graces[`${kind}, ${stream}`] = [Math.min(known[0], minutes), Math.max(known[1], minutes)];
  }
  return graces;
}

/** The largest mean of which so few would be seen once in twenty times: 3.0 for none. */
export function poissonUpper(count: number): number {
  let [low, high] = [count, count * 2 + 10];
  for (let step = 0; step < 60; step += 1) {
    const mean = (low + high) / 2;
    let term = Math.exp(-mean);
    let sum = term;
    for (let k = 1; k <= count; k += 1) {
      term *= mean / k;
      sum += term;
    }
    if (sum > 0.05) low = mean;
    else high = mean;
  }
  return high;
}
