import { productAt, touchStock } from '../edits.js';
import { completeOrder, receiveReturn, shipOrder } from '../order-flow.js';
import { NO_ROW } from '../orders.js';
import { DAY_MS } from '../parameters.js';
import { orderGoods } from '../purchasing.js';
import { sharesOf } from '../receiving.js';
import {
  MOVE_BLOCK,
  MOVE_RECEIPT,
  MOVE_RELEASE,
  MOVE_SHORTAGE,
  MOVE_SURPLUS,
  MOVE_UNBLOCK,
} from './documents.js';
import { PLANT_COUNT, placeOf, STOCK_BLOCKED, STOCK_UNRESTRICTED } from './erp-stock.js';
import { billOrder, deliveryOf, enterReturn } from './fulfilment.js';
import { postDocument, transferType } from './goods.js';
import { readMovements } from './inbound.js';
import { itemsOfPurchase, writeOrder } from './ordering.js';
import { issuePosted } from './posted-shipping.js';
import { postGroup, postReceiptItems } from './posting.js';
import { PURCHASE_COMPLETE, PURCHASE_CONFIRMED, PURCHASE_DELETED } from './purchasing-documents.js';
import { DELIVERY_BLOCKED, DELIVERY_ISSUED } from './sales.js';
import { type Erp, touchDelivery, touchMaterials, touchPurchase, touchValuation } from './state.js';

/**
 * What people do in the ERP itself. It is posted at once; the world follows where goods move.
 * The ERP must have been brought to now before.
 */

/** Whatever moved in the world just now is posted by the caller, not by the queue. */
const claimMovements = (erp: Erp): void => readMovements(erp, () => undefined);

const productOfVariant = (erp: Erp, variant: number) =>
  productAt(erp.world, erp.world.catalogue.variants[variant] ?? -1);

/** Units of an item that have not come yet, in the world's own count. */
export const openUnits = (erp: Erp, item: number): number => {
  const { purchases, world } = erp;
  const purchase = purchases.itemPurchase.get(item);
  if (purchase >= world.purchases.length || world.purchases.isReceived.get(purchase) === 1)
    return 0;
  const plant = purchases.itemPlant.get(item);
  const share = sharesOf(world.receipts.quantity.get(purchase))[plant] ?? 0;
  return share - (world.purchases.ahead.get(purchase)?.[plant] ?? 0);
};

const takeAhead = (erp: Erp, item: number, quantity: number): void => {
  const { purchases, world } = erp;
  const purchase = purchases.itemPurchase.get(item);
  const ahead = world.purchases.ahead.get(purchase) ?? Array.from({ length: PLANT_COUNT }, () => 0);
  const plant = purchases.itemPlant.get(item);
  ahead[plant] = (ahead[plant] ?? 0) + quantity;
  world.purchases.ahead.set(purchase, ahead);
  const variant = purchases.itemVariant.get(item);
  world.inbound.set(variant, Math.max(0, world.inbound.get(variant) - quantity));
};

/** Part of an order comes before the rest; returns the document. */
export const postGoodsReceipt = (
  erp: Erp,
  item: number,
  quantity: number,
  atMs: number,
): number => {
  const { purchases, world } = erp;
  const open = openUnits(erp, item);
  if (quantity < 1 || quantity > open) {
    throw new RangeError(`quantity ${quantity} is not between 1 and the open ${open}`);
  }
  const variant = purchases.itemVariant.get(item);
  const plant = purchases.itemPlant.get(item);
  takeAhead(erp, item, quantity);
  world.stock.post(atMs, variant, plant, 'receipt', quantity, purchases.itemPurchase.get(item));
  claimMovements(erp);
  const document = postReceiptItems(
    erp,
    [
      {
        variant,
        place: placeOf(plant, 0),
        type: STOCK_UNRESTRICTED,
        movement: MOVE_RECEIPT,
        quantity,
        reference: item,
      },
    ],
    atMs,
    atMs,
  );
  touchStock(world, productOfVariant(erp, variant), atMs);
  return document;
};

/** A count found more or less than the books had. */
export const adjustErpStock = (
  erp: Erp,
  variant: number,
  plant: number,
  difference: number,
  atMs: number,
): number => {
  const { world } = erp;
  world.stock.post(atMs, variant, plant, 'adjust', difference, world.stock.movementAtMs.length);
  claimMovements(erp);
  const document = postDocument(erp, atMs, atMs, [
    {
      variant,
      place: placeOf(plant, 0),
      type: STOCK_UNRESTRICTED,
      movement: difference < 0 ? MOVE_SHORTAGE : MOVE_SURPLUS,
      quantity: difference,
    },
  ]);
  touchStock(world, productOfVariant(erp, variant), atMs);
  return document;
};

/** Moves units between types of stock: found damaged, or good again. */
export const retypeStock = (
  erp: Erp,
  variant: number,
  place: number,
  types: readonly [from: number, to: number],
  quantity: number,
  atMs: number,
): number => {
  const there = erp.stock.at(variant, place, types[0]);
  if (quantity < 1 || quantity > there) {
    throw new RangeError(`quantity ${quantity} is not between 1 and the ${there} that are there`);
  }
  const movement =
    types[1] === STOCK_BLOCKED
      ? MOVE_BLOCK
      : types[0] === STOCK_BLOCKED
        ? MOVE_UNBLOCK
        : MOVE_RELEASE;
  return transferType(erp, variant, place, types, quantity, atMs, movement);
};

export const changeStandardPrice = (
  erp: Erp,
  variant: number,
  plant: number,
  milli: number,
  atMs: number,
): void => {
  const slot = erp.valuation.slotOf(variant, plant);
  erp.valuation.standardMilli.set(slot, milli);
  touchValuation(erp, slot, 'changed', atMs);
};

export const reviewPlanning = (erp: Erp, product: number, atMs: number): void => {
  erp.materials.planning.set(product, (erp.materials.planning.get(product) + 1) % 250);
  touchMaterials(erp, [product], atMs);
};

export interface WantedLine {
  readonly variant: number;
  readonly quantity: number;
}

/** Orders of one supplier; the world brings the goods when it can. */
export const createPurchaseOrder = (
  erp: Erp,
  supplier: number,
  lines: readonly WantedLine[],
  dueMs: number,
  atMs: number,
): number => {
  const purchases = lines.map(({ variant, quantity }) =>
    orderGoods(erp.world, variant, quantity, dueMs, atMs),
  );
  return writeOrder(
    erp,
    supplier,
    purchases.flatMap((purchase) => itemsOfPurchase(erp, purchase)),
    atMs,
  );
};

export interface PurchaseChange {
  /** Day it is expected on, in days since 1970. */
  readonly day?: number;
  /** More than was ordered; less is for the supplier to send. */
  readonly ordered?: number;
  readonly isDeleted?: boolean;
  readonly isCompleted?: boolean;
}

export const changePurchaseItem = (
  erp: Erp,
  item: number,
  change: PurchaseChange,
  atMs: number,
): void => {
  const { purchases } = erp;
  if (change.ordered !== undefined) {
    if (change.ordered < purchases.itemOrdered.get(item)) {
      throw new RangeError(`an item of ${purchases.itemOrdered.get(item)} can only be raised`);
    }
    purchases.itemOrdered.set(item, change.ordered);
  }
  if (change.day !== undefined) {
    purchases.itemConfirmedDay.set(item, change.day);
    if (!purchases.has(item, PURCHASE_CONFIRMED)) {
      purchases.itemConfirmed.set(item, purchases.itemOrdered.get(item));
      purchases.mark(item, PURCHASE_CONFIRMED);
    }
  }
  if (change.isDeleted === true || change.isCompleted === true) {
    // What is not wanted any more will not come.
    const open = openUnits(erp, item);
    if (open > 0) takeAhead(erp, item, open);
    purchases.mark(item, change.isDeleted === true ? PURCHASE_DELETED : PURCHASE_COMPLETE);
  }
  touchPurchase(erp, purchases.itemOrder.get(item), 'changed', atMs);
};

export const changeDelivery = (
  erp: Erp,
  delivery: number,
  change: { readonly isBlocked?: boolean; readonly laterDays?: number },
  atMs: number,
): void => {
  const { deliveries } = erp;
  const status = deliveries.status.get(delivery);
  if ((status & DELIVERY_ISSUED) !== 0) throw new RangeError('the goods have left already');
  if (change.isBlocked !== undefined) {
    deliveries.status.set(
      delivery,
      change.isBlocked ? status | DELIVERY_BLOCKED : status & ~DELIVERY_BLOCKED,
    );
  }
  if (change.laterDays !== undefined) deliveries.plannedDay.add(delivery, change.laterDays);
  touchDelivery(erp, delivery, 'changed', atMs);
};

/** The goods of a sales order leave now, and are posted as they do; returns the delivery. */
export const shipSalesOrder = (erp: Erp, row: number, atMs: number): number => {
  if (erp.orders.isRejected(row)) throw new RangeError('the sales order is rejected');
  const delivery = deliveryOf(erp, row, atMs);
  const order = erp.orders.order.get(row);
  if (order === NO_ROW) issuePosted(erp, row, atMs);
  else {
    shipOrder(erp.world, order, atMs);
    readMovements(erp, (group) => postGroup(erp, group, false, atMs));
  }
  if ((erp.deliveries.status.get(delivery) & DELIVERY_ISSUED) === 0)
    throw new RangeError('the goods cannot leave: something is missing, or they have left');
  return delivery;
};

/** The parcel is there, and the order billed; returns the delivery. */
export const completeSalesOrderNow = (erp: Erp, row: number, atMs: number): number => {
  const delivery = erp.deliveries.bySalesOrder.get(row);
  if (delivery < 0 || (erp.deliveries.status.get(delivery) & DELIVERY_ISSUED) === 0)
    throw new RangeError('the goods have not left yet');
  const order = erp.orders.order.get(row);
  if (order !== NO_ROW) completeOrder(erp.world, order, atMs);
  billOrder(erp, row, atMs, atMs);
  return delivery;
};

/** A return taken in and entered at once; -1 when nothing of the line can come back. */
export const createReturn = (erp: Erp, line: number, atMs: number): number => {
  const { world } = erp;
  if (!receiveReturn(world, line, atMs)) return -1;
  return enterReturn(erp, world.returns.length - 1, atMs);
};

export const dayIn = (atMs: number, days: number): number => Math.floor(atMs / DAY_MS) + days;
