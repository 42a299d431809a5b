/** The checks: pure functions from facts to a reading. */
import type { Reading, WatchedStream } from './check-row.js';
import { type Contract, micro } from './contracts.js';
import { type CoverageFacts, type CoverageKind, coverageKinds } from './coverage.js';
import type { PairCounts, PairSpec } from './pairs.js';
import { isDense, patienceOf, type SequenceFacts } from './sequences.js';
import {
  type Baseline,
  dispersionOf,
  hourMs,
  hourOfWeek,
  median,
  quantile,
  residualOf,
  type StreamFacts,
  sigmaLimit,
  total,
  weeksMin,
} from './stream-facts.js';
import {
  closedMin,
  dispersionOfShare,
  type FieldFacts,
  ownMin,
  stabilityLimit,
  stabilityOf,
  type UsualFacts,
  usualMin,
  usualShare,
} from './usual-values.js';
import type { ValueFacts } from './value-facts.js';

const learning = (unit: Reading['unit'], why: string): Reading => ({
  ...{ verdict: 'learning', value: 0, limit: 0, unit, why },
});

/** 1. How long ago the stream was last known whole. */
export function watermarkLag(facts: StreamFacts, stream: WatchedStream, now: number): Reading {
  if (facts.through === null) return learning('ms', 'It was not read to its end yet.');
  const value = Math.max(0, now - facts.through);
  const limit = stream.contract.sloMs;
  const isBad = value > limit;
  const why = isBad
    ? `It was last known whole ${seconds(value)} ago; ${seconds(limit)} are allowed.`
    : null;
  return { verdict: isBad ? 'bad' : 'ok', value, limit, unit: 'ms', why };
}

const lagsMin = 20;

/** 2. How long changes take to us, against what is usual. */
export function transitLag(facts: StreamFacts, base: Baseline, stream: WatchedStream): Reading {
  const open = total(facts.lags);
  const isOpen = open >= lagsMin;
  const value = isOpen ? quantile(facts.lags, 0.95) : (facts.closed?.lagP95 ?? null);
  const count = isOpen ? open : (facts.closed?.lagCount ?? 0);
  if (value === null || count < lagsMin) return learning('ms', 'Too few changes to tell.');
  const usual = median(base.lagDays);
  if (usual === null || base.lagDays.length < 3)
    return learning('ms', 'What is usual is not known yet.');
  // Below what one poll costs, twice as long is still nothing.
  const limit = Math.max(2 * usual, usual + 2 * stream.everyMs, 10_000);
  const isBad = value > limit;
  const why = isBad
    ? `Changes take ${seconds(value)} to arrive; ${seconds(usual)} are usual.`
    : null;
  return { verdict: isBad ? 'bad' : 'ok', value, limit, unit: 'ms', why };
}

/** So unlikely by chance that one look is enough: e^-14 is one in a million. */
const silenceMax = 14;

/** 3. Reads succeed and show nothing, for longer than chance explains. */
export function silence(facts: StreamFacts, base: Baseline, now: number): Reading {
  if (facts.newsAt === null) return learning('count', 'Nothing changed yet.');
  // A stream that is polled can bring nothing between two reads, and how late a read is has its own check.
  const until = Math.max(facts.newsAt, facts.through ?? now);
  const missed = expectedBetween(base, facts.newsAt, until, facts.hour);
  if (missed === null) return learning('count', 'What is usual is not known yet.');
  const value = Math.round(missed);
  const isBad = value >= silenceMax;
  const why = isBad
    ? `Nothing new for ${seconds(until - facts.newsAt)}, in which changes at about ${value} moments are usual.`
    : null;
  return {
    verdict: isBad ? 'bad' : 'ok',
    value,
    limit: silenceMax,
    unit: 'count',
    why,
    strikes: 1,
  };
}

/**
 * Acts to be expected in a span, by the quietest of the same hours of past weeks; once more weeks are
 * known, by the one before it, for one of them may have been a standstill. What hours of the span itself
 * brought that are closed already says nothing of what is usual.
 */
export function expectedBetween(
  base: Baseline,
  from: number,
  to: number,
  openHour = Math.floor(from / hourMs),
): number | null {
  let sum = 0;
  const closed = Math.max(0, openHour - Math.floor(from / hourMs));
  const end = Math.min(to, from + 48 * hourMs);
  for (let at = from; at < end; ) {
    const hour = Math.floor(at / hourMs);
    const until = Math.min(end, (hour + 1) * hourMs);
    const usual = leastUsual(base, hour, closed, hour < openHour);
    if (usual === null) return null;
    sum += (usual * (until - at)) / hourMs;
    at = until;
  }
  return sum;
}

function leastUsual(
  base: Baseline,
  hour: number,
  closed: number,
  isClosed: boolean,
): number | null {
  const all = base.actWeeks[String(hourOfWeek(hour))] ?? [];
  const same = isClosed ? all.slice(0, -1) : all;
  if (same.length >= 4) return [...same].sort((a, b) => a - b)[1] ?? null;
  if (same.length >= 2) return Math.min(...same);
  // Before a second week: the quietest hour of the last day.
  const recent = base.recentActs.slice(0, Math.max(0, base.recentActs.length - closed)).slice(-24);
  return recent.length >= 12 ? Math.min(...recent) : null;
}

/** 4. What a full read counted against what is known. */
export function count(facts: StreamFacts): Reading {
  const { pass } = facts;
  if (pass === null) return learning('count', 'No full read came to its end yet.');
  const isBad = pass.result === 'held';
  const why = isBad
    ? `A full read showed ${pass.received} records and missed ${pass.missing} that are known; nothing was deleted.`
    : null;
  return {
    verdict: isBad ? 'bad' : 'ok',
    value: pass.missing,
    limit: 0,
    unit: 'count',
    why,
    strikes: 1,
  };
}

/** 5. Numbers that were passed over and do not come. */
export function sequence(rows: readonly SequenceFacts[], graceMs: number, now: number): Reading {
  const dense = rows.filter(isDense);
  if (dense.length === 0)
    return learning('count', 'No numbers that follow on each other are known.');
  const old = dense.flatMap((facts) => {
    const patienceMs = patienceOf(facts, graceMs);
    return Object.entries(facts.gaps)
      .filter(([, at]) => now - at > patienceMs)
      .map(([number]) => `${facts.prefix}${number}`);
  });
  const why = old.length === 0 ? null : `${old.length} numbers were passed over and did not come.`;
  return {
    verdict: old.length === 0 ? 'ok' : 'bad',
    ...{ value: old.length, limit: 0, unit: 'count', why, evidence: old.slice(0, 10) },
  };
}

/** 6. Records whose parts do not add up, or that lack what they must say. */
export function structure(facts: StreamFacts, values: ValueFacts, contract: Contract): Reading {
  const known = Math.max(1, facts.known);
  const value = values.bad;
  const limit = Math.floor((known * (micro - contract.validMicro)) / micro / 10);
  const recent = values.faults.slice(-5);
  const failed = values.badNew + values.badBefore;
  const news = facts.news + facts.newsBefore;
  const what = recent.at(-1)?.what ?? '';
  const why =
    value > limit
      ? `${value} of ${known} records do not add up: ${what}.`
      : isMuch(failed, news)
        ? `${failed} of the last ${news} records do not add up: ${what}.`
        : null;
  return {
    verdict: why === null ? 'ok' : 'bad',
    ...{ value, limit, unit: 'count', why, evidence: recent.map(({ record }) => record) },
  };
}

/** 7. Sellable variants that lack something decisions need. */
export function coverage(
  facts: CoverageFacts,
  kind: CoverageKind,
  missing: readonly string[],
): Reading {
  if (facts.sellable === 0) return learning('share', 'No sellable variants are known.');
  const has = facts.has[kind] ?? 0;
  const value = Math.round((has * micro) / facts.sellable);
  const limit = kind === 'cost' ? 980_000 : 990_000;
  const why =
    value < limit
      ? `${facts.sellable - has} of ${facts.sellable} sellable variants have no ${kind}.`
      : null;
  return {
    verdict: value < limit ? 'bad' : 'ok',
    ...{ value, limit, unit: 'share', why, evidence: missing.slice(0, 5) },
  };
}

export { coverageKinds };

/** 8. What the last closed hour brought against the same hour of past weeks, in hundredths of σ. */
export function volume(facts: StreamFacts, base: Baseline): Reading {
  const { closed } = facts;
  if (closed === null) return learning('sigma', 'No hour was watched from beginning to end yet.');
  const past = (base.weeks[String(hourOfWeek(closed.hour))] ?? []).slice(0, -1);
  const expected = median(past);
  const off = residualOf(closed.news, past);
  if (expected === null || off === null || past.length < weeksMin)
    return flood(closed.news, base, past);
  const value = Math.round((off * 100) / dispersionOf(base.residuals.slice(0, -1)));
  const limit = sigmaLimit * 100;
  const isBad = Math.abs(value) > limit && Math.abs(closed.news - expected) >= 5;
  const why = isBad ? `The last hour brought ${closed.news} changes; ${expected} are usual.` : null;
  return { verdict: isBad ? 'bad' : 'ok', value, limit, unit: 'sigma', why, strikes: 1 };
}

const hoursMin = 23;
const floodFactor = 4;
const floodLimit = 1200;

/** While weeks are not known: what no hour of the last day comes near is no matter of the hour of day. */
function flood(news: number, base: Baseline, past: readonly number[]): Reading {
  const hours = base.recent.slice(0, -1);
  const unknown = learning('sigma', 'Less than three weeks are known.');
  if (hours.length < hoursMin) return unknown;
  const most = Math.max(...hours, ...past);
  const value = residualOf(news, [most]) ?? 0;
  if (news <= most * floodFactor || value <= floodLimit) return unknown;
  const why = `The last hour brought ${news} changes; no hour of the last day brought more than ${most}.`;
  return { verdict: 'bad', value, limit: floodLimit, unit: 'sigma', why, strikes: 1 };
}

/** 9. Empty fields, new values, sizes and jumps. */
export function drift(values: ValueFacts, now: number): Reading {
  const found: string[] = [];
  if (values.suspects > 0) {
    const last = values.jumps.at(-1);
    found.push(
      `${values.suspects} values jumped as if a unit or currency had changed (${last?.entity} ${last?.key}: ${last?.from} to ${last?.to})`,
    );
  }
  for (const [field, own] of Object.entries(values.open)) {
    const base = values.base[field];
    if (base === undefined) continue;
    const emptied = emptiedIn(own, base);
    if (emptied) found.push(`${field} is empty in ${own.n - own.filled} of ${own.n} records`);
  }
  for (const [field, own] of Object.entries(values.closed)) {
    const psi = stabilityOf(own, values.base[field]);
    if (psi > (own.limit ?? stabilityLimit))
      found.push(`sizes of ${field} changed (${(psi / 100).toFixed(2)})`);
  }
  const novel = values.novel.filter(({ at }) => now - at < 24 * hourMs);
  const why = found.length === 0 ? null : `${found.slice(0, 3).join('; ')}.`;
  return {
    verdict: found.length === 0 ? 'ok' : 'bad',
    ...{ value: found.length, limit: 0, unit: 'count', why },
    evidence: [
      ...values.jumps.slice(-5).map(({ record }) => record),
      ...novel.slice(-3).map(({ field, value }) => `${field}: ${value} is new`),
    ],
    // A jump is a statement, no sample: it counts at once.
    strikes: values.suspects > 0 ? 1 : 2,
  };
}

/** So many deviations from what is usual are no chance, whatever number of fields is looked at. */
const deviationsMax = 6;

function emptiedIn(own: FieldFacts, base: UsualFacts): boolean {
  if (base.n < usualMin || own.n < ownMin) return false;
  const usual = usualShare(base);
  const off = usual - own.filled / own.n;
  const isLarge = off > 0.5 || (own.n >= closedMin && off > 0.2);
  const variance = dispersionOfShare(base) * usual * (1 - usual);
  return isLarge && off > deviationsMax * Math.sqrt(variance / own.n);
}

/** 11. Variants that are spoken of and that nobody described, older than an hour. */
export function references(facts: CoverageFacts, sample: readonly string[]): Reading {
  const value = Math.max(0, facts.orphans - facts.young);
  const all = Math.max(1, facts.sellable + facts.orphans);
  const limit = Math.floor(all / 1000);
  const why =
    value > limit ? `${value} variants have prices, costs or stock, and no description.` : null;
  return {
    verdict: value > limit ? 'bad' : 'ok',
    ...{ value, limit, unit: 'count', why, evidence: sample.slice(0, 5) },
  };
}

/** 13-15. Keys on which two systems disagree; the count is of those that are settled. */
export function disagreement(
  pair: PairSpec,
  counts: PairCounts,
  settled: readonly string[],
): Reading {
  if (counts.compared === 0 && counts.differing === 0) {
    return learning('count', `${pair.a.source} and ${pair.b.source} state nothing in common yet.`);
  }
  const value = settled.length;
  const why =
    value === 0
      ? null
      : `${pair.a.source} and ${pair.b.source} disagree on ${value} of ${counts.compared} keys.`;
  return {
    verdict: value === 0 ? 'ok' : 'bad',
    ...{ value, limit: 0, unit: 'count', why, evidence: settled.slice(0, 10) },
  };
}

/** 16. Times ahead of our clock. */
export function clock(facts: StreamFacts): Reading {
  const { future, news } = facts;
  const isBad = future >= 2 || (future === 1 && news <= 1);
  const why = isBad
    ? `${future} of ${news} changes this hour are dated ahead of our clock, the last by ${seconds(facts.futureBy)}.`
    : null;
  return {
    verdict: isBad ? 'bad' : 'ok',
    ...{ value: facts.futureBy, limit: 5000, unit: 'ms', why, strikes: 1 },
    evidence: facts.futureAt === null ? [] : [`journal ${facts.futureAt}`],
  };
}

/**
 * Why nothing may rest on a stream while a change of it is dated ahead of now; null once its time has come.
 * It does not wait for a look of the check: what came a moment ago may be served or written at once.
 */
export function aheadOf(facts: StreamFacts, now: number): string | null {
  if (facts.aheadUntil <= now) return null;
  return `A change is dated ahead of our clock, by ${seconds(facts.aheadUntil - now)} from now.`;
}

/** Records that cannot be used. */
export function quarantine(facts: StreamFacts, contract: Contract): Reading {
  const known = Math.max(1, facts.known);
  const value = facts.faulty;
  const limit = Math.floor((known * (micro - contract.completeMicro)) / micro);
  const failed = facts.failed + facts.failedBefore;
  const news = facts.news + facts.newsBefore;
  const why =
    value > limit
      ? `${value} of ${known} records wait in quarantine.`
      : isMuch(failed, news)
        ? `${failed} of the last ${news} records wait in quarantine.`
        : null;
  return { verdict: why === null ? 'ok' : 'bad', value, limit, unit: 'count', why, strikes: 1 };
}

/** Of much that is known a small share is a whole day's: what came lately is judged by itself. */
function isMuch(failed: number, news: number): boolean {
  return failed >= 5 && failed * 5 >= news;
}

export function seconds(ms: number): string {
  if (ms < 120_000) return `${Math.round(ms / 1000)} s`;
  if (ms < 7_200_000) return `${Math.round(ms / 60_000)} min`;
  return `${Math.round(ms / 3_600_000)} h`;
}
