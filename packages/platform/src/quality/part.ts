/**
 * A part of the one quality fold. Folds run one after the other over a whole batch, and batches are
 * cut differently when the journal is folded again; so all that is evaluated at a tick must be in
 * one fold, whose parts see each entry before any of them sees the next.
 */
import type { Fold, FoldInput, FoldState } from '../engine/index.js';

export type Part = Pick<Fold, 'tables' | 'declareKeys' | 'plan'>;

export function foldOf(name: string, version: number, parts: readonly Part[]): Fold {
  return {
    name,
    version,
    tables: parts.flatMap((part) => part.tables),
    declareKeys(input, need) {
      for (const part of parts) part.declareKeys(input, need);
    },
    plan(input, state) {
      for (const part of parts) part.plan(input, state);
    },
  };
}

/** A row to be changed in place: a step that does not commit drops it whole. */
export function rowOf<Row>(state: FoldState, table: string, key: string, make: () => Row): Row {
  return (state.get(table, key) as unknown as Row | undefined) ?? make();
}

export function streamOf({ header }: Pick<FoldInput, 'header'>): string {
  return `${header.source}/${header.stream}`;
}

/** Of a record's key in the state, `source/stream/key`. */
export function streamOfRecord(record: string): string {
  return record.split('/', 2).join('/');
}

export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
