import { productAt, touchStock } from '../edits.js';
import { NO_ROW, parcelNumberOf } from '../orders.js';
import { HOUR_MS } from '../parameters.js';
import { contentsOf } from './contents.js';
import { leadMs, transitMs } from './delays.js';
import { MOVE_ISSUE } from './documents.js';
import { placeOf, STOCK_UNRESTRICTED } from './erp-stock.js';
import * as events from './events.js';
import { billOrder, deliveryOf, issueGoods, plantOfChannel } from './fulfilment.js';
import { postDocument } from './goods.js';
import { readMovements } from './inbound.js';
import { DELIVERY_BLOCKED, DELIVERY_ISSUED } from './sales.js';
import type { Erp } from './state.js';

/** How an order is shipped that no shop knows: by the ERP's own calendar, from one plant. */

/** References of goods issues without a shop order: the sales order itself. */
const POSTED_REFERENCE = 0x4000_0000;

/** The sales order a goods issue belongs to, or -1. */
export const salesOrderOfIssue = (erp: Erp, reference: number): number =>
  reference >= POSTED_REFERENCE ? reference - POSTED_REFERENCE : erp.orders.byOrder.get(reference);

/** What the carrier calls the parcel of a sales order; a shop that knows the order is told the same. */
export const parcelOf = (erp: Erp, row: number): string => {
  const order = erp.orders.order.get(row);
  return parcelNumberOf(order === NO_ROW ? POSTED_REFERENCE + row : order);
};

const RETRY_MS = 6 * HOUR_MS;

export const releasePosted = (erp: Erp, row: number, atMs: number): void => {
  if (erp.orders.isRejected(row)) return;
  deliveryOf(erp, row, atMs);
  erp.queue.push(atMs + leadMs(erp.seed, row), events.POSTED_ISSUED, row);
};

/** Ships what is not rejected; waits where something is missing or held. */
export const issuePosted = (erp: Erp, row: number, atMs: number): void => {
  const { deliveries, orders, world } = erp;
  const status = deliveries.status.get(deliveryOf(erp, row, atMs));
  if (orders.isRejected(row) || (status & DELIVERY_ISSUED) !== 0) return;
  const { channel, items } = contentsOf(erp, row);
  const plant = plantOfChannel(channel);
  const open = items.filter(({ rejection }) => rejection === '');
  const isShort = open.some(
    ({ variant, quantity }) => world.stock.onHandAt(variant, plant) < quantity,
  );
  if (isShort || (status & DELIVERY_BLOCKED) !== 0) {
    erp.queue.push(atMs + RETRY_MS, events.POSTED_ISSUED, row);
    return;
  }
  const reference = POSTED_REFERENCE + row;
  for (const { variant, quantity } of open) {
    world.stock.post(atMs, variant, plant, 'pick', -quantity, reference);
  }
  // Posted here and now, not by the queue that follows the warehouse.
  readMovements(erp, () => undefined);
  issueGoods(erp, row, atMs, atMs);
  postDocument(
    erp,
    atMs,
    atMs,
    open.map(({ variant, quantity }) => ({
      variant,
      place: placeOf(plant, 0),
      type: STOCK_UNRESTRICTED,
      movement: MOVE_ISSUE,
      quantity: -quantity,
      reference,
    })),
  );
  for (const { variant } of open) {
    touchStock(world, productAt(world, world.catalogue.variants[variant] ?? -1), atMs);
  }
  erp.queue.push(atMs + transitMs(erp.seed, row), events.POSTED_ARRIVED, row);
};

export const arrivePosted = (erp: Erp, row: number, atMs: number): void =>
  billOrder(erp, row, atMs, atMs);
