import type { Criteria } from './criteria.js';
import { type Tables } from './encode.js';
import type { Entity, ReadContext, Table } from './table.js';
export interface FoundRows {
  readonly rows: readonly number[];
  readonly total: number;
}
export declare const findRows: (tables: Tables, table: Table, criteria: Criteria) => FoundRows;
export declare const search: (
  tables: Tables,
  table: Table,
  criteria: Criteria,
  context: ReadContext,
) => {
  total: number;
  data: Entity[];
  aggregations: never[];
};
