/** A store that entries are folded into as the engine does it, a day apart, without a journal. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FoldInput, FoldRunner, type Normalizer, tablesOf } from '../../engine/index.js';
import { BatchEncoder, createBatchWriter, createReader, openStore } from '../../storage/index.js';
import type { FeatureView } from '../definition.js';
import { createFeatureFold } from '../feature-fold.js';

export const day = 86_400_000;
export const startMs = Date.parse('2026-02-01T00:00:00Z');

const normalizer: Normalizer = {
  orderOf: () => 'text',
  anchorOf: (name, key) => `${name}/${key}`,
  normalize: () => ({ rows: [] }),
};

export function openSmallStore(
  views: readonly FeatureView[],
  touched?: (seq: number, series: string) => void,
) {
  const folds = [
    createFeatureFold({ views, leading: {}, ...(touched === undefined ? {} : { touched }) }),
  ];
  const tables = tablesOf(folds);
  const folder = mkdtempSync(join(tmpdir(), 'headrace-small-'));
  const store = openStore(folder, { tables, volatile: true });
  const reader = createReader(store, tables);
  const runner = new FoldRunner(reader, folds, normalizer, 64);
  const writer = createBatchWriter(store, tables, {
    leaf: () => new Uint8Array(),
    ...{ beforeCommit: () => [], committed: () => undefined, rolledBack: () => undefined },
  });
  let batch = 0;
  return {
    reader,
    fold(inputs: readonly FoldInput[]): void {
      batch += 1;
      runner.foldLater(inputs, batch);
      const encoder = new BatchEncoder();
      runner.flush(encoder, batch);
      const main = encoder.finish();
      writer.commit({ number: batch, after: batch - 1, main, keys: null, plannedAt: 0 }, 0);
      runner.evict(batch);
    },
    close(): void {
      store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function headerOf(
  offset: number,
  more: Partial<FoldInput['header']> = {},
): FoldInput['header'] {
  const bytes = Buffer.from(String(offset).padEnd(16, ' '));
  return {
    ...{ kind: 'record', source: 'shop', stream: 'order', key: String(offset), version: null },
    ...{ offset, previous: null, knownAt: startMs + offset * day, eventAt: null },
    ...{ noticedAt: null, readAt: null, receivedAt: null, readSeq: offset, subject: null },
    ...{ gone: false, snapshot: false, imputed: false, unreadable: false, unnamed: false },
    ...{ unmapped: false, replayed: false, id: bytes, hash: bytes },
    ...more,
  };
}
