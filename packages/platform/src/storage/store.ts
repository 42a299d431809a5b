/**
 * The embedded store of one data directory: `store.db` (journal, folded tables, cursors) and
 * `keys.db` (wrapped data keys). One writer; any number of readers.
 *
 * Opening: absent → created → migrated → ready; a newer format → refused with words.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HeadraceError } from '@headrace/sdk';
import { type Database, openDatabase } from './driver.js';

/**
 * A folded table as storage sees it: text keys with opaque values, a set of members per key, or a
 * log of dated lines under the keys of a keyed table.
 */
export type TableSpec = PlainTableSpec | LogSpec;

export interface PlainTableSpec {
  readonly name: string;
  readonly kind: 'keyed' | 'index';
  /** Rows so small that the planner may remember many more of them than of others. */
  readonly isSmall?: boolean;
}

/**
 * Lines are only added, and pruned from their old end. They lie by period, and within one in order of
 * owner, `at`, `seq` and `place`: what is written at a time, of all owners, is dated closely together, so
 * a commit touches the pages of one period and not a page for each owner; a span of one owner is read
 * in one stretch a period. The owner is a row of the keyed table `of`; a line holds its id, a few
 * bytes, instead of its key.
 */
export interface LogSpec {
  readonly name: string;
  readonly kind: 'log';
  readonly of: string;
  /** Names of whole-number columns that stand beside the value. */
  readonly integers: readonly string[];
}

/** A line of a log as a fold writes it. */
export interface LogLine {
  readonly at: number;
  readonly seq: number;
  readonly place: number;
  readonly integers: readonly number[];
  readonly value: string;
}

export const storeFormat = 2;
/** Short enough that the pages of a period fit in the writer's cache, long enough that a year has few. */
export const periodMs = 14 * 86_400_000;
const migrationsFolder = new URL('../../migrations/', import.meta.url);

export interface OpenOptions {
  readonly readOnly?: boolean;
  readonly tables: readonly TableSpec[];
  /** Page cache in KiB. */
  readonly cacheKib?: number;
  /** For scratch stores that may be lost: no fsync. */
  readonly volatile?: boolean;
  /** Which folded tables are meant; `next` is for a store that is there and has this format. */
  readonly place?: Place;
}

/** Folded tables are there twice while they are folded anew: as they are read, and as they will be. */
export type Place = 'fold' | 'next';

export interface OpenedStore {
  readonly main: Database;
  readonly keys: Database;
  readonly place: Place;
  close(): void;
}

/**
 * Holds the data directory for one process. The lock is the operating system's, so it ends with the
 * process however that ends.
 */
export function lockStore(folder: string): { release(): void } {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const lock = openDatabase(join(folder, 'lock.db'));
  try {
    lock.exec('PRAGMA busy_timeout=0; PRAGMA journal_mode=DELETE; BEGIN EXCLUSIVE;');
  } catch (cause) {
    lock.close();
    throw new HeadraceError('config', `The data directory ${folder} is in use.`, {
      code: 'E_STORE_IN_USE',
      hint: 'Another Headrace process runs on it; stop that one or choose another --data.',
      cause,
    });
  }
  return { release: () => lock.close() };
}

export function storePaths(folder: string): { readonly main: string; readonly keys: string } {
  return { main: join(folder, 'store.db'), keys: join(folder, 'keys.db') };
}

export function openStore(folder: string, options: OpenOptions): OpenedStore {
  const { readOnly = false, place = 'fold' } = options;
  const paths = storePaths(folder);
  const isThere = readOnly || place === 'next';
  if (isThere && !existsSync(paths.main)) {
    throw new HeadraceError('config', `There is no store in ${folder}.`, {
      code: 'E_NO_STORE',
      hint: 'Start the platform once with `headrace up`, or name the right folder with --data.',
    });
  }
  if (!readOnly) mkdirSync(folder, { recursive: true, mode: 0o700 });
  const main = openPatiently(paths.main, readOnly);
  try {
    refuseNewer(main, folder);
    if (isThere) refuseOlder(main, folder);
    if (readOnly)
      main.exec(`PRAGMA query_only=ON; PRAGMA cache_size=-${options.cacheKib ?? 16384};`);
    else if (place === 'next') prepareForFolding(main, options);
    else {
      prepareForWriting(main, options, mainPageBytes);
      migrate(main, '');
      createTables(main, options.tables);
    }
    const keys = openPatiently(paths.keys, isThere);
    if (!isThere) {
      prepareForWriting(keys, { ...options, cacheKib: 2048 }, keysPageBytes);
      migrate(keys, 'keys-');
    }
    return {
      main,
      keys,
      place,
      close() {
        if (!isThere && options.volatile !== true) for (const file of [main, keys]) emptyLog(file);
        main.close();
        keys.close();
      },
    };
  } catch (thrown) {
    main.close();
    throw thrown;
  }
}

/**
 * A connection that is just closing, or recovering the log after a crash, holds the file for a
 * moment; even the first read has to wait for it.
 */
function openPatiently(path: string, readOnly: boolean): Database {
  const database = openDatabase(path, { readOnly });
  database.exec('PRAGMA busy_timeout=5000');
  return database;
}

/**
 * SQLite empties the log when the last connection closes; a reader that closes after the writer may
 * not write and would leave it as large as it is. One that reads right now is not waited for long.
 */
function emptyLog(database: Database): void {
  try {
    database.exec('PRAGMA busy_timeout=200');
    database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get();
  } catch {
    // A full disk, say; the log is complete and the next start reads it.
  }
}

/** Keeps most bodies off overflow pages. */
const mainPageBytes = 8192;
/** Handles are random: each new person dirties a page, which is written twice, for 80 bytes. */
const keysPageBytes = 1024;
const walBytes = 64 << 20;

function prepareForWriting(database: Database, options: OpenOptions, pageBytes: number): void {
  const synchronous = options.volatile ? 'OFF' : 'FULL';
  // The WAL is checkpointed in larger steps than the default, because random keys would otherwise
  // be written to the file many times.
  database.exec(`
    PRAGMA page_size=${pageBytes};
    PRAGMA journal_mode=WAL;
    PRAGMA synchronous=${synchronous};
    PRAGMA secure_delete=ON;
    PRAGMA wal_autocheckpoint=${walBytes / pageBytes};
    PRAGMA journal_size_limit=134217728;
    PRAGMA cache_size=-${options.cacheKib ?? 32768};
  `);
  if (options.volatile) return;
  const mode = Object.values(database.prepare('PRAGMA synchronous').get() ?? {})[0];
  const journal = Object.values(database.prepare('PRAGMA journal_mode').get() ?? {})[0];
  if (mode !== 2 || journal !== 'wal') {
    throw new HeadraceError('config', 'The store could not be opened with durable commits.', {
      code: 'E_NOT_DURABLE',
      hint: 'Put the data directory on a local file system that supports shared memory and fsync.',
    });
  }
}

/** Pages of the log after which who folds anew empties it into the file, before the step's own commits do. */
const foldingLogPages = (16 << 20) / mainPageBytes;

/**
 * What is folded anew follows from the journal: its commits wait for no disk, and are on it before
 * any later commit that does wait, since all of them are in one log.
 */
function prepareForFolding(database: Database, options: OpenOptions): void {
  database.exec(`
    PRAGMA synchronous=NORMAL;
    PRAGMA secure_delete=ON;
    PRAGMA wal_autocheckpoint=${foldingLogPages};
    PRAGMA journal_size_limit=134217728;
    PRAGMA cache_size=-${options.cacheKib ?? 32768};
  `);
}

function refuseNewer(database: Database, folder: string): void {
  const version = Number(Object.values(database.prepare('PRAGMA user_version').get() ?? {})[0]);
  if (version > storeFormat) {
    throw new HeadraceError(
      'config',
      `The store in ${folder} has format ${version}; this version of Headrace reads up to ${storeFormat}.`,
      {
        code: 'E_STORE_NEWER',
        hint: 'Start the newer version of Headrace that wrote it, or restore a backup made before the upgrade.',
      },
    );
  }
}

/** Who only reads cannot bring a store over. */
function refuseOlder(database: Database, folder: string): void {
  const version = Number(Object.values(database.prepare('PRAGMA user_version').get() ?? {})[0]);
  if (version === storeFormat) return;
  throw new HeadraceError('config', `The store in ${folder} has the older format ${version}.`, {
    code: 'E_STORE_OLDER',
    hint: 'Start the platform on it once with `headrace up`, which brings it over.',
  });
}

function migrate(database: Database, prefix: string): void {
  const version = Number(Object.values(database.prepare('PRAGMA user_version').get() ?? {})[0]);
  const pattern = new RegExp(`^${prefix}(\\d{4})-.*\\.sql$`);
  const files = readdirSync(migrationsFolder)
    .map((name) => ({ name, number: Number(pattern.exec(name)?.[1] ?? 0) }))
    .filter((file) => file.number > version)
    .sort((a, b) => a.number - b.number);
  for (const file of files) {
    const sql = readFileSync(new URL(file.name, migrationsFolder), 'utf8');
    database.exec(`BEGIN IMMEDIATE;\n${sql}\nPRAGMA user_version=${file.number};\nCOMMIT;`);
  }
}

function createTables(database: Database, tables: readonly TableSpec[]): void {
  for (const table of tables) {
    requireNames(table);
    if (table.kind === 'log') setAsideWholeLog(database, table);
    createTable(database, table, 'fold');
    if (table.kind === 'log') takeOverWholeLog(database, table);
  }
}

export function createTable(database: Database, table: TableSpec, place: Place): void {
  database.exec(`CREATE TABLE IF NOT EXISTS ${place}_${table.name} ${columnsOf(table)};`);
}

function requireNames(table: TableSpec): void {
  const names = [table.name, ...(table.kind === 'log' ? table.integers : [])];
  if (!names.every((name) => /^[a-z][a-z0-9_]*$/.test(name))) {
    throw new HeadraceError('invariant', `Bad table name ${table.name}.`, {
      code: 'E_TABLE_NAME',
    });
  }
}

const wholeLog = (table: LogSpec) => `whole_${table.name}`;

/** Up to format 1 a log was not divided by period. Either step may be the last before a crash. */
function setAsideWholeLog(database: Database, table: LogSpec): void {
  const columns = columnNames(database, `fold_${table.name}`);
  if (columns.length === 0 || columns.includes('period')) return;
  database.exec(`ALTER TABLE fold_${table.name} RENAME TO ${wholeLog(table)}`);
}

function takeOverWholeLog(database: Database, table: LogSpec): void {
  if (columnNames(database, wholeLog(table)).length === 0) return;
  const columns = ['owner', 'at', 'seq', 'place', ...table.integers, 'value'].join(', ');
  const period = `(at - (at % ${periodMs} + ${periodMs}) % ${periodMs}) / ${periodMs}`;
  database.exec(`BEGIN IMMEDIATE;
    INSERT INTO fold_${table.name} (period, ${columns})
      SELECT ${period}, ${columns} FROM ${wholeLog(table)} ORDER BY 1, 2, 3, 4, 5;
    DROP TABLE ${wholeLog(table)};
    COMMIT;`);
}

function columnNames(database: Database, table: string): unknown[] {
  return database
    .prepare('SELECT name FROM pragma_table_info(?)')
    .all(table)
    .map((row) => row['name']);
}

/** Of a line dated `at`. */
export function periodOf(at: number): number {
  return Math.floor(at / periodMs);
}

/** Fat rows live under an integer key with a unique index on the text key; thin ones need none. */
function columnsOf(table: TableSpec): string {
  switch (table.kind) {
    case 'keyed':
      return '(id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, value BLOB NOT NULL)';
    case 'index':
      return '(key TEXT NOT NULL, member TEXT NOT NULL, PRIMARY KEY (key, member)) WITHOUT ROWID';
    case 'log': {
      const integers = table.integers.map((name) => `${name} INTEGER NOT NULL, `).join('');
      return `(period INTEGER NOT NULL, owner INTEGER NOT NULL, at INTEGER NOT NULL, seq INTEGER NOT NULL, place INTEGER NOT NULL, ${integers}value TEXT NOT NULL, PRIMARY KEY (period, owner, at, seq, place)) WITHOUT ROWID`;
    }
  }
}
