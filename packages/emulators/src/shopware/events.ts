import type { World, WorldChange } from '../retailer/world.js';
import { parseCriteria } from './criteria.js';
import { encodeRow, type Tables, tableOf } from './encode.js';
import type { WebhookDispatcher } from './webhooks.js';

/**
 * Turns changes of the world into the shop's webhook events. Written events carry keys only;
 * state and checkout events carry the order.
 */

const ORDER_PAYLOAD = parseCriteria({
  associations: {
    stateMachineState: {},
    orderCustomer: {},
    currency: {},
    lineItems: {},
    deliveries: { associations: { stateMachineState: {} } },
    transactions: { associations: { stateMachineState: {} } },
  },
});

interface WrittenEntry {
  readonly entity: string;
  readonly operation: 'insert' | 'update' | 'delete';
  readonly primaryKey: string;
  readonly updatedFields: readonly string[];
}

export interface EventFeed {
  /** Groups what one write call changes into one event per entity, as the shop does. */
  readonly batch: <T>(work: () => T) => T;
  readonly close: () => void;
}

const VERSIONED: ReadonlySet<string> = new Set(['product', 'category', 'order', 'product_price']);

export const connectEvents = (
  world: World,
  tables: Tables,
  dispatcher: WebhookDispatcher,
): EventFeed => {
  let pending: Map<string, WrittenEntry[]> | undefined;

  const written = (
    entity: string,
    row: number,
    operation: 'insert' | 'update' | 'delete',
    fields: readonly string[],
  ): void => {
    const event = operation === 'delete' ? `${entity}.deleted` : `${entity}.written`;
    if (!dispatcher.hasSubscriber(event)) return;
    const base = VERSIONED.has(entity) ? ['id', 'versionId'] : ['id'];
    const entry: WrittenEntry = {
      entity,
      operation,
      primaryKey: tableOf(tables, entity).idOf(row),
      updatedFields:
        operation === 'delete'
          ? []
          : [...base, ...fields, operation === 'insert' ? 'createdAt' : 'updatedAt'],
    };
    if (pending === undefined) {
      dispatcher.emit({ name: event, payload: [entry], key: entry.primaryKey });
      return;
    }
    const entries = pending.get(event);
    if (entries === undefined) pending.set(event, [entry]);
    else entries.push(entry);
  };

  const withOrder = (event: string, row: number): void => {
    if (!dispatcher.hasSubscriber(event)) return;
    const table = tableOf(tables, 'order');
    const order = encodeRow(tables, table, row, ORDER_PAYLOAD, {
      language: 0,
      hasInheritance: false,
    });
    dispatcher.emit({ name: event, payload: { order }, key: String(order['id']) });
  };

  const onChange = (change: WorldChange): void => {
    const { row } = change;
    if (change.kind === 'product') written('product', row, change.operation, change.fields);
    else if (change.kind === 'product-deleted') written('product', row, 'delete', []);
    else if (change.kind === 'tier-price')
      written('product_price', row, change.operation, ['price']);
    else if (change.kind === 'category') written('category', row, change.operation, change.fields);
    else if (change.kind === 'customer') written('customer', row, change.operation, change.fields);
    else if (change.kind === 'customer-deleted') written('customer', row, 'delete', []);
    else if (change.kind === 'order') written('order', row, change.operation, change.fields);
    else if (change.kind === 'order-placed') withOrder('checkout.order.placed', row);
    else if (change.kind === 'order-state')
      withOrder(`state_enter.order.state.${change.state}`, row);
    else if (change.kind === 'delivery-state') {
      withOrder(`state_enter.order_delivery.state.${change.state}`, row);
    } else withOrder(`state_enter.order_transaction.state.${change.state}`, row);
  };
  world.listeners.add(onChange);

  return {
    batch: (work) => {
      if (pending !== undefined) return work();
      pending = new Map();
      try {
        return work();
      } finally {
        const events = pending;
        pending = undefined;
        for (const [name, entries] of events) {
          dispatcher.emit({ name, payload: entries, key: entries[0]?.primaryKey ?? '' });
        }
      }
    },
    close: () => {
      world.listeners.delete(onChange);
    },
  };
};

/** The webhooks a shop owner sets up for a system that wants to know everything. */
export const ALL_EVENTS: readonly string[] = [
  'product.written',
  'product.deleted',
  'product_price.written',
  'category.written',
  'customer.written',
  'customer.deleted',
  'order.written',
  'checkout.order.placed',
  ...['in_progress', 'completed', 'cancelled'].map((state) => `state_enter.order.state.${state}`),
  ...['shipped', 'returned_partially', 'returned', 'cancelled'].map(
    (state) => `state_enter.order_delivery.state.${state}`,
  ),
  ...['paid', 'refunded_partially', 'refunded', 'cancelled'].map(
    (state) => `state_enter.order_transaction.state.${state}`,
  ),
];
