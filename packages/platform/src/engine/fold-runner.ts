/** Runs all folds over entries, for the step and for replay alike. */
import { HeadraceError, type JsonObject } from '@headrace/sdk';
import type { EntryHeader } from '../audit/index.js';
import type { BatchEncoder, LogLine, StoreReader, TableSpec } from '../storage/index.js';
import type { Fold, FoldInput, FoldState } from './fold.js';
import { KeyedState } from './keyed-state.js';
import {
  foldRecord,
  type IndexWrites,
  isStatement,
  type Normalizer,
  type RecordState,
  recordFoldTables,
  recordTable,
  referenceTable,
  stateKeyOf,
} from './record-fold.js';

/** Tables of the record fold and of all later folds, in the order batches name them by. */
export function tablesOf(folds: readonly Fold[]): readonly TableSpec[] {
  return [...recordFoldTables, ...folds.flatMap((fold) => fold.tables)];
}

interface IndexWrite {
  readonly table: number;
  readonly key: string;
  readonly member: string;
  readonly gone: boolean;
}

interface LogWrite {
  readonly table: number;
  readonly owner: number;
  readonly line: LogLine | null;
  readonly before: number;
}

/** Small rows take some 200 bytes each, so many are kept in the memory of one other, up to a limit. */
const smallPerRow = 32;
const smallRowsMax = 32_768;
/** Rows read between two looks at the clock: a read may wait for the disk. */
const rowsAtOnce = 32;

export class FoldRunner {
  readonly #folds: readonly Fold[];
  readonly #normalizer: Normalizer;
  readonly #states = new Map<string, KeyedState<JsonObject>>();
  readonly #records: KeyedState<RecordState>;
  readonly #references: KeyedState<JsonObject>;
  readonly #tableIndex: ReadonlyMap<string, number>;
  readonly #tables: readonly TableSpec[];
  #indexWrites: IndexWrite[] = [];
  #logWrites: LogWrite[] = [];
  #batch = 0;

  constructor(
    reader: StoreReader,
    folds: readonly Fold[],
    normalizer: Normalizer,
    slotsMax: number,
  ) {
    this.#folds = folds;
    this.#normalizer = normalizer;
    const tables = tablesOf(folds);
    this.#tables = tables;
    this.#tableIndex = new Map(tables.map((table, index) => [table.name, index]));
    for (const [index, table] of tables.entries()) {
      if (table.kind !== 'keyed') continue;
      const small = Math.max(slotsMax, Math.min(slotsMax * smallPerRow, smallRowsMax));
      const slots = table.isSmall === true ? small : slotsMax;
      this.#states.set(table.name, new KeyedState(table.name, index, reader, slots));
    }
    this.#records = this.#state(recordTable.name) as unknown as KeyedState<RecordState>;
    this.#references = this.#state(referenceTable.name);
  }

  prefetchRecords(stateKeys: Iterable<string>, batch: number): void {
    this.#records.prefetch(stateKeys, batch);
  }

  prefetchReferences(sources: Iterable<string>, batch: number): void {
    this.#references.prefetch(sources, batch);
  }

  record(stateKey: string): RecordState | undefined {
    return this.#records.get(stateKey);
  }

  /** Dense id of a record's row, for bitmaps over records. */
  recordId(stateKey: string): number {
    return this.#records.id(stateKey);
  }

  reference(source: string): JsonObject {
    return this.#references.get(source) ?? {};
  }

  /** Folds the statements and reference data of one entry; its keys were prefetched. */
  foldFirst(header: EntryHeader, body: JsonObject | null): FoldInput {
    if (header.kind === 'control' && body?.['action'] === 'reference') {
      this.#references.set(header.source, body['reference'] as JsonObject);
    }
    if (!isStatement(header)) return { header, body, change: null };
    const stateKey = stateKeyOf(header.source, header.stream, header.key);
    const { state, change } = foldRecord(
      header,
      body,
      this.#records.get(stateKey),
      this.#normalizer,
      this.reference(header.source),
      this.#index,
    );
    this.#records.set(stateKey, state);
    return { header, body, change };
  }

  /** Folds a batch through all later folds, each over the whole batch in order. */
  foldLater(inputs: readonly FoldInput[], batch: number): void {
    for (const _records of this.foldLaterParts(inputs, batch));
  }

  /**
   * As `foldLater`, a few rows or one entry a turn, so that a caller can let others have theirs in
   * between; says how many it was. Rows read in an earlier turn are held until the batch is durable.
   */
  *foldLaterParts(inputs: readonly FoldInput[], batch: number): Generator<number> {
    this.#batch = batch;
    for (const fold of this.#folds) {
      const needed = new Map<string, Set<string>>();
      for (const input of inputs) {
        fold.declareKeys(input, (table, key) => {
          const keys = needed.get(table);
          if (keys === undefined) needed.set(table, new Set([key]));
          else keys.add(key);
        });
        yield 1;
      }
      for (const [table, keys] of needed) {
        const state = this.#state(table);
        const list = [...keys];
        for (let at = 0; at < list.length; at += rowsAtOnce) {
          const part = list.slice(at, at + rowsAtOnce);
          state.prefetch(part, batch);
          yield part.length;
        }
      }
      for (const input of inputs) {
        fold.plan(input, this.#foldState);
        yield 1;
      }
    }
  }

  /** Writes what the batch changed. */
  flush(encoder: BatchEncoder, batch: number): void {
    for (const _row of this.flushRows(encoder, batch));
  }

  /** As `flush`, a row a turn, so that a caller can let others have theirs in between. */
  *flushRows(encoder: BatchEncoder, batch: number): Generator<void> {
    for (const state of this.#states.values()) yield* state.flushRows(encoder, batch);
    for (const { table, key, member, gone } of this.#indexWrites) {
      if (gone) encoder.memberGone(table, key, member);
      else encoder.member(table, key, member);
    }
    this.#indexWrites = [];
    for (const { table, owner, line, before } of this.#logWrites) {
      if (line === null) encoder.prune(table, owner, before);
      else encoder.line(table, owner, line);
    }
    this.#logWrites = [];
  }

  evict(durableBatch: number): void {
    for (const state of this.#states.values()) state.evict(durableBatch);
  }

  reset(): void {
    this.#indexWrites = [];
    this.#logWrites = [];
    for (const state of this.#states.values()) state.reset();
  }

  readonly #index: IndexWrites = {
    add: (table, key, member) => this.#indexWrite(table.name, key, member, false),
    drop: (table, key, member) => this.#indexWrite(table.name, key, member, true),
  };

  readonly #foldState: FoldState = {
    get: (table, key) => this.#state(table).get(key),
    set: (table, key, value) => this.#state(table).set(key, value),
    addMember: (index, key, member) => this.#indexWrite(index, key, member, false),
    dropMember: (index, key, member) => this.#indexWrite(index, key, member, true),
    append: (log, key, line) => this.#logWrite(log, key, line, 0),
    prune: (log, key, at) => this.#logWrite(log, key, null, at),
  };

  #logWrite(name: string, key: string, line: LogLine | null, before: number): void {
    const table = this.#tableIndex.get(name) ?? -1;
    const spec = this.#tables[table];
    if (spec?.kind !== 'log') throw unknownTable(name);
    const owners = this.#state(spec.of);
    owners.ensure(key, this.#batch);
    if (owners.get(key) === undefined) owners.set(key, {});
    this.#logWrites.push({ table, owner: owners.id(key), line, before });
  }

  #indexWrite(name: string, key: string, member: string, gone: boolean): void {
    const table = this.#tableIndex.get(name);
    if (table === undefined) throw unknownTable(name);
    this.#indexWrites.push({ table, key, member, gone });
  }

  #state(name: string): KeyedState<JsonObject> {
    const state = this.#states.get(name);
    if (state === undefined) throw unknownTable(name);
    return state;
  }
}

function unknownTable(name: string): HeadraceError {
  return new HeadraceError('invariant', `No fold owns a table ${name}.`, { code: 'E_FOLD_TABLE' });
}
