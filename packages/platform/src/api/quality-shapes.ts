/** What the routes of quality answer. */
import { z } from 'zod';
import { checkNames } from '../quality/index.js';
import { count, epoch, named } from './shapes.js';

const checkState = z.enum(['learning', 'ok', 'watch', 'alarm', 'quiet']);

export const checksShape = named(
  'Checks',
  z.object({
    checks: z.array(
      z.object({
        check: z.enum(checkNames),
        target: z.string().meta({ description: 'A `source/stream`, a pair, or what is covered.' }),
        culprit: z.string().meta({ description: 'The system to look at first.' }),
        state: checkState,
        value: z.number(),
        limit: z.number(),
        unit: z.enum(['ms', 'count', 'share', 'sigma']).meta({
          description: 'Shares are in millionths, sigma in hundredths.',
        }),
        why: z.string().nullable(),
        evidence: z.array(z.string()),
        since: epoch,
        at: epoch,
        points: z.array(z.object({ at: epoch, value: z.number(), state: z.string() })),
      }),
    ),
    alarms: count,
  }),
);

export const reconciliationShape = named(
  'Reconciliation',
  z.object({
    pair: z.string(),
    kind: z.string(),
    a: z.string(),
    b: z.string(),
    compared: count.meta({ description: 'Keys that both systems state.' }),
    differing: count.meta({ description: 'Keys that differ and are settled.' }),
    pending: count.meta({ description: 'Keys that differ, with a change perhaps on its way.' }),
    at: epoch,
    through: z
      .object({ a: epoch.nullable(), b: epoch.nullable() })
      .meta({ description: 'Up to when each side is known whole.' }),
    keys: z.array(
      z.object({
        key: z.string(),
        a: z.string().nullable(),
        b: z.string().nullable(),
        since: epoch,
        state: z.enum(['pending', 'differs']),
        cause: z.enum(['late', 'lost', 'mapping', 'unit', 'double', 'unknown']),
        hop: z.string(),
        culprit: z.string(),
        why: z.string(),
        records: z.object({ a: z.string().nullable(), b: z.string().nullable() }),
      }),
    ),
  }),
);

export const reconciliationsShape = named(
  'Reconciliations',
  z.object({ pairs: z.array(reconciliationShape) }),
);

const component = z.enum(['freshness', 'completeness', 'consistency', 'validity']);
const componentScore = z.object({
  component,
  score: z.number().min(0).max(1),
  why: z.string().nullable(),
  evidence: z.array(z.string()),
});

export const inputShape = named(
  'InputScore',
  z.object({
    input: z.string(),
    entity: z.string(),
    source: z.string(),
    score: z.number().min(0).max(1).meta({ description: 'The least of its components.' }),
    ageMs: z.number().nullable(),
    maxAgeMs: z.number(),
    since: epoch.nullable(),
    worst: componentScore,
    components: z.array(componentScore),
  }),
);

export const readinessShape = named(
  'Readiness',
  z.object({ inputs: z.array(inputShape), at: epoch }),
);

export const verdictShape = named(
  'Verdict',
  z.object({
    gate: z.enum(['serve', 'serve-flagged', 'fallback', 'hold']),
    score: z.number().min(0).max(1),
    policy: count,
    worstInput: z
      .object({
        input: z.string(),
        component,
        score: z.number(),
        ageMs: z.number().nullable(),
        why: z.string().nullable(),
        fix: z.string(),
      })
      .nullable(),
  }),
);

export const gateShape = named(
  'Gate',
  z.object({ verdict: verdictShape, inputs: z.array(inputShape) }),
);

export const suspectsShape = named(
  'SuspectValues',
  z.object({
    values: z.array(
      z.object({
        entity: z.string(),
        key: z.string(),
        source: z.string(),
        record: z.string(),
        field: z.string(),
        kind: z.enum(['scale', 'unit', 'currency']),
        from: z.string(),
        to: z.string(),
        at: epoch,
        until: epoch.nullable().meta({ description: 'When a price ends to hold, where it does.' }),
      }),
    ),
    more: z.boolean().meta({ description: 'Whether there are more than were asked for.' }),
  }),
);

export const alertsShape = named(
  'Alerts',
  z.object({
    alerts: z.array(
      z.object({
        id: z.string(),
        state: z.enum(['raised', 'recovered']),
        kind: z.string(),
        target: z.string(),
        culprit: z.string(),
        message: z.string(),
        since: epoch,
        at: epoch,
        keys: z
          .array(z.string())
          .describe('Keys two systems differ on that were told, latest first.'),
      }),
    ),
  }),
);
