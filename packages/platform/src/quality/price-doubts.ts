/** What of a price cannot be right, beside what is said of it otherwise; `price-periods` says when. Pure. */
import { isFar } from './jumps.js';
import type { PeriodDoubt, PricePeriod } from './price-periods.js';

/** A currency that comes beside another is told with it, or soon after. */
const settleMs = 10 * 60_000;
const minuteMs = 60_000;
/** A currency that ended longer ago was not given up for this one. */
const latelyMs = 31 * 86_400_000;

export type FoundDoubt = Omit<PeriodDoubt, 'at' | 'offset' | 'until'>;

type CurrencyFinding =
  | { readonly kind: 'known' }
  | { readonly kind: 'settles'; readonly settles: NonNullable<PricePeriod['settles']> }
  /** `fields` are those it was in no such currency before. */
  | { readonly kind: 'jumped'; readonly doubt: FoundDoubt; readonly fields: readonly string[] };

/** Whether the currency of a price is one it was in before, field by field. */
export function currencyOf(
  period: PricePeriod,
  all: readonly PricePeriod[],
  now: number,
): CurrencyFinding {
  const { was, currency, told, doubt, right, amounts, settles } = period;
  const jumped = (from: string, those: readonly string[]): CurrencyFinding => ({
    ...{ kind: 'jumped', fields: those },
    doubt: { field: 'currency', kind: 'currency', from, to: currency },
  });
  const fields = Object.keys(amounts);
  if (fields.length === 0) return { kind: 'known' };
  if (was !== undefined) return jumped(was, []);
  const isSettling = settles !== undefined && settles.until > now;
  if (fields.every((field) => right[field] !== undefined) && !isSettling) return { kind: 'known' };
  const says = (one: PricePeriod, field: string) => one.right[field] !== undefined;
  const isSettled = (one: PricePeriod) =>
    one !== period && one.currency === currency && (one.settles?.until ?? 0) <= now;
  const unknown = fields.filter((field) => !all.some((one) => isSettled(one) && says(one, field)));
  if (unknown.length === 0) return { kind: 'known' };
  if (doubt?.kind === 'currency') return jumped(doubt.from, unknown);
  const isOver = period.to !== null && period.to <= now;
  const time = isOver ? period.from : Math.max(period.from, now);
  // What one record states side by side takes the place of nothing.
  const apart = all.filter(
    (one) => one.currency !== currency && (one.record !== period.record || one.isGone === true),
  );
  let found: CurrencyFinding = { kind: 'known' };
  for (const field of unknown) {
    const others = apart.filter((one) => says(one, field));
    const { left, beside } = otherCurrencies(others, time);
    if (left !== null) return jumped(left.currency, unknown);
    // Beside another that goes on to hold it is an addition, unless that turns out to have ended.
    if (beside === null || Math.abs(told - beside.told) <= settleMs) continue;
    const until = Math.ceil((told + settleMs) / minuteMs) * minuteMs;
    if (until > now) found = { kind: 'settles', settles: { until, beside: beside.currency } };
  }
  return found;
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
    const begun = own.filter(({ from }) => from <= time);
    const holds = ({ to, isGone }: PricePeriod) =>
      isGone === undefined && (to === null || to > time);
    if (begun.some(holds)) beside ??= other;
    else if (begun.some(({ to }) => to === null || to >= time - latelyMs)) left ??= other;
  }
  return { left, beside };
}

/** The first field that is far from what it was, or else from the last that began before and was right. */
export function scaleDoubt(
  { currency, right, amounts }: PricePeriod,
  all: readonly PricePeriod[],
  at: number,
): FoundDoubt | null {
  for (const [field, amount] of Object.entries(amounts)) {
    const says = (one: PricePeriod) => one.currency === currency && one.right[field] !== undefined;
    const nearest = all.slice(0, at).findLast(says) ?? all.slice(at + 1).find(says);
    const base = right[field] ?? nearest?.right[field];
    if (base === undefined || !isFar(BigInt(base), BigInt(amount))) continue;
    const [from, to] = [textOf(base, currency), textOf(amount, currency)];
    return { field, kind: 'scale', from, to };
  }
  return null;
}

/** Its end, or when the next begins that is right and has none; what is planned ends nothing before its time. */
export function endOf(
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

function textOf(micros: string, currency: string): string {
  const digits = micros.padStart(7, '0');
  return `${digits.slice(0, -6)}.${digits.slice(-6).replace(/0{1,4}$/, '')} ${currency}`;
}
