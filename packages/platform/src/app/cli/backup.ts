import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { dataFolder } from '../folders.js';
import { copyStore } from '../restore.js';
import { bytesText } from './human.js';
import { noteLeaving } from './note-leaving.js';
import { type CommonOptions, verb } from './verb.js';

interface BackupOptions extends CommonOptions {
  readonly dryRun?: boolean;
}

export function backupCommand(): Command {
  const command = new Command('backup')
    .description('copy the data directory, also while the platform runs; without the master key')
    .argument('<target>', 'a new or empty folder')
    .option('--dry-run', 'say what would be copied');
  return verb<BackupOptions>(command, async (options, terminal, target = '') => {
    const folder = dataFolder(options);
    const to = resolve(target);
    const isDry = options.dryRun === true;
    if (!isDry) {
      noteLeaving(options, 'backup', to);
      copyStore(folder, to);
    }
    const bytes = isDry ? sizeOf(folder) : sizeOf(to);
    terminal.answer({ from: folder, target: to, bytes, dryRun: isDry });
    terminal.print(`${isDry ? 'Would copy' : 'Copied'} ${bytesText(bytes)} to ${to}`);
    terminal.print('The master key is not among it: keep a copy of it elsewhere.');
    return 0;
  });
}

function sizeOf(folder: string): number {
  return readdirSync(folder)
    .filter((name) => name === 'store.db' || name === 'keys.db')
    .reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}
