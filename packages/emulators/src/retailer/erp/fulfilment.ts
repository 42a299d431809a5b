import { channelAt } from '../channels.js';
import { CUSTOMER_GUEST } from '../customers.js';
import { releaseToWarehouse } from '../order-flow.js';
import { LINE_PRODUCT } from '../orders.js';
import { DAY_MS } from '../parameters.js';
import { contentsOf, REJECTED_BY_SHOP } from './contents.js';
import { inspectionMs, scrapMs } from './delays.js';
import { MOVE_RETURN_BLOCKED, MOVE_SCRAP } from './documents.js';
import { placeOf, STOCK_BLOCKED } from './erp-stock.js';
import * as events from './events.js';
import { postDocument } from './goods.js';
import { PARTNER_COMPANY, PARTNER_PERSON } from './partners.js';
import { returnContents } from './posted-returns.js';
import {
  DELIVERY_ARRIVED,
  DELIVERY_ISSUED,
  DELIVERY_WITHDRAWN,
  SALES_BILLED,
  SALES_DELIVERED,
  SALES_IN_DELIVERY,
  SALES_REJECTED,
} from './sales.js';
import { type Erp, touchDelivery, touchPartner, touchReturn, touchSalesOrder } from './state.js';

/** The way of a sales order through the ERP: arrival, delivery, goods issue, end, return. */

/** The partner a customer's orders are booked on; made when first needed. */
export const ensurePartner = (erp: Erp, customer: number, atMs: number): number => {
  const { partners, world } = erp;
  const known = partners.byCustomer.get(customer);
  if (known >= 0) return known;
  // One-time partners are the first rows, one for each channel.
  if (world.customers.has(customer, CUSTOMER_GUEST)) return world.customers.channel.get(customer);
  const company = world.customers.company.get(customer);
  const ofCompany = company === 0 ? -1 : partners.byCompany.get(company);
  if (ofCompany >= 0) {
    partners.byCustomer.set(customer, ofCompany);
    return ofCompany;
  }
  const row = partners.add(customer, company === 0 ? PARTNER_PERSON : PARTNER_COMPANY, atMs);
  partners.byCustomer.set(customer, row);
  if (company !== 0) partners.byCompany.set(company, row);
  touchPartner(erp, row, 'created', atMs);
  return row;
};

export const productLinesOf = (erp: Erp, order: number): number => {
  const { orders } = erp.world;
  const first = orders.firstLine.get(order);
  let count = 0;
  for (let line = first; line < first + orders.lineCount.get(order); line++) {
    if (orders.lineKind.get(line) === LINE_PRODUCT) count++;
  }
  return count;
};

/** The sales order of a shop order, entered now if it had not arrived. */
export const ensureOrder = (erp: Erp, order: number, atMs: number): number => {
  const known = erp.orders.byOrder.get(order);
  if (known >= 0) return known;
  const { orders } = erp;
  const shop = erp.world.orders;
  orders.createdAtMs.push(atMs);
  orders.stamp.push(0);
  orders.status.push(0);
  orders.partner.push(ensurePartner(erp, shop.customer.get(order), atMs));
  orders.netMinor.push(shop.netMinor.get(order));
  orders.grossMinor.push(shop.grossMinor.get(order));
  orders.shippingMinor.push(shop.shippingMinor.get(order));
  orders.firstItem.push(orders.itemLength);
  orders.itemLength += productLinesOf(erp, order);
  const row = orders.order.push(order);
  orders.byOrder.set(order, row);
  touchSalesOrder(erp, row, 'created', atMs);
  return row;
};

const mark = (erp: Erp, row: number, flag: number, atMs: number): void => {
  const { orders } = erp;
  if ((orders.status.get(row) & flag) !== 0) return;
  orders.status.set(row, orders.status.get(row) | flag);
  touchSalesOrder(erp, row, 'changed', atMs);
};

export const ensureDelivery = (erp: Erp, order: number, atMs: number): number =>
  deliveryOf(erp, ensureOrder(erp, order, atMs), atMs);

/** The delivery of a sales order, written now if there was none. */
export const deliveryOf = (erp: Erp, salesOrder: number, atMs: number): number => {
  const { deliveries, orders } = erp;
  const known = deliveries.bySalesOrder.get(salesOrder);
  if (known >= 0) return known;
  deliveries.createdAtMs.push(atMs);
  deliveries.changedAtMs.push(0);
  deliveries.issuedAtMs.push(0);
  deliveries.arrivedAtMs.push(0);
  deliveries.status.push(0);
  const promisedMs = contentsOf(erp, salesOrder).requestedAtMs;
  deliveries.plannedDay.push(Math.floor(promisedMs / DAY_MS) - 1);
  deliveries.firstItem.push(deliveries.itemLength);
  deliveries.itemLength += orders.itemsEnd(salesOrder) - orders.firstItem.get(salesOrder);
  const row = deliveries.salesOrder.push(salesOrder);
  deliveries.bySalesOrder.set(salesOrder, row);
  touchDelivery(erp, row, 'created', atMs);
  mark(erp, salesOrder, SALES_IN_DELIVERY, atMs);
  return row;
};

export const releaseOrder = (erp: Erp, order: number, atMs: number): void => {
  const salesOrder = ensureOrder(erp, order, atMs);
  if (erp.orders.isRejected(salesOrder)) return;
  deliveryOf(erp, salesOrder, atMs);
  // Where the shop does not tell the warehouse, it works from the ERP's deliveries.
  if (!erp.world.integration.has('order')) releaseToWarehouse(erp.world, order, atMs);
};

/** The goods left the house: entered later, with the time they left. */
export const issueDelivery = (erp: Erp, order: number, movedAtMs: number, atMs: number): void => {
  // A parcel the ERP was never told of leaves without a delivery.
  if (isKnown(erp, order)) issueGoods(erp, ensureOrder(erp, order, atMs), movedAtMs, atMs);
};

/** Whether the ERP has a shop order, or will be told of it. */
export const isKnown = (erp: Erp, order: number): boolean =>
  erp.world.integration.has('order') || erp.orders.byOrder.get(order) >= 0;

export const issueGoods = (erp: Erp, salesOrder: number, movedAtMs: number, atMs: number): void => {
  const { deliveries } = erp;
  const row = deliveryOf(erp, salesOrder, atMs);
  if ((deliveries.status.get(row) & DELIVERY_ISSUED) !== 0) return;
  deliveries.status.set(row, deliveries.status.get(row) | DELIVERY_ISSUED);
  deliveries.issuedAtMs.set(row, movedAtMs);
  touchDelivery(erp, row, 'changed', atMs);
  mark(erp, deliveries.salesOrder.get(row), SALES_DELIVERED, atMs);
};

export const completeSalesOrder = (erp: Erp, order: number, atMs: number): void => {
  if (!isKnown(erp, order)) return;
  billOrder(erp, ensureOrder(erp, order, atMs), erp.world.orders.completedAtMs.get(order), atMs);
};

/** The parcel is there, and the order is billed. */
export const billOrder = (
  erp: Erp,
  salesOrder: number,
  arrivedAtMs: number,
  atMs: number,
): void => {
  const { deliveries } = erp;
  const delivery = deliveries.bySalesOrder.get(salesOrder);
  if (delivery >= 0 && (deliveries.status.get(delivery) & DELIVERY_ARRIVED) === 0) {
    deliveries.status.set(delivery, deliveries.status.get(delivery) | DELIVERY_ARRIVED);
    deliveries.arrivedAtMs.set(delivery, arrivedAtMs);
    touchDelivery(erp, delivery, 'changed', atMs);
  }
  mark(erp, salesOrder, SALES_BILLED, atMs);
};

export const rejectOrder = (erp: Erp, order: number, atMs: number): void => {
  const salesOrder = ensureOrder(erp, order, atMs);
  withdrawDelivery(erp, salesOrder, atMs);
  for (const item of erp.orders.posted.get(salesOrder)?.items ?? []) {
    if (item.rejection === '') item.rejection = REJECTED_BY_SHOP;
  }
  mark(erp, salesOrder, SALES_REJECTED, atMs);
};

/** Nothing of the order will leave the house, unless it has left already. */
export const withdrawDelivery = (erp: Erp, salesOrder: number, atMs: number): void => {
  const { deliveries } = erp;
  const delivery = deliveries.bySalesOrder.get(salesOrder);
  if (delivery < 0) return;
  const status = deliveries.status.get(delivery);
  if ((status & (DELIVERY_ISSUED | DELIVERY_WITHDRAWN)) !== 0) return;
  deliveries.status.set(delivery, status | DELIVERY_WITHDRAWN);
  touchDelivery(erp, delivery, 'changed', atMs);
};

/** Service agents corrected the shipping cost in the shop, and the total with it. */
export const changeOrderCost = (erp: Erp, order: number, atMs: number): void => {
  const row = ensureOrder(erp, order, atMs);
  // What the ERP keeps itself is changed in the ERP.
  if (erp.orders.posted.has(row)) return;
  const shop = erp.world.orders;
  erp.orders.netMinor.set(row, shop.netMinor.get(order));
  erp.orders.grossMinor.set(row, shop.grossMinor.get(order));
  erp.orders.shippingMinor.set(row, shop.shippingMinor.get(order));
  touchSalesOrder(erp, row, 'changed', atMs);
};

/** Index of the plant that serves a channel. */
export const plantOfChannel = (channel: number): number =>
  channelAt(channel).brand === 'alpha' ? 0 : 1;

export const enterReturn = (erp: Erp, shopReturn: number, atMs: number): number => {
  const { returns, world } = erp;
  const known = returns.byReturn.get(shopReturn);
  if (known >= 0) return known;
  const line = world.returns.line.get(shopReturn);
  const salesOrder = ensureOrder(erp, world.orders.lineOrder.get(line), atMs);
  const row = returns.add(shopReturn, salesOrder, 1, atMs);
  returns.byReturn.set(shopReturn, row);
  touchReturn(erp, row, 'created', atMs);
  erp.queue.push(atMs + inspectionMs(erp.seed, row), events.RETURN_INSPECTED, row);
  return row;
};

/** What cannot be sold again is on nobody's shelf, but in the books until it is scrapped. */
export const inspectReturn = (erp: Erp, row: number, atMs: number): void => {
  const { returns, world } = erp;
  if (returns.isInspected.get(row) === 1) return;
  returns.isInspected.set(row, 1);
  touchReturn(erp, row, 'changed', atMs);
  const shopReturn = returns.shopReturn.get(row);
  for (const { isSellable, variant, quantity } of returnContents(erp, row).items) {
    if (isSellable) continue;
    const movedAtMs =
      shopReturn < world.returns.length ? world.returns.receivedAtMs.get(shopReturn) : atMs;
    const document = postDocument(erp, atMs, movedAtMs, [
      {
        variant,
        place: placeOf(0, 1),
        type: STOCK_BLOCKED,
        movement: MOVE_RETURN_BLOCKED,
        quantity,
        reference: shopReturn,
      },
    ]);
    const item = erp.documents.firstItem.get(document);
    erp.queue.push(atMs + scrapMs(erp.seed, item), events.SCRAP, item);
  }
};

export const scrap = (erp: Erp, item: number, atMs: number): void => {
  const { documents, stock } = erp;
  const variant = documents.itemVariant.get(item);
  const place = documents.itemPlace.get(item);
  const quantity = Math.min(
    documents.itemQuantity.get(item),
    stock.at(variant, place, STOCK_BLOCKED),
  );
  if (quantity <= 0) return;
  postDocument(erp, atMs, atMs, [
    { variant, place, type: STOCK_BLOCKED, movement: MOVE_SCRAP, quantity: -quantity },
  ]);
};
