import type { Criteria } from './criteria.js';
import { fail } from './errors.js';
import { matches, sortRows } from './match.js';
import type { Entity, ReadContext, Table } from './table.js';

/** Writes entities out: requested associations are loaded, `includes` cut the fields. */

export type Tables = ReadonlyMap<string, Table>;

export const tableOf = (tables: Tables, entity: string): Table => {
  const table = tables.get(entity);
  if (table === undefined) throw new Error(`no table ${entity}`);
  return table;
};

/** Small tables (states, countries, options) are written out once per request, not per row. */
const SHARED_ROWS_MAX = 20_000;
const sharedRows = new WeakMap<Criteria, Map<number, Entity>>();

export const encodeRow = (
  tables: Tables,
  table: Table,
  row: number,
  criteria: Criteria,
  context: ReadContext,
  fieldSets: Criteria = criteria,
): Entity => {
  const wanted = fieldSets.includes?.get(table.entity);
  // Texts to filter by are in the main language.
  const isPlain = !context.hasInheritance && context.language === 0;
  if (wanted !== undefined && isPlain && criteria.associations.size === 0) {
    const plain = encodePlain(table, row, wanted);
    if (plain !== undefined && !fieldSets.excludes?.has(table.entity)) return plain;
  }
  const entity = table.build(row, context, wanted);
  if (wanted === undefined) {
    for (const name in table.associations) if (!(name in entity)) entity[name] = null;
    for (const name in table.emptyAssociations) if (!(name in entity)) entity[name] = null;
    entity['extensions'] = [];
  }
  for (const [name, nested] of criteria.associations) {
    if (wanted !== undefined && !wanted.has(name)) {
      // Still an error when the shop has no such association.
      if (table.associations[name] !== undefined) continue;
    }
    entity[name] = encodeAssociation(tables, table, row, name, nested, context, fieldSets);
  }
  const id = table.idOf(row);
  entity['_uniqueIdentifier'] = id;
  entity['id'] = id;
  return cut(table, entity, fieldSets);
};

/** A few plain fields, such as the stock of the whole range, need no whole record. */
const encodePlain = (
  table: Table,
  row: number,
  wanted: ReadonlySet<string>,
): Entity | undefined => {
  const entity: Entity = {};
  for (const field of wanted) {
    const read = table.values[field];
    if (field === 'id') entity['id'] = table.idOf(row);
    else if (read === undefined || table.dateFields.has(field)) return undefined;
    else entity[field] = read(row);
  }
  entity['apiAlias'] = table.entity;
  return entity;
};

/** Orders and customers are met once in an answer; products and settings again and again. */
const isShared = (table: Table): boolean =>
  table.entity === 'product' || (!table.isChronological && table.length() <= SHARED_ROWS_MAX);

const encodeShared = (
  tables: Tables,
  table: Table,
  row: number,
  criteria: Criteria,
  context: ReadContext,
  fieldSets: Criteria,
): Entity => {
  if (!isShared(table)) {
    return encodeRow(tables, table, row, criteria, context, fieldSets);
  }
  let known = sharedRows.get(criteria);
  if (known === undefined) {
    known = new Map();
    sharedRows.set(criteria, known);
  }
  let entity = known.get(row);
  if (entity === undefined) {
    entity = encodeRow(tables, table, row, criteria, context, fieldSets);
    known.set(row, entity);
  }
  return entity;
};

const encodeAssociation = (
  tables: Tables,
  table: Table,
  row: number,
  name: string,
  criteria: Criteria,
  context: ReadContext,
  fieldSets: Criteria,
): unknown => {
  const association = table.associations[name];
  if (association === undefined) {
    const empty = table.emptyAssociations[name];
    if (empty !== undefined) return empty === 'many' ? [] : null;
    return fail(
      404,
      'FRAMEWORK__ASSOCIATION_NOT_FOUND',
      `Can not find association by name ${name}`,
    );
  }
  const target = tableOf(tables, association.entity);
  let rows = association.rows(row, context).filter((entry) => target.isLive(entry));
  if (criteria.filters.length > 0) {
    rows = rows.filter((entry) =>
      criteria.filters.every((filter) => matches(tables, target, entry, filter, context)),
    );
  }
  if (criteria.sortings.length > 0)
    rows = sortRows(tables, target, rows, criteria.sortings, context);
  if (criteria.limit !== undefined) {
    rows = rows.slice((criteria.page - 1) * criteria.limit, criteria.page * criteria.limit);
  }
  const encoded = rows.map((entry) =>
    encodeShared(tables, target, entry, criteria, context, fieldSets),
  );
  return association.isMany ? encoded : (encoded[0] ?? null);
};

const cut = (table: Table, entity: Entity, fieldSets: Criteria): Entity => {
  const included = fieldSets.includes?.get(table.entity);
  let result = entity;
  if (included !== undefined) {
    result = {};
    for (const field of included) {
      if (field in entity) result[field] = entity[field];
      else if (field in table.associations || field in table.emptyAssociations)
        result[field] = null;
    }
  }
  const excluded = fieldSets.excludes?.get(table.entity);
  if (excluded !== undefined) for (const field of excluded) delete result[field];
  result['apiAlias'] = table.entity;
  return result;
};
