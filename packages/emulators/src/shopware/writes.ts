import {
  deleteCustomer,
  deleteProduct,
  editCustomer,
  editOrder,
  productAt,
} from '../retailer/edits.js';
import { planAssortment } from './assortment-writes.js';
import { planCategory } from './category-writes.js';
import { planDelivery, planReturn } from './delivery-writes.js';
import { errorEntry, type ShopwareErrorEntry } from './errors.js';
import { ID_PATTERN } from './ids.js';
import { planMedia, planProductMedia, removeProductMedia } from './media-writes.js';
import { planProductPrice, planProductUpsert } from './product-writes.js';
import type { Shop } from './shop.js';
import type { Entity } from './table.js';
import { notBlank, notWritable, wrongType } from './write-errors.js';
import { invalid, isRecord, mergeJson, type PlannedIds, type WritePlan } from './write-plan.js';

/**
 * Writing is planned first and applied after, so that one bad record can stop a whole call
 * before anything has changed.
 */

export const planUpsert = (
  shop: Shop,
  entity: string,
  payload: unknown,
  pointer: string,
  planned: PlannedIds,
): WritePlan => {
  if (!isRecord(payload)) return invalid(wrongType(pointer, 'object'));
  const given = payload['id'];
  if (given !== undefined && (typeof given !== 'string' || !ID_PATTERN.test(given))) {
    return invalid(
      errorEntry(
        400,
        'FRAMEWORK__INVALID_UUID',
        `Value is not a valid UUID: ${String(given)}`,
        `${pointer}/id`,
      ),
    );
  }
  if (entity === 'product') return planProductUpsert(shop, payload, pointer, planned);
  if (entity === 'product_price') return planProductPrice(shop, payload, pointer);
  if (entity === 'webhook') return planWebhook(shop, payload, pointer);
  if (entity === 'order') return planOrder(shop, payload, pointer);
  if (entity === 'customer') return planCustomer(shop, payload, pointer);
  if (entity === 'category') return planCategory(shop, payload, pointer, planned);
  if (entity === 'media') return planMedia(shop, payload, pointer, planned);
  if (entity === 'product_media') return planProductMedia(shop, payload, pointer, planned);
  if (entity === 'order_delivery') return planDelivery(shop, payload, pointer);
  if (entity === 'order_return' && shop.tables.has(entity)) {
    return planReturn(shop, payload, pointer);
  }
  return planAssortment(shop, entity, payload, pointer, planned) ?? invalid(notWritable(entity));
};

export const planDelete = (shop: Shop, entity: string, id: string): WritePlan => {
  const table = shop.tables.get(entity);
  const row = table?.rowOf(id) ?? -1;
  if (table === undefined) return invalid(notWritable(entity));
  if (row < 0 || !table.isLive(row)) return { kind: 'not-found', id };
  const { world } = shop;
  const remove = (atMs: number): void => {
    if (entity === 'product_media') removeProductMedia(shop, row, atMs);
    else if (entity === 'product') deleteProduct(world, productAt(world, row));
    else if (entity === 'customer') deleteCustomer(world, row);
    else if (entity === 'webhook') {
      const webhook = shop.dispatcher.rows[row];
      if (webhook !== undefined) webhook.isDeleted = true;
    } else if (entity === 'product_price') {
      const tier = world.catalogue.tierPrices[row];
      if (tier !== undefined) tier.isDeleted = true;
    }
  };
  const isDeletable = ['product', 'customer', 'webhook', 'product_price', 'product_media'].includes(
    entity,
  );
  if (!isDeletable) return invalid(notWritable(entity));
  return { kind: 'ok', writes: [{ entity, id, apply: remove }] };
};

const planWebhook = (shop: Shop, payload: Entity, pointer: string): WritePlan => {
  const { rows } = shop.dispatcher;
  const id = payload['id'] as string | undefined;
  const existing = rows.find((row) => row.id === id && row.isDeleted !== true);
  const errors: ShopwareErrorEntry[] = [];
  for (const field of ['name', 'eventName', 'url']) {
    const value = payload[field];
    if (value === undefined ? existing === undefined : typeof value !== 'string' || value === '') {
      errors.push(notBlank(`${pointer}/${field}`));
    }
  }
  if (errors.length > 0) return invalid(...errors);
  const fresh = id ?? shop.ids.idOf('webhook', rows.length, shop.clock.now());
  const apply = (atMs: number): void => {
    let row = rows.find((entry) => entry.id === fresh && entry.isDeleted !== true);
    if (row === undefined) {
      row = {
        id: fresh,
        createdAtMs: atMs,
        updatedAtMs: 0,
        name: '',
        eventName: '',
        url: '',
        onlyLiveVersion: false,
        errorCount: 0,
        active: true,
      };
      rows.push(row);
    } else row.updatedAtMs = atMs;
    if (typeof payload['name'] === 'string') row.name = payload['name'];
    if (typeof payload['eventName'] === 'string') row.eventName = payload['eventName'];
    if (typeof payload['url'] === 'string') row.url = payload['url'];
    if (typeof payload['active'] === 'boolean') row.active = payload['active'];
    if (typeof payload['errorCount'] === 'number') row.errorCount = payload['errorCount'];
    if (typeof payload['onlyLiveVersion'] === 'boolean')
      row.onlyLiveVersion = payload['onlyLiveVersion'];
  };
  return { kind: 'ok', writes: [{ entity: 'webhook', id: fresh, apply }] };
};

const rowFor = (shop: Shop, entity: string, payload: Entity): number => {
  const row = shop.tables.get(entity)?.rowOf(String(payload['id'] ?? '')) ?? -1;
  return row >= 0 && shop.tables.get(entity)?.isLive(row) === true ? row : -1;
};

const writtenFields = (payload: Entity): string[] =>
  Object.keys(payload).filter((key) => key !== 'id');

const planOrder = (shop: Shop, payload: Entity, pointer: string): WritePlan => {
  const row = rowFor(shop, 'order', payload);
  if (row < 0) return invalid(notBlank(`${pointer}/orderNumber`));
  const { world } = shop;
  const apply = (atMs: number): void => {
    const current = world.orders.edits.get(row);
    const edits = {
      ...('customFields' in payload
        ? { customFields: mergeJson(current?.customFields, payload['customFields']) }
        : {}),
      ...('customerComment' in payload
        ? { comment: payload['customerComment'] as string | null }
        : {}),
      ...('internalComment' in payload
        ? { internalComment: payload['internalComment'] as string | null }
        : {}),
    };
    editOrder(world, row, edits, writtenFields(payload), atMs);
  };
  return { kind: 'ok', writes: [{ entity: 'order', id: String(payload['id']), apply }] };
};

const CUSTOMER_TEXTS = ['firstName', 'lastName', 'email', 'company'] as const;

const planCustomer = (shop: Shop, payload: Entity, pointer: string): WritePlan => {
  const row = rowFor(shop, 'customer', payload);
  if (row < 0) return invalid(notBlank(`${pointer}/customerNumber`));
  const errors = CUSTOMER_TEXTS.filter(
    (field) =>
      field in payload &&
      typeof payload[field] !== 'string' &&
      !(field === 'company' && payload[field] === null),
  ).map((field) => wrongType(`${pointer}/${field}`, 'string'));
  if (errors.length > 0) return invalid(...errors);
  const { world } = shop;
  const apply = (atMs: number): void => {
    const edits: Record<string, unknown> = {};
    for (const field of [...CUSTOMER_TEXTS, 'active'])
      if (field in payload) edits[field] = payload[field];
    if ('customFields' in payload) {
      edits['customFields'] = mergeJson(
        world.customers.edits.get(row)?.customFields,
        payload['customFields'],
      );
    }
    editCustomer(world, row, edits, writtenFields(payload), atMs);
  };
  return { kind: 'ok', writes: [{ entity: 'customer', id: String(payload['id']), apply }] };
};
