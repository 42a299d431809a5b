/**
 * What an emulated OData service is made of. A system declares services, entity sets and their
 * properties here and says where rows come from; the protocol (documents, filters, paging,
 * batches, tokens) is the engine's. `Row` is whatever the system keeps: an object, an index into
 * columns, anything. Members are methods so that sets of different row types fit in one list.
 */

export type EdmType =
  | 'Edm.String'
  | 'Edm.Boolean'
  | 'Edm.Byte'
  | 'Edm.Int16'
  | 'Edm.Int32'
  | 'Edm.Int64'
  | 'Edm.Double'
  | 'Edm.Decimal'
  | 'Edm.DateTime'
  | 'Edm.DateTimeOffset'
  | 'Edm.Time'
  | 'Edm.Guid';

/** A moment finer than a number of milliseconds can say: 100 ns is SAP's seventh digit. */
export interface FineInstant {
  /** Milliseconds since 1970, UTC. */
  readonly ms: number;
  /** Further units of 100 ns, 0 to 9,999. */
  readonly ticks: number;
}

/**
 * - `Edm.String`, `Edm.Guid` (lower case, with dashes): text.
 * - `Edm.Decimal`, `Edm.Int64`: decimal text such as `-12.500`; never a float.
 * - `Edm.Byte`, `Edm.Int16`, `Edm.Int32`, `Edm.Double`: number.
 * - `Edm.Boolean`: boolean.
 * - `Edm.DateTime`, `Edm.DateTimeOffset`: milliseconds since 1970, or a `FineInstant`.
 * - `Edm.Time`: milliseconds since midnight.
 */
export type PropertyValue = string | number | boolean | FineInstant | null;

/** Values of the key properties, in the order of `EntitySet.key`. */
export type KeyValues = readonly PropertyValue[];

export interface Property<Row = unknown> {
  readonly name: string;
  readonly type: EdmType;
  value(row: Row): PropertyValue;
  /** True unless said otherwise; key properties never are. */
  readonly isNullable?: boolean;
  readonly maxLength?: number;
  /** Digits of a decimal; fractional digits of seconds of a date (7 or 0). */
  readonly precision?: number;
  readonly scale?: number;
  readonly label?: string;
  readonly quickInfo?: string;
  readonly displayFormat?: 'UpperCase' | 'NonNegative' | 'Date';
  /** Name of the property that holds the unit or currency of this one. */
  readonly unit?: string;
  readonly semantics?: 'unit-of-measure' | 'currency-code';
  /** All true unless said otherwise. A filter on what is not filterable is refused with 400. */
  readonly isFilterable?: boolean;
  readonly isSortable?: boolean;
  readonly isCreatable?: boolean;
  readonly isUpdatable?: boolean;
  /** `ConcurrencyMode="Fixed"`: the value is (part of) the row's ETag. */
  readonly isConcurrencyToken?: boolean;
  /** A customer's own field, such as `YY1_…`. */
  readonly isExtension?: boolean;
}

export interface Navigation<Row = unknown> {
  readonly name: string;
  /** Name of the entity set it leads to, in the same service. */
  readonly target: string;
  readonly multiplicity: '1' | '0..1' | '*';
  /** Rows of the target set, in its key order; at most one where the multiplicity is not `*`. */
  rows(row: Row): Iterable<unknown>;
  /** Pairs of own and target property; written to `$metadata` only where given. */
  readonly constraint?: readonly (readonly [own: string, target: string])[];
}

export interface Bound {
  readonly value: PropertyValue;
  readonly isIncluded: boolean;
}

/** An interval of values; a missing bound is open. Never contains null. */
export interface ValueRange {
  readonly lower?: Bound;
  readonly upper?: Bound;
}

/** Finds rows by one property without looking at others. */
export interface RowIndex<Row = unknown> {
  /**
   * Rows whose value lies in the range, ascending by value, then by key; lazily. Text as
   * `compareTexts` has it: numbers by size, the rest by UTF-16 units; decimals by number.
   */
  range(range: ValueRange): Iterable<Row>;
  /** About how many rows the range has; lets the engine choose among indexes. */
  estimate?(range: ValueRange): number;
}

/** Where a read of a set in key order begins. */
export type StartAt =
  | { readonly kind: 'offset'; readonly offset: number }
  | { readonly kind: 'after-key'; readonly key: KeyValues };

/** Values by property name; under the name of a navigation the rows of a deep insert. */
export interface WriteValues {
  readonly [name: string]: PropertyValue | readonly WriteValues[];
}

/**
 * A write that was checked and can no longer fail. Change sets plan all their writes before the
 * first is applied, which is what makes them all or nothing.
 */
export interface PlannedWrite<Row = unknown> {
  /** Returns the row as it is now. */
  apply(): Row;
}

export interface RowSource<Row = unknown> {
  count(): number;
  /** All rows in key order from a place on; lazily, and an offset is reached without a scan. */
  rows(start: StartAt): Iterable<Row>;
  byKey(key: KeyValues): Row | undefined;
  /** By property name. */
  readonly indexes?: Readonly<Record<string, RowIndex<Row>>>;
  /** Each throws an `ODataError` when the write is refused; left out where SAP has no such call. */
  planCreate?(values: WriteValues): PlannedWrite<Row>;
  /** PATCH and MERGE give some values, PUT gives null for those left out. */
  planUpdate?(row: Row, values: WriteValues): PlannedWrite<Row>;
  planDelete?(row: Row): PlannedWrite<unknown>;
}

export interface EntitySet<Row = unknown> {
  /** `A_SalesOrder` */
  readonly name: string;
  /** The set's name with `Type` behind it unless said otherwise. */
  readonly typeName?: string;
  readonly label?: string;
  /** Names of the key properties. */
  readonly key: readonly string[];
  readonly properties: readonly Property<Row>[];
  readonly navigations?: readonly Navigation<Row>[];
  readonly source: RowSource<Row>;
  /** Instead of the ETag made of the concurrency tokens. */
  etag?(row: Row): string;
}

export interface Paging {
  /** Rows of a page when the client gives no `$top`; without it everything comes at once. */
  readonly defaultSize?: number;
  /** Rows of a page however large `$top` is. */
  readonly maxSize?: number;
  /**
   * What `$skiptoken` holds: an offset, which drifts when rows come or go between two pages, or
   * the last key, which does not.
   */
  readonly token?: 'offset' | 'key';
}

export interface Service {
  /** `API_SALES_ORDER_SRV`; also the namespace of its types. */
  readonly name: string;
  readonly version: 2 | 4;
  /**
   * Path of the service root where it is not `/sap/opu/odata/sap/<name>` (V2) or
   * `/sap/opu/odata4/sap/<name>/srvd_a2x/sap/<name>/0001`, in lower case (V4).
   */
  readonly path?: string;
  readonly entitySets: readonly EntitySet[];
  readonly paging?: Paging;
}

export const pathOf = (service: Service): string => {
  if (service.path !== undefined) return service.path;
  const name = service.name.toLowerCase();
  return service.version === 2
    ? `/sap/opu/odata/sap/${service.name}`
    : `/sap/opu/odata4/sap/${name}/srvd_a2x/sap/${name}/0001`;
};

export const typeNameOf = (set: EntitySet): string => set.typeName ?? `${set.name}Type`;
