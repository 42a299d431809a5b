/**
 * Folded tables that are folded anew, `next_…`, beside those that are read, `fold_…`, in one store: so
 * one transaction, which is there or is not, puts them in the place of the others.
 *
 *   none ──claim──▶ begun, 0 entries folded ──batch──▶ n entries folded ──switch──▶ none
 *   begun ──claim, of the same definitions──▶ goes on where it stands, with another owner
 *   begun ──claim, of others──▶ what there was is left over; begun, 0 entries folded
 *   left over ──emptied a little at a time──▶ dropped
 *
 * Invariants: `next_…` is the fold of the first n entries by the definitions named, since n is written with
 * the rows of its batch; who does not own it writes nothing to it, since each batch looks for its owner
 * in its own transaction; nothing touches `fold_…` but the switch, and no table is emptied in it.
 */
import { HeadraceError } from '@headrace/sdk';
import type { Database } from './driver.js';
import { createTable, type OpenedStore, storeFormat, type TableSpec } from './store.js';

export interface NextFold {
  /** Names the definitions it is folded by. */
  readonly by: string;
  /** Who folds it; anybody may take it over. */
  readonly owner: string;
  /** Entries of the journal that are in it. */
  readonly folded: number;
  /** Of the store it was begun in: another may lay out its tables otherwise. */
  readonly format: number;
}

const metaName = 'next-fold';

export function nextFoldOf(main: Database): NextFold | null {
  const row = main.prepare('SELECT value FROM meta WHERE name = ?').get(metaName);
  if (row === undefined) return null;
  return JSON.parse(Buffer.from(row['value'] as Uint8Array).toString()) as NextFold;
}

/** Makes `owner` the one who folds; what was folded by other definitions is left over. */
export function claimNextFold(
  { main }: OpenedStore,
  tables: readonly TableSpec[],
  { by, owner }: Pick<NextFold, 'by' | 'owner'>,
): NextFold {
  return within(main, () => {
    const found = nextFoldOf(main);
    const goesOn = found?.by === by && found.format === storeFormat;
    if (!goesOn) {
      leaveOver(main, namesOf(main, 'next_'));
      for (const table of tables) createTable(main, table, 'next');
    }
    const claimed = { by, owner, folded: goesOn ? found.folded : 0, format: storeFormat };
    setMeta(main, metaName, JSON.stringify(claimed));
    return claimed;
  });
}

/** Notes in a batch's transaction that `folded` entries are in now; throws when another is the owner. */
export function noteFolded(main: Database, claimed: NextFold, folded: number): NextFold {
  requireOwner(main, claimed);
  const next = { ...claimed, folded };
  setMeta(main, metaName, JSON.stringify(next));
  return next;
}

/** Puts what was folded anew in the place of what is read. The store is this process's alone. */
export function switchFolds(
  { main }: OpenedStore,
  tables: readonly TableSpec[],
  claimed: NextFold,
  folded: { readonly name: string; readonly value: string },
): void {
  within(main, () => {
    requireOwner(main, claimed);
    const read = new Set(namesOf(main, 'fold_'));
    leaveOver(
      main,
      tables.map(({ name }) => `fold_${name}`).filter((name) => read.has(name)),
    );
    for (const { name } of tables) main.exec(`ALTER TABLE next_${name} RENAME TO fold_${name}`);
    setMeta(main, folded.name, folded.value);
    main.prepare('DELETE FROM meta WHERE name = ?').run(metaName);
  });
}

/**
 * The next statement that makes what is left over less, or null when nothing is. Emptying a table at
 * once would put all of it through the log in one transaction, and everybody would wait for that.
 */
export function sweepStatement({ main }: OpenedStore, rows: number): string | null {
  const [name] = namesOf(main, leftOver);
  if (name === undefined) return null;
  const key = main
    .prepare('SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk')
    .all(name)
    .map((row) => row['name'])
    .join(', ');
  const isEmpty = main.prepare(`SELECT 1 FROM ${name} LIMIT 1`).get() === undefined;
  if (isEmpty) return `DROP TABLE IF EXISTS ${name}`;
  return `DELETE FROM ${name} WHERE (${key}) IN (SELECT ${key} FROM ${name} LIMIT ${rows})`;
}

const leftOver = 'left_';

/** Gives the tables names that no others have. */
function leaveOver(main: Database, names: readonly string[]): void {
  const numbers = namesOf(main, leftOver).map((name) => Number(name.split('_')[1]));
  const number = Math.max(0, ...numbers) + 1;
  for (const name of names) {
    const plain = name.slice(name.indexOf('_') + 1);
    main.exec(`ALTER TABLE ${name} RENAME TO ${leftOver}${number}_${plain}`);
  }
}

function namesOf(main: Database, prefix: string): string[] {
  return main
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND substr(name, 1, ?) = ?")
    .all(prefix.length, prefix)
    .map((row) => row['name'] as string);
}

/** Throws when another folds now, or what was folded is in use already. */
export function requireOwner(main: Database, { by, owner }: NextFold): void {
  const found = nextFoldOf(main);
  if (found?.owner === owner && found.by === by) return;
  throw new HeadraceError('conflict', 'Somebody else folds the journal anew now.', {
    code: 'E_FOLD_TAKEN_OVER',
    hint: 'Nothing is lost: a start of the platform, or a later `headrace prepare`, goes on with it.',
  });
}

function setMeta(main: Database, name: string, value: string): void {
  main
    .prepare('INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)')
    .run(name, Buffer.from(value));
}

function within<T>(main: Database, work: () => T): T {
  main.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    main.exec('COMMIT');
    return result;
  } catch (thrown) {
    main.exec('ROLLBACK');
    throw thrown;
  }
}
