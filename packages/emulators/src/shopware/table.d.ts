import type { ChangeList } from '../retailer/change-list.js';
import type { FilterValue } from './criteria.js';
import type { IdCodec, IdKind } from './ids.js';
/** An entity of the Admin API as rows: how they are found, compared, linked and written out. */
export type Entity = Record<string, unknown>;
export interface ReadContext {
  /** Index into LANGUAGES. */
  readonly language: number;
  /** Variants show what they inherit (header `sw-inheritance`). */
  readonly hasInheritance: boolean;
}
export interface Association {
  readonly entity: string;
  readonly isMany: boolean;
  readonly rows: (row: number, context: ReadContext) => readonly number[];
}
export interface Table {
  readonly entity: string;
  readonly length: () => number;
  /** Rows that are not deleted. */
  readonly liveCount: () => number;
  readonly isLive: (row: number) => boolean;
  readonly idOf: (row: number) => string;
  /** The row of an id, -1 when there is none. */
  readonly rowOf: (id: string) => number;
  readonly createdAtMs: (row: number) => number;
  /** 0 means never updated. */
  readonly updatedAtMs: (row: number) => number;
  /** Rows are in the order of creation, of id and of autoIncrement. */
  readonly isChronological: boolean;
  readonly hasAutoIncrement: boolean;
  /** Another field that equals createdAt in this table, such as orderDateTime. */
  readonly createdAtAlias?: string;
  readonly changes?: ChangeList;
  /** Cheap reads for filters and sorting; dates as milliseconds, null as null. */
  readonly values: Readonly<Record<string, (row: number) => FilterValue>>;
  readonly dateFields: ReadonlySet<string>;
  /** Equality lookups that need no scan. */
  readonly lookups: Readonly<Record<string, (value: FilterValue) => readonly number[]>>;
  readonly associations: Readonly<Record<string, Association>>;
  /** Associations that exist in the vendor's model and are always empty here. */
  readonly emptyAssociations: Readonly<Record<string, 'one' | 'many'>>;
  readonly build: (row: number, context: ReadContext) => Entity;
}
export declare const instantOrNull: (atMs: number) => string | null;
export declare const oneRow: (row: number) => readonly number[];
export interface ListRow {
  readonly id: string;
  readonly createdAtMs: number;
  updatedAtMs: number;
  isDeleted?: boolean;
}
export interface ListTableOptions<Row extends ListRow> {
  readonly entity: string;
  readonly rows: Row[];
  readonly build: (row: Row, context: ReadContext, index: number) => Entity;
  readonly values?: Readonly<Record<string, (row: Row) => FilterValue>>;
  readonly lookups?: Readonly<Record<string, (value: FilterValue) => readonly number[]>>;
  readonly associations?: Readonly<Record<string, Association>>;
  readonly emptyAssociations?: Readonly<Record<string, 'one' | 'many'>>;
}
/** A table over a plain list: everything that counts in dozens or thousands, not millions. */
export declare const listTable: <Row extends ListRow>(options: ListTableOptions<Row>) => Table;
export declare const stamps: (row: ListRow) => Entity;
export declare const makeRows: <T extends object>(
  ids: IdCodec,
  kind: IdKind,
  entries: readonly T[],
  createdAtMs: number,
) => (T & ListRow)[];
