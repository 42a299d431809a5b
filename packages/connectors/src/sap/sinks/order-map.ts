/** What SAP is to hold of an order. Pure. */
import {
  businessDateOf,
  type FlowGroup,
  HeadraceError,
  type JsonObject,
  type MapContext,
  type TargetRecord,
} from '@headrace/sdk';
import { z } from 'zod';
import { areaOf, materialOf, type SapConfig } from '../config.js';
import { lookUp, text } from '../json.js';
import { lineCode, moneyIn, priceOf, quantityIn, sapUnitOf, sumText } from './amounts.js';
import { forChannel } from './write-config.js';

const code = z.string().min(1);
const decimal = z.string().regex(/^-?\d+(\.\d+)?$/, 'must be a plain number');
const day = z.string().regex(/^\d{4}-\d\d-\d\d$/, 'must be a date');

const item = z.strictObject({
  material: code.max(40).describe('Material number.'),
  quantity: decimal.describe('Ordered, in `unit`.'),
  unit: code.max(3).describe('SAP’s unit.'),
  price: z
    .strictObject({
      condition: code.max(4).describe('Condition type.'),
      amount: decimal.describe('What `per` units cost.'),
      per: decimal.describe('Units the price is for.'),
    })
    .nullable()
    .describe('Price of the channel; SAP finds its own where there is none.'),
  isCancelled: z.boolean().describe('Whether the item is rejected.'),
});
export type OrderItem = z.output<typeof item>;

export const orderFields = z.strictObject({
  area: z
    .string()
    .regex(/^[^/]{1,4}\/[^/]{1,2}\/[^/]{1,2}$/)
    .describe('Sales organization, distribution channel, division; of a new order.'),
  type: code.max(4).describe('Order type; of a new order.'),
  soldTo: code.max(10).describe('Customer it is sold to where no other is found; of a new order.'),
  reference: code.max(35).describe('Number the channel knows it by: `PurchaseOrderByCustomer`.'),
  orderedOn: day.describe('Document date; of a new order.'),
  requestedOn: day.describe('Requested delivery date; of a new order.'),
  currency: z.string().length(3).describe('Currency; of a new order.'),
  shippingCondition: code.max(2).nullable().describe('Shipping condition; of a new order.'),
  paymentTerms: code.max(4).nullable().describe('Terms of payment; of a new order.'),
  items: z
    .record(code.max(6), item)
    .describe('By the channel’s line, shortened to six characters.'),
  freight: decimal.describe('What sending costs.'),
  discount: decimal.describe('Discount on the whole, positive.'),
});
export type OrderFields = z.output<typeof orderFields>;

export function mapOrder(group: FlowGroup, context: MapContext<SapConfig>): TargetRecord | null {
  const { config } = context;
  const [order] = group.records('order');
  const channel = text(order?.fields.channel);
  const reference = text(order?.fields.orderNo);
  const placedAt = text(order?.fields.placedAt);
  if (order === undefined || channel === null || reference === null || placedAt === null)
    return null;
  const area = areaOf(config, channel);
  if (area === null) return null;
  const settings = config.write.order;
  const soldTo = forChannel(settings.soldTo, channel);
  const type = forChannel(settings.type, channel);
  if (soldTo === undefined || type === undefined) {
    throw new HeadraceError('record', `No customer or order type is set for ${channel}.`, {
      code: 'E_SAP_SOLD_TO',
      hint: 'Set `write.order.soldTo`, and `write.order.type` where it is not OR, for this channel.',
    });
  }
  const lines = group.records('orderLine').map(({ fields }) => fields);
  const isNet = config.businessChannels.includes(channel) || !lines.some(hasGross);
  const orderedOn = businessDateOf(placedAt, config.timeZone);
  const wantedAt = text(order.fields.requestedDeliveryAt) ?? text(order.fields.promisedAt);
  const wantedOn = wantedAt === null ? orderedOn : businessDateOf(wantedAt, config.timeZone);
  const fields = {
    area,
    type,
    soldTo,
    reference,
    orderedOn,
    // A promise older than the order is none.
    requestedOn: [wantedOn, orderedOn].sort().at(-1) ?? orderedOn,
    currency: text(order.fields.currency) ?? '',
    shippingCondition:
      lookUp(settings.shippingConditions, text(order.fields.shippingMethod)) ?? null,
    paymentTerms: lookUp(settings.paymentTerms, text(order.fields.paymentMethod)) ?? null,
    items: itemsOf(lines, order.fields, isNet, config),
    freight: sumText([moneyIn(order.fields[isNet ? 'shippingNet' : 'shippingGross'])?.amount]),
    discount: discountOf(lines, isNet),
  } satisfies OrderFields;
  return { key: `${channel}/${reference}`, fields };
}

const hasGross = ({ unitGross }: JsonObject) => moneyIn(unitGross) !== null;

/** Goods are items; what takes something off is a condition; what holds others together is neither. */
function itemsOf(
  lines: readonly JsonObject[],
  order: JsonObject,
  isNet: boolean,
  config: SapConfig,
): Record<string, OrderItem> {
  const items: Record<string, OrderItem> = {};
  for (const line of [...lines].sort(byLine)) {
    const name = text(line.line);
    const kind = text(line.kind) ?? 'item';
    if (name === null || kind === 'discount' || kind === 'shipping' || kind === 'bundle') continue;
    const sku = text(line.sku);
    if (sku === null) {
      throw new HeadraceError('record', `Line ${name} of the order names no article.`, {
        code: 'E_SAP_LINE',
        hint: 'Give the line a sku in the channel, or leave the order to a person.',
      });
    }
    items[lineCode(name)] = itemOf(line, materialOf(config, sku), order, isNet, config);
  }
  return items;
}

const byLine = (left: JsonObject, right: JsonObject) => {
  const [a, b] = [text(left.line) ?? '', text(right.line) ?? ''];
  return a.length - b.length || (a < b ? -1 : 1);
};

function itemOf(
  line: JsonObject,
  material: string,
  order: JsonObject,
  isNet: boolean,
  { write }: SapConfig,
): OrderItem {
  const quantity = quantityIn(line.quantity);
  const cancelled = quantityIn(line.cancelledQuantity);
  const unit = quantity?.unit ?? 'C62';
  const left = sumText([quantity?.value ?? '0', cancelled === null ? '0' : `-${cancelled.value}`]);
  const isGone =
    text(order.state) === 'cancelled' || text(line.state) === 'cancelled' || left === '0';
  const money = moneyIn(line[isNet ? 'unitNet' : 'unitGross']);
  return {
    material,
    quantity: isGone ? (quantity?.value ?? '0') : left,
    unit: sapUnitOf(unit, write.order.unit),
    price:
      money === null
        ? null
        : { condition: isNet ? write.order.netPrice : write.order.grossPrice, ...priceOf(money) },
    isCancelled: isGone,
  };
}

function discountOf(lines: readonly JsonObject[], isNet: boolean): string {
  const taken = lines
    .filter((line) => text(line.kind) === 'discount')
    .map((line) => moneyIn(line[isNet ? 'lineNet' : 'lineGross'])?.amount ?? '0');
  return sumText(taken).replace(/^-/, '');
}
