import { priceOf } from './catalogue.js';
import { type Channel, channelAt } from './channels.js';
import { productAt, touchOrder, touchProduct } from './edits.js';
import { FACT_ORDER_CANCELLED, FACT_ORDER_COMPLETED, FACT_ORDER_RELEASED } from './facts.js';
import {
  DELIVERY_STATES,
  type DeliveryState,
  LINE_PRODUCT,
  LINE_PROMOTION,
  ORDER_STATES,
  type OrderState,
  PAYMENT_STATES,
  type PaymentState,
  RETURN_REASONS,
} from './orders.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from './parameters.js';
import { BASKET_CODES } from './promotions.js';
import { receiveGoods } from './receiving.js';
import { CATEGORY_WORDS } from './vocabulary.js';
import { announce, type World } from './world.js';

/**
 * How an order lives. Placing one changes the shelf but not the product record: shops do that
 * by direct statement, past their own change tracking, and so do we. Changing the state of a
 * delivery or a payment likewise leaves the order record alone.
 */

export const DUE_PAY = 1;
export const DUE_CANCEL = 2;
export const DUE_PROGRESS = 3;
export const DUE_SHIP = 4;
export const DUE_COMPLETE = 5;
export const DUE_RETURN = 6;
export const DUE_RECEIPT = 7;

export interface BasketLine {
  readonly variant: number;
  readonly quantity: number;
}

export interface Basket {
  readonly channel: number;
  readonly customer: number;
  readonly lines: readonly BasketLine[];
  /** Index into BASKET_CODES. */
  readonly code?: number;
  readonly isExpress?: boolean;
  readonly paymentMethod: number;
}

/** Returns the order's row, or -1 when nothing in the basket could be had. */
export const placeOrder = (world: World, basket: Basket, atMs: number): number => {
  const { orders, stock } = world;
  const channel = channelAt(basket.channel);
  const firstLine = orders.lineLength;
  const order = orders.length;
  let goodsMinor = 0;
  for (const wanted of basket.lines) {
    const quantity = Math.min(wanted.quantity, Math.max(0, stock.available(wanted.variant)));
    if (quantity < wanted.quantity) {
      stock.lost.set(wanted.variant, stock.lost.get(wanted.variant) + wanted.quantity - quantity);
    }
    if (quantity === 0) continue;
    stock.commit(wanted.variant, quantity);
    goodsMinor += addProductLine(world, order, channel, wanted.variant, quantity);
  }
  if (orders.lineLength === firstLine) return -1;
  const code = basket.code === undefined ? undefined : BASKET_CODES[basket.code];
  if (code !== undefined) {
    const reduction = Math.round((goodsMinor * code.percentOff) / 100);
    addLine(world, order, LINE_PROMOTION, basket.code ?? 0, 1, -reduction, 0, 0);
    goodsMinor -= reduction;
  }
  const isFree = goodsMinor >= channel.freeShippingFromMinor;
  const shipping = (isFree ? 0 : channel.shippingMinor) + (basket.isExpress === true ? 500 : 0);
  const rows = orders.byChannel[basket.channel];
  orders.placedAtMs.push(atMs);
  orders.updatedAtMs.push(0);
  orders.deliveryUpdatedAtMs.push(0);
  orders.paymentUpdatedAtMs.push(0);
  orders.paidAtMs.push(0);
  orders.shippedAtMs.push(0);
  orders.completedAtMs.push(0);
  orders.cancelledAtMs.push(0);
  orders.promisedDays.push(basket.isExpress === true ? 1 : channel.country === 'NL' ? 2 : 4);
  orders.channel.push(basket.channel);
  orders.sequence.push(rows?.length ?? 0);
  rows?.push(order);
  orders.customer.push(basket.customer);
  orders.firstLine.push(firstLine);
  orders.lineCount.push(orders.lineLength - firstLine);
  orders.state.push(0);
  orders.deliveryState.push(0);
  orders.paymentState.push(0);
  orders.paymentMethod.push(basket.paymentMethod);
  orders.shippingMethod.push(basket.isExpress === true ? 1 : 0);
  orders.shippingMinor.push(shipping);
  orders.positionMinor.push(0);
  orders.grossMinor.push(0);
  orders.netMinor.push(0);
  orders.total(order);
  const { customers } = world;
  customers.orderCount.set(basket.customer, customers.orderCount.get(basket.customer) + 1);
  customers.lastOrderAtMs.set(basket.customer, atMs);
  customers.spentMinor.set(
    basket.customer,
    customers.spentMinor.get(basket.customer) + orders.grossMinor.get(order),
  );
  if (world.listeners.size > 0) {
    announce(world, { kind: 'order', row: order, operation: 'insert', fields: [] });
    announce(world, { kind: 'order-placed', row: order });
  }
  return order;
};

const addProductLine = (
  world: World,
  order: number,
  channel: Channel,
  variant: number,
  quantity: number,
): number => {
  const product = productAt(world, world.catalogue.variants[variant] ?? -1);
  const price = priceOf(world.catalogue, product);
  const gross = price.gross[channel.currency] ?? price.gross[0] ?? 0;
  const list = price.list[channel.currency] ?? 0;
  let unit = gross;
  if (channel.taxBasis === 'net') {
    const parent = product.parent < 0 ? product.index : product.parent;
    unit = tierNetMinor(world, parent, quantity) ?? Math.round(gross / 1.21);
  }
  addLine(world, order, LINE_PRODUCT, variant, quantity, unit, list, product.taxClass);
  world.orders.productLineCount++;
  return unit * quantity;
};

const tierNetMinor = (world: World, product: number, quantity: number): number | undefined => {
  const rows = tierRows(world).get(product);
  if (rows === undefined) return undefined;
  for (const row of rows) {
    const tier = world.catalogue.tierPrices[row];
    if (tier === undefined || tier.isDeleted || quantity < tier.quantityFrom) continue;
    if (tier.quantityTo === null || quantity <= tier.quantityTo) return tier.netMinor;
  }
  return undefined;
};

const tierRowsByWorld = new WeakMap<World, { count: number; rows: Map<number, number[]> }>();

const tierRows = (world: World): Map<number, number[]> => {
  const known = tierRowsByWorld.get(world);
  const tiers = world.catalogue.tierPrices;
  if (known !== undefined && known.count === tiers.length) return known.rows;
  const rows = new Map<number, number[]>();
  for (const tier of tiers) {
    const list = rows.get(tier.product);
    if (list === undefined) rows.set(tier.product, [tier.index]);
    else list.push(tier.index);
  }
  tierRowsByWorld.set(world, { count: tiers.length, rows });
  return rows;
};

const addLine = (
  world: World,
  order: number,
  kind: number,
  subject: number,
  quantity: number,
  unitMinor: number,
  listMinor: number,
  taxClass: number,
): void => {
  const { orders } = world;
  orders.lineOrder.push(order);
  orders.lineKind.push(kind);
  orders.lineSubject.push(subject);
  orders.lineQuantity.push(quantity);
  orders.lineUnitMinor.push(unitMinor);
  orders.lineListMinor.push(listMinor);
  orders.lineTaxClass.push(taxClass);
  orders.lineReturned.push(0);
};

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
  world.facts?.log.push(ORDER_FACTS[state], order, atMs);
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
  const random = world.random.fulfilment;
  const isExpress = world.orders.shippingMethod.get(order) === 1;
  let leadHours = Math.exp(random.normal() * 0.5 + (isExpress ? 1.6 : 2.8));
  if (random.chance(0.06)) leadHours += 24 * random.between(2, 6);
  world.queue.push(atMs + leadHours * HOUR_MS, DUE_SHIP, order);
  return true;
};

export const shipOrder = (world: World, order: number, atMs: number): boolean => {
  if (deliveryStateOf(world, order) !== 'open' || orderStateOf(world, order) === 'cancelled') {
    return false;
  }
  const { orders, stock } = world;
  const preferred = channelAt(orders.channel.get(order)).brand === 'alpha' ? 0 : 1;
  for (const line of orders.linesOf(order)) {
    if (orders.lineKind.get(line) !== LINE_PRODUCT) continue;
    stock.pick(atMs, orders.lineSubject.get(line), preferred, orders.lineQuantity.get(line), order);
  }
  orders.shippedAtMs.set(order, atMs);
  setDelivery(world, order, 'shipped', atMs);
  const random = world.random.fulfilment;
  const transitDays = 0.8 + random.gamma(3) * (random.chance(0.05) ? 5 : 1);
  world.queue.push(atMs + transitDays * DAY_MS, DUE_COMPLETE, order);
  return true;
};

/** The parcel arrived and the order is done; some of it will come back. */
export const completeOrder = (world: World, order: number, atMs: number): boolean => {
  const state = orderStateOf(world, order);
  if (state === 'completed' || state === 'cancelled') return false;
  const { orders, stock } = world;
  orders.completedAtMs.set(order, atMs);
  const isLate =
    atMs > orders.placedAtMs.get(order) + (orders.promisedDays.get(order) + 1) * DAY_MS;
  const seenParents = new Set<number>();
  for (const line of orders.linesOf(order)) {
    if (orders.lineKind.get(line) !== LINE_PRODUCT) continue;
    stock.close(orders.lineSubject.get(line), orders.lineQuantity.get(line));
    scheduleReturn(world, line, isLate, seenParents, atMs);
  }
  setOrderState(world, order, 'completed', atMs);
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
  const { orders, returns, stock } = world;
  const random = world.random.returns;
  const left = orders.lineQuantity.get(line) - orders.lineReturned.get(line);
  const order = orders.lineOrder.get(line);
  if (left <= 0 || orderStateOf(world, order) !== 'completed') return false;
  const quantity = Math.min(left, 1 + (left > 1 ? random.below(Math.min(left, 6)) : 0));
  const isResellable = random.chance(0.88);
  returns.line.push(line);
  returns.quantity.push(quantity);
  returns.reason.push(random.below(RETURN_REASONS.length));
  returns.requestedAtMs.push(
    Math.max(orders.completedAtMs.get(order), atMs - Math.floor(random.gamma(4) * 3 * DAY_MS)),
  );
  returns.receivedAtMs.push(atMs);
  const row = returns.isResellable.push(isResellable ? 1 : 0);
  orders.lineReturned.set(line, orders.lineReturned.get(line) + quantity);
  let isWhole = true;
  for (const other of orders.linesOf(order)) {
    if (orders.lineKind.get(other) !== LINE_PRODUCT) continue;
    if (orders.lineReturned.get(other) < orders.lineQuantity.get(other)) isWhole = false;
  }
  setDelivery(world, order, isWhole ? 'returned' : 'returned_partially', atMs);
  if (paymentStateOf(world, order) !== 'open') {
    setPayment(world, order, isWhole ? 'refunded' : 'refunded_partially', atMs);
  }
  if (isResellable) {
    const variant = orders.lineSubject.get(line);
    stock.post(atMs, variant, 0, 'return', quantity, row);
    const product = productAt(world, world.catalogue.variants[variant] ?? -1);
    if (!product.isDeleted) touchProduct(world, product, atMs, ['stock']);
  }
  return true;
};

export const cancelOrder = (world: World, order: number, atMs: number): boolean => {
  const state = orderStateOf(world, order);
  if (state === 'cancelled' || state === 'completed') return false;
  if (deliveryStateOf(world, order) !== 'open') return false;
  const { orders, stock } = world;
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
