/** Which statements hold a value that cannot be right; read in bulk, since it is asked before each write. */
import type { StoreReader } from '../storage/index.js';
import { pricedBy } from './price-successors.js';
import { type Suspect, suspectKey, suspectTable } from './value-facts.js';

export interface Statement {
  readonly entity: string;
  readonly key: string;
  readonly source: string;
}

const pricesMax = 100;

/**
 * The value of a statement that cannot be right, or null. A price is as suspect as any other of its thing and
 * channel: a system ends one and begins another, and the new one has nothing it could have jumped from.
 */
export function suspectOf(
  reader: Pick<StoreReader, 'row' | 'range'>,
  { entity, key, source }: Statement,
): Suspect | null {
  const row = reader.row(suspectTable.name, suspectKey(entity, key, source));
  const own = row === undefined ? null : (JSON.parse(row.value) as Suspect);
  if (own !== null && own.cleared === null) return own;
  if (entity !== 'price') return null;
  const [sku = '', channel = ''] = key.split('/');
  const others = reader.range(suspectTable.name, `${entity}/${sku}/${channel}/`, '', pricesMax);
  const found = others
    .filter((one) => one.key.endsWith(`|${source}`))
    .map((one) => JSON.parse(one.value) as Suspect);
  return found.find(({ cleared }) => cleared === null) ?? null;
}

/** For each of them why it cannot be right, or null. */
export function doubtsOf(
  reader: Pick<StoreReader, 'rows'>,
  statements: readonly Statement[],
): (string | null)[] {
  const keys = statements.map(keysOf);
  const rows = reader.rows(suspectTable.name, [...new Set(keys.flat())]);
  const found = new Map(rows.map((row) => [row.key, JSON.parse(row.value) as Suspect]));
  return keys.map((own) => {
    const suspects = own.flatMap((key) => found.get(key) ?? []);
    const suspect = suspects.find(({ cleared }) => cleared === null);
    return suspect === undefined ? null : doubtText(suspect);
  });
}

/** Of the statement, and of a price also of what it is a price of. */
function keysOf({ entity, key, source }: Statement): string[] {
  const of = entity === 'price' ? pricedBy(key) : null;
  const own = suspectKey(entity, key, source);
  return of === null ? [own] : [own, suspectKey(entity, of, source)];
}

export function jumpText({ field, from, to, kind }: Suspect): string {
  return `${field} jumped from ${from} to ${to}, as if its ${kind} had changed.`;
}

function doubtText(suspect: Suspect): string {
  const { entity, key, source } = suspect;
  return `${entity} ${key} of ${source}: ${jumpText(suspect)} Correct it there, or confirm it: POST /v1/values/confirm.`;
}
