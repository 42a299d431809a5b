/** Which folds a platform runs, in order: replay, reads and the step take the same. */
import type { Fold } from '../engine/index.js';
import { identityFold, stockLedgerFold } from '../entities/index.js';
import type { LoadedProject } from './load-project.js';

/** What is folded whatever a project says; enough to read records and entities of any store. */
export const baseFolds: readonly Fold[] = [identityFold, stockLedgerFold];

/** All folds of a project; later ones may read what earlier ones made of the same entry. */
export function foldsOf(_project: LoadedProject): readonly Fold[] {
  return baseFolds;
}
