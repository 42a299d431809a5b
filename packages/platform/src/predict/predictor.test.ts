/**
 * Predictions over random histories in a real store: orders that come, are corrected, cancelled and told
 * late, a gate that opens and shuts, a process that dies between any two looks. An oracle that shares no
 * code with the room adds up what was known.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '@headrace/sdk';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Arrival,
  dumpFolds,
  type Engine,
  type FoldInput,
  FoldRunner,
  type Normalizer,
  stateKeyOf,
  tablesOf,
} from '../engine/index.js';
import { createNormalizer } from '../entities/index.js';
import { commerceFeatures, createFeatureFold, FeatureReader } from '../features/index.js';
import type { InputScore, WatchedStream } from '../quality/index.js';
import { BatchEncoder, createBatchWriter, createReader, openStore } from '../storage/index.js';
import { daysMin } from './demand/model.js';
import { predictFold } from './predict-fold.js';
import type { JudgedBody, PredictedBody } from './prediction.js';
import { Predictor } from './predictor.js';

const hour = 3_600_000;
const day = 24 * hour;
const start = Date.parse('2026-03-02T10:00:00Z');
const definitions = commerceFeatures({ currency: 'EUR' });
const views = definitions.filter((one) => one.kind === 'view');
const quantity = (value: number) => ({ value: String(value), unit: 'C62' });

const own = createNormalizer([]);
const normalizer: Normalizer = {
  ...own,
  anchorOf: (entity, key) => `${entity}/${key}`,
  orderOf: () => 'text',
  normalize: (header, body, reference) => {
    if (header.source === 'headrace') return own.normalize(header, body, reference);
    const { entity, ...fields } = body as { entity: string } & JsonObject;
    const key = String(fields['key']);
    return { rows: [{ entity, key, type: entity, externalId: key, fields }] };
  },
};
const folds = [createFeatureFold({ views, leading: {} }), predictFold];
const tables = [...tablesOf(folds), { name: 'quality_suspects', kind: 'index' as const }];
const folding = tablesOf(folds);

/** A line of an order as somebody tells of it. */
interface Line {
  readonly offset: number;
  readonly key: string;
  readonly sku: string;
  readonly at: number;
  readonly quantity: number;
  readonly isCancelled: boolean;
}

class World {
  readonly #folder = mkdtempSync(join(tmpdir(), 'headrace-predictor-'));
  readonly #store = openStore(this.#folder, { tables, volatile: true });
  readonly reader = createReader(this.#store, tables);
  readonly #runner = new FoldRunner(this.reader, folds, normalizer, 64);
  readonly #writer = createBatchWriter(this.#store, tables, {
    leaf: () => new Uint8Array(),
    ...{ beforeCommit: () => [], committed: () => undefined, rolledBack: () => undefined },
  });
  #batch = 0;
  readonly journal: { header: FoldInput['header']; body: JsonObject | null }[] = [];
  readonly lines: Line[] = [];
  now = start;
  score = 1;
  #monotonicMs = 0;
  /** What others do while a run lets them. */
  whilePaused: (() => void) | null = null;
  /** Entries a signed checkpoint covers. */
  covered = 0;
  #listeners = new Set<(inputs: readonly FoldInput[]) => void>();
  predictor = this.boot();

  /** A process begins: everything it kept in memory is gone. */
  boot(): Predictor {
    const watched: WatchedStream[] = [
      ...[stream('stock', ['stock']), stream('order', ['order', 'orderLine'])],
    ];
    const listeners = new Set<(inputs: readonly FoldInput[]) => void>();
    this.#listeners = listeners;
    const engine = {
      reader: this.reader,
      loop: { submit: async (arrivals: readonly Arrival[]) => this.submit(arrivals) },
      durableEnd: () => this.journal.length,
      onDurable: (listener: (inputs: readonly FoldInput[]) => void) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      checkpointAt: async (offset: number) => {
        expect(offset).toBeLessThan(this.journal.length);
        this.covered = Math.max(this.covered, offset + 1);
      },
      trouble: () => null,
    } as unknown as Engine;
    const made = new Predictor({
      ...{ engine, timeZone: 'Europe/Amsterdam', pause: async () => this.whilePaused?.() },
      quality: {
        inputs: () => watched.map((one, index) => inputOf(one, index === 0 ? this.score : 1)),
        watch: { streams: watched, leadingOf: (_entity: string, all: readonly string[]) => all },
      } as never,
      features: new FeatureReader({
        ...{ reader: this.reader, definitions, timeZone: 'Europe/Amsterdam' },
      }),
      // Each slice is over at once, so that others have their turn after every key.
      clock: { now: () => this.now, monotonicMs: () => (this.#monotonicMs += 10) },
      // Looks are called by hand: it sleeps until it is closed.
      timers: { sleep: () => new Promise(() => undefined) } as never,
      log: { debug() {}, info() {}, warn() {}, error() {} },
      demand: { horizonDays: 14, everyMs: 1, purchaseFor: 'dc-nl' },
    });
    listeners.add((inputs) => made.note(inputs));
    return made;
  }

  tell(entity: string, key: string, fields: JsonObject): number {
    const body = { entity, key, ...fields };
    const offset = this.journal.length;
    this.#append([{ header: this.#header('record', 'erp', entity, key), body }]);
    return offset;
  }

  submit(arrivals: readonly Arrival[]): void {
    const entries = arrivals.map((arrival, index) => {
      if (arrival.kind !== 'entry') throw new Error('only entries are submitted');
      const { entry, source, stream: name, key = '', body } = arrival;
      return { header: this.#header(entry, source, name, key, index), body };
    });
    this.#append(entries);
  }

  entries<Body>(action: string): { readonly offset: number; readonly body: Body }[] {
    return this.journal.flatMap(({ header, body }) =>
      body?.['action'] === action && header.kind === 'prediction'
        ? [{ offset: header.offset, body: body as unknown as Body }]
        : [],
    );
  }

  decisions(): readonly { readonly offset: number; readonly body: JsonObject }[] {
    return this.journal.flatMap(({ header, body }) =>
      header.kind === 'decision' ? [{ offset: header.offset, body: body as JsonObject }] : [],
    );
  }

  /** Folds all of it once more, in one batch, and gives both dumps. */
  refolded(): readonly [string, string] {
    const folder = mkdtempSync(join(tmpdir(), 'headrace-predictor-'));
    const store = openStore(folder, { tables: folding, volatile: true });
    const reader = createReader(store, folding);
    const runner = new FoldRunner(reader, folds, normalizer, 10_000);
    const writer = createBatchWriter(store, folding, {
      leaf: () => new Uint8Array(),
      ...{ beforeCommit: () => [], committed: () => undefined, rolledBack: () => undefined },
    });
    fold(runner, writer, 1, this.journal);
    const both = [this.reader, reader].map((one) =>
      [...dumpFolds(one, folding)].map((line) => JSON.stringify(line)).join('\n'),
    );
    store.close();
    rmSync(folder, { recursive: true, force: true });
    return both as [string, string];
  }

  close(): void {
    this.#store.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #append(entries: readonly { header: FoldInput['header']; body: JsonObject | null }[]): void {
    this.journal.push(...entries);
    this.#batch += 1;
    const inputs = fold(this.#runner, this.#writer, this.#batch, entries);
    for (const listener of this.#listeners) listener(inputs);
  }

  #header(
    kind: FoldInput['header']['kind'],
    source: string,
    stream: string,
    key: string,
    after = 0,
  ): FoldInput['header'] {
    const offset = this.journal.length + after;
    const id = Buffer.from(String(offset).padEnd(16).slice(0, 16));
    return {
      ...{ kind, source, stream, key, offset, previous: null, knownAt: this.now, eventAt: null },
      ...{ noticedAt: null, readAt: this.now, receivedAt: this.now, readSeq: offset, id, hash: id },
      ...{ subject: null, version: null, gone: false, snapshot: false, imputed: false },
      ...{ unreadable: false, unnamed: false, unmapped: false, replayed: false },
    };
  }
}

function fold(
  runner: FoldRunner,
  writer: ReturnType<typeof createBatchWriter>,
  batch: number,
  entries: readonly { header: FoldInput['header']; body: JsonObject | null }[],
): FoldInput[] {
  runner.prefetchReferences(new Set(entries.map(({ header }) => header.source)), batch);
  runner.prefetchRecords(
    entries.map(({ header }) => stateKeyOf(header.source, header.stream, header.key)),
    batch,
  );
  const inputs = entries.map(({ header, body }) => runner.foldFirst(header, body));
  runner.foldLater(inputs, batch);
  const encoder = new BatchEncoder();
  runner.flush(encoder, batch);
  const main = encoder.finish();
  writer.commit({ number: batch, after: batch - 1, main, keys: null, plannedAt: 0 }, 0);
  runner.evict(batch);
  return inputs;
}

function stream(name: string, entities: WatchedStream['entities']): WatchedStream {
  const rest = { feed: 'poll', everyMs: 1000, quiet: [], contract: {} };
  return { source: 'erp', stream: name, entities, ...rest } as unknown as WatchedStream;
}

function inputOf({ source, stream: name, entities }: WatchedStream, score: number): InputScore {
  const why = score === 1 ? null : 'Last known whole 20 s ago; the limit is 10 s.';
  const worst = { component: 'freshness' as const, score, why, evidence: [] };
  return {
    ...{ input: `${source}/${name}`, entity: entities[0] ?? 'stock', source, score, worst },
    ...{ ageMs: 20_000, maxAgeMs: 10_000, since: null },
    components: [worst],
  };
}

const skus = ['A', 'B', 'C/1'];

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('order' as const),
      sku: fc.nat(2),
      agoDays: fc.nat(40),
      quantity: fc.integer({ min: 1, max: 9 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('correct' as const),
      line: fc.nat(100),
      quantity: fc.integer({ min: 1, max: 9 }),
      isCancelled: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('stock' as const),
      sku: fc.nat(2),
      quantity: fc.nat(60),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      hours: fc.integer({ min: 1, max: 40 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('gate' as const),
      score: fc.constantFrom(1, 1, 0.7, 0.3, 0),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('look' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('die' as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;

async function take(world: World, one: Step): Promise<void> {
  world.now += 1000;
  switch (one.kind) {
    case 'order': {
      const key = `o${world.lines.length}`;
      tellLine(world, {
        ...{ key, sku: skus[one.sku] as string, quantity: one.quantity, isCancelled: false },
        at: world.now - one.agoDays * day,
      });
      return;
    }
    case 'correct': {
      const line = world.lines[one.line % Math.max(1, world.lines.length)];
      const { quantity: units, isCancelled } = one;
      if (line !== undefined) tellLine(world, { ...line, quantity: units, isCancelled });
      return;
    }
    case 'stock': {
      const sku = skus[one.sku] as string;
      const fields = { sku, location: 'dc-nl', onHand: quantity(one.quantity) };
      world.tell('stock', `${encodeURIComponent(sku)}/dc-nl`, fields);
      return;
    }
    case 'wait':
      world.now += one.hours * hour;
      return;
    case 'gate':
      world.score = one.score;
      return;
    case 'die':
      world.predictor = world.boot();
      return;
    case 'look': {
      const before = world.journal.length;
      // Told while the run is under way, of a past day: known only after its K.
      world.whilePaused = () => {
        for (const sku of skus) {
          const key = `o${world.lines.length}`;
          const at = world.now - 3 * day;
          tellLine(world, { key, sku, at, quantity: 5, isCancelled: false });
        }
      };
      await world.predictor.look();
      world.whilePaused = null;
      const isShut = world.score < 0.5;
      const made = world.journal
        .slice(before)
        .filter(({ header }) => header.kind !== 'record')
        .map(({ header, body }) => body?.['action'] ?? header.kind);
      if (isShut) expect(made.filter((action) => action !== 'judged')).toEqual([]);
    }
  }
}

function tellLine(world: World, line: Omit<Line, 'offset'>): void {
  const { key, sku, at, isCancelled } = line;
  const offset = world.tell('orderLine', key, {
    ...{ sku, quantity: quantity(line.quantity), orderedAt: new Date(at).toISOString() },
    state: isCancelled ? 'cancelled' : 'open',
  });
  world.lines.push({ ...line, offset });
}

const dayNames = new Intl.DateTimeFormat('en-CA', { timeZone: 'Europe/Amsterdam' });

/** The plain way: what of each line stood after K entries, by the day of Amsterdam it was ordered on. */
function daysKnown(world: World, sku: string, t: number, k: number, count: number): number[] {
  const standing = new Map<string, Line>();
  for (const line of world.lines) if (line.offset < k) standing.set(line.key, line);
  const name = (ms: number) => dayNames.format(ms);
  const days: string[] = [];
  for (let at = t; days.length < count + 1; at -= 6 * hour) {
    if (days.at(-1) !== name(at)) days.push(name(at));
  }
  return days
    .slice(1)
    .reverse()
    .map((date) =>
      [...standing.values()]
        .filter((line) => line.sku === sku && !line.isCancelled && name(line.at) === date)
        .reduce((sum, line) => sum + line.quantity * 1e6, 0),
    );
}

describe('a predictor', () => {
  test('says nothing but what was known, is silent while held, and folds again to the same', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 30, maxLength: 90 }), async (steps) => {
        const world = new World();
        try {
          for (const one of steps) await take(world, one);
          world.score = 1;
          await world.predictor.look();
          for (const { offset, body } of world.entries<PredictedBody>('predicted')) {
            expect(body.k).toBeLessThanOrEqual(offset);
            expect(['serve', 'serve-flagged']).toContain(body.gate);
            for (const row of body.rows) {
              const sku = decodeURIComponent(row.key);
              const { length } = row.vector;
              expect(length).toBeGreaterThanOrEqual(daysMin);
              expect(row.vector).toEqual(daysKnown(world, sku, body.t, body.k, length));
              expect(row.valueMicros).toBe(row.vector[length - 6]);
            }
          }
          const page = await world.predictor.predictions.page('', 100);
          for (const { evidence } of page.predictions) {
            expect(world.covered).toBeGreaterThan(evidence?.journal as number);
          }
          const [kept, again] = world.refolded();
          expect(again).toBe(kept);
        } finally {
          world.close();
        }
      }),
      { numRuns: process.env['CI'] === 'true' ? 15 : 6 },
    );
  });

  test('keeps the last good value while it is held and over a start, and says since when', async () => {
    const world = new World();
    try {
      for (let ago = 0; ago < 40; ago += 1) {
        tellLine(world, {
          key: `o${ago}`,
          sku: 'A',
          at: world.now - ago * day,
          quantity: 1 + (ago % 3),
          isCancelled: false,
        });
      }
      await world.predictor.look();
      const served = (await world.predictor.predictions.one('A'))?.predictions[0];
      expect(served).toMatchObject({ gate: 'serve', lastGood: null, interval: { level: 0.9 } });
      world.score = 0;
      world.now += 5000;
      const atOnce = await world.predictor.predictions.one('A');
      expect(atOnce).toMatchObject({ gate: 'hold', worstInput: { input: 'erp/stock' } });
      await world.predictor.look();
      const since = atOnce?.since;
      world.predictor = world.boot();
      world.now += 60_000;
      await world.predictor.look();
      const held = await world.predictor.predictions.one('A');
      expect(held?.since).toBe(since);
      expect(held?.predictions[0]).toMatchObject({
        ...{ value: null, interval: null, horizon: null, gate: 'hold' },
        lastGood: { id: served?.id, value: served?.value, interval: served?.interval },
      });
      expect(held?.predictions[0]?.reason).toContain('erp/stock: Last known whole');
      expect(world.entries<JudgedBody>('judged').map(({ body }) => body.gate)).toEqual([
        'serve',
        'hold',
      ]);
      // Held over midnight: what was said is over, and is not served when the gate opens.
      world.now += day;
      world.score = 1;
      expect((await world.predictor.predictions.one('A'))?.predictions[0]?.gate).toBe('hold');
      await world.predictor.look();
      expect((await world.predictor.predictions.one('A'))?.predictions[0]?.gate).toBe('serve');
      expect(await world.predictor.predictions.one('nothing')).toBeNull();
    } finally {
      world.close();
    }
  });

  test('decides what to buy once for each time it is short, and nothing while it is held', async () => {
    const world = new World();
    try {
      for (let ago = 0; ago < 40; ago += 1) {
        tellLine(world, {
          key: `o${ago}`,
          sku: 'A',
          at: world.now - ago * day,
          quantity: 2,
          isCancelled: false,
        });
      }
      world.tell('stock', 'A/dc-nl', { sku: 'A', location: 'dc-nl', onHand: quantity(10) });
      world.score = 0;
      await world.predictor.look();
      expect(world.decisions()).toEqual([]);
      world.score = 1;
      await world.predictor.look();
      // Two a day for fourteen days, ten are there.
      expect(world.decisions().map(({ body }) => body)).toMatchObject([
        {
          ...{ decisionId: 'purchase:A:dc-nl', action: 'purchase', gateState: 'serve' },
          parameters: { quantity: quantity(18), cycle: '1', location: 'dc-nl' },
        },
      ]);
      world.now += 5000;
      world.tell('stock', 'A/dc-nl', { sku: 'A', location: 'dc-nl', onHand: quantity(9) });
      await world.predictor.look();
      expect(world.decisions()).toHaveLength(1);
      world.now += 5000;
      world.tell('purchaseOrderLine', 'P1/1', {
        ...{ sku: 'A', orderedQuantity: quantity(30), state: 'ordered', supplierId: 'S9' },
        orderedAt: new Date(world.now).toISOString(),
      });
      await world.predictor.look();
      world.now += 5000;
      world.tell('purchaseOrderLine', 'P1/1', {
        ...{ sku: 'A', orderedQuantity: quantity(30), state: 'cancelled', supplierId: 'S9' },
        orderedAt: new Date(world.now - 5000).toISOString(),
      });
      await world.predictor.look();
      const cycles = world.decisions().map(({ body }) => {
        const parameters = body['parameters'] as { cycle: string; quantity: { value: string } };
        return [parameters.cycle, parameters.quantity.value];
      });
      expect(cycles).toEqual([
        ['1', '18'],
        ['1', '0'],
        ['2', '19'],
      ]);
    } finally {
      world.close();
    }
  });
});
