import type { Criteria } from './criteria.js';
import type { Entity, ReadContext, Table } from './table.js';
/** Writes entities out: requested associations are loaded, `includes` cut the fields. */
export type Tables = ReadonlyMap<string, Table>;
export declare const tableOf: (tables: Tables, entity: string) => Table;
export declare const encodeRow: (
  tables: Tables,
  table: Table,
  row: number,
  criteria: Criteria,
  context: ReadContext,
  fieldSets?: Criteria,
) => Entity;
