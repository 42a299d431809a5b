/**
 * One world from its first minute to its last: it learns what is usual, is left alone for some weeks,
 * and then has one thing after the other go wrong with it.
 *
 *   warm-up ─▶ clean weeks ─▶ (calm ─▶ fault ─▶ detected │ missed ─▶ healed)*
 *
 * Nothing is known here that an operator would not know: what counts are the alerts the platform sends.
 */

import { expectedBetween } from '../../../packages/platform/dist/quality/checks.js';
import { type Baseline, binEnd } from '../../../packages/platform/dist/quality/stream-facts.js';
import { seeded } from '../shared/seeded.js';
import { faultKinds } from './faults.js';
import type { Bucket, Fault, FaultKind } from './feeds.js';
import { dayMs, hourMs, type Told, World, type WorldSize } from './world.js';

export interface Order extends WorldSize {
  readonly warmUpDays: number;
  readonly cleanDays: number;
  /** Of each kind: from which on, and how many. */
  readonly firstRepeat: number;
  readonly repeats: number;
  /** One kind alone, by its name. */
  readonly only: string | null;
}

export interface Outcome {
  readonly kind: string;
  readonly isHarmless: boolean;
  readonly seed: number;
  readonly what: string;
  readonly stream: string;
  readonly graceMs: number;
  /** From the first wrong answer until the alert; null where none came. */
  readonly detectedMs: number | null;
  readonly alert: string | null;
  readonly culprit: string | null;
  readonly isRight: boolean;
  /** Alerts of other things meanwhile. */
  readonly beside: readonly string[];
  /** What still stood ten hours after it was over. */
  readonly left: readonly string[];
}

export interface Report {
  readonly seed: number;
  readonly cleanDays: number;
  readonly falseAlarms: readonly Told[];
  readonly transits: Readonly<Record<string, Transit>>;
  readonly outcomes: readonly Outcome[];
  readonly entries: number;
  readonly problems: readonly string[];
}

export interface Transit {
  readonly everyMs: number;
  readonly p99Ms: number;
}

const minuteMs = 60_000;
/** How long a fault stands at most after its grace before it counts as missed. */
const missedAfterMs = 2 * hourMs;
const calmMaxMs = 12 * hourMs;

export async function runCampaign(order: Order, say: (text: string) => void): Promise<Report> {
  const world = await World.start(order);
  try {
    await days(world, order.warmUpDays, (day) => say(`warm-up day ${day}`));
    const warm = world.told.length;
    await days(world, order.cleanDays, (day) => say(`clean day ${day}`));
    const falseAlarms = world.told.slice(warm).filter(({ state }) => state === 'raised');
    const transits = transitsOf(world);
    const outcomes: Outcome[] = [];
    for (let done = 0; done < order.repeats; done += 1) {
      const repeat = order.firstRepeat + done;
      for (const kind of faultKinds) {
        if (order.only !== null && kind.name !== order.only) continue;
        const outcome = await runFault(world, kind, order.seed * 1000 + repeat, transits);
        outcomes.push(outcome);
        say(textOf(outcome));
      }
    }
    const { seed, cleanDays } = order;
    const entries = world.platform.engine.durableEnd();
    const problems = [...new Set(world.problems)].slice(0, 20);
    return { seed, cleanDays, falseAlarms, transits, outcomes, entries, problems };
  } finally {
    await world.close();
  }
}

async function days(world: World, count: number, say: (day: number) => void): Promise<void> {
  const end = world.time.now + count * dayMs;
  for (let day = 1; world.time.now < end; day += 1) {
    await world.pass(Math.min(dayMs, end - world.time.now));
    say(day);
  }
}

async function runFault(
  world: World,
  kind: FaultKind,
  seed: number,
  transits: Report['transits'],
): Promise<Outcome> {
  await world.until(() => world.standing.size === 0, calmMaxMs);
  const chance = seeded(seed ^ digestOf(kind.name));
  await world.pass(minuteMs * chance.below(60));
  const before = world.told.length;
  const fault = await kind.make(world, chance);
  await fault.begin();
  const at = world.time.now;
  const graceMs = graceOf(world, fault, transits);
  const since = () => world.told.slice(before).filter(({ state }) => state === 'raised');
  const fitting = () => since().find(({ target }) => fault.targets.includes(target));
  await world.until(() => fitting() !== undefined, graceMs + missedAfterMs);
  const found = fitting() ?? null;
  const beside = since().filter((alert) => alert !== found);
  await fault.end();
  await world.pass(2 * world.size.everyMs);
  await confirmSuspects(world);
  await world.until(() => world.standing.size === 0, 10 * hourMs);
  return {
    ...{ kind: kind.name, isHarmless: kind.isHarmless === true, seed, what: fault.what },
    ...{ stream: fault.stream, graceMs },
    detectedMs: found === null ? null : Math.max(0, found.at - at),
    alert: found === null ? null : `${found.id}: ${found.message}`,
    culprit: found?.culprit ?? null,
    isRight: found?.culprit === fault.culprit,
    beside: beside.map(({ id }) => id),
    left: [...world.standing.keys()],
  };
}

/** A person looks at what was read again and says that it is right, as they would have to. */
async function confirmSuspects({ platform: { quality } }: World): Promise<void> {
  for (const { entity, key, source } of [...quality.suspects()]) {
    await quality.confirm(entity as 'price', key, source, 'operator');
  }
}

/** Kinds draw their targets each for itself. */
function digestOf(name: string): number {
  return [...name].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) >>> 0, 7);
}

/** Poll + twice the p99 of transit + until the check's bucket closes. */
function graceOf(world: World, fault: Fault, transits: Report['transits']): number {
  const { everyMs, p99Ms } = transits[fault.stream] ?? { everyMs: world.size.everyMs, p99Ms: 0 };
  return everyMs + 2 * p99Ms + bucketMs(world, fault.stream, fault.bucket);
}

function bucketMs(world: World, stream: string, bucket: Bucket): number {
  const { quality } = world.platform;
  const watched = quality.watch.streams.find((one) => `${one.source}/${one.stream}` === stream);
  const sloMs = watched?.contract.sloMs ?? 0;
  switch (bucket) {
    case 'look':
      return minuteMs;
    case 'patience':
      return sloMs;
    case 'hour':
      return hourMs;
    case 'closed-hour':
      return 2 * hourMs;
    case 'sequence':
      return sloMs + hourMs;
    case 'settled': {
      const pair = quality.watch.pairs.find(({ a, b }) =>
        [a, b].some((side) => `${side.source}/${side.stream}` === stream),
      );
      return (pair?.graceMs ?? 0) + 2 * world.size.everyMs;
    }
    case 'silence': {
      const base = baselineOf(world, stream);
      const { now } = world.time;
      for (let ms = minuteMs; base !== null && ms < 12 * hourMs; ms += minuteMs) {
        const missed = expectedBetween(base, now, now + ms);
        if (missed === null || missed >= 14) return ms;
      }
      return 12 * hourMs;
    }
  }
}

function baselineOf(world: World, stream: string): Baseline | null {
  const row = world.platform.engine.reader.row('quality_baseline', stream);
  return row === undefined ? null : (JSON.parse(row.value) as Baseline);
}

/** How long changes took to us, of each stream whose records say when they changed. */
function transitsOf(world: World): Report['transits'] {
  return Object.fromEntries(
    world.platform.quality.watch.streams.map(({ source, stream, everyMs }) => {
      const name = `${source}/${stream}`;
      const lags = baselineOf(world, name)?.dayLags ?? {};
      const bins = Object.entries(lags).sort(([a], [b]) => Number(a) - Number(b));
      let left = Math.ceil(bins.reduce((sum, [, count]) => sum + count, 0) * 0.99);
      let p99Ms = 0;
      for (const [bin, count] of bins) {
        if (left > 0) p99Ms = binEnd(Number(bin));
        left -= count;
      }
      return [name, { everyMs, p99Ms }];
    }),
  );
}

export function textOf(outcome: Outcome): string {
  const { kind, seed, what, detectedMs, graceMs, alert, isRight, beside, left } = outcome;
  const minutes = (ms: number) => `${Math.round(ms / minuteMs)} min`;
  const found =
    detectedMs === null
      ? outcome.isHarmless
        ? 'nothing raised'
        : 'MISSED'
      : `${minutes(detectedMs)}, ${isRight ? 'right' : `WRONG (${outcome.culprit})`}, ${alert}`;
  const more = beside.length === 0 ? '' : `; beside: ${beside.join(', ')}`;
  const stays = left.length === 0 ? '' : `; left: ${left.join(', ')}`;
  return `${kind} [${seed}] ${what}, grace ${minutes(graceMs)}: ${found}${more}${stays}`;
}
