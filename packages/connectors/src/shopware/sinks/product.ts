/**
 * A product as it is described: texts, manufacturer, categories, properties, custom fields and
 * whether it is sold. Its variants are a sink of their own, since each of them is.
 *
 * A new product is made hidden, without a price. Only when it or one of its variants has one does it
 * become visible, so that nothing is sold for nothing.
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
import { brandOf, type ShopwareConfig } from '../config.js';
import { boolean, lookUp, object, objects, text, texts } from '../json.js';
import { type Reference, referenceOf } from '../mapping/reference.js';
import type { Question, ShopwareContext } from '../search.js';
import {
  customFieldsIn,
  customFieldsOf,
  findOptions,
  inLanguages,
  inMain,
  isActive,
  linkOperations,
  nameIn,
  type Options,
  optionsIn,
} from './assortment.js';
import { idOf } from './ids.js';
import { findManufacturers, pricedOf } from './product-lookups.js';
import { idIn, productsByNumber, shopReference } from './shop.js';
import { type ItemWrite, type Operation, sync } from './sync.js';
import { textsIn, textsOf } from './texts.js';

const localized = z.record(z.string(), z.string());

export const productFields = z.strictObject({
  name: localized.exactOptional().describe('By language.'),
  description: localized.exactOptional().describe('By language.'),
  active: z.boolean().exactOptional().describe('Whether customers see it.'),
  manufacturer: z.string().exactOptional().describe('Who makes it, by name.'),
  categoryIds: z.array(z.string()).exactOptional().describe('Categories of the shop.'),
  properties: z
    .record(z.string(), z.array(z.string()))
    .exactOptional()
    .describe('Values by property group; groups not named stay as they are.'),
  customFields: z.record(z.string(), z.json()).exactOptional().describe('By technical name.'),
  brands: z.array(z.string()).exactOptional().describe('Who shows it, for one that is new.'),
});

type ProductFields = z.output<typeof productFields>;

export const product: Sink<ShopwareConfig> = {
  name: 'product',
  title: 'Product',
  description: 'Products with their texts, manufacturer, categories, properties and custom fields',
  entities: ['product'],
  delivery: 'idempotent',
  makes: 'state',
  fields: productFields,
  batchMax: 50,
  canUndo: true,
  groupsOf: ({ fields }) => [text(fields.productId)].filter((id) => id !== null),
  map: mapProductWanted,
  read,
  write,
};

export function mapProductWanted(
  group: FlowGroup,
  context: MapContext<ShopwareConfig>,
): TargetRecord | null {
  const records = group.records('product').map(({ fields }) => fields);
  const [first] = records;
  const key = text(first?.productId);
  if (first === undefined || key === null) return null;
  const reference = referenceOf(context);
  const { config } = context;
  const own = config.write.product;
  const active = isActive(first.state);
  const manufacturer = text(first.manufacturer);
  const categories = records.flatMap(({ categoryIds }) => texts(categoryIds));
  const shown = categories.flatMap((id) => categoryOf(id, config) ?? []);
  const properties = propertiesOf(first, own.properties, reference);
  const customFields = customFieldsOf(first.traits, config.customFields.product);
  const hasCategories = own.hasOwnCategories || Object.keys(own.categories).length > 0;
  const fields: Record<string, unknown> = {
    ...said('name', inLanguages(first.name, reference)),
    ...said('description', inLanguages(first.description, reference)),
    ...(active === undefined ? {} : { active }),
    ...(manufacturer === null ? {} : { manufacturer }),
    ...(hasCategories && records.some(({ categoryIds }) => categoryIds !== undefined)
      ? { categoryIds: [...new Set(shown)].sort() }
      : {}),
    ...said('properties', properties),
    ...said('customFields', customFields),
    brands: [...new Set(records.flatMap(({ brand }) => text(brand) ?? []))].sort(),
  };
  return { key, fields: fields as JsonObject };
}

function said(name: string, value: Readonly<Record<string, unknown>>) {
  return Object.keys(value).length === 0 ? {} : { [name]: value };
}

export function categoryOf(id: string, { write }: ShopwareConfig): string | undefined {
  const mapped = lookUp(write.product.categories, id);
  return mapped ?? (write.product.hasOwnCategories ? idOf('category', id) : undefined);
}

function propertiesOf(
  fields: JsonObject,
  names: Readonly<Record<string, string>>,
  reference: Reference,
): Readonly<Record<string, readonly string[]>> {
  const attributes = object(fields.attributes) ?? {};
  const values: Record<string, readonly string[]> = {};
  for (const [name, group] of Object.entries(names)) {
    const value = lookUp(attributes, name) ?? lookUp(fields, name);
    if (value === undefined) continue;
    values[group] = [...new Set([...(values[group] ?? []), ...inMain(value, reference)])].sort();
  }
  return values;
}

const question: Question = {
  entity: 'product',
  associations: {
    manufacturer: {},
    properties: { associations: { group: {} } },
  },
  includes: {
    product: [
      ...['id', 'productNumber', 'active', 'categoryIds', 'customFields', 'manufacturer'],
      ...['properties', 'price', 'childCount'],
    ],
    product_manufacturer: ['id', 'name', 'translated'],
    property_group_option: ['id', 'name', 'translated', 'group'],
    property_group: ['id', 'name', 'translated'],
  },
};

async function read(
  context: ShopwareContext,
  records: readonly TargetRecord[],
): Promise<readonly TargetState[]> {
  const reference = await shopReference(context);
  const found = await productsByNumber(
    context,
    question,
    records.map(({ key }) => key),
  );
  const ids = [...found.values()].map(idIn);
  const translations = await textsOf(context, reference, {
    ...{ entity: 'product', ids, fields: ['name', 'description'] },
  });
  return records.flatMap(({ key, fields }): TargetState[] => {
    const row = found.get(key);
    if (row === undefined) return [];
    const wanted = fields as unknown as ProductFields;
    const inLanguage = translations.get(idIn(row)) ?? {};
    const state = {
      name: textsIn(inLanguage, 'name', wanted.name),
      description: textsIn(inLanguage, 'description', wanted.description),
      active: boolean(row.active) ?? false,
      manufacturer: nameIn(object(row.manufacturer)),
      categoryIds: [...texts(row.categoryIds)].sort(),
      properties: {
        ...Object.fromEntries(Object.keys(wanted.properties ?? {}).map((group) => [group, []])),
        ...optionsIn(row.properties, Object.keys(wanted.properties ?? {})),
      },
      customFields: customFieldsIn(row, wanted.customFields as JsonObject | undefined),
      // Where it is shown is settled when it is made; then people decide.
      brands: wanted.brands ?? [],
    };
    return [{ key, id: idIn(row), fields: state, tag: null }];
  });
}

async function write(
  context: ShopwareContext,
  items: readonly SinkItem[],
): Promise<readonly SinkResult[]> {
  const reference = await shopReference(context);
  const found = await productsByNumber(
    context,
    question,
    items.map(({ key }) => key),
  );
  const fieldsOf = (item: SinkItem) =>
    (found.has(item.key) ? item.fields : item.wanted) as unknown as ProductFields;
  const names = items.flatMap((item) => fieldsOf(item).manufacturer ?? []);
  const manufacturers = await findManufacturers(context, names);
  const options = await findOptions(
    context,
    items.map((item) => fieldsOf(item).properties ?? {}),
  );
  const priced = await pricedOf(context, items, found);
  const writes: ItemWrite[] = [];
  const hidden = new Set<string>();
  const results: SinkResult[] = [];
  for (const item of items) {
    const row = found.get(item.key);
    const fields = fieldsOf(item);
    const isHidden = fields.active === true && !priced.has(item.key);
    if (isHidden) hidden.add(item.key);
    // All the rest was written before; asking again must not be a write again.
    if (isHidden && row !== undefined && Object.keys(item.fields).join() === 'active') {
      results.push(hiddenResult(item.key));
      continue;
    }
    const scope = { context, reference, manufacturers, options };
    const plan = planOf(item, fields, row, isHidden, scope);
    if (typeof plan === 'string') {
      results.push({ key: item.key, kind: 'refused', error: 'record', message: plan });
    } else writes.push(plan);
  }
  const synced = await sync(context, writes, { isIndexedLater: true });
  return [
    ...results,
    ...synced.map((result): SinkResult => {
      const isHidden = result.kind === 'written' && hidden.has(result.key);
      return isHidden ? hiddenResult(result.key) : result;
    }),
  ];
}

function hiddenResult(key: string): SinkResult {
  const message = 'Written, and hidden until it or one of its variants has a price.';
  return { key, kind: 'refused', error: 'transient', message };
}

interface Scope {
  readonly context: ShopwareContext;
  readonly reference: Reference;
  readonly manufacturers: ReadonlyMap<string, string>;
  readonly options: Options;
}

function planOf(
  item: SinkItem,
  fields: ProductFields,
  row: JsonObject | undefined,
  isHidden: boolean,
  scope: Scope,
): ItemWrite | string {
  const id = row === undefined ? idOf('product', item.key) : idIn(row);
  const operations: Operation[] = [];
  const payload: Record<string, unknown> = { id };
  if (row === undefined) {
    const made = newProduct(item.key, id, fields, scope);
    if (typeof made === 'string') return made;
    Object.assign(payload, made);
  }
  const translations = translationsOf(fields);
  if (translations !== null) payload.translations = translations;
  if (fields.active !== undefined && !isHidden) payload.active = fields.active;
  if (fields.customFields !== undefined) payload.customFields = fields.customFields;
  const { manufacturer } = fields;
  if (manufacturer !== undefined && manufacturer !== null) {
    const known = scope.manufacturers.get(manufacturer);
    payload.manufacturerId = known ?? idOf('product_manufacturer', manufacturer);
    if (known === undefined) {
      const made = { id: payload.manufacturerId as string, name: manufacturer };
      operations.push({ action: 'upsert', entity: 'product_manufacturer', payload: [made] });
    }
  }
  if (fields.categoryIds !== undefined) {
    payload.categories = fields.categoryIds.map((each) => ({ id: each }));
    const pair = [texts(row?.categoryIds), fields.categoryIds] as const;
    operations.push(...linkOperations('product_category', 'categoryId', id, pair));
  }
  const properties = Object.entries(fields.properties ?? {});
  if (properties.length > 0) {
    const wanted = properties.flatMap(([group, names]) =>
      names.map((name) => scope.options.idOf(group, name)),
    );
    operations.push(
      ...properties.flatMap(([group, names]) =>
        names.flatMap((name) => scope.options.made(group, name)),
      ),
    );
    payload.properties = wanted.map((each) => ({ id: each }));
    const groups = properties.map(([group]) => group);
    const there = objects(row?.properties)
      .filter((option) => groups.includes(nameIn(object(option.group)) ?? ''))
      .map(idIn);
    operations.push(...linkOperations('product_property', 'optionId', id, [there, wanted]));
  }
  operations.push({ action: 'upsert', entity: 'product', payload: [payload as JsonObject] });
  return { item, id, operations };
}

/** What a shop wants to know of a product before it takes it. */
function newProduct(key: string, id: string, fields: ProductFields, scope: Scope) {
  const { reference, context } = scope;
  const { config } = context;
  if (fields.name?.[reference.systemLanguage] === undefined) {
    return `${key} has no name in ${reference.systemLanguage}, the main language of the shop.`;
  }
  const taxId = config.write.product.taxId ?? highestTax(reference);
  const currencyId = [...reference.currencies].find(
    ([, one]) => one === reference.systemCurrency,
  )?.[0];
  if (taxId === undefined || currencyId === undefined) return 'The shop has no tax or no currency.';
  const channels = [...reference.channelKeys].filter(([, channel]) =>
    (fields.brands ?? []).includes(brandOf(config, channel)),
  );
  return {
    ...{ productNumber: key, taxId, stock: 0, active: false },
    price: [{ currencyId, gross: 0, net: 0, linked: true }],
    visibilities: channels.map(([salesChannelId]) => ({
      id: idOf('product_visibility', id, salesChannelId),
      ...{ salesChannelId, visibility: 30 },
    })),
  };
}

function highestTax({ taxRates }: Reference): string | undefined {
  return [...taxRates].sort(([a, left], [b, right]) => right - left || (a < b ? -1 : 1))[0]?.[0];
}

/** By language; one the target had and we took away is emptied. */
function translationsOf({ name, description }: ProductFields): JsonObject | null {
  if (name === undefined && description === undefined) return null;
  const tags = new Set([...Object.keys(name ?? {}), ...Object.keys(description ?? {})]);
  return Object.fromEntries(
    [...tags].sort().map((tag) => [
      tag,
      {
        ...(name?.[tag] === undefined ? {} : { name: name[tag] }),
        ...(description?.[tag] === undefined ? {} : { description: description[tag] }),
      },
    ]),
  );
}
