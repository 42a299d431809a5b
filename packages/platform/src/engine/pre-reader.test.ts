import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createReader, createWarmer, openStore } from '../storage/index.js';
import { handlesOf, OwnReads, ReadPace } from './pre-reader.js';
import { recordTable } from './record-fold.js';

const folder = mkdtempSync(join(tmpdir(), 'headrace-pre-reader-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function worthwhile(pace: ReadPace, groups: number): number {
  let count = 0;
  for (let group = 0; group < groups; group += 1) if (pace.isWorthwhile()) count += 1;
  return count;
}

describe('pace', () => {
  it('reads every group ahead until rows are known to come from memory', () => {
    const pace = new ReadPace();
    expect(worthwhile(pace, 16)).toBe(16);
    pace.note(500, 5);
    expect(worthwhile(pace, 16)).toBe(2);
  });

  it('believes one slow group at once, and fast ones after some', () => {
    const pace = new ReadPace();
    pace.note(500, 5);
    pace.note(100, 20);
    expect(worthwhile(pace, 16)).toBe(16);
    pace.note(500, 5);
    expect(worthwhile(pace, 16)).toBe(16);
    for (let group = 0; group < 8; group += 1) pace.note(500, 5);
    expect(worthwhile(pace, 16)).toBe(2);
  });

  it('learns nothing from a group without rows', () => {
    const pace = new ReadPace();
    pace.note(0, 0);
    expect(worthwhile(pace, 16)).toBe(16);
  });
});

describe('reads of the planner itself', () => {
  it('are slow only when many rows were, and not because of one pause', () => {
    const own = new OwnReads();
    for (let rows = 0; rows < 2000; rows += 100) own.note(100, 15);
    expect(own.isSlow).toBe(false);
    for (let rows = 0; rows < 2200; rows += 100) own.note(100, 15);
    expect(own.isSlow).toBe(true);

    const busy = new OwnReads();
    busy.note(100, 60);
    for (let rows = 0; rows < 20_000; rows += 100) busy.note(100, 1);
    expect(busy.isSlow).toBe(false);
  });

  it('are judged where many rows are read at once', () => {
    const own = new OwnReads();
    for (let rows = 0; rows < 20_000; rows += 2) own.note(2, 1);
    expect(own.isSlow).toBe(false);
  });

  it('are fast again when the system holds the rows', () => {
    const own = new OwnReads();
    own.note(5000, 500);
    expect(own.isSlow).toBe(true);
    own.note(5000, 50);
    expect(own.isSlow).toBe(false);
  });
});

describe('warming', () => {
  it('goes over present and absent rows, long ones too, and changes nothing', () => {
    const tables = [recordTable];
    const store = openStore(folder, { tables, volatile: true });
    const insert = store.main.prepare('INSERT INTO fold_record (key, value) VALUES (?, ?)');
    const keys = Array.from({ length: 100 }, (_, at) => `shop/order/${at}`);
    for (const [at, key] of keys.entries()) insert.run(key, Buffer.alloc(at * 400, 'x'));
    const reader = createReader(store, tables);
    const before = [...reader.tableAll('record')];
    const readOnly = openStore(folder, { tables, readOnly: true });
    const warmer = createWarmer(readOnly, recordTable.name);
    warmer.rows([...keys, 'shop/order/none']);
    warmer.subjectKeys([Buffer.alloc(16, 1)]);
    expect([...reader.tableAll('record')]).toEqual(before);
    readOnly.close();
    store.close();
  });

  it('gives handles back as they were sent', () => {
    const handles = [Buffer.alloc(16, 1), Buffer.alloc(16, 2)];
    const sent = Uint8Array.from(Buffer.concat(handles));
    expect([...handlesOf(sent)].map((one) => Buffer.from(one))).toEqual(handles);
    expect([...handlesOf(new Uint8Array())]).toEqual([]);
  });
});
