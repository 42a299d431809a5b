/**
 * What the journal says of each stream, kept as few numbers as its checks need: a row of open counts
 * that every entry of the stream moves, and a row of baselines that changes once an hour.
 *
 *   entry ──▶ open hour ──(its last minute was ticked)──▶ closed ──▶ baselines
 *
 * Invariants: time comes from entries alone; only hours the platform was up for from the first
 * minute to the last are closed into a baseline, so that a standstill of ours never looks like one
 * of theirs; the state of a stream is bounded whatever its volume.
 */
import type { FoldInput, FoldState } from '../engine/index.js';
import { type Part, streamOf } from './part.js';

export interface StreamFacts {
  /** Up to when the stream is known whole, ms; null before the first read came to its end. */
  through: number | null;
  /** When the last entry of the stream was journaled. */
  heardAt: number;
  /** When the last record that brought something new was journaled. */
  newsAt: number | null;
  /** Highest event time, ms, of those that do not lie ahead of our clock. */
  eventAt: number | null;
  /** The open hour since 1970, its minutes that were ticked, and what it brought. */
  hour: number;
  minutes: number;
  news: number;
  /** Moments of the source in which all that was changed, and the last of them. See `countNews`. */
  acts: number;
  actAt: number | null;
  /** Source time to journal in the open hour: bin → count. See `binOf`. */
  lags: Record<string, number>;
  /** Records of the open hour whose event time lies ahead of our clock, and the last of them. */
  future: number;
  futureBy: number;
  futureAt: number | null;
  /** Until when what is known is dated ahead by more than clocks drift, ms; 0 when nothing is. */
  aheadUntil: number;
  /** Records that wait in quarantine, and records known. */
  faulty: number;
  known: number;
  /** Records that came to wait there in this hour and the one before, and what the one before brought. */
  failed: number;
  failedBefore: number;
  newsBefore: number;
  /** The last full read: how many it showed, and how many known ones it did not. */
  pass: { at: number; result: string; received: number; missing: number } | null;
  /** What the last closed hour brought. */
  closed: { hour: number; news: number; lagP95: number | null; lagCount: number } | null;
}

export interface Baseline {
  /** Hour of the week → counts of its last weeks, oldest first. */
  weeks: Record<string, number[]>;
  /** The same, of acts. */
  actWeeks: Record<string, number[]>;
  /** News and acts of the last closed hours, oldest first. */
  recent: number[];
  recentActs: number[];
  /** How far closed hours lay from what was usual then. See `residualOf`. */
  residuals: number[];
  /** 95th percentile of the lag of the last days, ms, and the day that is being gathered. */
  lagDays: number[];
  day: number;
  dayLags: Record<string, number>;
}

export const streamFactsTable = { name: 'quality_stream', kind: 'keyed' } as const;
export const baselineTable = { name: 'quality_baseline', kind: 'keyed' } as const;

export const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const weekHours = 168;
const weeksKept = 6;
const recentKept = 24;
/** A day, and two that may have brought nothing since. */
const recentActsKept = 72;
const residualsKept = 200;
const daysKept = 14;
/** Minutes an hour must have been ticked for to count as one that was watched. */
const minutesMin = 55;
/** A clock this far ahead of ours is no rounding. */
export const clockSlackMs = 5000;
/** Clocks that are set by the network are never this far apart. */
const driftMs = 30_000;
const slipMs = 5 * 60_000;

/**
 * @param streams Every configured `source/stream`.
 * @param readWhole Those of them that tell of changes only by being read whole.
 */
export function streamFactsPart(
  streams: readonly string[],
  readWhole: readonly string[] = [],
): Part {
  const known = new Set(streams);
  const whole = new Set(readWhole);
  return {
    tables: [streamFactsTable, baselineTable],
    declareKeys(input, need) {
      if (input.header.kind === 'tick') {
        for (const name of streams) {
          need(streamFactsTable.name, name);
          need(baselineTable.name, name);
        }
        return;
      }
      const name = streamOf(input);
      if (known.has(name)) need(streamFactsTable.name, name);
    },
    plan(input, state) {
      if (input.header.kind === 'tick') {
        for (const name of streams) tick(name, input.header.knownAt, state);
        return;
      }
      const name = streamOf(input);
      if (!known.has(name)) return;
      const facts = factsIn(state, name, input.header.knownAt);
      note(facts, input, whole.has(name));
      state.set(streamFactsTable.name, name, facts as never);
    },
  };
}

export function emptyFacts(now: number): StreamFacts {
  return {
    ...{ through: null, heardAt: now, newsAt: null, eventAt: null, hour: Math.floor(now / hourMs) },
    ...{
      minutes: 0,
      news: 0,
      acts: 0,
      actAt: null,
      lags: {},
      future: 0,
      futureBy: 0,
      futureAt: null,
      aheadUntil: 0,
    },
    ...{ faulty: 0, known: 0, pass: null, closed: null, failed: 0, failedBefore: 0, newsBefore: 0 },
  };
}

/** Rows are changed in place: a step that does not commit drops them whole. */
function factsIn(state: FoldState, name: string, now: number): StreamFacts {
  const stored = state.get(streamFactsTable.name, name) as unknown as StreamFacts | undefined;
  return stored ?? emptyFacts(now);
}

function note(facts: StreamFacts, { header, body, change }: FoldInput, isWhole: boolean): void {
  if (header.kind === 'record') {
    if (header.previous === null) facts.known += 1;
    const [isFaulty, wasFaulty] = [change?.fault != null, change?.faultBefore != null];
    facts.faulty += Number(isFaulty) - Number(wasFaulty);
    if (isFaulty && !wasFaulty && !header.imputed) facts.failed += 1;
    // A replay from quarantine is an act of ours: no volume, no lag and no sign of life.
    if (header.replayed) return;
  }
  facts.heardAt = header.knownAt;
  if (header.kind === 'heartbeat') {
    const through = body?.['through'];
    if (typeof through === 'number') facts.through = Math.max(facts.through ?? 0, through);
    // A feed that is read whole each time says only here that a read was.
    if (body?.['read'] === 'snapshot') {
      const received = Number(body['received']);
      facts.pass = { at: header.knownAt, result: 'complete', received, missing: 0 };
    }
    return;
  }
  if (header.kind === 'pass') {
    notePass(facts, header.knownAt, body);
    return;
  }
  if (header.kind !== 'record') return;
  if (header.snapshot && header.previous === null) return;
  if (!header.snapshot || isWhole || isSince(header, facts.through)) countNews(facts, header);
  const { eventAt } = header;
  if (eventAt === null) {
    if (header.noticedAt !== null) addLag(facts.lags, header.knownAt - header.noticedAt);
    return;
  }
  const ahead = eventAt - header.knownAt;
  if (ahead > clockSlackMs) {
    facts.future += 1;
    facts.futureBy = ahead;
    facts.futureAt = header.offset;
    // What is dated further ahead may be a slip of whoever wrote the record, and would hold for as long.
    const isClock = ahead > driftMs && ahead <= slipMs;
    if (isClock) facts.aheadUntil = Math.max(facts.aheadUntil, eventAt);
    return;
  }
  facts.eventAt = Math.max(facts.eventAt ?? 0, eventAt);
  const isLater = eventAt > (change?.eventAtBefore ?? Number.NEGATIVE_INFINITY);
  if (!header.snapshot && isLater) addLag(facts.lags, Math.max(0, -ahead));
}

/**
 * Of a feed of changes, what a read of everything shows is no news unless it happened since the last read:
 * what the feed never told of comes all at once then, as often as we look and not as often as it happens.
 */
function isSince({ eventAt }: FoldInput['header'], through: number | null): boolean {
  return eventAt !== null && through !== null && eventAt > through;
}

/**
 * Changes, and the acts they come from: the forty prices of one campaign bear one time and were one act. Acts
 * come by chance, one by one, and only of such can be said how long none may come.
 */
function countNews(facts: StreamFacts, { knownAt, eventAt }: FoldInput['header']): void {
  facts.newsAt = knownAt;
  facts.news += 1;
  if (eventAt !== null && eventAt === facts.actAt) return;
  facts.acts += 1;
  facts.actAt = eventAt;
}

function notePass(facts: StreamFacts, at: number, body: FoldInput['body']): void {
  if (body?.['pass'] !== 'end') return;
  const { result, received, missing, through } = body as Record<string, unknown>;
  facts.pass = {
    ...{ at, result: String(result), received: Number(received), missing: Number(missing) },
  };
  if (result !== 'held' && typeof through === 'number') {
    facts.through = Math.max(facts.through ?? 0, through);
  }
}

function tick(name: string, now: number, state: FoldState): void {
  const stored = state.get(streamFactsTable.name, name) as unknown as StreamFacts | undefined;
  if (stored === undefined) return;
  const hour = Math.floor(now / hourMs);
  if (hour === stored.hour) {
    stored.minutes += 1;
  } else {
    const isWatched = hour === stored.hour + 1 && stored.minutes >= minutesMin;
    if (isWatched) close(name, stored, state);
    else stored.closed = null;
    const isNext = hour === stored.hour + 1;
    const { failed, news } = stored;
    stored.failedBefore = isNext ? failed : 0;
    stored.newsBefore = isNext ? news : 0;
    stored.failed = 0;
    Object.assign(stored, { hour, minutes: 1, news: 0, acts: 0, lags: {} });
    Object.assign(stored, { future: 0, futureBy: 0, futureAt: null });
  }
  state.set(streamFactsTable.name, name, stored as never);
}

/** A closed hour becomes part of what is usual. */
function close(name: string, facts: StreamFacts, state: FoldState): void {
  const row = baselineIn(state, name);
  const week = String(hourOfWeek(facts.hour));
  const past = row.weeks[week] ?? [];
  const { news, acts } = facts;
  const off = residualOf(news, past);
  if (off !== null)
    row.residuals = [...row.residuals, learned(off, past, row)].slice(-residualsKept);
  row.weeks[week] = [...past, news].slice(-weeksKept);
  row.actWeeks[week] = [...(row.actWeeks[week] ?? []), acts].slice(-weeksKept);
  row.recent = [...row.recent, news].slice(-recentKept);
  row.recentActs = [...row.recentActs, acts].slice(-recentActsKept);
  const day = Math.floor((facts.hour * hourMs) / dayMs);
  if (day !== row.day) {
    const p95 = quantile(row.dayLags, 0.95);
    if (p95 !== null && row.day > 0) row.lagDays = [...row.lagDays, p95].slice(-daysKept);
    row.day = day;
    row.dayLags = {};
  }
  for (const [bin, count] of Object.entries(facts.lags)) {
    row.dayLags[bin] = (row.dayLags[bin] ?? 0) + count;
  }
  facts.closed = {
    ...{ hour: facts.hour, news, lagP95: quantile(facts.lags, 0.95), lagCount: total(facts.lags) },
  };
  state.set(baselineTable.name, name, row as never);
}

function baselineIn(state: FoldState, name: string): Baseline {
  const stored = state.get(baselineTable.name, name) as unknown as Baseline | undefined;
  return stored ?? emptyBaseline();
}

export function emptyBaseline(): Baseline {
  return {
    ...{ weeks: {}, actWeeks: {}, recent: [], recentActs: [], residuals: [] },
    ...{ lagDays: [], day: 0, dayLags: {} },
  };
}

/**
 * How far a count lies from the median of the same hours of past weeks, in hundredths: twice the difference
 * of their roots, for roots of counts scatter by one whatever their size, less what so few weeks leave open.
 */
export function residualOf(count: number, past: readonly number[]): number | null {
  const expected = median(past);
  if (expected === null) return null;
  const off = 2 * (Math.sqrt(count + 0.375) - Math.sqrt(expected + 0.375));
  return Math.round((100 * off) / Math.sqrt(1 + halfPi / past.length));
}

/** A median of so many is known as well as a mean of fewer by this. */
const halfPi = 1.57;

/** How far hours of this stream lie off by habit, in hundredths; counts of what comes by chance by one. */
export function dispersionOf(residuals: readonly number[]): number {
  const squares = residuals.reduce((sum, off) => sum + off * off, 0);
  const mean = residuals.length === 0 ? 0 : squares / residuals.length;
  return Math.max(100, Math.round(Math.sqrt(mean)));
}

/** So many times its scatter is no hour of a stream off by chance. */
export const sigmaLimit = 4;
/** Weeks of an hour that have to be known before it is judged. */
export const weeksMin = 3;

/** An hour that was told as not usual becomes usual no faster than one at the limit would. */
function learned(off: number, past: readonly number[], { residuals }: Baseline): number {
  if (past.length < weeksMin) return off;
  const most = sigmaLimit * dispersionOf(residuals);
  return Math.max(-most, Math.min(most, off));
}

/** Monday 00:00 UTC is 0; 1970 began on a Thursday. */
export function hourOfWeek(hour: number): number {
  return (hour + 72) % weekHours;
}

/**
 * Lags are counted in bins of a quarter of a power of two: exact at 0, within 19 % elsewhere, and
 * whole numbers, so that folding again gives the same bytes.
 */
export function binOf(lagMs: number): number {
  let value = Math.floor(lagMs);
  if (value < 4) return Math.max(0, value);
  let power = 0;
  while (value >= 8) {
    value = Math.floor(value / 2);
    power += 1;
  }
  return 4 + power * 4 + (value - 4);
}

/** The largest lag of a bin, ms. */
export function binEnd(bin: number): number {
  if (bin < 4) return bin;
  const power = Math.floor((bin - 4) / 4);
  return (((bin - 4) % 4) + 5) * 2 ** power - 1;
}

function addLag(bins: Record<string, number>, lagMs: number): void {
  const bin = binOf(lagMs);
  bins[bin] = (bins[bin] ?? 0) + 1;
}

export function total(bins: Readonly<Record<string, number>>): number {
  return Object.values(bins).reduce((sum, count) => sum + count, 0);
}

/** The end of the bin in which that share of all lags is reached; null without any. */
export function quantile(bins: Readonly<Record<string, number>>, share: number): number | null {
  const count = total(bins);
  if (count === 0) return null;
  let left = Math.ceil(count * share);
  for (const bin of Object.keys(bins)
    .map(Number)
    .sort((a, b) => a - b)) {
    left -= bins[bin] ?? 0;
    if (left <= 0) return binEnd(bin);
  }
  return null;
}

export function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : Math.floor(((sorted[middle - 1] as number) + upper) / 2);
}
