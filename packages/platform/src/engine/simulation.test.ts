/**
 * The real step and source loops over a real store, in virtual time, against a source that races,
 * forgets, doubles, lies and fails, and a process that dies at every point of a commit with its
 * outcome kept or lost. One number decides a whole run; a failure prints it:
 * `HEADRACE_SEED=N npx vitest run --project unit simulation` starts at that run.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ConnectorContext,
  type Cursor,
  compilePersonal,
  HeadraceError,
  type Logger,
  type Page,
  type Stream,
  type Timers,
} from '@headrace/sdk';
import { Chance, VirtualTime } from '@headrace/sdk/testing';
import { describe, expect, it } from 'vitest';
import { decodeHeader, Frontier, leafHash, openKeyRing } from '../audit/index.js';
import {
  type CommitPoint,
  createReader,
  type OpenedStore,
  openStore,
  type StoreReader,
} from '../storage/index.js';
import type { StreamRuntime } from './arrival.js';
import { isDeleted } from './fence.js';
import type { Fold } from './fold.js';
import { tablesOf } from './fold-runner.js';
import { Planner } from './planner.js';
import type { PreReader } from './pre-reader.js';
import { RateBudget } from './rate-budget.js';
import { ReadsUnderWay } from './reads-under-way.js';
import type { Normalizer, RecordState } from './record-fold.js';
import { verifyReplay } from './replay.js';
import { StepLoop } from './step-loop.js';
import { StreamRunner } from './stream-runner.js';
import { createInThreadWriter, frontierName, type StepWriter } from './writer.js';

/** A thousand in CI; fewer while one works. */
const runs = Number(
  process.env['HEADRACE_SIMULATIONS'] ?? (process.env['CI'] === 'true' ? 300 : 10),
);
const firstSeed = Number(process.env['HEADRACE_SEED'] ?? 1);

/** Nothing here has to outlive the test, so it lies in memory where there is such a folder. */
const memory = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** What a process that died was waiting for never comes. */
class Process implements Timers {
  isAlive = true;
  readonly #time: VirtualTime;
  constructor(time: VirtualTime) {
    this.#time = time;
  }
  /** Nothing is aborted here: a process ends by dying. */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#time.after(ms, () => {
        if (this.isAlive) resolve();
      });
    });
  }
}

interface Row {
  readonly id: string;
  readonly version: number;
  readonly value: number;
}

interface PointRead {
  readonly order: number;
  readonly keys: readonly string[];
  ended: boolean;
}

interface Settings {
  readonly feed: 'push' | 'poll' | 'snapshot';
  readonly versioned: boolean;
  readonly personal: boolean;
  readonly hasFetch: boolean;
  readonly hasTotal: boolean;
  /** Nothing but notifications tells of change, and none is dropped: the marks carry everything. */
  readonly pushOnly: boolean;
  readonly pageSize: number;
  readonly fetchMax: number;
  readonly keys: number;
  readonly changes: number;
  readonly crashes: number;
  readonly diskFailures: number;
  readonly everyMs: number;
  readonly passEveryMs: number;
}

function settingsOf(chance: Chance): Settings {
  const feed = chance.of(['push', 'push', 'push', 'poll', 'snapshot'] as const);
  const hasFetch = feed === 'push' || chance.is(0.5);
  const pushOnly = feed === 'push' && chance.is(0.4);
  return {
    feed,
    versioned: chance.is(0.5),
    personal: chance.is(0.3),
    hasFetch,
    hasTotal: chance.is(0.5),
    pushOnly,
    // Rows that drift past the only pass of a push-only run would be missed for good.
    pageSize: pushOnly ? 100 : 1 + chance.below(4),
    fetchMax: 1 + chance.below(4),
    keys: 3 + chance.below(7),
    changes: 8 + chance.below(22),
    crashes: chance.below(5),
    diskFailures: chance.is(0.3) ? 1 + chance.below(3) : 0,
    everyMs: 2000,
    passEveryMs: 4000,
  };
}

const source = 'shop';
const stream = 'thing';
const name = `${source}/${stream}`;
const anchor = 'k0';

class FakeSource {
  readonly rows = new Map<string, Row>();
  readonly reads: PointRead[] = [];
  /** Rows of each answered changes page with the cursor that follows it. */
  changePages: { readonly rows: readonly Row[]; readonly after: number }[] = [];
  isFaulty = true;
  order = 0;
  passesBegun = 0;
  #version = 0;
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
    for (let index = 0; index < world.settings.keys; index += 1) this.put(`k${index}`);
  }

  put(key: string): void {
    this.#version += 1;
    const { chance } = this.#world;
    // Few values, so that content comes back as it was before: 5, 4, 5.
    this.rows.delete(key);
    this.rows.set(key, { id: key, version: this.#version, value: 4 + chance.below(2) });
  }

  remove(key: string): void {
    this.rows.delete(key);
  }

  stream(process: Process): Stream<unknown> {
    const { settings } = this.#world;
    const text = (value: unknown) => (typeof value === 'string' ? value : null);
    return {
      name: stream,
      description: 'A thing.',
      entities: [],
      feed: settings.feed,
      everyMs: settings.everyMs,
      fetchMax: settings.fetchMax,
      versionOrder: 'integer',
      key: (record) => text(record['id']),
      version: (record) => text(record['version'] ?? null),
      eventAt: () => null,
      map: () => [],
      read: (_context, mode, cursor) =>
        mode === 'pass' ? this.#pass(process, cursor) : this.#changes(process, cursor),
      ...(settings.hasFetch ? { fetch: (_context, keys) => this.#fetch(process, keys) } : {}),
      ...(settings.personal
        ? { personal: { subject: (record) => text(record['id']), paths: ['secret'] } }
        : {}),
    };
  }

  async #fetch(process: Process, keys: readonly string[]): Promise<Page> {
    const { chance, settings } = this.#world;
    if (keys.length > settings.fetchMax) {
      this.#world.failure ??= new Error(`a point read asked for ${keys.length} keys`);
    }
    this.order += 1;
    const read: PointRead = { order: this.order, keys: [...keys], ended: false };
    this.reads.push(read);
    await this.#lag(process);
    // The keys of one answer are looked up at two moments.
    const half = chance.below(keys.length + 1);
    const found = keys.slice(0, half).map((key) => this.rows.get(key));
    await this.#lag(process);
    found.push(...keys.slice(half).map((key) => this.rows.get(key)));
    const rows = found.filter((row) => row !== undefined);
    await this.#lag(process);
    this.#mayFail(true);
    read.ended = true;
    // Of a source that takes one key a call, an empty answer cannot be told from a lie.
    const isLie = settings.fetchMax > 1 && this.#lies();
    return this.#page(isLie ? [] : chance.is(0.5) ? rows : rows.reverse(), null, {});
  }

  async #changes(process: Process, cursor: Cursor | null): Promise<Page> {
    const { settings } = this.#world;
    await this.#lag(process);
    const from = Number(cursor?.['after'] ?? this.#version);
    const news = settings.pushOnly
      ? []
      : [...this.rows.values()].filter((row) => row.version > from);
    news.sort((a, b) => a.version - b.version);
    const rows = news.slice(0, settings.pageSize);
    const isLast = news.length === rows.length;
    const end = this.#version;
    await this.#lag(process);
    this.#mayFail(false);
    if (cursor !== null && this.#lies()) {
      return this.#page([], null, { resume: { after: from } });
    }
    const after = isLast ? end : (rows.at(-1) as Row).version;
    this.changePages.push({ rows, after });
    return this.#page(rows, isLast ? null : { after }, isLast ? { resume: { after } } : {});
  }

  /** Newest first by position, so that rows that come and go shift the pages under the reader. */
  async #pass(process: Process, cursor: Cursor | null): Promise<Page> {
    const { settings, chance } = this.#world;
    if (cursor === null) this.passesBegun += 1;
    await this.#lag(process);
    const from = Number(cursor?.['from'] ?? 0);
    const all = [...this.rows.values()].reverse();
    const rows = all.slice(from, from + settings.pageSize);
    await this.#lag(process);
    this.#mayFail(false);
    // Nothing comes after the first pass of a push-only run, so that one tells the truth.
    if (!settings.pushOnly && this.#lies()) return this.#page([], null, {});
    const next = from + settings.pageSize;
    const losesLast = this.isFaulty && !settings.pushOnly && next < all.length && chance.is(0.05);
    return this.#page(
      rows,
      next < all.length && !losesLast ? { from: next } : null,
      settings.hasTotal ? { total: all.length } : {},
    );
  }

  #page(rows: readonly Row[], next: Cursor | null, rest: Partial<Page>): Page {
    const { settings } = this.#world;
    const data = rows.map((row) => ({
      id: row.id,
      ...(settings.versioned ? { version: String(row.version) } : {}),
      value: row.value,
      ...(settings.personal ? { secret: `person of ${row.id}` } : {}),
    }));
    return { body: Buffer.from(JSON.stringify({ data })), items: ['data'], next, ...rest };
  }

  async #lag(process: Process): Promise<void> {
    const { chance } = this.#world;
    await process.sleep(chance.is(0.1) ? chance.below(1500) : chance.below(60));
  }

  #lies(): boolean {
    return this.isFaulty && this.#world.chance.is(0.04);
  }

  #mayFail(isFetch: boolean): void {
    const { chance, settings, time } = this.#world;
    if (!this.isFaulty || !chance.is(0.08)) return;
    const kinds = ['transient', 'transient', 'rate-limited'] as const;
    // A key that is let go is repaired by the next pass, which a push-only run does not have.
    const kind = isFetch && !settings.pushOnly && chance.is(0.3) ? 'contract' : chance.of(kinds);
    throw new HeadraceError(kind, 'Failed as told.', {
      code: 'E_FAKE',
      ...(kind === 'rate-limited' ? { retryAtMs: time.now + 300 } : {}),
    });
  }
}

interface Notice {
  readonly key: string;
  readonly order: number;
  acknowledged: boolean;
}

const normalizer: Normalizer = {
  orderOf: () => 'integer',
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

/** A late fold that counts live records by value: an effect applied twice would show here. */
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

const folds = [tally];
const tables = tablesOf(folds);
const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };
const points: readonly CommitPoint[] = ['before-begin', 'keys-committed', 'applied', 'committed'];

class Killed extends Error {}

class World {
  readonly chance: Chance;
  readonly time = new VirtualTime();
  readonly settings: Settings;
  readonly store: OpenedStore;
  readonly source: FakeSource;
  readonly notices: Notice[] = [];
  readonly folder: string;
  failure: Error | null = null;
  kills = 0;
  #process: Process;
  #runner: StreamRunner | null = null;
  #loop: StepLoop | null = null;
  #reader: StoreReader | null = null;
  #killAt: { readonly point: CommitPoint; countdown: number } | null = null;
  #failCommits = 0;
  #isDown = true;

  constructor(seed: number, folder: string) {
    this.folder = folder;
    this.chance = new Chance(seed);
    this.settings = settingsOf(this.chance);
    this.store = openStore(folder, { tables, volatile: true });
    this.source = new FakeSource(this);
    this.#process = new Process(this.time);
  }

  get reader(): StoreReader {
    return this.#reader as StoreReader;
  }

  start(): void {
    const process = new Process(this.time);
    this.#process = process;
    this.#isDown = false;
    const { store, time, chance, settings } = this;
    const reader = createReader(store, tables);
    const ring = openKeyRing(store, Buffer.alloc(32, 7), chance);
    let monotonic = 0;
    const clock = { now: () => time.now, monotonicMs: () => (monotonic += 0.4) };
    const pause = () => process.sleep(0);
    const dirty: { runner: StreamRunner | null } = { runner: null };
    const planner = new Planner({
      reader,
      ring,
      clock,
      random: chance,
      folds,
      normalizer,
      pause,
      slotsMax: chance.of([2, 8192]),
      touched: (_source, change, seq, noticedAt) =>
        dirty.runner?.dirty.mark(change.key, { seq, noticedAt }),
    });
    const loop = new StepLoop({
      planner,
      writer: this.#writer(process),
      log: silent,
      wait: (ms) => process.sleep(ms),
      turn: pause,
      groupMax: chance.of([1, 3, 500]),
      overlapMin: chance.of([1, 2, 64]),
      ...(chance.is(0.7) ? { preReader: this.#preReader(process) } : {}),
    });
    const spec = this.source.stream(process) as Stream<never>;
    const runtime: StreamRuntime = {
      source,
      stream,
      spec,
      personal: spec.personal === undefined ? null : compilePersonal(spec.personal.paths),
    };
    const context = {} as ConnectorContext<never>;
    const reads = new ReadsUnderWay();
    const runner = new StreamRunner({
      runtime,
      contexts: { fetch: context, changes: context, pass: context },
      everyMs: settings.everyMs,
      passEveryMs: settings.pushOnly ? 0 : settings.passEveryMs,
      coalesceMs: 20,
      planner,
      loop,
      reader,
      budget: new RateBudget({ requestsPerSecond: 1000, concurrency: 5 }, clock, process),
      clock,
      timers: process,
      random: chance,
      log: silent,
      pause,
      reads,
      spill: () => Promise.reject(new Error('nothing is large here')),
      crash: (error) => {
        this.failure ??= error;
      },
    });
    dirty.runner = runner;
    for (const row of reader.dirty()) {
      runner.dirty.mark(row.key, { seq: row.seq, noticedAt: row.noticedAt });
    }
    this.#reader = reader;
    this.#loop = loop;
    this.#runner = runner;
    runner.run(new AbortController().signal).catch((thrown: Error) => {
      this.failure ??= thrown;
    });
    const tick = () => {
      if (!process.isAlive) return;
      planner.sightings.forgetBefore(reads.oldest(planner.takeSeq()));
      time.after(300, tick);
    };
    tick();
  }

  kill(): void {
    if (this.#isDown) return;
    this.#process.isAlive = false;
    this.#isDown = true;
    this.kills += 1;
    this.#killAt = null;
    this.time.after(1 + this.chance.below(400), () => {
      // Pages that died with the process are read again, and may show less by then.
      const after = storedCursor(createReader(this.store, tables));
      this.source.changePages = this.source.changePages.filter((page) => page.after <= after);
      this.check();
      this.start();
    });
  }

  /** The next commits die at a point of the commit, which keeps or loses their outcome. */
  killInCommit(): void {
    this.#killAt = { point: this.chance.of(points), countdown: 1 + this.chance.below(3) };
  }

  failCommits(count: number): void {
    this.#failCommits = count;
  }

  /** Reads nothing, as late as it likes: what it answers must not matter, nor when. */
  #preReader(process: Process): PreReader {
    return {
      warm: () => process.sleep(this.chance.of([0, 1, 7, 40])),
      noteRead: () => undefined,
      close: async () => undefined,
    };
  }

  #writer(process: Process): StepWriter {
    const inner = createInThreadWriter(this.store, {
      tables,
      now: () => this.time.now,
      at: (point) => {
        if (this.#killAt?.point === point && --this.#killAt.countdown <= 0) throw new Killed();
        if (point === 'applied' && this.#failCommits > 0) {
          this.#failCommits -= 1;
          throw new HeadraceError('transient', 'The disk is full.', { code: 'E_COMMIT' });
        }
      },
    });
    let last: Promise<unknown> = Promise.resolve();
    return {
      commit: (batch) => {
        const result = last
          .catch(() => undefined)
          .then(async () => {
            await process.sleep(this.chance.below(4));
            try {
              const committed = await inner.commit(batch);
              await process.sleep(this.chance.below(3));
              return committed;
            } catch (thrown) {
              if (!(thrown instanceof Killed)) throw thrown;
              this.kill();
              return new Promise<never>(() => undefined);
            }
          });
        last = result;
        return result;
      },
      close: async () => undefined,
    };
  }

  /** A notification arrives; it counts as acknowledged once its mark is durable. */
  notify(key: string): void {
    const runner = this.#runner;
    if (runner === null || this.#isDown || !this.settings.hasFetch) {
      // An unanswered notification is sent again.
      if (this.settings.pushOnly) this.time.after(500, () => this.notify(key));
      return;
    }
    this.source.order += 1;
    const notice: Notice = { key, order: this.source.order, acknowledged: false };
    this.notices.push(notice);
    const process = this.#process;
    runner.mark([key], this.time.now).then(
      () => {
        notice.acknowledged = true;
      },
      () => undefined,
    );
    // Redelivered when the process died before it could answer.
    const again = () => {
      if (!notice.acknowledged && !process.isAlive) this.notify(key);
      else if (!notice.acknowledged) this.time.after(700, again);
    };
    if (this.settings.pushOnly) this.time.after(700, again);
  }

  /** One change at the source, told of as badly as the run allows. */
  change(): void {
    const { chance, source: fake, settings } = this;
    const key = `k${chance.below(settings.keys)}`;
    if (key !== anchor && chance.is(0.25)) fake.remove(key);
    else fake.put(key);
    if (!settings.pushOnly && chance.is(0.2)) return;
    const times = chance.is(0.2) ? 2 : 1;
    for (let time = 0; time < times; time += 1) {
      this.time.after(chance.is(0.2) ? chance.below(3000) : chance.below(30), () =>
        this.notify(key),
      );
    }
  }

  /** What must hold of the store at any time, also right after a crash. */
  check(): void {
    const reader = createReader(this.store, tables);
    const end = reader.journalEnd();
    const frontier = new Frontier();
    const seen = new Map<
      string,
      { hash: string | undefined; shownAt: number; goneAt: number; last: number }
    >();
    for (const [index, row] of reader.journalRange(0, end).entries()) {
      expect(row.offset, 'the journal is dense (I5)').toBe(index);
      const leaf = leafHash(row.header, row.body, row.sealed);
      expect(leaf.equals(row.leaf), 'a leaf follows from its entry (I5)').toBe(true);
      frontier.append(leaf);
      const header = decodeHeader(row.header);
      expect(header.offset).toBe(index);
      if (header.kind !== 'record') continue;
      const before = seen.get(header.key);
      expect(header.previous, 'entries of a key are linked').toBe(before?.last ?? null);
      const hash = Buffer.from(header.hash).toString('hex');
      const shownAt = Math.max(before?.shownAt ?? -1, header.gone ? -1 : header.readSeq);
      const goneAt = Math.max(before?.goneAt ?? -1, header.gone ? header.readSeq : -1);
      // An equal row may follow only when it ends a deletion.
      const isDead = before !== undefined && before.goneAt > before.shownAt;
      const isAgain = header.gone ? isDead : !isDead && before?.hash === hash;
      expect(isAgain, 'nothing is journaled twice (I2)').toBe(false);
      seen.set(header.key, {
        hash: header.gone ? before?.hash : hash,
        shownAt,
        goneAt,
        last: index,
      });
    }
    const stored = reader.meta(frontierName);
    expect(stored === undefined ? 0 : Frontier.decode(stored).size, 'a leaf an entry (I5)').toBe(
      end,
    );
    if (stored !== undefined) {
      expect(Buffer.from(Frontier.decode(stored).root())).toEqual(Buffer.from(frontier.root()));
    }
    this.#checkMarks(reader);
    this.#checkCursor(reader);
  }

  #checkMarks(reader: StoreReader): void {
    const marked = new Set(reader.dirty().map((row) => row.key));
    for (const notice of this.notices) {
      if (!notice.acknowledged || marked.has(notice.key)) continue;
      const read = this.source.reads.some(
        (one) => one.order > notice.order && one.keys.includes(notice.key),
      );
      expect(read, `the notice of ${notice.key} was acknowledged and then forgotten (I1)`).toBe(
        true,
      );
    }
  }

  #checkCursor(reader: StoreReader): void {
    const after = storedCursor(reader);
    for (const page of this.source.changePages) {
      if (page.after > after) continue;
      for (const row of page.rows) {
        const state = this.#state(reader, row.id);
        const stands =
          state !== null && (!this.settings.versioned || Number(state.version) >= row.version);
        expect(stands, `the cursor passed ${row.id} version ${row.version} (I4)`).toBe(true);
      }
    }
  }

  #state(reader: StoreReader, key: string): RecordState | null {
    const row = reader.row('record', `${name}/${key}`);
    return row === undefined ? null : (JSON.parse(row.value) as RecordState);
  }

  /** What the platform shows, by key. */
  shown(): Record<string, number> {
    const shown: Record<string, number> = {};
    for (const row of createReader(this.store, tables).tableAll('record')) {
      const state = JSON.parse(row.value) as RecordState;
      if (isDeleted(state) || state.withdrawn) continue;
      shown[row.key.slice(name.length + 1)] = Number(state.rows[0]?.fields['value']);
    }
    return shown;
  }

  truth(): Record<string, number> {
    return Object.fromEntries([...this.source.rows.values()].map((row) => [row.id, row.value]));
  }

  async pass(ms: number, isOver: () => boolean = () => false): Promise<boolean> {
    const end = this.time.now + ms;
    while (this.time.now < end) {
      // Everything that can happen at this moment happens before time goes on.
      await new Promise((resolve) => setImmediate(resolve));
      if (this.failure !== null) throw this.failure;
      if (isOver()) return true;
      if (!this.time.step()) break;
    }
    return isOver();
  }

  isQuiet(): boolean {
    if (this.#isDown || this.#loop?.queued !== 0 || this.#runner?.dirty.size !== 0) return false;
    return this.reader.dirty().length === 0;
  }
}

function storedCursor(reader: StoreReader): number {
  const stored = reader.meta(`cursor/${name}`);
  if (stored === undefined) return -1;
  return Number((JSON.parse(Buffer.from(stored).toString()) as Cursor)['after']);
}

async function simulate(seed: number): Promise<{ kills: number; entries: number }> {
  const folder = mkdtempSync(join(memory, 'headrace-simulation-'));
  const world = new World(seed, folder);
  try {
    const { settings, chance, time, source: fake } = world;
    world.start();
    const span = 14_000;
    for (let count = 0; count < settings.changes; count += 1) {
      time.after(chance.below(span), () => world.change());
    }
    for (let count = 0; count < settings.crashes; count += 1) {
      const atOnce = chance.is(0.4);
      time.after(chance.below(span), () => (atOnce ? world.kill() : world.killInCommit()));
    }
    for (let count = 0; count < settings.diskFailures; count += 1) {
      time.after(chance.below(span), () => world.failCommits(1 + chance.below(4)));
    }
    await world.pass(span + 2000);
    fake.isFaulty = false;
    world.failCommits(0);
    const passes = fake.passesBegun;
    const isSettled = () =>
      (settings.pushOnly || fake.passesBegun >= passes + 3) &&
      world.isQuiet() &&
      JSON.stringify(sorted(world.shown())) === JSON.stringify(sorted(world.truth()));
    await world.pass(4000);
    const settled = await world.pass(300_000, isSettled);
    expect(sorted(world.shown()), 'the state is the source’s (I6)').toEqual(sorted(world.truth()));
    expect(settled, 'everything came to rest (I17)').toBe(true);
    world.check();
    const counts = Object.values(world.truth());
    for (const value of [4, 5]) {
      const row = world.reader.row('tally', String(value));
      const count = row === undefined ? 0 : Number(JSON.parse(row.value).count);
      expect(count, 'a late fold counted each record once (I2)').toBe(
        counts.filter((one) => one === value).length,
      );
    }
    const { mismatches, firstMismatch, entries } = verifyReplay({ folder, folds, normalizer });
    expect({ mismatches, firstMismatch }).toEqual({ mismatches: 0, firstMismatch: null });
    return { kills: world.kills, entries };
  } finally {
    world.store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function sorted(record: Record<string, number>) {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}

describe('simulation', () => {
  it(`holds I1, I2, I4, I5 and I6 in ${runs} runs`, { timeout: 300_000 }, async () => {
    let kills = 0;
    let entries = 0;
    for (let run = 0; run < runs; run += 1) {
      const seed = firstSeed + run;
      try {
        const result = await simulate(seed);
        kills += result.kills;
        entries += result.entries;
      } catch (thrown) {
        const error = thrown as Error;
        error.message = `run ${run}: repeat with HEADRACE_SEED=${seed} HEADRACE_SIMULATIONS=1\n${JSON.stringify(settingsOf(new Chance(seed)))}\n${error.message}`;
        throw error;
      }
    }
    console.log(`${runs} runs from seed ${firstSeed}: ${kills} crashes, ${entries} entries`);
  });
});
