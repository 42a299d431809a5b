import type { BatchEncoder, StoreReader } from '../storage/index.js';
import { numberBytes } from './position.js';

const prefix = 'records/';

/** How many records each stream has stated, kept with each commit: counting rows would be a scan. */
export class RecordCounts {
  readonly #reader: StoreReader;
  #counts = new Map<string, number>();
  readonly #changed = new Set<string>();

  constructor(reader: StoreReader) {
    this.#reader = reader;
    this.reset();
  }

  /** @param name `source/stream` */
  of(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  add(name: string): void {
    this.#counts.set(name, this.of(name) + 1);
    this.#changed.add(name);
  }

  flush(encoder: BatchEncoder): void {
    for (const name of this.#changed) encoder.meta(prefix + name, numberBytes(this.of(name)));
    this.#changed.clear();
  }

  reset(): void {
    this.#changed.clear();
    this.#counts = new Map(
      this.#reader
        .metaPrefix(prefix)
        .map(({ name, value }) => [name.slice(prefix.length), Buffer.from(value).readDoubleBE()]),
    );
  }
}
