/**
 * Notices from a queue that fails, forgets answers and gives out again what was not acknowledged, to
 * a process that is killed anywhere, most of all between the commit and the acknowledgement. In the
 * end each key is as it is at the source, and no state of it was journaled twice.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ConnectorContext,
  HeadraceError,
  type Logger,
  type NoticeQueue,
  type Page,
  type QueuedNotice,
  type Stream,
  type SubscriptionState,
  type Timers,
} from '@headrace/sdk';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeHeader, openKeyRing } from '../audit/index.js';
import { type CommitPoint, createReader, openStore } from '../storage/index.js';
import { tablesOf } from './fold-runner.js';
import { Planner } from './planner.js';
import { PullLoop } from './pull-loop.js';
import { RateBudget } from './rate-budget.js';
import { ReadsUnderWay } from './reads-under-way.js';
import { StepLoop } from './step-loop.js';
import { StreamRunner } from './stream-runner.js';
import { WebhookIntake } from './webhook-intake.js';
import { createInThreadWriter } from './writer.js';

const memory = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };
const tables = tablesOf([]);
const never = () => new Promise<never>(() => undefined);
const fails = (code: string) => new HeadraceError('transient', 'Failed as told.', { code });

/** Where a process may be killed, beside the points of a commit. */
const points = [
  ...(['before-begin', 'keys-committed', 'applied', 'committed'] satisfies CommitPoint[]),
  ...(['taken', 'kept', 'acknowledged'] as const),
] as const;
type Point = (typeof points)[number];

interface Message {
  readonly id: string;
  readonly key: string;
  /** When it comes again unless it is acknowledged; null while it was not handed out. */
  againAt: number | null;
}

class World {
  now = 1_700_000_000_000;
  readonly versions = new Map([['k0', 1]]);
  readonly states: SubscriptionState['kind'][] = [];
  messages: Message[] = [];
  isFaulty = true;
  kills = 0;
  failure: unknown = null;
  readonly store;
  /** Draws in [0, 1), the same for the same run. */
  readonly #draw: () => number;
  readonly #waits: { at: number; fire: () => void }[] = [];
  #killAt: { readonly point: Point; countdown: number } | null = null;
  #process = { isAlive: false };
  #sent = 0;

  constructor(folder: string, draw: () => number) {
    this.store = openStore(folder, { tables, volatile: true });
    this.#draw = draw;
  }

  after(ms: number, fire: () => void): void {
    this.#waits.push({ at: this.now + ms, fire });
    this.#waits.sort((a, b) => a.at - b.at);
  }

  async pass(ms: number, isOver: () => boolean = () => false): Promise<boolean> {
    for (const end = this.now + ms; this.now < end && !isOver(); ) {
      await new Promise((resolve) => setImmediate(resolve));
      if (this.failure !== null) throw this.failure;
      const wait = this.#waits.shift();
      if (wait === undefined) break;
      this.now = Math.max(this.now, wait.at);
      wait.fire();
    }
    return isOver();
  }

  /** One change at the source; its notice goes into the queue, now and then twice. */
  change(key: string): void {
    this.versions.set(key, (this.versions.get(key) ?? 0) + 1);
    this.#sent += 1;
    const message = { id: `e${this.#sent}`, key, againAt: null };
    this.messages.push(message);
    if (this.#draw() < 0.1) this.messages.push({ ...message });
  }

  killAt(point: Point, countdown: number): void {
    this.#killAt = { point, countdown };
  }

  /** Ends the process here when its time has come: nothing it waits for ever comes. */
  #at(point: Point): boolean {
    if (this.#killAt?.point !== point || --this.#killAt.countdown > 0) return false;
    this.#killAt = null;
    this.#process.isAlive = false;
    this.kills += 1;
    this.after(50, () => this.start());
    return true;
  }

  isKnown(id: string): boolean {
    const statement = this.store.main.prepare('SELECT 1 FROM event_id_current WHERE id = ?');
    return statement.get(`shop/${id}`) !== undefined;
  }

  #queue(sleep: (ms: number) => Promise<void>): NoticeQueue {
    const mayFail = (code: string) => {
      if (this.isFaulty && this.#draw() < 0.1) throw fails(code);
    };
    const queued = (message: Message): QueuedNotice => ({
      request: {
        method: 'POST',
        uri: '/',
        headers: {},
        body: Buffer.from(JSON.stringify(message)),
      },
      acknowledge: async () => {
        if (!this.isKnown(message.id)) this.failure = new Error(`${message.id} is not durable`);
        if (this.#at('kept')) await never();
        await sleep(this.#draw() * 20);
        mayFail('E_LOST_ACKNOWLEDGEMENT');
        this.messages = this.messages.filter((each) => each !== message);
        if (this.#at('acknowledged')) await never();
        await sleep(this.#draw() * 20);
        mayFail('E_LOST_ANSWER');
      },
    });
    return {
      everyMs: 500,
      take: async (max) => {
        await sleep(this.#draw() * 20);
        mayFail('E_REFUSED');
        const due = this.messages
          .filter(({ againAt }) => againAt === null || againAt <= this.now)
          .slice(0, max);
        if (this.#draw() < 0.3) due.reverse();
        for (const message of due) message.againAt = this.now + 3000;
        if (due.length > 0 && this.#at('taken')) await never();
        await sleep(this.#draw() * 20);
        mayFail('E_LOST_ANSWER');
        return due.map(queued);
      },
    };
  }

  #stream(sleep: (ms: number) => Promise<void>): Stream<unknown> {
    const page = (keys: readonly string[]): Page => {
      const data = keys.flatMap((key) => {
        const version = this.versions.get(key);
        return version === undefined ? [] : [{ id: key, version: String(version) }];
      });
      return { body: Buffer.from(JSON.stringify(data)), items: [], next: null, resume: {} };
    };
    const text = (value: unknown) => (typeof value === 'string' ? value : null);
    return {
      name: 'thing',
      description: 'A thing.',
      ...{ entities: [], feed: 'push', everyMs: 1e12, versionOrder: 'integer', fetchMax: 5 },
      key: (record) => text(record['id']),
      version: (record) => text(record['version']),
      eventAt: () => null,
      map: () => [],
      // Nothing but notices tells of a change.
      read: async (_, mode) => page(mode === 'pass' ? ['k0'] : []),
      fetch: async (_, keys) => {
        await sleep(this.#draw() * 30);
        return page(keys);
      },
    };
  }

  start(): void {
    const process = { isAlive: true };
    this.#process = process;
    const alive = (ms: number) =>
      new Promise<void>((resolve) => {
        this.after(Math.max(0, Math.ceil(ms)), () => process.isAlive && resolve());
      });
    const timers: Timers = { sleep: alive };
    const random = { next: this.#draw, bytes: (size: number) => new Uint8Array(size).fill(3) };
    const clock = { now: () => this.now, monotonicMs: () => this.now, rate: 1 };
    const reader = createReader(this.store, tables);
    const ring = openKeyRing(this.store, Buffer.alloc(32, 7), random);
    const normalizer = {
      orderOf: () => 'integer' as const,
      anchorOf: (entity: string, key: string) => `${entity}/${key}`,
      normalize: () => ({ rows: [] }),
    };
    const planner = new Planner({ reader, ring, clock, random, folds: [], normalizer });
    const inner = createInThreadWriter(this.store, {
      tables,
      now: () => this.now,
      at: (point) => {
        if (this.#at(point)) throw fails('E_KILLED');
      },
    });
    const writer = {
      commit: async (batch: Parameters<typeof inner.commit>[0]) => {
        await alive(1);
        const result = await inner.commit(batch).catch(() => (process.isAlive ? null : never()));
        if (result === null) throw fails('E_COMMIT');
        return result;
      },
      close: async () => undefined,
    };
    const loop = new StepLoop({ planner, writer, log: silent, wait: alive, turn: () => alive(0) });
    const context = {} as ConnectorContext<never>;
    const crash = (error: Error) => {
      this.failure ??= error;
    };
    const budget = new RateBudget({ requestsPerSecond: 1e6, concurrency: 100 }, clock, timers);
    const spec = this.#stream(alive) as Stream<never>;
    const runner = new StreamRunner({
      runtime: { source: 'shop', stream: 'thing', spec, personal: null },
      contexts: { fetch: context, changes: context, pass: context },
      ...{ everyMs: 1e12, passEveryMs: 0, coalesceMs: 20, reads: new ReadsUnderWay() },
      ...{ planner, loop, reader, budget, clock, timers, random, log: silent, crash },
      pause: () => alive(0),
      spill: never,
    });
    for (const row of reader.dirty()) runner.dirty.mark(row.key, row);
    const runners = new Map([[runner.name, runner]]);
    const now = () => this.now;
    const intake = new WebhookIntake({ planner, loop, runners, now, isRefusing: () => false });
    const pull = new PullLoop({
      ...{ source: 'shop', queue: this.#queue(alive), budget, crash },
      ports: { clock, timers, random, log: silent },
      parse: ({ body }) => {
        const { id, key } = JSON.parse(Buffer.from(body).toString()) as Message;
        return { eventId: id, at: null, changes: [{ stream: 'thing', key }] };
      },
      keep: (notice) => intake.keep('shop', notice),
      noteState: ({ kind }) => this.states.push(kind),
    });
    const { signal } = new AbortController();
    for (const run of [runner.run(signal), pull.run(signal)]) run.catch(crash);
  }
}

const plan = fc.record({
  changes: fc.array(fc.record({ atMs: fc.nat(8000), key: fc.nat(5) }), {
    ...{ minLength: 5, maxLength: 40 },
  }),
  kills: fc.array(
    fc.record({
      atMs: fc.nat(8000),
      point: fc.constantFrom(...points),
      countdown: fc.integer({ min: 1, max: 3 }),
    }),
    { maxLength: 4 },
  ),
  draws: fc.array(fc.nat(999), { minLength: 7, maxLength: 61 }),
});

describe('a queue of notices', () => {
  it('loses nothing and doubles nothing, wherever the process is killed', async () => {
    let kills = 0;
    await fc.assert(
      fc.asyncProperty(plan, async ({ changes, kills: planned, draws }) => {
        const folder = mkdtempSync(join(memory, 'headrace-pull-'));
        let drawn = 0;
        // The same draws again and again, shifted each round so that no fault repeats for ever.
        const draw = () => {
          drawn += 1;
          const value = draws[drawn % draws.length] ?? 0;
          return ((value + 389 * Math.floor(drawn / draws.length)) % 1000) / 1000;
        };
        const world = new World(folder, draw);
        try {
          world.start();
          for (const { atMs, key } of changes) world.after(atMs, () => world.change(`k${key}`));
          for (const { atMs, point, countdown } of planned) {
            world.after(atMs, () => world.killAt(point, countdown));
          }
          await world.pass(9000);
          world.isFaulty = false;
          const reader = createReader(world.store, tables);
          const isSettled = () =>
            world.messages.length === 0 &&
            reader.dirty().length === 0 &&
            world.states.at(-1) === 'active';
          expect(await world.pass(600_000, isSettled), 'the queue was emptied').toBe(true);
          const newest = new Map<string, number>();
          for (const row of reader.journalRange(0, reader.journalEnd())) {
            const { kind, key, version } = decodeHeader(row.header);
            if (kind !== 'record') continue;
            expect(Number(version), `${key} once each`).toBeGreaterThan(newest.get(key) ?? 0);
            newest.set(key, Number(version));
          }
          expect(Object.fromEntries(newest)).toEqual(Object.fromEntries(world.versions));
          kills += world.kills;
        } finally {
          world.store.close();
          rmSync(folder, { recursive: true, force: true });
        }
      }),
      { numRuns: 30 },
    );
    expect(kills).toBeGreaterThan(0);
  });
});
