/**
 * A category of the tree products are filed under: its names, the one above it and whether customers
 * see it. Its id follows from our own, so that products name it before it is there. A category waits
 * for the one above it. Which comes first among its siblings is the shop's to say.
 */
import type {
  FlowGroup,
  JsonObject,
  MapContext,
  Sink,
  SinkItem,
  SinkResult,
  TargetRecord,
  TargetState,
} from '@headrace/sdk';
import { z } from 'zod';
import type { ShopwareConfig } from '../config.js';
import { boolean, lookUp, text } from '../json.js';
import { referenceOf } from '../mapping/reference.js';
import type { Question, ShopwareContext } from '../search.js';
import { inLanguages } from './assortment.js';
import { idOf } from './ids.js';
import { categoryOf } from './product.js';
import { anyOf, idIn, searchEach, shopReference } from './shop.js';
import { type ItemWrite, sync } from './sync.js';
import { textsIn, textsOf } from './texts.js';

export const categoryFields = z.strictObject({
  name: z.record(z.string(), z.string()).exactOptional().describe('By language.'),
  parentId: z
    .string()
    .nullable()
    .exactOptional()
    .describe('Category of the shop it hangs below; null for a root.'),
  active: z.boolean().exactOptional().describe('Whether customers see it.'),
});

type CategoryFields = z.output<typeof categoryFields>;

export const category: Sink<ShopwareConfig> = {
  name: 'category',
  title: 'Category',
  description:
    'The category tree with its names by language; a category waits for the one above it',
  entities: ['category'],
  delivery: 'idempotent',
  makes: 'state',
  fields: categoryFields,
  batchMax: 100,
  canUndo: true,
  groupsOf: ({ fields }) => [text(fields.categoryId)].filter((id) => id !== null),
  map: mapCategoryWanted,
  read,
  write,
};

export function mapCategoryWanted(
  group: FlowGroup,
  context: MapContext<ShopwareConfig>,
): TargetRecord | null {
  const fields = group.records('category')[0]?.fields;
  const id = text(fields?.categoryId);
  if (fields === undefined || id === null) return null;
  const { config } = context;
  // One the settings give a category of the shop for is looked after there.
  if (lookUp(config.write.product.categories, id) !== undefined) return null;
  const name = inLanguages(fields.name, referenceOf(context));
  const active = boolean(fields.isActive);
  const above = parentOf(fields, config);
  return {
    key: id,
    fields: {
      ...(Object.keys(name).length === 0 ? {} : { name }),
      ...(above === undefined ? {} : { parentId: above }),
      ...(active === null ? {} : { active }),
    },
  };
}

/** Undefined where nothing is said of its place. */
function parentOf({ parentId }: JsonObject, config: ShopwareConfig): string | null | undefined {
  if (parentId === null) return config.write.product.categoryRoot ?? null;
  const above = text(parentId);
  return above === null ? undefined : (categoryOf(above, config) ?? idOf('category', above));
}

const question: Question = {
  entity: 'category',
  includes: { category: ['id', 'parentId', 'active'] },
};

async function categoriesByKey(context: ShopwareContext, keys: readonly string[]) {
  const byId = new Map(keys.map((key) => [idOf('category', key), key]));
  const rows = await searchEach(context, question, [anyOf('id', [...byId.keys()])]);
  return new Map(rows.map((row) => [byId.get(idIn(row)) ?? '', row]));
}

async function read(
  context: ShopwareContext,
  records: readonly TargetRecord[],
): Promise<readonly TargetState[]> {
  const reference = await shopReference(context);
  const found = await categoriesByKey(
    context,
    records.map(({ key }) => key),
  );
  const ids = [...found.values()].map(idIn);
  const translations = await textsOf(context, reference, {
    ...{ entity: 'category', ids, fields: ['name'] },
  });
  return records.flatMap(({ key, fields }): TargetState[] => {
    const row = found.get(key);
    if (row === undefined) return [];
    const wanted = fields as unknown as CategoryFields;
    const state = {
      name: textsIn(translations.get(idIn(row)) ?? {}, 'name', wanted.name),
      parentId: text(row.parentId),
      active: boolean(row.active) ?? false,
    };
    return [{ key, id: idIn(row), fields: state, tag: null }];
  });
}

async function write(
  context: ShopwareContext,
  items: readonly SinkItem[],
): Promise<readonly SinkResult[]> {
  const { systemLanguage } = await shopReference(context);
  const found = await categoriesByKey(
    context,
    items.map(({ key }) => key),
  );
  const there = await idsThere(context, items);
  const results: SinkResult[] = [];
  let waiting = items.filter((item) => {
    const fields = item.wanted as unknown as CategoryFields;
    if (found.has(item.key)) return true;
    const message =
      fields.name?.[systemLanguage] === undefined
        ? `${item.key} has no name in ${systemLanguage}, the main language of the shop.`
        : `Nothing says where ${item.key} stands in the tree.`;
    const isReady = fields.name?.[systemLanguage] !== undefined && fields.parentId !== undefined;
    if (!isReady) results.push({ key: item.key, kind: 'refused', error: 'record', message });
    return isReady;
  });
  // Level by level: one that is refused keeps those below it waiting, and nobody else.
  for (;;) {
    const level = waiting.filter((item) => {
      const { parentId } = item.fields as unknown as CategoryFields;
      return parentId === undefined || parentId === null || there.has(parentId);
    });
    if (level.length === 0) break;
    waiting = waiting.filter((item) => !level.includes(item));
    const written = await sync(
      context,
      level.map((item) => planOf(item, found)),
      { isIndexedLater: true },
    );
    for (const result of written) {
      if (result.kind === 'written' && result.id !== null) there.add(result.id);
    }
    results.push(...written);
  }
  return [...results, ...waiting.map((item) => postponed(item))];
}

/** Of the categories that are to stand above, those the shop has. */
async function idsThere(context: ShopwareContext, items: readonly SinkItem[]) {
  const above = items.flatMap(({ fields }) => text(fields.parentId) ?? []);
  if (above.length === 0) return new Set<string>();
  const rows = await searchEach(context, question, [anyOf('id', [...new Set(above)])]);
  return new Set(rows.map(idIn));
}

function postponed({ key, fields }: SinkItem): SinkResult {
  const message = `The shop has no category ${text(fields.parentId)} yet, which ${key} hangs below.`;
  return { key, kind: 'refused', error: 'transient', message };
}

function planOf(item: SinkItem, found: ReadonlyMap<string, JsonObject>): ItemWrite {
  const isNew = !found.has(item.key);
  const { name, parentId, active } = (isNew
    ? item.wanted
    : item.fields) as unknown as CategoryFields;
  const id = idOf('category', item.key);
  const payload = {
    id,
    ...(name === undefined ? {} : { translations: namesOf(name) }),
    ...(parentId === undefined ? {} : { parentId }),
    ...(active === undefined ? {} : { active }),
  };
  return { item, id, operations: [{ action: 'upsert', entity: 'category', payload: [payload] }] };
}

function namesOf(name: Readonly<Record<string, string>>): JsonObject {
  return Object.fromEntries(Object.entries(name).map(([tag, text]) => [tag, { name: text }]));
}
