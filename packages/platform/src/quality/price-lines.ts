/**
 * The periods of prices in the quality fold: a row for each price of each source, which changes with what its
 * records say, and how many of them are suspect. `price-periods` says what is.
 */
import type { Json } from '@headrace/sdk';
import type { FoldInput, FoldState, StoredRow } from '../engine/index.js';
import type { Jump } from './jumps.js';
import { streamOfRecord } from './part.js';
import {
  type DoubtedPeriod,
  doubtAt,
  isStanding,
  type PeriodDoubt,
  type PricePeriod,
  periodsAfter,
  periodsConfirmed,
  pricedBy,
} from './price-periods.js';

/** By source and what is priced. */
export const priceLineTable = { name: 'quality_price_line', kind: 'keyed' } as const;
/** `source/stream` → `entity/key` of what is suspect there; prices that have ended are among them. */
export const suspectIndex = { name: 'quality_suspects', kind: 'index' } as const;

export interface PriceLine {
  readonly periods: readonly PricePeriod[];
}

/** Of a stream: how many values are suspect, and how many of them end to be so by themselves, by when, ms. */
export interface SuspectCount {
  suspects: number;
  ends: Record<string, number>;
}

/** Of a statement whose doubts are in a line, the row's key; null for any other. */
export function priceLineKey(entity: string, key: string, source: string): string | null {
  const priced = entity === 'price' ? pricedBy(key) : null;
  return priced === null ? null : `${source}|${priced}`;
}

/** The lines that an entry of a record changes. */
export function linesIn({ header, change }: FoldInput): readonly string[] {
  if (change === null || change.before === change.after) return [];
  return [...linesOf(header.source, [...change.before, ...change.after]).keys()];
}

function linesOf(source: string, rows: readonly StoredRow[]): Map<string, StoredRow[]> {
  const lines = new Map<string, StoredRow[]>();
  for (const row of rows) {
    const line = priceLineKey(row.entity, row.key, source);
    if (line === null) continue;
    const own = lines.get(line) ?? [];
    own.push(row);
    lines.set(line, own);
  }
  return lines;
}

/** Takes what a record says of prices, and counts; returns what became suspect, and whether the count changed. */
export function takePrices(
  input: FoldInput,
  state: FoldState,
  count: SuspectCount,
): { readonly found: readonly Jump[]; readonly isCounted: boolean } {
  const { header, change } = input;
  const found: Jump[] = [];
  let isCounted = false;
  if (change === null) return { found, isCounted };
  const said = linesOf(header.source, change.after);
  const record = change.stateKey;
  for (const line of linesIn(input)) {
    const before = periodsIn(state, line);
    const { offset, imputed, knownAt: now } = header;
    const after = periodsAfter(before, record, said.get(line) ?? [], { now, offset, imputed });
    if (replace(state, line, { before, after, record, now }, count)) isCounted = true;
    for (const { key, doubt } of after) {
      if (doubt?.offset !== offset) continue;
      const { field, kind, from, to } = doubt;
      found.push({ entity: 'price', key, field, kind, from, to });
    }
  }
  return { found, isCounted };
}

/** A person looked: what the key states in a stream is right. Returns whether the count changed. */
export function confirmPrice(
  { header: { knownAt: now, offset } }: FoldInput,
  state: FoldState,
  line: string,
  { key, stream }: { readonly key: string; readonly stream: string },
  count: SuspectCount,
): boolean {
  const before = periodsIn(state, line);
  const found = doubtIn({ periods: before }, key, { now, stream });
  if (found === null) return false;
  const after = periodsConfirmed(before, found, { now, offset, imputed: false });
  return replace(state, line, { before, after, record: found.record, now }, count);
}

/** Drops from the count what has ended to be suspect by itself; returns whether any has. */
export function countEnded(count: SuspectCount, now: number): boolean {
  const ended = Object.keys(count.ends).filter((until) => Number(until) <= now);
  for (const until of ended) {
    count.suspects -= count.ends[until] ?? 0;
    delete count.ends[until];
  }
  return ended.length > 0;
}

/** The period that makes a key suspect, one that holds before one that does no more; of one stream, if given. */
export function doubtIn(
  { periods }: PriceLine,
  key: string,
  { now, stream }: { readonly now: number; readonly stream?: string | undefined },
): DoubtedPeriod | null {
  let over: DoubtedPeriod | null = null;
  for (const [at, period] of periods.entries()) {
    if (period.key !== key || period.isGone !== undefined) continue;
    if (stream !== undefined && streamOfRecord(period.record) !== stream) continue;
    const doubt = doubtAt(periods, at, now);
    if (doubt === null) continue;
    if (isStanding(doubt, now)) return { ...period, doubt };
    over ??= { ...period, doubt };
  }
  return over;
}

function periodsIn(state: FoldState, line: string): readonly PricePeriod[] {
  return (state.get(priceLineTable.name, line) as unknown as PriceLine | undefined)?.periods ?? [];
}

interface Replaced {
  readonly before: readonly PricePeriod[];
  readonly after: readonly PricePeriod[];
  readonly record: string;
  readonly now: number;
}

/** In doubt, of one stream; what only settles is held, and told nobody. */
function countedIn(periods: readonly PricePeriod[], stream: string): DoubtedPeriod[] {
  return periods.flatMap((period) => {
    const { doubt, record } = period;
    return doubt === null || streamOfRecord(record) !== stream ? [] : [{ ...period, doubt }];
  });
}

/** Returns whether the count changed. */
function replace(
  state: FoldState,
  line: string,
  { before, after, record, now }: Replaced,
  count: SuspectCount,
): boolean {
  const stream = streamOfRecord(record);
  const [was, is] = [countedIn(before, stream), countedIn(after, stream)];
  for (const { doubt } of was) drop(count, doubt);
  for (const { doubt } of is) if (isStanding(doubt, now)) add(count, doubt);
  const left = new Set(is.map(({ key }) => key));
  for (const { key } of was)
    if (!left.has(key)) state.dropMember(suspectIndex.name, stream, `price/${key}`);
  for (const key of left) state.addMember(suspectIndex.name, stream, `price/${key}`);
  state.set(priceLineTable.name, line, { periods: after } as unknown as Record<string, Json>);
  return was.length + is.length > 0;
}

function add(count: SuspectCount, { until }: PeriodDoubt): void {
  if (until !== null) count.ends[until] = (count.ends[until] ?? 0) + 1;
  count.suspects += 1;
}

/** One that is over, and was dropped when it came to be, is in neither number. */
function drop(count: SuspectCount, { until }: PeriodDoubt): void {
  if (until !== null) {
    const ending = count.ends[until] ?? 0;
    if (ending === 0) return;
    if (ending === 1) delete count.ends[until];
    else count.ends[until] = ending - 1;
  }
  count.suspects -= 1;
}
