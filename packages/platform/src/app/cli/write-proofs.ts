import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { HeadraceError } from '@headrace/sdk';
import { LogReader, readCheckpoint } from '../../audit/index.js';
import { bundleOf, type Grounds } from '../../lineage/index.js';
import type { StoreReader } from '../../storage/index.js';
import { noteLeaving } from './note-leaving.js';

/**
 * Writes the proofs of all entries something stands on, and returns how many there are. They are under
 * the checkpoint that is published; what came after it has to wait for the next.
 */
export function writeProofs(
  folder: string,
  reader: StoreReader,
  grounds: Grounds,
  file: string,
): number {
  const checkpoint = readCheckpoint(folder);
  const newest = grounds.offsets.at(-1) ?? 0;
  if (checkpoint === null || checkpoint.size <= newest) {
    throw new HeadraceError('config', `Entry ${newest} is not under a checkpoint yet.`, {
      code: 'E_UNSIGNED',
      hint: 'A running platform signs every five seconds; else start it once.',
    });
  }
  noteLeaving({ data: folder }, 'proofs', resolve(file));
  const bundle = bundleOf(reader, new LogReader(folder), checkpoint, grounds);
  writeFileSync(file, `${JSON.stringify(bundle)}\n`);
  return bundle.entries.length;
}
