/** Keys in groups that are read together, and what is kept of them. */
import type { StoreReader } from '../storage/index.js';
import { predictionKey, predictionTable } from './predict-fold.js';
import type { StoredPrediction } from './prediction.js';

/** Asked between keys: others have their turn once it is over. */
export interface Slice {
  isOver(): boolean;
  pause(): Promise<void>;
}

/** Keys read together, and rows of one entry: about 100 kB. */
export const chunkMax = 250;

export function* chunksOf(keys: Iterable<string>): Iterable<readonly string[]> {
  let chunk: string[] = [];
  for (const key of keys) {
    chunk.push(key);
    if (chunk.length < chunkMax) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

/** The newest prediction of each key that has one. */
export function storedOf(
  reader: Pick<StoreReader, 'rows'>,
  useCase: string,
  keys: readonly string[],
): ReadonlyMap<string, StoredPrediction> {
  const names = keys.map((key) => predictionKey(useCase, key));
  const cut = predictionKey(useCase, '').length;
  return new Map(
    reader
      .rows(predictionTable.name, names)
      .map(({ key, value }) => [key.slice(cut), JSON.parse(value) as StoredPrediction]),
  );
}
