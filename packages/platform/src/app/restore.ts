/**
 * Puts a backup in the place of a data directory.
 *
 *   check the backup → move what is there aside → copy → erase again who was erased since → journal
 *
 * A backup knows nothing of erasures after it, so every handle erased in the directory it replaces, or
 * remembered beside the anchor, is erased in the restored store too, and journaled there. So is the
 * restoring itself: to the anchor it is what a roll-back looks like, and somebody did it.
 */
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { ensureError, HeadraceError, type Logger } from '@headrace/sdk';
import {
  Anchor,
  anchorHome,
  checkpointFile,
  logFolder,
  readCheckpoint,
  readMasterKey,
} from '../audit/index.js';
import { type EngineOptions, foldedBy, openEngine, tablesOf } from '../engine/index.js';
import { createNormalizer } from '../entities/index.js';
import { exportsFile } from '../lineage/index.js';
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
  /** Who restores, for the journal. */
  readonly principal: string;
  /** By what the store is folded; null where no project says so, and the next start folds it anew. */
  readonly folding: () => Promise<Folding | null>;
  readonly log: Logger;
}

export type Folding = Pick<EngineOptions, 'folds' | 'normalizer' | 'definitions'>;

export interface Restored {
  /** Entries of the journal after it. */
  readonly entries: number;
  /** Entries of the replaced journal that the backup does not have. */
  readonly entriesLost: number;
  /** Where the replaced directory is now. */
  readonly movedTo: string | null;
  /** Persons erased since the backup, erased again. */
  readonly erasedAgain: number;
  /** The anchor still speaks of a newer store, because without the master key nothing is journaled. */
  readonly isAnchoredNewer: boolean;
  /** Nothing here remembers this store, so nobody knows who was erased since the backup. */
  readonly isErasureUnknown: boolean;
}

export async function restoreStore(options: RestoreOptions): Promise<Restored> {
  const { from, folder, force, dryRun } = options;
  const entries = entriesOf(from);
  const isThere = existsSync(storePaths(folder).main);
  if (!isThere) {
    if (!dryRun) copyStore(from, folder);
    const told = dryRun ? nothingTold : await journalRestore(options, null, entries);
    return { entries, entriesLost: 0, movedTo: null, ...told };
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
  if (handles.length > 0 && masterKeyOf(folder, options.variables) === null) {
    throw new HeadraceError(
      'config',
      `Since this backup ${handles.length} keys of erased persons were destroyed, and it has them.`,
      {
        code: 'E_MASTER_KEY_MISSING',
        hint: 'Destroying them again is journaled, which takes the master key: set HEADRACE_MASTER_KEY.',
      },
    );
  }
  const movedTo = freeName(folder);
  if (dryRun) {
    return { entries, entriesLost, movedTo, ...nothingTold, erasedAgain: handles.length };
  }
  renameSync(folder, movedTo);
  copyStore(from, folder);
  copyExports(movedTo, folder);
  for (const name of ['master.key', 'demo.json']) {
    if (existsSync(join(movedTo, name))) copyFileSync(join(movedTo, name), join(folder, name));
  }
  const told = await journalRestore(options, handles, entries);
  return { entries, entriesLost, movedTo, ...told };
}

type Told = Pick<Restored, 'erasedAgain' | 'isAnchoredNewer' | 'isErasureUnknown'>;
const nothingTold: Told = { erasedAgain: 0, isAnchoredNewer: false, isErasureUnknown: false };

/**
 * Sealed bytes of oversized records lie beside the store and belong to its copy. The checkpoint is
 * copied first, so that the copied journal holds all it speaks of; tiles follow from the journal.
 */
export function copyStore(from: string, target: string): void {
  mkdirSync(target, { recursive: true, mode: 0o700 });
  const checkpoint = existsSync(checkpointFile(from)) ? readFileSync(checkpointFile(from)) : null;
  backupStore(from, target);
  copyExports(from, target);
  const spilled = join(from, 'spill');
  if (existsSync(spilled)) cpSync(spilled, join(target, 'spill'), { recursive: true });
  if (checkpoint === null) return;
  mkdirSync(logFolder(target), { recursive: true, mode: 0o700 });
  writeFileSync(checkpointFile(target), checkpoint, { mode: 0o600 });
}

/** What left a store has left it, also when it goes back to what it was before. */
function copyExports(from: string, target: string): void {
  if (existsSync(exportsFile(from))) copyFileSync(exportsFile(from), exportsFile(target));
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

/** Not journaled when it cannot be: the master key is kept elsewhere. The next start erases then. */
async function journalRestore(
  options: RestoreOptions,
  /** Erased in the store that was replaced; null where there was none. */
  handles: readonly string[] | null,
  entries: number,
): Promise<Told> {
  const { folder, principal, variables, log } = options;
  const home = anchorHome(variables);
  const anchor = home === null ? null : new Anchor(home, folder);
  const before = anchor?.read() ?? null;
  const isOlder = before !== null && before.size > entries;
  const random = systemRandom();
  const clock = systemClock();
  const now = clock.now();
  const masterKey = masterKeyOf(folder, variables);
  const isKnown = handles !== null || anchor?.isKnown(originOf(folder)) === true;
  const isErasureUnknown = !isKnown;
  if (masterKey === null) return { erasedAgain: 0, isAnchoredNewer: isOlder, isErasureUnknown };
  const folding = await options.folding();
  const engine = await openEngine({
    folder,
    ports: { clock, timers: systemTimers(), random, log, yieldNow, sleepReal },
    clockOptions: { epochMs: now, realStartMs: now, rate: 1 },
    masterKey,
    sources: [],
    ...(folding ?? {
      ...{ folds: baseFolds, normalizer: createNormalizer([]), definitions: {} },
      asFolded: true,
    }),
    ...(anchor === null ? {} : { anchor, acceptRollback: principal }),
    crash(error) {
      throw error;
    },
  });
  try {
    const newer = isOlder ? { size: before.size, root: hexOf(before.root) } : null;
    await engine.control(principal, 'restore', { entries, newer }, (main) => {
      // What is journaled here is folded by nobody who knows of features and flows.
      if (folding === null) main.meta(foldedBy, Buffer.from('restored'));
    });
    const again = (handles ?? [])
      .map((handle) => Buffer.from(handle, 'hex'))
      .filter((handle) => !engine.reader.isErased(handle));
    for (const handle of again) {
      const body = { subject: handle.toString('hex'), by: 'restore' };
      await engine.control(principal, 'erasure', body, (_main, keys) => keys.eraseKey(handle, now));
    }
    const erasedAgain = engine.erasedAgain + again.length;
    return { erasedAgain, isAnchoredNewer: false, isErasureUnknown };
  } finally {
    await engine.close();
  }
}

/** Of the log, by the checkpoint that came with the backup. */
function originOf(folder: string): string | null {
  return readCheckpoint(folder)?.origin ?? null;
}

function masterKeyOf(folder: string, variables: Variables): Uint8Array | null {
  try {
    return readMasterKey(folder, variables, systemRandom()).key;
  } catch (thrown) {
    if (ensureError(thrown).code === 'E_MASTER_KEY_MISSING') return null;
    throw thrown;
  }
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function freeName(folder: string): string {
  for (let number = 1; ; number += 1) {
    const name = `${folder}.before-restore-${number}`;
    if (!existsSync(name)) return name;
  }
}
