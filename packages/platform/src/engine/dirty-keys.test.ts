import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DirtyKeys } from './dirty-keys.js';

const keys = ['a', 'b', 'c', 'd'] as const;
const act = fc.oneof(
  fc.record({ kind: fc.constant('mark' as const), key: fc.constantFrom(...keys) }),
  fc.record({ kind: fc.constant('take' as const), max: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ kind: fc.constantFrom('answer' as const, 'fail' as const), read: fc.nat(3) }),
  fc.record({
    kind: fc.constant('wait' as const),
    keys: fc.subarray([...keys], { minLength: 1 }),
  }),
);

/** Those who wait have their turns. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 8; turn += 1) await Promise.resolve();
}

describe('dirty keys', () => {
  it('stay dirty until a read answers that began after the last mark; who waits is told then, and not before', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 40 }), async (acts) => {
        const dirty = new DirtyKeys();
        const marks = new Map<string, number>();
        const reads: { keys: readonly string[]; seq: number }[] = [];
        const waits: { keys: readonly string[]; mayEnd: boolean; ended: boolean }[] = [];
        let seq = 0;
        for (const one of acts) {
          seq += 1;
          if (one.kind === 'mark') {
            dirty.mark(one.key, { seq, noticedAt: seq });
            marks.set(one.key, seq);
          } else if (one.kind === 'take') {
            const taken = dirty.take(one.max);
            const held = new Set(reads.flatMap((read) => read.keys));
            const free = [...marks.keys()].filter((key) => !held.has(key));
            expect(taken.length).toBe(Math.min(one.max, free.length));
            expect(taken.every((key) => free.includes(key))).toBe(true);
            if (taken.length > 0) reads.push({ keys: taken, seq });
          } else if (one.kind === 'wait') {
            const own = { keys: one.keys, mayEnd: false, ended: false };
            own.mayEnd = own.keys.every((key) => !marks.has(key));
            waits.push(own);
            const told = () => {
              own.ended = true;
            };
            void dirty.cleared(one.keys, new AbortController().signal).then(told);
          } else if (reads.length > 0) {
            const [read] = reads.splice(one.read % reads.length, 1);
            if (read === undefined) continue;
            if (one.kind === 'fail') dirty.failed(read.keys);
            else {
              for (const key of read.keys) {
                if ((marks.get(key) ?? 0) <= read.seq) marks.delete(key);
              }
              dirty.answered(read.keys, read.seq);
              for (const own of waits) {
                own.mayEnd ||= own.keys.every((key) => !marks.has(key));
              }
            }
          }
          await turns();
          expect(dirty.size).toBe(marks.size);
          for (const own of waits) expect(own.ended).toBe(own.mayEnd);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('lets go of who waits when that is called off', async () => {
    const dirty = new DirtyKeys();
    dirty.mark('a', { seq: 1, noticedAt: 1 });
    const end = new AbortController();
    const waiting = dirty.cleared(['a'], end.signal);
    end.abort();
    await waiting;
    expect(dirty.size).toBe(1);
  });

  it('counts latency from the first notice since the read was taken up', () => {
    const dirty = new DirtyKeys();
    dirty.mark('a', { seq: 1, noticedAt: 10 });
    dirty.mark('a', { seq: 2, noticedAt: 20 });
    expect(dirty.noticedAt('a')).toBe(10);
    dirty.take(1);
    dirty.mark('a', { seq: 3, noticedAt: 30 });
    dirty.answered(['a'], 2);
    expect(dirty.noticedAt('a')).toBe(30);
  });
});
