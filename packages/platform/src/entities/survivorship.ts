/**
 * One canonical record from the rows of several sources, field by field, with the reason for each.
 * Pure and clock-free: pinned by a person, then source rank, then the newest statement, then the
 * most complete row, then the name of the record, so that equal rows always give an equal answer.
 */
import type { Json, JsonObject } from '@headrace/sdk';

/** A row with where it comes from. */
export interface SourceRow {
  readonly source: string;
  readonly stream: string;
  readonly recordKey: string;
  readonly version: string | null;
  readonly eventAt: number | null;
  readonly knownAt: number;
  readonly offset: number;
  readonly id: string;
  readonly fields: JsonObject;
}

/** Leading sources by `entity.field`, `entity.*` or `entity`, as in the project's `leading`. */
export type Leading = Readonly<Record<string, readonly string[]>>;

/** Never averaged, never replaced by age: one row a source, and the chosen one. */
const neverBlended: ReadonlySet<string> = new Set(['price', 'cost', 'stock']);

export type WinReason = 'only' | 'rank' | 'newest' | 'complete' | 'name';

export interface FieldProvenance {
  readonly source: string;
  readonly record: string;
  readonly version: string | null;
  readonly eventAt: number | null;
  readonly knownAt: number;
  /** Journal offset of the winning statement. */
  readonly journal: number;
  readonly because: WinReason;
  /** Rows that say something else. */
  readonly disagree: number;
}

export interface CanonicalRecord {
  readonly id: string;
  readonly fields: JsonObject;
  readonly provenance: Readonly<Record<string, FieldProvenance>>;
}

export function survive(
  entity: string,
  rows: readonly SourceRow[],
  leading: Leading,
): CanonicalRecord | null {
  const first = rows[0];
  if (first === undefined) return null;
  const fields: Record<string, Json> = {};
  const provenance: Record<string, FieldProvenance> = {};
  const whole = neverBlended.has(entity);
  const names = new Set(rows.flatMap((row) => Object.keys(row.fields)));
  const wholeWinner = whole ? ordered(entity, '*', rows, leading)[0] : undefined;
  for (const name of [...names].sort()) {
    const told = rows.filter((row) => row.fields[name] !== undefined);
    const winner = whole ? wholeWinner : ordered(entity, name, told, leading)[0];
    const value = winner?.fields[name];
    if (winner === undefined || value === undefined) continue;
    fields[name] = value;
    const text = JSON.stringify(value);
    provenance[name] = {
      source: winner.source,
      record: `${winner.stream}/${winner.recordKey}`,
      version: winner.version,
      eventAt: winner.eventAt,
      knownAt: winner.knownAt,
      journal: winner.offset,
      because: reason(entity, whole ? '*' : name, told, winner, leading),
      disagree: told.filter((row) => JSON.stringify(row.fields[name]) !== text).length,
    };
  }
  return { id: clusterId(entity, rows, leading), fields, provenance };
}

/** The cluster's id: the smallest member, by declared rank of its source, then by id. */
function clusterId(entity: string, rows: readonly SourceRow[], leading: Leading): string {
  const sorted = [...rows].sort(
    (a, b) =>
      rankOf(entity, '*', a.source, leading) - rankOf(entity, '*', b.source, leading) ||
      compareText(a.id, b.id),
  );
  return sorted[0]?.id ?? '';
}

function ordered(
  entity: string,
  field: string,
  rows: readonly SourceRow[],
  leading: Leading,
): SourceRow[] {
  return [...rows].sort(
    (a, b) =>
      rankOf(entity, field, a.source, leading) - rankOf(entity, field, b.source, leading) ||
      (b.eventAt ?? 0) - (a.eventAt ?? 0) ||
      completeness(b) - completeness(a) ||
      compareText(nameOf(a), nameOf(b)),
  );
}

function reason(
  entity: string,
  field: string,
  rows: readonly SourceRow[],
  winner: SourceRow,
  leading: Leading,
): WinReason {
  const others = rows.filter((row) => row !== winner);
  if (others.length === 0) return 'only';
  const rank = (row: SourceRow) => rankOf(entity, field, row.source, leading);
  if (others.every((row) => rank(row) > rank(winner))) return 'rank';
  if (others.every((row) => (row.eventAt ?? 0) < (winner.eventAt ?? 0))) return 'newest';
  if (others.every((row) => completeness(row) < completeness(winner))) return 'complete';
  return 'name';
}

function rankOf(entity: string, field: string, source: string, leading: Leading): number {
  const order = leading[`${entity}.${field}`] ?? leading[`${entity}.*`] ?? leading[entity] ?? [];
  const at = order.indexOf(source);
  return at === -1 ? order.length : at;
}

function completeness(row: SourceRow): number {
  return Object.values(row.fields).filter((value) => value !== null).length;
}

function nameOf(row: SourceRow): string {
  return `${row.source}/${row.stream}/${row.recordKey}/${row.id}`;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
