/**
 * Folds the whole journal again, aside, and compares: equal folded state and an equal root mean
 * that what is served follows from what was journaled. Reads one snapshot of a store that may be
 * written meanwhile; calls no source, clock or chance.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '@headrace/sdk';
import { Frontier, leafHash } from '../audit/index.js';
import {
  BatchEncoder,
  createBatchWriter,
  createReader,
  noHook,
  openStore,
  type StoreReader,
  type TableSpec,
} from '../storage/index.js';
import { type DumpLine, dumpFolds } from './dump.js';
import type { Fold } from './fold.js';
import { foldRows } from './fold-rows.js';
import { FoldRunner, tablesOf } from './fold-runner.js';
import { requireFoldedBy } from './folded-by.js';
import type { Normalizer } from './record-fold.js';
import { frontierName } from './writer.js';

export interface ReplayOptions {
  readonly folder: string;
  readonly folds: readonly Fold[];
  readonly normalizer: Normalizer;
  /** With them, folded state that others made is not judged: see `requireFoldedBy`. */
  readonly definitions?: JsonObject;
  readonly progress?: (done: number, total: number) => void;
}

export interface ReplayResult {
  readonly entries: number;
  readonly mismatches: number;
  /** Root over the journal, hex. */
  readonly root: string;
  /** What differed first, without values. */
  readonly firstMismatch: string | null;
}

const batchSize = 1000;

export function verifyReplay(options: ReplayOptions): ReplayResult {
  const tables = tablesOf(options.folds);
  const store = openStore(options.folder, { readOnly: true, tables });
  const { folds, definitions } = options;
  const scratch = mkdtempSync(join(options.folder, 'replay-'));
  try {
    store.main.exec('BEGIN');
    const reader = createReader(store, tables);
    if (definitions !== undefined) requireFoldedBy(reader, { folds, definitions });
    const aside = openStore(scratch, { tables, volatile: true });
    try {
      const log = foldJournal(reader, aside, tables, options);
      const folded = compareDumps(
        dumpFolds(reader, tables),
        dumpFolds(createReader(aside, tables), tables),
        tables,
      );
      return {
        entries: log.entries,
        mismatches: log.mismatches + folded.mismatches,
        root: log.root,
        firstMismatch: log.first ?? folded.first,
      };
    } finally {
      aside.close();
    }
  } finally {
    store.close();
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Folds a whole journal into an empty store beside it, checking each leaf on the way. */
export function foldJournal(
  reader: StoreReader,
  aside: ReturnType<typeof openStore>,
  tables: readonly TableSpec[],
  options: Omit<ReplayOptions, 'folder'>,
) {
  const runner = new FoldRunner(
    createReader(aside, tables),
    options.folds,
    options.normalizer,
    20_000,
  );
  const writer = createBatchWriter(aside, tables, noHook);
  const frontier = new Frontier();
  const entries = reader.journalEnd();
  let mismatches = 0;
  let first: string | null = null;
  let number = 0;
  const differ = (what: string) => {
    mismatches += 1;
    first ??= what;
  };
  for (let from = 0; from < entries; from += batchSize) {
    const rows = reader.journalRange(from, Math.min(batchSize, entries - from));
    for (const [index, row] of rows.entries()) {
      if (row.offset !== from + index) differ(`journal offset ${from + index} is missing`);
      const leaf = leafHash(row.header, row.body, row.sealed);
      if (!leaf.equals(row.leaf)) differ(`journal entry ${row.offset}`);
      frontier.append(leaf);
    }
    number += 1;
    const encoder = new BatchEncoder();
    foldRows(runner, rows, number);
    runner.flush(encoder, number);
    const batch = { number, after: number - 1, main: encoder.finish(), keys: null, plannedAt: 0 };
    writer.commit(batch, 0);
    runner.evict(number);
    options.progress?.(Math.min(from + batchSize, entries), entries);
  }
  const stored = reader.meta(frontierName);
  const root = Buffer.from(frontier.root());
  if (stored !== undefined && !root.equals(Frontier.decode(stored).root())) differ('audit root');
  return { entries, mismatches, first, root: root.toString('hex') };
}

function compareDumps(
  stored: Iterable<DumpLine>,
  folded: Iterable<DumpLine>,
  tables: readonly TableSpec[],
) {
  const places = new Map(tables.map((table, index) => [table.name, index]));
  const a = stored[Symbol.iterator]();
  const b = folded[Symbol.iterator]();
  let mismatches = 0;
  let first: string | null = null;
  for (let left = a.next(), right = b.next(); !left.done || !right.done; ) {
    const order = compareLines(
      left.done ? null : left.value,
      right.done ? null : right.value,
      places,
    );
    const differs =
      order !== 0 || (left.value as DumpLine).value !== (right.value as DumpLine).value;
    if (differs) {
      mismatches += 1;
      const line = (order <= 0 ? left.value : right.value) as DumpLine;
      first ??= `${line.table} ${line.key}`;
    }
    if (order <= 0) left = a.next();
    if (order >= 0) right = b.next();
  }
  return { mismatches, first };
}

function compareLines(
  a: DumpLine | null,
  b: DumpLine | null,
  places: ReadonlyMap<string, number>,
): number {
  if (a === null) return 1;
  if (b === null) return -1;
  const table = (places.get(a.table) ?? 0) - (places.get(b.table) ?? 0);
  if (table !== 0) return table;
  const key = Buffer.compare(Buffer.from(a.key), Buffer.from(b.key));
  if (key !== 0) return key;
  // Members of an index share their key and are ordered by themselves; rows are not.
  return a.isMember ? Buffer.compare(Buffer.from(a.value), Buffer.from(b.value)) : 0;
}
