/**
 * Prices that follow on each other. An ERP changes a price by ending one record and beginning another, which
 * has no past of its own to have jumped from; so all that one source says of a price, whenever it holds, is
 * kept together as its *periods*, and each is held against the one before it, or the next where none is.
 *
 *   told ─(near what it was itself, or else near the one before)─▶ right ─(changed, far)─▶ suspect
 *     └───(far from that; or in a currency that took the place of another)──────────────▶ suspect
 *   suspect ─(changed, or told of what it is held against: near)─▶ right        ─(confirmed)─▶ right
 *           ─(it ends)─▶ over: stops nothing that follows on it; itself it is as wrong as before
 *   any ─(its record goes)─▶ forgotten, but for amounts that were right: others are still held against them
 * Beside that, a currency that comes to be *settles* for some minutes: until then the price is held, since the
 * end of the one it takes the place of may be told next.
 *
 * Invariants, which the tests draw at random:
 * - A period is held against amounts that were right, never against what is suspect.
 * - Amounts of one field, currency, group and quantity are compared, and no others.
 * - What is suspect stays so while it holds, whatever is said of other periods near what was right.
 * - Prices that keep within the factor of trade are never suspect, in whatever order they are told.
 *
 * All of it is in one row, so that one key answers for a price, and nothing of it can differ from the rest.
 */
import { epochMs, isInstant, type JsonObject } from '@headrace/sdk';
import type { StoredRow } from '../engine/index.js';
import type { Jump } from './jumps.js';
import { compareText, streamOfRecord } from './part.js';
import { currencyOf, endOf, type FoundDoubt, scaleDoubt } from './price-doubts.js';
import { isEmpty, microsOf, quantityMicros } from './row-faults.js';

/** Millionths of the currency for one unit, by field. */
type Amounts = Readonly<Record<string, string>>;

export interface PricePeriod {
  /** Of the price it states, and of the record that does. */
  readonly key: string;
  readonly record: string;
  readonly currency: string;
  /** When it begins and ends to hold, ms; null without an end. */
  readonly from: number;
  readonly to: number | null;
  readonly amounts: Amounts;
  /** The last amounts of it that were right, by field. */
  readonly right: Amounts;
  /** When it was first told, ms. */
  readonly told: number;
  /** The currency its record stated it in before, when that was right. */
  readonly was?: string;
  /** Until when its currency settles, ms, beside which; absent where that is no question. */
  readonly settles?: { readonly until: number; readonly beside: string };
  readonly isGone?: true;
  readonly doubt: PeriodDoubt | null;
}

export interface PeriodDoubt extends Pick<Jump, 'field' | 'kind' | 'from' | 'to'> {
  readonly at: number;
  readonly offset: number;
  /** When it ends to matter, ms: when the price holds no more; null while that is not known. */
  readonly until: number | null;
}

/** When something is said, and where. */
export interface Saying {
  readonly now: number;
  readonly offset: number;
  /** Read with all that was there before: what it says stood for long. */
  readonly imputed: boolean;
}

/** More are remembered only while all of them are needed. */
const periodsMax = 24;
const neededMax = 100;

const [currencyPart, accountPart, customerPart, fromPart, partsOfKey] = [2, 4, 5, 7, 8];

/**
 * What a price is a price of: its key but for its currency and when it begins. Null for a price that just
 * is, and for one agreed with a single customer: of those nothing is kept beside their record.
 */
export function pricedBy(key: string): string | null {
  const parts = key.split('/');
  if (parts.length !== partsOfKey || parts[fromPart] === '-') return null;
  if (parts[accountPart] !== '-' || parts[customerPart] !== '-') return null;
  return parts.filter((_, at) => at !== currencyPart && at !== fromPart).join('/');
}

/** Periods after a record said `rows` of this price, and judged. */
export function periodsAfter(
  periods: readonly PricePeriod[],
  record: string,
  rows: readonly StoredRow[],
  saying: Saying,
): readonly PricePeriod[] {
  const said = new Map(rows.map((row) => [row.key, periodOf(row, record, saying)]));
  const own = periods.filter((period) => period.record === record);
  const isSaid = ({ key, currency }: PricePeriod) => said.get(key)?.currency === currency;
  const left = own.filter((period) => !isSaid(period));
  const gone = left.filter(wasRight).map((period): PricePeriod => {
    const to = Math.min(period.to ?? saying.now, saying.now);
    return { ...period, to, isGone: true, doubt: null };
  });
  const inCurrencies = new Set([...said.values()].map(({ currency }) => currency));
  const replaced = left.filter(
    ({ isGone, currency }) => isGone === undefined && !inCurrencies.has(currency),
  );
  const told = [...said.values()].map((next) => follow(next, own, replaced, saying));
  const others = periods.filter((period) => period.record !== record);
  return judged([...others, ...gone, ...told].sort(inTime), record, saying);
}

/**
 * A person says that what is in doubt of this period is right. Of one that is over that moves nothing: what
 * follows goes on to be held against what was right before it.
 */
export function periodsConfirmed(
  periods: readonly PricePeriod[],
  { key, record, doubt }: DoubtedPeriod,
  saying: Saying,
): readonly PricePeriod[] {
  const isIt = (one: PricePeriod) =>
    one.key === key && one.record === record && one.isGone === undefined;
  if (!isStanding(doubt, saying.now)) return periods.filter((one) => !isIt(one));
  const sure = periods.map((period): PricePeriod => {
    if (!isIt(period)) return period;
    const { was: _, settles: __, right, amounts, ...rest } = period;
    const amount = amounts[doubt.field];
    const confirmed = amount === undefined ? amounts : { ...right, [doubt.field]: amount };
    return { ...rest, amounts, right: confirmed, doubt: null };
  });
  return judged(sure, record, saying);
}

export type DoubtedPeriod = PricePeriod & { readonly doubt: PeriodDoubt };

/** Why nothing may rest on a period at `now`; its end may have been told by others since it was judged. */
export function doubtAt(
  periods: readonly PricePeriod[],
  at: number,
  now: number,
): PeriodDoubt | null {
  const period = periods[at] as PricePeriod;
  const { doubt, settles, told, currency } = period;
  if (doubt !== null) {
    const own = { ...doubt, until: endOf(period, doubt, periods, at) };
    if (isStanding(own, now) || settles === undefined || settles.until <= now) return own;
  }
  if (settles === undefined || settles.until <= now) return null;
  const { until, beside: from } = settles;
  return { field: 'currency', kind: 'currency', from, to: currency, at: told, offset: 0, until };
}

/** Whether a price is suspect while it holds; one that does no more stops nothing. */
export function isStanding({ until }: PeriodDoubt, now: number): boolean {
  return until === null || until > now;
}

function periodOf({ key, fields }: StoredRow, record: string, { now }: Saying): PricePeriod {
  const { validFrom, validTo, perQuantity } = fields;
  const ends = typeof validTo === 'string' && isInstant(validTo) ? epochMs(validTo) : null;
  const pieces = isEmpty(perQuantity) ? 1_000_000n : quantityMicros(perQuantity);
  const amounts: Record<string, string> = {};
  let currency = String(fields['currency']);
  for (const [field, value] of Object.entries(fields)) {
    const micros = microsOf(value);
    if (micros === null || pieces === null || pieces <= 0n) continue;
    const each = (micros * 1_000_000n) / pieces;
    if (each <= 0n) continue;
    amounts[field] = String(each);
    currency = String((value as JsonObject)['currency']);
  }
  return {
    ...{ key, record, currency, from: epochMs(String(validFrom)), to: ends },
    ...{ amounts, right: {}, told: now, doubt: null },
  };
}

const wasRight = ({ right }: PricePeriod): boolean => Object.keys(right).length > 0;

/** What a record says now, with what is known of it from before. */
function follow(
  next: PricePeriod,
  own: readonly PricePeriod[],
  replaced: readonly PricePeriod[],
  { imputed }: Saying,
): PricePeriod {
  const before = own.find(({ key, currency }) => key === next.key && currency === next.currency);
  if (before !== undefined && before.isGone === undefined) {
    const { key: _, record: __, currency: ___, from, to, amounts, ...known } = before;
    return { ...next, ...known };
  }
  const right = imputed && before === undefined ? next.amounts : (before?.right ?? {});
  const told = before?.told ?? next.told;
  const wasThere = own.some(
    ({ currency, isGone }) => currency === next.currency && isGone === undefined,
  );
  const sameTime = replaced.find(({ from }) => from === next.from);
  const flipped = wasThere
    ? undefined
    : (sameTime ?? (replaced.length === 1 ? replaced[0] : undefined));
  // The way back from what was never right is none.
  const was = flipped?.doubt == null ? flipped?.currency : flipped.was;
  return { ...next, right, told, ...(was === undefined || was === next.currency ? {} : { was }) };
}

const inTime = (a: PricePeriod, b: PricePeriod): number =>
  a.from - b.from || compareText(a.key, b.key) || compareText(a.record, b.record);

/** From the earliest on, so that each is held against what was judged before; of one stream's records. */
function judged(
  periods: readonly PricePeriod[],
  record: string,
  saying: Saying,
): readonly PricePeriod[] {
  const stream = streamOfRecord(record);
  const isJudged = (one: PricePeriod) =>
    one.isGone === undefined && streamOfRecord(one.record) === stream;
  const all = [...periods];
  for (const [at, period] of all.entries()) {
    if (isJudged(period)) all[at] = judgedOne(period, all, at, saying);
  }
  // Ends last: that what follows is right may be known only now.
  const ended = all.map((period, at): PricePeriod => {
    if (period.doubt === null || !isJudged(period)) return period;
    return { ...period, doubt: { ...period.doubt, until: endOf(period, period.doubt, all, at) } };
  });
  return bounded(ended, isJudged, saying.now);
}

function judgedOne(
  period: PricePeriod,
  all: readonly PricePeriod[],
  at: number,
  { now, offset }: Saying,
): PricePeriod {
  const currency = currencyOf(period, all, now);
  if (currency.kind === 'jumped') {
    const right = Object.entries(period.right).filter(
      ([field]) => !currency.fields.includes(field),
    );
    return doubted({ ...period, right: Object.fromEntries(right) }, currency.doubt, {
      now,
      offset,
    });
  }
  const judged = currency.kind === 'settles' ? { ...period, settles: currency.settles } : period;
  const found = scaleDoubt(judged, all, at);
  if (found !== null) return doubted(judged, found, { now, offset });
  return { ...judged, right: { ...period.right, ...period.amounts }, doubt: null };
}

function doubted(
  period: PricePeriod,
  found: FoundDoubt,
  { now, offset }: { readonly now: number; readonly offset: number },
): PricePeriod {
  const first = period.doubt ?? { at: now, offset };
  return { ...period, doubt: { ...found, at: first.at, offset: first.offset, until: null } };
}

/**
 * What is in doubt is not forgotten while it holds, nor what others can be held against; of more than
 * `neededMax` first what is planned for the last days, and doubts only where there is nothing else.
 */
function bounded(
  periods: readonly PricePeriod[],
  isJudged: (one: PricePeriod) => boolean,
  now: number,
): readonly PricePeriod[] {
  if (periods.length <= periodsMax) return periods;
  const kept = [...periods];
  const isCovered = (one: PricePeriod) =>
    Object.keys(one.right).every((field) =>
      kept.some(
        (other) =>
          other !== one && other.currency === one.currency && other.right[field] !== undefined,
      ),
    );
  const isOver = (one: PricePeriod) => {
    const ends = one.to ?? endOf(one, one.doubt, kept, kept.indexOf(one));
    return ends !== null && ends <= now;
  };
  const isRight = (one: PricePeriod) => one.doubt === null && isCovered(one);
  const isPast = (one: PricePeriod) => isRight(one) && isOver(one);
  const isDoubted = (one: PricePeriod) => one.doubt !== null && isJudged(one) && isCovered(one);
  const places: readonly (() => number)[] = [
    () => kept.findIndex((one) => isDoubted(one) && isOver(one)),
    () => kept.findIndex((one) => one.isGone === true && isPast(one)),
    () => kept.findIndex(isPast),
    () => (kept.length > neededMax ? kept.findLastIndex(isRight) : -1),
    () => (kept.length > neededMax ? kept.findIndex(isDoubted) : -1),
  ];
  while (kept.length > periodsMax) {
    const place = places.map((find) => find()).find((found) => found >= 0);
    if (place === undefined) break;
    kept.splice(place, 1);
  }
  return kept;
}
