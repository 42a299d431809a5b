/**
 * Back-pressure of the step: who reads waits, who sends is taken in beside them, and neither holds more
 * memory than it may, in whatever order pages, webhooks and commits come.
 */
import type { Logger } from '@headrace/sdk';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Arrival, StreamRuntime } from './arrival.js';
import type { Plan, Planner } from './planner.js';
import type { PreparedGroup } from './prepared-group.js';
import { StepLoop } from './step-loop.js';
import type { StepWriter } from './writer.js';

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };
/** What one arrival counts for. */
const size = 1000;
const readMax = 10;
const sentMax = 5;

function arrival(name: string): Arrival {
  const bytes = Buffer.from(name.padEnd(size - 256));
  const times = { noticedAt: null, readAt: 1, receivedAt: 2 };
  const stream = {} as StreamRuntime;
  return { kind: 'record', stream, bytes, depth: 1, readSeq: 1, snapshot: false, times };
}

const nameOf = (one: Arrival) =>
  one.kind === 'record' ? Buffer.from(one.bytes).toString().trim() : one.kind;

/** A loop whose commits end when told. */
function open() {
  const durable: string[] = [];
  const commits: (() => void)[] = [];
  const planner = {
    prepare: async (arrivals: readonly Arrival[]) =>
      ({ arrivals, stateKeys: [], subjects: [] }) as unknown as PreparedGroup,
    plan: async ({ arrivals }: PreparedGroup) =>
      ({ eventIds: [], arrivals: arrivals.map(nameOf) }) as unknown as Plan,
    durable: () => undefined,
  } as unknown as Planner;
  const writer = {
    async commit({ arrivals }: Plan & { readonly arrivals: readonly string[] }) {
      await new Promise<void>((resolve) => commits.push(resolve));
      durable.push(...arrivals);
      return { duplicates: [] };
    },
    close: async () => undefined,
  } as unknown as StepWriter;
  const loop = new StepLoop({
    ...{ planner, writer, log: silent, wait: async () => undefined },
    ...{ groupMax: 3, overlapMin: 1, inFlightMax: 2 },
    ...{ queueBytesMax: readMax * size, sentBytesMax: sentMax * size },
  });
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  const commit = async () => {
    commits.shift()?.();
    await settle();
  };
  return { loop, durable, commits, settle, commit };
}

describe('the queue of the step', () => {
  it('takes in what is sent while it is full of what was read', async () => {
    const { loop, durable, commits, settle, commit } = open();
    const pages = Array.from({ length: 6 }, (_, page) =>
      loop.submit(Array.from({ length: 4 }, (__, at) => arrival(`page ${page}/${at}`))),
    );
    await settle();
    expect(loop.isFull).toBe(true);
    expect(loop.refusesSent).toBe(false);
    const sent = loop.submitSent([arrival('webhook')]);
    await settle();
    for (let count = 0; !durable.includes('webhook'); count += 1) {
      expect(count).toBeLessThan(20);
      await commit();
    }
    await sent;
    // It stood behind the pages that were in the queue, not behind those that waited for it.
    expect(durable.filter((name) => name.startsWith('page 5'))).toEqual([]);
    while (commits.length > 0) await commit();
    await Promise.all(pages);
    expect(durable).toHaveLength(25);
  });

  it('stays bounded, keeps the order and loses nothing, whoever comes when', async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('page' as const), count: fc.integer({ min: 1, max: 4 }) }),
      fc.record({ kind: fc.constant('webhook' as const) }),
      fc.record({ kind: fc.constant('delivery' as const), count: fc.integer({ min: 1, max: 4 }) }),
      fc.record({ kind: fc.constant('commit' as const) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { loop, durable, commits, settle, commit } = open();
        const all: Promise<void>[] = [];
        const names: Record<string, string[]> = { page: [], webhook: [], delivery: [] };
        for (const [turn, one] of steps.entries()) {
          if (one.kind === 'commit') {
            await commit();
            continue;
          }
          if (one.kind === 'webhook' && loop.refusesSent) continue;
          const count = one.kind === 'webhook' ? 1 : one.count;
          const list = Array.from({ length: count }, (_, at) => `${one.kind} ${turn}/${at}`);
          names[one.kind]?.push(...list);
          const before = loop.queued;
          const arrivals = list.map(arrival);
          all.push(one.kind === 'page' ? loop.submit(arrivals) : loop.submitSent(arrivals));
          // A webhook that was let in is in the queue at once: it has promised nothing before.
          if (one.kind === 'webhook') expect(loop.queued).toBe(before + 1);
          await settle();
          expect(loop.queued).toBeLessThanOrEqual(readMax + 4 + sentMax + 4);
        }
        while (commits.length > 0) await commit();
        await Promise.all(all);
        const total = Object.values(names).flat();
        expect(durable).toHaveLength(total.length);
        for (const [kind, list] of Object.entries(names)) {
          expect(durable.filter((name) => name.startsWith(kind))).toEqual(list);
        }
        await loop.close();
      }),
      { numRuns: 200 },
    );
  });
});
