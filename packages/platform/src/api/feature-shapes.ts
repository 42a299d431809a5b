/** Bodies and answers of the routes for features. */
import { isInstant } from '@headrace/sdk';
import { z } from 'zod';
import { count, instant, named, offset } from './shapes.js';

const plain = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const value = z
  .union([plain, z.array(plain)])
  .meta({ description: 'Null unless the status is ok or stale.' });
const age = {
  status: z.enum(['ok', 'stale', 'missing', 'expired', 'erased']),
  ageMs: z
    .number()
    .int()
    .nullable()
    .meta({ description: 'How long ago the streams behind it were last heard of.' }),
  eventAt: instant.nullable().meta({ description: 'When the newest fact in it became true.' }),
  knownAt: instant.nullable().meta({ description: 'When what made it so became known.' }),
};
const evidence = z
  .object({
    t: z.number().int().meta({ description: 'Moment asked for, ms since the epoch.' }),
    k: count.nullable().meta({ description: 'Entries of the journal that were known.' }),
    v: z.string().meta({ description: 'Hash of the definitions.' }),
  })
  .meta({ description: 'Asking for the same again gives the same again.' });

export const valueShape = named('FeatureValue', z.object({ value, ...age }));

export const vectorShape = named(
  'FeatureVector',
  z.object({
    key: z.string(),
    values: z.record(z.string(), valueShape),
    evidence,
  }),
);

export const catalogueShape = named(
  'FeatureCatalogue',
  z.object({
    version: z.string(),
    views: z.array(
      z.object({
        name: z.string(),
        entity: z.string(),
        parts: z.array(z.string()),
        from: z.string().nullable(),
        values: z.array(z.string()),
        description: z.string(),
        unit: z.string(),
        maxAgeMs: z.number().int().nullable(),
        version: z.string(),
      }),
    ),
  }),
);

const keyShape = z.union([
  z.string().min(1),
  z.record(z.string(), z.union([z.string(), z.number()])),
]);

const keysMax = 1000;

export const onlineBody = z.strictObject({
  views: z.array(z.string()).min(1).meta({ description: 'Views and derived values of one key.' }),
  keys: z
    .array(keyShape)
    .max(keysMax)
    .meta({ description: 'Each as its text, or by its parts: {"sku": "A-1"}.' }),
  shape: z
    .enum(['vectors', 'table'])
    .optional()
    .meta({ description: 'vectors by default; a table is shorter where many keys are asked for.' }),
});

const ofEntity = { entity: z.string(), parts: z.array(z.string()) };
const place = z.number().int();

export const onlineAnswer = named(
  'FeatureAnswer',
  z.union([
    named('FeatureVectors', z.object({ ...ofEntity, vectors: z.array(vectorShape) })),
    named(
      'FeatureTable',
      z.object({
        ...ofEntity,
        names: z
          .array(z.string())
          .meta({ description: 'Of the values of each row, in their order.' }),
        rows: z.array(
          z.object({
            key: z.string(),
            values: z.array(value),
            ages: z.array(place).meta({ description: 'Which of `ages` is said of each value.' }),
          }),
        ),
        ages: z.array(z.object(age)),
        evidence: evidence.nullable().meta({ description: 'Of all rows; null without one.' }),
      }),
    ),
  ]),
);

const time = instant.meta({ description: 'An instant like 2026-03-01T00:00:00Z.' });

export const asOfBody = z.strictObject({
  views: z.array(z.string()).min(1),
  spine: z.union([
    z.strictObject({
      every: z.string().meta({ description: 'A duration such as 1d.' }),
      from: time,
      to: time,
      keys: z.array(z.string()).optional(),
    }),
    z.strictObject({ onEvent: z.string(), from: time, to: time }),
    z.strictObject({ labels: z.array(z.strictObject({ key: keyShape, at: z.string() })) }),
  ]),
  known: z
    .union([z.enum(['row-time', 'restated']), z.strictObject({ k: count })])
    .optional()
    .meta({ description: 'row-time by default: what was known when the row says.' }),
});

export const parityShape = named(
  'FeatureParity',
  z
    .object({
      offered: count,
      checked: count,
      mismatches: count,
      skipped: count,
      waiting: count,
      firstMismatch: z.string().nullable(),
    })
    .meta({ description: 'Online answers read again from the log; since the start.' }),
);

export const parityAnswer = named(
  'FeatureHealth',
  z.object({
    parity: parityShape,
    unused: z
      .record(z.string(), z.record(z.string(), count))
      .meta({ description: 'Facts of each view that were not used: late, undated, failed.' }),
  }),
);

const span = z.array(instant).length(2);

export const vectorTraceShape = named(
  'FeatureTrace',
  z.object({
    id: z.string(),
    vector: vectorShape,
    views: z.array(
      z.object({
        view: z.string(),
        keys: z.array(z.string()).meta({ description: 'That were one thing with the key, first.' }),
        spans: z
          .record(z.string(), span)
          .meta({ description: 'Of each value: from, until before.' }),
        count: count.meta({ description: 'Facts that count.' }),
        retracted: count.meta({ description: 'Lines taken back, with those that took them back.' }),
        hidden: count.meta({ description: 'Lines there are and that were not known yet.' }),
        digest: z.string().meta({ description: 'Over all lines that were known, hex.' }),
        facts: z
          .array(
            z.object({
              journal: offset,
              at: instant,
              eventAt: instant,
              knownAt: instant,
              isImported: z.boolean(),
            }),
          )
          .meta({ description: 'The newest first, at most `limit`.' }),
      }),
    ),
    sources: z
      .array(
        z.object({
          journal: offset,
          source: z.string(),
          stream: z.string(),
          key: z.string(),
          version: z.string().nullable(),
          eventAt: instant.nullable(),
          knownAt: instant,
          ageMs: z.number().int(),
          gone: z.boolean(),
        }),
      )
      .meta({ description: 'The statements that made the facts count, the newest first.' }),
  }),
);

export const factsQuery = z.strictObject({
  at: instant
    .refine(isInstant, { message: 'An instant like 2026-03-01T00:00:00Z.' })
    .optional()
    .meta({ description: 'Moment; now when left out. Without `k`, by what was known then.' }),
  k: z.coerce
    .number()
    .int()
    .min(0)
    .optional()
    .meta({ description: 'Entries of the journal that count, as `evidence` had it.' }),
  limit: z.coerce.number().int().min(0).max(10_000).optional(),
});

export type FactsQuery = Omit<z.output<typeof factsQuery>, 'limit'>;
