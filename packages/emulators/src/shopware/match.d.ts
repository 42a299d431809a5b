import type { Filter, FilterValue, Sorting } from './criteria.js';
import type { Tables } from './encode.js';
import type { Table } from './table.js';
/** `order.orderNumber` and `orderNumber` are the same field to Shopware. */
export declare const fieldName: (table: Table, field: string) => string;
/** All values at a path; more than one when it runs through a to-many association. */
export declare const valuesAt: (
  tables: Tables,
  table: Table,
  row: number,
  path: string,
) => readonly FilterValue[];
export declare const matches: (
  tables: Tables,
  table: Table,
  row: number,
  filter: Filter,
) => boolean;
/** MySQL puts nulls first when ascending. Rows that tie keep the order of their id. */
export declare const sortRows: (
  tables: Tables,
  table: Table,
  rows: readonly number[],
  sortings: readonly Sorting[],
) => number[];
