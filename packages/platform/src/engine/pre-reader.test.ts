import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createReader, createWarmer, openStore } from '../storage/index.js';
import { handlesOf, ReadPace } from './pre-reader.js';
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
