import { channelAt, currencyAt } from '../retailer/channels.js';
import type { Erp } from '../retailer/erp/erp.js';
import { parcelOf } from '../retailer/erp/posted-shipping.js';
import { LINE_PRODUCT } from '../retailer/orders.js';
import { DAY, type ErpLedger, momentOf, numbered, sku } from './ledger-erp-words.js';
import { type LedgerRow, timeOrNull } from './ledger-row.js';

/** What the ERP sold, delivered and got back, by its own account. */

const shopOrder = (erp: Erp, order: number) => ({
  channel: channelAt(erp.world.orders.channel.get(order)).key,
  orderNo: erp.world.orders.numberOf(order),
});

export const erpOrders: ErpLedger = function* (erp) {
  const table = erp.orders;
  for (let row = 0; row < table.length; row++) {
    const status = table.status.get(row);
    const channel = channelAt(channelOf(erp, row));
    const area = erp.model.salesAreas[channel.index];
    yield {
      salesOrder: numbered('order', row),
      ...soldAs(erp, row),
      salesArea: `${area?.organization}/${area?.distributionChannel}/${area?.division}`,
      partner: numbered('partner', table.partner.get(row)),
      currency: currencyAt(channel.currency).code,
      netMinor: table.netMinor.get(row),
      taxMinor: table.grossMinor.get(row) - table.netMinor.get(row),
      rejected: (status & 1) !== 0,
      delivery: (status & 4) !== 0 ? 'done' : (status & 2) !== 0 ? 'started' : 'none',
      billed: (status & 8) !== 0,
      createdAt: table.createdAtMs.get(row),
      changedAt: momentOf(table.stamp.get(row)),
    };
  }
};

const channelOf = (erp: Erp, salesOrder: number): number =>
  erp.orders.posted.get(salesOrder)?.channel ??
  erp.world.orders.channel.get(erp.orders.order.get(salesOrder));

const soldAs = (erp: Erp, salesOrder: number) => {
  const posted = erp.orders.posted.get(salesOrder);
  return posted === undefined
    ? shopOrder(erp, erp.orders.order.get(salesOrder))
    : { channel: channelAt(posted.channel).key, orderNo: posted.reference };
};

/** The goods of an order, which are its items in the ERP; discounts are conditions there. */
const goodsOf = (erp: Erp, salesOrder: number): LedgerRow[] => {
  const posted = erp.orders.posted.get(salesOrder);
  if (posted !== undefined) {
    return posted.items.map(({ position, variant, quantity }) => ({
      item: position,
      ...soldAs(erp, salesOrder),
      sku: sku(erp, variant),
      quantity,
    }));
  }
  const { orders } = erp.world;
  return [...orders.linesOf(erp.orders.order.get(salesOrder))]
    .filter((line) => orders.lineKind.get(line) === LINE_PRODUCT)
    .map((line, index) => ({
      item: (index + 1) * 10,
      ...soldAs(erp, salesOrder),
      sku: sku(erp, orders.lineSubject.get(line)),
      quantity: orders.lineQuantity.get(line),
    }));
};

/** Of a whole order, or of some of its items. */
const isRejectedItem = (erp: Erp, salesOrder: number, item: unknown): boolean => {
  const posted = erp.orders.posted.get(salesOrder);
  return posted === undefined
    ? (erp.orders.status.get(salesOrder) & 1) !== 0
    : posted.items.some(({ position, rejection }) => position === item && rejection !== '');
};

export const erpOrderLines: ErpLedger = function* (erp) {
  for (let row = 0; row < erp.orders.length; row++) {
    for (const item of goodsOf(erp, row)) {
      const rejected = isRejectedItem(erp, row, item['item']);
      yield { salesOrder: numbered('order', row), ...item, rejected };
    }
  }
};

/** A delivery that was withdrawn keeps its items, with nothing in them. */
export const erpDeliveryLines: ErpLedger = function* (erp) {
  const table = erp.deliveries;
  for (let row = 0; row < table.length; row++) {
    const isWithdrawn = (table.status.get(row) & 4) !== 0;
    const salesOrder = table.salesOrder.get(row);
    for (const item of goodsOf(erp, salesOrder)) {
      const isGone = isWithdrawn || isRejectedItem(erp, salesOrder, item['item']);
      const quantity = isGone ? 0 : item['quantity'];
      yield { delivery: numbered('delivery', row), ...item, quantity };
    }
  }
};

export const erpDeliveries: ErpLedger = function* (erp) {
  const table = erp.deliveries;
  for (let row = 0; row < table.length; row++) {
    const salesOrder = table.salesOrder.get(row);
    const status = table.status.get(row);
    yield {
      delivery: numbered('delivery', row),
      salesOrder: numbered('order', salesOrder),
      ...soldAs(erp, salesOrder),
      plannedFor: table.plannedDay.get(row) * DAY,
      issuedAt: timeOrNull(table.issuedAtMs.get(row)),
      arrivedAt: timeOrNull(table.arrivedAtMs.get(row)),
      trackingNo: table.issuedAtMs.get(row) === 0 ? null : parcelOf(erp, salesOrder),
      withdrawn: (status & 4) !== 0,
      blocked: (status & 8) !== 0,
      createdAt: table.createdAtMs.get(row),
      changedAt: timeOrNull(table.changedAtMs.get(row)),
    };
  }
};

export const erpReturns: ErpLedger = function* (erp) {
  const table = erp.returns;
  const { returns, orders } = erp.world;
  for (let row = 0; row < table.length; row++) {
    const isInspected = table.isInspected.get(row) === 1;
    const times = {
      createdAt: table.createdAtMs.get(row),
      changedAt: momentOf(table.stamp.get(row)),
    };
    const posted = table.posted.get(row);
    for (const item of posted?.items ?? []) {
      yield {
        customerReturn: numbered('return', row),
        returnNo: posted?.assignment || numbered('return', row),
        ...soldAs(erp, posted?.salesOrder ?? -1),
        salesOrder: numbered('order', posted?.salesOrder ?? -1),
        sku: sku(erp, item.variant),
        quantity: item.quantity,
        reason: Number(item.reason) - 1,
        sellable: isInspected ? item.isSellable : null,
        requestedAt: posted?.requestedAtMs,
        ...times,
      };
    }
    if (posted !== undefined) continue;
    const shopReturn = table.shopReturn.get(row);
    const line = returns.line.get(shopReturn);
    const order = orders.lineOrder.get(line);
    yield {
      customerReturn: numbered('return', row),
      returnNo: numbered('return', row),
      ...shopOrder(erp, order),
      salesOrder: numbered('order', erp.orders.byOrder.get(order)),
      sku: sku(erp, orders.lineSubject.get(line)),
      quantity: returns.quantity.get(shopReturn),
      reason: returns.reason.get(shopReturn),
      sellable: isInspected ? returns.isResellable.get(shopReturn) === 1 : null,
      requestedAt: returns.requestedAtMs.get(shopReturn),
      ...times,
    };
  }
};
