/**
 * Puts a backup in the place of a data directory.
 *
 *   check the backup → move what is there aside → copy → erase again who was erased since
 *
 * A backup knows nothing of erasures after it, so every handle erased in the directory it replaces
 * is erased in the restored store too, and journaled there.
 */
import { copyFileSync, cpSync, existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { HeadraceError, type Logger } from '@headrace/sdk';
import { readMasterKey } from '../audit/index.js';
import { openEngine, tablesOf } from '../engine/index.js';
import { createNormalizer } from '../entities/index.js';
import { sleepReal, systemClock, systemRandom, systemTimers, yieldNow } from '../ports/index.js';
import {
  backupStore,
  createReader,
  lockStore,
  openDatabase,
  openStore,
  storePaths,
} from '../storage/index.js';
import type { Variables } from './environment.js';
import { baseFolds } from './folds.js';

export interface RestoreOptions {
  readonly from: string;
  readonly folder: string;
  /** Move a store that is there aside. */
  readonly force: boolean;
  readonly dryRun: boolean;
  readonly variables: Variables;
  readonly log: Logger;
}

export interface Restored {
  /** Entries of the journal after it. */
  readonly entries: number;
  /** Entries of the replaced journal that the backup does not have. */
  readonly entriesLost: number;
  /** Where the replaced directory is now. */
  readonly movedTo: string | null;
  /** Persons erased since the backup, erased again. */
  readonly erasedAgain: number;
}

export async function restoreStore(options: RestoreOptions): Promise<Restored> {
  const { from, folder, force, dryRun } = options;
  const entries = entriesOf(from);
  const isThere = existsSync(storePaths(folder).main);
  if (!isThere) {
    if (!dryRun) copyStore(from, folder);
    return { entries, entriesLost: 0, movedTo: null, erasedAgain: 0 };
  }
  lockStore(folder).release();
  if (!force) {
    throw new HeadraceError('config', `There is a store in ${folder} already.`, {
      code: 'E_TARGET_NOT_EMPTY',
      hint: 'With --force it is moved aside first; nothing is deleted.',
    });
  }
  const entriesLost = Math.max(0, entriesOf(folder) - entries);
  const erasedThere = new Set(erasedHandles(from));
  const handles = erasedHandles(folder).filter((handle) => !erasedThere.has(handle));
  const movedTo = freeName(folder);
  if (!dryRun) {
    renameSync(folder, movedTo);
    copyStore(from, folder);
    for (const name of ['master.key', 'demo.json']) {
      if (existsSync(join(movedTo, name))) copyFileSync(join(movedTo, name), join(folder, name));
    }
    if (handles.length > 0) await eraseAgain(options, handles);
  }
  return { entries, entriesLost, movedTo, erasedAgain: handles.length };
}

/** Sealed bytes of oversized records lie beside the store and belong to its copy. */
export function copyStore(from: string, target: string): void {
  mkdirSync(target, { recursive: true, mode: 0o700 });
  backupStore(from, target);
  const spilled = join(from, 'spill');
  if (existsSync(spilled)) cpSync(spilled, join(target, 'spill'), { recursive: true });
}

/** Also refuses a store that a newer version wrote. */
function entriesOf(folder: string): number {
  const tables = tablesOf(baseFolds);
  const store = openStore(folder, { readOnly: true, tables });
  try {
    return createReader(store, tables).journalEnd();
  } finally {
    store.close();
  }
}

function erasedHandles(folder: string): string[] {
  const keys = openDatabase(storePaths(folder).keys, { readOnly: true });
  try {
    const rows = keys.prepare('SELECT handle FROM erased').all();
    return rows.map((row) => Buffer.from(row['handle'] as Uint8Array).toString('hex'));
  } finally {
    keys.close();
  }
}

async function eraseAgain(options: RestoreOptions, handles: readonly string[]): Promise<void> {
  const { folder, variables, log } = options;
  const random = systemRandom();
  const clock = systemClock();
  const now = clock.now();
  const engine = await openEngine({
    folder,
    ports: { clock, timers: systemTimers(), random, log, yieldNow, sleepReal },
    clockOptions: { epochMs: now, realStartMs: now, rate: 1 },
    masterKey: readMasterKey(folder, variables, random).key,
    sources: [],
    folds: baseFolds,
    normalizer: createNormalizer([]),
    definitions: {},
    crash(error) {
      throw error;
    },
  });
  try {
    for (const handle of handles) {
      await engine.control('restore', 'erasure', { subject: handle }, (_main, keys) =>
        keys.eraseKey(Buffer.from(handle, 'hex'), now),
      );
    }
  } finally {
    await engine.close();
  }
}

function freeName(folder: string): string {
  for (let number = 1; ; number += 1) {
    const name = `${folder}.before-restore-${number}`;
    if (!existsSync(name)) return name;
  }
}
