/**
 * Folding anew beside a store that goes on: histories of statements, erasures, changed definitions,
 * preparations that end anywhere and starts that do. What is read is always the fold of the whole journal
 * by the definitions in force, and after a start by those it was given.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject, Stream } from '@headrace/sdk';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { openKeyRing } from '../audit/index.js';
import { systemRandom } from '../ports/index.js';
import {
  createReader,
  type Database,
  nextFoldOf,
  openStore,
  type Statement,
  sweepStatement,
  switchFolds,
} from '../storage/index.js';
import type { Arrival } from './arrival.js';
import type { Fold } from './fold.js';
import { tablesOf } from './fold-runner.js';
import { Planner } from './planner.js';
import type { Normalizer } from './record-fold.js';
import { prepareRefold, type RefoldPoint, refoldIfChanged } from './refold.js';
import { verifyReplay } from './replay.js';
import { createInThreadWriter } from './writer.js';

const runs = Math.max(5, Math.floor(Number(process.env['HEADRACE_HISTORIES'] ?? 0) / 25));

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});
const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** Counts and lists what records say of a field, in every kind of table. */
const seen: Fold = {
  ...{ name: 'seen', version: 1 },
  tables: [
    { name: 'seen', kind: 'keyed' },
    { name: 'seen_in', kind: 'index' },
    { name: 'seen_at', kind: 'log', of: 'seen', integers: ['gone'] },
  ],
  declareKeys({ header, change }, need) {
    if (header.kind === 'control') need('seen', 'erasures');
    for (const row of change?.after ?? []) need('seen', row.key);
  },
  plan({ header, body, change }, state) {
    const count = (key: string) => {
      state.set('seen', key, { times: Number(state.get('seen', key)?.['times'] ?? 0) + 1 });
    };
    if (header.kind === 'control' && body?.['action'] === 'erasure') count('erasures');
    for (const { key } of change?.before ?? []) state.dropMember('seen_in', header.key, key);
    for (const { key } of change?.after ?? []) {
      count(key);
      state.addMember('seen_in', header.key, key);
      const at = header.offset * 40_000_000;
      const place = { at, seq: header.offset, place: 0 };
      state.append('seen_at', key, { ...place, integers: [0], value: header.key });
    }
  },
};
/** Others than the first have a fold more. */
const foldsBy = (definitions: number) => (definitions === 0 ? [] : [seen]);

/** Files each record under one of its fields. */
const mappingBy = (definitions: number): Normalizer => ({
  orderOf: () => 'text',
  anchorOf: (entity, key) => `${entity}/${key}`,
  normalize: (header, body) => ({
    rows: [
      {
        ...{ entity: 'variant', key: String(body[`f${definitions}`]), type: 'thing' },
        ...{ externalId: header.key, fields: body },
      },
    ],
  }),
});

const spec = {
  key: (record: JsonObject) => String(record['id']),
  version: () => null,
  eventAt: () => null,
} as unknown as Stream<never>;

class World {
  readonly folder = mkdtempSync(join(tmpdir(), 'headrace-beside-'));
  inForce = 0;
  #readSeq = 0;

  constructor() {
    folders.push(this.folder);
  }

  options(definitions: number, at?: (point: RefoldPoint) => void) {
    return {
      folder: this.folder,
      ...{ folds: foldsBy(definitions), normalizer: mappingBy(definitions) },
      ...{ definitions: { definitions }, random: systemRandom(), log: silent },
      ...(at === undefined ? {} : { at }),
    };
  }

  /** What the platform does all the while, with the definitions it was started with. */
  async step(values: readonly (readonly [number, number])[], erases: boolean): Promise<void> {
    const folds = foldsBy(this.inForce);
    const tables = tablesOf(folds);
    const store = openStore(this.folder, { tables, volatile: true });
    try {
      const random = systemRandom();
      const ring = openKeyRing(store, Buffer.alloc(32, 7), random);
      const clock = { now: () => 1000, monotonicMs: () => 0 };
      const reader = createReader(store, tables);
      const normalizer = mappingBy(this.inForce);
      const planner = new Planner({ reader, ring, clock, random, folds, normalizer });
      const records = values.map(([id, value]): Arrival => {
        this.#readSeq += 1;
        const record = { id: `r${id}`, f0: value, f1: value % 3, f2: `x${value}` };
        return {
          kind: 'record',
          stream: { source: 'shop', stream: 'thing', spec, personal: null },
          bytes: Buffer.from(JSON.stringify(record)),
          ...{ depth: 1, readSeq: this.#readSeq, snapshot: false },
          times: { noticedAt: null, readAt: null, receivedAt: 1 },
        };
      });
      const body = { action: 'erasure', principal: 'test', subject: '00' };
      const erasure: Arrival = { kind: 'entry', entry: 'control', source: '', stream: '', body };
      const writer = createInThreadWriter(store, { tables, now: () => 1000 });
      await writer.commit(await planner.plan(erases ? [...records, erasure] : records));
    } finally {
      store.close();
    }
  }

  /** Prepares, and ends when the n-th point is passed. */
  async prepare(definitions: number, endsAt: number): Promise<void> {
    let left = endsAt;
    const at = () => {
      left -= 1;
      if (left < 0) throw new Ended();
    };
    await prepareRefold({
      ...this.options(definitions, at),
      sleep: async () => undefined,
      ...{ monotonicMs: () => 0, freeBytes: () => null, freeBytesMin: 0 },
    }).catch(unlessEnded);
  }

  start(definitions: number, endsAt: number): void {
    let left = endsAt;
    const at = () => {
      left -= 1;
      if (left < 0) throw new Ended();
    };
    try {
      refoldIfChanged(this.options(definitions, at));
    } catch (thrown) {
      unlessEnded(thrown);
    }
    refoldIfChanged(this.options(definitions));
    this.inForce = definitions;
  }

  sweep(times: number): void {
    const tables = tablesOf(foldsBy(this.inForce));
    const store = openStore(this.folder, { tables, volatile: true });
    for (let time = 0; time < times; time += 1) {
      const sql = sweepStatement(store, 3);
      if (sql !== null) store.main.exec(sql);
    }
    store.close();
  }

  check(): void {
    const { definitions, ...options } = this.options(this.inForce);
    const result = verifyReplay({ ...options, definitions });
    expect(result).toMatchObject({ mismatches: 0, firstMismatch: null });
  }

  tables(): string[] {
    const store = openStore(this.folder, { tables: [], volatile: true });
    const rows = store.main.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
    store.close();
    return rows.map((row) => row['name'] as string);
  }
}

class Ended extends Error {}

function unlessEnded(thrown: unknown): void {
  if (!(thrown instanceof Ended)) throw thrown;
}

const values = fc.array(fc.tuple(fc.nat(5), fc.nat(6)), { minLength: 1, maxLength: 8 });
const definitions = fc.nat(2);
const action = fc.oneof(
  { weight: 3, arbitrary: fc.record({ step: values, erases: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ prepare: definitions, endsAt: fc.nat(8) }) },
  { weight: 2, arbitrary: fc.record({ start: definitions, endsAt: fc.nat(8) }) },
  { weight: 1, arbitrary: fc.record({ sweep: fc.nat(20) }) },
);

describe('folding anew beside what is read', () => {
  it('switches to the fold of the whole journal, whatever ended before and came meanwhile', {
    timeout: 120_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 3, maxLength: 10 }), async (actions) => {
        const world = new World();
        world.start(0, 99);
        for (const one of actions) {
          if ('step' in one) await world.step(one.step, one.erases);
          else if ('prepare' in one) await world.prepare(one.prepare, one.endsAt);
          else if ('start' in one) world.start(one.start, one.endsAt);
          else world.sweep(one.sweep);
          world.check();
        }
        // What is left over goes, and nothing else.
        world.start(world.inForce, 99);
        world.sweep(1000);
        expect(world.tables().filter((name) => name.startsWith('left_'))).toEqual([]);
        world.check();
      }),
      { numRuns: runs },
    );
  });

  it('leaves a start only what came since it was prepared', async () => {
    const world = new World();
    world.start(0, 99);
    await world.step([[1, 1], [2, 2], [3, 3]], false); // biome-ignore format: a table
    await world.prepare(2, 99);
    await world.step([[1, 4], [4, 4]], true); // biome-ignore format: a table
    expect(refoldIfChanged(world.options(2))).toBe(3);
    world.inForce = 2;
    world.check();
    expect(refoldIfChanged(world.options(2))).toBe(0);
  });

  it('lets one fold at a time: whoever came last', async () => {
    const world = new World();
    world.start(0, 99);
    await world.step(
      Array.from({ length: 600 }, (_, id) => [id, id] as const),
      false,
    );
    let isFirst = true;
    const first = prepareRefold({
      ...world.options(1),
      async sleep() {
        if (!isFirst) return;
        isFirst = false;
        await world.prepare(1, 99);
      },
      ...{ monotonicMs: () => 0, freeBytes: () => null, freeBytesMin: 0 },
    });
    await expect(first).rejects.toMatchObject({ code: 'E_FOLD_TAKEN_OVER' });
    await expect(world.prepare(1, 99)).resolves.toBeUndefined();

    isFirst = true;
    const second = prepareRefold({
      ...world.options(2),
      async sleep() {
        if (!isFirst) return;
        isFirst = false;
        world.start(2, 99);
      },
      ...{ monotonicMs: () => 0, freeBytes: () => null, freeBytesMin: 0 },
    });
    await expect(second).rejects.toMatchObject({ code: 'E_FOLD_TAKEN_OVER' });
    world.check();
  });

  it('leaves the last room of a disk to the platform, and goes on later', async () => {
    const world = new World();
    world.start(0, 99);
    await world.step(
      Array.from({ length: 30 }, (_, id) => [id, id] as const),
      false,
    );
    const beside = {
      ...world.options(1),
      sleep: async () => undefined,
      ...{ monotonicMs: () => 0, freeBytesMin: 100 },
    };
    const refused = prepareRefold({ ...beside, freeBytes: () => 99 });
    await expect(refused).rejects.toMatchObject({ code: 'E_NO_ROOM' });
    world.check();
    await expect(prepareRefold({ ...beside, freeBytes: () => 100 })).resolves.toMatchObject({
      folded: 30,
    });
  });

  it('switches whole or not at all, at whichever statement it ends', async () => {
    const world = new World();
    world.start(0, 99);
    await world.step([[1, 1], [2, 2]], false); // biome-ignore format: a table
    await world.prepare(1, 99);
    const tables = tablesOf(foldsBy(1));
    let isSwitched = false;
    let tries = 0;
    for (; !isSwitched; tries += 1) {
      const store = openStore(world.folder, { tables, place: 'next' });
      const next = nextFoldOf(store.main);
      if (next === null) throw new Error('nothing was prepared');
      const name = 'folded-by';
      try {
        switchFolds(
          { ...store, main: failingAfter(store.main, tries) },
          ...([tables, next, { name, value: next.by }] as const),
        );
        isSwitched = true;
      } catch {
        world.check();
      } finally {
        store.close();
      }
    }
    expect(tries).toBeGreaterThan(tables.length);
    world.inForce = 1;
    world.check();
  });
});

/** Lets so many statements pass, and then no more but the one that takes all back. */
function failingAfter(database: Database, statements: number): Database {
  let left = statements;
  const pass = () => {
    left -= 1;
    if (left < 0) throw new Error('ended');
  };
  return {
    close: () => database.close(),
    exec(sql) {
      if (sql !== 'ROLLBACK') pass();
      database.exec(sql);
    },
    prepare(sql): Statement {
      const statement = database.prepare(sql);
      return {
        run(...given) {
          pass();
          return statement.run(...given);
        },
        get: (...given) => statement.get(...given),
        all: (...given) => statement.all(...given),
        iterate: (...given) => statement.iterate(...given),
      };
    },
  };
}
