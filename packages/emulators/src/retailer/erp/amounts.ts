import { LINE_PRODUCT } from '../orders.js';
import type { Erp } from './state.js';

/**
 * An order's net total spread over its items. Shops keep discounts and shipping beside the
 * lines; an ERP shares them out, so that its items add up to its header to the cent.
 */

export interface ItemAmounts {
  /** Line of the shop order. */
  readonly line: number;
  readonly netMinor: number;
  readonly taxMinor: number;
  /** Parts of the net amount. */
  readonly goodsMinor: number;
  readonly discountMinor: number;
  readonly freightMinor: number;
}

/** Shares that add up to the whole whatever is rounded. */
const shares = (whole: number, weights: readonly number[]): readonly number[] => {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  let weighed = 0;
  let given = 0;
  return weights.map((weight) => {
    weighed += weight;
    const upTo = sum === 0 ? 0 : Math.round((whole * weighed) / sum);
    const share = upTo - given;
    given = upTo;
    return share;
  });
};

export const itemAmounts = (erp: Erp, salesOrder: number): readonly ItemAmounts[] => {
  const { orders } = erp.world;
  const order = erp.orders.order.get(salesOrder);
  const all = [...orders.linesOf(order)];
  const lines = all.filter((line) => orders.lineKind.get(line) === LINE_PRODUCT);
  const weights = lines.map((line) => orders.lineTotalMinor(line));
  const goods = weights.reduce((total, weight) => total + weight, 0);
  const position = all.reduce((total, line) => total + orders.lineTotalMinor(line), 0);
  const shipping = erp.orders.shippingMinor.get(salesOrder);
  const netMinor = erp.orders.netMinor.get(salesOrder);
  const factor = netMinor / Math.max(1, position + shipping);
  const net = shares(netMinor, weights);
  const tax = shares(erp.orders.grossMinor.get(salesOrder) - netMinor, weights);
  const discount = shares(Math.round((position - goods) * factor), weights);
  const freight = shares(Math.round(shipping * factor), weights);
  return lines.map((line, index) => {
    const [own = 0, off = 0, sent = 0] = [net[index], discount[index], freight[index]];
    return {
      line,
      netMinor: own,
      taxMinor: tax[index] ?? 0,
      goodsMinor: own - off - sent,
      discountMinor: off,
      freightMinor: sent,
    };
  });
};
