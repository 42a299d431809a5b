/**
 * From a feature vector to the source records it stands on. The vector is worked out again at its
 * (T, K); its facts name the entries that made them count, and the entries name the records.
 */
import { decodeHeader } from '../audit/index.js';
import {
  type FeatureDefinition,
  type FeatureReader,
  type FeatureVector,
  factsOf,
  type Known,
  type ViewFacts,
} from '../features/index.js';
import type { StoreReader } from '../storage/index.js';
import type { Grounds } from './prove.js';

/** The statement an entry made, as its header has it. */
export interface StatementSource {
  /** Journal offset. */
  readonly journal: number;
  readonly source: string;
  readonly stream: string;
  readonly key: string;
  readonly version: string | null;
  readonly eventAt: string | null;
  readonly knownAt: string;
  /** From when it became true, else was known, until the moment of the vector. */
  readonly ageMs: number;
  readonly gone: boolean;
}

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
  const vector = features.vector(definitions, key, question);
  // What must not be known of a person any more must not be known by what it stood on either.
  const isErased = Object.values(vector.values).some(({ status }) => status === 'erased');
  const views = isErased ? [] : factsOf(features, definitions, key, question, { limit });
  const offsets = new Set(views.flatMap(({ facts }) => facts.map(({ journal }) => journal)));
  const id = `feature/${definitions.map(({ name }) => name).join(',')}/${key}`;
  return {
    ...{ id, vector, views },
    sources: [...offsets].sort((a, b) => b - a).flatMap((offset) => sourceOf(store, offset, t)),
  };
}

/** What a proof of the vector is about, and the entries it takes. */
export function vectorGrounds({ id, vector, views, sources }: VectorTrace): Grounds {
  const { values, evidence } = vector;
  const plain = JSON.parse(JSON.stringify({ values, evidence, views })) as object;
  return {
    ...{ id, fields: [], vector: plain },
    offsets: sources.map(({ journal }) => journal).sort((a, b) => a - b),
  };
}

function sourceOf(store: StoreReader, offset: number, t: number): StatementSource[] {
  const row = store.journal(offset);
  if (row === undefined) return [];
  const { source, stream, key, version, eventAt, knownAt, gone } = decodeHeader(row.header);
  return [
    {
      ...{ journal: offset, source, stream, key, version },
      eventAt: eventAt === null ? null : new Date(eventAt).toISOString(),
      knownAt: new Date(knownAt).toISOString(),
      ageMs: Math.max(0, t - (eventAt ?? knownAt)),
      gone,
    },
  ];
}
