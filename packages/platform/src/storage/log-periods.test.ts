import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { BatchEncoder } from './batch.js';
import { openDatabase } from './driver.js';
import { createReader, type LogRow } from './reader.js';
import { type LogSpec, openStore, periodMs, storePaths, type TableSpec } from './store.js';
import { createBatchWriter } from './writer.js';

const isLong = process.env['CI'] === 'true';

const log: LogSpec = { name: 'line', kind: 'log', of: 'thing', integers: ['extra'] };
const tables: readonly TableSpec[] = [{ name: 'thing', kind: 'keyed' }, log];

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});
const emptyFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), 'headrace-log-'));
  folders.push(folder);
  return folder;
};

interface Line {
  readonly owner: number;
  readonly at: number;
  readonly seq: number;
  readonly place: number;
}

// Edges of periods, times before the epoch, and the far ends reads may ask for.
const time = fc.oneof(
  fc
    .integer({ min: -3, max: 60 })
    .chain((period) => fc.integer({ min: -1, max: 1 }).map((by) => period * periodMs + by)),
  fc.integer({ min: -40 * 86_400_000, max: 900 * 86_400_000 }),
);
const owner = fc.integer({ min: 1, max: 3 });
const lines = fc.uniqueArray(
  fc.record({ owner, at: time, seq: fc.integer({ min: 0, max: 20 }), place: fc.nat(1) }),
  { selector: (line) => JSON.stringify(line), maxLength: 60 },
);
const question = fc.record({
  owner,
  from: fc.oneof(time, fc.constant(Number.MIN_SAFE_INTEGER)),
  to: fc.oneof(time, fc.constant(Number.MAX_SAFE_INTEGER)),
  limit: fc.integer({ min: 1, max: 9 }),
  seq: fc.nat(21),
});

function open(folder: string) {
  const store = openStore(folder, { tables, volatile: true });
  const writer = createBatchWriter(store, tables, {
    leaf: () => new Uint8Array(),
    ...{ beforeCommit: () => [], committed: () => undefined, rolledBack: () => undefined },
  });
  let batch = 0;
  return {
    store,
    reader: createReader(store, tables),
    commit(fill: (encoder: BatchEncoder) => void) {
      const encoder = new BatchEncoder();
      fill(encoder);
      batch += 1;
      const main = encoder.finish();
      writer.commit({ number: batch, after: batch - 1, main, keys: null, plannedAt: 0 }, 0);
    },
  };
}

const byDate = (a: Line, b: Line) => a.at - b.at || a.seq - b.seq || a.place - b.place;
const plain = (rows: readonly LogRow[], of: number): Line[] =>
  rows.map((row) => {
    expect([row['extra'], row.value]).toEqual([(row['at'] ?? 0) + 1, `${row['seq']}`]);
    return { owner: of, at: row['at'] ?? 0, seq: row['seq'] ?? 0, place: row['place'] ?? 0 };
  });

function fill(encoder: BatchEncoder, all: readonly Line[]): void {
  for (const { owner: of, at, seq, place } of all) {
    encoder.line(1, of, { at, seq, place, integers: [at + 1], value: `${seq}` });
  }
}

describe('a log that lies by period', () => {
  it('answers as a sorted list does, also after its old ends were pruned', () => {
    fc.assert(
      fc.property(
        lines,
        fc.array(fc.record({ owner, at: time }), { maxLength: 3 }),
        fc.array(question, { minLength: 1, maxLength: 8 }),
        (all, prunes, questions) => {
          const { store, reader, commit } = open(emptyFolder());
          try {
            commit((encoder) => {
              for (const id of [1, 2, 3]) encoder.insert(0, id, `key ${4 - id}`, '{}');
              fill(encoder, all);
            });
            commit((encoder) => {
              for (const prune of prunes) encoder.prune(1, prune.owner, prune.at);
            });
            const left = all
              .filter((line) => !prunes.some((one) => one.owner === line.owner && line.at < one.at))
              .sort(byDate);
            // Of several owners at once, in the order they are listed in.
            for (const { from, to } of questions) {
              const owners = [3, 1, 2];
              const texts = [...reader.logText('line', { owners, from, to })];
              const rows = texts.flatMap((text) =>
                Buffer.from(text).toString().trimEnd().split('\n'),
              );
              expect(rows).toEqual(
                left
                  .filter(({ at }) => at >= from && at < to)
                  .sort(
                    (a, b) =>
                      Math.floor(a.at / periodMs) - Math.floor(b.at / periodMs) ||
                      owners.indexOf(a.owner) - owners.indexOf(b.owner) ||
                      byDate(a, b),
                  )
                  .map(({ owner: of, at, seq, place }) => [of, at, seq, place, at + 1, seq].join()),
              );
            }
            for (const { owner: of, from, to, limit, seq } of questions) {
              const own = left.filter((line) => line.owner === of);
              expect(plain(reader.logRange('line', of, from, to), of)).toEqual(
                own.filter(({ at }) => at >= from && at < to),
              );
              expect(plain(reader.logBefore('line', of, to, limit), of)).toEqual(
                own
                  .filter(({ at }) => at < to)
                  .reverse()
                  .slice(0, limit),
              );
              const last = own.filter((line) => line.at <= to && line.seq < seq).at(-1);
              const found = reader.logLast('line', of, to, seq);
              expect([found?.['at'], found?.['seq']]).toEqual([last?.at, last?.seq]);
            }
            const whole = [...reader.logAll('line')].map(({ key, at, seq, place }) => {
              return { owner: 4 - Number(key.slice(4)), at, seq, place };
            });
            const byKey = [3, 2, 1].flatMap((of) => left.filter((line) => line.owner === of));
            expect(whole).toEqual(byKey);
          } finally {
            store.close();
          }
        },
      ),
      { numRuns: isLong ? 150 : 40 },
    );
  });

  it('is made of a log of format 1, whose lines it keeps', () => {
    fc.assert(
      fc.property(lines, fc.boolean(), (all, isRenamed) => {
        const folder = emptyFolder();
        openStore(folder, { tables, volatile: true }).close();
        const database = openDatabase(storePaths(folder).main);
        const name = isRenamed ? 'whole_line' : 'fold_line';
        database.exec(`DROP TABLE fold_line; CREATE TABLE ${name} (
          owner INTEGER NOT NULL, at INTEGER NOT NULL, seq INTEGER NOT NULL,
          place INTEGER NOT NULL, extra INTEGER NOT NULL, value TEXT NOT NULL,
          PRIMARY KEY (owner, at, seq, place)) WITHOUT ROWID; PRAGMA user_version=1`);
        const insert = database.prepare(`INSERT INTO ${name} VALUES (?, ?, ?, ?, ?, ?)`);
        for (const { owner: of, at, seq, place } of all) {
          insert.run(of, at, seq, place, at + 1, `${seq}`);
        }
        database.close();
        expect(() => openStore(folder, { tables, readOnly: true })).toThrow(/older format 1/);
        const { store, reader } = open(folder);
        try {
          for (const of of [1, 2, 3]) {
            const rows = reader.logRange(
              'line',
              of,
              Number.MIN_SAFE_INTEGER,
              Number.MAX_SAFE_INTEGER,
            );
            expect(plain(rows, of)).toEqual(all.filter((line) => line.owner === of).sort(byDate));
          }
        } finally {
          store.close();
        }
      }),
      { numRuns: isLong ? 25 : 8 },
    );
  });
});
