import { type ExportNote, noteExport } from '../../lineage/index.js';
import { systemClock } from '../../ports/index.js';
import { dataFolder, type PlaceOptions } from '../folders.js';
import { userName } from './verb.js';

/** Notes what a verb is about to write into a file; the time is the machine's own, also in a demo. */
export function noteLeaving(
  options: PlaceOptions,
  what: ExportNote['what'],
  to: string,
  more: Pick<ExportNote, 'of' | 'persons'> = {},
): void {
  const at = new Date(systemClock().now()).toISOString();
  noteExport(dataFolder(options), { at, what, to, by: userName(), ...more });
}
