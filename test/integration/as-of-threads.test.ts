/** Training sets on threads: the rows of one thread, in order, no further ahead than they are taken. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFactStore, spanDays, startMs, wide } from '../../bench/dist/features/fact-store.js';
import {
  asOfBatches,
  asOfOnThreads,
  emptySummary,
  evidenceOf,
  type KnownMode,
  rowsOf,
  type SpineRow,
  trainingBatches,
} from '../../packages/platform/dist/features/index.js';

const home = mkdtempSync(join(tmpdir(), 'headrace-as-of-'));
const dayMs = 86_400_000;
let store: ReturnType<typeof makeFactStore>;

beforeAll(() => {
  store = makeFactStore(home, { facts: 8000, keys: 150 }, () => undefined);
});
afterAll(() => {
  store?.close();
  rmSync(home, { recursive: true, force: true });
});

const definitions = [wide];
const opener = () => ({
  module: new URL('../../bench/dist/features/as-of-opener.js', import.meta.url).href,
  given: store.folder,
});

function* spine(taken: { rows: number } = { rows: 0 }): Iterable<SpineRow> {
  for (let key = 0; key < 155; key += 1) {
    for (let step = 1; step <= 12; step += 1) {
      taken.rows += 1;
      yield { key: `S${key}`, t: startMs + Math.floor((spanDays * step) / 12) * dayMs };
    }
  }
}

const threaded = (known: KnownMode, rowsAtOnce: number) => ({
  ...{ known, k: store.entries, rowsAtOnce, bytes: 20_000, opener: opener(), threads: 2 },
  ...{ definitions: [wide.name], version: store.reader.version },
});

describe('a training set on threads', () => {
  it.each<KnownMode>(['row-time', 'restated', { k: 5000 }])(
    'is that of one thread: %j',
    async (known) => {
      const asked = { known, k: store.entries };
      const evidence = evidenceOf(store.reader, asked);
      const here = emptySummary();
      const wanted: string[] = [];
      for (const batch of asOfBatches(store.reader, definitions, spine(), asked, here)) {
        for (const row of rowsOf(definitions, batch, evidence)) wanted.push(JSON.stringify(row));
      }
      const there = emptySummary();
      const got: string[] = [];
      for await (const batch of asOfOnThreads(spine(), threaded(known, 97), there)) {
        for (const row of rowsOf(definitions, batch, evidence)) got.push(JSON.stringify(row));
      }
      expect(got).toEqual(wanted);
      expect(there).toEqual(here);
      expect(here.rows).toBe(155 * 12);
      if (known === 'row-time') expect(here.leakedRows).toBeGreaterThan(10);
    },
  );

  it('waits for the one who takes it, and ends with them', async () => {
    const taken = { rows: 0 };
    for await (const batch of asOfOnThreads(
      spine(taken),
      threaded('row-time', 20),
      emptySummary(),
    )) {
      expect(batch.rows).toBe(20);
      // Two for each thread, and those that wait to be taken.
      expect(taken.rows).toBeLessThanOrEqual(20 * 6);
      break;
    }
    expect(taken.rows).toBeLessThanOrEqual(20 * 6);
  });

  it('says why a thread could not begin', async () => {
    const broken = { ...threaded('row-time', 20), version: 'another' };
    const set = asOfOnThreads(spine(), broken, emptySummary())[Symbol.asyncIterator]();
    await expect(set.next()).rejects.toMatchObject({ code: 'E_FOLDED_BEFORE' });
    const lost = {
      ...threaded('row-time', 20),
      opener: { module: 'file:///none.js', given: null },
    };
    const other = asOfOnThreads(spine(), lost, emptySummary())[Symbol.asyncIterator]();
    await expect(other.next()).rejects.toThrow(/none\.js/);
  });

  it('has the same rows however many come before threads are begun', async () => {
    const asked = { known: 'row-time', k: store.entries } as const;
    const evidence = evidenceOf(store.reader, asked);
    const textOf = async (rowsInline: number) => {
      const threads = { opener: opener(), count: 1 };
      const options = { ...asked, threads, rowsInline, pause: () => Promise.resolve() };
      const lines: string[] = [];
      for await (const batch of trainingBatches(
        store.reader,
        definitions,
        spine(),
        options,
        emptySummary(),
      )) {
        for (const row of rowsOf(definitions, batch, evidence)) lines.push(JSON.stringify(row));
      }
      return lines;
    };
    const inline = await textOf(10_000);
    expect(inline).toHaveLength(155 * 12);
    expect(await textOf(100)).toEqual(inline);
  });
});
