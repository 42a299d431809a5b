/** By what a store was folded: the name of all that decides what folded state looks like. */
import { HeadraceError, type JsonObject } from '@headrace/sdk';
import { plainHash } from '../audit/index.js';
import type { StoreReader } from '../storage/index.js';
import type { Fold } from './fold.js';
import { recordFoldVersion } from './record-fold.js';

/** Where the store keeps the name. */
export const foldedBy = 'folded-by';

export interface FoldedBy {
  readonly folds: readonly Fold[];
  readonly definitions: JsonObject;
}

/** A hash of everything that decides what folded state looks like. */
export function definitionsName({ folds, definitions }: FoldedBy): string {
  const later = folds.map(({ name, version }) => `${name}@${version}`);
  const versions = [`record@${recordFoldVersion}`, ...later];
  return plainHash(JSON.stringify({ versions, definitions })).toString('hex');
}

/** Whether the store was folded by just these. */
export function isFoldedBy(reader: StoreReader, by: FoldedBy): boolean {
  const stored = reader.meta(foldedBy);
  return stored !== undefined && Buffer.from(stored).toString() === definitionsName(by);
}

/**
 * Refuses to judge folded state that other definitions made: an older version's, or those of a project
 * that was changed since. The next start folds it anew; nothing is wrong with it until then.
 */
export function requireFoldedBy(reader: StoreReader, by: FoldedBy): void {
  if (isFoldedBy(reader, by)) return;
  if (reader.meta(foldedBy) === undefined && reader.journalEnd() === 0) return;
  throw new HeadraceError('config', 'This store was folded by other definitions than these.', {
    code: 'E_FOLDED_BEFORE',
    hint:
      'The project, or Headrace itself, has changed since. The next start folds the journal anew; ' +
      'verify again after it. `headrace verify` alone checks the log as it is.',
  });
}
