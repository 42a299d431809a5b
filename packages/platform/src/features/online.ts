/** Values now: the reader at the end of what is durable, with hot keys in memory. */
import type { Clock } from '@headrace/sdk';
import type { Turns } from '../ports/index.js';
import type { FeatureDefinition } from './definition.js';
import { emptyNotes, type FeatureReader, type FeatureRow, vectorOf } from './feature-reader.js';
import type { Parity, Sampler } from './parity.js';
import type { TileCache } from './tiles.js';

export interface OnlineOptions {
  readonly reader: FeatureReader;
  readonly clock: Clock;
  /** Entries that are durable; nothing beyond is shown. */
  readonly durableEnd: () => number;
  readonly tiles?: TileCache;
  readonly parity?: Parity;
  /** Sees every answer, where it is not `parity` that does. */
  readonly sampler?: Sampler;
  /** Whose turn it is on the thread; without, a read is one turn, however long. */
  readonly turns?: Turns;
  /** How long a turn of a long read is. By default as long as that of planning. */
  readonly sliceMs?: number;
}

/** As long as planning takes at a time: a read of one key waits for no more than one of each. */
const sliceMsDefault = 2;

/** A line of the catalogue. */
export interface CatalogueRow {
  readonly name: string;
  readonly entity: string;
  readonly parts: readonly string[];
  readonly from: string | null;
  readonly values: readonly string[];
  readonly description: string;
  readonly unit: string;
  readonly maxAgeMs: number | null;
  readonly version: string;
}

export class OnlineFeatures {
  readonly reader: FeatureReader;
  readonly parity: Parity | null;
  readonly #options: OnlineOptions;
  readonly #sampler: Sampler | null;
  #isRefreshing = false;
  #isClosed = false;

  constructor(options: OnlineOptions) {
    this.#options = options;
    this.reader = options.reader;
    this.parity = options.parity ?? null;
    this.#sampler = options.sampler ?? this.parity;
  }

  /** A question is on its way; what is returned says that it was answered, or will never be. */
  asked(): () => void {
    return this.#options.turns?.asked() ?? (() => undefined);
  }

  /**
   * To be called when more is durable and the tiles know what it touched: reads that again, where it is
   * asked for often, as soon as nobody waits or has for long enough. Resolves when there is no more.
   */
  async refresh(): Promise<void> {
    const { tiles, turns, clock, durableEnd } = this.#options;
    if (tiles === undefined || turns === undefined || this.#isRefreshing) return;
    this.#isRefreshing = true;
    try {
      while (tiles.due > 0) {
        await turns.standAside();
        if (this.#isClosed) return;
        tiles.refresh({ t: clock.now(), known: { k: durableEnd() } });
      }
    } finally {
      this.#isRefreshing = false;
    }
  }

  /** Nothing is read ahead of questions any more. */
  close(): void {
    this.#isClosed = true;
  }

  /** Between two parts of a long answer: others have their turn. */
  async letPass(): Promise<void> {
    const { turns } = this.#options;
    await turns?.reading(turns.letPass);
  }

  /**
   * The values of these keys now, handed to `take` key by key: one moment and one K for all of them, also
   * where what was asked for meanwhile, of few keys, is answered in between.
   */
  async online(
    definitions: readonly FeatureDefinition[],
    keys: readonly string[],
    take: (row: FeatureRow) => void,
  ): Promise<void> {
    const { turns } = this.#options;
    const read = () => this.#read(definitions, keys, take);
    return turns === undefined ? read() : turns.reading(read);
  }

  async #read(
    definitions: readonly FeatureDefinition[],
    keys: readonly string[],
    take: (row: FeatureRow) => void,
  ): Promise<void> {
    const { clock, durableEnd, turns, reader, tiles, sliceMs = sliceMsDefault } = this.#options;
    const question = { t: clock.now(), known: { k: durableEnd() } };
    // When a stream was last heard of is the same for all of them.
    const notes = emptyNotes();
    const names = reader.names(definitions);
    const evidence = reader.evidence(question);
    let begun = clock.monotonicMs();
    const views = [
      ...new Set(definitions.flatMap((one) => (one.kind === 'view' ? [one] : one.views))),
    ];
    let load = tiles?.load;
    let until = 0;
    for (const [place, key] of keys.entries()) {
      if (turns !== undefined && clock.monotonicMs() - begun >= sliceMs) {
        await turns.letPass();
        begun = clock.monotonicMs();
      }
      if (place >= until && tiles !== undefined) {
        ({ load, until } = tiles.ahead(views, keys, place, question));
      }
      const row = reader.row(definitions, key, question, load, notes);
      const one = { key, names, row, evidence };
      this.#sampler?.offer(definitions, () => vectorOf(one));
      take(one);
    }
  }

  catalogue(): readonly CatalogueRow[] {
    return this.reader.definitions.map((one) => ({
      name: one.name,
      entity: one.of.name,
      parts: one.of.parts,
      from: one.kind === 'view' ? `${one.from.kind}(${one.from.entity})` : null,
      values: one.kind === 'view' ? one.features.map((feature) => feature.name) : [],
      description: one.description,
      unit: one.unit,
      maxAgeMs: one.kind === 'view' ? one.maxAgeMs : null,
      version: one.version,
    }));
  }
}
