import { join, resolve } from 'node:path';
import { ensureError } from '@headrace/sdk';
import { Command } from 'commander';
import { createNormalizer } from '../../entities/index.js';
import { loadForData } from '../demo-project.js';
import { readVariables } from '../environment.js';
import { dataFolder, projectFolder } from '../folders.js';
import { foldsOf } from '../folds.js';
import { type Folding, restoreStore } from '../restore.js';
import { countText } from './human.js';
import { type CommonOptions, createLog, userName, verb } from './verb.js';

interface RestoreOptions extends CommonOptions {
  readonly force?: boolean;
  readonly dryRun?: boolean;
}

export function restoreCommand(): Command {
  const command = new Command('restore')
    .description('put a backup in the place of the data directory; the platform must not run')
    .argument('<from>', 'folder of the backup')
    .option('--force', 'move a store that is there aside first')
    .option('--dry-run', 'say what would be done');
  return verb<RestoreOptions>(command, async (options, terminal, from = '') => {
    const folder = dataFolder(options);
    const result = await restoreStore({
      from: resolve(from),
      folder,
      force: options.force === true,
      dryRun: options.dryRun === true,
      variables: readVariables(join(projectFolder(options), '.env')),
      principal: userName(),
      folding: () => foldingOf(options),
      log: createLog('warn'),
    });
    terminal.answer({ data: folder, dryRun: options.dryRun === true, ...result });
    const done = options.dryRun === true ? 'Would restore' : 'Restored';
    terminal.print(`${done} ${countText(result.entries)} journal entries to ${folder}`);
    if (result.movedTo !== null) {
      terminal.print(`What was there is in ${result.movedTo}.`);
      terminal.print(
        `${countText(result.entriesLost)} later entries are not in the backup; sources are read again from its position.`,
      );
    }
    if (result.erasedAgain > 0) {
      terminal.print(
        `${countText(result.erasedAgain)} persons erased since then are erased again.`,
      );
    }
    if (result.isErasureUnknown) {
      terminal.print(
        'No anchor of this store is here: who was erased since the backup is not known, and has to be',
      );
      terminal.print('erased again.');
    }
    if (result.isAnchoredNewer) {
      terminal.print(
        'The anchor speaks of a newer store. Put the master key back, then start once',
      );
      terminal.print('with `headrace up --accept-rollback`, which is journaled.');
    }
    return 0;
  });
}

/** A store may be restored where its project is not, or not yet. */
async function foldingOf(options: CommonOptions): Promise<Folding | null> {
  try {
    const loaded = await loadForData(options);
    const { sources, definitions } = loaded;
    return { folds: foldsOf(loaded), normalizer: createNormalizer(sources), definitions };
  } catch (thrown) {
    if (ensureError(thrown).kind === 'config') return null;
    throw thrown;
  }
}
