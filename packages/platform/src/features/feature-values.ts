/** Values of a view with their status and age, and those derived from several: pure. */
import type { DerivedFeature, FeatureView } from './definition.js';
import type { Evaluation } from './evaluate.js';
import type { FeaturePlain } from './finish.js';
import { FeatureTimes, ValueList } from './value-text.js';

export type FeatureStatus = 'ok' | 'stale' | 'missing' | 'expired' | 'erased';

export interface FeatureValue {
  /** Null unless the status is `ok` or `stale`. */
  readonly value: FeaturePlain;
  readonly status: FeatureStatus;
  /** How long ago the streams behind the value were last heard of, the oldest of them; ms. */
  readonly ageMs: number | null;
  /** When the newest fact in it became true; ms since the epoch. */
  readonly eventAt: number | null;
  /** When the last of what made it so became known. */
  readonly knownAt: number | null;
}

/** What is said of a value besides what it is. */
export interface FeatureAge {
  readonly status: FeatureStatus;
  readonly ageMs: number | null;
  readonly times: FeatureTimes;
}

/** Values as they are worked out: a few ages stand for all of them. */
export interface ValueRow {
  readonly values: ValueList;
  readonly ages: readonly FeatureAge[];
  /** Place among `ages`, for each value. */
  readonly ageOf: readonly number[];
}

const noTimes = new FeatureTimes(null, null);
export const missingAge: FeatureAge = { status: 'missing', ageMs: null, times: noTimes };
export const erasedAge: FeatureAge = { status: 'erased', ageMs: null, times: noTimes };

/** No value at all, and the same reason for each. */
export function noValues(view: FeatureView, age: FeatureAge): ValueRow {
  const values = new ValueList(view.features.map(() => null));
  return { values, ages: [age], ageOf: view.features.map(() => 0) };
}

/** Each value with its age. */
export function fullValues({ values, ages, ageOf }: ValueRow): readonly FeatureValue[] {
  return values.list.map((value, place) => {
    const { status, ageMs, times } = ages[ageOf[place] as number] as FeatureAge;
    return { value, status, ageMs, eventAt: times.eventAt, knownAt: times.knownAt };
  });
}

/** The other way round. */
export function rowOf(values: readonly FeatureValue[]): ValueRow {
  return {
    values: new ValueList(values.map(({ value }) => value)),
    ages: values.map(({ status, ageMs, eventAt, knownAt }) => {
      return { status, ageMs, times: new FeatureTimes(eventAt, knownAt) };
    }),
    ageOf: values.map((_, place) => place),
  };
}

/** Rows of one key, one after the other. */
export function joinRows(rows: readonly ValueRow[]): ValueRow {
  const [first] = rows;
  if (rows.length === 1 && first !== undefined) return first;
  const ages: FeatureAge[] = [];
  const ageOf: number[] = [];
  for (const row of rows) {
    const before = ages.length;
    ages.push(...row.ages);
    for (const place of row.ageOf) ageOf.push(before + place);
  }
  return { values: new ValueList(rows.flatMap(({ values }) => values.list)), ages, ageOf };
}

/** What the walk over its lines came to, as it stands at `t`. */
export function valuesOf(
  view: FeatureView,
  { values, seen, seenOf }: Evaluation,
  otherwise: ReadonlySet<number>,
  heardAt: (feed: number) => number | null,
  t: number,
): ValueRow {
  // Windows mostly saw the same streams, and then share one set.
  let agesOf: ReadonlySet<number> | null = null;
  let ageMs: number | null = null;
  let isAnyExpired = false;
  const ages: FeatureAge[] = [];
  for (const { isNull, feeds, times } of seen) {
    const used = feeds.size === 0 ? otherwise : feeds;
    if (used !== agesOf) {
      ageMs = oldestAge(used, heardAt, t);
      agesOf = used;
    }
    const isExpired = view.maxAgeMs !== null && ageMs !== null && ageMs > view.maxAgeMs;
    const isStale = view.freshMs !== null && ageMs !== null && ageMs > view.freshMs;
    if (isExpired) isAnyExpired = true;
    const status = isExpired ? 'expired' : isNull ? 'missing' : isStale ? 'stale' : 'ok';
    ages.push({ status, ageMs, times });
  }
  if (!isAnyExpired) return { values, ages, ageOf: seenOf };
  const isExpired = (place: number) => ages[seenOf[place] as number]?.status === 'expired';
  const left = values.list.map((value, place) => (isExpired(place) ? null : value));
  return { values: new ValueList(left), ages, ageOf: seenOf };
}

/** How long ago the streams were last heard of, the oldest of them. */
function oldestAge(
  feeds: ReadonlySet<number>,
  heardAt: (feed: number) => number | null,
  t: number,
): number | null {
  let oldest: number | null = null;
  for (const feed of feeds) {
    const at = heardAt(feed);
    if (at !== null && (oldest === null || at < oldest)) oldest = at;
  }
  return oldest === null ? null : Math.max(0, t - oldest);
}

/** In the order in which one is worse than another. */
export const statusRanks: readonly FeatureStatus[] = [
  'ok',
  'stale',
  'missing',
  'expired',
  'erased',
];

/** A derived value, from the values of its views. */
export function derivedValue(
  one: DerivedFeature,
  inputs: readonly (readonly FeatureValue[])[],
  t: number,
): FeatureValue {
  const all = inputs.flat();
  const worst = Math.max(...all.map(({ status }) => statusRanks.indexOf(status)));
  const known = (pick: (value: FeatureValue) => number | null) =>
    all.map(pick).filter((time): time is number => time !== null);
  let value: FeaturePlain = null;
  try {
    const shaped = inputs.map((values, index) => shapeOf(one.views[index] as FeatureView, values));
    // What may not be used must not decide by way of something else either.
    if (worst < statusRanks.indexOf('expired'))
      value = one.compute(...([...shaped, t] as never[])) ?? null;
    if (typeof value === 'number' && !Number.isFinite(value)) value = null;
  } catch {
    // A user's code over values that may be null; it then has nothing to say.
  }
  const ages = known(({ ageMs }) => ageMs);
  const times = known(({ eventAt }) => eventAt);
  const learned = known(({ knownAt }) => knownAt);
  const isStale = all.some(({ status: of }) => of === 'stale');
  const status =
    value === null ? (statusRanks[Math.max(worst, 2)] as FeatureStatus) : isStale ? 'stale' : 'ok';
  return {
    value,
    status,
    ageMs: ages.length === 0 ? null : Math.max(...ages),
    eventAt: times.length === 0 ? null : Math.max(...times),
    knownAt: learned.length === 0 ? null : Math.max(...learned),
  };
}

/** Values as `derive` sees them: by name, and by window where there are windows. */
function shapeOf(
  view: FeatureView,
  values: readonly FeatureValue[],
): Readonly<Record<string, unknown>> {
  const shaped: Record<string, unknown> = {};
  for (const [place, { name, aggregate, window }] of view.features.entries()) {
    const kept = values[place]?.value ?? null;
    // A list is kept for later answers, and this one is handed to a user's code.
    const value = Array.isArray(kept) ? [...kept] : kept;
    if (window === null || aggregate.windows.length === 0 || window.name === '') {
      shaped[name] = value;
      continue;
    }
    const plain = name.slice(0, -window.name.length - 1);
    shaped[plain] = { ...(shaped[plain] as object | undefined), [window.name]: value };
  }
  return shaped;
}
