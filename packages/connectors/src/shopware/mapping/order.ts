/** An order with its lines, deliveries and payments: one record of Shopware, many of ours. */
import type { JsonObject, MappedRecord } from '@headrace/sdk';
import { HeadraceError } from '@headrace/sdk';
import { brandOf } from '../config.js';
import { instant, latest, number, object, objects, text } from '../json.js';
import { marketOf } from './customer.js';
import { paidMoney } from './numbers.js';
import { lineAmounts, mapLine, shippingAmounts, sumOfMoney } from './order-line.js';
import { mapDelivery, mapTransaction, stateName } from './order-parts.js';
import type { OrderScope } from './order-scope.js';
import { byId, channelOf, referenceOf, type ShopwareMapContext } from './reference.js';
import { canonicalState, leftTheHouse } from './states.js';
import { traitsOf } from './traits.js';

export function mapOrder(record: JsonObject, context: ShopwareMapContext): readonly MappedRecord[] {
  const id = text(record.id);
  const orderNo = text(record.orderNumber);
  const channel = channelOf(context, record.salesChannelId);
  if (id === null || orderNo === null || channel === null) return [];
  const currency = byId(referenceOf(context).currencies, record.currencyId);
  if (currency === null) {
    throw new HeadraceError('record', 'The order is in a currency the shop does not list.', {
      code: 'E_SHOPWARE_CURRENCY',
      hint: 'Allow the integration to read all currencies.',
    });
  }
  const lines = objects(record.lineItems);
  const deliveries = deliveriesOf(record);
  const scope: OrderScope = {
    record,
    context,
    channel,
    orderNo,
    isoCode: currency.isoCode,
    taxStatus: taxStatusOf(record),
    skus: skusOf(lines, context),
    shippedQuantities: shippedOf(deliveries),
  };
  return [
    { entity: 'order', type: 'order', externalId: id, fields: orderFields(scope, deliveries) },
    ...lines.flatMap((line) => mapLine(line, scope)),
    ...deliveries.flatMap((delivery) => mapDelivery(delivery, scope)),
    ...objects(record.transactions).flatMap((transaction) => mapTransaction(transaction, scope)),
  ];
}

function orderFields(scope: OrderScope, deliveries: readonly JsonObject[]) {
  const { record, context, channel, orderNo, isoCode } = scope;
  const reference = referenceOf(context);
  const delivery = deliveries[0];
  const transaction = newest(objects(record.transactions));
  const [rawState, rawPaymentState, rawDeliveryState] = [
    stateName(record),
    transaction === undefined ? null : stateName(transaction),
    delivery === undefined ? null : stateName(delivery),
  ];
  const lines = objects(record.lineItems);
  const shippingCountry = byId(
    reference.countries,
    object(delivery?.shippingOrderAddress)?.countryId,
  );
  return {
    channel,
    orderNo,
    brand: brandOf(context.config, channel),
    market: marketOf(shippingCountry, text(record.salesChannelId), context),
    customerId: context.subject ?? undefined,
    placedAt: instant(record.orderDateTime) ?? undefined,
    promisedAt: latest(deliveries.map((row) => instant(row.shippingDateLatest))) ?? undefined,
    state: canonicalState('order', rawState),
    rawState: rawState ?? undefined,
    paymentState: canonicalState('payment', rawPaymentState),
    rawPaymentState: rawPaymentState ?? undefined,
    deliveryState: canonicalState('delivery', rawDeliveryState),
    rawDeliveryState: rawDeliveryState ?? undefined,
    currency: isoCode,
    ...totalsOf(scope),
    ...shippingAmounts(object(record.shippingCosts), scope),
    discountTotal: discountOf(lines, scope),
    isTaxFree: scope.taxStatus === 'tax-free',
    paymentMethod: byId(reference.paymentMethods, transaction?.paymentMethodId) ?? undefined,
    shippingMethod: byId(reference.shippingMethods, delivery?.shippingMethodId) ?? undefined,
    shippingCountry: shippingCountry ?? undefined,
    language: byId(reference.languages, record.languageId) ?? undefined,
    ...promotionsOf(lines),
    lineCount: lines.length,
    ...traitsOf(record.customFields, context.config.customFields.order, {
      affiliateCode: text(record.affiliateCode),
      campaignCode: text(record.campaignCode),
    }),
  };
}

/** `amountTotal` is what the customer pays; with `amountNet` it gives the tax. */
function totalsOf({ record, isoCode }: OrderScope) {
  const totalGross = paidMoney(number(record.amountTotal), isoCode);
  const totalNet = paidMoney(number(record.amountNet), isoCode);
  if (totalGross === undefined || totalNet === undefined) return { totalGross, totalNet };
  return { totalGross, totalNet, totalTax: sumOfMoney(isoCode, [totalGross], [totalNet]) };
}

function taxStatusOf(record: JsonObject): 'gross' | 'net' | 'tax-free' {
  if (record.taxStatus === 'net') return 'net';
  return record.taxStatus === 'tax-free' ? 'tax-free' : 'gross';
}

/** A discount on shipping comes as a delivery of its own, beside the first, with nothing in it. */
function deliveriesOf(record: JsonObject): readonly JsonObject[] {
  return objects(record.deliveries).filter(
    (row, index) => index === 0 || objects(row.positions).length > 0,
  );
}

function newest(rows: readonly JsonObject[]): JsonObject | undefined {
  const time = (row: JsonObject) => `${instant(row.createdAt) ?? ''} ${text(row.id) ?? ''}`;
  return [...rows].sort((a, b) => (time(a) < time(b) ? 1 : -1))[0];
}

function skusOf(lines: readonly JsonObject[], context: ShopwareMapContext) {
  const field = context.config.skuFrom;
  const skus = new Map<string, string>();
  for (const line of lines) {
    const id = text(line.id);
    // The line keeps the number it was ordered under; other fields only the product has.
    const own = field === 'productNumber' ? text(object(line.payload)?.productNumber) : null;
    const sku = own ?? text(object(line.product)?.[field]);
    if (id !== null && sku !== null && line.type === 'product') skus.set(id, sku.trim());
  }
  return skus;
}

function shippedOf(deliveries: readonly JsonObject[]): ReadonlyMap<string, number> {
  const shipped = new Map<string, number>();
  for (const delivery of deliveries) {
    if (!leftTheHouse.has(stateName(delivery) ?? '')) continue;
    for (const position of objects(delivery.positions)) {
      const line = text(position.orderLineItemId);
      const quantity = number(position.quantity) ?? 0;
      if (line !== null) shipped.set(line, (shipped.get(line) ?? 0) + quantity);
    }
  }
  return shipped;
}

function discountOf(lines: readonly JsonObject[], scope: OrderScope) {
  const taken = lines
    .filter((line) => (number(line.totalPrice) ?? 0) < 0)
    .flatMap((line) => lineAmounts(line, scope).total ?? []);
  return taken.length === 0 ? undefined : sumOfMoney(scope.isoCode, [], taken);
}

/** A promotion's line names it; what was typed in stands where others have an id. */
function promotionsOf(lines: readonly JsonObject[]) {
  const promotions = lines.filter(({ type }) => type === 'promotion');
  const ids = promotions.flatMap((line) => text(line.promotionId) ?? []);
  const codes = promotions.flatMap((line) => text(object(line.payload)?.code) ?? []);
  const sorted = (values: readonly string[]) =>
    values.length === 0 ? undefined : [...new Set(values)].sort();
  return { promotionIds: sorted(ids), couponCodes: sorted(codes) };
}
