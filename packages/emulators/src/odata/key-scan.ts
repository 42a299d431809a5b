import type { Condition } from './condition.js';
import { keyPropertiesOf, keyReaderOf } from './keys.js';
import type { EntitySet, KeyValues } from './model.js';
import { classOf, compareValues } from './values.js';

/**
 * Reads a set along its key, up or down, between the places a filter allows. Clients that page by
 * key ask for `A lt 'x' or (A eq 'x' and B lt 'y')`: that is one stretch of the set, found by
 * bisection, and not a scan of the whole.
 */

/** Positions in key order: from `start` to before `end`. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

type Comparison = Extract<Condition, { kind: 'compare' }>;

/** Holds every row the condition can hold for; it may hold others as well. */
export const stretchOf = (set: EntitySet, condition: Condition | undefined): Stretch => {
  const whole: Stretch = { start: 0, end: set.source.count() };
  if (condition === undefined) return whole;
  return narrow(condition, whole, createBisection(set), set.key);
};

/** First position whose key begins with at least these values or, `behind` them, with more. */
type Bisection = (prefix: KeyValues, behind: boolean) => number;

const createBisection = (set: EntitySet): Bisection => {
  const keyOf = keyReaderOf(set);
  const classes = keyPropertiesOf(set).map((property) => classOf(property.type));
  return (prefix, behind) => {
    let low = 0;
    let high = set.source.count();
    while (low < high) {
      const middle = (low + high) >>> 1;
      const [row] = set.source.rows({ kind: 'offset', offset: middle });
      const key = keyOf(row);
      let order = 0;
      for (let part = 0; part < prefix.length && order === 0; part++) {
        const valueClass = classes[part] ?? 'text';
        order = compareValues(valueClass, key[part] ?? null, prefix[part] ?? null);
      }
      if (order < 0 || (behind && order === 0)) low = middle + 1;
      else high = middle;
    }
    return low;
  };
};

const narrow = (
  condition: Condition,
  whole: Stretch,
  bisect: Bisection,
  key: readonly string[],
): Stretch => {
  if (condition.kind === 'any') {
    let start = whole.end;
    let end = whole.start;
    for (const part of condition.of) {
      const stretch = narrow(part, whole, bisect, key);
      if (stretch.start >= stretch.end) continue;
      start = Math.min(start, stretch.start);
      end = Math.max(end, stretch.end);
    }
    return start < end ? { start, end } : { start: 0, end: 0 };
  }
  if (condition.kind === 'compare') return narrowAll([condition], whole, bisect, key);
  if (condition.kind !== 'all') return whole;
  const comparisons = condition.of.filter((part) => part.kind === 'compare');
  let stretch = narrowAll(comparisons, whole, bisect, key);
  for (const part of condition.of) {
    if (part.kind === 'compare') continue;
    const other = narrow(part, whole, bisect, key);
    stretch = {
      start: Math.max(stretch.start, other.start),
      end: Math.min(stretch.end, other.end),
    };
  }
  return stretch;
};

/** What equalities on the first key properties leave, and a comparison on the one behind them. */
const narrowAll = (
  comparisons: readonly Comparison[],
  whole: Stretch,
  bisect: Bisection,
  key: readonly string[],
): Stretch => {
  const on = (name: string): readonly Comparison[] =>
    comparisons.filter(
      ({ path, value }) =>
        path.through.length === 0 && path.property.name === name && value !== null,
    );
  const prefix: KeyValues[number][] = [];
  for (const name of key) {
    const equal = on(name).find(({ operator }) => operator === 'eq');
    if (equal === undefined) break;
    prefix.push(equal.value);
  }
  let { start, end } = whole;
  if (prefix.length > 0) {
    start = bisect(prefix, false);
    end = bisect(prefix, true);
  }
  for (const { operator, value } of on(key[prefix.length] ?? '')) {
    const place = [...prefix, value];
    if (operator === 'gt' || operator === 'ge')
      start = Math.max(start, bisect(place, operator === 'gt'));
    if (operator === 'lt' || operator === 'le')
      end = Math.min(end, bisect(place, operator === 'le'));
  }
  return { start, end };
};

const BLOCK_ROWS = 256;

/** The rows of a stretch; downwards they are read in blocks, each of them upwards. */
export const rowsAlong = function* (
  set: EntitySet,
  { start, end }: Stretch,
  isDescending: boolean,
): Generator<unknown> {
  if (!isDescending) {
    yield* firstOf(set.source.rows({ kind: 'offset', offset: start }), end - start);
    return;
  }
  for (let blockEnd = end; blockEnd > start; blockEnd -= BLOCK_ROWS) {
    const offset = Math.max(start, blockEnd - BLOCK_ROWS);
    const block = [...firstOf(set.source.rows({ kind: 'offset', offset }), blockEnd - offset)];
    yield* block.reverse();
  }
};

const firstOf = function* (rows: Iterable<unknown>, count: number): Generator<unknown> {
  if (count <= 0) return;
  let given = 0;
  for (const row of rows) {
    yield row;
    given++;
    if (given >= count) return;
  }
};
