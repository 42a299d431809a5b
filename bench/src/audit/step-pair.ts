/**
 * The whole step with the log and without it, in turns on two stores that get the same pages: split,
 * planned, sealed, folded, committed with an fsync. Planner and writer share a thread here, so that no
 * part of what the log costs is hidden by work beside it.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  createLogHook,
  openLogOf,
  type StepWriter,
} from '../../../packages/platform/dist/engine/index.js';
import {
  createBatchWriter,
  createReader,
  type EntryHook,
  openStore,
} from '../../../packages/platform/dist/storage/index.js';
import { seeded } from '../shared/seeded.js';
import { median, round } from '../shared/statistics.js';
import { type MadePage, PageMaker, pageSize } from '../step/page-file.js';
import { openRig, type Rig, tables } from '../step/rig.js';

const shares = { updates: 0.2, duplicates: 0.05, uniform: 0.5, recentSpan: 20_000, lowest: 0 };
const pagesAheadMax = 3;

/** The same writer and the same rows, without a hash anywhere. */
export const noLog: EntryHook = {
  leaf: () => new Uint8Array(32),
  beforeCommit: () => [],
  committed: () => undefined,
  rolledBack: () => undefined,
};

export interface StepPair {
  readonly perSecond: number;
  readonly withoutPerSecond: number;
  readonly ratio: number;
}

export async function stepPair(data: string, rounds: number, pages: number): Promise<StepPair> {
  const places = [true, false].map((isLogged) => ({
    isLogged,
    folder: join(data, isLogged ? 'audit-step' : 'audit-step-without'),
  }));
  for (const { folder } of places) rmSync(folder, { recursive: true, force: true });
  const [withLog, without] = (await Promise.all(
    places.map(({ folder, isLogged }) =>
      openRig(folder, false, async (place) => onThisThread(place, isLogged)),
    ),
  )) as [Rig, Rig];
  const maker = new PageMaker({ nextNumber: 0, revision: 0 }, shares, seeded(3));
  const rates: { readonly log: number; readonly bare: number }[] = [];
  // The first round warms up.
  for (let at = 0; at <= rounds; at += 1) {
    const made = Array.from({ length: pages }, () => maker.next());
    const bare = await rateOf(without, made);
    const log = await rateOf(withLog, made);
    if (at > 0) rates.push({ log, bare });
  }
  await withLog.close();
  await without.close();
  for (const { folder } of places) rmSync(folder, { recursive: true, force: true });
  return {
    perSecond: Math.round(median(rates.map(({ log }) => log))),
    withoutPerSecond: Math.round(median(rates.map(({ bare }) => bare))),
    ratio: round(median(rates.map(({ log, bare }) => log / bare)), 3),
  };
}

function onThisThread(folder: string, isLogged: boolean): StepWriter {
  const store = openStore(folder, { tables });
  const log = isLogged ? openLogOf(folder, createReader(store, tables)) : null;
  const hook = log === null ? noLog : createLogHook(log);
  const writer = createBatchWriter(store, tables, hook);
  return {
    async commit(batch) {
      const result = writer.commit(batch, batch.plannedAt);
      log?.flush();
      return result;
    },
    close: async () => store.close(),
  };
}

async function rateOf(rig: Rig, pages: readonly MadePage[]): Promise<number> {
  const start = performance.now();
  const underWay: Promise<void>[] = [];
  for (const page of pages) {
    underWay.push(rig.submit(page));
    if (underWay.length >= pagesAheadMax) await underWay.shift();
  }
  await Promise.all(underWay);
  return (pages.length * pageSize) / ((performance.now() - start) / 1000);
}
