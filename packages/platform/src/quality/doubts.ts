/** Which statements hold a value that cannot be right; read in bulk, since it is asked before each write. */
import type { StoreReader } from '../storage/index.js';
import {
  doubtIn,
  type PriceLine,
  priceLineKey,
  priceLineTable,
  suspectIndex,
} from './price-lines.js';
import { type Suspect, suspectKey, suspectTable } from './value-facts.js';

export interface Statement {
  readonly entity: string;
  readonly key: string;
  readonly source: string;
}

/** The value of a statement that cannot be right, or null; of a price also one that holds no more at `now`, ms. */
export function suspectOf(
  reader: Pick<StoreReader, 'row'>,
  statement: Statement,
  at: At,
): StandingSuspect | null {
  const { table, key } = placeOf(statement);
  const row = reader.row(table, key);
  return row === undefined ? null : suspectIn(JSON.parse(row.value) as Stored, statement, at);
}

interface At {
  readonly now: number;
  /** Only what this `source/stream` says. */
  readonly stream?: string;
}

const pageSize = 500;

/** What is suspect of a stream, a `source/stream`, at `now`, ms; of one entity, if given. */
export function* suspectsIn(
  reader: Pick<StoreReader, 'row' | 'memberPage'>,
  stream: string,
  now: number,
  entity = '',
): Iterable<StandingSuspect> {
  const source = stream.slice(0, stream.indexOf('/'));
  const bounds = entity === '' ? {} : { to: `${entity}0` };
  for (let from = entity === '' ? '' : `${entity}/`; ; ) {
    const page = reader.memberPage(suspectIndex.name, stream, { ...bounds, from, limit: pageSize });
    for (const name of page) {
      const cut = name.indexOf('/');
      const statement = { entity: name.slice(0, cut), key: name.slice(cut + 1), source };
      const suspect = suspectOf(reader, statement, { now, stream });
      if (suspect !== null && (suspect.until ?? Number.POSITIVE_INFINITY) > now) yield suspect;
    }
    const last = page.at(-1);
    if (last === undefined || page.length < pageSize) return;
    from = `${last}\0`;
  }
}

export interface StandingSuspect extends Suspect {
  /** When a price holds no more, ms; null while that is not known. */
  readonly until: number | null;
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
    const suspect = stored === undefined ? null : suspectIn(stored, statement, { now });
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
  at: At,
): StandingSuspect | null {
  if (!('periods' in stored)) return stored.cleared === null ? { ...stored, until: null } : null;
  const period = doubtIn(stored, key, at);
  if (period === null) return null;
  return { ...period.doubt, entity, key, source, record: period.record, cleared: null };
}

export function jumpText({ field, from, to, kind }: Suspect): string {
  return `${field} jumped from ${from} to ${to}, as if its ${kind} had changed.`;
}

function doubtText(suspect: Suspect): string {
  const { entity, key, source } = suspect;
  return `${entity} ${key} of ${source}: ${jumpText(suspect)} Correct it there, or confirm it: headrace values --confirm ${entity}/${key} --of ${source}.`;
}
