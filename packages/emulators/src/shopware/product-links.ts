import type { Product } from '../retailer/catalogue.js';
import { CHANNELS } from '../retailer/channels.js';
import type { ShopwareErrorEntry } from './errors.js';
import type { NewVisibility } from './product-parts.js';
import type { Shop } from './shop.js';
import type { Entity } from './table.js';
import { noSuchReference, notBlank, wrongType } from './write-errors.js';
import { isRecord, type PlannedIds, type PlannedWrite } from './write-plan.js';

/**
 * What a product is written together with: maker, categories, properties, options, channels. Lists
 * of links are added to; one is taken away by deleting the link.
 */

const LINKS = [
  ['categories', 'category'],
  ['properties', 'property_group_option'],
  ['options', 'property_group_option'],
] as const;

export const checkLinks = (
  shop: Shop,
  payload: Entity,
  pointer: string,
  planned: PlannedIds,
): ShopwareErrorEntry[] => {
  const errors: ShopwareErrorEntry[] = [];
  const maker = payload['manufacturerId'];
  if (typeof maker === 'string' && !exists(shop, 'product_manufacturer', maker, planned)) {
    errors.push(noSuchReference(`${pointer}/manufacturerId`));
  }
  for (const [field, entity] of LINKS) {
    const listed = payload[field];
    if (listed === undefined) continue;
    if (!Array.isArray(listed)) {
      errors.push(wrongType(`${pointer}/${field}`, 'array'));
      continue;
    }
    for (const [index, link] of listed.entries()) {
      const id = isRecord(link) ? link['id'] : undefined;
      if (typeof id === 'string' && exists(shop, entity, id, planned)) continue;
      errors.push(noSuchReference(`${pointer}/${field}/${index}/id`));
    }
  }
  const shown = payload['visibilities'];
  for (const [index, entry] of (Array.isArray(shown) ? shown : []).entries()) {
    if (isRecord(entry) && channelOf(shop, entry['salesChannelId']) >= 0) continue;
    errors.push(noSuchReference(`${pointer}/visibilities/${index}/salesChannelId`));
  }
  return errors;
};

export const exists = (shop: Shop, entity: string, id: string, planned: PlannedIds): boolean => {
  const table = shop.tables.get(entity);
  return table?.isLive(table.rowOf(id)) === true || planned.get(entity)?.has(id) === true;
};

const channelOf = (shop: Shop, id: unknown): number =>
  CHANNELS.findIndex((_, index) => shop.reference.id.channel(index) === id);

export const newVisibilities = (
  shop: Shop,
  payload: Entity,
): readonly NewVisibility[] | undefined => {
  const listed = payload['visibilities'];
  if (!Array.isArray(listed)) return undefined;
  return listed.filter(isRecord).map((entry) => ({
    channel: channelOf(shop, entry['salesChannelId']),
    visibility: Number(entry['visibility'] ?? 30),
    id: typeof entry['id'] === 'string' ? entry['id'] : undefined,
  }));
};

const rowsOf = (shop: Shop, entity: string, links: unknown): number[] =>
  (Array.isArray(links) ? links : []).flatMap((link) => {
    const row = isRecord(link) ? (shop.tables.get(entity)?.rowOf(String(link['id'])) ?? -1) : -1;
    return row < 0 ? [] : [row];
  });

/** The links a product shows now, as rows. */
const linkedRows = (shop: Shop, product: Product, field: string): readonly number[] => {
  const association = shop.tables.get('product')?.associations[field];
  return association?.rows(product.index, { language: 0, hasInheritance: false }) ?? [];
};

export const applyLinks = (
  shop: Shop,
  product: Product,
  payload: Entity,
  atMs: number,
  isNew: boolean,
): void => {
  const links = { ...shop.parts.links.get(product.index) };
  const { manufacturerId } = payload as { manufacturerId?: unknown };
  if (typeof manufacturerId === 'string') {
    links.manufacturer = shop.tables.get('product_manufacturer')?.rowOf(manufacturerId) ?? -1;
  }
  for (const [field, entity] of LINKS) {
    // A new product stands in no category until one is written.
    const before = isNew ? [] : linkedRows(shop, product, field);
    if (!(field in payload) && !isNew) continue;
    links[field] = [...new Set([...before, ...rowsOf(shop, entity, payload[field])])];
  }
  shop.parts.links.set(product.index, links);
  if (isNew) return;
  const shown = new Set(
    shop.parts.visibilityRows(product.index).map((row) => shop.parts.visibilities[row]?.channel),
  );
  for (const entry of newVisibilities(shop, payload) ?? []) {
    if (!shown.has(entry.channel)) shop.parts.addVisibility(product.index, entry, atMs);
  }
};

const LINK_ENTITIES: Readonly<
  Record<
    string,
    readonly [field: 'categories' | 'properties' | 'options', entity: string, key: string]
  >
> = {
  product_category: ['categories', 'category', 'categoryId'],
  product_property: ['properties', 'property_group_option', 'optionId'],
  product_option: ['options', 'property_group_option', 'optionId'],
};

export const isLinkEntity = (entity: string): boolean => entity in LINK_ENTITIES;

/** Links have no id of their own: both ends name them. */
export const planLinkDelete = (
  shop: Shop,
  entity: string,
  payload: Entity,
  pointer: string,
):
  | { readonly kind: 'ok'; readonly writes: readonly PlannedWrite[] }
  | { readonly kind: 'invalid'; readonly errors: readonly ShopwareErrorEntry[] } => {
  const [field, target, key] = LINK_ENTITIES[entity] ?? ['categories', 'category', 'categoryId'];
  const errors = ['productId', key]
    .filter((name) => typeof payload[name] !== 'string')
    .map((name) => notBlank(`${pointer}/${name}`));
  if (errors.length > 0) return { kind: 'invalid', errors };
  const id = `${String(payload['productId'])}-${String(payload[key])}`;
  const apply = (): void => {
    const product =
      shop.world.catalogue.products[
        shop.tables.get('product')?.rowOf(String(payload['productId'])) ?? -1
      ];
    const gone = shop.tables.get(target)?.rowOf(String(payload[key])) ?? -1;
    if (product === undefined) return;
    const links = { ...shop.parts.links.get(product.index) };
    links[field] = linkedRows(shop, product, field).filter((row) => row !== gone);
    shop.parts.links.set(product.index, links);
  };
  return { kind: 'ok', writes: [{ entity, id, apply }] };
};
