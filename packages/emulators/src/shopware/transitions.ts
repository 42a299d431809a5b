import {
  cancelOrder,
  completeOrder,
  deliveryStateOf,
  noteCompleted,
  noteShipped,
  orderStateOf,
  paymentStateOf,
  payOrder,
  progressOrder,
  shipOrder,
} from '../retailer/order-flow.js';
import { parseCriteria } from './criteria.js';
import { encodeRow, tableOf } from './encode.js';
import { fail, notFound } from './errors.js';
import type { Shop } from './shop.js';
import type { Entity } from './table.js';

/** State machine transitions by name, as far as the world lets an order go. */

type Machine = 'order' | 'order_delivery' | 'order_transaction';

const TRANSITIONS: Readonly<Record<Machine, Readonly<Record<string, readonly string[]>>>> = {
  order: {
    open: ['process', 'cancel'],
    in_progress: ['complete', 'cancel'],
    completed: [],
    cancelled: [],
  },
  order_delivery: {
    open: ['ship', 'cancel'],
    shipped: [],
    returned_partially: [],
    returned: [],
    cancelled: [],
  },
  order_transaction: {
    open: ['paid', 'cancel'],
    paid: [],
    refunded_partially: [],
    refunded: [],
    cancelled: [],
  },
};

export const isMachine = (name: string): name is Machine => name in TRANSITIONS;

export const transition = (shop: Shop, machine: Machine, id: string, name: string): Entity => {
  const { world } = shop;
  const table = tableOf(shop.tables, machine);
  const row = table.rowOf(id);
  if (row < 0) notFound(machine, id);
  const state =
    machine === 'order'
      ? orderStateOf(world, row)
      : machine === 'order_delivery'
        ? deliveryStateOf(world, row)
        : paymentStateOf(world, row);
  const possible = TRANSITIONS[machine][state] ?? [];
  const atMs = shop.clock.now();
  // Where nobody tells the shop of the warehouse, the shop does not tell the warehouse either.
  const isTold = world.integration.has('tracking');
  const ship = isTold ? shipOrder : noteShipped;
  const complete = isTold ? completeOrder : noteCompleted;
  let isDone = false;
  if (possible.includes(name)) {
    if (name === 'process') isDone = progressOrder(world, row, atMs);
    else if (name === 'complete') isDone = complete(world, row, atMs);
    else if (name === 'ship') isDone = ship(world, row, atMs);
    else if (name === 'paid') isDone = payOrder(world, row, atMs);
    else if (name === 'cancel') isDone = cancelOrder(world, row, atMs);
  }
  if (!isDone) {
    fail(
      400,
      'SYSTEM__ILLEGAL_STATE_TRANSITION',
      `Illegal transition "${name}" from state "${state}". Possible transitions are: ${possible.join(', ')}`,
    );
  }
  const states = tableOf(shop.tables, 'state_machine_state');
  const association = table.associations['stateMachineState'];
  const stateRow = association?.rows(row, { language: 0, hasInheritance: false })[0] ?? 0;
  return encodeRow(shop.tables, states, stateRow, parseCriteria({}), {
    language: 0,
    hasInheritance: false,
  });
};
