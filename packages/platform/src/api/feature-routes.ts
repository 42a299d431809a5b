import type { z } from 'zod';
import { type FeatureVector, featureKey } from '../features/index.js';
import { catalogueShape, onlineAnswer, onlineBody, type vectorShape } from './feature-shapes.js';
import { HttpProblem } from './problem.js';
import { defineRoute, type Routes } from './route.js';
import type { ApiOptions } from './server.js';

/** A vector as it is answered: times as text. */
export type VectorAnswer = z.input<typeof vectorShape>;

const listFeatures = defineRoute({
  name: 'listFeatures',
  method: 'GET',
  path: '/v1/features',
  tag: 'features',
  summary: 'Views and derived values there are.',
  role: 'viewer',
  answer: catalogueShape,
});

const readFeatures = defineRoute({
  name: 'readFeatures',
  method: 'POST',
  path: '/v1/features/online',
  tag: 'features',
  summary: 'Values now, each with its status and age.',
  role: 'viewer',
  body: onlineBody,
  answer: onlineAnswer,
});

/** Values of views, now; and which views there are. */
export function registerFeatureRoutes(routes: Routes, { features }: ApiOptions): void {
  routes.on(listFeatures, () => ({
    version: features.reader.version,
    views: features.catalogue(),
  }));

  routes.on(readFeatures, ({ body }) => {
    const definitions = features.reader.select(body.views);
    const of = definitions[0]?.of;
    if (of === undefined) throw new HttpProblem(400, 'E_BODY', 'Name at least one view.');
    const keys = body.keys.map((key) => (typeof key === 'string' ? key : featureKey(of, key)));
    const vectors = features.online(definitions, keys).map(vectorAnswer);
    return { entity: of.name, parts: of.parts, vectors };
  });
}

export function vectorAnswer({ key, values, evidence }: FeatureVector): VectorAnswer {
  const shown: VectorAnswer['values'] = {};
  for (const [name, { value, status, ageMs, eventAt, knownAt }] of Object.entries(values)) {
    const plain = Array.isArray(value) ? [...value] : value;
    shown[name] = {
      value: plain as never,
      status,
      ageMs,
      eventAt: iso(eventAt),
      knownAt: iso(knownAt),
    };
  }
  return { key, values: shown, evidence };
}

function iso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
