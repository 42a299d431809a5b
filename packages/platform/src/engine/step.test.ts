import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject, Stream } from '@headrace/sdk';
import { compilePersonal } from '@headrace/sdk';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { decodeHeader, openKeyRing } from '../audit/index.js';
import { systemRandom } from '../ports/index.js';
import { createReader, type OpenedStore, openStore } from '../storage/index.js';
import type { Arrival, StreamRuntime } from './arrival.js';
import { dumpFolds } from './dump.js';
import type { Fold } from './fold.js';
import { tablesOf } from './fold-runner.js';
import { Planner, type PlannerOptions } from './planner.js';
import type { Normalizer } from './record-fold.js';
import { createInThreadWriter } from './writer.js';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'headrace-step-'));
  folders.push(folder);
  return folder;
}

const text = (value: unknown) => (typeof value === 'string' ? value : null);

function stream(personal: readonly string[]): StreamRuntime {
  const spec: Stream<unknown> = {
    name: 'thing',
    description: 'A thing.',
    entities: [],
    feed: 'poll',
    everyMs: 1000,
    key: (record) => text(record['id']),
    version: (record) => text(record['version']),
    eventAt: (record) => text(record['at']),
    map: () => [],
    read: () => Promise.reject(new Error('not read here')),
    ...(personal.length === 0
      ? {}
      : { personal: { subject: (record) => text(record['person']), paths: personal } }),
  };
  return {
    source: 'shop',
    stream: 'thing',
    spec: spec as Stream<never>,
    personal: personal.length === 0 ? null : compilePersonal(personal),
  };
}

const normalizer: Normalizer = {
  orderOf: () => 'text',
  anchorOf: (entity, key) => `${entity}/${key}`,
  normalize: (header, body) => ({
    rows: [
      {
        entity: 'variant',
        key: header.key,
        type: 'thing',
        externalId: header.key,
        fields: { value: body['value'] ?? null },
      },
    ],
  }),
};

/** A late fold: how often each value was taken up and let go, to prove that later folds fold. */
const tally: Fold = {
  name: 'tally',
  version: 1,
  tables: [{ name: 'tally', kind: 'keyed' }],
  declareKeys(input, need) {
    for (const row of input.change?.before ?? []) need('tally', String(row.fields['value']));
    for (const row of input.change?.after ?? []) need('tally', String(row.fields['value']));
  },
  plan(input, state) {
    const add = (value: string, count: number) => {
      const old = Number(state.get('tally', value)?.['count'] ?? 0);
      state.set('tally', value, { count: old + count });
    };
    for (const row of input.change?.before ?? []) add(String(row.fields['value']), -1);
    for (const row of input.change?.after ?? []) add(String(row.fields['value']), 1);
  },
};

function record(
  runtime: StreamRuntime,
  readSeq: number,
  body: JsonObject,
  snapshot = false,
): Arrival {
  return {
    kind: 'record',
    stream: runtime,
    bytes: Buffer.from(JSON.stringify(body)),
    depth: 1,
    readSeq,
    snapshot,
    times: { noticedAt: null, readAt: 1, receivedAt: 2 },
  };
}

function open(folder: string, slices: Pick<PlannerOptions, 'pause' | 'sliceMs' | 'slotsMax'> = {}) {
  const tables = tablesOf([tally]);
  const store: OpenedStore = openStore(folder, { tables, volatile: true });
  const random = systemRandom();
  const ring = openKeyRing(store, Buffer.alloc(32, 7), random);
  const reader = createReader(store, tables);
  let now = 1000;
  const clock = { now: () => (now += 1), monotonicMs: () => 0 };
  const planner = new Planner({
    ...{ reader, ring, clock, random, folds: [tally], normalizer },
    ...slices,
  });
  const writer = createInThreadWriter(store, { tables, now: () => now });
  const step = async (arrivals: readonly Arrival[]) => {
    const plan = await planner.plan(arrivals);
    await writer.commit(plan);
    planner.durable(plan.number);
  };
  return { store, reader, ring, planner, writer, step, tables };
}

describe('step', () => {
  it('journals what changes, drops what repeats, and gives late folds the difference', async () => {
    const { step, reader, planner } = open(emptyFolder());
    const runtime = stream([]);
    await step([
      record(runtime, 1, { id: 'a', version: '1', value: 5 }),
      record(runtime, 2, { id: 'a', version: '1', value: 5 }),
      record(runtime, 3, { id: 'b', version: '1', value: 5 }),
    ]);
    await step([
      record(runtime, 4, { id: 'a', version: '2', value: 4 }),
      record(runtime, 5, { id: 'a', version: '1', value: 9 }),
    ]);
    expect(planner.counts).toMatchObject({ journaled: 3, duplicate: 1, stale: 1 });
    expect(reader.journalEnd()).toBe(3);
    expect(JSON.parse(reader.row('tally', '5')?.value as string)).toEqual({ count: 1 });
    expect(JSON.parse(reader.row('tally', '4')?.value as string)).toEqual({ count: 1 });
  });

  it('quarantines what cannot be read and goes on', async () => {
    const { step, reader } = open(emptyFolder());
    const runtime = stream([]);
    const broken = (bytes: Uint8Array, depth = 1): Arrival => ({
      ...(record(runtime, 1, {}) as Arrival & { kind: 'record' }),
      bytes,
      depth,
    });
    await step([
      broken(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])),
      broken(Buffer.from('{"id":"x","price":NaN}')),
      broken(Buffer.from('{"id":null}')),
      broken(Buffer.from('{"id":"y","price":[1e999]}')),
      broken(Buffer.from('{"id":"12e345","version":"1","value":1}')),
      broken(Buffer.from('{"id":"deep"}'), 10_000),
      record(runtime, 2, { id: 'fine', version: '1', value: 1 }),
    ]);
    const groups = [...reader.indexAll('quarantine')].map((row) => row.key).sort();
    expect(groups).toEqual(
      [
        'E_RECORD_JSON',
        'E_RECORD_KEY',
        'E_RECORD_NUMBER',
        'E_RECORD_TOO_DEEP',
        'E_RECORD_UTF8',
      ].map((code) => `shop/thing/${code}`),
    );
    expect(reader.row('record', 'shop/thing/12e345')).toBeDefined();
    expect(reader.row('record', 'shop/thing/fine')).toBeDefined();
  });

  it('ends alike for every order, doubling and grouping of arrivals', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(
          fc.record({
            readSeq: fc.integer({ min: 1, max: 60 }),
            id: fc.constantFrom('a', 'b', 'c'),
            version: fc.constantFrom('1', '2', '3'),
            versioned: fc.boolean(),
            value: fc.integer({ min: 4, max: 6 }),
            kind: fc.constantFrom('row', 'row', 'row', 'absent'),
          }),
          { selector: (read) => read.readSeq, minLength: 2, maxLength: 10 },
        ),
        fc.infiniteStream(fc.nat()),
        fc.integer({ min: 1, max: 4 }),
        async (reads, chance, size) => {
          const runtime = stream([]);
          const arrivals = reads.map((read): Arrival => {
            const key = `${read.id}${read.versioned ? 'v' : 'u'}`;
            return read.kind === 'absent'
              ? {
                  kind: 'absence',
                  stream: runtime,
                  key,
                  readSeq: read.readSeq,
                  times: { noticedAt: null, readAt: 1, receivedAt: 2 },
                }
              : record(runtime, read.readSeq, {
                  id: key,
                  ...(read.versioned ? { version: read.version } : {}),
                  value: read.value,
                });
          });
          const outcomes = [];
          for (let order = 0; order < 2; order += 1) {
            const list = [...arrivals, ...arrivals.slice(0, order * 3)];
            if (order > 0) {
              for (let at = list.length - 1; at > 0; at -= 1) {
                const other = (chance.next().value as number) % (at + 1);
                [list[at], list[other]] = [list[other] as Arrival, list[at] as Arrival];
              }
            }
            const { step, store, tables } = open(emptyFolder());
            for (let at = 0; at < list.length; at += size) await step(list.slice(at, at + size));
            outcomes.push(visible(store, tables));
            store.close();
          }
          expect(outcomes[1]).toEqual(outcomes[0]);
        },
      ),
      { numRuns: process.env['CI'] === 'true' ? 60 : 25 },
    );
  });

  it('ends alike when an earlier batch becomes durable in the middle of planning', async () => {
    const records = fc.array(
      fc.record({ id: fc.nat(11), value: fc.nat(9) }),
      // Enough for several slices of every part.
      { minLength: 24, maxLength: 48 },
    );
    await fc.assert(
      fc.asyncProperty(fc.tuple(records, records), fc.nat(24), async (batches, commitAt) => {
        const runtime = stream([]);
        const lists = batches.map((list, batch) =>
          list.map(({ id, value }, index) =>
            record(runtime, batch * 100 + index + 1, { id: String(id), value }),
          ),
        );
        const whole = open(emptyFolder());
        for (const list of lists) await whole.step(list);

        let pauses = 0;
        let begun: Parameters<typeof whole.writer.commit>[0] | null = null;
        const commit = async () => {
          if (begun === null) return;
          const plan = begun;
          begun = null;
          await sliced.writer.commit(plan);
          sliced.planner.durable(plan.number);
        };
        const sliced = open(emptyFolder(), {
          ...{ sliceMs: 0, slotsMax: 1 },
          pause: async () => {
            pauses += 1;
            if (pauses > commitAt) await commit();
          },
        });
        const [first, second] = lists as [Arrival[], Arrival[]];
        const plan = await sliced.planner.plan(first);
        pauses = 0;
        begun = plan;
        const next = await sliced.planner.plan(second);
        expect(pauses).toBeGreaterThan(3);
        await commit();
        begun = next;
        await commit();
        expect(visible(sliced.store, sliced.tables)).toEqual(visible(whole.store, whole.tables));
        for (const { store } of [whole, sliced]) store.close();
      }),
      { numRuns: 30 },
    );
  });
});

describe('the person of a record', () => {
  it('is told apart from a handle that stands for the record alone', async () => {
    const named = stream(['name']);
    const { step, store, tables } = open(emptyFolder());
    await step([
      record(named, 1, { id: 'a', person: 'p', name: 'x' }),
      record(named, 2, { id: 'b', name: 'y' }),
    ]);
    const rows = createReader(store, tables).journalRange(0, 2);
    store.close();
    const headers = rows.map(({ header }) => decodeHeader(header));
    expect(headers.map(({ unnamed }) => unnamed)).toEqual([false, true]);
    // Both are sealed under a key of their own.
    expect(headers.map(({ subject }) => subject?.length)).toEqual([16, 16]);
  });
});

/** Canonical rows and the late fold's counts; offsets differ with the order and are left out. */
function visible(store: OpenedStore, tables: ReturnType<typeof tablesOf>) {
  const rows: Record<string, unknown> = {};
  for (const line of dumpFolds(createReader(store, tables), tables)) {
    if (line.table === 'record') {
      const state = JSON.parse(line.value) as { gone: number; seen: number; rows: unknown };
      if (state.gone <= state.seen) rows[line.key] = state.rows;
    }
    if (line.table === 'tally') {
      const { count } = JSON.parse(line.value) as { count: number };
      if (count !== 0) rows[`tally ${line.key}`] = count;
    }
  }
  return rows;
}
