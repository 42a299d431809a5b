import { z } from 'zod';
import type { Predictions } from '../predict/index.js';
import { onePredictionShape, predictionsShape, useCasesShape } from './prediction-shapes.js';
import { HttpProblem } from './problem.js';
import { defineRoute, type Routes } from './route.js';
import type { ApiOptions } from './server.js';

const limitMax = 1000;

const listUseCases = defineRoute({
  name: 'listUseCases',
  method: 'GET',
  path: '/v1/predictions',
  tag: 'predictions',
  summary: 'What is predicted, whether it may be used now, and since when.',
  role: 'viewer',
  answer: useCasesShape,
});

const listPredictions = defineRoute({
  name: 'listPredictions',
  method: 'GET',
  path: '/v1/predictions/{useCase}',
  tag: 'predictions',
  summary: 'Predictions of a use case with their gate and evidence, in order of keys.',
  role: 'viewer',
  params: z.object({ useCase: z.string() }),
  query: z.object({
    after: z.string().default(''),
    limit: z.coerce.number().int().min(1).max(limitMax).default(100),
  }),
  answer: predictionsShape,
});

const readPrediction = defineRoute({
  name: 'readPrediction',
  method: 'GET',
  path: '/v1/predictions/{useCase}/{key+}',
  tag: 'predictions',
  summary: 'The prediction of one key, or why it is held, with the last good value.',
  description: 'The key as keys of features are written: its parts escaped, with slashes between.',
  role: 'viewer',
  params: z.object({ useCase: z.string(), key: z.string() }),
  answer: onePredictionShape,
});

/** Predictions, judged at the moment of the question. */
export function registerPredictionRoutes(routes: Routes, { predictions }: ApiOptions): void {
  routes.on(listUseCases, () => ({
    useCases: predictions === null ? [] : [predictions.standing()],
  }));
  routes.on(listPredictions, ({ params, query }) =>
    useCaseOf(predictions, params.useCase).page(query.after, query.limit),
  );
  routes.on(readPrediction, async ({ params }) => {
    const answer = await useCaseOf(predictions, params.useCase).one(params.key);
    const prediction = answer?.predictions[0];
    if (answer === null || prediction === undefined) throw noKey(params.key);
    const { predictions: _all, counts: _counts, next: _next, ...standing } = answer;
    return { ...standing, prediction };
  });
}

function useCaseOf(predictions: Predictions | null, name: string): Predictions {
  if (predictions !== null && predictions.useCase === name) return predictions;
  const there =
    predictions === null
      ? 'Name one under `predict` in headrace.config.ts.'
      : `There is ${predictions.useCase}.`;
  throw new HttpProblem(404, 'E_NO_USE_CASE', `Nothing predicts ${name}.`, there);
}

function noKey(key: string): HttpProblem {
  const hint = 'GET /v1/predictions/demand lists what is predicted.';
  return new HttpProblem(404, 'E_NO_PREDICTION', `Nothing was ever ordered of ${key}.`, hint);
}
