/**
 * What becomes of an order: its tracking codes, and that it has left and arrived.
 *
 *   delivery   open → shipped_partially → shipped → (returned …)
 *   order      open → in_progress → completed
 *
 * Nothing goes back: where the shop is further on already, it is level. A transition is made once; the
 * shop refuses it a second time, and the next look then finds it made. Codes come before the
 * transition, since that is when the shop writes to the customer.
 */
import {
  ensureError,
  type FlowGroup,
  type JsonObject,
  type Sink,
  type SinkItem,
  type SinkResult,
  type TargetRecord,
  type TargetState,
} from '@headrace/sdk';
import { z } from 'zod';
import type { ShopwareConfig } from '../config.js';
import { object, objects, text, texts } from '../json.js';
import type { Question, ShopwareContext } from '../search.js';
import { anyOf, idIn, searchEach, shopReference } from './shop.js';
import { isRefusal, sync } from './sync.js';

const deliverySteps = ['open', 'shipped_partially', 'shipped', 'returned_partially', 'returned'];
const orderSteps = ['open', 'in_progress', 'completed'];

export const trackingFields = z.strictObject({
  trackingCodes: z.array(z.string()).exactOptional().describe('Numbers of the parcels.'),
  delivery: z
    .enum(['shipped_partially', 'shipped'])
    .exactOptional()
    .describe('How far it has left.'),
  order: z.enum(['completed']).exactOptional().describe('That all of it has arrived.'),
});

export const tracking: Sink<ShopwareConfig> = {
  name: 'tracking',
  title: 'Tracking and state of orders',
  description: 'Tracking codes of an order, that it was shipped, and that it is complete',
  entities: ['shipment'],
  delivery: 'idempotent',
  makes: 'state',
  fields: trackingFields,
  batchMax: 50,
  groupsOf: ({ fields }) => [keyOf(fields)].filter((key) => key !== null),
  map: mapTrackingWanted,
  read,
  write,
};

function keyOf(fields: JsonObject): string | null {
  const [channel, orderNo] = [text(fields.channel), text(fields.orderNo)];
  return channel === null || orderNo === null ? null : `${channel}/${orderNo}`;
}

const gone = new Set(['handed-over', 'in-transit', 'out-for-delivery', 'delivered']);

export function mapTrackingWanted(group: FlowGroup): TargetRecord | null {
  const shipments = group
    .records('shipment')
    .map(({ fields }) => fields)
    .filter(({ state }) => state !== 'cancelled');
  const key = shipments[0] === undefined ? null : keyOf(shipments[0]);
  const left = shipments.filter(({ state }) => gone.has(text(state) ?? ''));
  if (key === null || left.length === 0) return null;
  const codes = [...new Set(left.flatMap(({ trackingNos }) => texts(trackingNos)))].sort();
  const isWhole = left.length === shipments.length;
  const isDone = shipments.every(({ state }) => state === 'delivered');
  return {
    key,
    fields: {
      ...(codes.length === 0 ? {} : { trackingCodes: codes }),
      delivery: isWhole ? 'shipped' : 'shipped_partially',
      ...(isDone ? { order: 'completed' } : {}),
    },
  };
}

const question: Question = {
  entity: 'order',
  associations: { stateMachineState: {}, deliveries: { associations: { stateMachineState: {} } } },
  includes: {
    order: ['id', 'orderNumber', 'salesChannelId', 'stateMachineState', 'deliveries'],
    order_delivery: ['id', 'trackingCodes', 'stateMachineState'],
    state_machine_state: ['technicalName'],
  },
};

interface Order {
  readonly id: string;
  readonly state: string;
  readonly deliveryId: string;
  readonly deliveryState: string;
  readonly codes: readonly string[];
}

/** By channel and number: channels may count their orders each for themselves. */
async function ordersOf(context: ShopwareContext, keys: readonly string[]) {
  const { channelKeys } = await shopReference(context);
  const numbers = [...new Set(keys.map((key) => key.slice(key.indexOf('/') + 1)))];
  const rows = await searchEach(context, question, [anyOf('orderNumber', numbers)]);
  const orders = new Map<string, Order>();
  for (const row of rows) {
    const channel = channelKeys.get(text(row.salesChannelId) ?? '');
    // Discounts on shipping are deliveries too; the goods are in the first one.
    const [delivery] = objects(row.deliveries);
    if (channel === undefined || delivery === undefined) continue;
    orders.set(`${channel}/${text(row.orderNumber) ?? ''}`, {
      id: idIn(row),
      state: stateIn(row),
      deliveryId: idIn(delivery),
      deliveryState: stateIn(delivery),
      codes: [...texts(delivery.trackingCodes)].sort(),
    });
  }
  return orders;
}

function stateIn(row: JsonObject): string {
  return text(object(row.stateMachineState)?.technicalName) ?? '';
}

/** What is further on than wanted is as good as wanted. */
function reached(steps: readonly string[], state: string, wanted: string | undefined) {
  const isReached =
    wanted !== undefined && steps.includes(state) && steps.indexOf(state) >= steps.indexOf(wanted);
  return isReached ? wanted : state;
}

async function read(
  context: ShopwareContext,
  records: readonly TargetRecord[],
): Promise<readonly TargetState[]> {
  const orders = await ordersOf(
    context,
    records.map(({ key }) => key),
  );
  return records.flatMap(({ key, fields }): TargetState[] => {
    const order = orders.get(key);
    if (order === undefined) return [];
    const wanted = fields as z.output<typeof trackingFields>;
    const state = {
      trackingCodes: order.codes,
      delivery: reached(deliverySteps, order.deliveryState, wanted.delivery),
      order: reached(orderSteps, order.state, wanted.order),
    };
    return [{ key, id: order.id, fields: state, tag: null }];
  });
}

async function write(
  context: ShopwareContext,
  items: readonly SinkItem[],
): Promise<readonly SinkResult[]> {
  const orders = await ordersOf(
    context,
    items.map(({ key }) => key),
  );
  const known = items.filter(({ key }) => orders.has(key));
  const coded = known.filter(({ fields }) => Array.isArray(fields.trackingCodes));
  const synced = await sync(
    context,
    coded.map((item) => {
      const { id, deliveryId } = orders.get(item.key) as Order;
      const payload = [{ id: deliveryId, trackingCodes: texts(item.fields.trackingCodes) }];
      return { item, id, operations: [{ action: 'upsert', entity: 'order_delivery', payload }] };
    }),
  );
  const refused = new Map(
    synced.filter(({ kind }) => kind === 'refused').map((one) => [one.key, one]),
  );
  const results: SinkResult[] = [];
  for (const item of items) {
    const order = orders.get(item.key);
    if (order === undefined) {
      const message = `The shop has no order ${item.key}.`;
      results.push({ key: item.key, kind: 'refused', error: 'record', message });
    } else results.push(refused.get(item.key) ?? (await move(context, item, order)));
  }
  return results;
}

async function move(
  context: ShopwareContext,
  { key, fields }: SinkItem,
  order: Order,
): Promise<SinkResult> {
  const { delivery, order: wanted } = fields as z.output<typeof trackingFields>;
  const steps: (readonly [machine: string, id: string, transition: string])[] = [];
  if (isDue(deliverySteps, order.deliveryState, delivery)) {
    const transition = delivery === 'shipped' ? 'ship' : 'ship_partially';
    steps.push(['order_delivery', order.deliveryId, transition]);
  }
  if (isDue(orderSteps, order.state, wanted)) {
    if (order.state === 'open') steps.push(['order', order.id, 'process']);
    steps.push(['order', order.id, 'complete']);
  }
  for (const state of [order.deliveryState, order.state]) {
    if (state !== 'cancelled' || (delivery === undefined && wanted === undefined)) continue;
    const message = `The shop cancelled ${key}, and the goods have left all the same.`;
    return { key, kind: 'refused', error: 'record', message };
  }
  for (const [machine, id, transition] of steps) {
    try {
      const path = `/api/_action/${machine}/${id}/state/${transition}`;
      await context.http.request({ method: 'POST', path, json: {} });
    } catch (thrown) {
      const error = ensureError(thrown);
      if (!isRefusal(error.context.status)) throw error;
      // Somebody was faster, or it is not possible: the next look tells which.
      return { key, kind: 'refused', error: 'conflict', message: error.message };
    }
  }
  return { key, kind: 'written', id: order.id };
}

function isDue(steps: readonly string[], state: string, wanted: string | undefined): boolean {
  return wanted !== undefined && reached(steps, state, wanted) !== wanted;
}
