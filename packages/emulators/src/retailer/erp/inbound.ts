import { CUSTOMER_GUEST } from '../customers.js';
import {
  FACT_CUSTOMER_DELETED,
  FACT_CUSTOMER_EDITED,
  FACT_ORDER_CANCELLED,
  FACT_ORDER_COMPLETED,
  FACT_ORDER_COST,
  FACT_ORDER_RELEASED,
  FACT_PRICE,
  FACT_PRODUCT_ACTIVE,
  FACT_PRODUCT_DELETED,
  FACT_PRODUCT_INACTIVE,
  FACT_TIER_PRICE,
  type Fact,
} from '../facts.js';
import { DAY_MS } from '../parameters.js';
import { arrivalMs, buyerMs, masterDataMs, postingMs, releaseMs, returnEntryMs } from './delays.js';
import * as events from './events.js';
import type { Erp } from './state.js';

/** Turns what happened in the world into postings that will happen in the ERP. */

const FACT_EVENTS: Readonly<Record<number, number>> = {
  [FACT_ORDER_COST]: events.ORDER_COST,
  [FACT_PRICE]: events.PRICE_CHANGED,
  [FACT_PRODUCT_ACTIVE]: events.MATERIAL_ACTIVE,
  [FACT_PRODUCT_INACTIVE]: events.MATERIAL_INACTIVE,
  [FACT_PRODUCT_DELETED]: events.MATERIAL_DELETED,
  [FACT_CUSTOMER_EDITED]: events.PARTNER_EDITED,
  [FACT_CUSTOMER_DELETED]: events.PARTNER_BLOCKED,
  [FACT_TIER_PRICE]: events.TIER_CHANGED,
};

/** When a shop order is there at the earliest, whatever else is known of it. */
const arrivalAtMs = (erp: Erp, order: number): number =>
  erp.world.orders.placedAtMs.get(order) + arrivalMs(erp.seed, order);

/** What the shop tells of orders and customers. */
const SHOP_FACTS: ReadonlySet<number> = new Set([
  FACT_ORDER_CANCELLED,
  FACT_ORDER_COST,
  FACT_CUSTOMER_EDITED,
  FACT_CUSTOMER_DELETED,
]);

/**
 * Where the shop's orders have to be brought by somebody else, those the ERP took over before go
 * on as they began; what it posts itself it releases itself.
 */
const isHeard = ({ world, orders }: Erp, { kind, row }: Fact): boolean => {
  if (world.integration.has('order')) return true;
  if (SHOP_FACTS.has(kind)) return false;
  if (kind === FACT_ORDER_COMPLETED) return orders.byOrder.get(row) >= 0;
  if (kind !== FACT_ORDER_RELEASED) return true;
  return orders.byOrder.get(row) >= 0 && !orders.posted.has(orders.byOrder.get(row));
};

const takeFact = (erp: Erp, fact: Fact, nowMs: number): void => {
  if (!isHeard(erp, fact)) return;
  const atMs = fact.atMs === 0 ? nowMs : fact.atMs;
  const { queue, seed } = erp;
  if (fact.kind === FACT_ORDER_RELEASED) {
    const releasedMs = Math.max(atMs, arrivalAtMs(erp, fact.row));
    queue.push(releasedMs + releaseMs(seed, fact.row), events.ORDER_RELEASED, fact.row);
    return;
  }
  if (fact.kind === FACT_ORDER_COMPLETED || fact.kind === FACT_ORDER_CANCELLED) {
    const kind =
      fact.kind === FACT_ORDER_COMPLETED ? events.ORDER_COMPLETES : events.ORDER_REJECTED;
    const afterMs = Math.max(atMs, arrivalAtMs(erp, fact.row) + 1);
    queue.push(afterMs + masterDataMs(seed, fact.row), kind, fact.row);
    return;
  }
  const kind = FACT_EVENTS[fact.kind];
  if (kind !== undefined) queue.push(atMs + masterDataMs(seed, fact.row), kind, fact.row);
};

/** Movements of one cause and moment are one posting. */
const isSameGroup = (erp: Erp, left: number, right: number): boolean => {
  const { stock } = erp.world;
  return (
    stock.movementReference.get(left) === stock.movementReference.get(right) &&
    stock.movementAtMs.get(left) === stock.movementAtMs.get(right) &&
    causeOf(erp, left) === causeOf(erp, right)
  );
};

/** Indexes of MOVEMENT_KINDS; goods brought over for a pick belong to the pick. */
export const CAUSE_RECEIPT = 0;
export const CAUSE_PICK = 1;
export const CAUSE_ADJUST = 2;
export const CAUSE_RETURN = 3;
export const causeOf = (erp: Erp, movement: number): number => {
  const kind = erp.world.stock.movementKind.get(movement);
  return kind === 4 ? CAUSE_PICK : kind;
};

export const groupEnd = (erp: Erp, group: number): number =>
  group + 1 < erp.groups.length ? erp.groups.get(group + 1) : erp.seen.movement;

/** Reads on to the end of the movements; `isPosted` leaves them out, as posted already. */
export const readMovements = (erp: Erp, take: (group: number) => void): void => {
  const { stock } = erp.world;
  const { length } = stock.movementAtMs;
  let row = erp.seen.movement;
  const groups: number[] = [];
  while (row < length) {
    groups.push(erp.groups.push(row));
    const first = row;
    while (row < length && isSameGroup(erp, first, row)) row++;
  }
  erp.seen.movement = length;
  for (const group of groups) take(group);
};

const PURCHASE_ORDER_ITEMS_MAX = 40;

/** What was ordered of one supplier at one review becomes one order, or several if long. */
const readPurchases = (erp: Erp): void => {
  const { purchases, receipts, catalogue } = erp.world;
  while (erp.seen.purchase < purchases.length) {
    const first = erp.seen.purchase;
    const orderedAtMs = purchases.orderedAtMs.get(first);
    const bySupplier = new Map<number, number[]>();
    let row = first;
    for (; row < purchases.length && purchases.orderedAtMs.get(row) === orderedAtMs; row++) {
      if (orderedAtMs === 0 || erp.purchases.byPurchase.get(row) >= 0) continue;
      const product = catalogue.products[catalogue.variants[receipts.variant.get(row)] ?? -1];
      const supplier = product?.supplier ?? 0;
      const rows = bySupplier.get(supplier);
      if (rows === undefined) bySupplier.set(supplier, [row]);
      else rows.push(row);
    }
    erp.seen.purchase = row;
    for (const rows of bySupplier.values()) {
      for (let from = 0; from < rows.length; from += PURCHASE_ORDER_ITEMS_MAX) {
        const planned = erp.plannedOrderCount++;
        erp.plannedOrders.set(planned, rows.slice(from, from + PURCHASE_ORDER_ITEMS_MAX));
        // The nightly run plans, buyers write in the morning; by day an order follows at once.
        const delayMs =
          orderedAtMs % DAY_MS === 0 ? buyerMs(erp.seed, planned) : masterDataMs(erp.seed, planned);
        erp.queue.push(orderedAtMs + delayMs, events.PURCHASE_WRITTEN, planned);
      }
    }
  }
};

/** Reads everything the world has that the ERP has not heard of. */
export const readWorld = (erp: Erp, nowMs: number): void => {
  const { world, queue, seed, seen } = erp;
  for (; seen.product < world.catalogue.products.length; seen.product++) {
    erp.materials.reserve(seen.product);
    const createdAtMs = world.catalogue.products[seen.product]?.createdAtMs ?? 0;
    queue.push(
      createdAtMs + masterDataMs(seed, seen.product),
      events.MATERIAL_CREATED,
      seen.product,
    );
  }
  const isToldOfOrders = world.integration.has('order');
  for (; seen.customer < world.customers.length; seen.customer++) {
    if (!isToldOfOrders || world.customers.has(seen.customer, CUSTOMER_GUEST)) continue;
    const createdAtMs = world.customers.createdAtMs.get(seen.customer);
    queue.push(
      createdAtMs + masterDataMs(seed, seen.customer),
      events.PARTNER_CREATED,
      seen.customer,
    );
  }
  for (; seen.order < world.orders.length; seen.order++) {
    if (isToldOfOrders) queue.push(arrivalAtMs(erp, seen.order), events.ORDER_ARRIVES, seen.order);
  }
  readPurchases(erp);
  readMovements(erp, (group) => {
    const movedAtMs = world.stock.movementAtMs.get(erp.groups.get(group));
    queue.push(movedAtMs + postingMs(seed, group), events.GOODS_MOVE, group);
  });
  for (; seen.shopReturn < world.returns.length; seen.shopReturn++) {
    const order = world.orders.lineOrder.get(world.returns.line.get(seen.shopReturn));
    if (!isToldOfOrders && erp.orders.byOrder.get(order) < 0) continue;
    const receivedAtMs = world.returns.receivedAtMs.get(seen.shopReturn);
    queue.push(
      receivedAtMs + returnEntryMs(seed, seen.shopReturn),
      events.RETURN_ENTERED,
      seen.shopReturn,
    );
  }
  world.facts?.log.drain((fact) => takeFact(erp, fact, nowMs));
};
