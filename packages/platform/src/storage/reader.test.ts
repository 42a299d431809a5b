import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createReader } from './reader.js';
import { openStore } from './store.js';

const tables = [{ name: 'thing', kind: 'keyed' }] as const;
const bytes = (text: string) => Buffer.from(text);

it('pages through the keys of a prefix in the order of their bytes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'headrace-reader-'));
  const store = openStore(folder, { tables });
  const reader = createReader(store, tables);
  const insert = store.main.prepare('INSERT INTO fold_thing (key, value) VALUES (?, zeroblob(0))');
  const word = fc.string({ unit: fc.constantFrom('a', 'b', '/', 'é', '\u{1F600}'), maxLength: 4 });
  try {
    fc.assert(
      fc.property(fc.uniqueArray(word), word, word, fc.nat(5), (keys, prefix, after, limit) => {
        store.main.exec('DELETE FROM fold_thing');
        for (const key of keys) insert.run(key);
        const expected = keys
          .filter((key) => key.startsWith(prefix))
          .filter((key) => after === '' || Buffer.compare(bytes(key), bytes(after)) > 0)
          .sort((left, right) => Buffer.compare(bytes(left), bytes(right)))
          .slice(0, limit);
        const keysOf = (rows: readonly { readonly key: string }[]) => rows.map(({ key }) => key);
        expect(keysOf(reader.keysRange('thing', prefix, after, limit))).toEqual(expected);
        expect(keysOf(reader.range('thing', prefix, after, limit))).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  } finally {
    store.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

it('gives entries by their offsets in the order asked for, without those that are not there', () => {
  const folder = mkdtempSync(join(tmpdir(), 'headrace-reader-'));
  const store = openStore(folder, { tables });
  const reader = createReader(store, tables);
  try {
    const insert = store.main.prepare(
      'INSERT INTO journal (offset, header, body, leaf) VALUES (?, ?, ?, ?)',
    );
    for (let at = 0; at < 50; at += 1) {
      insert.run(at, bytes(`header ${at}`), bytes(`body ${at}`), bytes(`leaf ${at}`));
    }
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(80)), (offsets) => {
        const there = offsets.filter((offset) => offset < 50);
        expect(reader.journalAt(offsets)).toEqual(there.map((offset) => reader.journal(offset)));
        const headers = reader
          .headersAt(offsets)
          .map(({ header }) => Buffer.from(header).toString());
        expect(headers).toEqual(there.map((offset) => `header ${offset}`));
      }),
    );
  } finally {
    store.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
