import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { HeadraceError } from '@headrace/sdk';
import { openDatabase } from './driver.js';
import { storePaths } from './store.js';

/**
 * Copies a store while it is written: each file is a consistent snapshot, and the keys are copied
 * after the data, so every entry in the copy finds its key. The master key is never copied.
 */
export function backupStore(folder: string, target: string): void {
  const from = storePaths(folder);
  if (!existsSync(from.main)) {
    throw new HeadraceError('config', `There is no store in ${folder}.`, {
      code: 'E_NO_STORE',
      hint: 'Name the right folder with --data.',
    });
  }
  if (existsSync(target) && readdirSync(target).length > 0) {
    throw new HeadraceError('config', `The folder ${target} is not empty.`, {
      code: 'E_TARGET_NOT_EMPTY',
      hint: 'Choose a new folder for this backup.',
    });
  }
  mkdirSync(target, { recursive: true });
  const to = storePaths(target);
  for (const [source, copy] of [
    [from.main, to.main],
    [from.keys, to.keys],
  ] as const) {
    const database = openDatabase(source, { readOnly: true });
    try {
      database.exec('PRAGMA busy_timeout=10000');
      database.prepare('VACUUM INTO ?').run(join(copy));
    } finally {
      database.close();
    }
  }
}
