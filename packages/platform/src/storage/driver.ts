import { createRequire } from 'node:module';

/** The part of the `node:sqlite` API that the platform uses; two packages provide it. */
export interface Statement {
  run(...values: readonly SqlValue[]): {
    changes: number | bigint;
    lastInsertRowid: number | bigint;
  };
  get(...values: readonly SqlValue[]): Record<string, SqlValue> | undefined;
  all(...values: readonly SqlValue[]): Record<string, SqlValue>[];
  iterate(...values: readonly SqlValue[]): Iterable<Record<string, SqlValue>>;
}

export type SqlValue = null | number | bigint | string | Uint8Array;

export interface Database {
  exec(sql: string): void;
  prepare(sql: string): Statement;
  close(): void;
}

type DatabaseConstructor = new (path: string, options?: { readOnly?: boolean }) => Database;

const require = createRequire(import.meta.url);
let loaded: DatabaseConstructor | undefined;

/** Node's own driver where it has one, else the prebuilt package with the same API. */
function databaseConstructor(): DatabaseConstructor {
  if (loaded !== undefined) return loaded;
  try {
    loaded = (require('node:sqlite') as { DatabaseSync: DatabaseConstructor }).DatabaseSync;
  } catch {
    const prebuilt = require('@photostructure/sqlite') as { DatabaseSync: DatabaseConstructor };
    loaded = prebuilt.DatabaseSync;
  }
  return loaded;
}

export function openDatabase(
  path: string,
  options: { readonly readOnly?: boolean } = {},
): Database {
  const Constructor = databaseConstructor();
  return new Constructor(path, { readOnly: options.readOnly ?? false });
}
