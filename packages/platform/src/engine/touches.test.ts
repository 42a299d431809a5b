/** Records that change with another are read again, where they are read at all. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject, Stream } from '@headrace/sdk';
import { afterEach, describe, expect, it } from 'vitest';
import { openKeyRing } from '../audit/index.js';
import { systemRandom } from '../ports/index.js';
import { createReader, openStore } from '../storage/index.js';
import type { Arrival, StreamRuntime } from './arrival.js';
import { tablesOf } from './fold-runner.js';
import { Planner } from './planner.js';
import { createInThreadWriter } from './writer.js';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const readAt = Date.parse('2026-03-01T12:00:00Z');

const posting: StreamRuntime = {
  ...{ source: 'erp', stream: 'posting', personal: null },
  spec: {
    name: 'posting',
    key: (record: JsonObject) => String(record['id']),
    version: (record: JsonObject) => (record['at'] as string | undefined) ?? null,
    eventAt: (record: JsonObject) => (record['at'] as string | undefined) ?? null,
    touches: (record: JsonObject) => [
      { stream: 'stock', key: String(record['material']) },
      { stream: 'cost', key: String(record['material']) },
    ],
    map: () => [],
  } as unknown as Stream<never>,
};

/** Streams of which keys are asked for; all when null. */
function open(asked: readonly string[] | null = null) {
  const folder = mkdtempSync(join(tmpdir(), 'headrace-touches-'));
  folders.push(folder);
  const tables = tablesOf([]);
  const store = openStore(folder, { tables, volatile: true });
  const random = systemRandom();
  const reader = createReader(store, tables);
  const clock = { now: () => readAt, monotonicMs: () => 0 };
  const told: string[] = [];
  const planner = new Planner({
    ...{ reader, clock, random, folds: [], ring: openKeyRing(store, Buffer.alloc(32, 7), random) },
    normalizer: {
      orderOf: () => 'text',
      anchorOf: (entity, key) => `${entity}/${key}`,
      normalize: () => ({ rows: [] }),
    },
    ...(asked === null ? {} : { isAsked: (_source, stream) => asked.includes(stream) }),
    touched: (_source, { stream, key }) => told.push(`${stream} ${key}`),
  });
  const writer = createInThreadWriter(store, { tables, now: () => readAt });
  let readSeq = 0;
  /** Reads a record; gives the marks that are new in the store. */
  const take = async (body: JsonObject, by: 'poll' | 'pass' | 'backfill') => {
    const seen = Math.max(0, ...reader.dirty().map(({ seq }) => seq));
    readSeq += 1;
    const arrival: Arrival = {
      ...{ kind: 'record', stream: posting, depth: 1, readSeq },
      bytes: Buffer.from(JSON.stringify(body)),
      ...{ snapshot: by !== 'poll', isBackfill: by === 'backfill' },
      times: { noticedAt: null, readAt, receivedAt: readAt },
    };
    const plan = await planner.plan([arrival]);
    await writer.commit(plan);
    planner.durable(plan.number);
    const marks = reader.dirty().filter(({ seq }) => seq > seen);
    const texts = marks.map(({ stream, key }) => `${stream.slice('erp/'.length)} ${key}`);
    expect(texts.sort()).toEqual(told.splice(0).sort());
    return texts;
  };
  return { take };
}

const both = ['cost 7', 'stock 7'];
const record = { id: '1', material: '7', at: '2026-03-01T11:59:30Z', value: 1 };

describe('a record that changes others', () => {
  it('marks them once, whoever finds it first', async () => {
    const { take } = open();
    expect(await take(record, 'pass')).toEqual(both);
    expect(await take(record, 'poll')).toEqual([]);
    expect(await take({ ...record, at: '2026-03-01T11:59:40Z' }, 'poll')).toEqual(both);
    expect(await take({ ...record, at: '2026-03-01T11:59:50Z' }, 'pass')).toEqual(both);
  });

  it('marks nothing for a pass that reads another field of it', async () => {
    const { take } = open();
    expect(await take(record, 'poll')).toEqual(both);
    expect(await take({ ...record, more: true }, 'pass')).toEqual([]);
    expect(await take({ ...record, more: false }, 'poll')).toEqual(both);
  });

  it('is old news in a backfill, unless it changed meanwhile', async () => {
    const { take } = open();
    expect(await take({ ...record, at: '2026-02-01T00:00:00Z' }, 'backfill')).toEqual([]);
    expect(await take({ ...record, id: '2' }, 'backfill')).toEqual(both);
    const { at: _, ...undated } = record;
    expect(await take({ ...undated, id: '3' }, 'backfill')).toEqual([]);
  });

  it('marks no key of a stream that is switched off or cannot be asked', async () => {
    expect(await open(['stock']).take(record, 'poll')).toEqual(['stock 7']);
    expect(await open([]).take(record, 'poll')).toEqual([]);
  });
});
