/**
 * Finding the keys on which two systems differ among very many: both systems' statements are folded by the
 * platform's own fold into a store on disk, some of them lost on the way, and then asked for.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { FoldInput } from '../../../packages/platform/dist/engine/index.js';
import { FoldRunner, tablesOf } from '../../../packages/platform/dist/engine/index.js';
import { checksPart } from '../../../packages/platform/dist/quality/checks-part.js';
import { Contracts } from '../../../packages/platform/dist/quality/contracts.js';
import {
  differs,
  type PairRow,
  type PairSpec,
  pairsPart,
  pairTable,
} from '../../../packages/platform/dist/quality/pairs.js';
import { foldOf } from '../../../packages/platform/dist/quality/part.js';
import { Reconciler } from '../../../packages/platform/dist/quality/reconcile.js';
import { streamFactsPart } from '../../../packages/platform/dist/quality/stream-facts.js';
import {
  BatchEncoder,
  createBatchWriter,
  createReader,
  openStore,
} from '../../../packages/platform/dist/storage/index.js';
import { normalizer } from '../features/fact-store.js';
import type { BenchOptions, BenchResult } from '../shared/options.js';
import { loadAverage } from '../shared/process-usage.js';
import { round } from '../shared/statistics.js';

const startMs = Date.UTC(2026, 0, 1);
const laterMs = startMs + 3_600_000;
const batchKeys = 5000;
const targets = { seconds: 10 };
const sources = ['erp', 'shop'] as const;
const pair: PairSpec = {
  ...{ name: 'stock', kind: 'stock', a: { source: 'erp', stream: 'stock' } },
  b: { source: 'shop', stream: 'stock' },
  ...{ toleranceMicros: 0, toleranceShareMicro: 0, graceMs: 900_000 },
};

export async function reconcile(options: BenchOptions): Promise<BenchResult> {
  const keys = options.number('keys', 1_000_000);
  const lost = options.number('differences', 100);
  const folder = join(options.data, 'reconcile');
  rmSync(folder, { recursive: true, force: true });
  const contract = new Contracts({}, () => null).of({ entity: 'stock', everyMs: 60_000 });
  const streams = sources.map((source) => ({
    ...{ source, stream: 'stock', entities: ['stock' as const], feed: 'poll' as const },
    ...{ everyMs: 60_000, quiet: [], contract },
  }));
  const folds = [
    foldOf('quality', 1, [
      streamFactsPart(['erp/stock', 'shop/stock']),
      pairsPart([pair]),
      checksPart({ streams, pairs: [pair], coverage: [] }),
    ]),
  ];
  const tables = tablesOf(folds);
  const store = openStore(folder, { tables, cacheKib: 65_536 });
  try {
    const reader = createReader(store, tables);
    const hook = {
      leaf: () => new Uint8Array(32),
      beforeCommit: () => [],
      committed() {},
      rolledBack() {},
    };
    const writer = createBatchWriter(store, tables, hook);
    const runner = new FoldRunner(reader, folds, normalizer, 20_000);
    const encoder = new BatchEncoder();
    let number = 0;
    const fold = (inputs: readonly FoldInput[]) => {
      number += 1;
      runner.foldLater(inputs, number);
      runner.flush(encoder, number);
      const main = encoder.finish();
      writer.commit({ number, after: number - 1, main, keys: null, plannedAt: 0 }, 0);
      runner.evict(number);
    };
    const every = Math.max(1, Math.floor(keys / lost));
    const isLost = (index: number) => index % every === 0 && index / every < lost;
    const begun = performance.now();
    let printed = begun;
    for (let from = 0; from < keys; from += batchKeys) {
      const inputs: FoldInput[] = [];
      for (let index = from; index < Math.min(keys, from + batchKeys); index += 1) {
        for (const source of sources) {
          const units = 10 + (index % 90) + (source === 'shop' && isLost(index) ? 5 : 0);
          inputs.push(statement(source, index, units));
        }
      }
      fold(inputs);
      if (performance.now() - printed < 5000) continue;
      printed = performance.now();
      options.say(`${from} of ${keys} keys folded`);
    }
    const foldSeconds = (performance.now() - begun) / 1000;
    fold(sources.map((source) => wholeAt(source, laterMs)));

    const { rows: pairRows, seconds: wholeSeconds } = compareAll(reader);
    const reconciler = new Reconciler({ reader, streams, pairs: [pair] });
    const asked = performance.now();
    const found = reconciler.reconcile(pair, laterMs);
    const seconds = (performance.now() - asked) / 1000;
    const named = new Set(found.keys.map(({ key }) => key));
    const wanted = pairRows.filter((key) => !named.has(key)).length;
    if (found.differing !== lost || pairRows.length !== lost || wanted > 0) {
      throw new Error(`${found.differing} keys were named, ${pairRows.length} differ, of ${lost}.`);
    }
    return {
      name: 'reconcile',
      value: round(seconds, 4),
      unit: 's',
      detail: {
        ...{ keys, differences: lost, compared: found.compared },
        targets: {
          ...targets,
          isMet: seconds <= targets.seconds,
        },
        hops: [...new Set(found.keys.map(({ hop }) => hop))],
        wholeComparisonSeconds: round(wholeSeconds, 2),
        statementsFoldedPerSecond: Math.round((2 * keys) / foldSeconds),
        storeMb: Math.round(reader.bytes() / 1e6),
        load: loadAverage(),
      },
    };
  } finally {
    store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The same without the list the fold keeps: every key is looked at. */
function compareAll(reader: ReturnType<typeof createReader>) {
  const begun = performance.now();
  const rows: string[] = [];
  for (const { key, value } of reader.tableAll(pairTable.name)) {
    if (differs(pair, JSON.parse(value) as PairRow)) rows.push(key.slice(pair.name.length + 1));
  }
  return { rows, seconds: (performance.now() - begun) / 1000 };
}

let offset = 0;

function headerOf(kind: 'record' | 'heartbeat', source: string, key: string, knownAt: number) {
  offset += 1;
  const times = { knownAt, eventAt: null, noticedAt: null, readAt: knownAt, receivedAt: knownAt };
  const no = { gone: false, snapshot: true, imputed: false, unreadable: false, unnamed: false };
  return {
    ...{ kind, source, stream: 'stock', key, offset, previous: null, readSeq: offset, ...times },
    ...{ id: new Uint8Array(16), hash: new Uint8Array(16), subject: null, version: null },
    ...{ ...no, unmapped: false, replayed: false },
  } as FoldInput['header'];
}

function statement(source: string, index: number, units: number): FoldInput {
  const sku = `SKU-${index}`;
  const fields = { sku, onHand: { value: String(units), unit: 'C62' } };
  const row = { entity: 'stock', key: `${sku}/dc`, type: 'stock', externalId: sku, fields };
  return {
    header: headerOf('record', source, sku, startMs),
    body: {},
    change: {
      ...{ stateKey: `${source}/stock/${sku}`, before: [], after: [row] },
      ...{ eventAtBefore: null, eventAtAfter: null, fault: null, faultBefore: null },
    },
  } as FoldInput;
}

function wholeAt(source: string, at: number): FoldInput {
  const body = { read: 'snapshot', received: 1, through: at };
  return { header: headerOf('heartbeat', source, '', at), body, change: null } as FoldInput;
}
