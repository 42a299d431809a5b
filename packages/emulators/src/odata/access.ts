import type { Condition } from './condition.js';
import { keyTextOf } from './keys.js';
import type { Bound, EntitySet, KeyValues, PropertyValue, ValueRange } from './model.js';
import { classOf, compareValues } from './values.js';

/**
 * Chooses how to reach the rows a filter can match, as a database does: by key, by the range of
 * an index, by a union of such, or, when nothing helps, by reading the whole set. What is chosen
 * may hold rows the filter refuses, never the other way round.
 */

export type Access =
  | { readonly kind: 'key'; readonly key: KeyValues }
  | { readonly kind: 'range'; readonly property: string; readonly range: ValueRange }
  | { readonly kind: 'union'; readonly of: readonly Access[] }
  | { readonly kind: 'nothing' };

export interface Costed {
  readonly access: Access;
  /** About how many rows it reads. */
  readonly cost: number;
}

/** Undefined means that the whole set has to be read. */
export const costedAccessOf = (
  set: EntitySet,
  filter: Condition | undefined,
): Costed | undefined => {
  const costed = filter === undefined ? undefined : plan(set, filter);
  return costed === undefined || costed.cost >= set.source.count() * 2 + 16 ? undefined : costed;
};

export const accessOf = (set: EntitySet, filter: Condition | undefined): Access | undefined =>
  costedAccessOf(set, filter)?.access;

const plan = (set: EntitySet, condition: Condition): Costed | undefined => {
  if (condition.kind === 'any') return planUnion(set, condition.of);
  if (condition.kind === 'not' || condition.kind === 'compare-properties') return undefined;
  return planAll(set, condition.kind === 'all' ? flatten(condition.of) : [condition]);
};

/** `(a and b) and c` is `a and b and c`. */
const flatten = (conditions: readonly Condition[]): readonly Condition[] =>
  conditions.flatMap((condition) =>
    condition.kind === 'all' ? flatten(condition.of) : [condition],
  );

const planUnion = (set: EntitySet, conditions: readonly Condition[]): Costed | undefined => {
  const parts: Access[] = [];
  let cost = 0;
  for (const condition of conditions) {
    const part = plan(set, condition);
    if (part === undefined) return undefined;
    parts.push(part.access);
    cost += part.cost;
  }
  return { access: { kind: 'union', of: parts }, cost };
};

const planAll = (set: EntitySet, conditions: readonly Condition[]): Costed | undefined => {
  const ranges = new Map<string, ValueRange | 'nothing'>();
  let best: Costed | undefined;
  const offer = (candidate: Costed | undefined): void => {
    if (candidate !== undefined && (best === undefined || candidate.cost < best.cost))
      best = candidate;
  };
  for (const condition of conditions) {
    if (condition.kind === 'any') offer(planUnion(set, condition.of));
    const found = rangeOf(condition);
    if (found === undefined) continue;
    const known = ranges.get(found.property) ?? {};
    ranges.set(found.property, intersect(set, found.property, known, found.range));
  }
  for (const [property, range] of ranges) {
    if (range === 'nothing') return { access: { kind: 'nothing' }, cost: 0 };
    offer(costOfRange(set, property, range));
  }
  offer(costOfKey(set, ranges));
  return best;
};

const costOfRange = (set: EntitySet, property: string, range: ValueRange): Costed | undefined => {
  const index = set.source.indexes?.[property];
  if (index === undefined) return undefined;
  // Without an estimate: a value has few rows, an interval a tenth of them.
  const guess = isSingle(range) ? 8 : set.source.count() / 10;
  return {
    access: { kind: 'range', property, range },
    cost: index.estimate === undefined ? guess : index.estimate(range),
  };
};

const costOfKey = (
  set: EntitySet,
  ranges: ReadonlyMap<string, ValueRange | 'nothing'>,
): Costed | undefined => {
  const key: PropertyValue[] = [];
  for (const name of set.key) {
    const range = ranges.get(name);
    if (range === undefined || range === 'nothing' || !isSingle(range)) return undefined;
    key.push(range.lower?.value ?? null);
  }
  return { access: { kind: 'key', key }, cost: 0.5 };
};

/** Only one value lies in it; the engine writes such a range with the value as both bounds. */
export const isSingle = (range: ValueRange): boolean =>
  range.lower !== undefined && range.upper !== undefined && range.lower.value === range.upper.value;

/** The values of one property of the row itself that this condition allows, if it is so simple. */
const rangeOf = (
  condition: Condition,
): { readonly property: string; readonly range: ValueRange | 'nothing' } | undefined => {
  if (condition.kind === 'text') return rangeOfPrefix(condition);
  if (condition.kind !== 'compare' || condition.path.through.length > 0) return undefined;
  const { operator, value } = condition;
  const property = condition.path.property.name;
  if (operator === 'ne') return undefined;
  // Indexes hold no nulls: `eq null` needs a scan, an order with null holds for no row.
  if (value === null) return operator === 'eq' ? undefined : { property, range: 'nothing' };
  const bound: Bound = { value, isIncluded: operator !== 'gt' && operator !== 'lt' };
  if (operator === 'eq') return { property, range: { lower: bound, upper: bound } };
  const isLower = operator === 'gt' || operator === 'ge';
  return { property, range: isLower ? { lower: bound } : { upper: bound } };
};

const rangeOfPrefix = (
  condition: Extract<Condition, { kind: 'text' }>,
): { readonly property: string; readonly range: ValueRange } | undefined => {
  const { text, match, path } = condition;
  if (match !== 'startswith' || path.through.length > 0) return undefined;
  // Numbers are ordered by size, so those that begin alike are no interval.
  if (/^\d*$/.test(text)) return undefined;
  const last = text.charCodeAt(text.length - 1);
  const lower: Bound = { value: text, isIncluded: true };
  if (last === 0xffff) return { property: path.property.name, range: { lower } };
  const behind = `${text.slice(0, -1)}${String.fromCharCode(last + 1)}`;
  return {
    property: path.property.name,
    range: { lower, upper: { value: behind, isIncluded: false } },
  };
};

const intersect = (
  set: EntitySet,
  property: string,
  left: ValueRange | 'nothing',
  right: ValueRange | 'nothing',
): ValueRange | 'nothing' => {
  if (left === 'nothing' || right === 'nothing') return 'nothing';
  const type = set.properties.find((entry) => entry.name === property)?.type ?? 'Edm.String';
  const order = (a: Bound, b: Bound): number => compareValues(classOf(type), a.value, b.value);
  const lower = tighter(left.lower, right.lower, (a, b) => order(a, b));
  const upper = tighter(left.upper, right.upper, (a, b) => -order(a, b));
  if (lower !== undefined && upper !== undefined) {
    const gap = order(lower, upper);
    if (gap > 0 || (gap === 0 && !(lower.isIncluded && upper.isIncluded))) return 'nothing';
    // Equal moments may be written in two ways; one value for both marks the single value.
    if (gap === 0) return { lower, upper: lower };
  }
  return {
    ...(lower === undefined ? {} : { lower }),
    ...(upper === undefined ? {} : { upper }),
  };
};

/** The greater bound of the two in the given order; of equals the one that leaves more out. */
const tighter = (
  left: Bound | undefined,
  right: Bound | undefined,
  order: (a: Bound, b: Bound) => number,
): Bound | undefined => {
  if (left === undefined || right === undefined) return left ?? right;
  const difference = order(left, right);
  if (difference !== 0) return difference > 0 ? left : right;
  return left.isIncluded ? right : left;
};

/** The rows of an access path, each once; in no promised order. */
export const rowsOf = function* (
  set: EntitySet,
  access: Access,
  keyOf: (row: unknown) => KeyValues,
): Generator<unknown> {
  if (access.kind === 'nothing') return;
  if (access.kind === 'key') {
    const row = set.source.byKey(access.key);
    if (row !== undefined) yield row;
    return;
  }
  if (access.kind === 'range') {
    yield* set.source.indexes?.[access.property]?.range(access.range) ?? [];
    return;
  }
  const seen = new Set<string>();
  for (const part of access.of) {
    for (const row of rowsOf(set, part, keyOf)) {
      const key = keyTextOf(keyOf(row));
      if (seen.has(key)) continue;
      seen.add(key);
      yield row;
    }
  }
};
