/**
 * A fold turns journal entries into keyed state. It reads only the keys it declared, calls no
 * clock, network or chance, and so gives the same state whenever the journal is folded again.
 */
import type { JsonObject } from '@headrace/sdk';
import type { EntryHeader } from '../audit/index.js';
import type { LogLine, TableSpec } from '../storage/index.js';

/** A canonical row as kept under the source record that states it. Its id follows from it. */
export interface StoredRow {
  readonly entity: string;
  readonly key: string;
  readonly type: string;
  readonly externalId: string;
  readonly fields: JsonObject;
}

/** What a record entry did to the canonical rows of its record. */
export interface RowChange {
  readonly stateKey: string;
  readonly before: readonly StoredRow[];
  readonly after: readonly StoredRow[];
  /** When what stood before became true at the source; null where that is unknown. */
  readonly eventAtBefore: number | null;
  /** The same of what stands now. */
  readonly eventAtAfter: number | null;
  /** Why the record cannot be used, now and before; null while it can. */
  readonly fault?: string | null;
  readonly faultBefore?: string | null;
}

/**
 * When what an entry says was first told: a replay from quarantine says again what came before, and
 * is neither late for its own sake nor dated by when somebody got round to it.
 */
export function toldAt({ replayed, receivedAt, knownAt }: EntryHeader): number {
  return replayed ? (receivedAt ?? knownAt) : knownAt;
}

/** An entry as folds see it; personal parts are not among it. */
export interface FoldInput {
  readonly header: EntryHeader;
  /** Business part; null for entries without a readable body. */
  readonly body: JsonObject | null;
  /** Set by the record fold, which runs first. */
  readonly change: RowChange | null;
}

/** Declared state of one fold, by table and key. Values are JSON. */
export interface FoldState {
  get(table: string, key: string): JsonObject | undefined;
  set(table: string, key: string, value: JsonObject): void;
  addMember(index: string, key: string, member: string): void;
  dropMember(index: string, key: string, member: string): void;
  /**
   * Adds a line to a log under a key of the table the log belongs to, which gets a row when it has
   * none. Keys declared beforehand are found in bulk; any other costs a read of its own.
   */
  append(log: string, key: string, line: LogLine): void;
  /** Drops the lines of a key dated before `at`. */
  prune(log: string, key: string, at: number): void;
}

export interface Fold {
  readonly name: string;
  /** A changed meaning is a new version, folded beside the old and switched when caught up. */
  readonly version: number;
  readonly tables: readonly TableSpec[];
  /** Names every key that `plan` reads; they are fetched in bulk for the whole batch. */
  declareKeys(input: FoldInput, need: (table: string, key: string) => void): void;
  plan(input: FoldInput, state: FoldState): void;
}
