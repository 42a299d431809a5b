import type { ChangeList } from '../retailer/change-list.js';
import type { FilterValue } from './criteria.js';
import { formatInstant } from './dates.js';
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

export interface Related {
  readonly entity: string;
  readonly field: string;
  readonly owners: (row: number, context: ReadContext) => readonly number[];
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
  /** Fields of other tables that are filtered by often: who owns a row that matches there. */
  readonly related?: Readonly<Record<string, Related>>;
  readonly associations: Readonly<Record<string, Association>>;
  /** Associations that exist in the vendor's model and are always empty here. */
  readonly emptyAssociations: Readonly<Record<string, 'one' | 'many'>>;
  /** With `wanted`, costly fields outside it may be left out. */
  readonly build: (row: number, context: ReadContext, wanted?: ReadonlySet<string>) => Entity;
}

export const instantOrNull = (atMs: number): string | null =>
  atMs === 0 ? null : formatInstant(atMs);

export const oneRow = (row: number): readonly number[] => (row >= 0 ? [row] : []);

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

const LIST_DATES: ReadonlySet<string> = new Set(['createdAt', 'updatedAt']);

/** A table over a plain list: everything that counts in dozens or thousands, not millions. */
export const listTable = <Row extends ListRow>(options: ListTableOptions<Row>): Table => {
  const { rows } = options;
  const byId = new Map<string, number>();
  let indexed = 0;
  const rowOf = (id: string): number => {
    for (; indexed < rows.length; indexed++) byId.set(rows[indexed]?.id ?? '', indexed);
    return byId.get(id) ?? -1;
  };
  const at = (row: number): Row => {
    const entry = rows[row];
    if (entry === undefined) throw new RangeError(`no ${options.entity} ${row}`);
    return entry;
  };
  const values: Record<string, (row: number) => FilterValue> = {};
  for (const [field, read] of Object.entries(options.values ?? {})) {
    values[field] = (row) => read(at(row));
  }
  return {
    entity: options.entity,
    length: () => rows.length,
    liveCount: () => rows.reduce((count, row) => (row.isDeleted === true ? count : count + 1), 0),
    isLive: (row) => rows[row] !== undefined && rows[row]?.isDeleted !== true,
    idOf: (row) => at(row).id,
    rowOf,
    createdAtMs: (row) => at(row).createdAtMs,
    updatedAtMs: (row) => at(row).updatedAtMs,
    isChronological: false,
    hasAutoIncrement: false,
    values,
    dateFields: LIST_DATES,
    lookups: options.lookups ?? {},
    associations: options.associations ?? {},
    emptyAssociations: options.emptyAssociations ?? {},
    build: (row, context) => options.build(at(row), context, row),
  };
};

export const stamps = (row: ListRow): Entity => ({
  createdAt: formatInstant(row.createdAtMs),
  updatedAt: instantOrNull(row.updatedAtMs),
});

export const makeRows = <T extends object>(
  ids: IdCodec,
  kind: IdKind,
  entries: readonly T[],
  createdAtMs: number,
): (T & ListRow)[] =>
  entries.map((entry, row) => ({
    ...entry,
    id: ids.idOf(kind, row, createdAtMs),
    createdAtMs,
    updatedAtMs: 0,
  }));
