import type { JsonObject, MappedRecord, Stream } from '@headrace/sdk';
import { modifiedAt, OVERLAP_MS, type PollMemory, readChanges } from './changes.js';
import type { InriverConfig } from './config.js';
import { type FieldMap, fieldIdOf } from './fields.js';
import { idText, object, text } from './json.js';
import { mapAssortment, mapCategory, mapProduct, mapVariant } from './mapping/entities.js';
import type { InriverMapContext } from './mapping/values.js';
import { type PassMemory, readPass } from './pass.js';
import { personalPaths } from './read-fields.js';
import { fetchByKeys, type Question } from './rest.js';

type InriverStream = Stream<InriverConfig>;

const EVERY_MS = 15_000;
const ASSORTMENT_EVERY_MS = 300_000;
const POINT_READ_MAX = 500;
/** A delete whose notice was lost shows in a pass only; of 60,000 variants one takes 61 requests. */
const PASS_EVERY_MS = 3_600_000;

type Told = Pick<InriverStream, 'name' | 'description' | 'entities' | 'everyMs'> &
  Partial<Pick<InriverStream, 'touches' | 'touchesWhenGone'>> & {
    map(record: JsonObject, context: InriverMapContext): readonly MappedRecord[];
  };

/** What all streams have in common; how they learn of changes is added. */
function common(told: Told, question: Question) {
  return {
    ...told,
    key: (record: JsonObject) => idText(record.entityId),
    listsByName: { path: 'fieldValues', name: 'fieldTypeId' },
    personal: {
      subject: (record: JsonObject) => text(object(record.summary)?.modifiedBy),
      paths: personalPaths,
    },
    fetch: async (context: Parameters<InriverStream['read']>[0], keys: readonly string[]) => ({
      body: await fetchByKeys(context, question, keys),
      items: [],
      next: null,
    }),
    fetchMax: POINT_READ_MAX,
  };
}

/** Entities whose own fields are read: the PIM dates their changes. */
function dated(told: Told, question: Question): InriverStream {
  const passes: PassMemory = { rest: null };
  const polls: PollMemory = { rest: null };
  return {
    ...common(told, question),
    feed: 'push',
    overlapMs: OVERLAP_MS,
    passEveryMs: PASS_EVERY_MS,
    names: { key: 'entityId', version: 'summary.modifiedDate' },
    version: modifiedAt,
    versionOrder: 'text',
    eventAt: modifiedAt,
    read: (context, mode, cursor) =>
      mode === 'pass'
        ? readPass(context, question, cursor, passes)
        : readChanges(context, question, cursor, polls),
  };
}

/** Links are not dated, so what hangs on them is read as a whole and compared. */
function linked(told: Told, question: Question): InriverStream {
  const passes: PassMemory = { rest: null };
  return {
    ...common(told, question),
    feed: 'snapshot',
    names: { key: 'entityId', version: null },
    version: () => null,
    eventAt: () => null,
    read: (context, _mode, cursor) => readPass(context, question, cursor, passes),
  };
}

function ids(map: FieldMap, names: readonly string[] = Object.keys(map)): readonly string[] {
  return [...new Set(names.flatMap((name) => fieldIdOf(map[name]) ?? []))];
}

export function streams(config: InriverConfig): readonly InriverStream[] {
  const { types, links, fields, everyMs } = config;
  return [
    dated(
      {
        name: 'product',
        description: 'Products by their own fields, in all languages',
        entities: ['product'],
        everyMs: everyMs.product ?? EVERY_MS,
        // Its number, brand and completeness are told again by its links.
        touches: (record) => {
          const key = idText(record.entityId);
          return key === null ? [] : [{ stream: 'assortment', key }];
        },
        touchesWhenGone: (key) => [{ stream: 'assortment', key }],
        map: mapProduct,
      },
      { types: [types.product], objects: ['EntitySummary', 'FieldValues'] },
    ),
    dated(
      {
        name: 'variant',
        description: 'Variants (items) by their own fields',
        entities: ['variant'],
        everyMs: everyMs.variant ?? EVERY_MS,
        map: mapVariant,
      },
      { types: [types.variant], objects: ['EntitySummary', 'FieldValues'] },
    ),
    linked(
      {
        name: 'category',
        description: 'Channels and their nodes, as one tree',
        entities: ['category'],
        everyMs: everyMs.category ?? EVERY_MS,
        map: mapCategory,
      },
      {
        types: [types.category, types.channel],
        objects: ['EntitySummary', 'FieldValues'],
        fieldTypeIds: [...ids(fields.category), ...ids(fields.channel)],
        inbound: [links.categoryCategory, links.channelCategory],
      },
    ),
    linked(
      {
        name: 'assortment',
        description: 'What hangs on a product: categories, pictures, variants, completeness',
        entities: ['product', 'variant'],
        everyMs: everyMs.assortment ?? ASSORTMENT_EVERY_MS,
        // The whole of it is read all the time, so it shows first when a notice of deletion got lost.
        touchesWhenGone: (key) => [{ stream: 'product', key }],
        map: mapAssortment,
      },
      {
        types: [types.product],
        objects: ['EntitySummary', 'FieldValues', 'MediaDetails'],
        fieldTypeIds: [
          ...ids(fields.product, ['productId', 'brand']),
          ...ids(fields.variant, ['sku']),
        ],
        inbound: [links.categoryProduct],
        outbound: [links.productVariant],
      },
    ),
  ];
}
