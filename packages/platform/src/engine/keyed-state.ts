/**
 * The planner's view of one keyed table: bulk prefetch, values planned but not yet durable, and a
 * bounded memory of recent ones. The reader may lag behind the plan; pinned slots hide that.
 *
 * slot: absent → pinned (read or planned for batch n) → clean (batch n durable) → evicted
 *                                                      clean → pinned (asked for again)
 */
import type { BatchEncoder, StoreReader } from '../storage/index.js';
import { KeyFilter } from './key-filter.js';

interface Slot<Value> {
  /** Row id, or 0 while the row does not exist. */
  id: number;
  value: Value | undefined;
  /** Number of the last batch that read or planned it. */
  batch: number;
  touched: boolean;
  isNew: boolean;
  /** Asked for again since it was last in the way of others. */
  isUsed: boolean;
}

export class KeyedState<Value> {
  readonly #slots = new Map<string, Slot<Value>>();
  readonly #touched = new Map<string, Slot<Value>>();
  #nextId: number;
  /** Keys of all rows there are, of a table that was empty when it was opened; null of others. */
  #written: KeyFilter | null = null;

  readonly #table: string;
  readonly #tableIndex: number;
  readonly #reader: StoreReader;
  readonly #slotsMax: number;

  /** `tableIndex` is how batches name the table; `slotsMax` bounds the memory of recent rows. */
  constructor(table: string, tableIndex: number, reader: StoreReader, slotsMax: number) {
    this.#table = table;
    this.#tableIndex = tableIndex;
    this.#reader = reader;
    this.#slotsMax = slotsMax;
    this.#nextId = this.#open();
  }

  /** Makes every key answerable by `get`, and holds it in memory until the batch is durable. */
  prefetch(keys: Iterable<string>, batch: number): void {
    const missing: string[] = [];
    for (const key of keys) {
      const slot = this.#slots.get(key);
      if (slot === undefined) missing.push(key);
      else {
        slot.batch = batch;
        slot.isUsed = true;
      }
    }
    if (missing.length === 0) return;
    for (const key of missing) this.#slots.set(key, emptySlot(batch));
    const written = this.#written;
    const stored = written === null ? missing : missing.filter((key) => written.mayHave(key));
    if (stored.length === 0) return;
    for (const row of this.#reader.rows(this.#table, stored)) {
      const slot = this.#slots.get(row.key);
      if (slot === undefined) continue;
      slot.id = row.id;
      slot.value = JSON.parse(row.value) as Value;
    }
  }

  /** As `prefetch` of one key. */
  ensure(key: string, batch: number): void {
    if (!this.#slots.has(key)) this.prefetch([key], batch);
  }

  get(key: string): Value | undefined {
    const slot = this.#slots.get(key);
    if (slot === undefined) throw new Error(`State of ${key} was not declared`);
    return slot.value;
  }

  /** Row id; 0 for a key that has no row yet. Dense, so a bitmap can stand for a set of keys. */
  id(key: string): number {
    return this.#slots.get(key)?.id ?? 0;
  }

  set(key: string, value: Value): void {
    const slot = this.#slots.get(key);
    if (slot === undefined) throw new Error(`State of ${key} was not declared`);
    if (slot.touched === false) {
      // Written once a batch, however often it is set; moved to the young end of the map.
      this.#slots.delete(key);
      this.#slots.set(key, slot);
      this.#touched.set(key, slot);
      slot.touched = true;
    }
    if (slot.id === 0) {
      slot.id = this.#nextId;
      slot.isNew = true;
      this.#nextId += 1;
      if (this.#written?.add(key) === false) this.#written = null;
    }
    slot.value = value;
  }

  /** Writes what this batch touched, a row a turn, and pins it until the batch is durable. */
  *flushRows(encoder: BatchEncoder, batch: number): Generator<void> {
    for (const [key, slot] of this.#touched) {
      const value = JSON.stringify(slot.value);
      if (slot.isNew) encoder.insert(this.#tableIndex, slot.id, key, value);
      else encoder.update(this.#tableIndex, slot.id, value);
      slot.isNew = false;
      slot.touched = false;
      slot.batch = batch;
      yield;
    }
    this.#touched.clear();
  }

  /** Lets go of slots that no batch still holds, oldest first; who was used meanwhile stays once more. */
  evict(durableBatch: number): void {
    let over = this.#slots.size - this.#slotsMax;
    if (over <= 0) return;
    // What is set again comes last, so the walk ends before it.
    let left = this.#slots.size;
    for (const [key, slot] of this.#slots) {
      left -= 1;
      if (left < 0) return;
      if (slot.touched || slot.batch > durableBatch) continue;
      this.#slots.delete(key);
      if (slot.isUsed) {
        slot.isUsed = false;
        this.#slots.set(key, slot);
      } else {
        over -= 1;
        if (over === 0) return;
      }
    }
  }

  /** Forgets everything: planned values that did not become durable must not be seen again. */
  reset(): void {
    this.#slots.clear();
    this.#touched.clear();
    this.#nextId = this.#open();
  }

  /**
   * Nearly all that a first backfill asks for is not there, and to find that out costs a way down the
   * index for each key. While nobody else has written rows here, a filter in memory knows it.
   */
  #open(): number {
    const idMax = this.#reader.idMax(this.#table);
    this.#written = idMax === 0 ? new KeyFilter() : null;
    return idMax + 1;
  }
}

function emptySlot<Value>(batch: number): Slot<Value> {
  return { id: 0, value: undefined, batch, touched: false, isNew: false, isUsed: false };
}
