/** Which statements hold a value that cannot be right; read in bulk, since it is asked before each write. */
import type { StoreReader } from '../storage/index.js';
import { type Suspect, suspectKey, suspectTable } from './value-facts.js';

export interface Statement {
  readonly entity: string;
  readonly key: string;
  readonly source: string;
}

/** For each of them why it cannot be right, or null. */
export function doubtsOf(
  reader: Pick<StoreReader, 'rows'>,
  statements: readonly Statement[],
): (string | null)[] {
  const keys = statements.map(({ entity, key, source }) => suspectKey(entity, key, source));
  const rows = reader.rows(suspectTable.name, [...new Set(keys)]);
  const found = new Map(rows.map((row) => [row.key, JSON.parse(row.value) as Suspect]));
  return keys.map((key) => {
    const suspect = found.get(key);
    return suspect === undefined || suspect.cleared !== null ? null : doubtText(suspect);
  });
}

export function jumpText({ field, from, to, kind }: Suspect): string {
  return `${field} jumped from ${from} to ${to}, as if its ${kind} had changed.`;
}

function doubtText(suspect: Suspect): string {
  const { entity, key, source } = suspect;
  return `${entity} ${key} of ${source}: ${jumpText(suspect)} Correct it there, or confirm it: POST /v1/values/confirm.`;
}
