/**
 * A variant of a product: what sets it apart, its GTIN and weight, and whether it is sold. It waits
 * for its product to be there. What it says nothing of, it inherits.
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
import { canonicalDecimal } from '@headrace/sdk';
import { z } from 'zod';
import type { ShopwareConfig } from '../config.js';
import { boolean, lookUp, number, object, objects, text } from '../json.js';
import { decimalText } from '../mapping/numbers.js';
import { referenceOf } from '../mapping/reference.js';
import type { Question, ShopwareContext } from '../search.js';
import {
  customFieldsIn,
  customFieldsOf,
  findOptions,
  inMain,
  isActive,
  nameIn,
  type Options,
  optionsIn,
} from './assortment.js';
import { idOf } from './ids.js';
import { findSold, idIn, productsByNumber } from './shop.js';
import { type ItemWrite, type Operation, sync } from './sync.js';

export const variantFields = z.strictObject({
  product: z.string().describe('Number of the product.'),
  options: z
    .record(z.string(), z.string())
    .exactOptional()
    .describe('What sets it apart, by property group.'),
  gtin: z.string().exactOptional().describe('Number on the box.'),
  weightKilograms: z.string().exactOptional().describe('Weight of a unit.'),
  manufacturerNumber: z.string().exactOptional().describe('Part number of the maker.'),
  active: z.boolean().exactOptional().describe('Whether customers can buy it.'),
  customFields: z.record(z.string(), z.json()).exactOptional().describe('By technical name.'),
});

type VariantFields = z.output<typeof variantFields>;

export const variant: Sink<ShopwareConfig> = {
  name: 'variant',
  title: 'Variant',
  description: 'Variants of a product with their options, GTIN, weight and custom fields',
  entities: ['variant'],
  delivery: 'idempotent',
  makes: 'state',
  fields: variantFields,
  batchMax: 100,
  canUndo: true,
  groupsOf: ({ fields }) => [text(fields.sku)].filter((sku) => sku !== null),
  map: mapVariantWanted,
  read,
  write,
};

export function mapVariantWanted(
  group: FlowGroup,
  context: MapContext<ShopwareConfig>,
): TargetRecord | null {
  const fields = group.records('variant')[0]?.fields;
  const [sku, product] = [text(fields?.sku), text(fields?.productId)];
  // Sold as it is: then the product itself is what is sold.
  if (fields === undefined || sku === null || product === null || sku === product) return null;
  const reference = referenceOf(context);
  const { config } = context;
  const options: Record<string, string> = {};
  for (const [name, value] of Object.entries(object(fields.options) ?? {})) {
    const [said] = inMain(value, reference);
    if (said !== undefined) options[lookUp(config.write.product.options, name) ?? name] = said;
  }
  const active = isActive(fields.state);
  const [gtin, part] = [text(fields.gtin), text(fields.manufacturerPartNo)];
  const weight = canonicalDecimal(text(fields.weightKilograms) ?? '');
  const customFields = customFieldsOf(fields.traits, config.customFields.product);
  return {
    key: sku,
    fields: {
      product,
      ...(Object.keys(options).length === 0 ? {} : { options }),
      ...(gtin === null ? {} : { gtin: shortGtin(gtin) }),
      ...(weight === null ? {} : { weightKilograms: weight }),
      ...(part === null ? {} : { manufacturerNumber: part }),
      ...(active === undefined ? {} : { active }),
      ...(Object.keys(customFields).length === 0 ? {} : { customFields }),
    },
  };
}

/** As it stands on the box: we hold all of them with 14 digits. */
function shortGtin(gtin: string): string {
  return gtin.replace(/^0(?=\d{13}$)/, '');
}

const question: Question = {
  entity: 'product',
  associations: { parent: {}, options: { associations: { group: {} } } },
  includes: {
    product: [
      ...['id', 'parentId', 'productNumber', 'ean', 'manufacturerNumber', 'childCount', 'weight'],
      ...['active', 'customFields', 'parent', 'options', 'optionIds'],
    ],
    property_group_option: ['id', 'name', 'translated', 'group'],
    property_group: ['id', 'name', 'translated'],
  },
};

async function read(
  context: ShopwareContext,
  records: readonly TargetRecord[],
): Promise<readonly TargetState[]> {
  const found = await findSold(
    context,
    question,
    records.map(({ key }) => key),
  );
  return records.flatMap(({ key, fields }): TargetState[] => {
    const row = found.get(key);
    if (row === undefined) return [];
    const wanted = fields as unknown as VariantFields;
    const parent = object(row.parent);
    const there = optionsIn(row.options, Object.keys(wanted.options ?? {}));
    const weight = decimalText(number(row.weight) ?? number(parent?.weight));
    const state = {
      product: text(parent?.productNumber),
      options: Object.fromEntries(Object.entries(there).map(([group, [name]]) => [group, name])),
      gtin: shortGtin(text(row.ean) ?? ''),
      weightKilograms: weight === null ? null : canonicalDecimal(weight),
      manufacturerNumber: text(row.manufacturerNumber) ?? text(parent?.manufacturerNumber),
      active: boolean(row.active) ?? boolean(parent?.active) ?? false,
      customFields: customFieldsIn(row, wanted.customFields as JsonObject | undefined),
    };
    return [{ key, id: idIn(row), fields: state as JsonObject, tag: null }];
  });
}

async function write(
  context: ShopwareContext,
  items: readonly SinkItem[],
): Promise<readonly SinkResult[]> {
  const found = await findSold(
    context,
    question,
    items.map(({ key }) => key),
  );
  const wanted = items.map((item) => item.wanted as unknown as VariantFields);
  const parents = await parentsOf(context, [...new Set(wanted.map(({ product }) => product))]);
  const options = await findOptions(
    context,
    items.map((item) => manyOf(fieldsOf(item, found))),
  );
  const writes: ItemWrite[] = [];
  const results: SinkResult[] = [];
  for (const item of items) {
    const { product } = item.wanted as unknown as VariantFields;
    const parentId = parents.get(product);
    const row = found.get(item.key);
    if (parentId === undefined) {
      const message = `The shop has no product ${product} yet.`;
      results.push({ key: item.key, kind: 'refused', error: 'transient', message });
    } else if (row !== undefined && text(row.parentId) !== parentId) {
      const message = `In the shop, ${item.key} is a variant of another product, which it cannot leave.`;
      results.push({ key: item.key, kind: 'refused', error: 'record', message });
    } else if (row === undefined && context.config.skuFrom !== 'productNumber') {
      const message = `A new variant cannot be found by its ${context.config.skuFrom} before it is made.`;
      results.push({ key: item.key, kind: 'refused', error: 'record', message });
    } else writes.push(planOf(item, fieldsOf(item, found), row, parentId, options));
  }
  return [...results, ...(await sync(context, writes, { isIndexedLater: true }))];
}

function fieldsOf(item: SinkItem, found: ReadonlyMap<string, JsonObject>): VariantFields {
  return (found.has(item.key) ? item.fields : item.wanted) as unknown as VariantFields;
}

function manyOf({ options }: VariantFields): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(Object.entries(options ?? {}).map(([group, name]) => [group, [name]]));
}

async function parentsOf(context: ShopwareContext, numbers: readonly string[]) {
  const found = await productsByNumber(
    context,
    { entity: 'product', includes: { product: ['id', 'productNumber', 'parentId'] } },
    numbers,
  );
  return new Map(
    [...found].flatMap(([number, row]): [string, string][] =>
      text(row.parentId) === null ? [[number, idIn(row)]] : [],
    ),
  );
}

function planOf(
  item: SinkItem,
  fields: VariantFields,
  row: JsonObject | undefined,
  parentId: string,
  options: Options,
): ItemWrite {
  const id = row === undefined ? idOf('product', item.key) : idIn(row);
  const payload: Record<string, unknown> = { id };
  if (row === undefined) Object.assign(payload, { parentId, productNumber: item.key, stock: 0 });
  if (fields.gtin !== undefined) payload.ean = fields.gtin === '' ? null : fields.gtin;
  if (fields.weightKilograms !== undefined) payload.weight = weightOf(fields.weightKilograms);
  if (fields.manufacturerNumber !== undefined) {
    payload.manufacturerNumber = fields.manufacturerNumber;
  }
  if (fields.active !== undefined) payload.active = fields.active;
  if (fields.customFields !== undefined) payload.customFields = fields.customFields;
  const operations: Operation[] = [];
  const chosen = Object.entries(fields.options ?? {});
  if (chosen.length > 0) {
    const ids = chosen.map(([group, name]) => options.idOf(group, name));
    operations.push(...chosen.flatMap(([group, name]) => options.made(group, name)));
    payload.options = ids.map((each) => ({ id: each }));
    // The product offers what its variants differ in.
    const settings = ids.map((optionId) => ({
      id: idOf('product_configurator_setting', parentId, optionId),
      ...{ productId: parentId, optionId },
    }));
    operations.push({
      ...{ action: 'upsert', entity: 'product_configurator_setting' },
      payload: settings,
    });
    const gone = objects(row?.options)
      .map(idIn)
      .filter((each) => !ids.includes(each));
    const ofGroups = objects(row?.options).filter((option) =>
      chosen.some(([group]) => nameIn(object(option.group)) === group),
    );
    const replaced = ofGroups.map(idIn).filter((each) => gone.includes(each));
    if (replaced.length > 0) {
      const links = replaced.map((optionId) => ({ productId: id, optionId }));
      operations.push({ action: 'delete', entity: 'product_option', payload: links });
    }
  }
  operations.push({ action: 'upsert', entity: 'product', payload: [payload as JsonObject] });
  return { item, id, operations };
}

/** A weight is a number to the shop; ours is text to the last digit. */
function weightOf(written: string | null): number | null {
  return written === null ? null : Number(written);
}
