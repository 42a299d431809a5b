/**
 * From a feature vector to the source records it stands on. The vector is worked out again at its
 * (T, K); its facts name the entries that made them count, and the entries name the records.
 */
import {
  type FeatureDefinition,
  type FeatureReader,
  type FeatureVector,
  type FeatureView,
  factsOf,
  type Known,
  type Loaded,
  type ViewFacts,
} from '../features/index.js';
import type { StoreReader } from '../storage/index.js';
import type { Grounds } from './prove.js';
import { type StatementSource, statementsAt } from './statements.js';

export interface VectorTrace {
  readonly id: string;
  readonly vector: FeatureVector;
  readonly views: readonly ViewFacts[];
  readonly sources: readonly StatementSource[];
}

export interface VectorQuestion {
  readonly key: string;
  /** Moment, ms. */
  readonly t: number;
  readonly known: Known;
  /** Most facts of a view that are named. */
  readonly limit: number;
}

export interface VectorName {
  readonly name: string;
  readonly key: string;
}

/** `feature/NAME/KEY`, where NAME is a view or a derived value; null for any other id. */
export function vectorNamed(id: string): VectorName | null {
  const [, name = '', key = ''] = /^feature\/([^/]+)\/(.+)$/.exec(id) ?? [];
  return name === '' ? null : { name, key };
}

export function vectorTraceOf(
  store: StoreReader,
  features: FeatureReader,
  definitions: readonly FeatureDefinition[],
  { key, t, known, limit }: VectorQuestion,
): VectorTrace {
  const question = { t, known };
  const loaded = new Map<FeatureView, Loaded>();
  const load: FeatureReader['load'] = (view, ...rest) => {
    const lines = loaded.get(view) ?? features.load(view, ...rest);
    loaded.set(view, lines);
    return lines;
  };
  const vector = features.vector(definitions, key, question, load);
  // What must not be known of a person any more must not be known by what it stood on either.
  const isErased = Object.values(vector.values).some(({ status }) => status === 'erased');
  const views = isErased ? [] : factsOf(features, definitions, key, question, { limit, load });
  const offsets = views.flatMap(({ facts }) => facts.map(({ journal }) => journal));
  const id = `feature/${definitions.map(({ name }) => name).join(',')}/${key}`;
  return {
    ...{ id, vector, views },
    sources: statementsAt(store, offsets, t),
  };
}

/** What a proof of the vector is about, and the entries it takes. */
export function vectorGrounds({ id, vector, views, sources }: VectorTrace): Grounds {
  const { values, evidence } = vector;
  // A view with more facts than were asked for says so by its count.
  const isWhole = views.every(({ facts, count }) => facts.length === count);
  return {
    ...{ id, fields: [], sources, vector: { values, evidence, isWhole, views } },
    offsets: sources.map(({ journal }) => journal).sort((a, b) => a - b),
  };
}
