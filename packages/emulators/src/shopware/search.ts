import type { Criteria, Filter, FilterValue, Sorting } from './criteria.js';
import { parseInstant } from './dates.js';
import { encodeRow, type Tables, tableOf } from './encode.js';
import { fieldName, matches, sortRows } from './match.js';
import type { Entity, ReadContext, Related, Table } from './table.js';

/**
 * Finds rows. Filters on id, autoIncrement, createdAt, updatedAt and the tables' own lookups
 * narrow the search to a range or a list before any row is looked at; only what is left is
 * checked row by row. A page of the change feed of two million orders so costs a page.
 */

type Candidates =
  /** Rows [from, to). */
  | { readonly kind: 'span'; readonly from: number; readonly to: number; readonly isExact: boolean }
  /** Ascending, without repeats. */
  | { readonly kind: 'rows'; readonly rows: readonly number[]; readonly isExact: boolean }
  /** Positions [from, to) of the table's change list. */
  | {
      readonly kind: 'changes';
      readonly from: number;
      readonly to: number;
      readonly isExact: boolean;
    };

interface Scope {
  readonly tables: Tables;
  readonly context: ReadContext;
}

export interface FoundRows {
  readonly rows: readonly number[];
  readonly total: number;
}

const sizeOf = (candidates: Candidates): number =>
  candidates.kind === 'rows' ? candidates.rows.length : candidates.to - candidates.from;

const instantOf = (value: string | number): number =>
  typeof value === 'number' ? value : parseInstant(value);

/** First row created at or after (with `isAfter`: after) a time; rows are chronological. */
const firstRowAt = (table: Table, atMs: number, isAfter: boolean): number => {
  let low = 0;
  let high = table.length();
  while (low < high) {
    const middle = (low + high) >>> 1;
    const createdAtMs = table.createdAtMs(middle);
    if (createdAtMs < atMs || (isAfter && createdAtMs === atMs)) low = middle + 1;
    else high = middle;
  }
  return low;
};

const ascending = (rows: Iterable<number>): number[] => [...new Set(rows)].sort((a, b) => a - b);

const listedRows = (rows: Iterable<number>): Candidates => ({
  kind: 'rows',
  rows: ascending(rows).filter((row) => row >= 0),
  isExact: true,
});

const isCreation = (table: Table, field: string): boolean =>
  field === 'createdAt' || field === table.createdAtAlias;

const candidatesOf = (scope: Scope, table: Table, filter: Filter): Candidates | undefined => {
  if (filter.kind === 'not' || filter.kind === 'text') return undefined;
  if (filter.kind === 'multi')
    return candidatesOfMulti(scope, table, filter.operator, filter.queries);
  const field = fieldName(table, filter.field);
  const related = table.related?.[field];
  if (related !== undefined) return candidatesByRelated(scope, related, filter);
  if (filter.kind === 'range') return candidatesOfRange(table, field, filter);
  const wanted: readonly FilterValue[] = filter.kind === 'equals' ? [filter.value] : filter.values;
  if (field === 'id') return listedRows(wanted.map((value) => table.rowOf(String(value))));
  if (field === 'autoIncrement' && table.hasAutoIncrement) {
    return listedRows(
      wanted.map((value) => Number(value) - 1).filter((row) => row < table.length()),
    );
  }
  const lookup = table.lookups[field];
  if (lookup === undefined || wanted.some((value) => value === null)) return undefined;
  return listedRows(wanted.flatMap((value) => lookup(value)));
};

const candidatesOfMulti = (
  scope: Scope,
  table: Table,
  operator: 'and' | 'or' | 'xor',
  queries: readonly Filter[],
): Candidates | undefined => {
  const parts = queries.map((query) => candidatesOf(scope, table, query));
  if (operator === 'and') {
    let best: Candidates | undefined;
    for (const part of parts) {
      if (part !== undefined && (best === undefined || sizeOf(part) < sizeOf(best))) best = part;
    }
    return best === undefined
      ? undefined
      : { ...best, isExact: queries.length === 1 && best.isExact };
  }
  if (operator === 'xor' || parts.length === 0) return undefined;
  const union: number[] = [];
  for (const part of parts) {
    if (part === undefined) return undefined;
    // A union as large as the table is better read as the table.
    if (union.length + sizeOf(part) > table.length()) return undefined;
    for (const row of rowsOf(table, part)) union.push(row);
  }
  return { kind: 'rows', rows: ascending(union), isExact: false };
};

/** Rows whose relatives match, found from the relatives' side. */
const candidatesByRelated = (
  scope: Scope,
  related: Related,
  filter: Filter & { kind: 'range' | 'equals' | 'equalsAny' },
): Candidates | undefined => {
  const target = tableOf(scope.tables, related.entity);
  const onTarget: Filter = { ...filter, field: related.field };
  const found = candidatesOf(scope, target, onTarget) ?? {
    kind: 'span' as const,
    from: 0,
    to: target.length(),
    isExact: false,
  };
  const owners: number[] = [];
  for (const row of rowsOf(target, found)) {
    if (!target.isLive(row)) continue;
    if (!found.isExact && !matches(scope.tables, target, row, onTarget, scope.context)) continue;
    owners.push(...related.owners(row, scope.context));
  }
  return { ...listedRows(owners), isExact: false };
};

const candidatesOfRange = (
  table: Table,
  field: string,
  filter: Filter & { kind: 'range' },
): Candidates | undefined => {
  const { gt, gte, lt, lte } = filter;
  if (field === 'autoIncrement' && table.hasAutoIncrement) {
    let from = 0;
    let to = table.length();
    if (gt !== undefined) from = Math.max(from, Math.floor(Number(gt)));
    if (gte !== undefined) from = Math.max(from, Math.ceil(Number(gte)) - 1);
    if (lt !== undefined) to = Math.min(to, Math.ceil(Number(lt)) - 1);
    if (lte !== undefined) to = Math.min(to, Math.floor(Number(lte)));
    return { kind: 'span', from, to: Math.max(from, to), isExact: true };
  }
  const times = [gt, gte, lt, lte].map((value) =>
    value === undefined ? undefined : instantOf(value),
  );
  if (times.some((time) => time !== undefined && Number.isNaN(time))) return undefined;
  const [after, fromMs, before, toMs] = times;
  if (isCreation(table, field) && table.isChronological) {
    let from = 0;
    let to = table.length();
    if (after !== undefined) from = Math.max(from, firstRowAt(table, after, true));
    if (fromMs !== undefined) from = Math.max(from, firstRowAt(table, fromMs, false));
    if (before !== undefined) to = Math.min(to, firstRowAt(table, before, false));
    if (toMs !== undefined) to = Math.min(to, firstRowAt(table, toMs, true));
    return { kind: 'span', from, to: Math.max(from, to), isExact: true };
  }
  if (field === 'updatedAt' && table.changes !== undefined) {
    const { changes } = table;
    let from = 0;
    let to = changes.length;
    if (after !== undefined) from = Math.max(from, changes.positionOf(after, true));
    if (fromMs !== undefined) from = Math.max(from, changes.positionOf(fromMs, false));
    if (before !== undefined) to = Math.min(to, changes.positionOf(before, false));
    if (toMs !== undefined) to = Math.min(to, changes.positionOf(toMs, true));
    return { kind: 'changes', from, to: Math.max(from, to), isExact: true };
  }
  return undefined;
};

/** Rows in the order they are kept in: by number, or by time of change. */
const rowsOf = function* (
  table: Table,
  candidates: Candidates,
  isDescending = false,
): Generator<number> {
  if (candidates.kind === 'rows') {
    const { rows } = candidates;
    for (let index = 0; index < rows.length; index++) {
      yield rows[isDescending ? rows.length - 1 - index : index] as number;
    }
    return;
  }
  const { from, to } = candidates;
  if (candidates.kind === 'span') {
    for (let index = 0; index < to - from; index++)
      yield isDescending ? to - 1 - index : from + index;
    return;
  }
  yield* changedRows(table, from, to, isDescending);
};

const changedRows = function* (
  table: Table,
  from: number,
  to: number,
  isDescending: boolean,
): Generator<number> {
  const { changes } = table;
  if (changes === undefined) return;
  const step = isDescending ? -1 : 1;
  let position = isDescending ? to - 1 : from;
  const isInside = (): boolean => position >= from && position < to;
  while (isInside()) {
    const time = changes.timeAt(position);
    const group: number[] = [];
    for (; isInside() && changes.timeAt(position) === time; position += step) {
      const row = changes.rowAt(position);
      if (table.updatedAtMs(row) === time) group.push(row);
    }
    // Within one millisecond the id decides, so that pages neither repeat nor skip a row.
    if (group.length > 1) group.sort((a, b) => (table.idOf(a) < table.idOf(b) ? -1 : 1));
    if (isDescending) group.reverse();
    for (const [index, row] of group.entries()) if (row !== group[index - 1]) yield row;
  }
};

/** How the candidates' own order relates to the wanted one; undefined: they must be sorted. */
const directionOf = (
  table: Table,
  candidates: Candidates,
  sortings: readonly Sorting[],
): 'ascending' | 'descending' | undefined => {
  const isByRow = (sorting: Sorting): boolean => {
    const field = fieldName(table, sorting.field);
    return field === 'autoIncrement' || field === 'id' || isCreation(table, field);
  };
  const first = sortings[0];
  if (candidates.kind === 'changes') {
    if (first === undefined || fieldName(table, first.field) !== 'updatedAt') return undefined;
    const second = sortings[1];
    if (second !== undefined && fieldName(table, second.field) !== 'id') return undefined;
    if (second !== undefined && second.isDescending !== first.isDescending) return undefined;
    return first.isDescending ? 'descending' : 'ascending';
  }
  if (first === undefined) return 'ascending';
  if (!table.isChronological || !sortings.every(isByRow)) return undefined;
  const isUniform = sortings.every((sorting) => sorting.isDescending === first.isDescending);
  const isUnique = !isCreation(table, fieldName(table, first.field));
  if (!isUniform && !isUnique) return undefined;
  return first.isDescending ? 'descending' : 'ascending';
};

export const findRows = (
  tables: Tables,
  table: Table,
  criteria: Criteria,
  context: ReadContext,
): FoundRows => {
  const { filters, sortings, ids } = criteria;
  const offset = criteria.limit === undefined ? 0 : (criteria.page - 1) * criteria.limit;
  const limit = criteria.limit ?? Number.MAX_SAFE_INTEGER;
  let candidates: Candidates | undefined =
    ids.length > 0
      ? {
          kind: 'rows',
          rows: ascending(ids.map(table.rowOf)).filter((row) => row >= 0),
          isExact: filters.length === 0,
        }
      : undefined;
  if (candidates === undefined && filters.length > 0) {
    candidates = candidatesOfMulti({ tables, context }, table, 'and', filters);
  }
  candidates ??= { kind: 'span', from: 0, to: table.length(), isExact: filters.length === 0 };
  const isWhole =
    candidates.kind === 'span' && candidates.isExact && table.liveCount() === table.length();
  const direction = directionOf(table, candidates, sortings);

  if (direction !== undefined && isWhole && candidates.kind === 'span') {
    return spanPage(candidates, direction, offset, limit, criteria.totalCountMode);
  }
  const { isExact } = candidates;
  const isFound = (row: number): boolean =>
    table.isLive(row) &&
    (isExact || filters.every((filter) => matches(tables, table, row, filter, context)));

  const isIdOrder = ids.length > 0 && sortings.length === 0;
  if (direction !== undefined && !isIdOrder) {
    // The order is given, so reading may stop as soon as page and total are known.
    const last =
      criteria.totalCountMode === 1
        ? Number.MAX_SAFE_INTEGER
        : offset + (criteria.totalCountMode === 2 ? limit * 6 + 1 : limit);
    const rows: number[] = [];
    let found = 0;
    for (const row of rowsOf(table, candidates, direction === 'descending')) {
      if (!isFound(row)) continue;
      if (found >= offset && rows.length < limit) rows.push(row);
      found++;
      if (found >= last) break;
    }
    return { rows, total: totalOf(criteria.totalCountMode, found, offset, rows.length) };
  }
  let rows = [...rowsOf(table, candidates)].filter(isFound);
  if (isIdOrder) {
    const found = new Set(rows);
    rows = ids.map(table.rowOf).filter((row) => found.delete(row));
  } else {
    rows = sortRows(tables, table, rows, sortings, context);
  }
  const page = rows.slice(offset, offset + limit);
  return {
    rows: page,
    total: totalOf(criteria.totalCountMode, rows.length, offset, page.length, limit),
  };
};

const spanPage = (
  span: { readonly from: number; readonly to: number },
  direction: 'ascending' | 'descending',
  offset: number,
  limit: number,
  mode: 0 | 1 | 2,
): FoundRows => {
  const count = span.to - span.from;
  const rows: number[] = [];
  for (let index = offset; index < Math.min(count, offset + limit); index++) {
    rows.push(direction === 'ascending' ? span.from + index : span.to - 1 - index);
  }
  return { rows, total: totalOf(mode, count, offset, rows.length, limit) };
};

/**
 * 0: the number of rows on this page. 1: all rows. 2: rows from this page on, at most six pages
 * and one row, enough to draw the next page links.
 */
const totalOf = (
  mode: 0 | 1 | 2,
  found: number,
  offset: number,
  pageLength: number,
  limit = Number.MAX_SAFE_INTEGER,
): number => {
  if (mode === 0) return pageLength;
  if (mode === 1) return found;
  return Math.max(0, Math.min(found - offset, limit * 6 + 1));
};

export const search = (
  tables: Tables,
  table: Table,
  criteria: Criteria,
  context: ReadContext,
): { total: number; data: Entity[]; aggregations: never[] } => {
  const found = findRows(tables, table, criteria, context);
  return {
    total: found.total,
    data: found.rows.map((row) => encodeRow(tables, table, row, criteria, context)),
    aggregations: [],
  };
};

/**
 * The same answer as JSON bytes, written row by row: the objects of a page of orders are garbage by
 * the time the next is built, and a text of the whole page would be two bytes a character for one
 * name in it that is not Latin, and slow to encode.
 */
export const searchJson = (
  tables: Tables,
  table: Table,
  criteria: Criteria,
  context: ReadContext,
): Buffer => {
  const found = findRows(tables, table, criteria, context);
  const parts = [Buffer.from(`{"total":${found.total},"data":[`)];
  for (const [index, row] of found.rows.entries()) {
    const text = JSON.stringify(encodeRow(tables, table, row, criteria, context));
    parts.push(Buffer.from(index > 0 ? `,${text}` : text));
  }
  parts.push(Buffer.from('],"aggregations":[]}'));
  return Buffer.concat(parts);
};
