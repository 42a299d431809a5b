import type { JsonObject, Sink } from '@headrace/sdk';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Doubt } from './doubts.js';
import { hashOf } from './entries.js';
import { defaultLimits, type Flow } from './flow.js';
import { freshGroup, type GroupState } from './group-state.js';
import { hashesOf, judge } from './judge.js';

const now = 1_700_000_000_000;

function look(
  wanted: JsonObject,
  before: JsonObject | null,
  given: {
    readonly state?: Partial<GroupState>;
    readonly owns?: readonly string[];
    readonly write?: Flow['write'];
    readonly guarded?: readonly string[];
    readonly moves?: readonly string[];
    readonly isRehearsal?: boolean;
    readonly doubt?: Doubt;
  } = {},
) {
  const { state, owns, write = 'live', guarded = [], moves = [] } = given;
  return judge({
    flow: {
      write,
      owns: owns === undefined ? null : new Set(owns),
      limits: defaultLimits,
      sink: { guarded, moves } as unknown as Sink<never>,
    },
    state: { ...freshGroup, ...state },
    wanted: { key: 'A', fields: wanted },
    before: before === null ? null : { key: 'A', id: null, tag: null, fields: before },
    now,
    isRehearsal: given.isRehearsal ?? false,
    doubt: given.doubt ?? null,
  });
}

describe('judge', () => {
  it('does nothing where nothing differs, whatever the order of members', () => {
    expect(look({ a: { x: 1, y: 2 }, b: null }, { a: { y: 2, x: 1 } })).toMatchObject({
      kind: 'same',
    });
  });

  it('writes only what differs, and all of what is new', () => {
    expect(look({ a: 1, b: 2 }, { a: 1, b: 3 })).toMatchObject({ kind: 'write', fields: { b: 2 } });
    expect(look({ a: 1, b: 2 }, null)).toMatchObject({ kind: 'write', fields: { a: 1, b: 2 } });
  });

  it('shows what a shadow flow would write', () => {
    const verdict = look({ a: 1 }, { a: 2 }, { write: 'shadow' });
    expect(verdict).toMatchObject({
      kind: 'shown',
      differences: [{ field: 'a', before: 2, after: 1 }],
    });
  });

  it('shows and never writes fields of others', () => {
    expect(look({ a: 1, b: 1 }, { a: 2, b: 2 }, { owns: ['a'] })).toMatchObject({
      kind: 'write',
      fields: { a: 1 },
      differences: [{ field: 'a' }, { field: 'b', isForeign: true }],
    });
    expect(look({ a: 1, b: 1 }, { a: 1, b: 2 }, { owns: ['a'] })).toMatchObject({ kind: 'shown' });
    expect(look({ a: 1, b: 1 }, null, { owns: ['a'] })).toMatchObject({ fields: { a: 1 } });
  });

  it.each([
    ['price', { price: 100 }, { price: 49 }, true],
    ['price', { price: 100 }, { price: 150 }, false],
    ['price', { price: 100 }, { price: 151 }, true],
    ['price', { price: '12.95' }, { price: '1295.00' }, true],
    ['price', { price: 0 }, { price: 10 }, false],
    ['price.gross', { price: { gross: 10, net: 1 } }, { price: { gross: 11, net: 99 } }, false],
    ['prices.*.gross', { prices: { nl: { gross: 10 } } }, { prices: { nl: { gross: 99 } } }, true],
    ['prices.*.gross', { prices: [{ gross: 10 }] }, { prices: [{ gross: 99 }] }, true],
    ['stock', { stock: 'much' }, { stock: 3 }, false],
  ])('of the guarded %s, %j to %j is held: %s', (path, before, wanted, isHeld) => {
    const verdict = look(wanted, before, { guarded: [path] });
    expect(verdict.kind).toBe(isHeld ? 'held' : 'write');
    if (!isHeld) return;
    expect(verdict).toMatchObject({ why: 'change' });
    // An approval is for what was shown, and for nothing else.
    const approved = hashOf(wanted);
    expect(look(wanted, before, { guarded: [path], state: { approved } }).kind).toBe('write');
    const other = { ...wanted, more: 1 };
    expect(look(other, before, { guarded: [path], state: { approved } }).kind).toBe('held');
  });

  it('writes nothing that rests on a value in doubt, whatever its limits', () => {
    const doubt = { text: 'price A of erp jumped', until: null };
    expect(look({ a: 1 }, { a: 2 }, { doubt })).toMatchObject({ why: 'suspect', text: doubt.text });
    expect(look({ a: 1 }, null, { doubt })).toMatchObject({ why: 'suspect' });
    expect(look({ a: 1 }, null, { doubt })).not.toHaveProperty('until');
    expect(look({ a: 1 }, null, { doubt: { ...doubt, until: 7 } })).toMatchObject({ until: 7 });
    expect(look({ a: 1 }, { a: 1 }, { doubt }).kind).toBe('same');
    expect(look({ a: 1 }, { a: 2 }, { doubt, state: { approved: hashOf({ a: 1 }) } }).kind).toBe(
      'write',
    );
  });

  it('writes nothing of a run that is rehearsed', () => {
    expect(look({ a: 1 }, { a: 2 }, { isRehearsal: true })).toMatchObject({ why: 'run' });
  });

  it('writes again what somebody wrote over, three times within an hour, and then asks', () => {
    const written = hashesOf({ a: 1, b: 1 });
    const insists = (count: number, since = now - 1000) => ({ a: { since, count } });
    const state = (count: number, since?: number) => ({ written, insists: insists(count, since) });
    expect(look({ a: 1 }, { a: 9 }, { state: state(2) })).toMatchObject({ insisted: ['a'] });
    expect(look({ a: 1 }, { a: 9 }, { state: state(3) })).toMatchObject({ why: 'contested' });
    expect(look({ a: 1, b: 1 }, { a: 9, b: 2 }, { state: state(3) })).toMatchObject({
      kind: 'write',
      fields: { b: 1 },
      contested: ['a'],
    });
    // What the target moves itself is no dispute, however often it differs.
    const moved = look({ a: 1 }, { a: 9 }, { state: state(3), moves: ['a'] });
    expect(moved).toMatchObject({ kind: 'write', fields: { a: 1 }, insisted: [] });
    // What is new on our side is written, and an hour later the count begins anew.
    expect(look({ a: 5 }, { a: 9 }, { state: state(3) })).toMatchObject({ fields: { a: 5 } });
    expect(look({ a: 1 }, { a: 9 }, { state: state(3, now - 3_600_001) }).kind).toBe('write');
    // After a lost answer the target may hold what we sent last.
    const begun = { offset: 1, number: 1, idempotencyKey: 'k', hash: 'h' };
    expect(look({ a: 1 }, { a: 9 }, { state: { ...state(3), begun } })).toMatchObject({
      kind: 'write',
      insisted: [],
    });
  });

  it('writes nothing that is level, shadow or foreign, whatever the values', () => {
    const fields = fc.dictionary(
      fc.constantFrom('a', 'b', 'c'),
      fc.jsonValue() as fc.Arbitrary<JsonObject>,
    );
    fc.assert(
      fc.property(fields, fields, fc.boolean(), (wanted, before, isLive) => {
        const write = isLive ? 'live' : 'shadow';
        const verdict = look(wanted, before, { write, owns: ['a', 'b'] });
        if (verdict.kind !== 'write') return;
        expect(isLive).toBe(true);
        expect(Object.keys(verdict.fields)).not.toContain('c');
        const after = { ...before, ...verdict.fields };
        expect(look(wanted, after, { write, owns: ['a', 'b'] }).kind).not.toBe('write');
      }),
    );
  });
});
