import { channelAt } from './channels.js';
import { productAt, touchOrder, touchStock } from './edits.js';
import { FACT_ORDER_CANCELLED, FACT_ORDER_COMPLETED, FACT_ORDER_RELEASED } from './facts.js';
import {
  DELIVERY_STATES,
  type DeliveryState,
  LINE_PRODUCT,
  ORDER_STATES,
  type OrderState,
  PAYMENT_STATES,
  type PaymentState,
  RETURN_REASONS,
} from './orders.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from './parameters.js';
import { receiveGoods } from './receiving.js';
import { CATEGORY_WORDS } from './vocabulary.js';
import { announce, type World } from './world.js';

/**
 * How an order lives. Changing the state of a delivery or a payment leaves the order record
 * alone, as placing one does with the products.
 *
 * What happens in the warehouse (picked, arrived, came back) and what the shop knows of it are
 * one step while the shop is told (`world.integration`), and two when somebody else tells it.
 */

export const DUE_PAY = 1;
export const DUE_CANCEL = 2;
export const DUE_PROGRESS = 3;
export const DUE_SHIP = 4;
export const DUE_COMPLETE = 5;
export const DUE_RETURN = 6;
export const DUE_RECEIPT = 7;

/** Draws what will happen to a fresh order and puts the first step on the queue. */
export const scheduleOrder = (world: World, order: number, atMs: number): void => {
  const random = world.random.fulfilment;
  const { queue, orders } = world;
  if (random.chance(0.025)) {
    queue.push(atMs + 5 * MINUTE_MS + random.exponential(8 * HOUR_MS), DUE_CANCEL, order);
  } else if (orders.paymentMethod.get(order) === 0) {
    queue.push(atMs + 30 * MINUTE_MS, DUE_PROGRESS, order);
    queue.push(atMs + (10 + random.next() * 20) * DAY_MS, DUE_PAY, order);
  } else {
    queue.push(atMs + MINUTE_MS + random.exponential(12 * MINUTE_MS), DUE_PAY, order);
  }
};

const ORDER_FACTS: Readonly<Record<OrderState, number>> = {
  open: FACT_ORDER_RELEASED,
  in_progress: FACT_ORDER_RELEASED,
  completed: FACT_ORDER_COMPLETED,
  cancelled: FACT_ORDER_CANCELLED,
};

const setOrderState = (world: World, order: number, state: OrderState, atMs: number): void => {
  world.orders.state.set(order, ORDER_STATES.indexOf(state));
  // That a parcel arrived is the warehouse's news, whoever closes the order in the shop.
  if (state !== 'completed' || world.integration.has('tracking')) {
    world.facts?.log.push(ORDER_FACTS[state], order, atMs);
  }
  touchOrder(world, order, atMs, ['stateId']);
  if (world.listeners.size > 0) announce(world, { kind: 'order-state', row: order, state });
};

const setDelivery = (world: World, order: number, state: DeliveryState, atMs: number): void => {
  world.orders.deliveryState.set(order, DELIVERY_STATES.indexOf(state));
  world.orders.deliveryUpdatedAtMs.set(order, world.changes.deliveries.append(order, atMs));
  if (world.listeners.size > 0) announce(world, { kind: 'delivery-state', row: order, state });
};

const setPayment = (world: World, order: number, state: PaymentState, atMs: number): void => {
  world.orders.paymentState.set(order, PAYMENT_STATES.indexOf(state));
  world.orders.paymentUpdatedAtMs.set(order, world.changes.payments.append(order, atMs));
  if (world.listeners.size > 0) announce(world, { kind: 'payment-state', row: order, state });
};

export const orderStateOf = (world: World, order: number): OrderState =>
  ORDER_STATES[world.orders.state.get(order)] ?? 'open';
export const deliveryStateOf = (world: World, order: number): DeliveryState =>
  DELIVERY_STATES[world.orders.deliveryState.get(order)] ?? 'open';
export const paymentStateOf = (world: World, order: number): PaymentState =>
  PAYMENT_STATES[world.orders.paymentState.get(order)] ?? 'open';

export const payOrder = (world: World, order: number, atMs: number): boolean => {
  if (paymentStateOf(world, order) !== 'open') return false;
  world.orders.paidAtMs.set(order, atMs);
  setPayment(world, order, 'paid', atMs);
  if (orderStateOf(world, order) === 'open') progressOrder(world, order, atMs);
  return true;
};

export const progressOrder = (world: World, order: number, atMs: number): boolean => {
  if (orderStateOf(world, order) !== 'open') return false;
  setOrderState(world, order, 'in_progress', atMs);
  // A warehouse works from what the ERP knows, not from the shop.
  if (world.integration.has('order')) releaseToWarehouse(world, order, atMs);
  return true;
};

/** The warehouse has the order and will ship it, most within a day. */
export const releaseToWarehouse = (world: World, order: number, atMs: number): void => {
  const random = world.random.fulfilment;
  const isExpress = world.orders.shippingMethod.get(order) === 1;
  let leadHours = Math.exp(random.normal() * 0.5 + (isExpress ? 1.6 : 2.8));
  if (random.chance(0.06)) leadHours += 24 * random.between(2, 6);
  world.queue.push(atMs + leadHours * HOUR_MS, DUE_SHIP, order);
};

const SHORTAGE_WAIT_MS = 6 * HOUR_MS;

/** The parcel leaves the house; a shop that sold more than there is makes it wait. */
export const shipOrder = (world: World, order: number, atMs: number): boolean => {
  const { orders, stock } = world;
  const isGone = orders.shippedAtMs.get(order) !== 0;
  if (isGone || deliveryStateOf(world, order) !== 'open') return false;
  if (orderStateOf(world, order) === 'cancelled') return false;
  if (stock.isShopDetached && !isInHouse(world, order)) {
    world.queue.push(atMs + SHORTAGE_WAIT_MS, DUE_SHIP, order);
    return false;
  }
  const preferred = channelAt(orders.channel.get(order)).brand === 'alpha' ? 0 : 1;
  for (const line of orders.linesOf(order)) {
    if (orders.lineKind.get(line) !== LINE_PRODUCT) continue;
    stock.pick(atMs, orders.lineSubject.get(line), preferred, orders.lineQuantity.get(line), order);
  }
  orders.shippedAtMs.set(order, atMs);
  if (world.integration.has('tracking')) setDelivery(world, order, 'shipped', atMs);
  const random = world.random.fulfilment;
  const transitDays = 0.8 + random.gamma(3) * (random.chance(0.05) ? 5 : 1);
  world.queue.push(atMs + transitDays * DAY_MS, DUE_COMPLETE, order);
  return true;
};

const isInHouse = (world: World, order: number): boolean => {
  const wanted = new Map<number, number>();
  for (const line of world.orders.linesOf(order)) {
    if (world.orders.lineKind.get(line) !== LINE_PRODUCT) continue;
    const variant = world.orders.lineSubject.get(line);
    wanted.set(variant, (wanted.get(variant) ?? 0) + world.orders.lineQuantity.get(line));
  }
  return [...wanted].every(([variant, units]) => world.stock.onHandOf(variant) >= units);
};

/** Somebody says in the shop that the parcel has left; the goods themselves are not moved. */
export const noteShipped = (world: World, order: number, atMs: number): boolean => {
  if (deliveryStateOf(world, order) !== 'open' || orderStateOf(world, order) === 'cancelled') {
    return false;
  }
  setDelivery(world, order, 'shipped', atMs);
  return true;
};

/** Somebody writes tracking codes into the shop. */
export const noteTracking = (
  world: World,
  order: number,
  codes: readonly string[],
  atMs: number,
): void => {
  world.orders.writtenCodes.set(order, codes);
  world.orders.deliveryUpdatedAtMs.set(order, world.changes.deliveries.append(order, atMs));
};

/** The order is done as far as the shop is concerned. */
export const noteCompleted = (world: World, order: number, atMs: number): boolean => {
  if (orderStateOf(world, order) !== 'in_progress') return false;
  const { orders, stock } = world;
  for (const line of orders.linesOf(order)) {
    if (orders.lineKind.get(line) !== LINE_PRODUCT) continue;
    stock.close(orders.lineSubject.get(line), orders.lineQuantity.get(line));
  }
  setOrderState(world, order, 'completed', atMs);
  return true;
};

/** The parcel arrived and the order is done; some of it will come back. */
export const completeOrder = (world: World, order: number, atMs: number): boolean => {
  const state = orderStateOf(world, order);
  const { orders, stock } = world;
  if (state === 'completed' || state === 'cancelled') return false;
  if (orders.completedAtMs.get(order) !== 0) return false;
  const isTold = world.integration.has('tracking');
  orders.completedAtMs.set(order, atMs);
  const isLate =
    atMs > orders.placedAtMs.get(order) + (orders.promisedDays.get(order) + 1) * DAY_MS;
  const seenParents = new Set<number>();
  for (const line of orders.linesOf(order)) {
    if (orders.lineKind.get(line) !== LINE_PRODUCT) continue;
    if (isTold) stock.close(orders.lineSubject.get(line), orders.lineQuantity.get(line));
    scheduleReturn(world, line, isLate, seenParents, atMs);
  }
  if (isTold) setOrderState(world, order, 'completed', atMs);
  else world.facts?.log.push(FACT_ORDER_COMPLETED, order, atMs);
  return true;
};

const scheduleReturn = (
  world: World,
  line: number,
  isLate: boolean,
  seenParents: Set<number>,
  atMs: number,
): void => {
  const product = productAt(
    world,
    world.catalogue.variants[world.orders.lineSubject.get(line)] ?? -1,
  );
  const random = world.random.returns;
  const parent = product.parent < 0 ? product : productAt(world, product.parent);
  const isBracket = product.parent >= 0 && seenParents.has(product.parent);
  seenParents.add(product.parent);
  const base = CATEGORY_WORDS[product.category]?.returnRate ?? 0.1;
  const fewImages = parent.imageCount < 2 ? 1.25 : 1;
  const chance = isBracket ? 0.75 : base * 0.6 * (isLate ? 1.4 : 1) * fewImages;
  if (!random.chance(chance)) return;
  world.queue.push(atMs + (2 + random.gamma(1.5) * 8) * DAY_MS, DUE_RETURN, line);
};

/** Goods came back: the refund is recorded, and what can be sold again goes on the shelf. */
export const receiveReturn = (world: World, line: number, atMs: number): boolean => {
  const { orders } = world;
  const random = world.random.returns;
  const left = orders.lineQuantity.get(line) - orders.lineReturned.get(line);
  const order = orders.lineOrder.get(line);
  if (left <= 0 || orders.completedAtMs.get(order) === 0) return false;
  const quantity = Math.min(left, 1 + (left > 1 ? random.below(Math.min(left, 6)) : 0));
  const isResellable = random.chance(0.88);
  const reason = random.below(RETURN_REASONS.length);
  const daysMs = Math.floor(random.gamma(4) * 3 * DAY_MS);
  const requestedAtMs = Math.max(orders.completedAtMs.get(order), atMs - daysMs);
  takeBack(world, line, { quantity, reason, isResellable, requestedAtMs }, atMs);
  return true;
};

export interface Parcel {
  readonly quantity: number;
  /** Index into RETURN_REASONS. */
  readonly reason: number;
  readonly isResellable: boolean;
  readonly requestedAtMs: number;
}

/** So much of a line is back in the house; returns the row of the return. */
export const takeBack = (world: World, line: number, parcel: Parcel, atMs: number): number => {
  const { orders, returns, stock } = world;
  const { quantity, isResellable } = parcel;
  const order = orders.lineOrder.get(line);
  returns.line.push(line);
  returns.quantity.push(quantity);
  returns.reason.push(parcel.reason);
  returns.requestedAtMs.push(parcel.requestedAtMs);
  returns.receivedAtMs.push(atMs);
  const row = returns.isResellable.push(isResellable ? 1 : 0);
  orders.lineReturned.set(line, orders.lineReturned.get(line) + quantity);
  if (world.integration.has('return')) noteReturned(world, order, atMs);
  if (isResellable) {
    const variant = orders.lineSubject.get(line);
    stock.post(atMs, variant, 0, 'return', quantity, row);
    touchStock(world, productAt(world, world.catalogue.variants[variant] ?? -1), atMs);
  }
  return row;
};

/** The shop hears that goods came back: the delivery and the payment show it. */
const noteReturned = (world: World, order: number, atMs: number): void => {
  const { orders } = world;
  let isWhole = true;
  for (const other of orders.linesOf(order)) {
    if (orders.lineKind.get(other) !== LINE_PRODUCT) continue;
    if (orders.lineReturned.get(other) < orders.lineQuantity.get(other)) isWhole = false;
  }
  setDelivery(world, order, isWhole ? 'returned' : 'returned_partially', atMs);
  if (paymentStateOf(world, order) !== 'open') {
    setPayment(world, order, isWhole ? 'refunded' : 'refunded_partially', atMs);
  }
};

export const cancelOrder = (world: World, order: number, atMs: number): boolean => {
  const state = orderStateOf(world, order);
  if (state === 'cancelled' || state === 'completed') return false;
  if (deliveryStateOf(world, order) !== 'open') return false;
  const { orders, stock } = world;
  // A parcel that has left cannot be called back, whether or not the shop has heard of it.
  if (orders.shippedAtMs.get(order) !== 0) return false;
  for (const line of orders.linesOf(order)) {
    if (orders.lineKind.get(line) !== LINE_PRODUCT) continue;
    stock.release(orders.lineSubject.get(line), orders.lineQuantity.get(line));
  }
  orders.cancelledAtMs.set(order, atMs);
  const customer = orders.customer.get(order);
  world.customers.spentMinor.set(
    customer,
    world.customers.spentMinor.get(customer) - orders.grossMinor.get(order),
  );
  setPayment(
    world,
    order,
    paymentStateOf(world, order) === 'paid' ? 'refunded' : 'cancelled',
    atMs,
  );
  setDelivery(world, order, 'cancelled', atMs);
  setOrderState(world, order, 'cancelled', atMs);
  return true;
};

/** Carries out the next due event; the time given is when it really happens. */
export const runDueEvent = (world: World, kind: number, row: number, atMs: number): void => {
  if (kind === DUE_PAY) payOrder(world, row, atMs);
  else if (kind === DUE_CANCEL) cancelOrder(world, row, atMs);
  else if (kind === DUE_PROGRESS) progressOrder(world, row, atMs);
  else if (kind === DUE_SHIP) shipOrder(world, row, atMs);
  else if (kind === DUE_COMPLETE) completeOrder(world, row, atMs);
  else if (kind === DUE_RETURN) receiveReturn(world, row, atMs);
  else if (kind === DUE_RECEIPT) receiveGoods(world, row, atMs);
};
