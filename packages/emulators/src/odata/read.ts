import { type Access, accessOf, costedAccessOf, isSingle, rowsOf } from './access.js';
import { predicateOf, readerOf } from './condition.js';
import { badRequest } from './errors.js';
import { rowsAlong, type Stretch, stretchOf } from './key-scan.js';
import { keyOrderOf, keyReaderOf } from './keys.js';
import type { EntitySet, KeyValues, Service } from './model.js';
import type { OrderTerm, Query } from './query.js';
import { classOf, compareValues } from './values.js';

/**
 * Reads one page of a collection: filter, order, skip, page size, count. Rows come from the
 * cheapest access path; only an order that no index has makes it collect and sort.
 */

export interface Page {
  readonly rows: readonly unknown[];
  /** All rows that match, when asked for. */
  readonly count: number | undefined;
  /** `$skiptoken` of the page behind this one, when there is one. */
  readonly nextToken: string | undefined;
  /** Which page of which size this is, for whoever spoils answers. */
  readonly place: { readonly page: number; readonly limit: number };
}

export const readPage = (
  service: Service,
  set: EntitySet,
  query: Query,
  /** The rows of a navigation; without them, those of the set. */
  within?: Iterable<unknown>,
): Page => {
  const start = startOf(service, query);
  const size = pageSize(service, query, start.served);
  const matches = matching(set, query, within, { ...start, size }, service);
  const rows: unknown[] = [];
  let count: number | undefined;
  if (query.hasCount) {
    count = countOf(service, set, query, within);
  }
  let hasMore = false;
  let toSkip = matches.skip;
  for (const row of matches.rows) {
    if (toSkip > 0) {
      toSkip--;
      continue;
    }
    if (rows.length >= size) {
      hasMore = true;
      break;
    }
    rows.push(row);
  }
  const served = start.served + rows.length;
  const isDone = query.top !== undefined && served >= query.top;
  const place = { page: pageNumber(query, served, size), limit: size };
  return {
    rows,
    count,
    nextToken: hasMore && !isDone ? tokenOf(service, set, query, served, rows) : undefined,
    place,
  };
};

/** How many rows match, whatever page is asked for. */
export const countOf = (
  service: Service,
  set: EntitySet,
  query: Query,
  within?: Iterable<unknown>,
): number => {
  if (query.filter === undefined && within === undefined) return set.source.count();
  let count = 0;
  for (const _ of candidates(service, set, query, within)) count++;
  return count;
};

interface Start {
  /** Rows given out on earlier pages. */
  readonly served: number;
  readonly afterKey: KeyValues | undefined;
}

const startOf = (service: Service, query: Query): Start => {
  const token = query.skipToken;
  if (token === undefined) return { served: 0, afterKey: undefined };
  if (service.paging?.token !== 'key') {
    if (!/^\d{1,9}$/.test(token) || Number(token) < query.skip) throw invalidToken();
    return { served: Number(token) - query.skip, afterKey: undefined };
  }
  try {
    const { n, k } = JSON.parse(Buffer.from(token, 'base64url').toString()) as {
      n: number;
      k: KeyValues;
    };
    if (!Number.isSafeInteger(n) || n < 0 || (k !== null && !Array.isArray(k)))
      throw invalidToken();
    return { served: n, afterKey: k ?? undefined };
  } catch {
    throw invalidToken();
  }
};

const invalidToken = (): Error => badRequest("Invalid value for query option '$skiptoken'");

const tokenOf = (
  service: Service,
  set: EntitySet,
  query: Query,
  served: number,
  rows: readonly unknown[],
): string => {
  if (service.paging?.token !== 'key') return String(query.skip + served);
  // A key says where to go on in key order only; in another order the offset has to do.
  const key = query.order.length === 0 ? keyReaderOf(set)(rows.at(-1)) : null;
  return Buffer.from(JSON.stringify({ n: served, k: key })).toString('base64url');
};

const pageSize = (service: Service, query: Query, served: number): number => {
  const { defaultSize, maxSize } = service.paging ?? {};
  const most = maxSize ?? Number.POSITIVE_INFINITY;
  if (query.top === undefined) return Math.min(defaultSize ?? most, most);
  return Math.max(0, Math.min(query.top - served, most));
};

const pageNumber = (query: Query, servedAfter: number, size: number): number =>
  size === 0 || !Number.isFinite(size)
    ? 1
    : Math.max(1, Math.ceil((query.skip + servedAfter) / size));

interface Matches {
  readonly rows: Iterable<unknown>;
  readonly skip: number;
}

const matching = (
  set: EntitySet,
  query: Query,
  within: Iterable<unknown> | undefined,
  start: Start & { readonly size: number },
  service: Service,
): Matches => {
  const offset = query.skip + start.served;
  const isKeyOrder = query.order.length === 0;
  if (isKeyOrder && within === undefined && query.filter === undefined) {
    return start.afterKey === undefined
      ? { rows: set.source.rows({ kind: 'offset', offset }), skip: 0 }
      : { rows: set.source.rows({ kind: 'after-key', key: start.afterKey }), skip: 0 };
  }
  const ordered = inOrder(service, set, query, within, offset + start.size + 1);
  if (isKeyOrder && start.afterKey !== undefined) {
    return { rows: behindKey(set, ordered, start.afterKey), skip: 0 };
  }
  return { rows: ordered, skip: offset };
};

const behindKey = function* (
  set: EntitySet,
  rows: Iterable<unknown>,
  key: KeyValues,
): Generator<unknown> {
  const order = keyOrderOf(set);
  const keyOf = keyReaderOf(set);
  for (const row of rows) if (order(keyOf(row), key) > 0) yield row;
};

const filtered = function* (
  rows: Iterable<unknown>,
  test: (row: unknown) => boolean,
): Generator<unknown> {
  for (const row of rows) if (test(row)) yield row;
};

/** The matching rows in no promised order. */
const candidates = (
  service: Service,
  set: EntitySet,
  query: Query,
  within: Iterable<unknown> | undefined,
): Iterable<unknown> => {
  const { filter } = query;
  const access = within === undefined ? accessOf(set, filter) : undefined;
  const rows =
    within ??
    (access === undefined
      ? set.source.rows({ kind: 'offset', offset: 0 })
      : rowsOf(set, access, keyReaderOf(set)));
  return filter === undefined ? rows : filtered(rows, predicateOf(service, set, filter));
};

const inOrder = (
  service: Service,
  set: EntitySet,
  query: Query,
  within: Iterable<unknown> | undefined,
  /** How many rows will be looked at, at most. */
  wanted: number,
): Iterable<unknown> => {
  const alongKey = within === undefined ? throughKey(service, set, query, wanted) : undefined;
  if (alongKey !== undefined) return alongKey;
  const rows = candidates(service, set, query, within);
  if (isSortedAlready(set, query, within)) return rows;
  const byIndex = within === undefined ? throughIndex(service, set, query) : undefined;
  if (byIndex !== undefined) return byIndex;
  const order = rowOrder(service, set, query.order);
  return [...rows].sort(order);
};

/** A scan, a navigation, a key and the range of a single value come in key order by themselves. */
const isSortedAlready = (
  set: EntitySet,
  query: Query,
  within: Iterable<unknown> | undefined,
): boolean => {
  if (!isKeyOrder(set, query.order)) return false;
  const access = within === undefined ? accessOf(set, query.filter) : undefined;
  if (access === undefined || access.kind === 'key' || access.kind === 'nothing') return true;
  return access.kind === 'range' && isSingle(access.range);
};

/** Whether the order asked for is the key's, or the beginning of it. */
const isKeyOrder = (set: EntitySet, order: readonly OrderTerm[]): boolean =>
  order.length <= set.key.length &&
  order.every(
    ({ path, isDescending }, index) =>
      !isDescending && path.through.length === 0 && path.property.name === set.key[index],
  );

/** Rows along the key, when that is the order asked for and cheaper than to collect and sort. */
const throughKey = (
  service: Service,
  set: EntitySet,
  query: Query,
  wanted: number,
): Iterable<unknown> | undefined => {
  const isDescending = isReversedKeyOrder(set, query.order);
  if (!isDescending && !isKeyOrder(set, query.order)) return undefined;
  const costed = costedAccessOf(set, query.filter);
  if (
    costed !== undefined &&
    (costed.cost <= FEW_ROWS || comesInOrder(costed.access, isDescending))
  )
    return undefined;
  const stretch = stretchOf(set, query.filter);
  if (costed !== undefined && scanCost(stretch, wanted, costed.cost) > costed.cost * SORT_FACTOR)
    return undefined;
  const rows = rowsAlong(set, stretch, isDescending);
  const { filter } = query;
  return filter === undefined ? rows : filtered(rows, predicateOf(service, set, filter));
};

/** The range of a single value is in key order already. */
const comesInOrder = (access: Access, isDescending: boolean): boolean =>
  !isDescending && access.kind === 'range' && isSingle(access.range);

const FEW_ROWS = 64;
/** To collect and sort a row costs about as much as to pass over so many. */
const SORT_FACTOR = 4;

/** Rows to pass over until enough match, if those that match are spread evenly. */
const scanCost = ({ start, end }: Stretch, wanted: number, matching: number): number =>
  Math.min(end - start, (wanted * (end - start)) / Math.max(1, matching));

const isReversedKeyOrder = (set: EntitySet, order: readonly OrderTerm[]): boolean =>
  order.length === set.key.length &&
  order.every(
    ({ path, isDescending }, index) =>
      isDescending && path.through.length === 0 && path.property.name === set.key[index],
  );

/** Rows straight from an index when it has the order asked for and no better path is there. */
const throughIndex = (
  service: Service,
  set: EntitySet,
  query: Query,
): Iterable<unknown> | undefined => {
  const [first, ...rest] = query.order;
  if (first === undefined || first.isDescending || first.path.through.length > 0) return undefined;
  if (!isKeyOrder(set, rest)) return undefined;
  const { property } = first.path;
  const index = set.source.indexes?.[property.name];
  if (index === undefined) return undefined;
  const access = accessOf(set, query.filter);
  // The index has no nulls, so without a range on it only a property without nulls will do.
  if (access === undefined && property.isNullable !== false) return undefined;
  if (access !== undefined && (access.kind !== 'range' || access.property !== property.name))
    return undefined;
  const rows = index.range(access?.range ?? {});
  const { filter } = query;
  return filter === undefined ? rows : filtered(rows, predicateOf(service, set, filter));
};

const rowOrder = (
  service: Service,
  set: EntitySet,
  terms: readonly OrderTerm[],
): ((left: unknown, right: unknown) => number) => {
  const keyOf = keyReaderOf(set);
  const keyOrder = keyOrderOf(set);
  const readers = terms.map(({ path, isDescending }) => ({
    read: readerOf(service, set, path),
    valueClass: classOf(path.property.type),
    sign: isDescending ? -1 : 1,
  }));
  return (left, right) => {
    for (const { read, valueClass, sign } of readers) {
      const order = compareValues(valueClass, read(left), read(right));
      if (order !== 0) return order * sign;
    }
    return keyOrder(keyOf(left), keyOf(right));
  };
};
