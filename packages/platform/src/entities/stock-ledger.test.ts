import { type JsonObject, pieces } from '@headrace/sdk';
import { expect, it } from 'vitest';
import type { FoldInput, FoldState, StoredRow } from '../engine/index.js';
import type { StoreReader } from '../storage/index.js';
import { stockHistoryOf, stockLedgerFold } from './stock-ledger.js';

const at = (time: string) => Date.parse(`2026-03-01T${time}Z`);
const shelf = { source: 'erp', sku: 'A/1', location: 'dc-nl' };

function row(entity: string, key: string, fields: StoredRow['fields']): StoredRow {
  return { entity, key, fields, type: entity, externalId: key };
}

const stockRow = (count: number) =>
  row('stock', 'A%2F1/dc-nl', {
    ...{ sku: 'A/1', location: 'dc-nl' },
    onHand: { ...pieces(count) },
  });

const movementRow = (line: string, time: string, count: number) =>
  row('stockMovement', `dc-nl/D1/${line}`, {
    ...{ sku: 'A/1', location: 'dc-nl', postedAt: `2026-03-01T${time}Z` },
    quantity: { ...pieces(count) },
  });

/** A store of two index tables, and what is known of streams. */
function createLedger() {
  const known = new Map<string, JsonObject>();
  const tables = new Map<string, Map<string, Set<string>>>();
  const membersOf = (table: string, key: string) => {
    const keys = tables.get(table) ?? new Map<string, Set<string>>();
    tables.set(table, keys);
    const members = keys.get(key) ?? new Set<string>();
    keys.set(key, members);
    return members;
  };
  const state = {
    addMember: (table: string, key: string, member: string) =>
      void membersOf(table, key).add(member),
    dropMember: (table: string, key: string, member: string) =>
      void membersOf(table, key).delete(member),
    get: (_table: string, key: string) => known.get(key),
    set: (_table: string, key: string, value: JsonObject) => void known.set(key, value),
  } as unknown as FoldState;
  const reader = {
    members: (table: string, keys: readonly string[]) =>
      keys.flatMap((key) => [...membersOf(table, key)].map((member) => ({ key, member }))),
    rows: (_table: string, keys: readonly string[]) =>
      keys.flatMap((key) => {
        const row = known.get(key);
        return row === undefined ? [] : [{ key, value: JSON.stringify(row) }];
      }),
  } as unknown as StoreReader;
  const fold = (before: readonly StoredRow[], after: readonly StoredRow[], read?: string) => {
    const readAt = read === undefined ? null : at(read);
    const header = { kind: 'record', source: 'erp', readAt, receivedAt: readAt };
    const change = { stateKey: '', before, after, eventAtBefore: null, eventAtAfter: null };
    stockLedgerFold.plan({ header, body: null, change } as unknown as FoldInput, state);
  };
  const read = (kind: 'heartbeat' | 'pass', body: JsonObject, stream = 'stockMovement') =>
    stockLedgerFold.plan(
      { header: { kind, source: 'erp', stream }, body, change: null } as unknown as FoldInput,
      state,
    );
  const history = () =>
    stockHistoryOf(reader, { ...shelf, slackMs: 0, movementStreams: ['stockMovement'] });
  return { fold, read, history };
}

/** Movements were read whole, and are known until then. */
function readAll({ read }: ReturnType<typeof createLedger>, time: string): void {
  read('pass', { pass: 'end', result: 'complete', through: at('01:00:00') });
  read('heartbeat', { read: 'changes', through: at(time) });
}

it('tells levels from the rows of two streams, in whatever order they come', () => {
  const ledger = createLedger();
  const { fold, history } = ledger;
  expect(history()).toBeNull();
  readAll(ledger, '14:00:00');
  fold([], [movementRow('2', '12:00:00', -3)]);
  fold([], [stockRow(7)], '13:00:00');
  fold([], [movementRow('1', '08:00:00', 10)]);
  expect(history()).toMatchObject({
    unit: 'C62',
    spans: [
      {
        from: at('08:00:00'),
        to: at('12:00:00'),
        onHandMicros: 10_000_000n,
        confidence: 'rebuilt',
      },
      { from: at('12:00:00'), to: at('13:00:00'), onHandMicros: 7_000_000n, confidence: 'rebuilt' },
      { from: at('13:00:00'), to: null, onHandMicros: 7_000_000n, confidence: 'rolled-forward' },
    ],
  });
});

it('takes a corrected or withdrawn movement back', () => {
  const ledger = createLedger();
  const { fold, history } = ledger;
  readAll(ledger, '14:00:00');
  fold([], [stockRow(7)], '13:00:00');
  fold([], [movementRow('1', '12:00:00', -3)]);
  fold([movementRow('1', '12:00:00', -3)], [movementRow('1', '12:00:00', -4)]);
  fold([], [movementRow('0', '11:00:00', 11)]);
  expect(history()?.spans[0]?.onHandMicros).toBe(11_000_000n);
  fold([movementRow('1', '12:00:00', -4)], []);
  expect(history()?.spans[0]?.onHandMicros).toBe(7_000_000n);
});

it('takes no reading from an entry that lost to a newer one', () => {
  const { fold, history } = createLedger();
  const standing = [stockRow(7)];
  fold([], standing, '13:00:00');
  fold(standing, standing, '12:00:00');
  expect(history()?.readings).toBe(1);
});

it('judges a reading once movements were read whole, and again after it', () => {
  const { fold, read, history } = createLedger();
  fold([], [stockRow(7)], '12:00:00');
  fold([], [stockRow(5)], '13:00:00');
  const told = () => {
    const { unexplainedMicros, unjudged, knownUntil } = history() ?? {};
    return { unexplainedMicros, unjudged, knownUntil };
  };
  expect(told()).toEqual({ unexplainedMicros: 0n, unjudged: 2, knownUntil: null });
  read('heartbeat', { read: 'changes', through: at('13:30:00') });
  // What changed since the first poll says nothing of what was posted before it.
  expect(told()).toEqual({ unexplainedMicros: 0n, unjudged: 2, knownUntil: null });
  read('pass', { pass: 'begin' });
  read('pass', { pass: 'end', result: 'held', through: at('13:20:00') });
  read('pass', { pass: 'end', result: 'complete', through: at('13:20:00') }, 'order');
  expect(told()).toMatchObject({ unjudged: 2 });
  read('pass', { pass: 'end', result: 'inconclusive' });
  expect(told()).toEqual({
    ...{ unexplainedMicros: 2_000_000n, unjudged: 0, knownUntil: at('13:30:00') },
  });
  fold([], [stockRow(4)], '13:40:00');
  expect(told()).toMatchObject({ unexplainedMicros: 2_000_000n, unjudged: 1 });
});
