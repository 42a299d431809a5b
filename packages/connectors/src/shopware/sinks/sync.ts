/**
 * Writes by `/api/_action/sync`, many records a call. A shop takes a call as a whole or not at all;
 * a record it refuses is found by halving, so that its neighbours are written all the same.
 */
import type { Json, JsonObject, SinkItem, SinkResult } from '@headrace/sdk';
import { ensureError } from '@headrace/sdk';
import { object, objects, text } from '../json.js';
import type { ShopwareContext } from '../search.js';

export interface Operation {
  readonly action: 'upsert' | 'delete';
  readonly entity: string;
  readonly payload: readonly JsonObject[];
}

/** What one item asks of the shop. */
export interface ItemWrite {
  readonly item: SinkItem;
  readonly id: string;
  readonly operations: readonly Operation[];
}

/** What is referred to comes before what refers to it; deletes come last. */
const order = [
  ...['product_manufacturer', 'property_group', 'property_group_option', 'media', 'category'],
  // A picture is shown before it becomes the cover; no product is made together with its pictures.
  ...['product_media', 'product', 'product_visibility', 'product_configurator_setting'],
  ...['product_price', 'order_delivery', 'order_return', 'order_return_line_item'],
];

export interface SyncOptions {
  /** Search and listings may follow later; numbers in a basket are right at once. */
  readonly isIndexedLater?: boolean;
}

export async function sync(
  context: ShopwareContext,
  writes: readonly ItemWrite[],
  options: SyncOptions = {},
): Promise<readonly SinkResult[]> {
  if (writes.length === 0) return [];
  try {
    await context.http.request({
      method: 'POST',
      path: '/api/_action/sync',
      headers: {
        accept: 'application/json',
        // All or nothing, also in shops where that is not yet the only way.
        'fail-on-error': 'true',
        'single-operation': 'true',
        ...(options.isIndexedLater === true ? { 'indexing-behavior': 'use-queue-indexing' } : {}),
        // Nobody is to get a mail because an ERP corrected something.
        'sw-skip-trigger-flow': '1',
      },
      json: merged(writes.flatMap(({ operations }) => operations)),
    });
    return writes.map(({ item, id }) => ({ key: item.key, kind: 'written', id }));
  } catch (thrown) {
    const error = ensureError(thrown);
    if (!isRefusal(error.context.status)) throw error;
    const [only] = writes;
    if (writes.length === 1 && only !== undefined) {
      const { message } = error;
      return [{ key: only.item.key, kind: 'refused', error: 'record', message }];
    }
    const half = Math.ceil(writes.length / 2);
    return [
      ...(await sync(context, writes.slice(0, half), options)),
      ...(await sync(context, writes.slice(half), options)),
    ];
  }
}

export function isRefusal(status: Json | undefined): boolean {
  return status === 400 || status === 404 || status === 409 || status === 412 || status === 422;
}

/** One operation for each entity and action, in an order in which nothing refers ahead. */
function merged(operations: readonly Operation[]): Operation[] {
  const byKind = new Map<string, JsonObject[]>();
  for (const { action, entity, payload } of operations) {
    const kind = `${action} ${entity}`;
    byKind.set(kind, [...(byKind.get(kind) ?? []), ...payload]);
  }
  const rank = (entity: string) => order.indexOf(entity);
  return [...byKind]
    .map(([kind, payload]): Operation => {
      const [action, entity = ''] = kind.split(' ');
      return { action: action === 'delete' ? 'delete' : 'upsert', entity, payload: once(payload) };
    })
    .sort(
      (a, b) =>
        Number(a.action === 'delete') - Number(b.action === 'delete') ||
        rank(a.entity) - rank(b.entity),
    );
}

/** Two items may need the same manufacturer. */
function once(payload: readonly JsonObject[]): JsonObject[] {
  return [...new Map(payload.map((row) => [JSON.stringify(row), row])).values()];
}

/** `{ errors: [{ code, detail, source: { pointer } }] }`: what the shop says of the first of them. */
export function reasonOf(body: Uint8Array): string | null {
  const [error] = objects(object(parse(body))?.errors);
  const detail = text(error?.detail) ?? text(error?.title);
  const pointer = text(object(error?.source)?.pointer);
  const code = text(error?.code);
  const place = [code, pointer].filter((part) => part !== null).join(' at ');
  if (detail === null) return place === '' ? null : place;
  return place === '' ? detail : `${detail.replace(/\.$/, '')} (${place})`;
}

function parse(body: Uint8Array): Json {
  try {
    return JSON.parse(Buffer.from(body.subarray(0, 64 * 1024)).toString('utf8')) as Json;
  } catch {
    return null;
  }
}
