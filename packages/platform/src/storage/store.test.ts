import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { backupStore } from './backup.js';
import { openDatabase } from './driver.js';
import { lockStore, openStore, storeFormat, storePaths } from './store.js';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});
const emptyFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), 'headrace-store-'));
  folders.push(folder);
  return folder;
};
const tables = [{ name: 'thing', kind: 'keyed' }] as const;

describe('openStore', () => {
  it('refuses a newer format with words, and touches nothing', () => {
    const folder = emptyFolder();
    openStore(folder, { tables }).close();
    const { main } = storePaths(folder);
    const database = openDatabase(main);
    database.exec(`PRAGMA user_version=${storeFormat + 1}`);
    database.close();
    expect(() => openStore(folder, { tables })).toThrow(/has format 3; this version .* up to 2/);
    expect(() => openStore(folder, { tables, readOnly: true })).toThrow(/format/);
  });

  it('says where it looked when there is no store to read', () => {
    const folder = emptyFolder();
    expect(() => openStore(folder, { tables, readOnly: true })).toThrow(`no store in ${folder}`);
  });

  it('commits durably: WAL, synchronous FULL, zeroed deletes', () => {
    const store = openStore(emptyFolder(), { tables });
    const pragma = (name: string) =>
      Object.values(store.main.prepare(`PRAGMA ${name}`).get() ?? {})[0];
    expect([pragma('journal_mode'), pragma('synchronous'), pragma('secure_delete')]).toEqual([
      'wal',
      2,
      1,
    ]);
    store.close();
  });
});

describe('closing', () => {
  it('leaves no log behind, though a reader closes after the writer', () => {
    const folder = emptyFolder();
    const store = openStore(folder, { tables });
    const reader = openStore(folder, { tables, readOnly: true });
    store.main.exec("INSERT INTO fold_thing (key, value) VALUES ('a', zeroblob(100000))");
    const log = `${storePaths(folder).main}-wal`;
    expect(statSync(log).size).toBeGreaterThan(100_000);
    expect(reader.main.prepare('SELECT key FROM fold_thing').all()).toEqual([{ key: 'a' }]);
    store.close();
    reader.close();
    expect(existsSync(log) ? statSync(log).size : 0).toBe(0);
    const again = openStore(folder, { tables, readOnly: true });
    expect(again.main.prepare('SELECT key FROM fold_thing').all()).toEqual([{ key: 'a' }]);
    again.close();
  });
});

describe('lockStore', () => {
  it('gives a data directory to one process at a time', () => {
    const folder = emptyFolder();
    const lock = lockStore(folder);
    expect(() => lockStore(folder)).toThrow(/is in use/);
    lock.release();
    lockStore(folder).release();
  });
});

describe('backupStore', () => {
  it('copies while the store is written, and never the master key', () => {
    const folder = emptyFolder();
    const store = openStore(folder, { tables });
    store.main.exec("INSERT INTO fold_thing (key, value) VALUES ('a', x'01')");
    store.main.exec("BEGIN; INSERT INTO fold_thing (key, value) VALUES ('b', x'02')");
    const target = join(emptyFolder(), 'copy');
    backupStore(folder, target);
    store.main.exec('COMMIT');
    store.close();
    const copy = openStore(target, { tables, readOnly: true });
    expect(copy.main.prepare('SELECT key FROM fold_thing').all()).toEqual([{ key: 'a' }]);
    copy.close();
    expect(() => backupStore(folder, target)).toThrow(/not empty/);
  });
});
