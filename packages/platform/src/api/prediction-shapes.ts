/** What the routes of predictions answer. */
import { z } from 'zod';
import { inputShape, verdictShape } from './quality-shapes.js';
import { count, epoch, named } from './shapes.js';

const gate = verdictShape.shape.gate;

const interval = z.object({
  low: z.number(),
  high: z.number(),
  level: z.number().meta({ description: 'Share of cases it holds, 0 to 1.' }),
});

const versions = z.object({
  features: z.string().meta({ description: 'Hash of all views.' }),
  view: z.string(),
  model: z.string(),
  policy: count,
});

export const predictionShape = named(
  'Prediction',
  z.object({
    id: z
      .string()
      .nullable()
      .meta({ description: 'Names this prediction for good; null where there is none.' }),
    key: z.string(),
    date: z.string().nullable().meta({ description: 'The day it speaks of.' }),
    value: z.number().nullable().meta({ description: 'Null while it is held.' }),
    interval: interval.nullable(),
    horizon: z.object({ days: count, value: z.number() }).nullable(),
    gate,
    score: z.number().min(0).max(1),
    reason: z.string().nullable(),
    worstInput: verdictShape.shape.worstInput,
    since: epoch.nullable().meta({ description: 'Since when the gate says so.' }),
    lastGood: z
      .object({
        id: z.string(),
        value: z.number(),
        interval,
        date: z.string(),
        madeAt: epoch,
        ageMs: z.number(),
      })
      .nullable()
      .meta({ description: 'What was served last, where nothing may be served now.' }),
    evidence: z
      .object({
        t: epoch.meta({ description: 'T: the moment it was asked for.' }),
        k: count.meta({ description: 'K: entries of the journal that were known.' }),
        v: versions.meta({ description: 'V: the definitions in force.' }),
        journal: count.meta({ description: 'The entry that holds it.' }),
        vector: z
          .array(z.number())
          .meta({ description: 'Demand of whole days, the last of them the day before T.' }),
        inputs: z
          .array(z.object({ input: z.string(), ageMs: z.number().nullable(), score: z.number() }))
          .meta({ description: 'Inputs as they stood when it was made.' }),
        gate,
        before: z
          .array(z.object({ id: z.string(), date: z.string(), value: z.number() }))
          .meta({ description: 'What was said before, the newest first.' }),
      })
      .nullable()
      .meta({ description: 'Asking for the same (T, K, V) again gives the same again.' }),
  }),
);

const standing = {
  useCase: z.string(),
  gate,
  score: z.number().min(0).max(1),
  policy: count,
  since: epoch.nullable(),
  worstInput: verdictShape.shape.worstInput,
  inputs: z.array(inputShape),
  at: epoch,
};

export const useCasesShape = named(
  'UseCases',
  z.object({ useCases: z.array(named('UseCase', z.object(standing))) }),
);

export const predictionsShape = named(
  'Predictions',
  z.object({
    ...standing,
    counts: z
      .object({ served: count, flagged: count, fallback: count, held: count })
      .meta({ description: 'Of the predictions answered here.' }),
    predictions: z.array(predictionShape),
    next: z.string().nullable().meta({ description: 'Give it as `after`; null at the end.' }),
  }),
);

export const onePredictionShape = named(
  'OnePrediction',
  z.object({ ...standing, prediction: predictionShape }),
);
