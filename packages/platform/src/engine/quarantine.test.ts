/**
 * Quarantine and the way back, over the real planner and a real store: whatever came in whichever
 * order, after a replay the state is that of the run in which nothing broke (I11), folding again
 * gives the same store (I5), and a replay that is cut short or sent twice changes nothing more.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compilePersonal, HeadraceError, type JsonObject, type Stream } from '@headrace/sdk';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { decodeHeader, openKeyRing } from '../audit/index.js';
import { systemRandom } from '../ports/index.js';
import { createReader, openStore } from '../storage/index.js';
import type { Arrival, StreamRuntime } from './arrival.js';
import { dumpFolds } from './dump.js';
import type { Fold } from './fold.js';
import { tablesOf } from './fold-runner.js';
import { History } from './history.js';
import { Planner } from './planner.js';
import {
  correctRecord,
  dryReplay,
  quarantineOf,
  type ReplayEngine,
  replayGroup,
} from './quarantine-replay.js';
import { type Normalizer, type RecordState, recordTable, visibleRows } from './record-fold.js';
import { foldJournal } from './replay.js';
import { createInThreadWriter } from './writer.js';

/** Each opens three stores, so they are a part of what is asked for of cheaper ones. */
const least = process.env['CI'] === 'true' ? 30 : 12;
const histories = Math.max(least, Math.floor(Number(process.env['HEADRACE_HISTORIES'] ?? 0) / 25));

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const text = (value: unknown) => (typeof value === 'string' ? value : null);
const group = (code: string) => `shop/thing/${code}`;

function runtimeFor(personal: readonly string[]): StreamRuntime {
  const spec: Stream<unknown> = {
    name: 'thing',
    description: 'A thing.',
    entities: [],
    feed: 'delivery',
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

/** A mapping that knows no QQQ, and one that does. */
const mapping = (knowsAll: boolean): Normalizer => ({
  orderOf: () => 'text',
  anchorOf: (entity, key) => `${entity}/${key}`,
  normalize(header, body) {
    if (!knowsAll && body['currency'] === 'QQQ') {
      throw new HeadraceError('record', 'QQQ is no currency.', { code: 'E_CURRENCY' });
    }
    const fields = { value: body['value'] ?? null };
    const row = { entity: 'variant', key: header.key, type: 'thing', externalId: header.key };
    return { rows: [{ ...row, fields }] };
  },
});

/** How often each value was taken up and let go. */
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

function open(runtime: StreamRuntime) {
  const folder = mkdtempSync(join(tmpdir(), 'headrace-quarantine-'));
  folders.push(folder);
  const tables = tablesOf([tally]);
  const store = openStore(folder, { tables, volatile: true });
  const random = systemRandom();
  const ring = openKeyRing(store, Buffer.alloc(32, 7), random);
  const reader = createReader(store, tables);
  let now = Date.UTC(2026, 0, 1);
  const clock = { now: () => (now += 1), monotonicMs: () => 0 };
  let normalizer = mapping(true);
  let planner: Planner;
  let writer: ReturnType<typeof createInThreadWriter>;
  const begin = () => {
    writer = createInThreadWriter(store, { tables, now: () => now });
    planner = new Planner({ reader, ring, clock, random, folds: [tally], normalizer });
  };
  begin();
  const step = async (arrivals: readonly Arrival[]) => {
    const plan = await planner.plan(arrivals);
    await writer.commit(plan);
    planner.durable(plan.number);
  };
  const acts: JsonObject[] = [];
  const control: ReplayEngine['control'] = async (principal, action, body, effects) => {
    acts.push({ ...body, action, principal });
    const entry = { kind: 'entry', entry: 'control', source: '', stream: '' } as const;
    await step([
      ...(effects === undefined ? [] : [{ kind: 'effects', apply: effects } as const]),
      { ...entry, body: { ...body, action, principal } },
    ]);
  };
  const self = {
    ...{ store, reader, ring, tables, step, acts, history: new History(reader, ring) },
    /** What a restart with that mapping does to a planner. */
    use(knowsAll: boolean) {
      normalizer = mapping(knowsAll);
      begin();
    },
    /** A step whose commit fails: nothing of it is durable. */
    async lose(arrivals: readonly Arrival[]) {
      await planner.plan(arrivals);
      planner.reset();
    },
    get engine(): ReplayEngine {
      const runners = new Map([['shop/thing', { runtime }]]);
      const loop = { submit: (arrivals: readonly Arrival[]) => step(arrivals) };
      return { reader, ring, normalizer, random, runners, loop, control, at: () => undefined };
    },
    state: (key: string) => self.history.state(`shop/thing/${key}`) as RecordState,
    /** What is known of each key, and what the later fold has come to. */
    current() {
      const rows = [...reader.tableAll(recordTable.name)].flatMap(({ key, value }) => {
        const state = JSON.parse(value) as RecordState;
        return key.includes('~') ? [] : [[key, visibleRows(state), state.fault]];
      });
      const counts = [...reader.tableAll('tally')].map(({ key, value }) => [
        key,
        JSON.parse(value).count,
      ]);
      return {
        rows: rows.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
        counts: counts.filter(([, count]) => count !== 0).sort(),
      };
    },
    /** The store as it is, and as folding the journal anew makes it. */
    dumps() {
      const aside = openStore(mkdtempSync(join(folder, 'aside-')), { tables, volatile: true });
      foldJournal(reader, aside, tables, { folds: [tally], normalizer });
      const folded = [...dumpFolds(createReader(aside, tables), tables)];
      aside.close();
      return [[...dumpFolds(reader, tables)], folded] as const;
    },
  };
  return self;
}

function record(runtime: StreamRuntime, readSeq: number, body: object | string): Arrival {
  return {
    kind: 'record',
    stream: runtime,
    bytes: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
    depth: 1,
    readSeq,
    snapshot: false,
    times: { noticedAt: null, readAt: 1, receivedAt: 2 },
  };
}

const still = { noticedAt: null, readAt: 1, receivedAt: 2 };

const statement = fc.record({
  key: fc.constantFrom('a', 'b', 'c'),
  version: fc.integer({ min: 1, max: 5 }),
  value: fc.integer({ min: 0, max: 3 }),
  isOdd: fc.boolean(),
});

describe('a replay from quarantine', () => {
  it('ends where a run ends in which nothing broke, whatever came when', {
    timeout: 30_000 + histories * 1000,
  }, async () => {
    const runtime = runtimeFor([]);
    await fc.assert(
      fc.asyncProperty(
        fc.array(statement, { minLength: 1, maxLength: 14 }),
        fc.nat(14),
        fc.boolean(),
        async (statements, fixedAfter, isCut) => {
          const arrivals = statements.map(({ key, version, value, isOdd }, index) =>
            record(runtime, index + 1, {
              ...{ id: key, version: String(version), value },
              currency: isOdd ? 'QQQ' : 'EUR',
            }),
          );
          const whole = open(runtime);
          for (const arrival of arrivals) await whole.step([arrival]);
          const broken = open(runtime);
          broken.use(false);
          for (const arrival of arrivals.slice(0, fixedAfter)) await broken.step([arrival]);
          broken.use(true);
          for (const arrival of arrivals.slice(fixedAfter)) await broken.step([arrival]);
          const quarantine = quarantineOf(broken.engine);
          for (const { group: name } of quarantine.groups()) {
            if (isCut) {
              // The first statement alone, then a crash before the rest is durable.
              const again = quarantine.waiting(name).map(({ offset }): Arrival => {
                const waiting = quarantine.entry(offset);
                if (waiting === null) throw new Error('it waits');
                return { kind: 'replay', stream: runtime, waiting, planned: () => undefined };
              });
              await broken.step(again.slice(0, 1));
              await broken.lose(again.slice(1));
              if (quarantine.waiting(name).length === 0) continue;
            }
            const report = await replayGroup(broken.engine, name, 'ada');
            expect(report).toMatchObject({ failed: 0, replayed: report.waiting });
          }
          expect(quarantine.groups()).toEqual([]);
          expect(broken.current()).toEqual(whole.current());
          const [stored, folded] = broken.dumps();
          expect(folded).toEqual(stored);
        },
      ),
      { numRuns: histories },
    );
  });

  it('takes all states of a key, in their order, with one entry each and none the second time', async () => {
    const runtime = runtimeFor([]);
    const own = open(runtime);
    await own.step([record(runtime, 1, { id: 'a', version: '1', value: 1, currency: 'EUR' })]);
    own.use(false);
    for (const version of [2, 3, 4]) {
      const body = { id: 'a', version: String(version), value: version, currency: 'QQQ' };
      await own.step([record(runtime, version, body)]);
    }
    expect(own.state('a').rows[0]?.fields).toEqual({ value: 1 });
    own.use(true);
    const begin = own.reader.journalEnd();
    const report = await replayGroup(own.engine, group('E_CURRENCY'), 'ada');
    expect(report).toMatchObject({ waiting: 3, replayed: 3, failed: 0, settled: 0 });
    const versions = own.reader
      .journalRange(begin, 10)
      .map(({ header }) => decodeHeader(header))
      .filter(({ kind }) => kind === 'record')
      .map(({ version, replayed, previous }) => [version, replayed, previous !== null]);
    expect(versions).toEqual([
      ['2', true, true],
      ['3', true, true],
      ['4', true, true],
    ]);
    expect(own.acts.map(({ action, principal }) => [action, principal])).toEqual([
      ['quarantine-replay', 'ada'],
      ['quarantine-replayed', 'ada'],
    ]);
    await expect(replayGroup(own.engine, group('E_CURRENCY'), 'ada')).rejects.toMatchObject({
      code: 'E_NOT_QUARANTINED',
    });
  });

  it('waits for its replay although a later mapping could use it, when folded anew', async () => {
    const runtime = runtimeFor([]);
    const own = open(runtime);
    own.use(false);
    await own.step([record(runtime, 1, { id: 'a', version: '1', value: 1, currency: 'QQQ' })]);
    own.use(true);
    const [, folded] = own.dumps();
    const row = folded.find(({ table }) => table === recordTable.name);
    expect(JSON.parse(row?.value ?? '{}')).toMatchObject({
      rows: [],
      fault: { code: 'E_MAPPED_SINCE' },
    });
  });

  it('is tried on all of a group and writes nothing', async () => {
    const runtime = runtimeFor([]);
    const own = open(runtime);
    own.use(false);
    for (const [index, key] of ['a', 'b', 'c'].entries()) {
      const body = { id: key, version: '1', value: index, currency: 'QQQ' };
      await own.step([record(runtime, index + 1, body)]);
    }
    const before = [...dumpFolds(own.reader, own.tables)];
    const end = own.reader.journalEnd();
    const pause = () => Promise.resolve();
    const failing = await dryReplay(quarantineOf(own.engine), group('E_CURRENCY'), pause);
    expect(failing).toMatchObject({ waiting: 3, replayed: 0, failed: 3 });
    expect(failing.errors).toEqual([
      {
        ...{ code: 'E_CURRENCY', message: 'QQQ is no currency.' },
        ...{ count: 3, record: 'shop/thing/a' },
      },
    ]);
    own.use(true);
    const working = await dryReplay(quarantineOf(own.engine), group('E_CURRENCY'), pause);
    expect(working).toMatchObject({ waiting: 3, replayed: 3, failed: 0, errors: [] });
    expect(working.samples.map(({ in: given, out }) => [given?.['id'], out?.[0]?.fields])).toEqual([
      ['a', { value: 0 }],
      ['b', { value: 1 }],
      ['c', { value: 2 }],
    ]);
    expect(own.reader.journalEnd()).toBe(end);
    expect([...dumpFolds(own.reader, own.tables)]).toEqual(before);
  });
});

describe('a correction', () => {
  const broken = { id: 'a', version: '7', currency: 'QQQ', value: 1, person: 'p', name: 'Ada' };
  const who = { principal: 'ada', now: Date.UTC(2026, 0, 2) };

  it('stands for exactly the bytes it corrects, until their source says something else', async () => {
    const runtime = runtimeFor(['name', 'person']);
    const own = open(runtime);
    own.use(false);
    await own.step([record(runtime, 1, broken)]);
    const { engine } = own;
    const put = { id: 'a', version: '7', currency: 'EUR', value: 5 };
    const trial = await correctRecord(engine, 'shop/thing/a', put, who);
    expect(trial).toMatchObject({ corrected: true, error: null, out: [{ fields: { value: 5 } }] });
    expect(quarantineOf(engine).groups()).toMatchObject([{ count: 1, corrected: 1 }]);
    expect(await replayGroup(engine, group('E_CURRENCY'), 'ada')).toMatchObject({
      ...{ replayed: 1, corrected: 1, failed: 0 },
    });
    expect(own.reader.metaPrefix('correction/')).toEqual([]);
    // What it leaves out of the personal part stays as it came.
    const [now] = own.history.statements('shop/thing/a', 1, true);
    expect(now?.personal).toEqual({ kind: 'open', value: { name: 'Ada', person: 'p' } });
    const end = own.reader.journalEnd();
    await own.step([record(runtime, 8, broken)]);
    expect(own.reader.journalEnd()).toBe(end);
    expect(own.state('a').rows[0]?.fields).toEqual({ value: 5 });
    await own.step([record(runtime, 9, { ...broken, version: '8', currency: 'EUR', value: 6 })]);
    expect(own.state('a').rows[0]?.fields).toEqual({ value: 6 });
    const [stored, folded] = own.dumps();
    expect(folded).toEqual(stored);
  });

  it('of unreadable bytes becomes the record they were meant to be', async () => {
    const runtime = runtimeFor(['name']);
    const own = open(runtime);
    await own.step([record(runtime, 1, '{"id":"a","version":"1","value":1,"person":"p","na')]);
    const { engine } = own;
    const [waiting] = quarantineOf(engine).groups();
    expect(waiting?.code).toBe('E_RECORD_JSON');
    const name = waiting?.samples[0]?.record ?? '';
    await correctRecord(
      engine,
      name,
      { id: 'a', version: '1', value: 1, person: 'p', name: 'A' },
      who,
    );
    expect(await replayGroup(engine, waiting?.group ?? '', 'ada')).toMatchObject({ replayed: 1 });
    expect(own.state('a').rows[0]?.fields).toEqual({ value: 1 });
    expect(quarantineOf(engine).groups()).toEqual([]);
    // The same bytes once more are known, and show that the record is there still.
    const end = own.reader.journalEnd();
    const shown: string[] = [];
    const again = record(runtime, 2, '{"id":"a","version":"1","value":1,"person":"p","na');
    await own.step([
      {
        ...again,
        planned: (_verdict, rowId, key) => void (rowId > 0 && shown.push(key)),
      } as Arrival,
      { kind: 'absence', stream: runtime, key: 'a', readSeq: 2, times: still },
    ]);
    expect(own.reader.journalEnd()).toBe(end);
    expect(shown).toEqual([name.replace('shop/thing/', ''), 'a']);
    // A later read that shows neither the bytes nor the record says that it is gone.
    await own.step([{ kind: 'absence', stream: runtime, key: 'a', readSeq: 3, times: still }]);
    expect(visibleRows(own.state('a'))).toEqual([]);
    const [stored, folded] = own.dumps();
    expect(folded).toEqual(stored);
  });

  it('is refused where it is another record, and of who was erased', async () => {
    const runtime = runtimeFor(['name']);
    const own = open(runtime);
    own.use(false);
    await own.step([record(runtime, 1, broken)]);
    const { engine } = own;
    for (const other of [{ ...broken, id: 'b' }, { ...broken, version: '9' }, { version: '7' }]) {
      await expect(correctRecord(engine, 'shop/thing/a', other, who)).rejects.toMatchObject({
        code: 'E_CORRECTION',
      });
    }
    await expect(correctRecord(engine, 'shop/thing/b', broken, who)).rejects.toMatchObject({
      code: 'E_NOT_QUARANTINED',
    });
    const [first] = own.history.statements('shop/thing/a', 1, true);
    const handle = first?.header.subject as Uint8Array;
    await correctRecord(engine, 'shop/thing/a', { ...broken, currency: 'EUR' }, who);
    await own.step([{ kind: 'effects', apply: (_main, keys) => keys.eraseKey(handle, 1) }]);
    own.use(false);
    // The correction named the person, so it went with them; what came still cannot be mapped.
    expect(await replayGroup(own.engine, group('E_CURRENCY'), 'ada')).toMatchObject({
      ...{ replayed: 0, failed: 1 },
    });
    await expect(
      correctRecord(own.engine, 'shop/thing/a', { ...broken, currency: 'EUR' }, who),
    ).rejects.toMatchObject({ code: 'E_CORRECTION' });
    own.use(true);
    expect(await replayGroup(own.engine, group('E_CURRENCY'), 'ada')).toMatchObject({
      ...{ replayed: 1, failed: 0 },
    });
    const [now] = own.history.statements('shop/thing/a', 1, true);
    expect(now?.personal).toEqual({ kind: 'erased' });
    expect(own.state('a').rows[0]?.fields).toEqual({ value: 1 });
  });
});
