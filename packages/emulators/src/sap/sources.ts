import type {
  FineInstant,
  KeyValues,
  PropertyValue,
  RowIndex,
  RowSource,
  StartAt,
  ValueRange,
} from '../odata/model.js';
import { type ChangeIndex, stampMs, stampOf, stampTicks } from '../retailer/erp/stamps.js';
import { DAY_MS } from '../retailer/parameters.js';

/**
 * How rows of the ERP's columns are found: by position in key order, by key, by time. None of
 * these looks at rows it does not answer with; `reads` counts them, so that tests can tell.
 */

export const reads = { rows: 0 };

const isInstant = (value: PropertyValue): value is FineInstant =>
  typeof value === 'object' && value !== null;

export const compareValues = (left: PropertyValue, right: PropertyValue): number => {
  if (isInstant(left) || isInstant(right)) return stampFrom(left) - stampFrom(right);
  if (left === right) return 0;
  if (left === null) return -1;
  if (right === null) return 1;
  return left < right ? -1 : 1;
};

const stampFrom = (value: PropertyValue): number =>
  isInstant(value) ? stampOf(value.ms, value.ticks) : stampOf(Number(value ?? 0));

const DIGITS = /^[0-9]+$/;

/** Numbers are kept with leading zeros and shown without, so shorter ones come first. */
const compareKeyParts = (left: PropertyValue, right: PropertyValue): number =>
  typeof left === 'string' &&
  typeof right === 'string' &&
  left.length !== right.length &&
  DIGITS.test(left) &&
  DIGITS.test(right)
    ? left.length - right.length
    : compareValues(left, right);

const compareKeys = (left: KeyValues, right: KeyValues): number => {
  for (const [index, value] of left.entries()) {
    const order = compareKeyParts(value, right[index] ?? null);
    if (order !== 0) return order;
  }
  return 0;
};

/** Rows laid out in the order of their keys. */
export interface Layout<Row> {
  count(): number;
  rowAt(position: number): Row;
  keyOf(row: Row): KeyValues;
}

/** First position whose value is at least (or, with `after`, greater than) the wanted one. */
const bound = (count: number, compareAt: (position: number) => number, after: boolean): number => {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const order = compareAt(middle);
    if (order < 0 || (after && order === 0)) low = middle + 1;
    else high = middle;
  }
  return low;
};

function* between<Row>(layout: Layout<Row>, from: number, to: number): Generator<Row> {
  for (let position = from; position < to; position++) {
    reads.rows++;
    yield layout.rowAt(position);
  }
}

/** An index over a property whose values ascend with the key, such as a part of a number. */
export const ascendingIndex = <Row>(
  layout: Layout<Row>,
  valueFor: (row: Row) => PropertyValue,
): RowIndex<Row> => {
  const positions = (range: ValueRange): readonly [number, number] => {
    const at = (wanted: PropertyValue) => (position: number) =>
      compareKeyParts(valueFor(layout.rowAt(position)), wanted);
    const count = layout.count();
    const { lower, upper } = range;
    return [
      lower === undefined ? 0 : bound(count, at(lower.value), !lower.isIncluded),
      upper === undefined ? count : bound(count, at(upper.value), upper.isIncluded),
    ];
  };
  return {
    range: (range) => between(layout, ...positions(range)),
    estimate: (range) => {
      const [from, to] = positions(range);
      return Math.max(0, to - from);
    },
  };
};

export const layoutSource = <Row>(
  layout: Layout<Row>,
  indexes: Readonly<Record<string, RowIndex<Row>>> = {},
): RowSource<Row> => {
  const positionOf = (key: KeyValues, after: boolean): number =>
    bound(
      layout.count(),
      (position) => compareKeys(layout.keyOf(layout.rowAt(position)), key),
      after,
    );
  return {
    count: () => layout.count(),
    rows: (start: StartAt) =>
      between(
        layout,
        start.kind === 'offset' ? start.offset : positionOf(start.key, true),
        layout.count(),
      ),
    byKey: (key) => {
      const position = positionOf(key, false);
      if (position >= layout.count()) return undefined;
      const row = layout.rowAt(position);
      reads.rows++;
      return compareKeys(layout.keyOf(row), key) === 0 ? row : undefined;
    },
    indexes,
  };
};

/** An index that knows single values; a range of several is the rows that lie in it, sorted. */
export const lookupIndex = <Row>(
  layout: Layout<Row>,
  valueFor: (row: Row) => PropertyValue,
  find: (value: PropertyValue) => Iterable<Row>,
): RowIndex<Row> => {
  const single = (range: ValueRange): PropertyValue | undefined =>
    range.lower !== undefined &&
    range.upper !== undefined &&
    range.lower.isIncluded &&
    range.upper.isIncluded &&
    compareValues(range.lower.value, range.upper.value) === 0
      ? range.lower.value
      : undefined;
  return {
    *range(range) {
      const value = single(range);
      if (value !== undefined) {
        for (const row of find(value)) {
          reads.rows++;
          yield row;
        }
        return;
      }
      const found: Row[] = [];
      for (const row of between(layout, 0, layout.count())) {
        const order = valueFor(row);
        if (order !== null && isInside(order, range)) found.push(row);
      }
      found.sort((left, right) => compareValues(valueFor(left), valueFor(right)));
      yield* found;
    },
    estimate: (range) => (single(range) === undefined ? layout.count() : 1),
  };
};

const isInside = (value: PropertyValue, { lower, upper }: ValueRange): boolean => {
  const low = lower === undefined ? 1 : compareValues(value, lower.value);
  const high = upper === undefined ? -1 : compareValues(value, upper.value);
  return (
    (low > 0 || (low === 0 && lower?.isIncluded !== false)) &&
    (high < 0 || (high === 0 && upper?.isIncluded !== false))
  );
};

export interface ChangeSource<Row> {
  readonly changes: ChangeIndex;
  readonly rowOf: (id: number) => Row;
  /** Place of a row in key order. */
  readonly rankOf: (id: number) => number;
}

/** Rows by time of change to the seventh digit. */
export const stampIndex = <Row>(source: ChangeSource<Row>): RowIndex<Row> =>
  changeRange(source, {
    lower: (value, isIncluded) => source.changes.positionOf(stampFrom(value), !isIncluded),
    upper: (value, isIncluded) => source.changes.positionOf(stampFrom(value), isIncluded),
    group: (stamp) => stamp,
  });

/** Rows by day of change. `unit` turns milliseconds into what the change index holds. */
export const dayIndex = <Row>(
  source: ChangeSource<Row>,
  unit: 'ms' | 'stamp' = 'ms',
): RowIndex<Row> => {
  const entry = (ms: number): number => (unit === 'ms' ? ms : stampOf(ms));
  const next = (ms: number): number => Math.floor(ms / DAY_MS) * DAY_MS + DAY_MS;
  const at = (ms: number): number => source.changes.positionOf(entry(ms), false);
  const msOf = (value: PropertyValue): number => (isInstant(value) ? value.ms : Number(value));
  return changeRange(source, {
    // A day is in the range when its midnight is.
    lower: (value, isIncluded) => {
      const ms = msOf(value);
      return at(isIncluded && ms % DAY_MS === 0 ? ms : next(ms));
    },
    upper: (value, isIncluded) => {
      const ms = msOf(value);
      return at(!isIncluded && ms % DAY_MS === 0 ? ms : next(ms));
    },
    group: (stamp) => Math.floor((unit === 'ms' ? stamp : stampMs(stamp)) / DAY_MS),
  });
};

interface Positions {
  readonly lower: (value: PropertyValue, isIncluded: boolean) => number;
  readonly upper: (value: PropertyValue, isIncluded: boolean) => number;
  readonly group: (stamp: number) => number;
}

const changeRange = <Row>(source: ChangeSource<Row>, positions: Positions): RowIndex<Row> => {
  const ends = ({ lower, upper }: ValueRange): readonly [number, number] => [
    lower === undefined ? 0 : positions.lower(lower.value, lower.isIncluded),
    upper === undefined ? source.changes.length : positions.upper(upper.value, upper.isIncluded),
  ];
  return {
    *range(range) {
      const [from, to] = ends(range);
      for (const id of source.changes.range(from, to, source.rankOf, positions.group)) {
        reads.rows++;
        yield source.rowOf(id);
      }
    },
    estimate: (range) => {
      const [from, to] = ends(range);
      return Math.max(0, to - from);
    },
  };
};

export const fineInstant = (stamp: number): FineInstant => ({
  ms: stampMs(stamp),
  ticks: stampTicks(stamp),
});

/** Children of rows in a layout, one after the other; `version` says when counts changed. */
export const childLayout = <Row>(options: {
  readonly parents: () => readonly number[];
  readonly version: () => number;
  readonly countOf: (parent: number) => number;
  readonly childAt: (parent: number, index: number) => Row;
  readonly keyOf: (row: Row) => KeyValues;
}): Layout<Row> => {
  let known = -1;
  let parents: readonly number[] = [];
  let firsts = new Uint32Array(0);
  let total = 0;
  const refresh = (): void => {
    const version = options.version();
    if (version === known) return;
    known = version;
    parents = options.parents();
    firsts = new Uint32Array(parents.length);
    total = 0;
    for (const [index, parent] of parents.entries()) {
      firsts[index] = total;
      total += options.countOf(parent);
    }
  };
  return {
    count: () => {
      refresh();
      return total;
    },
    rowAt: (position) => {
      refresh();
      let low = 0;
      let high = parents.length - 1;
      while (low < high) {
        const middle = (low + high + 1) >>> 1;
        if ((firsts[middle] ?? 0) <= position) low = middle;
        else high = middle - 1;
      }
      return options.childAt(parents[low] ?? -1, position - (firsts[low] ?? 0));
    },
    keyOf: options.keyOf,
  };
};
