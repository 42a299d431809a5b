import type { JsonObject, MappedRecord } from '@headrace/sdk';
import { pieces } from '@headrace/sdk';
import { instant, integer, number, object, objects, text, texts } from '../json.js';
import { paidMoney } from './numbers.js';
import type { OrderScope } from './order-scope.js';
import { byId, referenceOf } from './reference.js';
import { canonicalState } from './states.js';

/** Technical name of the state an order, delivery or payment is in. */
export function stateName(row: JsonObject): string | null {
  return text(object(row.stateMachineState)?.technicalName);
}

export function mapDelivery(delivery: JsonObject, scope: OrderScope): readonly MappedRecord[] {
  const id = text(delivery.id);
  if (id === null) return [];
  const { channel, orderNo, context } = scope;
  const rawState = stateName(delivery);
  const reference = referenceOf(context);
  const country = byId(reference.countries, object(delivery.shippingOrderAddress)?.countryId);
  const trackingNos = texts(delivery.trackingCodes);
  const fields = {
    channel,
    orderNo,
    shipmentNo: id,
    location: context.config.location,
    service: byId(reference.shippingMethods, delivery.shippingMethodId) ?? undefined,
    trackingNos: trackingNos.length === 0 ? undefined : trackingNos,
    state: canonicalState('delivery', rawState),
    rawState: rawState ?? undefined,
    createdAt: instant(delivery.createdAt) ?? undefined,
    promisedAt: instant(delivery.shippingDateLatest) ?? undefined,
    country: country ?? undefined,
  };
  return [
    { entity: 'shipment', type: 'order_delivery', externalId: id, fields },
    ...objects(delivery.positions).flatMap((position) => mapPosition(id, position, scope)),
  ];
}

function mapPosition(
  shipmentNo: string,
  position: JsonObject,
  { channel, orderNo, skus }: OrderScope,
): readonly MappedRecord[] {
  const id = text(position.id);
  const orderLine = text(position.orderLineItemId);
  const quantity = integer(position.quantity);
  if (id === null) return [];
  const fields = {
    channel,
    orderNo,
    shipmentNo,
    line: id,
    orderLine: orderLine ?? undefined,
    sku: orderLine === null ? undefined : skus.get(orderLine),
    quantity: quantity === null ? undefined : pieces(quantity),
  };
  return [{ entity: 'shipmentLine', type: 'order_delivery_position', externalId: id, fields }];
}

export function mapTransaction(
  transaction: JsonObject,
  { channel, orderNo, isoCode, context }: OrderScope,
): readonly MappedRecord[] {
  const id = text(transaction.id);
  if (id === null) return [];
  const rawState = stateName(transaction);
  const fields = {
    channel,
    orderNo,
    paymentId: id,
    amount: paidMoney(number(object(transaction.amount)?.totalPrice), isoCode),
    method: byId(referenceOf(context).paymentMethods, transaction.paymentMethodId) ?? undefined,
    state: canonicalState('payment', rawState),
    rawState: rawState ?? undefined,
    createdAt: instant(transaction.createdAt) ?? undefined,
  };
  return [{ entity: 'payment', type: 'order_transaction', externalId: id, fields }];
}
