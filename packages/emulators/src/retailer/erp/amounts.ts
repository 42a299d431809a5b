import { contentsOf, itemTotalMinor, totalsOf } from './contents.js';
import type { Erp } from './state.js';

/**
 * An order's net total spread over its items. Shops keep discounts and shipping beside the
 * lines; an ERP shares them out, so that its items add up to its header to the cent.
 */

export interface ItemAmounts {
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

/** In the order of the items. A rejected item keeps what it would be worth, outside the total. */
export const itemAmounts = (erp: Erp, salesOrder: number): readonly ItemAmounts[] => {
  const contents = contentsOf(erp, salesOrder);
  const shipping = erp.orders.shippingMinor.get(salesOrder);
  const posted = erp.orders.posted.get(salesOrder);
  if (posted === undefined) {
    const netMinor = erp.orders.netMinor.get(salesOrder);
    const taxMinor = erp.orders.grossMinor.get(salesOrder) - netMinor;
    return spread(contents, shipping, netMinor, taxMinor);
  }
  const open = posted.items.filter(({ rejection }) => rejection === '');
  const { netMinor, grossMinor } = totalsOf(posted, shipping);
  const counted = spread({ ...posted, items: open }, shipping, netMinor, grossMinor - netMinor);
  return posted.items.map((item) => {
    const at = open.indexOf(item);
    if (at >= 0) return counted[at] as ItemAmounts;
    const alone = { ...posted, items: [{ ...item, rejection: '' }], discountMinor: 0 };
    const own = totalsOf(alone, 0);
    return spread(alone, 0, own.netMinor, own.grossMinor - own.netMinor)[0] as ItemAmounts;
  });
};

const spread = (
  contents: Pick<ReturnType<typeof contentsOf>, 'items' | 'discountMinor'>,
  shipping: number,
  netMinor: number,
  taxMinor: number,
): readonly ItemAmounts[] => {
  const weights = contents.items.map(itemTotalMinor);
  const goods = weights.reduce((total, weight) => total + weight, 0);
  const position = goods - contents.discountMinor;
  const factor = netMinor / Math.max(1, position + shipping);
  const net = shares(netMinor, weights);
  const tax = shares(taxMinor, weights);
  const discount = shares(Math.round((position - goods) * factor), weights);
  const freight = shares(Math.round(shipping * factor), weights);
  return weights.map((_, index) => {
    const [own = 0, off = 0, sent = 0] = [net[index], discount[index], freight[index]];
    return {
      netMinor: own,
      taxMinor: tax[index] ?? 0,
      goodsMinor: own - off - sent,
      discountMinor: off,
      freightMinor: sent,
    };
  });
};
