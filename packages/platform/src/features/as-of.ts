/**
 * Rows of a training set: for each key and moment of a spine, the values as they were known then.
 *
 * The default is honest: a row at T uses what was known by T. Facts of imported history count from
 * `importLag` after they became true, and how many rows rest on that is told. `restated` uses all that
 * is known today, for reports; `k` asks for what the first K entries of the journal say.
 *
 * Beside each row it is counted whether a join by event time alone would have given something else:
 * that row would have leaked. Memory is bounded: so many rows at a time, and so many lines.
 */
import { HeadraceError } from '@headrace/sdk';
import type { FeatureDefinition, FeatureView } from './definition.js';
import type { FeatureReader, FeatureVector } from './feature-reader.js';
import { layoutOf, type RowBatch, vectorAt } from './row-batch.js';
import { type KnownMode, type RowChunk, RowSweeper } from './row-sweeper.js';

export type { KnownMode } from './row-sweeper.js';

export interface SpineRow {
  readonly key: string;
  readonly t: number;
}

export interface AsOfOptions {
  readonly known?: KnownMode;
  /** Entries of the journal that are looked at; what comes later does not count. */
  readonly k: number;
  /** Rows that are worked out at a time. */
  readonly rowsAtOnce?: number;
  /** Bytes of lines in memory at a time, where a key does not have more. */
  readonly bytes?: number;
}

export interface AsOfRow extends FeatureVector {
  /** A join by event time alone would have given other values. */
  readonly leaks: boolean;
  /** Some of it counts by an imputed time of knowing. */
  readonly isImputed: boolean;
}

/** What a set says of itself once all rows are out. */
export interface AsOfSummary {
  rows: number;
  /** Rows that a join by event time alone would have filled with what was not known yet. */
  leakedRows: number;
  imputedRows: number;
  /** Rows of persons who were erased: what they said once, nobody can say again. */
  erasedRows: number;
}

export function emptySummary(): AsOfSummary {
  return { rows: 0, leakedRows: 0, imputedRows: 0, erasedRows: 0 };
}

/** Large enough that keys which lie together are read together; two of them are a group in a file. */
export const rowsAtOnceDefault = 10_000;

/**
 * Rows in the order of the spine. A spine that names a key's moments one after another is read with
 * one look at the log per key.
 */
export function* asOf(
  reader: FeatureReader,
  definitions: readonly FeatureDefinition[],
  spine: Iterable<SpineRow>,
  options: AsOfOptions,
  summary: AsOfSummary = emptySummary(),
): Iterable<AsOfRow> {
  for (const batch of asOfBatches(reader, definitions, spine, options, summary)) {
    yield* rowsOf(definitions, batch, evidenceOf(reader, options));
  }
}

/** The same as columns, many rows at a time. */
export function* asOfBatches(
  reader: FeatureReader,
  definitions: readonly FeatureDefinition[],
  spine: Iterable<SpineRow>,
  { known = 'row-time', k, rowsAtOnce = rowsAtOnceDefault, bytes }: AsOfOptions,
  summary: AsOfSummary = emptySummary(),
): Iterable<RowBatch> {
  const sweeper = new RowSweeper({
    ...{ reader, definitions, known, k },
    ...(bytes === undefined ? {} : { bytes }),
  });
  for (const chunk of chunksOf(spine, rowsAtOnce)) {
    const batch = sweeper.fill(chunk);
    countIn(summary, batch);
    yield batch;
  }
}

export function countIn(summary: AsOfSummary, { rows, leaks, imputed, erased }: RowBatch): void {
  summary.rows += rows;
  for (let row = 0; row < rows; row += 1) {
    summary.leakedRows += leaks[row] as number;
    summary.imputedRows += imputed[row] as number;
    summary.erasedRows += erased[row] as number;
  }
}

/** The part of a row's evidence that all rows share. */
export interface SharedEvidence {
  readonly k: number | null;
  readonly v: string;
}

export function evidenceOf(
  reader: FeatureReader,
  { known = 'row-time', k }: Pick<AsOfOptions, 'known' | 'k'>,
): SharedEvidence {
  const v = reader.version;
  if (known === 'row-time') return { k: null, v };
  return { k: known === 'restated' ? k : Math.min(known.k, k), v };
}

/** The rows of a batch, one by one. */
export function* rowsOf(
  definitions: readonly FeatureDefinition[],
  batch: RowBatch,
  evidence: SharedEvidence,
): Iterable<AsOfRow> {
  const layout = layoutOf(definitions);
  let run = 0;
  for (let row = 0; row < batch.rows; row += 1) {
    while (row >= (batch.ends[run] as number)) run += 1;
    const key = batch.keys[run] as string;
    yield {
      ...vectorAt(layout, batch, { row, key, ...evidence }),
      leaks: batch.leaks[row] === 1,
      isImputed: batch.imputed[row] === 1,
    };
  }
}

/** So many rows of a spine at a time, by runs of one key. */
export function* chunksOf(spine: Iterable<SpineRow>, rows: number): Iterable<RowChunk> {
  let keys: string[] = [];
  let ends: number[] = [];
  let moments: number[] = [];
  const taken = (): RowChunk => {
    if (keys.length > 0) ends.push(moments.length);
    const chunk = { keys, ends: Uint32Array.from(ends), t: Float64Array.from(moments) };
    keys = [];
    ends = [];
    moments = [];
    return chunk;
  };
  for (const { key, t } of spine) {
    if (keys.at(-1) !== key) {
      if (keys.length > 0) ends.push(moments.length);
      keys.push(key);
    }
    moments.push(t);
    if (moments.length === rows) yield taken();
  }
  if (moments.length > 0) yield taken();
}

/** A row for each key at each step of time. */
export function* every(
  keys: Iterable<string>,
  stepMs: number,
  from: number,
  to: number,
): Iterable<SpineRow> {
  if (!(stepMs > 0) || (to - from) / stepMs > 1e8) {
    throw new HeadraceError('config', 'The spine has no end.', {
      code: 'E_SPINE',
      hint: 'Give a step above nothing, and from before to.',
    });
  }
  for (const key of keys) for (let t = from; t < to; t += stepMs) yield { key, t };
}

/** A row for each contribution to a view, at the moment it became true: `onEvent('demand')`. */
export function* onEvent(
  reader: FeatureReader,
  view: FeatureView,
  from: number,
  to: number,
): Iterable<SpineRow> {
  for (const key of allKeys(reader, view)) {
    const lines = reader.lines.load(reader.lines.owners(view, [key]), from, to);
    let last: number | null = null;
    for (const { at } of lines) {
      if (at === last) continue;
      last = at;
      yield { key, t: at };
    }
  }
}

/** Rows of labels that a user brings, key by key and in order of time. */
export function fromLabels(rows: readonly SpineRow[]): readonly SpineRow[] {
  return [...rows].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.t - b.t));
}

const keysPage = 1000;

/** Every key a view ever had. */
export function* allKeys(reader: FeatureReader, view: FeatureView): Iterable<string> {
  for (let after = ''; ; ) {
    const keys = reader.lines.keys(view, after, keysPage);
    yield* keys;
    if (keys.length < keysPage) return;
    after = keys.at(-1) as string;
  }
}
