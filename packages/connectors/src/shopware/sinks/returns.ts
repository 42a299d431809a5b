/**
 * Goods that came back, as returns of Shopware Commercial. A shop without it has no place for them.
 * A return is made once, under an id that follows from its number, so that it is found again.
 */
import {
  ensureError,
  type FlowGroup,
  HeadraceError,
  type Json,
  type JsonObject,
  type Quantity,
  type Sink,
  type SinkItem,
  type SinkResult,
  type TargetRecord,
  type TargetState,
} from '@headrace/sdk';
import { z } from 'zod';
import type { ShopwareConfig } from '../config.js';
import { integer, number, object, objects, text } from '../json.js';
import type { Question, ShopwareContext } from '../search.js';
import { idOf } from './ids.js';
import { anyOf, idIn, searchEach, searchRows, shopReference } from './shop.js';
import { type ItemWrite, sync } from './sync.js';

export const returnFields = z.strictObject({
  order: z.string().describe('Channel and number of the order.'),
  lines: z
    .array(
      z.strictObject({
        sku: z.string().describe('The variant.'),
        quantity: z.int().positive().describe('Units that come back.'),
        reason: z.string().nullable().describe('Why, in our words.'),
      }),
    )
    .min(1)
    .describe('What comes back.'),
  requestedAt: z.string().exactOptional().describe('When it was announced.'),
});

type ReturnFields = z.output<typeof returnFields>;

export const returns: Sink<ShopwareConfig> = {
  name: 'return',
  title: 'Returns',
  description: 'Goods that came back, as returns of Shopware Commercial',
  entities: ['return', 'returnLine'],
  delivery: 'idempotent',
  makes: 'document',
  fields: returnFields,
  batchMax: 50,
  groupsOf: ({ fields }) => [keyOf(fields)].filter((key) => key !== null),
  map: mapReturnWanted,
  read,
  write,
};

function orderOf(fields: JsonObject): string | null {
  const [channel, orderNo] = [text(fields.channel), text(fields.orderNo)];
  return channel === null || orderNo === null ? null : `${channel}/${orderNo}`;
}

function keyOf(fields: JsonObject): string | null {
  const [order, rma] = [orderOf(fields), text(fields.rma)];
  return order === null || rma === null ? null : `${order}/${rma}`;
}

const isRefused = ({ state }: JsonObject) => state === 'rejected' || state === 'cancelled';

export function mapReturnWanted(group: FlowGroup): TargetRecord | null {
  const [header] = group.records('return');
  if (header === undefined || isRefused(header.fields)) return null;
  const [key, order] = [keyOf(header.fields), orderOf(header.fields)];
  const bySku = new Map<string, { quantity: number; reason: string | null }>();
  for (const { fields } of group.records('returnLine')) {
    const [sku, quantity] = [text(fields.sku), object(fields.quantity) as Quantity | null];
    const units = quantity === null ? 0 : Math.floor(Number(quantity.value));
    if (sku === null || units < 1 || isRefused(fields)) continue;
    const before = bySku.get(sku);
    const reason = before?.reason ?? text(fields.reason);
    bySku.set(sku, { quantity: units + (before?.quantity ?? 0), reason });
  }
  if (key === null || order === null || bySku.size === 0) return null;
  const lines = [...bySku]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([sku, one]) => ({ sku, ...one }));
  const requestedAt = text(header.fields.requestedAt);
  return { key, fields: { order, lines, ...(requestedAt === null ? {} : { requestedAt }) } };
}

const numberOf = ({ key }: { readonly key: string }) => key.slice(key.lastIndexOf('/') + 1);
const idFor = (key: string) => idOf('order_return', key);

const question: Question = {
  entity: 'order-return',
  associations: { order: {}, lineItems: { associations: { lineItem: {} } } },
  includes: {
    order_return: ['id', 'returnNumber', 'requestedAt', 'order', 'lineItems'],
    order: ['id', 'orderNumber', 'salesChannelId'],
    order_return_line_item: ['id', 'quantity', 'lineItem', 'internalComment'],
    order_line_item: ['id', 'payload'],
  },
};

async function read(
  context: ShopwareContext,
  records: readonly TargetRecord[],
): Promise<readonly TargetState[]> {
  const { channelKeys } = await shopReference(context);
  const byKey = new Map(records.map((record) => [record.key, record]));
  const rows = await known(() =>
    searchEach(context, question, [anyOf('returnNumber', [...new Set(records.map(numberOf))])]),
  );
  return rows.flatMap((row): TargetState[] => {
    const order = object(row.order);
    const channel = channelKeys.get(text(order?.salesChannelId) ?? '');
    const key = `${channel}/${text(order?.orderNumber)}/${text(row.returnNumber)}`;
    const record = byKey.get(key);
    if (record === undefined) return [];
    const wanted = record.fields as ReturnFields;
    // Announced in the shop itself: what it says of it is its own.
    if (idIn(row) !== idFor(key)) return [{ key, id: idIn(row), fields: wanted, tag: null }];
    const lines = objects(row.lineItems)
      .map((line) => ({
        sku: skuIn(object(line.lineItem)),
        quantity: integer(line.quantity) ?? 0,
        reason: text(line.internalComment),
      }))
      .sort((a, b) => (a.sku < b.sku ? -1 : 1));
    // Which order and when is settled when it is made; a moment is written in other digits.
    const fields = { ...wanted, lines };
    return [{ key: record.key, id: idIn(row), fields, tag: null }];
  });
}

function skuIn(line: JsonObject | null): string {
  return text(object(line?.payload)?.productNumber) ?? '';
}

/** A shop without returns does not know the address. */
async function known<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (thrown) {
    const error = ensureError(thrown);
    if (error.context.status !== 404) throw error;
    throw new HeadraceError('config', 'This shop has no place for returns.', {
      code: 'E_SHOPWARE_RETURNS',
      hint: 'Returns belong to Shopware Commercial: install it, or take this flow out of the project.',
      cause: error,
    });
  }
}

const orderQuestion: Question = {
  entity: 'order',
  associations: { lineItems: {} },
  includes: {
    order: ['id', 'orderNumber', 'salesChannelId', 'lineItems'],
    order_line_item: ['id', 'type', 'quantity', 'payload', 'price'],
  },
};

async function write(
  context: ShopwareContext,
  items: readonly SinkItem[],
): Promise<readonly SinkResult[]> {
  const { channelKeys } = await shopReference(context);
  const wanted = items.map((item) => ({ item, fields: item.wanted as ReturnFields }));
  const numbers = wanted.map(({ fields }) => fields.order.slice(fields.order.indexOf('/') + 1));
  const orders = new Map(
    (await searchEach(context, orderQuestion, [anyOf('orderNumber', [...new Set(numbers)])])).map(
      (row) => [`${channelKeys.get(text(row.salesChannelId) ?? '')}/${text(row.orderNumber)}`, row],
    ),
  );
  const stateId = await openState(context);
  const reasonId = await anyReason(context);
  const writes: ItemWrite[] = [];
  const results: SinkResult[] = [];
  for (const { item, fields } of wanted) {
    const order = orders.get(fields.order);
    const plan =
      order === undefined
        ? `The shop has no order ${fields.order}.`
        : linesOf(item.key, fields, order);
    if (typeof plan === 'string' || order === undefined) {
      const message = typeof plan === 'string' ? plan : '';
      results.push({ key: item.key, kind: 'refused', error: 'record', message });
      continue;
    }
    const id = idFor(item.key);
    const header = {
      ...{ id, orderId: idIn(order), returnNumber: numberOf(item) },
      ...(stateId === null ? {} : { stateId }),
      ...(fields.requestedAt === undefined ? {} : { requestedAt: fields.requestedAt }),
      lineItems: plan.map((line) => ({
        ...line,
        ...(stateId === null ? {} : { stateId }),
        ...(reasonId === null ? {} : { reasonId }),
      })),
    };
    const operations = [{ action: 'upsert', entity: 'order_return', payload: [header] } as const];
    writes.push({ item, id, operations });
  }
  return [...results, ...(await sync(context, writes))];
}

function linesOf(key: string, fields: ReturnFields, order: JsonObject): JsonObject[] | string {
  const lines: JsonObject[] = [];
  for (const { sku, quantity, reason } of fields.lines) {
    const line = objects(order.lineItems).find(
      (one) =>
        one.type === 'product' && skuIn(one) === sku && (integer(one.quantity) ?? 0) >= quantity,
    );
    if (line === undefined)
      return `The order ${fields.order} has no ${quantity} of ${sku} to come back.`;
    const id = idOf('order_return_line_item', key, sku);
    const price = priceOf(line, quantity);
    lines.push({ id, orderLineItemId: idIn(line), quantity, price, internalComment: reason });
  }
  return lines;
}

/** What so many of a line cost; the shop keeps it as it is given, and computes nothing itself. */
function priceOf(line: JsonObject, quantity: number): JsonObject {
  const paid = object(line.price);
  const share = quantity / (integer(line.quantity) ?? quantity);
  const part = (value: Json | undefined) => Math.round((number(value) ?? 0) * share * 100) / 100;
  return {
    unitPrice: number(paid?.unitPrice) ?? 0,
    totalPrice: part(paid?.totalPrice),
    quantity,
    calculatedTaxes: objects(paid?.calculatedTaxes).map((row) => ({
      ...{ tax: part(row.tax), taxRate: number(row.taxRate) ?? 0, price: part(row.price) },
    })),
    taxRules: objects(paid?.taxRules).map((row) => ({
      ...{ taxRate: number(row.taxRate) ?? 0, percentage: number(row.percentage) ?? 100 },
    })),
  };
}

async function openState(context: ShopwareContext): Promise<string | null> {
  const rows = await searchRows(
    context,
    {
      entity: 'state-machine-state',
      includes: { state_machine_state: ['id'] },
    },
    {
      filter: [
        { type: 'equals', field: 'technicalName', value: 'open' },
        { type: 'equals', field: 'stateMachine.technicalName', value: 'order_return.state' },
      ],
    },
  );
  return rows[0] === undefined ? null : idIn(rows[0]);
}

/** The shop wants one for each line; ours stands in words beside it. */
async function anyReason(context: ShopwareContext): Promise<string | null> {
  const rows = await known(() =>
    searchRows(
      context,
      {
        entity: 'order-return-line-item-reason',
        includes: { order_return_line_item_reason: ['id', 'reasonKey'] },
      },
      { limit: 500 },
    ),
  );
  const other = rows.find(({ reasonKey }) => reasonKey === 'other') ?? rows[0];
  return other === undefined ? null : idIn(other);
}
