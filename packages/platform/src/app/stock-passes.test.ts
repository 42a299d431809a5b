/**
 * Stock that is read as a whole while it is posted, through the real streams of the ERP's connector,
 * the real step and the real folds, in virtual time. The ERP posts documents with times in whole
 * seconds, commits them a little later, drops rows that fall to zero, reads the rows of one page at
 * two moments, cuts pages short, fails and lies; the process dies and starts again. One number
 * decides a whole run; a failure prints it:
 * `HEADRACE_SEED=N npx vitest run --project unit stock-passes` starts at that run.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sap } from '@headrace/connectors';
import {
  type ConnectorContext,
  compilePersonal,
  HeadraceError,
  type HttpRequest,
  type HttpResponse,
  type JsonObject,
  type Logger,
  type Quantity,
  type Stream,
  type Timers,
} from '@headrace/sdk';
import { Chance, VirtualTime } from '@headrace/sdk/testing';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { decodeHeader, openKeyRing } from '../audit/index.js';
import {
  type Arrival,
  createInThreadWriter,
  isDeleted,
  type Normalizer,
  Planner,
  RateBudget,
  ReadsUnderWay,
  type RecordState,
  StepLoop,
  StreamRunner,
  tablesOf,
  verifyReplay,
} from '../engine/index.js';
import { createNormalizer, stockHistoryOf, stockLedgerFold } from '../entities/index.js';
import { createReader, type OpenedStore, openStore, type StoreReader } from '../storage/index.js';

/** A thousand by name (CONTRIBUTING); some in CI, few while one works. */
const runs = Number(
  process.env['HEADRACE_SIMULATIONS'] ?? (process.env['CI'] === 'true' ? 150 : 10),
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
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#time.after(ms, () => {
        if (this.isAlive) resolve();
      });
    });
  }
}

interface Settings {
  readonly materials: number;
  readonly plants: number;
  readonly documents: number;
  readonly crashes: number;
  /** Between the time a document bears and the moment it is committed, at most. */
  readonly lateMs: number;
  /** Whether rows of one page are read at two moments. */
  readonly isTorn: boolean;
  /** Whether a material without any stock has no record. */
  readonly vanishes: boolean;
  readonly zeros: boolean;
  readonly namesPlants: boolean;
  /** Records the ERP gives at most in one page. */
  readonly pageCap: number;
  readonly zoneHours: 0 | 1;
  readonly slowMs: number;
}

function settingsOf(chance: Chance): Settings {
  return {
    materials: 3 + chance.below(6),
    plants: 2 + chance.below(2),
    documents: 6 + chance.below(18),
    crashes: chance.below(3),
    lateMs: chance.of([0, 0, 700, 2500]),
    isTorn: chance.is(0.5),
    vanishes: chance.is(0.5),
    zeros: chance.is(0.7),
    namesPlants: chance.is(0.7),
    pageCap: 1 + chance.below(4),
    zoneHours: chance.of([0, 1]),
    slowMs: chance.of([300, 1500, 4000]),
  };
}

const source = 'erp';
const span = 8_000;
/** Its first shelf is never empty, so that an empty answer is always a lie. */
const anchor = 'M0';

interface Item {
  readonly material: string;
  readonly plant: string;
  /** With its sign. */
  readonly quantity: number;
}

interface Document {
  readonly number: string;
  /** As it bears it: whole seconds. */
  readonly postedAt: number;
  readonly committedAt: number;
  readonly items: readonly Item[];
}

type Levels = ReadonlyMap<string, number>;

const shelfOf = (material: string, plant: string) => `${material}/${plant}`;

/** The books, what they were at any time, and the services over them. */
class Erp {
  readonly documents: Document[] = [];
  readonly levels = new Map<string, number>();
  /** Of each shelf, every level with the moment it began, oldest first. */
  readonly history = new Map<string, { readonly at: number; readonly level: number }[]>();
  /** Point reads by material: when each was asked. */
  readonly pointReads = new Map<string, number[]>();
  isFaulty = true;
  passesBegun = 0;
  #hasLied = false;
  pollsBegun = 0;
  readonly materials: readonly string[];
  readonly plants: readonly string[];
  readonly #world: World;
  #numbers = 4_900_000_000;

  constructor(world: World) {
    this.#world = world;
    const { settings } = world;
    this.materials = Array.from({ length: settings.materials }, (_, at) => `M${at}`);
    this.plants = Array.from({ length: settings.plants }, (_, at) => `P${at + 1}`);
    this.post([{ material: anchor, plant: 'P1', quantity: 1000 }], 0);
    for (let count = 0; count < settings.materials; count += 1) this.postAny();
  }

  /** Receipts, issues, often of all there is, and transfers between plants. */
  postAny(): void {
    const { chance, settings } = this.#world;
    const items: Item[] = [];
    const planned = new Map(this.levels);
    const add = (material: string, plant: string, quantity: number) => {
      const shelf = shelfOf(material, plant);
      planned.set(shelf, (planned.get(shelf) ?? 0) + quantity);
      items.push({ material, plant, quantity });
    };
    const lines = 1 + chance.below(2);
    for (let line = 0; line < lines; line += 1) {
      const material = chance.of(this.materials);
      const plant = chance.of(this.plants);
      const has = planned.get(shelfOf(material, plant)) ?? 0;
      const isAnchor = material === anchor && plant === 'P1';
      if (has === 0 || isAnchor || chance.is(0.35)) add(material, plant, 1 + chance.below(5));
      else {
        const quantity = chance.is(0.5) ? has : 1 + chance.below(has);
        add(material, plant, -quantity);
        const others = this.plants.filter((other) => other !== plant);
        if (chance.is(0.4)) add(material, chance.of(others), quantity);
      }
    }
    this.post(items, settings.lateMs === 0 ? 0 : chance.below(settings.lateMs));
  }

  /** The number and the time are given first; the books know of it once it is committed. */
  post(items: readonly Item[], lateMs: number): void {
    const { time } = this.#world;
    this.#numbers += 1;
    const number = String(this.#numbers);
    const postedAt = Math.floor(time.now / 1000) * 1000;
    const commit = () => {
      const isCovered = items.every(
        ({ material, plant, quantity }) =>
          quantity > 0 || (this.levels.get(shelfOf(material, plant)) ?? 0) + quantity >= 0,
      );
      // Somebody else took it meanwhile.
      if (!isCovered) return;
      this.documents.push({ number, postedAt, committedAt: time.now, items });
      for (const { material, plant, quantity } of items) {
        const shelf = shelfOf(material, plant);
        const level = (this.levels.get(shelf) ?? 0) + quantity;
        this.levels.set(shelf, level);
        const past = this.history.get(shelf) ?? [];
        this.history.set(shelf, past);
        past.push({ at: time.now, level });
      }
    };
    if (lateMs === 0) commit();
    else time.after(lateMs, commit);
  }

  levelAt(shelf: string, at: number): number {
    return this.history.get(shelf)?.findLast((step) => step.at <= at)?.level ?? 0;
  }

  /** Every level a shelf had between two moments, both included. */
  levelsDuring(shelf: string, from: number, to: number): readonly number[] {
    const past = this.history.get(shelf) ?? [];
    const during = past.filter(({ at }) => at > from && at <= to).map(({ level }) => level);
    return [this.levelAt(shelf, from - 1), this.levelAt(shelf, from), ...during];
  }

  async request(process: Process, { path }: HttpRequest): Promise<HttpResponse> {
    const address = new URL(path, 'http://erp');
    const service = address.pathname.split('/').at(-2) ?? '';
    if (address.pathname.endsWith('$metadata')) {
      const about = { code: 'E_HTTP', context: { status: 404 } };
      throw new HeadraceError('contract', 'There is no description.', about);
    }
    const query = address.searchParams;
    const answer = await (service === 'API_MATERIAL_STOCK_SRV'
      ? this.#stock(process, query)
      : this.#movements(process, query));
    const body = Buffer.from(JSON.stringify({ d: answer }));
    return { status: 200, headers: {}, body };
  }

  async #stock(process: Process, query: URLSearchParams): Promise<JsonObject> {
    const { chance, settings, time } = this.#world;
    const filter = query.get('$filter') ?? '';
    const isPass = query.has('$orderby');
    if (isPass && filter === '') this.passesBegun += 1;
    if (!isPass) {
      for (const [, key = ''] of filter.matchAll(/'([^']*)'/g)) {
        const asked = this.pointReads.get(key) ?? [];
        this.pointReads.set(key, [...asked, time.now]);
      }
    }
    await this.#lag(process);
    const first = new Map(this.levels);
    await this.#lag(process);
    const second = new Map(this.levels);
    await this.#lag(process);
    this.#mayFail(!isPass);
    const levels = settings.isTorn ? this.#mixed(first, second) : chance.of([first, second]);
    // An absence is believed when a second answer shows it, too: who lies twice in a row is believed.
    const isLie = this.isFaulty && chance.is(0.03) && !(this.#hasLied && !isPass);
    if (!isPass) this.#hasLied = isLie;
    const all = isLie ? [] : this.#stockRecords(levels);
    const twice =
      settings.isTorn && chance.is(0.1) ? this.#stockRecords(this.#mixed(first, second)) : [];
    return pageOf(query, all, isPass ? settings.pageCap : 1000, (record) => [
      record,
      // A row that moved within the page while it was read stands in it twice.
      ...twice.filter(({ Material }) => Material === record['Material']),
    ]);
  }

  #mixed(first: Levels, second: Levels): Levels {
    const shelves = [...first.keys(), ...second.keys()];
    const { chance } = this.#world;
    return new Map(
      shelves.map((shelf) => [shelf, (chance.is(0.5) ? first : second).get(shelf) ?? 0]),
    );
  }

  #stockRecords(levels: Levels): JsonObject[] {
    return this.materials.flatMap((Material) => {
      const rows = this.plants.flatMap((Plant) => {
        const level = levels.get(shelfOf(Material, Plant)) ?? 0;
        if (level === 0) return [];
        const of = { Material, Plant, StorageLocation: '0001', Batch: '' };
        const kind = { InventorySpecialStockType: '', InventoryStockType: '01' };
        const amount = { MaterialBaseUnit: 'PC', MatlWrhsStkQtyInMatlBaseUnit: `${level}.000` };
        return [{ ...of, ...kind, ...amount }];
      });
      if (rows.length === 0 && this.#world.settings.vanishes) return [];
      return [{ Material, MaterialBaseUnit: 'PC', to_MatlStkInAcctMod: { results: rows } }];
    });
  }

  async #movements(process: Process, query: URLSearchParams): Promise<JsonObject> {
    const { chance, settings } = this.#world;
    const isPass = (query.get('$orderby') ?? '').includes('desc');
    await this.#lag(process);
    const first = [...this.documents];
    await this.#lag(process);
    const documents = chance.is(0.5) ? first : [...this.documents];
    await this.#lag(process);
    this.#mayFail(false);
    if (!isPass && !(query.get('$filter') ?? '').includes('Year')) this.pollsBegun += 1;
    const records = documents.map((document) => this.#documentRecord(document));
    return pageOf(query, records, settings.pageCap * 4, (record) => [record]);
  }

  #documentRecord({ number, postedAt, items }: Document): JsonObject {
    const local = new Date(postedAt + this.#world.settings.zoneHours * 3_600_000).toISOString();
    const [hour, minute, second] = local.slice(11, 19).split(':');
    const day = `/Date(${Date.parse(`${local.slice(0, 10)}T00:00:00Z`)})/`;
    return {
      MaterialDocumentYear: '2023',
      MaterialDocument: number,
      ...{ PostingDate: day, CreationDate: day, CreationTime: `PT${hour}H${minute}M${second}S` },
      to_MaterialDocumentItem: {
        results: items.map(({ material, plant, quantity }, at) => ({
          ...{ MaterialDocumentItem: String(at + 1), Material: material, Plant: plant },
          ...{ StorageLocation: '0001', InventoryStockType: '01', GoodsMovementType: '301' },
          ...{ MaterialBaseUnit: 'PC', QuantityInBaseUnit: `${Math.abs(quantity)}.000` },
          DebitCreditCode: quantity < 0 ? 'H' : 'S',
        })),
      },
    };
  }

  async #lag(process: Process): Promise<void> {
    const { chance, settings } = this.#world;
    await process.sleep(chance.is(0.2) ? chance.below(settings.slowMs) : chance.below(80));
  }

  #mayFail(isPointRead: boolean): void {
    const { chance, time } = this.#world;
    if (!this.isFaulty || !chance.is(0.08)) return;
    const kind = chance.of(['transient', 'rate-limited', isPointRead ? 'contract' : 'transient']);
    throw new HeadraceError(kind as 'transient', 'Failed as told.', {
      code: 'E_FAKE',
      ...(kind === 'rate-limited' ? { retryAtMs: time.now + 300 } : {}),
    });
  }
}

/** Filters, sorts and cuts as the services do; the cut is said by a link. */
function pageOf(
  query: URLSearchParams,
  records: readonly JsonObject[],
  cap: number,
  shown: (record: JsonObject) => readonly JsonObject[],
): JsonObject {
  const passes = filterOf(query.get('$filter'));
  const isDown = (query.get('$orderby') ?? '').includes('desc');
  const keyOf = (record: JsonObject) => String(record['Material'] ?? record['MaterialDocument']);
  const found = records
    .filter(passes)
    .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1) * (isDown ? -1 : 1));
  const top = Number(query.get('$top'));
  const results = found.slice(0, Math.min(top, cap)).flatMap(shown);
  return {
    results,
    ...(query.has('$inlinecount') ? { __count: String(found.length) } : {}),
    ...(cap < top && found.length > cap ? { __next: 'http://erp/next' } : {}),
  };
}

/** The comparisons our connector asks for, nested in parentheses. */
function filterOf(filter: string | null): (record: JsonObject) => boolean {
  if (filter === null) return () => true;
  const tokens = filter.match(/\(|\)|\band\b|\bor\b|\w+ (?:eq|gt|ge|lt) \w*'[^']*'/g) ?? [];
  const primary = (): ((record: JsonObject) => boolean) => {
    const token = tokens.shift() ?? '';
    if (token !== '(') {
      const [, name = '', word = '', literal = ''] = /^(\w+) (\w+) \w*'([^']*)'$/.exec(token) ?? [];
      return (record) => compares(plain(record[name] as string), word, plain(literal));
    }
    const inner = expression();
    tokens.shift();
    return inner;
  };
  const expression = (): ((record: JsonObject) => boolean) => {
    let left = primary();
    while (tokens[0] === 'and' || tokens[0] === 'or') {
      const isAnd = tokens.shift() === 'and';
      const [one, other] = [left, primary()];
      left = (record) => (isAnd ? one(record) && other(record) : one(record) || other(record));
    }
    return left;
  };
  return expression();
}

/** Days and times in a shape that sorts, other values as they are. */
function plain(value: string): string {
  const ms = /^\/Date\((\d+)\)\/$/.exec(value)?.[1];
  if (ms !== undefined) return new Date(Number(ms)).toISOString().slice(0, 10);
  return value.replace(/T00:00:00$/, '');
}

function compares(a: string, word: string, b: string): boolean {
  if (word === 'eq') return a === b;
  if (word === 'lt') return a < b;
  return word === 'gt' ? a > b : a >= b;
}

const folds = [stockLedgerFold];
const tables = tablesOf(folds);
const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };
const points = ['before-begin', 'keys-committed', 'applied', 'committed'] as const;

class Killed extends Error {}

class World {
  readonly chance: Chance;
  readonly time = new VirtualTime();
  readonly settings: Settings;
  readonly store: OpenedStore;
  readonly reader: StoreReader;
  readonly erp: Erp;
  readonly normalizer: Normalizer;
  failure: Error | null = null;
  kills = 0;
  corrections = 0;
  saidOnTheWay = 0;
  #process: Process;
  #runners: readonly StreamRunner[] = [];
  #loop: StepLoop | null = null;
  #killAt: { readonly point: string; countdown: number } | null = null;
  #isDown = true;
  #checked = 0;
  /** Journaled reads of stock by their entry, and of each material the begin of the one shown. */
  readonly #reads = new Map<number, { readonly readAt: number; readonly receivedAt: number }>();
  readonly #goneAt = new Map<string, number>();
  readonly #shownSince = new Map<string, number>();
  /** Begin of the newest durable read of each material, also of those that changed nothing. */
  readonly #readSince = new Map<string, number>();

  constructor(seed: number, folder: string) {
    this.chance = new Chance(seed);
    this.settings = settingsOf(this.chance);
    this.store = openStore(folder, { tables, volatile: true });
    this.reader = createReader(this.store, tables);
    this.erp = new Erp(this);
    this.#process = new Process(this.time);
    const config = this.#config() as never;
    this.normalizer = createNormalizer([{ name: source, spec: sap.spec as never, config }]);
  }

  #config() {
    const { namesPlants, zeros, zoneHours } = this.settings;
    return z.parse(sap.spec.config, {
      url: 'http://erp.example',
      auth: { kind: 'basic', secret: 'user:password' },
      timeZone: zoneHours === 0 ? 'UTC' : 'Europe/Amsterdam',
      plants: namesPlants
        ? Object.fromEntries(this.erp.plants.map((plant) => [plant, `dc-${plant}`]))
        : {},
      stock: { zeros },
      pageSize: 10,
      without: sap.spec
        .streams(z.parse(sap.spec.config, sap.spec.example) as never)
        .map(({ name }) => name)
        .filter((name) => name !== 'stock' && name !== 'stockMovement'),
    });
  }

  locationOf(plant: string): string {
    return this.settings.namesPlants ? `dc-${plant}` : plant;
  }

  start(): void {
    const process = new Process(this.time);
    this.#process = process;
    this.#isDown = false;
    const { store, time, chance } = this;
    const reader = createReader(store, tables);
    let monotonic = 0;
    const clock = { now: () => time.now, monotonicMs: () => (monotonic += 0.4) };
    const pause = () => process.sleep(0);
    const runners = new Map<string, StreamRunner>();
    const planner = new Planner({
      reader,
      ring: openKeyRing(store, Buffer.alloc(32, 7), chance),
      ...{ clock, random: chance, folds, normalizer: this.normalizer, pause },
      slotsMax: chance.of([2, 8192]),
      isAsked: (_source, stream) => runners.get(stream)?.isAsked ?? false,
      touched: (_source, change, seq, noticedAt) =>
        runners.get(change.stream)?.dirty.mark(change.key, { seq, noticedAt }),
    });
    const loop = new StepLoop({
      planner,
      writer: this.#writer(process),
      log: silent,
      wait: (ms) => process.sleep(ms),
      turn: pause,
      groupMax: chance.of([1, 3, 500]),
      overlapMin: chance.of([1, 2, 64]),
      durable: () => this.#attempt(() => this.checkShown()),
    });
    const config = this.#config();
    const reads = new ReadsUnderWay();
    const budget = new RateBudget({ requestsPerSecond: 1000, concurrency: 4 }, clock, process);
    const contextFor = (priority: 'fetch' | 'changes' | 'pass') =>
      ({
        ...{ config, clock, random: chance, timers: process, log: silent },
        signal: new AbortController().signal,
        http: {
          request: (asked: HttpRequest) =>
            budget.use(priority, () => this.erp.request(process, asked)),
        },
      }) as unknown as ConnectorContext<never>;
    const contexts = {
      ...{ fetch: contextFor('fetch'), changes: contextFor('changes'), pass: contextFor('pass') },
    };
    for (const spec of sap.spec.streams(config as never) as unknown as Stream<never>[]) {
      const personal = spec.personal === undefined ? null : compilePersonal(spec.personal.paths);
      const runner = new StreamRunner({
        runtime: { source, stream: spec.name, spec, personal },
        loop: this.#noting(loop),
        ...{ contexts, planner, reader, budget, clock, timers: process, random: chance },
        everyMs: spec.name === 'stock' ? 3000 : 2000,
        passEveryMs: 6000,
        coalesceMs: 20,
        ...{ log: silent, pause, reads },
        spill: () => Promise.reject(new Error('nothing is large here')),
        crash: (error) => {
          this.failure ??= error;
        },
      });
      runners.set(spec.name, runner);
    }
    for (const { stream, key, seq, noticedAt } of reader.dirty()) {
      runners.get(stream.split('/')[1] ?? '')?.dirty.mark(key, { seq, noticedAt });
    }
    this.#loop = loop;
    this.#runners = [...runners.values()];
    for (const runner of this.#runners) {
      runner.run(new AbortController().signal).catch((thrown: Error) => {
        this.failure ??= thrown;
      });
    }
    const tick = () => {
      if (!process.isAlive) return;
      planner.sightings.forgetBefore(reads.oldest(planner.takeSeq()));
      time.after(300, tick);
    };
    tick();
  }

  /** The loop as it is; reads of stock are noted once they are durable, whatever came of them. */
  #noting(loop: StepLoop): StepLoop {
    const submit = async (arrivals: readonly Arrival[]) => {
      await loop.submit(arrivals);
      this.#attempt(() => {
        for (const arrival of arrivals) this.#noteRead(arrival);
      });
    };
    return Object.assign(Object.create(loop) as StepLoop, { submit });
  }

  #noteRead(arrival: Arrival): void {
    if (arrival.kind !== 'record' && arrival.kind !== 'absence') return;
    if (arrival.stream.stream !== 'stock') return;
    const material =
      arrival.kind === 'absence'
        ? arrival.key
        : String((JSON.parse(Buffer.from(arrival.bytes).toString()) as JsonObject)['Material']);
    const since = this.#readSince.get(material) ?? 0;
    this.#readSince.set(material, Math.max(since, arrival.times.readAt ?? 0));
    this.#checkMaterial(material);
  }

  kill(): void {
    if (this.#isDown) return;
    this.#process.isAlive = false;
    this.#isDown = true;
    this.kills += 1;
    this.#killAt = null;
    this.time.after(1 + this.chance.below(400), () => {
      this.#attempt(() => this.check());
      this.start();
    });
  }

  /** The next commits die at a point of the commit, which keeps or loses their outcome. */
  killInCommit(): void {
    this.#killAt = { point: this.chance.of(points), countdown: 1 + this.chance.below(3) };
  }

  #attempt(work: () => void): void {
    try {
      work();
    } catch (thrown) {
      this.failure ??= thrown as Error;
    }
  }

  #writer(process: Process) {
    const inner = createInThreadWriter(this.store, {
      tables,
      now: () => this.time.now,
      at: (point) => {
        if (this.#killAt?.point === point && --this.#killAt.countdown <= 0) throw new Killed();
      },
    });
    let last: Promise<unknown> = Promise.resolve();
    const commit: typeof inner.commit = (batch) => {
      const result = last.then(async () => {
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
    };
    return { commit, close: async () => undefined };
  }

  /** What must hold at any time, also right after a crash. */
  check(): void {
    this.checkShown();
    this.#checkReread();
  }

  /** Of every material whose rows may have changed: what is shown, and of which read it is. */
  checkShown(): void {
    const { reader } = this;
    const end = reader.journalEnd();
    if (end === this.#checked) return;
    const changed = new Set<string>();
    for (const { header: bytes, offset } of reader.journalRange(this.#checked, end)) {
      const header = decodeHeader(bytes);
      if (header.kind !== 'record' || header.stream !== 'stock') continue;
      changed.add(header.key);
      this.#reads.set(offset, { readAt: header.readAt ?? 0, receivedAt: header.receivedAt ?? 0 });
      if (header.gone) this.#goneAt.set(header.key, offset);
    }
    this.#checked = end;
    this.corrections += changed.size;
    for (const material of changed) this.#checkMaterial(material);
    // One after the other: all of them at each commit would take longer than everything else.
    const shelves = [...this.erp.levels.keys()];
    this.saidOnTheWay += this.checkHistory('on the way', [shelves[end % shelves.length] as string]);
  }

  #checkMaterial(material: string): void {
    const row = this.reader.row('record', `${source}/stock/${material}`);
    // What was never there needs no state to be missing.
    if (row === undefined) return;
    const state = JSON.parse(row.value) as RecordState;
    const offset = isDeleted(state) ? this.#goneAt.get(material) : state.offset;
    const read = this.#reads.get(offset ?? -1);
    if (read === undefined) throw new Error(`${material} is shown as of no read`);
    const since = this.#shownSince.get(material) ?? 0;
    expect(read.readAt, `${material} goes back to an earlier read`).toBeGreaterThanOrEqual(since);
    this.#shownSince.set(material, read.readAt);
    const shown = levelsOf(state);
    for (const plant of this.erp.plants) {
      const shelf = shelfOf(material, plant);
      const level = shown.get(this.locationOf(plant)) ?? 0;
      const levels = this.erp.levelsDuring(shelf, read.readAt, read.receivedAt);
      expect(levels, `${shelf} never had ${level} while it was read`).toContain(level);
      const readSince = this.#readSince.get(material) ?? 0;
      const later = this.erp.levelsDuring(shelf, readSince, this.time.now);
      expect(later, `${shelf} shows ${level} again after a newer read`).toContain(level);
    }
  }

  /** Who read a document knows that its materials changed: they are asked for, or will be. */
  #checkReread(): void {
    const { reader } = this;
    const marked = new Set(reader.dirty().map(({ stream, key }) => `${stream}/${key}`));
    for (const { number, committedAt, items } of this.erp.documents) {
      if (reader.row('record', `${source}/stockMovement/2023/${number}`) === undefined) continue;
      for (const { material } of items) {
        if (marked.has(`${source}/stock/${material}`)) continue;
        const asked = this.erp.pointReads.get(material)?.some((at) => at >= committedAt) ?? false;
        expect(asked, `${material} was posted by ${number} and not read again`).toBe(true);
      }
    }
  }

  /** What the platform shows, by shelf, zeros left out. */
  shown(): Record<string, number> {
    const rows = [...this.reader.tableAll('record')];
    const levels = rows
      .filter(({ key }) => key.startsWith(`${source}/stock/`))
      .flatMap(({ key, value }) => {
        const material = key.split('/').at(-1) ?? '';
        return [...levelsOf(JSON.parse(value) as RecordState)].map(
          ([location, level]) => [`${material}/${location}`, level] as const,
        );
      });
    return withoutZeros(levels);
  }

  /** What all postings known add up to. */
  posted(): Record<string, number> {
    const sums = new Map<string, number>();
    for (const { key, value } of this.reader.tableAll('record')) {
      if (!key.startsWith(`${source}/stockMovement/`)) continue;
      for (const { fields } of (JSON.parse(value) as RecordState).rows) {
        const shelf = `${fields['sku']}/${fields['location']}`;
        const quantity = Number((fields['quantity'] as unknown as Quantity).value);
        sums.set(shelf, (sums.get(shelf) ?? 0) + quantity);
      }
    }
    return withoutZeros([...sums]);
  }

  truth(): Record<string, number> {
    return withoutZeros(
      [...this.erp.levels].map(([shelf, level]) => {
        const [material = '', plant = ''] = shelf.split('/');
        return [`${material}/${this.locationOf(plant)}`, level] as const;
      }),
    );
  }

  /**
   * The history of each shelf is the truth wherever it says something; on the way, before all that
   * was posted is known, wherever it says more than what a reading showed.
   */
  checkHistory(when: 'at the end' | 'on the way', shelves = [...this.erp.levels.keys()]): number {
    const { reader } = this;
    const slackMs = 1000 + this.settings.lateMs;
    let said = 0;
    for (const shelf of shelves) {
      const [sku = '', plant = ''] = shelf.split('/');
      const history = stockHistoryOf(reader, {
        ...{ source, sku, location: this.locationOf(plant), slackMs },
        movementStreams: ['stockMovement'],
      });
      if (history === null) continue;
      expect(history.unexplainedMicros, `${shelf} moved unexplained ${when}`).toBe(0n);
      for (const { from, to, onHandMicros, confidence } of history.spans) {
        expect(confidence).not.toBe('contradicted');
        if (when === 'on the way' && confidence === 'rolled-forward') continue;
        const end = to ?? this.time.now;
        for (const at of [from, Math.floor((from + end) / 2), end - 1]) {
          if (at < from || this.#isBlurred(shelf, at)) continue;
          said += 1;
          expect(onHandMicros, `${shelf} at ${at}`).toBe(
            BigInt(this.erp.levelAt(shelf, at)) * 1_000_000n,
          );
        }
      }
    }
    return said;
  }

  /** Between the time a document bears and its commit, the level is a matter of opinion. */
  #isBlurred(shelf: string, at: number): boolean {
    return this.erp.documents.some(
      ({ postedAt, committedAt, items }) =>
        postedAt <= at &&
        at < committedAt &&
        items.some(({ material, plant }) => shelfOf(material, plant) === shelf),
    );
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
    return (
      !this.#isDown &&
      this.#loop?.queued === 0 &&
      this.#runners.every(({ dirty }) => dirty.size === 0) &&
      this.reader.dirty().length === 0
    );
  }
}

/** By location; a record that is gone shows nothing. */
function levelsOf(state: RecordState): ReadonlyMap<string, number> {
  if (isDeleted(state) || state.withdrawn) return new Map();
  return new Map(
    state.rows.map(({ fields }) => [
      String(fields['location']),
      Number((fields['onHand'] as unknown as Quantity).value),
    ]),
  );
}

function withoutZeros(levels: Iterable<readonly [string, number]>): Record<string, number> {
  const some = [...levels].filter(([, level]) => level !== 0);
  return Object.fromEntries(some.sort(([a], [b]) => (a < b ? -1 : 1)));
}

async function simulate(seed: number) {
  const folder = mkdtempSync(join(memory, 'headrace-stock-'));
  const world = new World(seed, folder);
  try {
    const { settings, chance, time, erp } = world;
    // What was posted before we came is told by the first pass only.
    time.after(settings.lateMs, () => world.start());
    for (let count = 0; count < settings.documents; count += 1) {
      time.after(chance.below(span), () => erp.postAny());
    }
    for (let count = 0; count < settings.crashes; count += 1) {
      const atOnce = chance.is(0.4);
      time.after(chance.below(span), () => (atOnce ? world.kill() : world.killInCommit()));
    }
    await world.pass(span + settings.lateMs + 1000);
    erp.isFaulty = false;
    const { passesBegun, pollsBegun } = erp;
    const isSettled = () =>
      erp.passesBegun >= passesBegun + 2 &&
      erp.pollsBegun >= pollsBegun + 2 &&
      world.isQuiet() &&
      JSON.stringify(world.shown()) === JSON.stringify(world.truth()) &&
      JSON.stringify(world.posted()) === JSON.stringify(world.truth());
    const settled = await world.pass(120_000, isSettled);
    expect(world.shown(), 'the stock is the ERP’s').toEqual(world.truth());
    expect(world.posted(), 'the postings add up to the stock').toEqual(world.truth());
    expect(settled, 'everything came to rest').toBe(true);
    world.check();
    const said = world.checkHistory('at the end');
    if (seed % 10 === 0) {
      const { mismatches, firstMismatch } = verifyReplay({
        ...{ folder, folds, normalizer: world.normalizer },
      });
      expect({ mismatches, firstMismatch }).toEqual({ mismatches: 0, firstMismatch: null });
    }
    const { kills, corrections, saidOnTheWay } = world;
    return { kills, corrections, said, saidOnTheWay, documents: erp.documents.length };
  } finally {
    world.store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('stock that is posted while it is read', () => {
  it(`is what the ERP has, and never goes back, in ${runs} runs`, {
    timeout: 1_200_000,
  }, async () => {
    const sums = { kills: 0, corrections: 0, said: 0, saidOnTheWay: 0, documents: 0 };
    for (let run = 0; run < runs; run += 1) {
      const seed = firstSeed + run;
      try {
        const result = await simulate(seed);
        for (const name of Object.keys(sums) as (keyof typeof sums)[]) sums[name] += result[name];
      } catch (thrown) {
        const error = thrown as Error;
        error.message = `run ${run}: repeat with HEADRACE_SEED=${seed} HEADRACE_SIMULATIONS=1\n${JSON.stringify(settingsOf(new Chance(seed)))}\n${error.message}`;
        throw error;
      }
    }
    console.log(
      `${runs} runs from seed ${firstSeed}: ${sums.documents} documents, ${sums.kills} crashes, ` +
        `${sums.corrections} corrections, ${sums.said} levels told, ` +
        `${sums.saidOnTheWay} on the way`,
    );
    expect(sums.said, 'the history says something').toBeGreaterThan(runs);
    expect(sums.saidOnTheWay, 'it says something on the way').toBeGreaterThan(runs);
  });
});
