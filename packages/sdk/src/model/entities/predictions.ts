import { z } from 'zod';
import type { Aggregate } from '../definition.js';
import { defineEntity } from '../definition.js';
import { gateStates } from '../states.js';
import {
  count,
  decimal,
  flag,
  identifier,
  instant,
  json,
  optional,
  required,
  text,
  traits,
} from '../values.js';

const predictionAggregate: Aggregate = { name: 'prediction', keyFields: ['predictionId'] };

export const prediction = defineEntity({
  name: 'prediction',
  title: 'Prediction',
  description: 'What a model said, with all that is needed to say it again.',
  keyFields: ['predictionId'],
  aggregate: predictionAggregate,
  schema: z.strictObject({
    predictionId: required(identifier, 'Id of the prediction.'),
    useCase: required(identifier, 'Use case.'),
    entity: optional(identifier, 'Entity it is about.'),
    entityKey: optional(identifier, 'Key text of what it is about.'),
    model: optional(text, 'Name of the model.'),
    modelVersion: optional(text, 'Version of the model.'),
    eventAt: optional(instant, 'T: the moment it speaks of.'),
    knownSequence: optional(count, 'K: journal offset it knew up to.'),
    definitionsHash: optional(text, 'V: hash of the active definitions.'),
    featureHash: optional(text, 'Hash of the feature values.'),
    horizonDays: optional(count, 'How far it looks ahead, days.'),
    value: optional(decimal, 'Predicted value.'),
    valueUnit: optional(text, 'Unit of the value.'),
    intervalLow: optional(decimal, 'Lower end of the interval.'),
    intervalHigh: optional(decimal, 'Upper end of the interval.'),
    intervalLevel: optional(decimal, 'Probability of the interval, 0 to 1.'),
    gateState: optional(gateStates, 'What the gate said.'),
    rawGateState: optional(text, 'The gate’s word, where another system gates.'),
    gateReason: optional(text, 'Why the gate said so.'),
    readinessScore: optional(decimal, 'Readiness of its inputs, 0 to 1.'),
    worstInput: optional(text, 'Input that scored lowest.'),
    predictedAt: optional(instant, 'When it was made.'),
    traits,
  }),
});

export const decision = defineEntity({
  name: 'decision',
  title: 'Decision',
  description: 'What was done, or left undone, on a prediction.',
  keyFields: ['decisionId'],
  schema: z.strictObject({
    decisionId: required(identifier, 'Id of the decision.'),
    predictionId: optional(identifier, 'Prediction it stands on.'),
    useCase: optional(identifier, 'Use case.'),
    entity: optional(identifier, 'Entity it is about.'),
    entityKey: optional(identifier, 'Key text of what it is about.'),
    action: optional(text, 'What is to be done.'),
    parameters: optional(json, 'Values of the action.'),
    gateState: optional(gateStates, 'What the gate said.'),
    rawGateState: optional(text, 'The gate’s word, where another system gates.'),
    isAutomatic: optional(flag, 'Whether no person was asked.'),
    decidedBy: optional(text, 'Handle of the person or name of the policy.'),
    policyVersion: optional(text, 'Version of the policy.'),
    decidedAt: optional(instant, 'When it was decided.'),
    effectiveAt: optional(instant, 'When it takes effect.'),
    traits,
  }),
});

export const outcome = defineEntity({
  name: 'outcome',
  title: 'Outcome',
  description: 'What came true of a prediction, by measure.',
  keyFields: ['predictionId', 'measure'],
  aggregate: predictionAggregate,
  schema: z.strictObject({
    predictionId: required(identifier, 'The prediction.'),
    measure: optional(identifier, 'What was measured, where a prediction has several.'),
    decisionId: optional(identifier, 'Decision taken on it.'),
    actual: optional(decimal, 'Value that came true.'),
    actualUnit: optional(text, 'Unit of the value.'),
    isFinal: optional(flag, 'Whether it will not change any more.'),
    observedAt: optional(instant, 'When it was known.'),
    traits,
  }),
});
