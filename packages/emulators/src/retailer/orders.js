import { CHANNELS, channelAt, taxPercent } from './channels.js';
import { Float64Column, Int32Column, Uint8Column, Uint32Column } from './columns.js';
/**
 * Orders and their lines as columns, numbered in the order they were placed. An order has one
 * delivery and one payment, so those share its row.
 *
 *   order:    open -> in_progress -> completed     open | in_progress -> cancelled
 *   delivery: open -> shipped -> returned_partially | returned          open -> cancelled
 *   payment:  open -> paid -> refunded_partially | refunded             open -> cancelled
 */
export const ORDER_STATES = ['open', 'in_progress', 'completed', 'cancelled'];
export const DELIVERY_STATES = ['open', 'shipped', 'returned_partially', 'returned', 'cancelled'];
export const PAYMENT_STATES = ['open', 'paid', 'refunded_partially', 'refunded', 'cancelled'];
export const LINE_PRODUCT = 0;
export const LINE_PROMOTION = 1;
export const NO_ROW = 0xffffffff;
export class OrderTable {
  placedAtMs = new Float64Column();
  updatedAtMs = new Float64Column();
  deliveryUpdatedAtMs = new Float64Column();
  paymentUpdatedAtMs = new Float64Column();
  paidAtMs = new Float64Column();
  shippedAtMs = new Float64Column();
  completedAtMs = new Float64Column();
  cancelledAtMs = new Float64Column();
  promisedDays = new Uint8Column();
  channel = new Uint8Column();
  sequence = new Uint32Column();
  customer = new Uint32Column();
  firstLine = new Uint32Column();
  lineCount = new Uint8Column();
  state = new Uint8Column();
  deliveryState = new Uint8Column();
  paymentState = new Uint8Column();
  paymentMethod = new Uint8Column();
  shippingMethod = new Uint8Column();
  shippingMinor = new Int32Column();
  /** Sum of the lines, promotion included, in the channel's own basis. */
  positionMinor = new Int32Column();
  grossMinor = new Int32Column();
  netMinor = new Int32Column();
  edits = new Map();
  lineOrder = new Uint32Column();
  lineKind = new Uint8Column();
  /** Variant for a product line, promotion for a promotion line. */
  lineSubject = new Uint32Column();
  lineQuantity = new Uint32Column();
  lineUnitMinor = new Int32Column();
  lineListMinor = new Int32Column();
  lineTaxClass = new Uint8Column();
  lineReturned = new Uint8Column();
  byChannel = CHANNELS.map(() => new Uint32Column());
  /** Product lines only; promotions are counted apart. */
  productLineCount = 0;
  get length() {
    return this.state.length;
  }
  get lineLength() {
    return this.lineOrder.length;
  }
  numberOf(order) {
    return String(channelAt(this.channel.get(order)).firstOrderNumber + this.sequence.get(order));
  }
  /** The order of this number in a channel, or -1. */
  find(channel, number) {
    if (!/^[0-9]{1,15}$/.test(number)) return -1;
    const sequence = Number(number) - channelAt(channel).firstOrderNumber;
    const rows = this.byChannel[channel];
    if (rows === undefined || sequence < 0 || sequence >= rows.length) return -1;
    return rows.get(sequence);
  }
  lineTotalMinor(line) {
    return this.lineUnitMinor.get(line) * this.lineQuantity.get(line);
  }
  *linesOf(order) {
    const first = this.firstLine.get(order);
    const end = first + this.lineCount.get(order);
    for (let line = first; line < end; line++) yield line;
  }
  /** Tax by rate over lines and shipping; shipping is taxed with the order's highest rate. */
  taxShares(order) {
    const channel = channelAt(this.channel.get(order));
    const priceByPercent = new Map();
    let highest = 0;
    const first = this.firstLine.get(order);
    for (let line = first; line < first + this.lineCount.get(order); line++) {
      const percent = taxPercent(channel.country, this.lineTaxClass.get(line));
      highest = Math.max(highest, percent);
      priceByPercent.set(percent, (priceByPercent.get(percent) ?? 0) + this.lineTotalMinor(line));
    }
    const shipping = this.shippingMinor.get(order);
    priceByPercent.set(highest, (priceByPercent.get(highest) ?? 0) + shipping);
    return [...priceByPercent].map(([percent, priceMinor]) => ({
      percent,
      priceMinor,
      taxMinor: taxMinorOf(priceMinor, percent, channel.taxBasis),
    }));
  }
  /** Fixes the totals from lines and shipping, as a shop does when it stores an order. */
  total(order) {
    const channel = channelAt(this.channel.get(order));
    let position = 0;
    const first = this.firstLine.get(order);
    for (let line = first; line < first + this.lineCount.get(order); line++) {
      position += this.lineTotalMinor(line);
    }
    let tax = 0;
    for (const share of this.taxShares(order)) tax += share.taxMinor;
    const sum = position + this.shippingMinor.get(order);
    this.positionMinor.set(order, position);
    this.grossMinor.set(order, channel.taxBasis === 'gross' ? sum : sum + tax);
    this.netMinor.set(order, channel.taxBasis === 'gross' ? sum - tax : sum);
  }
}
export const taxMinorOf = (priceMinor, percent, basis) =>
  basis === 'gross'
    ? Math.round((priceMinor * percent) / (100 + percent))
    : Math.round((priceMinor * percent) / 100);
export const RETURN_REASONS = [
  'too-small',
  'too-large',
  'damaged',
  'late',
  'not-as-described',
  'changed-mind',
];
/** Returned goods: requested, then received and put back on the shelf or written off. */
export class ReturnTable {
  line = new Uint32Column();
  quantity = new Uint8Column();
  reason = new Uint8Column();
  requestedAtMs = new Float64Column();
  receivedAtMs = new Float64Column();
  isResellable = new Uint8Column();
  get length() {
    return this.line.length;
  }
}
//# sourceMappingURL=orders.js.map
