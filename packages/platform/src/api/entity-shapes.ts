import { z } from 'zod';
import { count, epoch, instant, jsonObject, named, offset } from './shapes.js';

const quantity = z.object({ value: z.string(), unit: z.string() });
const version = z.string().nullable().meta({ description: "The source's own." });

const provenance = named(
  'Provenance',
  z
    .object({
      source: z.string(),
      record: z.string(),
      version,
      eventAt: epoch.nullable(),
      knownAt: epoch,
      journal: offset,
      because: z.enum(['only', 'rank', 'newest', 'complete', 'name']),
      disagree: count.meta({ description: 'Rows that say something else.' }),
    })
    .meta({ description: 'Which record a value comes from, and why it was chosen.' }),
);

const sourceRow = named(
  'SourceRow',
  z.object({
    source: z.string(),
    stream: z.string(),
    recordKey: z.string(),
    version,
    eventAt: epoch.nullable(),
    knownAt: epoch,
    offset,
    id: z.string(),
    fields: jsonObject,
  }),
);

export const linkShape = named(
  'Link',
  z.object({
    entity: z.string(),
    from: z.string(),
    to: z.string(),
    method: z.enum(['human', 'rule', 'probabilistic']),
    principal: z.string(),
    evidence: z.string(),
    since: offset,
  }),
);

export const entityShape = named(
  'Entity',
  z
    .object({
      entity: z.string(),
      key: z.string(),
      id: z.string(),
      fields: jsonObject,
      provenance: z.record(z.string(), provenance),
      rows: z.array(sourceRow).meta({ description: 'What each source says.' }),
      links: z.array(linkShape),
      apart: z.array(z.object({ id: z.string(), source: z.string() })),
      durable: offset,
    })
    .meta({ description: 'A canonical record, one value per field.' }),
);

export const entityPage = named(
  'EntityPage',
  z.object({
    records: z.array(
      z.object({
        key: z.string(),
        id: z.string(),
        record: z.string(),
        version,
        fields: jsonObject,
      }),
    ),
    next: z.string().nullable().meta({ description: '`after` of the next page.' }),
  }),
);

export const stockHistoryShape = named(
  'StockHistory',
  z.object({
    source: z.string(),
    sku: z.string(),
    location: z.string(),
    readings: count,
    unclear: count.meta({ description: 'Readings during which something was posted.' }),
    unjudged: count.meta({ description: 'Readings that may show movements not read yet.' }),
    movementsUntil: instant
      .nullable()
      .meta({ description: 'Movements posted until then are all known.' }),
    unexplained: quantity.meta({ description: 'A quantity that no movement explains.' }),
    spans: z.array(
      z.object({
        from: instant,
        to: instant.nullable(),
        onHand: quantity,
        confidence: z.enum(['confirmed', 'contradicted', 'rebuilt', 'rolled-forward']),
      }),
    ),
    durable: offset,
  }),
);

export const foundShape = named(
  'Found',
  z.object({ found: z.array(z.object({ entity: z.string(), key: z.string() })) }),
);
