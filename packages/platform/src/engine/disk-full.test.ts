/**
 * Commits that fail for a while, at any statement of the driver: nothing is acknowledged meanwhile,
 * reads go on, and afterwards everything is there once, in order, without repair (I12).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compilePersonal, type Logger, type Stream } from '@headrace/sdk';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { decodeHeader, openKeyRing } from '../audit/index.js';
import { systemRandom } from '../ports/index.js';
import {
  createReader,
  type Database,
  type OpenedStore,
  openStore,
  type Statement,
} from '../storage/index.js';
import type { Arrival, StreamRuntime } from './arrival.js';
import type { FoldInput } from './fold.js';
import { tablesOf } from './fold-runner.js';
import { Planner } from './planner.js';
import type { Normalizer } from './record-fold.js';
import { verifyReplay } from './replay.js';
import { StepLoop } from './step-loop.js';
import { createInThreadWriter } from './writer.js';

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };
const text = (value: unknown) => (typeof value === 'string' ? value : null);
const spec: Stream<unknown> = {
  name: 'thing',
  description: 'A thing.',
  entities: [],
  feed: 'poll',
  everyMs: 1000,
  key: (record) => text(record['id']),
  version: () => null,
  eventAt: () => null,
  personal: { subject: (record) => text(record['id']), paths: ['name'] },
  map: () => [],
  read: () => Promise.reject(new Error('not read here')),
};
const runtime: StreamRuntime = {
  source: 'shop',
  stream: 'thing',
  spec: spec as Stream<never>,
  personal: compilePersonal(['name']),
};
const normalizer: Normalizer = {
  orderOf: () => 'text',
  anchorOf: (entity, key) => `${entity}/${key}`,
  normalize: (header, body) => ({
    rows: [
      {
        ...{ entity: 'variant', key: header.key, type: 'thing' },
        externalId: header.key,
        fields: { value: body['value'] ?? null },
      },
    ],
  }),
};

/** A disk that fails when told: `fails` is asked at each write, with the statement. */
function failingStore(store: OpenedStore, fails: (sql: string) => boolean): OpenedStore {
  const full = () => new Error('database or disk is full');
  const around = (database: Database): Database => ({
    close: () => database.close(),
    exec(sql) {
      if (sql !== 'ROLLBACK' && fails(sql)) throw full();
      database.exec(sql);
    },
    prepare(sql): Statement {
      const statement = database.prepare(sql);
      return {
        run(...values) {
          if (fails(sql)) throw full();
          return statement.run(...values);
        },
        get: (...values) => statement.get(...values),
        all: (...values) => statement.all(...values),
        iterate: (...values) => statement.iterate(...values),
      };
    },
  });
  return { ...store, main: around(store.main), keys: around(store.keys) };
}

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function open(fails: (sql: string) => boolean, wait: (ms: number) => Promise<void>) {
  const folder = mkdtempSync(join(tmpdir(), 'headrace-full-'));
  folders.push(folder);
  const tables = tablesOf([]);
  const store = openStore(folder, { tables, volatile: true });
  const random = systemRandom();
  const ring = openKeyRing(store, Buffer.alloc(32, 7), random);
  const reader = createReader(store, tables);
  let now = 1000;
  const clock = { now: () => (now += 1), monotonicMs: () => 0 };
  const planner = new Planner({ reader, ring, clock, random, folds: [], normalizer });
  const writer = createInThreadWriter(failingStore(store, fails), { tables, now: () => now });
  const troubles: (string | null)[] = [];
  const durable: FoldInput[] = [];
  const loop = new StepLoop({
    ...{ planner, writer, log: silent, wait, groupMax: 3, overlapMin: 1 },
    trouble: (error) => troubles.push(error?.message ?? null),
    durable: (inputs) => durable.push(...inputs),
  });
  return { folder, store, reader, planner, loop, troubles, durable };
}

function record(readSeq: number, id: string, value: number): Arrival {
  const bytes = Buffer.from(JSON.stringify({ id, value, name: `Ada ${id}` }));
  const times = { noticedAt: null, readAt: 1, receivedAt: 2 };
  return { kind: 'record', stream: runtime, bytes, depth: 1, readSeq, snapshot: false, times };
}

const cursorTo = (value: number): Arrival => ({
  kind: 'effects',
  apply: (encoder) => encoder.meta('cursor', Buffer.from(String(value))),
});

describe('a full disk', () => {
  it('refuses acknowledgements, keeps reads, and recovers with nothing lost or doubled', async () => {
    let isFull = false;
    const waits: (() => void)[] = [];
    const { store, reader, loop, troubles, folder } = open(
      (sql) => isFull && sql === 'COMMIT',
      () => new Promise((resolve) => waits.push(resolve)),
    );
    await loop.submit([record(1, 'a', 1)]);
    isFull = true;
    const acknowledged: number[] = [];
    const submits = [2, 3, 4].map((readSeq) =>
      loop.submit([record(readSeq, 'a', readSeq)]).then(() => acknowledged.push(readSeq)),
    );
    for (let attempt = 0; attempt < 5; attempt += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      for (const resume of waits.splice(0)) resume();
    }
    expect(acknowledged).toEqual([]);
    expect(troubles.at(-1)).toContain('full');
    expect(
      JSON.parse(reader.row('record', 'shop/thing/a')?.value as string).rows[0].fields,
    ).toEqual({ value: 1 });
    isFull = false;
    for (let attempt = 0; attempt < 20 && acknowledged.length < 3; attempt += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      for (const resume of waits.splice(0)) resume();
    }
    await Promise.all(submits);
    expect(acknowledged).toEqual([2, 3, 4]);
    expect(troubles.at(-1)).toBeNull();
    expect(reader.journalEnd()).toBe(4);
    await loop.close();
    expect(verifyReplay({ folder, folds: [], normalizer })).toMatchObject({ mismatches: 0 });
    store.close();
  });

  it('fails at any statement, and every entry is there once, sealed with a key that exists', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.nat(3)), {
          minLength: 3,
          maxLength: 14,
        }),
        fc.array(fc.nat(60), { maxLength: 8 }),
        async (steps, failures) => {
          let writes = 0;
          const failing = new Set(failures);
          const { store, reader, loop, planner, durable, folder } = open(
            () => failing.has(writes++),
            async () => undefined,
          );
          let count = 0;
          await Promise.all(
            steps.map(([id, value], index) => {
              count += 1;
              const number = count;
              const cursor: Arrival = {
                kind: 'effects',
                apply(encoder) {
                  // Planned no earlier than the records it follows.
                  expect(planner.nextOffset).toBeGreaterThan(0);
                  encoder.meta('cursor', Buffer.from(String(number)));
                },
              };
              return loop.submit([record(index + 1, id, value), cursor]);
            }),
          );
          await loop.close();
          expect(Buffer.from(reader.meta('cursor') as Uint8Array).toString()).toBe(String(count));
          // Told once of each durable entry, in order.
          expect(durable.map(({ header }) => header.offset)).toEqual(
            Array.from({ length: reader.journalEnd() }, (_, offset) => offset),
          );
          // What each key went through, repetitions left out, is what was journaled of it.
          for (const id of ['a', 'b', 'c', 'd']) {
            const values = steps.filter(([key]) => key === id).map(([, value]) => value);
            const wanted = values.filter((value, index) => value !== values[index - 1]);
            const journaled = reader.journalRange(0, 100).flatMap((row) => {
              const header = decodeHeader(row.header);
              expect(reader.subjectKey(header.subject as Uint8Array)).toBeDefined();
              if (header.key !== id) return [];
              return [JSON.parse(Buffer.from(row.body).toString()).value as number];
            });
            expect(journaled).toEqual(wanted);
          }
          const replay = verifyReplay({ folder, folds: [], normalizer });
          expect(replay).toMatchObject({ mismatches: 0, firstMismatch: null });
          store.close();
        },
      ),
      { numRuns: process.env['CI'] === 'true' ? 60 : 20 },
    );
  });

  it('never lets a cursor overtake the records before it', async () => {
    let writes = 0;
    const { store, reader, loop } = open(
      (sql) => sql.startsWith('INSERT INTO journal') && ++writes % 3 === 1,
      async () => undefined,
    );
    const cursor = () => Number(Buffer.from(reader.meta('cursor') ?? '0').toString());
    const submits: Promise<void>[] = [];
    for (let index = 1; index <= 12; index += 1) {
      submits.push(loop.submit([record(index, `k${index}`, index)]));
      submits.push(
        loop.submit([cursorTo(index)]).then(() => {
          expect(reader.journalEnd()).toBeGreaterThanOrEqual(cursor());
        }),
      );
    }
    for (let turn = 0; turn < 200; turn += 1) {
      expect(reader.journalEnd()).toBeGreaterThanOrEqual(cursor());
      await Promise.resolve();
    }
    await Promise.all(submits);
    expect([reader.journalEnd(), cursor()]).toEqual([12, 12]);
    await loop.close();
    store.close();
  });
});
