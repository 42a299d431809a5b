import type { FlowGroup, JsonObject, Sink, TargetRecord, TargetState } from '@headrace/sdk';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defaultLimits, type Flow } from './flow.js';
import { freshGroup, type GroupState } from './group-state.js';
import { hashesOf } from './judge.js';
import { type DeliveryOptions, look } from './look.js';
import { type SampleRecord, sampleGroups, type TrialOptions, tryGroups } from './trial.js';

const sink = {
  ...{ name: 'price', title: 'Price', description: 'Prices', batchMax: 2 },
  ...{ entities: ['price'], delivery: 'idempotent', makes: 'state', guarded: ['amount'] },
  fields: z.strictObject({
    amount: z.number(),
    note: z.string().optional(),
  }) as unknown as z.ZodType<JsonObject>,
  map(group: FlowGroup): TargetRecord | null {
    const [record] = group.records('price');
    if (record === undefined) return null;
    const { list } = record.fields as { readonly list: { readonly amount: string } };
    return { key: String(record.fields.sku), fields: { amount: Number(list.amount) } };
  },
  read: async () => [],
  write: async () => [],
} as unknown as Sink<never>;

const flow: Flow = {
  ...{ name: 'shop.price', target: 'shop', sink, config: {} as never, write: 'shadow' },
  ...{ map: null, where: null, owns: null, limits: defaultLimits },
  ...{ lookups: { colours: { A: 'red' } }, definition: 'd' },
};
const price = (sku: string, amount = '9', fields: JsonObject = {}): SampleRecord => ({
  entity: 'price',
  fields: {
    ...{ sku, channel: 'alpha-nl', currency: 'EUR', basis: 'gross' },
    ...{ list: { amount, currency: 'EUR' }, ...fields },
  },
});
const state = (key: string, fields: JsonObject): TargetState => ({
  ...{ key, id: `id-${key}`, fields, tag: null },
});

async function trial(
  rules: Partial<Flow>,
  records: readonly SampleRecord[],
  options: Partial<TrialOptions> = {},
) {
  const tried = { ...flow, ...rules };
  const { groups, faults } = sampleGroups(tried, {}, records);
  const trials = await tryGroups(
    {
      ...{ flow: tried, reference: {}, now: 0, isRehearsal: false, folder: null },
      read: async () => [state('A', { amount: 8 })],
      ...options,
    },
    groups,
  );
  return { faults, trials };
}

describe('a trial', () => {
  it('shows what is read, what the mapping gives, and what of it differs', async () => {
    const {
      trials: [one],
    } = await trial({}, [price('A'), { ...price('A', '7'), isOwn: true }]);
    expect(one).toMatchObject({
      ...{ group: 'variant/A', concerns: true, ready: null, isRead: true, faults: [] },
      records: [
        { entity: 'price', isOwn: false, fields: { list: { amount: '9.00' } } },
        { entity: 'price', isOwn: true, sources: ['shop'], fields: { list: { amount: '7.00' } } },
      ],
      gives: { key: 'A', fields: { amount: 9 } },
      target: { id: 'id-A', fields: { amount: 8 } },
      differences: [{ field: 'amount', before: 8, after: 9 }],
      verdict: { does: 'show', text: expect.stringContaining("write: 'shadow'") },
      live: { does: 'write', fields: ['amount'] },
    });
  });

  it('says what limits, ownership and earlier acts of people make of it', async () => {
    const verdictOf = async (rules: Partial<Flow>, records = [price('A')]) => {
      const { trials } = await trial({ write: 'live', ...rules }, records);
      return trials[0]?.verdict;
    };
    expect(await verdictOf({})).toMatchObject({ does: 'write', text: 'Writes amount.' });
    expect(await verdictOf({}, [price('A', '8')])).toMatchObject({ does: 'level' });
    expect(await verdictOf({}, [price('B')])).toMatchObject({ does: 'write', fields: ['amount'] });
    expect(await verdictOf({}, [price('A', '80')])).toMatchObject({ does: 'hold', why: 'change' });
    expect(await verdictOf({ owns: new Set(['note']) })).toMatchObject({
      ...{ does: 'show', why: 'foreign' },
    });
    expect(await verdictOf({ where: () => false })).toMatchObject({
      ...{ does: 'nothing', text: '`where` says that it does not concern shop.' },
    });
    const { trials } = await trial({ write: 'live' }, [price('A')], { isRehearsal: true });
    expect(trials[0]?.verdict).toMatchObject({ does: 'hold', why: 'run' });
  });

  it('tells of each fault where it is', async () => {
    const failing = (map: () => unknown) => trial({ map: map as Flow['map'] }, [price('A')]);
    const unfit = await failing(() => ({ key: 'A', fields: { amount: 'x', size: 'M' } }));
    expect(unfit.trials[0]).toMatchObject({
      ...{ gives: { key: 'A', fields: { amount: 'x', size: 'M' } }, isRead: false, live: null },
      verdict: { does: 'park' },
      faults: [
        { at: 'fields', code: 'E_FLOW_FIELDS', path: 'amount' },
        { at: 'fields', path: 'size', message: 'the sink has no such field' },
      ],
    });
    const threw = await failing(() => {
      throw new Error('cannot be mapped');
    });
    expect(threw.trials[0]).toMatchObject({
      ...{ gives: null, verdict: { does: 'park' } },
      faults: [{ at: 'map', code: 'E_FLOW_MAP', message: 'cannot be mapped' }],
    });
    expect(threw.trials[0]?.faults[0]?.place?.file).toContain('flows/trial.test.ts');
    const down = await trial({}, [price('A')], {
      read: async () => {
        throw new Error('no answer');
      },
    });
    expect(down.trials[0]).toMatchObject({
      ...{ gives: { key: 'A' }, isRead: false, verdict: { does: 'unknown' }, differences: [] },
      faults: [{ at: 'read', code: 'E_FLOW_SINK', message: 'no answer' }],
    });
    const { faults } = await trial({}, [
      price('A'),
      { entity: 'order', fields: {} },
      price('A', '9', { currency: 'euro' }),
      { entity: 'price', fields: { channel: 'alpha-nl' } },
    ]);
    expect(faults.map(({ code, path }) => [code, path])).toEqual([
      ['E_FLOW_SAMPLE', 'records.1'],
      ['E_FIELDS', 'records.2.fields.currency'],
      ['E_FIELDS', 'records.3.fields.sku'],
    ]);
  });

  it('names the rows of cross-reference tables that were asked for, and the tables there are', async () => {
    const looked = await trial(
      {
        map(group, _context, ready) {
          group.lookup('colours', 'A');
          group.lookup('colours', 'A');
          group.lookup('colours', 'B');
          return ready();
        },
      },
      [price('A')],
    );
    expect(looked.trials[0]).toMatchObject({
      lookups: [
        { table: 'colours', key: 'A', value: 'red', isMissing: false },
        { table: 'colours', key: 'B', value: null, isMissing: true },
      ],
      ready: { key: 'A', fields: { amount: 9 } },
    });
    const wrong = await trial({ where: (group) => group.lookup('sizes', 'A') === 'M' }, [
      price('A'),
    ]);
    expect(wrong.trials[0]).toMatchObject({
      ...{ concerns: null, faults: [{ at: 'where', code: 'E_FLOW_LOOKUP' }] },
    });
  });

  it('asks the target for no more at once than the sink takes, and for nothing where it may not', async () => {
    const asked: (readonly TargetRecord[])[] = [];
    const records = ['A', 'B', 'C', 'D', 'E'].map((sku) => price(sku));
    const read: TrialOptions['read'] = async (part) => {
      asked.push(part);
      return [];
    };
    const { trials } = await trial({}, records, { read });
    expect(asked.map((part) => part.map(({ key }) => key))).toEqual([
      ['A', 'B'],
      ['C', 'D'],
      ['E'],
    ]);
    expect(trials.every(({ isRead, target }) => isRead && target === null)).toBe(true);
    const { trials: alone } = await trial({}, records, { read: null });
    expect(alone[0]).toMatchObject({ isRead: false, faults: [], verdict: { does: 'unknown' } });
  });

  it('says what a delivery does', async () => {
    const amounts = fc.constantFrom(1, 2, 3, 30);
    const groups = fc.record({
      phase: fc.constantFrom('due', 'held'),
      written: fc.option(amounts, { nil: null }),
      spent: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          wanted: amounts,
          before: fc.option(amounts, { nil: null }),
          write: fc.constantFrom('shadow', 'live'),
          isOwned: fc.boolean(),
          isRehearsal: fc.boolean(),
          change: fc.constantFrom(0.5, null),
          doubt: fc.constantFrom({ text: 'price A of erp jumped', until: null }, null),
          given: groups,
        }),
        async ({ wanted, before, write, isOwned, isRehearsal, change, doubt, given }) => {
          const rules = {
            ...{ write, limits: { ...defaultLimits, change } },
            owns: isOwned ? null : new Set(['note']),
          };
          const tried = { ...flow, ...rules } as Flow;
          const known: GroupState = {
            ...{ ...freshGroup, phase: given.phase as GroupState['phase'] },
            written: given.written === null ? {} : hashesOf({ amount: given.written }),
            insists: given.spent ? { amount: { since: 0, count: 3 } } : {},
          };
          const there = before === null ? null : state('A', { amount: before });
          const [sample] = sampleGroups(tried, {}, [price('A', `${wanted}`)]).groups;
          if (sample === undefined) throw new Error('no group');
          const [told] = await tryGroups(
            {
              ...{ flow: tried, reference: {}, now: 1, isRehearsal, folder: null },
              read: async () => (there === null ? [] : [there]),
              doubtsOf: (statements) => statements.map(() => doubt),
            },
            [{ ...sample, state: known }],
          );
          const done = look(
            { tenant: 't', now: () => 1 } as DeliveryOptions,
            tried,
            {
              ...{ group: sample.group, state: known, doubt },
              wanted: { key: 'A', fields: { amount: wanted } },
            },
            there,
            { isRehearsal, isApproved: false },
          );
          const isWrite = 'before' in done;
          const does = isWrite
            ? 'write'
            : { same: 'level', shown: 'show', held: 'hold' }[done.kind as 'same'];
          expect(told?.verdict.does).toBe(does);
          expect(told?.verdict.fields).toEqual(isWrite ? Object.keys(done.fields) : []);
        },
      ),
    );
  });
});
