import type { LanguageCode } from '../retailer/channels.js';
import { texts } from '../retailer/vocabulary.js';
import { exists } from './product-links.js';
import type { Shop } from './shop.js';
import type { Entity } from './table.js';
import { noSuchReference, notBlank } from './write-errors.js';
import {
  invalid,
  type PlannedIds,
  type PlannedWrite,
  textsWritten,
  type WritePlan,
} from './write-plan.js';

/** What products refer to and a client may make: makers, property groups, options, settings. */

const named = (payload: Entity, before: Partial<Record<LanguageCode, string>> = {}) => {
  const written = { ...before, ...textsWritten(payload, 'name') };
  const main = written['nl-NL'] ?? '';
  return texts(main, written['de-DE'] ?? main, written['en-GB'] ?? main);
};

const lacksName = (payload: Entity): boolean => {
  const name = textsWritten(payload, 'name')['nl-NL'];
  return name === undefined || name === null || name === '';
};

const ok = (entity: string, id: string, planned: PlannedIds, apply: PlannedWrite['apply']) => {
  planned.set(entity, new Set([...(planned.get(entity) ?? []), id]));
  return { kind: 'ok' as const, writes: [{ entity, id, apply }] };
};

/** Undefined when the entity is none of these. */
export const planAssortment = (
  shop: Shop,
  entity: string,
  payload: Entity,
  pointer: string,
  planned: PlannedIds,
): WritePlan | undefined => {
  const { rows } = shop.reference;
  const { parts } = shop;
  const table = shop.tables.get(entity);
  const given = payload['id'] as string | undefined;
  const lists: Readonly<Record<string, { readonly length: number }>> = {
    product_manufacturer: parts.manufacturers,
    property_group: rows.groupsOfOptions,
    property_group_option: rows.optionRows,
    product_configurator_setting: parts.configurator,
  };
  const list = lists[entity];
  if (list === undefined || table === undefined) return undefined;
  const id = given ?? shop.ids.idOf(entity as 'product', list.length, shop.clock.now());
  const row = table.rowOf(id);
  const stamp = (atMs: number) => ({ id, createdAtMs: atMs, updatedAtMs: 0 });

  if (entity === 'product_configurator_setting') {
    const [productId, optionId] = [payload['productId'], payload['optionId']];
    const errors = [];
    if (row < 0) {
      for (const [field, value, of] of [
        ['productId', productId, 'product'],
        ['optionId', optionId, 'property_group_option'],
      ] as const) {
        if (typeof value !== 'string') errors.push(notBlank(`${pointer}/${field}`));
        else if (!exists(shop, of, value, planned)) {
          errors.push(noSuchReference(`${pointer}/${field}`));
        }
      }
    }
    if (errors.length > 0) return invalid(...errors);
    return ok(entity, id, planned, (atMs) => {
      if (table.rowOf(id) >= 0) return;
      parts.configurator.push({
        ...stamp(atMs),
        product: shop.tables.get('product')?.rowOf(String(productId)) ?? -1,
        option: shop.tables.get('property_group_option')?.rowOf(String(optionId)) ?? -1,
      });
    });
  }

  if (row < 0 && planned.get(entity)?.has(id) !== true && lacksName(payload)) {
    return invalid(notBlank(`${pointer}/name`));
  }
  if (entity === 'product_manufacturer') {
    return ok(entity, id, planned, (atMs) => {
      const known = parts.manufacturers[table.rowOf(id)];
      const name = named(payload)['nl-NL'];
      if (known === undefined) parts.manufacturers.push({ ...stamp(atMs), name });
      else Object.assign(known, { updatedAtMs: atMs, ...(name === '' ? {} : { name }) });
    });
  }
  if (entity === 'property_group') {
    return ok(entity, id, planned, (atMs) => {
      const known = rows.groupsOfOptions[table.rowOf(id)];
      if (known === undefined) rows.groupsOfOptions.push({ ...stamp(atMs), name: named(payload) });
      else Object.assign(known, { updatedAtMs: atMs, name: named(payload, { ...known.name }) });
    });
  }
  const groupId = payload['groupId'];
  if (row < 0 && typeof groupId !== 'string') return invalid(notBlank(`${pointer}/groupId`));
  if (typeof groupId === 'string' && !exists(shop, 'property_group', groupId, planned)) {
    return invalid(noSuchReference(`${pointer}/groupId`));
  }
  return ok(entity, id, planned, (atMs) => {
    const known = rows.optionRows[table.rowOf(id)];
    if (known !== undefined) {
      Object.assign(known, { updatedAtMs: atMs, name: named(payload, { ...known.name }) });
      return;
    }
    const group = shop.tables.get('property_group')?.rowOf(String(groupId)) ?? -1;
    const position = Number(payload['position'] ?? 1);
    rows.optionRows.push({ ...stamp(atMs), group, name: named(payload), hex: null, position });
  });
};
