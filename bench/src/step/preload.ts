/**
 * Fills a store with rows like the planner's as fast as it goes: no reads (every record is new), no
 * rollback journal, no fsync. A marker says that it came to its end; a
 * store without it is built again.
 */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type KeyRing, openKeyRing } from '../../../packages/platform/dist/audit/index.js';
import { Planner } from '../../../packages/platform/dist/engine/index.js';
import { systemClock, systemRandom } from '../../../packages/platform/dist/ports/index.js';
import {
  BatchEncoder,
  createReader,
  openStore,
  type PlannedBatch,
  type StoreReader,
} from '../../../packages/platform/dist/storage/index.js';
import { pageSize } from './page-file.js';
import { arrivalsOf, folds, masterKey, normalizer, positionName, tables } from './rig.js';
import { multiplier, type Template, templatesOf } from './row-template.js';
import { type RecordKind, recordJson } from './shop-records.js';

export interface PreloadOrder {
  readonly folder: string;
  readonly wrappedStoreKey: Uint8Array;
}

/** Planned for real of each kind; the others are made from these. */
const templateCount = 2_000;
const pagesPerBatch = 4;
const aheadMax = 3;

export function storeFolder(data: string, entries: number, hasViews = false): string {
  return join(data, `step-${entries}${hasViews ? '-views' : ''}`);
}

export function isPreloaded(folder: string): boolean {
  return existsSync(join(folder, 'preloaded'));
}

export async function preload(folder: string, entries: number): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const { ring, reader, wrappedStoreKey, close } = aside(`${folder}-setup`);
  const made = multiplier(await planTemplates(reader, ring), ring);
  const writer = startWriter({ folder, wrappedStoreKey });
  const main = new BatchEncoder();
  const keys = new BatchEncoder();
  const next = { order: 0, product: 1 };
  let offset = 0;
  let batch = 0;
  let kind: RecordKind = 'order';
  const begun = performance.now();
  let printed = begun;
  while (offset < entries) {
    for (let page = 0; page < pagesPerBatch; page += 1) {
      for (let count = 0; count < pageSize && offset < entries; count += 1) {
        made.add(next[kind], offset, offset + 1, main, keys);
        next[kind] += 2;
        offset += 1;
      }
      kind = kind === 'order' ? 'product' : 'order';
    }
    const position = { nextNumber: Math.max(next.order, next.product - 1), revision: 0 };
    main.meta(positionName, Buffer.from(JSON.stringify(position)));
    await writer.commit({
      number: batch + 1,
      after: batch,
      main: main.finish(),
      keys: keys.size === 0 ? null : keys.finish(),
      plannedAt: batch,
    });
    batch += 1;
    if (performance.now() - printed > 5_000) {
      printed = performance.now();
      const rate = (offset / (printed - begun)) * 1000;
      const leftSeconds = Math.round((entries - offset) / rate);
      process.stderr.write(
        `preload ${offset} of ${entries}, ${Math.round(rate)}/s, ${leftSeconds} s to go\n`,
      );
    }
  }
  await writer.close();
  close();
  const seconds = Math.round((performance.now() - begun) / 1000);
  writeFileSync(join(folder, 'preloaded'), `${JSON.stringify({ entries, seconds })}\n`);
}

async function planTemplates(reader: StoreReader, ring: KeyRing) {
  const templates = new Map<RecordKind, readonly Template[]>();
  for (const kind of ['order', 'product'] as const) {
    const clock = systemClock();
    const random = systemRandom();
    const planner = new Planner({ reader, ring, clock, random, folds, normalizer });
    const first = kind === 'order' ? 0 : 1;
    const numbers = Array.from({ length: templateCount }, (_, at) => first + at * 2);
    const body = Buffer.from(`{"data":[${numbers.map((n) => recordJson(n, 0)).join(',')}]}`);
    const page = { kind, body, after: { nextNumber: 0, revision: 0 } };
    const plan = await planner.plan(arrivalsOf(page, 1, clock.now()));
    templates.set(kind, templatesOf(plan, tables, numbers));
  }
  return templates;
}

/**
 * A key ring and a reader from an empty store elsewhere: the one being filled is its writer's alone.
 * Nothing is in it that the planner does not remember, so the reader need not follow it.
 */
function aside(folder: string) {
  const store = openStore(folder, { tables });
  const ring = openKeyRing(store, masterKey, systemRandom());
  const reader = createReader(store, tables);
  const wrapped = store.keys.prepare('SELECT wrapped FROM store_key').get()?.['wrapped'];
  const close = () => {
    store.close();
    rmSync(folder, { recursive: true });
  };
  return { ring, reader, wrappedStoreKey: wrapped as Uint8Array, close };
}

function startWriter(order: PreloadOrder) {
  const worker = new Worker(new URL('./preload-worker.js', import.meta.url), {
    workerData: order,
  });
  let sent = 0;
  let failure: unknown = null;
  let wake: (() => void) | null = null;
  worker.on('message', () => {
    sent -= 1;
    wake?.();
  });
  worker.on('error', (error) => {
    failure = error;
    wake?.();
  });
  const settle = async (leave: number): Promise<void> => {
    while (sent > leave && failure === null) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    if (failure !== null) throw failure;
  };
  return {
    async commit(batch: PlannedBatch): Promise<void> {
      const transfer = [batch.main.buffer as ArrayBuffer];
      if (batch.keys !== null) transfer.push(batch.keys.buffer as ArrayBuffer);
      worker.postMessage(batch, transfer);
      sent += 1;
      await settle(aheadMax);
    },
    async close(): Promise<void> {
      await settle(0);
      const ended = new Promise((resolve) => worker.once('exit', resolve));
      worker.postMessage(null);
      await ended;
    },
  };
}
