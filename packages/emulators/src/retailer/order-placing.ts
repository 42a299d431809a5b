import { priceOf } from './catalogue.js';
import { type Channel, channelAt, netOf } from './channels.js';
import { productAt } from './edits.js';
import { LINE_PRODUCT, LINE_PROMOTION } from './orders.js';
import { BASKET_CODES } from './promotions.js';
import { announce, type World } from './world.js';

/**
 * How an order is placed. It changes the shelf but not the product record: shops do that by
 * direct statement, past their own change tracking, and so do we.
 */

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
    const quantity = Math.min(wanted.quantity, Math.max(0, stock.sellable(wanted.variant)));
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
    unit = tierNetMinor(world, parent, quantity) ?? netOf(gross, product.taxClass);
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
