/** The real planner, step loop and writer worker over a bench store, fed with pages by hand. */
import { splitPage } from '@headrace/sdk';
import { openKeyRing } from '../../../packages/platform/dist/audit/index.js';
import {
  type Arrival,
  createPreReader,
  type Fold,
  Planner,
  StepLoop,
  type StepWriter,
  startWorkerWriter,
  tablesOf,
  timedReader,
} from '../../../packages/platform/dist/engine/index.js';
import { createNormalizer, identityFold } from '../../../packages/platform/dist/entities/index.js';
import {
  jsonLogger,
  sleepReal,
  systemClock,
  systemRandom,
  yieldNow,
} from '../../../packages/platform/dist/ports/index.js';
import {
  createReader,
  openStore,
  type StoreReader,
  type TableSpec,
} from '../../../packages/platform/dist/storage/index.js';
import type { FlowPosition, MadePage } from './page-file.js';
import { shopSpec, shopStreams } from './shop-streams.js';

export const folds = [identityFold];
export const tables = tablesOf(folds);
export const masterKey = Buffer.alloc(32, 7);
export const normalizer = createNormalizer([{ name: 'shop', spec: shopSpec, config: {} }]);
export const positionName = 'bench/position';
const cacheKib = 32_768;

export interface ReadTimes {
  readonly rows: number;
  readonly subjects: number;
}

export interface Rig {
  readonly reader: StoreReader;
  readonly planner: Planner;
  readonly loop: StepLoop;
  /** Milliseconds the planning thread spent in reads of the store, by what was read. */
  readonly readMs: () => ReadTimes;
  /** Milliseconds during which the writer had a batch in hand. */
  readonly writerBusyMs: () => number;
  readonly batches: () => number;
  submit(page: MadePage): Promise<void>;
  close(): Promise<void>;
}

/** `startWriter` is the worker of the platform, for the folds of the rig, unless something else is to write. */
export async function openRig(
  folder: string,
  readsAhead: boolean,
  startWriter: (folder: string) => Promise<StepWriter> = startWorker,
  allFolds: readonly Fold[] = folds,
): Promise<Rig> {
  const allTables = tablesOf(allFolds);
  const clock = systemClock();
  const random = systemRandom();
  const setup = openStore(folder, { tables: allTables });
  const ring = openKeyRing(setup, masterKey, random);
  setup.close();
  const watched = watchWriter(await startWriter(folder));
  const store = openStore(folder, {
    readOnly: true,
    tables: allTables,
    cacheKib: cacheKib / 8,
  });
  const reader = createReader(store, allTables);
  const timed = timeReads(reader);
  const log = jsonLogger('warn', () => clock.now());
  const preReader = createPreReader({ folder, tables: allTables, log, storeBytes: reader.bytes });
  const planner = new Planner({
    reader: timedReader(timed.reader, preReader, clock),
    ring,
    clock,
    random,
    folds: allFolds,
    normalizer,
    pause: yieldNow,
  });
  const loop = new StepLoop({
    planner,
    writer: watched.writer,
    ...(readsAhead ? { preReader } : {}),
    log,
    wait: sleepReal,
    turn: yieldNow,
  });
  const underWay = new Set<number>();
  const forget = setInterval(
    () => planner.sightings.forgetBefore(underWay.values().next().value ?? planner.takeSeq()),
    1000,
  );
  return {
    reader,
    planner,
    loop,
    readMs: timed.readMs,
    writerBusyMs: watched.busyMs,
    batches: watched.batches,
    async submit(page) {
      const readSeq = planner.takeSeq();
      underWay.add(readSeq);
      await loop.submit(arrivalsOf(page, readSeq, clock.now()));
      underWay.delete(readSeq);
    },
    async close() {
      clearInterval(forget);
      await loop.close();
      store.close();
    },
  };
}

/** The writer worker of the platform, for the tables of these folds. */
export function startWorkerFor(allFolds: readonly Fold[]): (folder: string) => Promise<StepWriter> {
  return (folder) => startWorker(folder, tablesOf(allFolds));
}

function startWorker(folder: string, of: readonly TableSpec[] = tables): Promise<StepWriter> {
  const now = systemClock().now();
  const clock = { epochMs: now, realStartMs: now, rate: 1 };
  return startWorkerWriter({ folder, tables: of, cacheKib, clock });
}

/** What intake makes of a page, with the position as the cursor behind its records. */
export function arrivalsOf(page: MadePage, readSeq: number, now: number): Arrival[] {
  const stream = shopStreams[page.kind];
  const times = { noticedAt: null, readAt: now, receivedAt: now };
  const arrivals: Arrival[] = splitPage(page.body, ['data']).records.map(({ bytes, depth }) => ({
    kind: 'record',
    stream,
    bytes,
    depth,
    readSeq,
    snapshot: false,
    times,
  }));
  const position = Buffer.from(JSON.stringify(page.after));
  arrivals.push({ kind: 'effects', apply: (encoder) => encoder.meta(positionName, position) });
  return arrivals;
}

export function readPosition(reader: StoreReader): FlowPosition {
  const stored = reader.meta(positionName);
  return stored === undefined
    ? { nextNumber: 0, revision: 0 }
    : (JSON.parse(Buffer.from(stored).toString()) as FlowPosition);
}

/** Reads hold up the planning thread, and everything else on it, when the disk has to answer them. */
function timeReads(reader: StoreReader) {
  const ms = { rows: 0, subjects: 0 };
  const around = <In extends readonly unknown[], Out>(
    name: keyof ReadTimes,
    read: (...values: In) => Out,
  ) => {
    return (...values: In): Out => {
      const begun = performance.now();
      const answer = read(...values);
      ms[name] += performance.now() - begun;
      return answer;
    };
  };
  const watched: StoreReader = {
    ...reader,
    rows: around('rows', reader.rows),
    subjectKey: around('subjects', reader.subjectKey),
    isErased: around('subjects', reader.isErased),
  };
  return { reader: watched, readMs: (): ReadTimes => ({ ...ms }) };
}

function watchWriter(inner: StepWriter) {
  let busyMs = 0;
  let batches = 0;
  let freeAt = 0;
  const writer: StepWriter = {
    async commit(batch) {
      const sentAt = performance.now();
      const result = await inner.commit(batch);
      const doneAt = performance.now();
      // Batches are committed one after the other: one waits while the last is in hand.
      busyMs += doneAt - Math.max(sentAt, freeAt);
      freeAt = doneAt;
      batches += 1;
      return result;
    },
    close: () => inner.close(),
  };
  return { writer, busyMs: () => busyMs, batches: () => batches };
}
