/** A stream that falls behind says so, whatever else of it succeeds (I13). */
import {
  HeadraceError,
  type Logger,
  type Page,
  type QuietWindow,
  type Stream,
} from '@headrace/sdk';
import { describe, expect, it } from 'vitest';
import type { Arrival } from './arrival.js';
import { DirtyKeys } from './dirty-keys.js';
import { RateBudget } from './rate-budget.js';
import { ReadsUnderWay } from './reads-under-way.js';
import type { StreamRunnerOptions } from './stream-io.js';
import { StreamRunner } from './stream-runner.js';

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };
const everyMs = 1000;
const start = 1_700_000_000_000;
const empty = { body: Buffer.from('{"data":[]}'), items: ['data'] };

/** Lets everything happen that needs no time. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** One stream over a store that keeps its position only; time moves when the test says so. */
function startStream(
  reads: Pick<Stream<never>, 'read' | 'fetch'>,
  isBackfilled = true,
  quiet: readonly QuietWindow[] = [],
) {
  let now = start;
  let seq = 0;
  let sleeping: { readonly until: number; readonly wake: () => void }[] = [];
  const meta = new Map<string, Uint8Array>();
  if (isBackfilled) meta.set('backfilled/shop/thing', Buffer.from('{"at":1}'));
  const clock = { now: () => now, monotonicMs: () => 0 };
  const timers = {
    sleep: (ms: number) =>
      new Promise<void>((wake) => sleeping.push({ until: now + Math.max(ms, 0), wake })),
  };
  const apply = (arrival: Arrival) => {
    if (arrival.kind !== 'effects') return;
    const encoder = {
      meta: (name: string, value: Uint8Array) => meta.set(name, value),
      clean: () => undefined,
      dirty: () => undefined,
    };
    arrival.apply(encoder as never, encoder as never, () => null);
  };
  const submit = async (arrivals: readonly Arrival[]) => arrivals.forEach(apply);
  const underWay = new ReadsUnderWay();
  const spec = {
    ...{ name: 'thing', description: 'A thing.', entities: [], feed: 'push', everyMs },
    ...{ key: (record: { id: string }) => record.id, version: () => null, eventAt: () => null },
    ...{ map: () => [], ...reads },
  } as unknown as Stream<never>;
  const random = { next: () => 0, bytes: (size: number) => new Uint8Array(size) };
  const options = {
    runtime: { source: 'shop', stream: 'thing', spec, personal: null },
    ...{ contexts: {}, everyMs, passEveryMs: 0, quiet, coalesceMs: 0, clock, timers, random },
    planner: { takeSeq: () => ++seq, sightings: { of: () => ({ seen: -1 }) } },
    loop: { submit, submitNow: submit },
    reader: { meta: (name: string) => meta.get(name), keysRange: () => [], range: () => [] },
    budget: new RateBudget({ requestsPerSecond: 100, concurrency: 4 }, clock, timers),
    ...{ log: silent, pause: async () => undefined, reads: underWay },
    spill: async () => '',
    crash(error: HeadraceError) {
      throw error;
    },
  } as unknown as StreamRunnerOptions;
  const runner = new StreamRunner(options);
  void runner.run(new AbortController().signal);
  return {
    runner,
    /** Begin of the oldest read that may still answer, of so many begun. */
    oldestOf: () => underWay.oldest(seq + 1) / (seq + 1),
    state: () => runner.health.state(now, everyMs, runner.oldestNotice),
    behindMs: () => runner.health.behindMs(now, runner.oldestNotice),
    /** Time passes in tenths of a second. */
    async pass(seconds: number) {
      await settle();
      for (let tenth = 0; tenth < seconds * 10; tenth += 1) {
        now += 100;
        const due = sleeping.filter(({ until }) => until <= now);
        sleeping = sleeping.filter(({ until }) => until > now);
        for (const { wake } of due) wake();
        await settle();
      }
    },
    later: (ms: number) => timers.sleep(ms),
  };
}

describe('the state of a stream', () => {
  it('is behind while a poll does not come to its end, though its pages arrive', async () => {
    let hasMore = false;
    const stream = startStream({
      async read(): Promise<Page> {
        if (!hasMore) return { ...empty, next: null, resume: { at: 0 } };
        await stream.later(200);
        return { ...empty, next: { at: 1 } };
      },
    });
    await stream.pass(5);
    expect(stream.state()).toEqual({ state: 'live', why: null });
    hasMore = true;
    await stream.pass(10);
    expect(stream.state()).toMatchObject({ state: 'behind', why: expect.stringContaining('poll') });
    const before = stream.behindMs();
    await stream.pass(5);
    expect(stream.behindMs()).toBe(before + 5000);
    hasMore = false;
    await stream.pass(2);
    expect(stream.state().state).toBe('live');
  });

  it('is waiting while polls fail, though keys are fetched', async () => {
    let isDown = false;
    const stream = startStream({
      async read(): Promise<Page> {
        if (isDown) throw new HeadraceError('transient', 'It is down.', { code: 'E_NETWORK' });
        return { ...empty, next: null, resume: { at: 0 } };
      },
      fetch: async () => ({
        body: Buffer.from('{"data":[{"id":"a"}]}'),
        items: ['data'],
        next: null,
      }),
    });
    await stream.pass(5);
    expect(stream.state().state).toBe('live');
    isDown = true;
    for (let second = 0; second < 20; second += 1) {
      await stream.runner.mark(['a'], start);
      await stream.pass(1);
      if (second > 2) expect(stream.state()).toEqual({ state: 'waiting', why: 'It is down.' });
    }
    expect(stream.runner.dirty.size).toBe(0);
    isDown = false;
    await stream.pass(70);
    expect(stream.state()).toEqual({ state: 'live', why: null });
  });

  it('is behind while a noticed key is not read, though polls come to their end', async () => {
    const answers: (() => void)[] = [];
    const stream = startStream({
      read: async () => ({ ...empty, next: null, resume: { at: 0 } }),
      async fetch() {
        await new Promise<void>((resolve) => answers.push(resolve));
        return { body: Buffer.from('{"data":[{"id":"a"}]}'), items: ['data'], next: null };
      },
    });
    await stream.pass(5);
    await stream.runner.mark(['a'], start + 5000);
    await stream.pass(7);
    expect(stream.state().state).toBe('live');
    await stream.pass(3);
    expect(stream.state()).toMatchObject({
      state: 'behind',
      why: expect.stringContaining('noticed'),
    });
    for (const answer of answers.splice(0)) answer();
    await stream.pass(1);
    expect(stream.state().state).toBe('live');
  });
});

describe('quiet hours', () => {
  it('make what fails in them no cause for alarm, and nothing that fails after them', async () => {
    let isDown = false;
    // The clock starts at 22:13:20.
    const stream = startStream(
      {
        async read(): Promise<Page> {
          if (isDown) throw new HeadraceError('config', 'It is shut.', { code: 'E_CREDENTIALS' });
          return { ...empty, next: null, resume: { at: 0 } };
        },
      },
      true,
      [{ from: '22:14', to: '22:20', timeZone: 'UTC' }],
    );
    await stream.pass(70);
    isDown = true;
    await stream.pass(3);
    expect(stream.state()).toEqual({
      state: 'quiet',
      why: 'Expected to be silent, 22:14-22:20 UTC. It is shut.',
    });
    expect(stream.runner.health.alarms()).toEqual([]);
    await stream.pass(5 * 60 + 30);
    // Whether it is up again is not known before the next try.
    expect(stream.state().state).toBe('live');
    await stream.pass(61);
    expect(stream.state()).toEqual({ state: 'stopped', why: 'It is shut.' });
    expect(stream.runner.health.alarms()).toMatchObject([{ code: 'E_READ' }]);
    isDown = false;
    await stream.pass(61);
    expect(stream.state()).toEqual({ state: 'live', why: null });
  });

  it('leave a stream alone that is well in them', async () => {
    const stream = startStream(
      { read: async () => ({ ...empty, next: null, resume: { at: 0 } }) },
      true,
      [{ from: '22:00', to: '23:00', timeZone: 'UTC' }],
    );
    await stream.pass(5);
    expect(stream.state()).toEqual({ state: 'live', why: null });
  });
});

describe('a pass', () => {
  it('holds nothing of what other reads show while it waits for its pages', async () => {
    let pages = 0;
    const stream = startStream(
      {
        async read(_context, mode): Promise<Page> {
          if (mode === 'changes') return { ...empty, next: null, resume: { at: 0 } };
          await stream.later(1000);
          pages += 1;
          return { ...empty, next: pages < 20 ? { at: pages } : null };
        },
      },
      false,
    );
    await stream.pass(15);
    expect(pages).toBe(15);
    expect(stream.state().state).toBe('backfilling');
    // Sightings are kept since the oldest read: of the pages and polls begun, all but the last few.
    expect(stream.oldestOf()).toBeGreaterThan(0.9);
    await stream.pass(10);
    expect(stream.state().state).toBe('live');
  });
});

describe('dirty keys', () => {
  it('count from the first notice that no read has answered', () => {
    const dirty = new DirtyKeys();
    dirty.mark('hot', { seq: 1, noticedAt: 10 });
    dirty.mark('hot', { seq: 2, noticedAt: 20 });
    expect(dirty.oldestNotice).toBe(10);
    expect(dirty.take(5)).toEqual(['hot']);
    dirty.mark('hot', { seq: 4, noticedAt: 40 });
    dirty.mark('hot', { seq: 5, noticedAt: 50 });
    expect(dirty.oldestNotice).toBe(10);
    dirty.answered(['hot'], 3);
    expect(dirty.oldestNotice).toBe(40);
    dirty.take(5);
    dirty.answered(['hot'], 6);
    expect(dirty.oldestNotice).toBeNull();
  });
});
