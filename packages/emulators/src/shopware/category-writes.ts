import { addCategory, type CategoryEdits, editCategory } from '../retailer/edits.js';
import { announce } from '../retailer/world.js';
import type { ShopwareErrorEntry } from './errors.js';
import { exists } from './product-links.js';
import type { Shop } from './shop.js';
import type { Entity } from './table.js';
import { noSuchReference, notBlank, writeProtected, wrongType } from './write-errors.js';
import { invalid, type PlannedIds, textsWritten, type WritePlan } from './write-plan.js';

/** Upserts of categories: names by language, the place in the tree, whether customers see them. */

const PROTECTED = [
  ...['level', 'path', 'childCount', 'breadcrumb', 'autoIncrement', 'visibleChildCount'],
] as const;

export const planCategory = (
  shop: Shop,
  payload: Entity,
  pointer: string,
  planned: PlannedIds,
): WritePlan => {
  const table = shop.tables.get('category');
  const { categories } = shop.world.catalogue;
  const id =
    typeof payload['id'] === 'string'
      ? payload['id']
      : shop.ids.idOf('category', categories.length, shop.clock.now());
  const row = table?.rowOf(id) ?? -1;
  const names = textsWritten(payload, 'name');
  const isNew = row < 0 && planned.get('category')?.has(id) !== true;
  const errors: ShopwareErrorEntry[] = PROTECTED.filter((field) => field in payload).map((field) =>
    writeProtected(`${pointer}/${field}`),
  );
  const main = names['nl-NL'];
  if (isNew ? typeof main !== 'string' || main === '' : main === null || main === '') {
    errors.push(notBlank(`${pointer}/name`));
  }
  const { active, parentId } = payload;
  if (active !== undefined && typeof active !== 'boolean') {
    errors.push(wrongType(`${pointer}/active`, 'bool'));
  }
  if (typeof parentId === 'string') {
    const isBelow = parentId === id || isBelowOf(shop, parentId, row);
    if (isBelow || !exists(shop, 'category', parentId, planned)) {
      errors.push(noSuchReference(`${pointer}/parentId`));
    }
  } else if (parentId !== undefined && parentId !== null) {
    errors.push(wrongType(`${pointer}/parentId`, 'string'));
  }
  if (errors.length > 0) return invalid(...errors);
  planned.set('category', new Set([...(planned.get('category') ?? []), id]));
  const apply = (atMs: number): void => {
    const edits: CategoryEdits = {
      names,
      ...('parentId' in payload
        ? { parent: parentId === null ? -1 : (table?.rowOf(String(parentId)) ?? -1) }
        : {}),
      ...(typeof active === 'boolean' ? { active } : {}),
    };
    const known = table?.rowOf(id) ?? -1;
    const fields = Object.keys(payload).filter((field) => field !== 'id');
    if (known >= 0) {
      editCategory(shop.world, known, edits, fields, atMs);
      return;
    }
    const made = addCategory(shop.world, edits, atMs);
    shop.ids.assign('category', made, id);
    announce(shop.world, { kind: 'category', row: made, operation: 'insert', fields });
  };
  return { kind: 'ok', writes: [{ entity: 'category', id, apply }] };
};

/** A tree has no rings: nothing can be hung below itself. */
const isBelowOf = (shop: Shop, id: string, row: number): boolean => {
  const { categories } = shop.world.catalogue;
  if (row < 0) return false;
  let at = shop.tables.get('category')?.rowOf(id) ?? -1;
  while (at >= 0) {
    if (at === row) return true;
    at = categories[at]?.parent ?? -1;
  }
  return false;
};
