/**
 * Webhooks say which records changed; what they are is read from the shop. Some carry a whole order
 * with its customer: of those nothing but the id is looked at.
 */
import { createHash } from 'node:crypto';
import {
  type Change,
  type InboundRequest,
  type JsonObject,
  jsonBody,
  type NotifySpec,
  type SubscriptionState,
} from '@headrace/sdk';
import type { ShopwareConfig } from './config.js';
import { boolean, integer, lookUp, number, object, objects, text, texts } from './json.js';
import { includesOf, readFields } from './read-fields.js';
import { type ShopwareContext, searchAll } from './search.js';

/** Events we ask for. State changes of deliveries and payments do not write the order itself. */
export const webhookEvents: readonly string[] = [
  ...['product.written', 'product.deleted', 'category.written', 'category.deleted'],
  ...['order.written', 'order.deleted', 'customer.written', 'customer.deleted'],
  'checkout.order.placed',
  ...['open', 'in_progress', 'completed', 'cancelled'].map((at) => `state_enter.order.state.${at}`),
  ...['open', 'shipped', 'shipped_partially', 'returned', 'returned_partially', 'cancelled'].map(
    (at) => `state_enter.order_delivery.state.${at}`,
  ),
  ...['open', 'paid', 'paid_partially', 'refunded', 'refunded_partially', 'cancelled'].map(
    (at) => `state_enter.order_transaction.state.${at}`,
  ),
];

const streamOf: Readonly<Record<string, string>> = {
  product: 'product',
  category: 'category',
  order: 'order',
  customer: 'customer',
};

/** Fields that change when stock does, and that the product stream does not read. */
const stockOnly: ReadonlySet<string> = new Set([
  ...['id', 'versionId', 'stock', 'availableStock', 'available', 'sales', 'updatedAt'],
]);

/** Fields the stock stream reads: other changes of a product leave it as it is. */
const stockFields: ReadonlySet<string> = new Set([
  ...['stock', 'availableStock', 'productNumber', 'ean', 'manufacturerNumber'],
]);

/** Shops at most five minutes off, or five minutes late, are believed. */
const TOLERANCE_MS = 5 * 60_000;

/** Our rows in the shop's list of webhooks are known by this beginning of their name. */
const NAME = 'headrace-';

export const notify: NotifySpec<ShopwareConfig> = {
  signature: {
    headers: ['shopware-shop-signature'],
    encoding: 'hex',
    message: '{body}',
    timestamp: { body: ['timestamp'] },
    timestampUnit: 's',
    toleranceMs: TOLERANCE_MS,
    idHeader: 'x-shopware-event-id',
    idBody: ['source', 'eventId'],
  },
  secrets({ webhookSecret }) {
    if (webhookSecret === undefined) return [];
    const list = Array.isArray(webhookSecret) ? webhookSecret : [webhookSecret];
    return list.map((secret) => secret.reveal());
  },
  parse,
  state,
  subscribe,
};

function parse(request: InboundRequest) {
  const body = object(jsonBody(request));
  const data = object(body?.data);
  const seconds = number(body?.timestamp);
  return {
    eventId: text(object(body?.source)?.eventId) ?? request.headers['x-shopware-event-id'] ?? null,
    at: seconds === null ? null : seconds * 1000,
    changes: unique([...writtenChanges(data), ...orderChanges(data)]),
  };
}

function writtenChanges(data: JsonObject | null): readonly Change[] {
  return objects(data?.payload).flatMap((row) => {
    const key = text(row.primaryKey);
    const stream = lookUp(streamOf, text(row.entity));
    if (key === null || stream === undefined) return [];
    if (stream !== 'product') return [{ stream, key }];
    const fields = texts(row.updatedFields);
    const isUpdate = row.operation === 'update' && fields.length > 0;
    const isStockOnly = isUpdate && fields.every((name) => stockOnly.has(name));
    const hasStock = !isUpdate || fields.some((name) => stockFields.has(name));
    return [
      ...(isStockOnly ? [] : [{ stream: 'product', key }]),
      ...(hasStock ? [{ stream: 'stock', key }] : []),
    ];
  });
}

/** Events of the checkout and of state machines carry the order. */
function orderChanges(data: JsonObject | null): readonly Change[] {
  const order = object(object(data?.payload)?.order);
  const key = text(order?.id);
  const customer = text(object(order?.orderCustomer)?.customerId);
  return [
    ...(key === null ? [] : [{ stream: 'order', key }]),
    // Counts of orders change with each, without a notice of their own.
    ...(customer === null || data?.event !== 'checkout.order.placed'
      ? []
      : [{ stream: 'customer', key: customer }]),
  ];
}

function unique(changes: readonly Change[]): readonly Change[] {
  if (changes.length < 2) return changes;
  return [...new Map(changes.map((change) => [`${change.stream} ${change.key}`, change])).values()];
}

/** Without these most changes would be found by polling only. */
const essentialEvents: readonly string[] = [
  ...['product.written', 'order.written', 'customer.written', 'category.written'],
];

async function state(context: ShopwareContext): Promise<SubscriptionState> {
  const rows = (await webhookRows(context)).filter(isOurs);
  if (rows.length === 0) {
    return { kind: 'missing', hint: 'Subscribe to webhooks; until then the shop is polled.' };
  }
  const inactive = rows.filter(({ active }) => boolean(active) === false);
  if (inactive.length > 0) {
    const names = inactive.map(({ eventName }) => text(eventName) ?? 'unnamed').sort();
    return {
      kind: 'disabled',
      hint: `The shop switched off ${names.join(', ')}; subscribe again.`,
    };
  }
  const errors = rows.reduce((sum, row) => sum + Math.max(integer(row.errorCount) ?? 0, 0), 0);
  if (errors > 0) {
    return { kind: 'failing', errors, hint: 'The shop could not reach us; it gives up after ten.' };
  }
  const missing = essentialEvents.filter((event) => !rows.some((row) => row.eventName === event));
  return missing.length === 0
    ? { kind: 'active' }
    : { kind: 'missing', hint: `Not subscribed to ${missing.join(', ')}; subscribe again.` };
}

/** Made by `subscribe`, or by hand to the platform's route. */
function isOurs(row: JsonObject): boolean {
  return (
    text(row.name)?.startsWith(NAME) === true || text(row.url)?.includes('/v1/webhooks/') === true
  );
}

async function webhookRows(context: ShopwareContext) {
  const includes = includesOf(readFields.webhook?.[0] ?? {});
  return searchAll(context, { entity: 'webhook', includes });
}

/** Writes the same rows however often it is run: their ids follow from their names. */
async function subscribe(context: ShopwareContext, callbackUrl: string): Promise<void> {
  const payload = webhookEvents.map((eventName) => {
    const name = `${NAME}${eventName}`;
    const id = createHash('md5').update(name).digest('hex');
    return { id, name, eventName, url: callbackUrl, onlyLiveVersion: true, active: true };
  });
  await context.http.request({
    method: 'POST',
    path: '/api/_action/sync',
    headers: { accept: 'application/json', 'fail-on-error': 'true' },
    json: [{ key: 'webhooks', action: 'upsert', entity: 'webhook', payload }],
  });
}
