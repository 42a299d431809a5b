/** Which statements hold a value that cannot be right; read in bulk, since it is asked before each write. */
import type { StoreReader } from '../storage/index.js';
import { doubtIn, type PriceLine, priceLineKey, priceLineTable } from './price-lines.js';
import { type Suspect, suspectKey, suspectTable } from './value-facts.js';

export interface Statement {
  readonly entity: string;
  readonly key: string;
  readonly source: string;
}

/** The value of a statement that cannot be right, or null; of a price also one that held until `now`, ms. */
export function suspectOf(
  reader: Pick<StoreReader, 'row'>,
  statement: Statement,
  now: number,
): Suspect | null {
  const { table, key } = placeOf(statement);
  const row = reader.row(table, key);
  return row === undefined ? null : suspectIn(JSON.parse(row.value) as Stored, statement, now);
}

/** For each of them why nothing that rests on it may be written at `now`, ms, or null. */
export function doubtsOf(
  reader: Pick<StoreReader, 'rows'>,
  statements: readonly Statement[],
  now: number,
): (Doubt | null)[] {
  const places = statements.map(placeOf);
  const found = new Map<string, Stored>();
  for (const { name } of [suspectTable, priceLineTable]) {
    const keys = new Set(places.filter(({ table }) => table === name).map(({ key }) => key));
    for (const { key, value } of keys.size === 0 ? [] : reader.rows(name, [...keys])) {
      found.set(`${name} ${key}`, JSON.parse(value) as Stored);
    }
  }
  return statements.map((statement, at) => {
    const { table, key } = places[at] as Place;
    const stored = found.get(`${table} ${key}`);
    const suspect = stored === undefined ? null : suspectIn(stored, statement, now);
    if (suspect === null || (suspect.until !== null && suspect.until <= now)) return null;
    return { text: doubtText(suspect), until: suspect.until };
  });
}

export interface Doubt {
  readonly text: string;
  /** When it ends by itself, ms; null while that is not known. */
  readonly until: number | null;
}

type Stored = Suspect | PriceLine;

interface Place {
  readonly table: string;
  readonly key: string;
}

function placeOf({ entity, key, source }: Statement): Place {
  const line = priceLineKey(entity, key, source);
  if (line !== null) return { table: priceLineTable.name, key: line };
  return { table: suspectTable.name, key: suspectKey(entity, key, source) };
}

function suspectIn(
  stored: Stored,
  { entity, key, source }: Statement,
  now: number,
): (Suspect & { readonly until: number | null }) | null {
  if (!('periods' in stored)) return stored.cleared === null ? { ...stored, until: null } : null;
  const period = doubtIn(stored, key, now);
  if (period === null) return null;
  const { isBrief: _, ...doubt } = period.doubt;
  return { ...doubt, entity, key, source, record: period.record, cleared: null };
}

export function jumpText({ field, from, to, kind }: Suspect): string {
  return `${field} jumped from ${from} to ${to}, as if its ${kind} had changed.`;
}

function doubtText(suspect: Suspect): string {
  const { entity, key, source } = suspect;
  return `${entity} ${key} of ${source}: ${jumpText(suspect)} Correct it there, or confirm it: POST /v1/values/confirm.`;
}
