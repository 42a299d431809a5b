/** The baseline: the same bodies into one table, batch by batch, durable, and nothing else. */
import { rmSync } from 'node:fs';
import { splitPage } from '@headrace/sdk';
import { openDatabase } from '../../../packages/platform/dist/storage/index.js';
import { openPages, pageSize } from './page-file.js';

export interface BareResult {
  readonly perSecond: number;
  readonly cpuMicros: number;
}

/** Splitting and reading are not counted; inserts, commits and their checkpoints are. */
export function bareInsert(pagesPath: string, databasePath: string, forMs: number): BareResult {
  for (const end of ['', '-wal', '-shm']) rmSync(databasePath + end, { force: true });
  const database = openDatabase(databasePath);
  database.exec(
    'PRAGMA page_size=8192; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;' +
      'PRAGMA wal_autocheckpoint=8192; PRAGMA cache_size=-32768;' +
      'CREATE TABLE body (id INTEGER PRIMARY KEY, body BLOB NOT NULL)',
  );
  const insert = database.prepare('INSERT INTO body (body) VALUES (?)');
  const pages = openPages(pagesPath);
  let records = 0;
  let wallMs = 0;
  let cpuMicros = 0;
  while (wallMs < forMs) {
    const page = pages.next();
    if (page === null) break;
    const slices = splitPage(page.body, ['data']).records;
    const cpu = process.cpuUsage();
    const begun = performance.now();
    database.exec('BEGIN IMMEDIATE');
    for (const { bytes } of slices) insert.run(bytes);
    database.exec('COMMIT');
    wallMs += performance.now() - begun;
    const used = process.cpuUsage(cpu);
    cpuMicros += used.user + used.system;
    records += pageSize;
  }
  pages.close();
  database.close();
  for (const end of ['', '-wal', '-shm']) rmSync(databasePath + end, { force: true });
  return { perSecond: (records / wallMs) * 1000, cpuMicros: cpuMicros / records };
}
