import type { Filter, FilterValue, Sorting } from './criteria.js';
import { parseInstant } from './dates.js';
import type { Tables } from './encode.js';
import { fail } from './errors.js';
import type { ReadContext, Table } from './table.js';

/** Whether a row meets a filter, and how rows compare under a sorting. */

const INSTANT = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/;

/** `order.orderNumber` and `orderNumber` are the same field to Shopware. */
export const fieldName = (table: Table, field: string): string =>
  field.startsWith(`${table.entity}.`) ? field.slice(table.entity.length + 1) : field;

/** All values at a path; more than one when it runs through a to-many association. */
export const valuesAt = (
  tables: Tables,
  table: Table,
  row: number,
  path: string,
  context: ReadContext,
): readonly FilterValue[] => {
  const read = table.values[path];
  if (read !== undefined) return [read(row)];
  if (path === 'id') return [table.idOf(row)];
  if (path === 'createdAt') return [table.createdAtMs(row)];
  if (path === 'updatedAt') return [table.updatedAtMs(row) === 0 ? null : table.updatedAtMs(row)];
  const dot = path.indexOf('.');
  const head = dot < 0 ? path : path.slice(0, dot);
  const association = table.associations[head];
  if (association !== undefined) {
    const target = tables.get(association.entity);
    if (target === undefined) return [null];
    const rows = association.rows(row, context).filter((entry) => target.isLive(entry));
    if (rows.length === 0) return [null];
    const rest = dot < 0 ? 'id' : path.slice(dot + 1);
    return rows.flatMap((entry) => valuesAt(tables, target, entry, rest, context));
  }
  if (table.emptyAssociations[head] !== undefined) return [null];
  const entity = table.build(row, context);
  if (!(head in entity)) {
    return fail(
      400,
      'FRAMEWORK__UNMAPPED_FIELD',
      `Field "${head}" in entity "${table.entity}" was not found.`,
    );
  }
  let value: unknown = entity;
  for (const part of path.split('.')) {
    value =
      typeof value === 'object' && value !== null
        ? (value as Record<string, unknown>)[part]
        : undefined;
  }
  if (Array.isArray(value)) return value.length === 0 ? [null] : (value as FilterValue[]);
  return [value === undefined || typeof value === 'object' ? null : (value as FilterValue)];
};

const asComparable = (table: Table, field: string, value: FilterValue): FilterValue => {
  if (typeof value !== 'string') return typeof value === 'boolean' ? Number(value) : value;
  if (table.dateFields.has(field) || INSTANT.test(value)) {
    const atMs = parseInstant(value);
    if (!Number.isNaN(atMs)) return atMs;
  }
  return value;
};

const isSame = (left: FilterValue, right: FilterValue): boolean => {
  if (left === right) return true;
  if (left === null || right === null) return false;
  return String(left).toLowerCase() === String(right).toLowerCase();
};

const compare = (left: FilterValue, right: FilterValue): number => {
  if (typeof left === 'number' && typeof right !== 'number') return left - Number(right);
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  const a = String(left).toLowerCase();
  const b = String(right).toLowerCase();
  return a < b ? -1 : a > b ? 1 : 0;
};

export const matches = (
  tables: Tables,
  table: Table,
  row: number,
  filter: Filter,
  context: ReadContext,
): boolean => {
  if (filter.kind === 'multi' || filter.kind === 'not') {
    const met = combine(tables, table, row, filter.operator, filter.queries, context);
    return filter.kind === 'not' ? !met : met;
  }
  const field = fieldName(table, filter.field);
  const values = valuesAt(tables, table, row, field, context).map((value) =>
    asComparable(table, field, value),
  );
  if (filter.kind === 'equals') {
    const wanted = asComparable(table, field, filter.value);
    return values.some((value) => isSame(value, wanted));
  }
  if (filter.kind === 'equalsAny') {
    return filter.values.some((entry) => {
      const wanted = asComparable(table, field, entry);
      return values.some((value) => isSame(value, wanted));
    });
  }
  if (filter.kind === 'text') {
    const wanted = filter.value.toLowerCase();
    return values.some((value) => {
      const text = String(value ?? '').toLowerCase();
      if (filter.how === 'contains') return text.includes(wanted);
      return filter.how === 'prefix' ? text.startsWith(wanted) : text.endsWith(wanted);
    });
  }
  const bound = (value: string | number): FilterValue => asComparable(table, field, value);
  return values.some((value) => {
    if (value === null) return false;
    if (filter.gt !== undefined && compare(value, bound(filter.gt)) <= 0) return false;
    if (filter.gte !== undefined && compare(value, bound(filter.gte)) < 0) return false;
    if (filter.lt !== undefined && compare(value, bound(filter.lt)) >= 0) return false;
    if (filter.lte !== undefined && compare(value, bound(filter.lte)) > 0) return false;
    return true;
  });
};

const combine = (
  tables: Tables,
  table: Table,
  row: number,
  operator: 'and' | 'or' | 'xor',
  queries: readonly Filter[],
  context: ReadContext,
): boolean => {
  if (operator === 'and')
    return queries.every((query) => matches(tables, table, row, query, context));
  if (operator === 'or')
    return queries.some((query) => matches(tables, table, row, query, context));
  return queries.filter((query) => matches(tables, table, row, query, context)).length === 1;
};

/** MySQL puts nulls first when ascending. Rows that tie keep the order of their id. */
export const sortRows = (
  tables: Tables,
  table: Table,
  rows: readonly number[],
  sortings: readonly Sorting[],
  context: ReadContext,
): number[] => {
  const keys = rows.map((row) => ({
    row,
    id: table.idOf(row),
    values: sortings.map((sorting) => {
      const field = fieldName(table, sorting.field);
      return asComparable(table, field, valuesAt(tables, table, row, field, context)[0] ?? null);
    }),
  }));
  keys.sort((left, right) => {
    for (const [position, sorting] of sortings.entries()) {
      const a = left.values[position] ?? null;
      const b = right.values[position] ?? null;
      const order =
        a === null || b === null ? Number(b === null) - Number(a === null) : compare(a, b);
      if (order !== 0) return sorting.isDescending ? -order : order;
    }
    return left.id < right.id ? -1 : left.id > right.id ? 1 : 0;
  });
  return keys.map((key) => key.row);
};
