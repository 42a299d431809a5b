/**
 * Values that cannot be right, told by a system that answers well: nothing rests on them for a moment. After
 * every commit the gate is asked, and it must not say *serve* while what is known is wrong; and no live
 * flow writes any of it.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type QualitySystems, startQualitySystems, until } from './support/quality-systems.js';

type Row = Record<string, unknown>;
type Fault = Parameters<QualitySystems['emulators']['faults']['add']>[0];

const folder = mkdtempSync(join(tmpdir(), 'headrace-wrong-'));
const quantity = 'MatlWrhsStkQtyInMatlBaseUnit';
/** Several reads of every stream and looks of every flow. */
const longEnoughMs = 5_000;
let systems: QualitySystems;
let { control, platform, emulators } = {} as QualitySystems;

beforeAll(async () => {
  systems = await startQualitySystems(folder);
  ({ control, platform, emulators } = systems);
  await until('all is known', async () => {
    const pair = platform.quality.pair('stock');
    if (pair === null) return false;
    const { compared, pending, differing } = platform.quality.reconcile(pair);
    return compared === 40 && pending + differing === 0;
  });
}, 90_000);

afterAll(async () => {
  await systems?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Rows of one set, answered otherwise. */
const rowsOf = (scope: string, change: (row: Row) => Row): Fault => ({
  ...{ kind: 'rows', scope },
  rows: (rows, asked) => (asked === scope ? rows.map((row) => change(row as Row)) : rows) as never,
});

/** What the ERP says of a key now, as far as is known, and whether it may be served. */
function believed(entity: 'stock' | 'price', key: string) {
  const { verdict } = platform.quality.gate([{ entity, key, source: 'erp' }]);
  const row = platform.entities.rowsAt(entity, key).find(({ source }) => source === 'erp');
  return { gate: verdict.gate, fields: row?.fields ?? null, why: verdict.worstInput?.why ?? '' };
}

/** Notes what is believed of these keys after each commit, until it is told to end. */
function watch(entity: 'stock' | 'price', keys: () => readonly string[]) {
  const seen: ReturnType<typeof believed>[] = [];
  const stop = platform.engine.onDurable(() => {
    for (const key of keys()) seen.push(believed(entity, key));
  });
  return () => {
    stop();
    return seen;
  };
}

const sku = async (place: number): Promise<string> =>
  String((await control.ledger('stock'))[place]?.['sku']);

/** Sold in the shop of the first brand. */
const priced = async (place: number): Promise<string> => {
  const rows = await control.ledger('conditions');
  const skus = rows.filter((row) => row['channel'] === 'alpha-nl').map((row) => String(row['sku']));
  return [...new Set(skus)][place] ?? '';
};

const priceKeys = (of: string, currency: string): string[] =>
  platform.entities
    .keysIn('erp/price', 'price', '', 1000)
    .keys.filter((key) => key.startsWith(`${of}/alpha-nl/${currency}/`));

/** A price of the ERP becomes another: it ends, and the next begins with a record of its own. */
async function changePrice(
  of: string,
  to: (rateMinor: number) => number = (rate) => rate + 100,
): Promise<void> {
  const rows = await control.ledger('conditions');
  const known = rows.filter((row) => row['sku'] === of && row['channel'] === 'alpha-nl');
  const rateMinor = to(Number(known.at(-1)?.['rateMinor']));
  await control.call('POST', '/commands', { kind: 'change-condition', sku: of, rateMinor });
}

/** Nothing is written for long enough. */
async function nothingIsWritten(since: number): Promise<void> {
  await sleep(longEnoughMs);
  expect(await control.mutating(), 'writes on what is wrong').toBe(since);
}

const isNew = (row: Row) =>
  Number(/\d+/.exec(String(row['LastChangeDateTime']))?.[0]) >= emulators.clock.now() - 60_000;

describe('nothing rests, not for a moment, on', () => {
  it('stock that is counted in dozens', async () => {
    const key = `${await sku(6)}/dc-nl`;
    const unitsOf = (fields: Row | null) => Number(Object(fields?.['onHand']).value);
    const right = believed('stock', key);
    expect(right.gate).toBe('serve');
    const units = unitsOf(right.fields);
    expect(units).toBeGreaterThan(4);
    const before = await control.mutating();
    const end = watch('stock', () => [key]);
    const { id } = emulators.faults.add(
      rowsOf('A_MaterialStock', (row) => {
        if (row['Material'] !== key.split('/')[0]) return row;
        const { results = [] } = (row['to_MatlStkInAcctMod'] ?? {}) as { results?: Row[] };
        const dozens = results.map((one) => ({
          ...one,
          [quantity]: (Number(one[quantity]) * 12).toFixed(3),
        }));
        return { ...row, to_MatlStkInAcctMod: { results: dozens } };
      }),
    );
    await until('it is known', async () => unitsOf(believed('stock', key).fields) === 12 * units);
    await nothingIsWritten(before);
    emulators.faults.remove(id);
    await until('it is right again', async () => believed('stock', key).gate === 'serve');
    expect(await control.mutating()).toBe(before);
    const wrong = end().filter(({ fields }) => unitsOf(fields) === 12 * units);
    expect(wrong.length).toBeGreaterThan(0);
    expect(wrong.filter(({ gate }) => gate !== 'hold')).toEqual([]);
  }, 120_000);

  it('a price that begins at a hundred times the one before', async () => {
    const of = await priced(1);
    const was = new Set(priceKeys(of, 'EUR'));
    expect([...was].map((key) => believed('price', key).gate)).toContain('serve');
    const begun = () => priceKeys(of, 'EUR').filter((key) => !was.has(key));
    const before = await control.mutating();
    const end = watch('price', begun);
    await changePrice(of, (rate) => rate * 100);
    await until('it is known', async () => begun().length > 0);
    await nothingIsWritten(before);
    const seen = end();
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.filter(({ gate }) => gate !== 'hold')).toEqual([]);
    expect(seen.at(-1)?.why).toContain('as if its scale had changed');
    // Corrected on the same day, it is the same record.
    await changePrice(of, (rate) => rate / 100 + 100);
    const [key = ''] = begun();
    await until('it is right again', async () => believed('price', key).gate === 'serve');
    await until('it is written', async () => (await control.mutating()) > before);
  }, 120_000);

  it('a price in another currency', async () => {
    const of = await priced(3);
    const was = new Set(priceKeys(of, 'EUR'));
    // Of the price there was, and of the one that begins with a record of its own, and no past in it.
    const keys = () => priceKeys(of, 'USD');
    const before = await control.mutating();
    const end = watch('price', keys);
    const { id } = emulators.faults.add(
      rowsOf('A_SlsPrcgConditionRecord', (row) =>
        isNew(row) ? { ...row, ConditionRateValueUnit: 'USD', ConditionCurrency: 'USD' } : row,
      ),
    );
    await changePrice(of);
    await until('both are known', async () => keys().length > was.size);
    await nothingIsWritten(before);
    const seen = end();
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.filter(({ gate }) => gate !== 'hold')).toEqual([]);
    emulators.faults.remove(id);
  }, 120_000);

  it('a change by a clock that is 90 s ahead', async () => {
    const of = await priced(5);
    const [key = ''] = priceKeys(of, 'EUR');
    const was = JSON.stringify(believed('price', key).fields);
    expect(believed('price', key).gate).toBe('serve');
    const before = await control.mutating();
    const end = watch('price', () => [key]);
    emulators.faults.add(
      rowsOf('A_SlsPrcgConditionRecord', (row) => {
        const at = /\d+/.exec(String(row['LastChangeDateTime']))?.[0];
        return isNew(row)
          ? { ...row, LastChangeDateTime: `/Date(${Number(at) + 90_000}+0000)/` }
          : row;
      }),
    );
    await changePrice(of);
    const isOther = (fields: Row | null) => JSON.stringify(fields) !== was;
    await until('it is known', async () => isOther(believed('price', key).fields));
    await nothingIsWritten(before);
    const wrong = end().filter(({ fields }) => isOther(fields));
    expect(wrong.length).toBeGreaterThan(0);
    expect(wrong.filter(({ gate }) => gate !== 'hold')).toEqual([]);
    expect(wrong.at(-1)?.why).toContain('ahead of our clock');
  }, 120_000);
});
