import { errorEntry, ShopwareError, type ShopwareErrorEntry } from './errors.js';
import { type ApiClient, requirePrivilege } from './oauth.js';
import { isLinkEntity, planLinkDelete } from './product-links.js';
import type { Shop } from './shop.js';
import type { Entity } from './table.js';
import { isRecord, type PlannedIds, type PlannedWrite } from './write-plan.js';
import { planDelete, planUpsert } from './writes.js';

/**
 * `_action/sync`: many writes in one call. Ids chosen by the client make a repeat harmless: it
 * writes the same values to the same records. With fail-on-error (the default) nothing is
 * written unless everything can be.
 */

export interface SyncAnswer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

export const runSync = (shop: Shop, operations: unknown, failOnError: boolean): SyncAnswer => {
  const list = Array.isArray(operations)
    ? operations
    : isRecord(operations)
      ? Object.values(operations)
      : [];
  const errors: ShopwareErrorEntry[] = [];
  const writes: (PlannedWrite & { readonly isDelete: boolean })[] = [];
  const missing: Record<string, string[]> = {};
  const planned: PlannedIds = new Map();
  for (const [position, operation] of list.entries()) {
    if (
      !isRecord(operation) ||
      typeof operation['entity'] !== 'string' ||
      !Array.isArray(operation['payload'])
    ) {
      errors.push(
        errorEntry(
          400,
          'FRAMEWORK__INVALID_SYNC_OPERATION',
          'Each operation needs entity, action and payload.',
          `/${position}`,
        ),
      );
      continue;
    }
    const { entity, action } = operation;
    if (action !== 'upsert' && action !== 'delete') {
      errors.push(
        errorEntry(
          400,
          'FRAMEWORK__INVALID_SYNC_OPERATION',
          `The action "${String(action)}" is not known.`,
          `/${position}/action`,
        ),
      );
      continue;
    }
    for (const [index, payload] of operation['payload'].entries()) {
      const pointer = `/${position}/${index}`;
      const id = isRecord(payload) ? String(payload['id'] ?? '') : '';
      const plan =
        action === 'delete'
          ? isLinkEntity(entity as string)
            ? planLinkDelete(shop, entity as string, isRecord(payload) ? payload : {}, pointer)
            : planDelete(shop, entity as string, id)
          : planUpsert(shop, entity as string, payload, pointer, planned);
      if (plan.kind === 'invalid') errors.push(...plan.errors);
      else if (plan.kind === 'not-found') listed(missing, entity as string).push(plan.id);
      else
        for (const write of plan.writes) writes.push({ ...write, isDelete: action === 'delete' });
    }
  }
  if (errors.length > 0 && failOnError) throw new ShopwareError(400, errors);
  const data: Record<string, string[]> = {};
  const deleted: Record<string, string[]> = {};
  shop.events.batch(() => {
    for (const write of writes) {
      write.apply(shop.clock.now());
      listed(write.isDelete ? deleted : data, write.entity).push(write.id);
    }
  });
  // PHP writes an empty map as an empty list.
  const map = (value: Record<string, string[]>): unknown =>
    Object.keys(value).length === 0 ? [] : value;
  return {
    status: 200,
    body: {
      extensions: [],
      data: map(data),
      notFound: map(missing),
      deleted: map(deleted),
      ...(errors.length > 0 ? { success: false, errors } : {}),
    },
  };
};

const listed = (lists: Record<string, string[]>, entity: string): string[] => {
  const list = lists[entity] ?? [];
  lists[entity] = list;
  return list;
};

/** An upsert of a record that is there is an update, of one that is not a create. */
export const requireSync = (shop: Shop, client: ApiClient, operation: Entity): void => {
  const entity = String(operation['entity']);
  if (operation['action'] === 'delete') {
    requirePrivilege(client, `${entity}:delete`);
    return;
  }
  const table = shop.tables.get(entity);
  const payload = Array.isArray(operation['payload']) ? operation['payload'] : [];
  for (const row of payload) {
    const id = isRecord(row) ? row['id'] : undefined;
    const isKnown = typeof id === 'string' && table?.isLive(table.rowOf(id)) === true;
    requirePrivilege(client, `${entity}:${isKnown ? 'update' : 'create'}`);
  }
};
