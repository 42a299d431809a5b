import { touchProduct } from '../retailer/edits.js';
import type { ShopwareErrorEntry } from './errors.js';
import { exists } from './product-links.js';
import type { Shop } from './shop.js';
import type { Entity } from './table.js';
import { noSuchReference, notBlank, writeProtected, wrongType } from './write-errors.js';
import {
  invalid,
  mergeJson,
  type PlannedIds,
  type PlannedWrite,
  type WritePlan,
} from './write-plan.js';

/** Upserts of files and of the pictures of products. */

/** Only an upload sets them. */
const PROTECTED = [
  ...['mimeType', 'fileExtension', 'uploadedAt', 'fileName', 'fileSize', 'metaData', 'mediaType'],
  ...['url', 'path', 'hasFile', 'fileHash'],
];

const planned = (
  entity: string,
  id: string,
  ids: PlannedIds,
  apply: PlannedWrite['apply'],
): WritePlan => {
  ids.set(entity, new Set([...(ids.get(entity) ?? []), id]));
  return { kind: 'ok', writes: [{ entity, id, apply }] };
};

export const planMedia = (
  shop: Shop,
  payload: Entity,
  pointer: string,
  ids: PlannedIds,
): WritePlan => {
  const { files } = shop.parts.media;
  const table = shop.tables.get('media');
  const errors = PROTECTED.filter((field) => field in payload).map((field) =>
    writeProtected(`${pointer}/${field}`),
  );
  for (const field of ['title', 'alt']) {
    const value = payload[field];
    if (value !== undefined && value !== null && typeof value !== 'string') {
      errors.push(wrongType(`${pointer}/${field}`, 'string'));
    }
  }
  if (errors.length > 0) return invalid(...errors);
  const id = idOf(shop, 'media', payload, files.length);
  return planned('media', id, ids, (atMs) => {
    let file = files[table?.rowOf(id) ?? -1];
    if (file === undefined) {
      const fresh = { title: null, alt: null, customFields: null, file: null };
      file = { id, createdAtMs: atMs, updatedAtMs: 0, ...fresh };
      files.push(file);
    } else file.updatedAtMs = atMs;
    if ('title' in payload) file.title = payload['title'] as string | null;
    if ('alt' in payload) file.alt = payload['alt'] as string | null;
    if ('customFields' in payload) {
      file.customFields = mergeJson(file.customFields, payload['customFields']);
    }
  });
};

export const planProductMedia = (
  shop: Shop,
  payload: Entity,
  pointer: string,
  ids: PlannedIds,
): WritePlan => {
  const { media } = shop.parts;
  const table = shop.tables.get('product_media');
  const id = idOf(shop, 'product_media', payload, media.shown.length);
  const row = table?.rowOf(id) ?? -1;
  const isKnown = row >= 0 && table?.isLive(row) === true;
  const { productId, mediaId, position } = payload;
  const errors: ShopwareErrorEntry[] = [];
  for (const [field, value, of] of [
    ['productId', productId, 'product'],
    ['mediaId', mediaId, 'media'],
  ] as const) {
    if (value === undefined && isKnown) continue;
    if (typeof value !== 'string') errors.push(notBlank(`${pointer}/${field}`));
    else if (!exists(shop, of, value, ids)) errors.push(noSuchReference(`${pointer}/${field}`));
  }
  if (position !== undefined && !Number.isInteger(position)) {
    errors.push(wrongType(`${pointer}/position`, 'int'));
  }
  if (errors.length > 0) return invalid(...errors);
  return planned('product_media', id, ids, (atMs) => {
    const rowOf = (entity: string, text: unknown) =>
      shop.tables.get(entity)?.rowOf(String(text)) ?? -1;
    const known = media.shown[table?.rowOf(id) ?? -1];
    if (known === undefined) {
      media.add({
        ...{ id, createdAtMs: atMs, updatedAtMs: 0, position: Number(position ?? 0) },
        ...{ product: rowOf('product', productId), media: rowOf('media', mediaId) },
      });
    } else {
      known.updatedAtMs = atMs;
      known.isDeleted = false;
      if (typeof mediaId === 'string') known.media = rowOf('media', mediaId);
      if (position !== undefined) known.position = Number(position);
    }
    touch(shop, rowOf('product', productId ?? ''), atMs);
  });
};

/** A picture taken away; the file stays in the library. */
export const removeProductMedia = (shop: Shop, row: number, atMs: number): void => {
  const product = shop.parts.media.shown[row]?.product ?? -1;
  shop.parts.media.remove(row);
  touch(shop, product, atMs);
};

const touch = (shop: Shop, row: number, atMs: number): void => {
  const product = shop.world.catalogue.products[row];
  if (product !== undefined) touchProduct(shop.world, product, atMs, ['media']);
};

const idOf = (shop: Shop, entity: 'media' | 'product_media', payload: Entity, row: number) =>
  typeof payload['id'] === 'string' ? payload['id'] : shop.ids.idOf(entity, row, shop.clock.now());

/** Null when the request says nothing of a cover. */
export const coverProblem = (
  shop: Shop,
  payload: Entity,
  pointer: string,
  ids: PlannedIds,
): ShopwareErrorEntry | null => {
  const { coverId } = payload;
  if (coverId === undefined || coverId === null) return null;
  return typeof coverId === 'string' && exists(shop, 'product_media', coverId, ids)
    ? null
    : noSuchReference(`${pointer}/coverId`);
};
