/**
 * From a prediction to all it stands on: the entry that holds it, and the statements that made its
 * vector at its (T, K). The vector is worked out again from the log and held against the one that is
 * kept, where the views are still those of its V.
 */
import type { History } from '../engine/index.js';
import type { FeatureReader, FeatureView } from '../features/index.js';
import {
  dailyOf,
  demandView,
  type PredictedBody,
  predictionNamed,
  wholeDaysOf,
} from '../predict/index.js';
import type { StoreReader } from '../storage/index.js';
import type { Grounds } from './prove.js';
import { vectorTraceOf } from './vector.js';

/** Null when the id is of something else, or there is no such prediction. */
export function predictionGrounds(
  reader: StoreReader,
  history: Pick<History, 'entry'>,
  features: FeatureReader,
  id: string,
): Grounds | null {
  const named = predictionNamed(id);
  if (named === null || named.useCase !== 'demand') return null;
  const { key, offset } = named;
  const statement = history.entry(offset, false);
  const body = statement?.body as unknown as PredictedBody | null | undefined;
  if (statement?.header.kind !== 'prediction' || body?.action !== 'predicted') return null;
  const row = body.useCase === named.useCase && body.rows.find((one) => one.key === key);
  if (!row) return null;
  const { rows: _rows, action: _action, ...said } = body;
  const { t, k, v } = body;
  const question = { key, t, known: { k }, limit: Number.MAX_SAFE_INTEGER };
  const view = dailyOf(features.select([demandView])[0] as FeatureView);
  const { vector, views, sources } = vectorTraceOf(reader, features, [view], question);
  const [series] = Object.values(vector.values);
  const days = wholeDaysOf(series?.value) ?? [];
  const isSameViews = v.features === features.version;
  const prediction = {
    ...{ ...said, ...row, madeAt: statement.header.knownAt },
    // Null: other views are in force, which say other things of the same facts.
    isWorkedOutAgain: isSameViews ? endsWith(days, row.vector) : null,
  };
  return {
    ...{ id, fields: [], sources, vector: { values: vector.values, views }, prediction },
    offsets: [offset, ...sources.map(({ journal }) => journal)].sort((a, b) => a - b),
  };
}

function endsWith(days: readonly number[], vector: readonly number[]): boolean {
  const own = days.slice(days.length - vector.length);
  return own.length === vector.length && own.every((micros, at) => micros === vector[at]);
}
