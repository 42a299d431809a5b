/**
 * Prices that follow on each other. An ERP changes a price by ending one record and beginning another, which
 * has no past of its own to have jumped from; so all that one source says of a price, whenever it holds, is
 * kept together as its *periods*, and each is held against the one before it, or the next where none is.
 *
 *   told ─(near what it was itself, or else near the one before)─▶ right ─(changed, far)─▶ suspect
 *     └───(far from that; or in a currency nothing before it was in)────────────────────▶ suspect
 *   suspect ─(changed, or told of what it is held against: near)─▶ right        ─(confirmed)─▶ right
 *           ─(it ends)─▶ over: stops nothing that follows on it; itself it is as wrong as before
 *   any ─(its record goes)─▶ forgotten, but for amounts that were right: others are still held against them
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
import { isFar, type Jump } from './jumps.js';
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
  readonly isGone?: true;
  readonly doubt: PeriodDoubt | null;
}

export interface PeriodDoubt extends Pick<Jump, 'field' | 'kind' | 'from' | 'to'> {
  readonly at: number;
  readonly offset: number;
  /** When it ends to matter, ms: when the price holds no more; null while that is not known. */
  readonly until: number | null;
  /** It is right after that, where nothing else is said. */
  readonly isBrief?: true;
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
/** A currency that comes beside another is told with it, or soon after. */
const settleMs = 10 * 60_000;
const minuteMs = 60_000;
/** A currency that ended longer ago was not given up for this one. */
const latelyMs = 31 * 86_400_000;

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

/** Whether a row is looked at here. */
export function isPeriod({ entity, key, fields }: StoredRow): boolean {
  if (entity !== 'price' || pricedBy(key) === null) return false;
  const { validFrom, currency } = fields;
  return typeof validFrom === 'string' && isInstant(validFrom) && typeof currency === 'string';
}

/** Periods after a record said `rows` of this price, and judged. */
export function periodsAfter(
  periods: readonly PricePeriod[],
  record: string,
  rows: readonly StoredRow[],
  saying: Saying,
): readonly PricePeriod[] {
  const said = new Map(rows.map((row) => [row.key, periodOf(row, record, saying)]));
  const known = periods.map((period) => settled(period, saying.now));
  const own = known.filter((period) => period.record === record);
  const replaced = own.filter(
    ({ key, isGone, currency }) =>
      isGone === undefined && (said.get(key)?.currency ?? null) !== currency,
  );
  const gone = own
    .filter((period) => !said.has(period.key) && wasRight(period))
    .map((period): PricePeriod => {
      const to = Math.min(period.to ?? saying.now, saying.now);
      return { ...period, to, isGone: true, doubt: null };
    });
  const told = [...said.values()].map((next) => {
    const before = own.find(({ key, currency }) => key === next.key && currency === next.currency);
    return follow(next, before, replaced, saying);
  });
  const others = known.filter((period) => period.record !== record);
  return judged([...others, ...gone, ...told].sort(inTime), record, saying);
}

/** A person says that what this period states is right. */
export function periodsConfirmed(
  periods: readonly PricePeriod[],
  { key, record }: Pick<PricePeriod, 'key' | 'record'>,
  saying: Saying,
): readonly PricePeriod[] {
  const sure = periods.map((period): PricePeriod => {
    if (period.key !== key || period.record !== record) return period;
    const { was: _, ...rest } = period;
    return { ...rest, right: period.amounts, doubt: null };
  });
  return judged(sure, record, saying);
}

/** Whether a price is suspect while it holds; one that does no more stops nothing. */
export function isStanding({ until }: PeriodDoubt, now: number): boolean {
  return until === null || until > now;
}

export function streamOfRecord(record: string): string {
  return record.split('/', 2).join('/');
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

/** What was in doubt only until the end of another might be told. */
function settled(period: PricePeriod, now: number): PricePeriod {
  const { doubt, right, amounts } = period;
  if (doubt?.isBrief !== true || isStanding(doubt, now)) return period;
  return { ...period, right: { ...right, ...amounts }, doubt: null };
}

/** What a record says now, with what is known of it from before. */
function follow(
  next: PricePeriod,
  before: PricePeriod | undefined,
  replaced: readonly PricePeriod[],
  { imputed }: Saying,
): PricePeriod {
  if (before !== undefined && before.isGone === undefined) {
    const { right, told, doubt, was } = before;
    return { ...next, right, told, doubt, ...(was === undefined ? {} : { was }) };
  }
  const others = replaced.filter(({ currency }) => currency !== next.currency);
  const sameTime = others.find(({ from }) => from === next.from);
  const flipped = sameTime ?? (others.length === 1 ? others[0] : undefined);
  // The way back from what was never right is none.
  const was = flipped?.doubt == null ? flipped?.currency : flipped.was;
  return {
    ...next,
    right: imputed && before === undefined ? next.amounts : (before?.right ?? {}),
    told: before?.told ?? next.told,
    ...(was === undefined || was === next.currency ? {} : { was }),
  };
}

const inTime = (a: PricePeriod, b: PricePeriod): number =>
  a.from - b.from || compare(a.key, b.key) || compare(a.record, b.record);
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

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
    if (!isJudged(period)) continue;
    const found = doubtOf(period, all, at, saying.now);
    const isSame = period.doubt?.isBrief === found?.isBrief;
    const { at: since = saying.now, offset = saying.offset } = (isSame && period.doubt) || {};
    all[at] =
      found === null
        ? { ...period, right: { ...period.right, ...period.amounts }, doubt: null }
        : { ...period, doubt: { ...found, at: since, offset } };
  }
  // Ends last: that what follows is right may be known only now.
  const ended = all.map((period, at): PricePeriod => {
    if (period.doubt === null || !isJudged(period)) return period;
    const ends = endOf(period, period.doubt, all, at);
    const until = ends === null ? period.doubt.until : Math.min(ends, period.doubt.until ?? ends);
    return { ...period, doubt: { ...period.doubt, until } };
  });
  return bounded(ended, saying.now);
}

type FoundDoubt = Omit<PeriodDoubt, 'at' | 'offset'>;

function doubtOf(
  period: PricePeriod,
  all: readonly PricePeriod[],
  at: number,
  now: number,
): FoundDoubt | null {
  for (const [field, amount] of Object.entries(period.amounts)) {
    const found =
      currencyDoubt(period, field, all, now) ?? scaleDoubt(period, field, amount, all, at);
    if (found !== null) return found;
  }
  return null;
}

function currencyDoubt(
  period: PricePeriod,
  field: string,
  all: readonly PricePeriod[],
  now: number,
): FoundDoubt | null {
  const { was, currency, told, doubt } = period;
  const jumped = (from: string): FoundDoubt => ({
    ...{ field: 'currency', kind: 'currency', from, to: currency, until: null },
  });
  if (was !== undefined) return jumped(was);
  const says = (one: PricePeriod) => one.right[field] !== undefined;
  if (all.some((one) => says(one) && one.currency === currency)) return null;
  if (doubt?.kind === 'currency' && doubt.isBrief === undefined) return jumped(doubt.from);
  const others = all.filter(
    (one) => says(one) && one.currency !== currency && one.from <= period.from,
  );
  const { left, beside } = otherCurrencies(others, period.from);
  if (left !== null) return jumped(left.currency);
  if (beside === null) return null;
  // Beside another that goes on to hold it is an addition, unless that turns out to have ended.
  const until = Math.ceil((told + settleMs) / minuteMs) * minuteMs;
  const isToldWith = Math.abs(told - beside.told) <= settleMs;
  return until <= now || isToldWith ? null : { ...jumped(beside.currency), until, isBrief: true };
}

interface OtherCurrency {
  readonly currency: string;
  /** When the price was first told in it, ms. */
  readonly told: number;
}

/** A currency the price was in until lately and is in no more at `time`, and one that it goes on to be in. */
function otherCurrencies(
  others: readonly PricePeriod[],
  time: number,
): { readonly left: OtherCurrency | null; readonly beside: OtherCurrency | null } {
  let [left, beside]: [OtherCurrency | null, OtherCurrency | null] = [null, null];
  for (const currency of new Set(others.map((one) => one.currency))) {
    const own = others.filter((one) => one.currency === currency);
    const other = { currency, told: Math.min(...own.map(({ told }) => told)) };
    const holds = ({ to, isGone }: PricePeriod) =>
      isGone === undefined && (to === null || to > time);
    if (own.some(holds)) beside ??= other;
    else if (own.some(({ to }) => to === null || to >= time - latelyMs)) left ??= other;
  }
  return { left, beside };
}

function scaleDoubt(
  period: PricePeriod,
  field: string,
  amount: string,
  all: readonly PricePeriod[],
  at: number,
): FoundDoubt | null {
  const { currency, right } = period;
  const says = (one: PricePeriod) => one.currency === currency && one.right[field] !== undefined;
  const nearest = all.slice(0, at).findLast(says) ?? all.slice(at + 1).find(says);
  const base = right[field] ?? nearest?.right[field];
  if (base === undefined || !isFar(BigInt(base), BigInt(amount))) return null;
  const [from, to] = [textOf(base, currency), textOf(amount, currency)];
  return { field, kind: 'scale', from, to, until: null };
}

/** Its end, or when the next begins that is right and has none; what is planned ends nothing before its time. */
function endOf(
  { to, from, currency, amounts }: PricePeriod,
  doubt: PeriodDoubt | null,
  all: readonly PricePeriod[],
  at: number,
): number | null {
  if (to !== null) return to;
  // In another currency all of it is wrong.
  const fields = doubt?.kind === 'scale' ? [doubt.field] : Object.keys(amounts);
  const next = all
    .slice(at + 1)
    .find(
      (one) =>
        one.isGone === undefined &&
        one.doubt === null &&
        one.to === null &&
        one.from > from &&
        one.currency === currency &&
        fields.every((name) => one.right[name] !== undefined),
    );
  return next?.from ?? null;
}

/** What is in doubt is not forgotten while it holds, nor what others can be held against. */
function bounded(periods: readonly PricePeriod[], now: number): readonly PricePeriod[] {
  if (periods.length <= periodsMax) return periods;
  const kept = [...periods];
  const isCovered = (one: PricePeriod) =>
    Object.keys(one.right).every((field) =>
      kept.some(
        (other) =>
          other !== one &&
          other.currency === one.currency &&
          other.from >= one.from &&
          other.right[field] !== undefined,
      ),
    );
  const isPast = (one: PricePeriod) => {
    if (one.to !== null) return one.to <= now;
    const ends = endOf(one, null, kept, kept.indexOf(one));
    return ends !== null && ends <= now;
  };
  const forgettable: readonly ((one: PricePeriod) => boolean)[] = [
    (one) => one.doubt !== null && !isStanding(one.doubt, now) && isCovered(one),
    (one) => one.isGone === true && isCovered(one),
    (one) => one.doubt === null && isPast(one) && isCovered(one),
    (one) => kept.length > neededMax && (one.doubt !== null || isCovered(one)),
  ];
  while (kept.length > periodsMax) {
    const which = forgettable.find((may) => kept.some(may));
    if (which === undefined) break;
    kept.splice(kept.findIndex(which), 1);
  }
  return kept;
}

function textOf(micros: string, currency: string): string {
  const digits = micros.padStart(7, '0');
  return `${digits.slice(0, -6)}.${digits.slice(-6).replace(/0{1,4}$/, '')} ${currency}`;
}
