/** What the routes of flows take and answer. */
import { z } from 'zod';
import { count, instant, named, offset } from './shapes.js';

const limit = z.number().min(0).nullable();

const flowMinute = named(
  'FlowMinute',
  z.object({ at: instant, delivered: count, failed: count, shown: count }),
);

export const flowStatusShape = named(
  'FlowStatus',
  z
    .object({
      flow: z.string(),
      sink: z.string(),
      title: z.string(),
      target: z.string().meta({ description: 'The source that is written to.' }),
      write: z.enum(['shadow', 'live']),
      state: z
        .enum(['shadow', 'live', 'paused', 'stopped', 'rehearsing', 'held', 'failing', 'gated'])
        .meta({
          description: '`gated`: what it rests on is older than its contract allows.',
        }),
      why: z.string().nullable(),
      delivery: z.enum(['transactional', 'idempotent', 'at-least-once']).meta({
        description: 'What happens when a write is repeated whose answer was lost.',
      }),
      makes: z.enum(['state', 'document']),
      owns: z
        .array(z.string())
        .nullable()
        .meta({ description: 'Target fields it may write; null is all of them.' }),
      limits: z.object({ rows: limit, approval: limit, change: limit, share: limit }),
      waiting: count.meta({ description: 'Groups to look at.' }),
      delivered: count.meta({ description: 'Written so far.' }),
      failed: count.meta({ description: 'Groups that were refused or cannot be mapped.' }),
      held: count.meta({ description: 'Groups that wait for approval.' }),
      settling: count.meta({ description: 'Taken by the target and not done yet.' }),
      differences: count.meta({ description: 'Groups that differ and were not written.' }),
      lagMs: z
        .object({ p50: z.number(), p99: z.number() })
        .nullable()
        .meta({ description: 'From a change being known to its being written.' }),
      run: z
        .object({
          phase: z.enum(['rehearsing', 'held', 'approved']),
          looked: count,
          differing: count,
          guarded: count,
          sample: z.string().nullable(),
        })
        .nullable()
        .meta({ description: 'A run larger than the limit.' }),
      lastHour: z.array(flowMinute).meta({ description: 'By minute, the present one last.' }),
    })
    .meta({ description: 'One flow, how it stands and why.' }),
);

export const flowsShape = named('Flows', z.object({ flows: z.array(flowStatusShape) }));

const change = named(
  'FlowChange',
  z.object({
    field: z.string(),
    before: z.unknown(),
    after: z.unknown(),
    isForeign: z.boolean().optional().meta({ description: 'Another system owns it.' }),
    isContested: z
      .boolean()
      .optional()
      .meta({ description: 'Someone keeps writing another value.' }),
  }),
);

const holdReason = z.enum(['run', 'change', 'suspect', 'contested', 'undone']);

export const flowDifferencesShape = named(
  'FlowDifferences',
  z.object({
    differences: z.array(
      z.object({
        group: z.string(),
        key: z.string().nullable().meta({ description: "The target's own key." }),
        at: instant,
        journal: offset,
        why: z
          .enum(['run', 'change', 'suspect', 'contested', 'undone', 'foreign'])
          .nullable()
          .meta({ description: 'Why it is not written; null where the flow only shows.' }),
        text: z.string().nullable(),
        fields: z.array(change),
      }),
    ),
    next: z.string().nullable(),
  }),
);

export const flowDeliveriesShape = named(
  'FlowDeliveries',
  z.object({
    deliveries: z.array(
      z.object({
        journal: offset,
        at: instant,
        group: z.string(),
        key: z.string().nullable(),
        result: z.enum(['written', 'accepted', 'parked', 'again']),
        number: count.nullable(),
        idempotencyKey: z.string().nullable(),
        cause: z
          .object({
            journal: offset,
            source: z.string(),
            stream: z.string(),
            key: z.string(),
            knownAt: instant,
          })
          .nullable()
          .meta({ description: 'The entry whose change it answers.' }),
        changes: z.array(change),
        isNew: z.boolean(),
        isUndo: z.boolean(),
        isFound: z.boolean().meta({ description: 'Its answer was lost; a read found it.' }),
        code: z.string().nullable(),
        message: z.string().nullable(),
        lagMs: z.number().nullable(),
        undoProblem: z
          .string()
          .nullable()
          .meta({ description: 'Why it cannot be taken back; null where it can.' }),
      }),
    ),
    next: z.string().nullable(),
  }),
);

export const flowGroupsShape = named(
  'FlowGroups',
  z.object({
    groups: z.array(
      z.object({
        group: z.string(),
        phase: z.enum(['clean', 'due', 'held', 'parked', 'waiting']),
        since: instant.nullable(),
        why: holdReason.nullable(),
        text: z.string().nullable(),
        code: z.string().nullable(),
        attempts: count,
        number: count,
      }),
    ),
  }),
);

export const flowPhase = z.enum(['due', 'held', 'parked', 'waiting']);

const groups = z.array(z.string().min(1).max(512)).min(1).max(10_000);

/** Which groups an act is about. */
export const flowResyncBody = named(
  'FlowResync',
  z.union([
    z.strictObject({ groups }),
    z.strictObject({ prefix: z.string().min(1).max(512) }),
    z.strictObject({ all: z.literal(true) }),
  ]),
);
export const flowRetryBody = named(
  'FlowRetry',
  z.union([z.strictObject({ groups }), z.strictObject({ all: z.literal(true) })]),
);
export const flowApproveBody = named(
  'FlowApproval',
  z.union([z.strictObject({ groups }), z.strictObject({ run: z.literal(true) })]),
);
export const flowUndoBody = named(
  'FlowUndo',
  z.strictObject({ delivery: offset, groups: groups.optional() }),
);
export const flowActShape = named(
  'FlowAct',
  z.object({ flow: z.string(), action: z.string(), groups: count }),
);

const trialed = z.number().int().min(1).max(20);

/** What is tried of a flow. */
export const flowTestBody = named(
  'FlowTest',
  z.union([
    z.strictObject({ groups: z.array(z.string().min(1).max(512)).min(1).max(20) }),
    z.strictObject({
      records: z
        .array(
          z.object({
            entity: z.string().max(64),
            fields: z.record(z.string(), z.unknown()),
            isOwn: z.boolean().optional().meta({ description: 'The target itself states it.' }),
          }),
        )
        .min(1)
        .max(500)
        .meta({ description: 'Canonical records, such as those of an earlier answer.' }),
    }),
    z.strictObject({
      recent: trialed.meta({
        description: 'So many groups: those that differ, failed or wait first.',
      }),
    }),
  ]),
);

const trialVerdict = named(
  'FlowTrialVerdict',
  z.object({
    does: z.enum(['nothing', 'level', 'show', 'hold', 'write', 'park', 'unknown']),
    why: z.enum(['run', 'change', 'suspect', 'contested', 'undone', 'foreign']).nullable(),
    text: z.string(),
    fields: z.array(z.string()).meta({ description: 'Fields that are written.' }),
  }),
);

const trialFault = named(
  'FlowTrialFault',
  z.object({
    at: z
      .enum(['sample', 'where', 'map', 'fields', 'read'])
      .meta({ description: 'The step it stopped.' }),
    code: z.string(),
    message: z.string(),
    path: z
      .string()
      .nullable()
      .meta({ description: 'Of the records, or of the fields the mapping gave.' }),
    place: z
      .object({ file: z.string(), line: count, column: count })
      .nullable()
      .meta({ description: 'The line of the mapping that threw.' }),
  }),
);

const fieldsOf = z.record(z.string(), z.unknown());

export const flowTrialsShape = named(
  'FlowTrials',
  z.object({
    flow: z.string(),
    write: z.enum(['shadow', 'live']),
    faults: z.array(trialFault).meta({ description: 'Of records that make no group.' }),
    groups: z.array(
      z.object({
        group: z.string(),
        records: z.array(
          z.object({
            entity: z.string(),
            key: z.string(),
            fields: fieldsOf,
            isOwn: z.boolean().meta({ description: 'The target itself states it.' }),
            sources: z.array(z.string()),
          }),
        ),
        lookups: z.array(
          z.object({
            table: z.string(),
            key: z.string(),
            value: z.unknown(),
            isMissing: z.boolean(),
          }),
        ),
        concerns: z.boolean().nullable().meta({ description: 'What `where` says.' }),
        gives: z
          .object({ key: z.string().nullable(), fields: z.unknown() })
          .nullable()
          .meta({ description: 'What the mapping gave, also when the sink does not take it.' }),
        ready: z
          .object({ key: z.string(), fields: fieldsOf })
          .nullable()
          .meta({ description: "What the connector's mapping gave to that of the project." }),
        target: z
          .object({ id: z.string().nullable(), fields: fieldsOf })
          .nullable()
          .meta({ description: 'What the target has now.' }),
        isRead: z.boolean().meta({ description: 'Whether the target was asked.' }),
        differences: z.array(change),
        verdict: trialVerdict,
        live: trialVerdict.nullable().meta({
          description: 'What it would do if it wrote; null when it does.',
        }),
        faults: z.array(trialFault),
      }),
    ),
  }),
);
