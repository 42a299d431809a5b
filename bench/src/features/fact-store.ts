/**
 * A store of order lines, folded as the platform folds them, without the journal beside it: what a
 * training set reads is the log of contributions alone. One part in twenty came late, by up to seven
 * days, so that knowing and happening differ.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '@headrace/sdk';
import {
  type FoldInput,
  FoldRunner,
  type Normalizer,
  tablesOf,
} from '../../../packages/platform/dist/engine/index.js';
import {
  avg,
  changes,
  count,
  createFeatureFold,
  entity,
  FeatureReader,
  features,
  last,
  max,
  min,
  state,
  sum,
  sumMoney,
  variance,
} from '../../../packages/platform/dist/features/index.js';
import {
  BatchEncoder,
  createBatchWriter,
  createReader,
  openStore,
} from '../../../packages/platform/dist/storage/index.js';
import { seeded } from '../shared/seeded.js';

const dayMs = 86_400_000;
export const startMs = Date.UTC(2025, 0, 1);
export const spanDays = 365;
const batchSize = 1000;

/** Fifty values of one key, over one log; of a channel's lines, or of all. */
export function wideView(name: string, channel: string | null, from = state('orderLine')) {
  return features(
    name,
    {
      of: entity('sku', ['sku']),
      from,
      where: (line) => line.state !== 'cancelled' && (channel === null || line.channel === channel),
      at: (line) => line.orderedAt,
    },
    {
      units: sum((line) => line.quantity, ['1d', '7d', '14d', '28d', '91d', '182d']),
      lines: count(['1h', '1d', '7d', '14d', '28d', '91d', '182d']),
      revenue: sumMoney((line) => line.lineNet, ['1d', '7d', '14d', '28d', '91d', '182d'], {
        currency: 'EUR',
      }),
      mean: avg((line) => line.quantity, ['7d', '14d', '28d', '91d', '182d']),
      low: min((line) => line.lineNet, ['7d', '14d', '28d', '91d', '182d']),
      high: max((line) => line.lineNet, ['7d', '14d', '28d', '91d', '182d']),
      spread: variance((line) => line.quantity, ['14d', '28d', '91d', '182d']),
      large: count(
        (line) => Number(line.quantity?.value ?? 0) > 2,
        ['7d', '14d', '28d', '91d', '182d'],
      ),
      most: max((line) => line.quantity, ['7d', '28d', '91d', '182d']),
      lastUnits: last((line) => line.quantity),
      lastNet: last((line) => line.lineNet),
      lastAt: last((line) => line.orderedAt),
    },
  );
}

/**
 * Each line is told once, so that what stands and what was told are the same, line for line; of what was
 * told no row is kept beside the log, which would be most of the store and is never read here.
 */
export const wide = wideView('wide', null, changes('orderLine'));

/** Folds here are given rows that are normalized already. */
export const normalizer: Normalizer = {
  orderOf: () => 'text',
  anchorOf: (name, key) => `${name}/${key}`,
  normalize: (header, body) => ({
    rows: [
      { entity: 'orderLine', key: header.key, type: 'line', externalId: header.key, fields: body },
    ],
  }),
};
const folds = [createFeatureFold({ views: [wide], leading: {} })];
const tables = tablesOf(folds);

export interface FactStore {
  /** The data directory, for readers of other threads. */
  readonly folder: string;
  readonly reader: FeatureReader;
  readonly entries: number;
  readonly keys: number;
  /** Facts as a plain table has them, for others to join. */
  facts(): Iterable<{ readonly sku: string; readonly at: number; readonly units: number }>;
  close(): void;
}

const keyOf = (index: number) => `S${index}`;

interface Fact {
  readonly sku: string;
  readonly at: number;
  readonly units: number;
}

function* factsIn(facts: number, keys: number): Iterable<Fact & { readonly lateMs: number }> {
  const random = seeded(7);
  for (let index = 0; index < facts; index += 1) {
    const at = startMs + Math.floor(((index + random.next()) / facts) * spanDays * dayMs);
    const lateMs = random.next() < 0.05 ? Math.floor(random.next() * 7 * dayMs) : 0;
    const sku = keyOf(Math.floor(random.next() * keys));
    yield { sku, at, lateMs, units: 1 + Math.floor(random.next() * 4) };
  }
}

interface Size {
  readonly facts: number;
  readonly keys: number;
}

/** A store of so many facts: the one of an earlier run when it came to its end, else folded now. */
export function makeFactStore(
  data: string,
  size: Size,
  say: (text: string) => void,
): FactStore & { readonly foldSeconds: number } {
  const folder = join(data, `facts-${size.facts}-${size.keys}`);
  const marker = join(folder, 'preloaded');
  const made = `${wide.version} ${size.facts} ${size.keys}`;
  const kept = existsSync(marker) ? readFileSync(marker, 'utf8').split('\n') : [];
  let [, foldSeconds] = kept;
  if (kept[0] !== made) {
    const begun = performance.now();
    fold(folder, size, say);
    foldSeconds = String(Math.round((performance.now() - begun) / 1000));
    writeFileSync(marker, `${made}\n${foldSeconds}\n`);
  }
  const opened = openFacts(folder);
  return {
    ...{ folder, reader: opened.features, entries: size.facts, keys: size.keys },
    foldSeconds: Number(foldSeconds),
    facts: () => factsIn(size.facts, size.keys),
    close: opened.close,
  };
}

/** A reader over a store that was folded before. */
export function openFacts(folder: string): { readonly features: FeatureReader; close(): void } {
  const store = openStore(folder, { tables, readOnly: true, cacheKib: 65_536 });
  const features = new FeatureReader({
    reader: createReader(store, tables),
    definitions: [wide],
    timeZone: 'Europe/Amsterdam',
  });
  return { features, close: () => store.close() };
}

/** A crash loses the store, which is then folded again: so there is no journal and no sync. */
function fold(folder: string, size: Size, say: (text: string) => void): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const store = openStore(folder, { tables, volatile: true, cacheKib: 524_288 });
  store.main.exec(
    'PRAGMA journal_mode=OFF; PRAGMA locking_mode=EXCLUSIVE; PRAGMA secure_delete=OFF',
  );
  const stored = createReader(store, tables);
  const runner = new FoldRunner(stored, folds, normalizer, 20_000);
  const writer = createBatchWriter(store, tables, {
    leaf: () => new Uint8Array(),
    ...{ beforeCommit: () => [], committed: () => undefined, rolledBack: () => undefined },
  });
  let batch = 0;
  let inputs: FoldInput[] = [];
  let offset = 0;
  const flush = () => {
    if (inputs.length === 0) return;
    batch += 1;
    runner.foldLater(inputs, batch);
    const encoder = new BatchEncoder();
    runner.flush(encoder, batch);
    const main = encoder.finish();
    writer.commit({ number: batch, after: batch - 1, main, keys: null, plannedAt: 0 }, 0);
    runner.evict(batch);
    inputs = [];
    if (batch % 100 === 0) say(`${offset} facts folded`);
  };
  const bytes = Buffer.alloc(16);
  // Knowing follows the order of the journal, so late facts are told when their time has come.
  for (const fact of told(factsIn(size.facts, size.keys))) {
    const key = String(offset);
    const fields: JsonObject = {
      channel: 'nl',
      orderNo: key,
      line: '1',
      sku: fact.sku,
      orderedAt: new Date(fact.at).toISOString(),
      quantity: { value: String(fact.units), unit: 'C62' },
      lineNet: { amount: `${(fact.units * 19.99).toFixed(2)}`, currency: 'EUR' },
    };
    const row = { entity: 'orderLine', key: `nl/${key}/1`, type: 'line', externalId: key, fields };
    // Written out: spreading parts of it took a quarter of the time of a fold.
    const header: FoldInput['header'] = {
      kind: 'record',
      source: 'shop',
      stream: 'order',
      key,
      version: null,
      offset,
      previous: null,
      knownAt: fact.at + fact.lateMs,
      eventAt: null,
      noticedAt: null,
      readAt: null,
      receivedAt: null,
      readSeq: offset,
      subject: null,
      gone: false,
      snapshot: false,
      imputed: false,
      unreadable: false,
      unnamed: false,
      unmapped: false,
      replayed: false,
      id: bytes,
      hash: bytes,
    };
    const stateKey = `shop/order/${key}`;
    const change = { stateKey, before: [], after: [row], eventAtBefore: null, eventAtAfter: null };
    inputs.push({ header, body: null, change });
    offset += 1;
    if (inputs.length >= batchSize) flush();
  }
  flush();
  // The lock is let go at the next read only.
  store.main.exec(
    'PRAGMA locking_mode=NORMAL; SELECT 1 FROM meta LIMIT 1; PRAGMA journal_mode=WAL',
  );
  store.close();
}

/** In the order in which they became known. */
function* told<F extends { readonly at: number; readonly lateMs: number }>(
  facts: Iterable<F>,
): Iterable<F> {
  // The one that is due next is the last.
  const held: F[] = [];
  const dueOf = (fact: F) => fact.at + fact.lateMs;
  for (const fact of facts) {
    while (held.length > 0 && dueOf(held.at(-1) as F) <= fact.at) yield held.pop() as F;
    if (fact.lateMs === 0) yield fact;
    else {
      let low = 0;
      let high = held.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (dueOf(held[middle] as F) > dueOf(fact)) low = middle + 1;
        else high = middle;
      }
      held.splice(low, 0, fact);
    }
  }
  yield* held.reverse();
}
