/** Values now: the reader at the end of what is durable. */
import type { Clock } from '@headrace/sdk';
import type { FeatureDefinition } from './definition.js';
import type { FeatureReader, FeatureVector } from './feature-reader.js';

export interface OnlineOptions {
  readonly reader: FeatureReader;
  readonly clock: Clock;
  /** Entries that are durable; nothing beyond is shown. */
  readonly durableEnd: () => number;
}

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
  readonly #options: OnlineOptions;

  constructor(options: OnlineOptions) {
    this.#options = options;
    this.reader = options.reader;
  }

  online(definitions: readonly FeatureDefinition[], keys: readonly string[]): FeatureVector[] {
    const { clock, durableEnd, reader } = this.#options;
    const question = { t: clock.now(), known: { k: durableEnd() } };
    return keys.map((key) => reader.vector(definitions, key, question));
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
