/** Values of a view with their status and age, and those derived from several: pure. */
import type { DerivedFeature, FeatureView } from './definition.js';
import type { Evaluation } from './evaluate.js';
import type { FeaturePlain } from './finish.js';

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

const nothing = { ageMs: null, eventAt: null, knownAt: null } as const;
export const missingValue: FeatureValue = { value: null, status: 'missing', ...nothing };
export const erasedValue: FeatureValue = { value: null, status: 'erased', ...nothing };

export function same(view: FeatureView, value: FeatureValue): readonly FeatureValue[] {
  return view.features.map(() => value);
}

export function valuesOf(
  view: FeatureView,
  { features }: Evaluation,
  otherwise: ReadonlySet<number>,
  heardAt: (feed: number) => number | null,
  t: number,
): readonly FeatureValue[] {
  // Windows mostly saw the same streams, and then share one set.
  const ages = new Map<ReadonlySet<number>, number | null>();
  const ageOf = (feeds: ReadonlySet<number>): number | null => {
    let oldest: number | null = null;
    for (const feed of feeds) {
      const at = heardAt(feed);
      if (at !== null && (oldest === null || at < oldest)) oldest = at;
    }
    return oldest === null ? null : Math.max(0, t - oldest);
  };
  return features.map(({ value, feeds, eventAt, knownAt }) => {
    const used = feeds.size === 0 ? otherwise : feeds;
    let ageMs = ages.get(used);
    if (ageMs === undefined) {
      ageMs = ageOf(used);
      ages.set(used, ageMs);
    }
    const isExpired = view.maxAgeMs !== null && ageMs !== null && ageMs > view.maxAgeMs;
    const isStale = view.freshMs !== null && ageMs !== null && ageMs > view.freshMs;
    const status = isExpired ? 'expired' : value === null ? 'missing' : isStale ? 'stale' : 'ok';
    return { value: isExpired ? null : value, status, ageMs, eventAt, knownAt };
  });
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
    const value = values[place]?.value ?? null;
    if (window === null || aggregate.windows.length === 0 || window.name === '') {
      shaped[name] = value;
      continue;
    }
    const plain = name.slice(0, -window.name.length - 1);
    shaped[plain] = { ...(shaped[plain] as object | undefined), [window.name]: value };
  }
  return shaped;
}
