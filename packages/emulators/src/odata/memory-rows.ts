import { type EntityShape, keyOrderOf, keyReaderOf } from './keys.js';
import type {
  EntitySet,
  KeyValues,
  PropertyValue,
  RowIndex,
  RowSource,
  StartAt,
  ValueRange,
} from './model.js';
import { classOf, compareValues } from './values.js';

/**
 * A row source over a list kept in key order, with sorted indexes. For sets that fit in memory
 * as objects; a system with columns of its own writes its own source.
 */

export interface MemoryRows<Row> extends RowSource<Row> {
  /** Puts a row in; a row of the same key gives way. */
  put(row: Row): void;
  remove(key: KeyValues): boolean;
  readonly indexes: Readonly<Record<string, RowIndex<Row>>>;
}

type Order<Row> = (left: Row, right: Row) => number;

/** The first place whose row does not come before what is looked for. */
const placeIn = <Row>(rows: readonly Row[], isBefore: (row: Row) => boolean): number => {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(rows[middle] as Row)) low = middle + 1;
    else high = middle;
  }
  return low;
};

export const createMemoryRows = <Row>(
  definition: Pick<EntitySet<Row>, 'name' | 'key' | 'properties'>,
  indexed: readonly string[] = [],
): MemoryRows<Row> => {
  const shape = definition as EntityShape;
  const keyOf = keyReaderOf(shape);
  const keyOrder = keyOrderOf(shape);
  const rows: Row[] = [];
  const sorted = indexed.map((name) => createSortedIndex(definition, name, keyOf, keyOrder));
  const placeOf = (key: KeyValues): number => placeIn(rows, (row) => keyOrder(keyOf(row), key) < 0);
  const byKey = (key: KeyValues): Row | undefined => {
    const row = rows[placeOf(key)];
    return row !== undefined && keyOrder(keyOf(row), key) === 0 ? row : undefined;
  };
  const remove = (key: KeyValues): boolean => {
    const row = byKey(key);
    if (row === undefined) return false;
    rows.splice(placeOf(key), 1);
    for (const index of sorted) index.remove(row);
    return true;
  };
  return {
    count: () => rows.length,
    rows: function* (start: StartAt) {
      let at =
        start.kind === 'offset'
          ? start.offset
          : placeIn(rows, (row) => keyOrder(keyOf(row), start.key) <= 0);
      for (; at < rows.length; at++) yield rows[at] as Row;
    },
    byKey,
    put: (row) => {
      remove(keyOf(row));
      rows.splice(placeOf(keyOf(row)), 0, row);
      for (const index of sorted) index.put(row);
    },
    remove,
    indexes: Object.fromEntries(sorted.map((index) => [index.name, index])),
  };
};

interface SortedIndex<Row> extends RowIndex<Row> {
  readonly name: string;
  put(row: Row): void;
  remove(row: Row): void;
}

const createSortedIndex = <Row>(
  definition: Pick<EntitySet<Row>, 'name' | 'key' | 'properties'>,
  name: string,
  keyOf: (row: unknown) => KeyValues,
  keyOrder: (left: KeyValues, right: KeyValues) => number,
): SortedIndex<Row> => {
  const property = definition.properties.find((entry) => entry.name === name);
  if (property === undefined) throw new TypeError(`${definition.name} has no property ${name}`);
  const valueClass = classOf(property.type);
  // Values are kept beside the rows: a row may change before it is taken out again.
  const entries: { readonly value: PropertyValue; readonly row: Row }[] = [];
  const valueOrder = (left: PropertyValue, right: PropertyValue): number =>
    compareValues(valueClass, left, right);
  const order: Order<{ value: PropertyValue; row: Row }> = (left, right) =>
    valueOrder(left.value, right.value) || keyOrder(keyOf(left.row), keyOf(right.row));
  const startOf = ({ lower }: ValueRange): number =>
    lower === undefined
      ? 0
      : placeIn(entries, (entry) => {
          const difference = valueOrder(entry.value, lower.value);
          return lower.isIncluded ? difference < 0 : difference <= 0;
        });
  const endOf = ({ upper }: ValueRange): number =>
    upper === undefined
      ? entries.length
      : placeIn(entries, (entry) => {
          const difference = valueOrder(entry.value, upper.value);
          return upper.isIncluded ? difference <= 0 : difference < 0;
        });
  return {
    name,
    range: function* (range) {
      const end = endOf(range);
      for (let at = startOf(range); at < end; at++) yield (entries[at] as { row: Row }).row;
    },
    estimate: (range) => Math.max(0, endOf(range) - startOf(range)),
    put: (row) => {
      const value = property.value(row);
      if (value === null) return;
      const added = { value, row };
      entries.splice(
        placeIn(entries, (entry) => order(entry, added) < 0),
        0,
        added,
      );
    },
    remove: (row) => {
      const value = property.value(row);
      const near = placeIn(entries, (entry) => order(entry, { value, row }) < 0);
      const at = entries[near]?.row === row ? near : entries.findIndex((e) => e.row === row);
      if (at >= 0) entries.splice(at, 1);
    },
  };
};
