import { CHANNELS, channelAt, taxPercent } from './channels.js';
import { Float64Column, Int32Column, Uint8Column, Uint32Column } from './columns.js';
import { mix } from './random.js';

/**
 * Orders and their lines as columns, numbered in the order they were placed. An order has one
 * delivery and one payment, so those share its row.
 *
 *   order:    open -> in_progress -> completed     open | in_progress -> cancelled
 *   delivery: open -> shipped -> returned_partially | returned          open -> cancelled
 *   payment:  open -> paid -> refunded_partially | refunded             open -> cancelled
 */

export const ORDER_STATES = ['open', 'in_progress', 'completed', 'cancelled'] as const;
export const DELIVERY_STATES = [
  'open',
  'shipped',
  'returned_partially',
  'returned',
  'cancelled',
] as const;
export const PAYMENT_STATES = [
  'open',
  'paid',
  'refunded_partially',
  'refunded',
  'cancelled',
] as const;
export type OrderState = (typeof ORDER_STATES)[number];
export type DeliveryState = (typeof DELIVERY_STATES)[number];
export type PaymentState = (typeof PAYMENT_STATES)[number];

export const LINE_PRODUCT = 0;
export const LINE_PROMOTION = 1;

export const NO_ROW = 0xffffffff;

export interface OrderEdits {
  comment?: string | null;
  internalComment?: string | null;
  street?: string;
  customFields?: Record<string, unknown> | null;
}

export interface TaxShare {
  readonly percent: number;
  readonly taxMinor: number;
  /** The amount the tax is part of (gross basis) or added to (net basis). */
  readonly priceMinor: number;
}

export class OrderTable {
  readonly placedAtMs = new Float64Column();
  readonly updatedAtMs = new Float64Column();
  readonly deliveryUpdatedAtMs = new Float64Column();
  readonly paymentUpdatedAtMs = new Float64Column();
  readonly paidAtMs = new Float64Column();
  readonly shippedAtMs = new Float64Column();
  /** Tracking codes somebody wrote into the shop, by order. */
  readonly writtenCodes = new Map<number, readonly string[]>();
  readonly completedAtMs = new Float64Column();
  readonly cancelledAtMs = new Float64Column();
  readonly promisedDays = new Uint8Column();
  readonly channel = new Uint8Column();
  readonly sequence = new Uint32Column();
  readonly customer = new Uint32Column();
  readonly firstLine = new Uint32Column();
  readonly lineCount = new Uint8Column();
  readonly state = new Uint8Column();
  readonly deliveryState = new Uint8Column();
  readonly paymentState = new Uint8Column();
  readonly paymentMethod = new Uint8Column();
  readonly shippingMethod = new Uint8Column();
  readonly shippingMinor = new Int32Column();
  /** Sum of the lines, promotion included, in the channel's own basis. */
  readonly positionMinor = new Int32Column();
  readonly grossMinor = new Int32Column();
  readonly netMinor = new Int32Column();
  readonly edits = new Map<number, OrderEdits>();

  readonly lineOrder = new Uint32Column();
  readonly lineKind = new Uint8Column();
  /** Variant for a product line, promotion for a promotion line. */
  readonly lineSubject = new Uint32Column();
  readonly lineQuantity = new Uint32Column();
  readonly lineUnitMinor = new Int32Column();
  readonly lineListMinor = new Int32Column();
  readonly lineTaxClass = new Uint8Column();
  readonly lineReturned = new Uint8Column();

  readonly byChannel: readonly Uint32Column[] = CHANNELS.map(() => new Uint32Column());
  /** Product lines only; promotions are counted apart. */
  productLineCount = 0;

  get length(): number {
    return this.state.length;
  }

  get lineLength(): number {
    return this.lineOrder.length;
  }

  numberOf(order: number): string {
    return String(channelAt(this.channel.get(order)).firstOrderNumber + this.sequence.get(order));
  }

  /** The order of this number in a channel, or -1. */
  find(channel: number, number: string): number {
    if (!/^[0-9]{1,15}$/.test(number)) return -1;
    const sequence = Number(number) - channelAt(channel).firstOrderNumber;
    const rows = this.byChannel[channel];
    if (rows === undefined || sequence < 0 || sequence >= rows.length) return -1;
    return rows.get(sequence);
  }

  lineTotalMinor(line: number): number {
    return this.lineUnitMinor.get(line) * this.lineQuantity.get(line);
  }

  *linesOf(order: number): Generator<number> {
    const first = this.firstLine.get(order);
    const end = first + this.lineCount.get(order);
    for (let line = first; line < end; line++) yield line;
  }

  /** Tax by rate over lines and shipping; shipping is taxed with the order's highest rate. */
  taxShares(order: number): TaxShare[] {
    const channel = channelAt(this.channel.get(order));
    const priceByPercent = new Map<number, number>();
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
  total(order: number): void {
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

export const taxMinorOf = (priceMinor: number, percent: number, basis: 'gross' | 'net'): number =>
  basis === 'gross'
    ? Math.round((priceMinor * percent) / (100 + percent))
    : Math.round((priceMinor * percent) / 100);

/** What the carrier calls the parcel of an order. */
export const parcelNumberOf = (order: number): string =>
  `3S${String(mix(order, 0x7261) % 1_000_000_000).padStart(9, '0')}${String(mix(order, 0x636b) % 10_000).padStart(4, '0')}`;

export const RETURN_REASONS = [
  'too-small',
  'too-large',
  'damaged',
  'late',
  'not-as-described',
  'changed-mind',
] as const;

/** Returned goods: requested, then received and put back on the shelf or written off. */
export class ReturnTable {
  readonly line = new Uint32Column();
  readonly quantity = new Uint8Column();
  readonly reason = new Uint8Column();
  readonly requestedAtMs = new Float64Column();
  readonly receivedAtMs = new Float64Column();
  readonly isResellable = new Uint8Column();

  get length(): number {
    return this.line.length;
  }
}
