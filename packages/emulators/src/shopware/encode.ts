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

export const encodeRow = (
  tables: Tables,
  table: Table,
  row: number,
  criteria: Criteria,
  context: ReadContext,
  fieldSets: Criteria = criteria,
): Entity => {
  const entity = table.build(row, context);
  const id = table.idOf(row);
  for (const name in table.associations) if (!(name in entity)) entity[name] = null;
  for (const name in table.emptyAssociations) if (!(name in entity)) entity[name] = null;
  for (const [name, nested] of criteria.associations) {
    entity[name] = encodeAssociation(tables, table, row, name, nested, context, fieldSets);
  }
  entity['_uniqueIdentifier'] = id;
  entity['extensions'] = [];
  entity['id'] = id;
  return cut(table.entity, entity, fieldSets);
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
      criteria.filters.every((filter) => matches(tables, target, entry, filter)),
    );
  }
  if (criteria.sortings.length > 0) rows = sortRows(tables, target, rows, criteria.sortings);
  if (criteria.limit !== undefined) {
    rows = rows.slice((criteria.page - 1) * criteria.limit, criteria.page * criteria.limit);
  }
  const encoded = rows.map((entry) =>
    encodeRow(tables, target, entry, criteria, context, fieldSets),
  );
  return association.isMany ? encoded : (encoded[0] ?? null);
};

const cut = (alias: string, entity: Entity, fieldSets: Criteria): Entity => {
  const included = fieldSets.includes?.get(alias);
  let result = entity;
  if (included !== undefined) {
    result = {};
    for (const field of included) if (field in entity) result[field] = entity[field];
  }
  const excluded = fieldSets.excludes?.get(alias);
  if (excluded !== undefined) for (const field of excluded) delete result[field];
  result['apiAlias'] = alias;
  return result;
};
