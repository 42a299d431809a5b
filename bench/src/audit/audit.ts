/**
 * What the log costs a commit, and how fast it is proved and checked again. Rounds with and without
 * it alternate on two stores that get the same entries through the same writer, each commit with its
 * fsync; then proofs are made from the tiles and checked, and the whole store is verified.
 */
import { rmSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import {
  checkInclusion,
  checkpointFile,
  encodeHeader,
  LogReader,
  plainHash,
  signerOf,
  verifyLog,
  writeSafely,
} from '../../../packages/platform/dist/audit/index.js';
import { createLogHook, openLogOf } from '../../../packages/platform/dist/engine/index.js';
import {
  BatchEncoder,
  createBatchWriter,
  createReader,
  type EntryHook,
  openStore,
} from '../../../packages/platform/dist/storage/index.js';
import type { BenchOptions, BenchResult } from '../shared/options.js';
import { median, quantile, round } from '../shared/statistics.js';

const batchEntries = 500;
const bodyBytes = 700;
const sealedBytes = 200;
const targets = {
  leavesPerSecond: 20_000,
  proofMadeMs: 5,
  proofCheckedMs: 1,
  verifiedPerSecond: 150_000,
};

/** The same writer and the same rows, without a hash anywhere. */
const noLog: EntryHook = {
  leaf: () => new Uint8Array(32),
  beforeCommit: () => [],
  committed: () => undefined,
  rolledBack: () => undefined,
};

export async function audit(options: BenchOptions): Promise<BenchResult> {
  const entries = options.number('entries', 200_000);
  const rounds = options.number('rounds', 5);
  const batches = options.number('batches', 20);
  const proofs = options.number('proofs', 2000);
  const folder = join(options.data, 'audit');
  const bare = join(options.data, 'audit-without');
  for (const place of [folder, bare]) rmSync(place, { recursive: true, force: true });
  options.say(`Filling a store with ${entries} entries.`);
  const filled = openWriter(folder, true, true);
  while (filled.size() < entries) filled.commit();
  filled.close();
  const withLog = openWriter(folder, true, false);
  const without = openWriter(bare, false, false);
  const rates: { readonly log: number; readonly bare: number }[] = [];
  for (let at = 0; at < rounds; at += 1) {
    rates.push({ bare: rateOf(without, batches), log: rateOf(withLog, batches) });
    options.say(`Round ${at + 1}: ${JSON.stringify(rates.at(-1))}`);
  }
  without.close();
  const { size, root } = withLog.publish();
  withLog.close();
  const proof = measureProofs(folder, size, root, proofs);
  const signer = signerOf(new Uint8Array(32));
  await writeSafely(checkpointFile(folder), signer.sign({ size, root }).note);
  const verified = await measureVerify(folder, signer.publicKey, options);
  if (verified.root !== Buffer.from(root).toString('hex') || !verified.ok) {
    throw new Error(`The store does not verify: ${JSON.stringify(verified.firstBad)}`);
  }
  const ratio = median(rates.map((rate) => rate.log / rate.bare));
  const value = Math.round(median(rates.map((rate) => rate.log)));
  return {
    name: 'audit',
    value,
    unit: 'leaves/s integrated at commit',
    ratio: round(ratio, 3),
    against: 'the same writer without leaves, tree and tiles',
    detail: {
      entries: size,
      withoutPerSecond: Math.round(median(rates.map((rate) => rate.bare))),
      ...proof,
      verifiedPerSecond: verified.perSecond,
      threads: availableParallelism(),
      load: round(loadavg()[0] ?? Number.NaN, 2),
      targets: {
        ...targets,
        met:
          value >= targets.leavesPerSecond &&
          proof.proofMadeMs.p99 <= targets.proofMadeMs &&
          proof.proofCheckedMs.p99 <= targets.proofCheckedMs &&
          verified.perSecond >= targets.verifiedPerSecond,
      },
    },
  };
}

interface Writing {
  commit(): void;
  size(): number;
  publish(): { readonly size: number; readonly root: Uint8Array };
  close(): void;
}

function openWriter(folder: string, isLogged: boolean, isVolatile: boolean): Writing {
  const store = openStore(folder, { tables: [], ...(isVolatile ? { volatile: true } : {}) });
  const reader = createReader(store, []);
  const log = isLogged ? openLogOf(folder, reader) : null;
  const hook = log === null ? noLog : createLogHook(log);
  const writer = createBatchWriter(store, [], hook);
  let number = 0;
  let next = reader.journalEnd();
  return {
    size: () => next,
    commit() {
      const encoder = new BatchEncoder();
      for (let at = 0; at < batchEntries; at += 1) {
        encoder.journal(next, headerOf(next), body(next), sealed);
        next += 1;
      }
      number += 1;
      const main = encoder.finish();
      writer.commit({ number, after: number - 1, main, keys: null, plannedAt: 0 }, 0);
      log?.flush();
    },
    publish() {
      if (log === null) throw new Error('Nothing is published without a log.');
      return log.publish();
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
    ...{
      kind: 'record',
      gone: false,
      snapshot: false,
      imputed: false,
      unreadable: false,
      unnamed: false,
      unmapped: false,
      replayed: false,
    },
    ...{ offset, previous: null, knownAt: offset, eventAt: null, noticedAt: null },
    ...{ readAt: null, receivedAt: null, readSeq: offset, id, hash: id, subject: id },
    ...{ source: 'shop', stream: 'order', key: String(offset), version: '1' },
  });
}

function rateOf(writing: Writing, batches: number): number {
  const start = performance.now();
  for (let at = 0; at < batches; at += 1) writing.commit();
  return round((batches * batchEntries) / ((performance.now() - start) / 1000), 0);
}

function measureProofs(folder: string, size: number, root: Uint8Array, count: number) {
  const store = openStore(folder, { readOnly: true, tables: [] });
  const reader = createReader(store, []);
  const proofs = new LogReader(folder);
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

async function measureVerify(folder: string, publicKey: string, options: BenchOptions) {
  options.say('Verifying the store.');
  const start = performance.now();
  const threads = availableParallelism();
  const result = await verifyLog({ folder, publicKey, anchor: null, threads });
  const perSecond = Math.round(result.entries / ((performance.now() - start) / 1000));
  return { ...result, perSecond };
}
