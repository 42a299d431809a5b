/**
 * A store to prove things from: order lines that features are made of, deliveries to another system,
 * and between them records of other streams, so that what one answer stands on lies all over the
 * journal. Journal, leaves, tiles and features are written by the platform's own writer and fold; the
 * tables of records are left out, because the way back from a vector or a delivery does not read them.
 *
 * A marker says that it came to its end; a store without it is built again.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '@headrace/sdk';
import {
  checkpointFile,
  type EntryHeader,
  encodeHeader,
  openKeyRing,
  plainHash,
  syncedFile,
  writeSafely,
} from '../../../packages/platform/dist/audit/index.js';
import {
  createLogHook,
  type FoldInput,
  FoldRunner,
  openLogOf,
  tablesOf,
} from '../../../packages/platform/dist/engine/index.js';
import { createFeatureFold } from '../../../packages/platform/dist/features/index.js';
import { systemRandom } from '../../../packages/platform/dist/ports/index.js';
import {
  BatchEncoder,
  createBatchWriter,
  createReader,
  openStore,
} from '../../../packages/platform/dist/storage/index.js';
import { normalizer, wideView } from '../features/fact-store.js';
import { mix } from '../shared/seeded.js';

/** Lines of one key, all of them within the longest window. */
const factsPerKey = 250;
const factEvery = 20;
/** A delivery is announced by one entry and told of by the next. */
const deliveryEvery = 500;
export const statementsPerDelivery = 12;
const channels = ['nl', 'de', 'be', 'fr'] as const;
const spanMs = 180 * 86_400_000;
const startMs = Date.UTC(2026, 0, 1);
const batchEntries = 10_000;
const fillerBytes = 250;
const sealedBytes = 100;

export const masterKey = Buffer.alloc(32, 7);
/** Two hundred values of one key. */
export const views = channels.map((channel) => wideView(`wide_${channel}`, channel));
export const folds = [createFeatureFold({ views, leading: {} })];
export const tables = tablesOf(folds);

export interface ProofStore {
  readonly folder: string;
  /** As it was filled; measuring adds more. */
  readonly entries: number;
  readonly keys: number;
  /** How long the filling took; null where it was there already. */
  readonly filledSeconds: number | null;
}

export function keyOf(index: number): string {
  return `S${index}`;
}

/** Offset of the entry that tells how a delivery ended, and its group. */
export function deliveryAt(index: number): { readonly offset: number; readonly group: string } {
  return { offset: index * deliveryEvery + deliveryEvery - 1, group: `g${index}` };
}

export function deliveriesIn({ entries }: ProofStore): number {
  return Math.floor(entries / deliveryEvery);
}

/** After everything that was filled in was true and known. */
export const momentMs = startMs + spanMs;

export async function proofStore(
  data: string,
  entries: number,
  say: (text: string) => void,
): Promise<ProofStore> {
  const folder = join(data, `audit-${entries}`);
  const keys = Math.max(1, Math.floor(entries / factEvery / factsPerKey));
  const marker = join(folder, 'preloaded');
  if (existsSync(marker) && readFileSync(marker, 'utf8') === `${entries}\n`) {
    return { folder, entries, keys, filledSeconds: null };
  }
  const begun = performance.now();
  await fill(folder, entries, keys, say);
  writeFileSync(marker, `${entries}\n`);
  const filledSeconds = Math.round((performance.now() - begun) / 1000);
  return { folder, entries, keys, filledSeconds };
}

async function fill(
  folder: string,
  entries: number,
  keys: number,
  say: (text: string) => void,
): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  const store = openStore(folder, { tables, volatile: true, cacheKib: 262_144 });
  const { signer } = openKeyRing(store, masterKey, systemRandom());
  // A crash loses it, and it is built again.
  store.main.exec('PRAGMA journal_mode=OFF');
  const reader = createReader(store, tables);
  const log = openLogOf(folder, reader);
  const writer = createBatchWriter(store, tables, createLogHook(log));
  const runner = new FoldRunner(reader, folds, normalizer, 50_000);
  const encoder = new BatchEncoder();
  const begun = performance.now();
  let printed = begun;
  for (let from = 0, number = 1; from < entries; from += batchEntries, number += 1) {
    const inputs: FoldInput[] = [];
    for (let offset = from; offset < Math.min(from + batchEntries, entries); offset += 1) {
      const { header, text, sealed, line } = entryAt(offset, entries, keys);
      encoder.journal(offset, encodeHeader(header), text, sealed);
      if (line !== null) inputs.push(inputOf(header, line));
    }
    runner.foldLater(inputs, number);
    runner.flush(encoder, number);
    const main = encoder.finish();
    writer.commit({ number, after: number - 1, main, keys: null, plannedAt: 0 }, 0);
    runner.evict(number);
    log.flush();
    if (performance.now() - printed < 5000) continue;
    printed = performance.now();
    const perSecond = (from / (printed - begun)) * 1000;
    const left = Math.round((entries - from) / perSecond);
    say(`filled ${from} of ${entries}, ${Math.round(perSecond)}/s, ${left} s to go`);
  }
  const { size, root } = log.publish();
  await writeSafely(checkpointFile(folder), signer.sign({ size, root: Buffer.from(root) }).note);
  await writeSafely(syncedFile(folder), `${size}\n`);
  store.main.exec('PRAGMA journal_mode=WAL');
  store.close();
}

interface MadeEntry {
  readonly header: EntryHeader;
  readonly text: string;
  readonly sealed: Uint8Array | null;
  /** Of an order line, which features are made of. */
  readonly line: JsonObject | null;
}

const id = plainHash('bench');
const sealedPart = new Uint8Array(sealedBytes).fill(7);
const filler = 'x'.repeat(fillerBytes);

function entryAt(offset: number, entries: number, keys: number): MadeEntry {
  const knownAt = startMs + Math.floor((offset / entries) * spanMs);
  const place = offset % deliveryEvery;
  if (place === deliveryEvery - 1) return ended(offset, knownAt);
  if (place === deliveryEvery - 2) return begunAt(offset, knownAt);
  const eventAt = knownAt - (mix(offset) % 60_000);
  if (offset % factEvery !== 0) {
    const isPersonal = offset % 3 === 0;
    const key = `O${offset}`;
    return {
      header: headerOf(offset, knownAt, eventAt, 'record', 'order', key, isPersonal ? id : null),
      text: `{"id":"${key}","text":"${filler}"}`,
      sealed: isPersonal ? sealedPart : null,
      line: null,
    };
  }
  const fact = offset / factEvery;
  const units = 1 + (mix(fact) % 4);
  const line = {
    id: `L${fact}`,
    sku: keyOf(fact % keys),
    units,
    channel: channels[Math.floor(fact / keys) % channels.length] as string,
    orderedAt: new Date(eventAt).toISOString(),
    net: (units * 19.99).toFixed(2),
  };
  const header = headerOf(offset, knownAt, eventAt, 'record', 'line', line.id, null);
  return { header, text: JSON.stringify(line), sealed: null, line };
}

/** What a sink was about to be given, put together from statements of any age. */
function begunAt(offset: number, knownAt: number): MadeEntry {
  const index = Math.floor(offset / deliveryEvery);
  const from = Array.from({ length: statementsPerDelivery }, (_, at) => {
    const one = Math.floor((mix(index * 64 + at) / 2 ** 32) * offset);
    // Neither of the two entries about a delivery states anything.
    return one % deliveryEvery >= deliveryEvery - 2 ? Math.max(0, one - 2) : one;
  });
  const sorted = [...new Set(from)].sort((a, b) => a - b);
  const item = {
    ...{ group: `g${index}`, key: `g${index}`, number: 1, idempotencyKey: 'k', hash: 'h' },
    ...{ isNew: false, cause: sorted.at(-1) ?? 0, from: sorted },
    changes: [{ field: 'stock', before: 1, after: 2, why: 'changed' }],
  };
  return outcome(offset, knownAt, { action: 'begun', items: [item] });
}

function ended(offset: number, knownAt: number): MadeEntry {
  const index = Math.floor(offset / deliveryEvery);
  const item = { group: `g${index}`, kind: 'written', number: 1, begun: offset - 1 };
  return outcome(offset, knownAt, { action: 'ended', items: [item] });
}

function outcome(offset: number, knownAt: number, body: JsonObject): MadeEntry {
  const header = headerOf(offset, knownAt, null, 'outcome', 'shop.stock', '', null);
  return { header, text: JSON.stringify(body), sealed: null, line: null };
}

/** Member by member: ten million of them are made, and spread objects take a third of the time. */
function headerOf(
  offset: number,
  knownAt: number,
  eventAt: number | null,
  kind: EntryHeader['kind'],
  stream: string,
  key: string,
  subject: Uint8Array | null,
): EntryHeader {
  return {
    kind,
    gone: false,
    snapshot: false,
    imputed: false,
    unreadable: false,
    unnamed: false,
    unmapped: false,
    replayed: false,
    offset,
    previous: null,
    knownAt,
    eventAt,
    noticedAt: null,
    readAt: null,
    receivedAt: null,
    readSeq: offset,
    id,
    hash: id,
    subject,
    source: 'shop',
    stream,
    key,
    version: '1',
  };
}

/** As the mapping and the fold of records hand it on: a line that was never stated before. */
function inputOf(header: EntryHeader, body: JsonObject): FoldInput {
  const fields = {
    ...{ channel: body['channel'], orderNo: header.key, line: '1', sku: body['sku'] },
    orderedAt: body['orderedAt'],
    quantity: { value: String(body['units']), unit: 'C62' },
    lineNet: { amount: body['net'], currency: 'EUR' },
  } as JsonObject;
  const row = {
    ...{ entity: 'orderLine', key: `${String(body['channel'])}/${header.key}/1` },
    ...{ type: 'line', externalId: header.key, fields },
  };
  const change = {
    ...{ stateKey: `shop/line/${header.key}`, before: [], after: [row] },
    ...{ eventAtBefore: null, eventAtAfter: header.eventAt },
  };
  return { header, body, change };
}
