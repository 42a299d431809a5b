/**
 * What the log costs, how fast what it proves is shown, and how fast it is checked again. Rounds with
 * and without it alternate on two stores that get the same entries through the same writer, each commit
 * with its fsync, and so does the whole step; then proofs are made from the tiles of a large store, of
 * single entries and of all that a vector or a delivery stands on, and the whole store is verified.
 */
import { rmSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import {
  checkInclusion,
  checkpointFile,
  encodeHeader,
  LogReader,
  openKeyRing,
  plainHash,
  readCheckpoint,
  verifyLog,
  writeSafely,
} from '../../../packages/platform/dist/audit/index.js';
import { createLogHook, openLogOf } from '../../../packages/platform/dist/engine/index.js';
import { systemRandom } from '../../../packages/platform/dist/ports/index.js';
import {
  BatchEncoder,
  createBatchWriter,
  createReader,
  openStore,
  type PlannedBatch,
  storePaths,
} from '../../../packages/platform/dist/storage/index.js';
import type { BenchOptions, BenchResult } from '../shared/options.js';
import { loadAverage } from '../shared/process-usage.js';
import { median, quantile, round } from '../shared/statistics.js';
import { masterKey, type ProofStore, proofStore, tables } from './proof-store.js';
import { noLog, stepPair } from './step-pair.js';
import { measureWayBack } from './way-back.js';

const batchEntries = 500;
const bodyBytes = 700;
const sealedBytes = 200;
const targets = {
  leavesPerSecond: 20_000,
  proofMadeMs: 5,
  proofCheckedMs: 1,
  wayBackMs: 200,
  verifiedPerSecond: 150_000,
};

export async function audit(options: BenchOptions): Promise<BenchResult> {
  const set = {
    entries: options.number('entries', 10_000_000),
    rounds: options.number('rounds', 5),
    batches: options.number('batches', 20),
    pages: options.number('pages', 20),
    proofs: options.number('proofs', 2000),
    answers: options.number('answers', 300),
  };
  const { say } = options;
  const place = await proofStore(options.data, set.entries, say);
  if (options.flag('preload-only')) {
    return { name: 'audit', value: set.entries, unit: 'entries', detail: { ...place } };
  }
  say('Asking what vectors and deliveries stand on.');
  const wayBack = measureWayBack(place, set.answers);
  const proof = measureProofs(place.folder, set.proofs);
  say('Committing with the log and without.');
  const commit = await measureCommits(place, join(options.data, 'audit-without'), set);
  say('The whole step with the log and without.');
  const step = await stepPair(options.data, set.rounds, set.pages);
  say('Verifying the store.');
  const verified = await measureVerify(place.folder, commit.publicKey);
  const { vector, delivery } = wayBack;
  return {
    name: 'audit',
    value: commit.perSecond,
    unit: 'leaves/s integrated at commit',
    ratio: commit.ratio,
    against: 'the same writer without leaves, tree and tiles',
    detail: {
      entries: verified.entries,
      storeBytes: statSync(storePaths(place.folder).main).size,
      filledSeconds: place.filledSeconds,
      withoutPerSecond: commit.withoutPerSecond,
      step,
      ...proof,
      wayBack,
      verifiedPerSecond: verified.perSecond,
      verifiedSeconds: verified.seconds,
      threads: availableParallelism(),
      loadAverage: loadAverage(),
      targets: {
        ...targets,
        met:
          commit.perSecond >= targets.leavesPerSecond &&
          proof.proofMadeMs.p99 <= targets.proofMadeMs &&
          proof.proofCheckedMs.p99 <= targets.proofCheckedMs &&
          Math.max(vector.ms.p99, delivery.ms.p99) <= targets.wayBackMs &&
          verified.perSecond >= targets.verifiedPerSecond,
      },
    },
  };
}

interface Writing {
  /** Batches as the planner hands them over; preparing them is not the writer's work. */
  planned(batches: number): readonly PlannedBatch[];
  commit(batch: PlannedBatch): void;
  close(): void;
}

async function measureCommits(
  place: ProofStore,
  bare: string,
  { rounds, batches }: { readonly rounds: number; readonly batches: number },
) {
  rmSync(bare, { recursive: true, force: true });
  const store = openStore(place.folder, { tables });
  const { signer } = openKeyRing(store, masterKey, systemRandom());
  const log = openLogOf(place.folder, createReader(store, tables));
  const withLog = writingTo(store, createLogHook(log), () => log.flush());
  const bareStore = openStore(bare, { tables });
  const without = writingTo(bareStore, noLog, () => undefined);
  const rates: { readonly log: number; readonly bare: number }[] = [];
  for (let at = 0; at < rounds; at += 1) {
    rates.push({ bare: rateOf(without, batches), log: rateOf(withLog, batches) });
  }
  const { size, root } = log.publish();
  await writeSafely(
    checkpointFile(place.folder),
    signer.sign({ size, root: Buffer.from(root) }).note,
  );
  withLog.close();
  without.close();
  rmSync(bare, { recursive: true, force: true });
  return {
    publicKey: signer.publicKey,
    perSecond: Math.round(median(rates.map((rate) => rate.log))),
    withoutPerSecond: Math.round(median(rates.map((rate) => rate.bare))),
    ratio: round(median(rates.map((rate) => rate.log / rate.bare)), 3),
  };
}

function writingTo(
  store: ReturnType<typeof openStore>,
  hook: typeof noLog,
  flush: () => void,
): Writing {
  const writer = createBatchWriter(store, tables, hook);
  let number = 0;
  let next = createReader(store, tables).journalEnd();
  return {
    planned: (batches) =>
      Array.from({ length: batches }, () => {
        const encoder = new BatchEncoder();
        for (let at = 0; at < batchEntries; at += 1) {
          encoder.journal(next, headerOf(next), body(next), sealed);
          next += 1;
        }
        number += 1;
        return { number, after: number - 1, main: encoder.finish(), keys: null, plannedAt: 0 };
      }),
    commit(batch) {
      writer.commit(batch, 0);
      flush();
    },
    close: () => store.close(),
  };
}

const id = plainHash('bench');
const filler = 'x'.repeat(bodyBytes);
const sealed = new Uint8Array(sealedBytes).fill(7);

function body(offset: number): string {
  return `{"id":"${offset}","text":"${filler}"}`;
}

function headerOf(offset: number): Uint8Array {
  return encodeHeader({
    ...{ kind: 'record', gone: false, snapshot: false, imputed: false, unreadable: false },
    ...{ unnamed: false, unmapped: false, replayed: false, offset, previous: null },
    ...{ knownAt: offset, eventAt: null, noticedAt: null },
    ...{ readAt: null, receivedAt: null, readSeq: offset, id, hash: id, subject: id },
    ...{ source: 'shop', stream: 'order', key: String(offset), version: '1' },
  });
}

function rateOf(writing: Writing, batches: number): number {
  const planned = writing.planned(batches);
  const start = performance.now();
  for (const batch of planned) writing.commit(batch);
  return (batches * batchEntries) / ((performance.now() - start) / 1000);
}

function measureProofs(folder: string, count: number) {
  const store = openStore(folder, { readOnly: true, tables: [] });
  const reader = createReader(store, []);
  const proofs = new LogReader(folder);
  const checkpoint = readCheckpoint(folder);
  if (checkpoint === null) throw new Error('The store has no checkpoint.');
  const { size, root } = checkpoint;
  const made: number[] = [];
  const checked: number[] = [];
  let bytes = 0;
  for (let at = 0; at < count; at += 1) {
    // Spread over the log, so that neighbours do not share their tiles.
    const index = (at * 7919 * 257) % size;
    const [leaf] = reader.leaves(index, 1);
    const start = performance.now();
    const path = proofs.inclusion(index, size);
    const middle = performance.now();
    const holds = checkInclusion(leaf as Uint8Array, index, size, path, root);
    checked.push(performance.now() - middle);
    made.push(middle - start);
    bytes = Math.max(bytes, path.length * 32);
    if (!holds) throw new Error(`The proof of entry ${index} does not hold.`);
  }
  store.close();
  const spread = (times: readonly number[]) => ({
    p50: round(median(times), 3),
    p99: round(quantile(times, 0.99), 3),
  });
  return { proofMadeMs: spread(made), proofCheckedMs: spread(checked), proofBytes: bytes };
}

async function measureVerify(folder: string, publicKey: string) {
  const start = performance.now();
  const threads = availableParallelism();
  const result = await verifyLog({ folder, publicKey, anchor: null, threads });
  const seconds = (performance.now() - start) / 1000;
  if (!result.ok) throw new Error(`It does not verify: ${JSON.stringify(result.firstBad)}`);
  const { entries } = result;
  return { entries, perSecond: Math.round(entries / seconds), seconds: round(seconds) };
}
