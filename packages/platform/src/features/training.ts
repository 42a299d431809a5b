/**
 * A training set for whoever asks: a small one here, in slices that let other work of the thread run;
 * a large one on threads of its own. What comes out is the same.
 */
import { type AsOfOptions, type AsOfSummary, asOfBatches, type SpineRow } from './as-of.js';
import { asOfOnThreads, type ThreadOpener } from './as-of-threads.js';
import type { FeatureDefinition } from './definition.js';
import type { FeatureReader } from './feature-reader.js';
import type { RowBatch } from './row-batch.js';

export interface TrainingOptions extends Pick<AsOfOptions, 'known' | 'k'> {
  /** How threads come to their readers, and how many there are; without, all of it is done here. */
  readonly threads?: { readonly opener: ThreadOpener; readonly count: number } | undefined;
  /** Lets other work of the thread run; slices are small then. */
  readonly pause?: () => Promise<void>;
  /** From so many rows on threads are worth their start. */
  readonly rowsInline?: number;
}

/** A thread starts in about the time that so many rows take. */
const rowsInlineDefault = 20_000;
/** About as much as is done in two milliseconds. */
const slice = { rowsAtOnce: 64, bytes: 128 << 10 };

export async function* trainingBatches(
  reader: FeatureReader,
  definitions: readonly FeatureDefinition[],
  spine: Iterable<SpineRow>,
  { threads, pause, rowsInline = rowsInlineDefault, ...asked }: TrainingOptions,
  summary: AsOfSummary,
): AsyncIterable<RowBatch> {
  const rows = spine[Symbol.iterator]();
  const first: SpineRow[] = [];
  let isWhole = false;
  while (threads !== undefined && !isWhole && first.length < rowsInline) {
    const { done, value } = rows.next();
    if (done === true) isWhole = true;
    else first.push(value);
    if (pause !== undefined && first.length % slice.rowsAtOnce === 0) await pause();
  }
  const all = isWhole ? first : joined(first, rows);
  if (threads !== undefined && !isWhole) {
    const { opener, count } = threads;
    yield* asOfOnThreads(
      all,
      {
        ...{ ...asked, opener, threads: count, version: reader.version },
        definitions: definitions.map(({ name }) => name),
      },
      summary,
    );
    return;
  }
  const options = pause === undefined ? asked : { ...asked, ...slice };
  for (const batch of asOfBatches(reader, definitions, all, options, summary)) {
    yield batch;
    await pause?.();
  }
}

function* joined<T>(first: readonly T[], rest: Iterator<T>): Iterable<T> {
  yield* first;
  for (let next = rest.next(); next.done !== true; next = rest.next()) yield next.value;
}
