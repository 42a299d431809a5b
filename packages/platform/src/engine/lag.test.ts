/** Lag is how late we knew of a change, not how old the record is that we read. */
import { expect, it } from 'vitest';
import type { FoldInput } from './fold.js';
import { noteHealth } from './source-runner.js';
import { StreamHealth } from './stream-health.js';

const start = 1_700_000_000_000;
const hour = 3_600_000;

interface Entry {
  readonly eventAt?: number;
  readonly eventAtBefore?: number;
  readonly noticedAt?: number;
  readonly snapshot?: boolean;
}

/** The lag one durable entry leaves in a stream, ms. */
function lagOf(entry: Entry, isBackfilled = true): number | null {
  const health = new StreamHealth(start);
  health.backfilled = isBackfilled;
  const header = {
    ...{ kind: 'record', source: 'erp', stream: 'order', snapshot: entry.snapshot ?? false },
    ...{ eventAt: entry.eventAt ?? null, noticedAt: entry.noticedAt ?? null },
  } as FoldInput['header'];
  const eventAtBefore = entry.eventAtBefore ?? null;
  const change = {
    ...{ stateKey: '', before: [], after: [] },
    ...{ eventAtBefore, eventAtAfter: entry.eventAt ?? null },
  };
  noteHealth(new Map([['erp/order', { health }]]), { header, change }, start + 5000);
  return health.lagMs()?.p50 ?? null;
}

it('is measured from the time of a change that is new', () => {
  const noticedAt = start + 4000;
  expect(lagOf({ eventAt: start + 3000, noticedAt })).toBe(2000);
  expect(lagOf({ eventAt: start + 3000, eventAtBefore: start, noticedAt })).toBe(2000);
  expect(lagOf({ eventAt: start - hour }), 'while we were away').toBe(5000 + hour);
});

it('is measured from the notice where the time of change stood still', () => {
  const old = start - 3 * hour;
  expect(lagOf({ eventAt: old, eventAtBefore: old, noticedAt: start + 4000 })).toBe(1000);
  expect(lagOf({ noticedAt: start + 4000 })).toBe(1000);
  expect(lagOf({ eventAt: old, eventAtBefore: old })).toBeNull();
});

it('is none of what passes find, nor of what changed before the first of them', () => {
  expect(lagOf({ eventAt: start + 3000, snapshot: true })).toBeNull();
  expect(lagOf({ eventAt: start - hour }, false)).toBeNull();
  expect(lagOf({ eventAt: start - hour, noticedAt: start + 4000 }, false)).toBe(1000);
  expect(lagOf({ eventAt: start + 3000 }, false)).toBe(2000);
});
