import { plainHash } from '../audit/index.js';
import type { StoredRow } from '../engine/index.js';

/**
 * Our id of a source's record of an entity, 32 hex digits: the same on every run and machine. It is
 * not stored, because it is asked for far less often than rows are written.
 */
export function rowId(
  tenant: string,
  source: string,
  { entity, type, externalId }: Pick<StoredRow, 'entity' | 'type' | 'externalId'>,
): string {
  return plainHash([tenant, entity, source, type, externalId].join('\0')).toString('hex');
}
