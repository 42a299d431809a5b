/**
 * Folds the journal anew when mappings, identity rules, views or folds have changed since the store was
 * folded: beside what is read, over the whole journal, then switched in one transaction. No system is
 * read again.
 *
 * A start folds what is missing before it answers, which is everything, or the few entries that came
 * since somebody prepared it beside the running platform:
 *
 *   folded by these definitions ─────────────────────────────────────────────▶ ready
 *   folded by others ──claim──▶ folding ──at the journal's end, alone──▶ switched ──▶ ready
 *                                  │ a crash, a full disk, another claim: stays, and is gone on with
 *
 * Invariants: what is folded anew is the fold of a prefix of the journal, also after any crash (see
 * storage, `next-fold`); only who holds the store alone switches, and only at the journal's end, so that
 * no entry is left out; an erasure is an entry and a destroyed key, so nothing that was erased is in what
 * is folded anew; a project that changes meanwhile has another name, and begins anew.
 */
import type { JsonObject, Logger, Random } from '@headrace/sdk';
import { ensureError, HeadraceError } from '@headrace/sdk';
import {
  BatchEncoder,
  type BatchWriter,
  claimNextFold,
  createBatchWriter,
  createReader,
  type NextFold,
  noHook,
  noteFolded,
  type OpenedStore,
  openStore,
  requireOwner,
  type StoreReader,
  switchFolds,
  type TableSpec,
} from '../storage/index.js';
import type { Fold } from './fold.js';
import { foldRows } from './fold-rows.js';
import { FoldRunner, tablesOf } from './fold-runner.js';
import { definitionsName, foldedBy, isFoldedBy } from './folded-by.js';
import type { Normalizer } from './record-fold.js';

export interface RefoldOptions {
  readonly folder: string;
  readonly folds: readonly Fold[];
  readonly normalizer: Normalizer;
  readonly definitions: JsonObject;
  readonly random: Random;
  /** Labelled points where a crash test may stop. */
  readonly at?: (point: RefoldPoint) => void;
}

export type RefoldPoint = 'claimed' | 'planned' | 'begun' | 'committed' | 'switched';

export interface RefoldAtStart extends RefoldOptions {
  readonly log: Logger;
}

export interface PrepareOptions extends RefoldOptions {
  readonly progress?: (folded: number, entries: number) => void;
  /** Real milliseconds. */
  readonly sleep: (ms: number) => Promise<void>;
  readonly monotonicMs: () => number;
  /** Bytes free where the data lies; null where that cannot be told. */
  readonly freeBytes: () => number | null;
  /** Bytes that are left to the running platform. */
  readonly freeBytesMin: number;
  /** Ends it between two batches. */
  readonly signal?: AbortSignal;
}

export interface Prepared {
  /** Entries folded now. */
  readonly entries: number;
  /** Entries that are folded by these definitions. */
  readonly folded: number;
  /** The store is folded by them already. */
  readonly isInForce: boolean;
}

const entriesPerLine = 50_000;
const startBatch = 1000;
/** A commit of so many holds up one of the step's by some 10 ms. */
const besideBatch = 250;
/** Batches between two looks at the disk. */
const looksAtDisk = 16;
const slotsMax = 20_000;

/** Brings folded state in line with the definitions; returns the entries folded, 0 for none. */
export function refoldIfChanged(options: RefoldAtStart): number {
  const { folder, log } = options;
  const tables = tablesOf(options.folds);
  const store = openStore(folder, { tables });
  try {
    const reader = createReader(store, tables);
    if (isFoldedBy(reader, options)) return 0;
    const entries = reader.journalEnd();
    if (entries === 0) {
      const name = Buffer.from(definitionsName(options));
      store.main
        .prepare('INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)')
        .run(foldedBy, name);
      return 0;
    }
    const next = new NextState(options, tables, reader);
    try {
      const before = next.folded;
      log.info('Definitions have changed; the journal is folded anew.', { entries, before });
      for (let commit = next.plan(startBatch); commit !== null; commit = next.plan(startBatch)) {
        commit();
        if (next.folded % entriesPerLine === 0) {
          log.info('Folding anew.', { done: next.folded, entries });
        }
      }
      next.switch();
      log.info('The journal is folded anew.', { entries });
      return entries - before;
    } finally {
      next.close();
    }
  } finally {
    store.close();
  }
}

/**
 * Folds the journal by changed definitions beside a platform that goes on with those of before, so that
 * its next start has only the entries to fold that came since. Gives way to the step between batches.
 */
export async function prepareRefold(options: PrepareOptions): Promise<Prepared> {
  const tables = tablesOf(options.folds);
  const store = openStore(options.folder, { readOnly: true, tables });
  try {
    const reader = createReader(store, tables);
    if (isFoldedBy(reader, options)) {
      return { entries: 0, folded: reader.journalEnd(), isInForce: true };
    }
    const next = new NextState(options, tables, reader);
    try {
      const before = next.folded;
      await foldBeside(next, options);
      return { entries: next.folded - before, folded: next.folded, isInForce: false };
    } finally {
      next.close();
    }
  } finally {
    store.close();
  }
}

async function foldBeside(next: NextState, options: PrepareOptions): Promise<void> {
  const { progress, sleep, monotonicMs, signal } = options;
  for (let batch = 0; signal?.aborted !== true; batch += 1) {
    if (batch % looksAtDisk === 0) requireRoom(options);
    const commit = next.plan(besideBatch);
    if (commit === null) return;
    const begunMs = monotonicMs();
    commit();
    progress?.(next.folded, next.entries());
    // The step gets the store for twice as long as it was taken from it.
    await sleep(2 * (monotonicMs() - begunMs));
  }
}

function requireRoom({ folder, freeBytes, freeBytesMin }: PrepareOptions): void {
  const free = freeBytes();
  if (free === null || free >= freeBytesMin) return;
  throw noRoom(`Only ${Math.round(free / (1 << 20))} MiB are free where ${folder} lies.`);
}

function noRoom(message: string, cause?: unknown): HeadraceError {
  return new HeadraceError('transient', message, {
    code: 'E_NO_ROOM',
    hint: 'Make room and prepare again, which goes on where it stopped; the running platform is as it was.',
    cause,
  });
}

/** The state that is folded anew, of one owner. */
class NextState {
  readonly #store: OpenedStore;
  readonly #tables: readonly TableSpec[];
  readonly #reader: StoreReader;
  readonly #runner: FoldRunner;
  readonly #writer: BatchWriter;
  readonly #options: RefoldOptions;
  #claimed: NextFold;
  /** Entries that are folded once the batch that is planned is committed. */
  #planned: number;
  #number = 0;

  constructor(options: RefoldOptions, tables: readonly TableSpec[], reader: StoreReader) {
    this.#options = options;
    this.#tables = tables;
    this.#reader = reader;
    this.#store = openStore(options.folder, { tables, place: 'next' });
    try {
      const { folds, normalizer, random } = options;
      const owner = Buffer.from(random.bytes(16)).toString('hex');
      this.#claimed = claimNextFold(this.#store, tables, { by: definitionsName(options), owner });
      this.#planned = this.#claimed.folded;
      const own = createReader(this.#store, tables);
      this.#runner = new FoldRunner(own, folds, normalizer, slotsMax);
      this.#writer = createBatchWriter(this.#store, tables, {
        ...noHook,
        begun: () => {
          this.#claimed = noteFolded(this.#store.main, this.#claimed, this.#planned);
          this.#at('begun');
        },
      });
      this.#at('claimed');
    } catch (thrown) {
      this.#store.close();
      throw thrown;
    }
  }

  get folded(): number {
    return this.#claimed.folded;
  }

  entries(): number {
    return this.#reader.journalEnd();
  }

  /** Plans the next entries; returns what commits them, or null at the journal's end. */
  plan(count: number): (() => void) | null {
    const rows = this.#reader.journalRange(this.folded, count);
    const last = rows.at(-1);
    if (last === undefined) return null;
    this.#number += 1;
    const number = this.#number;
    const encoder = new BatchEncoder();
    try {
      foldRows(this.#runner, rows, number);
    } catch (thrown) {
      // Whoever took it over may have put its tables in use, and then there is nothing to read.
      requireOwner(this.#store.main, this.#claimed);
      throw thrown;
    }
    this.#runner.flush(encoder, number);
    const main = encoder.finish();
    this.#at('planned');
    return () => {
      this.#planned = last.offset + 1;
      try {
        this.#writer.commit({ number, after: number - 1, main, keys: null, plannedAt: 0 }, 0);
      } catch (thrown) {
        const { message } = ensureError(thrown);
        throw /\bfull\b/.test(message) ? noRoom('The disk is full.', thrown) : thrown;
      }
      this.#at('committed');
      this.#runner.evict(number);
    };
  }

  switch(): void {
    const value = definitionsName(this.#options);
    switchFolds(this.#store, this.#tables, this.#claimed, { name: foldedBy, value });
    this.#at('switched');
  }

  close(): void {
    this.#store.close();
  }

  #at(point: RefoldPoint): void {
    this.#options.at?.(point);
  }
}
