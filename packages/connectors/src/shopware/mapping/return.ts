/** A return of Shopware Commercial with its lines. */
import type { JsonObject, MappedRecord } from '@headrace/sdk';
import { pieces, returnReasons } from '@headrace/sdk';
import { instant, integer, lookUp, object, objects, text } from '../json.js';
import { channelOf, type ShopwareMapContext } from './reference.js';

const states: Readonly<Record<string, string>> = {
  open: 'requested',
  in_progress: 'received',
  done: 'closed',
  cancelled: 'cancelled',
};

export function mapReturn(
  record: JsonObject,
  context: ShopwareMapContext,
): readonly MappedRecord[] {
  const id = text(record.id);
  const rma = text(record.returnNumber)?.trim();
  const order = object(record.order);
  const orderNo = text(order?.orderNumber);
  const channel = channelOf(context, order?.salesChannelId);
  if (id === null || !rma || orderNo === null || channel === null) return [];
  const keys = { channel, orderNo, rma };
  const customerId = context.subject ?? undefined;
  const requestedAt = instant(record.requestedAt) ?? undefined;
  const fields = { ...keys, customerId, ...stateOf(record), requestedAt };
  return [
    { entity: 'return', type: 'order_return', externalId: id, fields },
    ...objects(record.lineItems).flatMap((line): readonly MappedRecord[] => {
      const lineId = text(line.id);
      const quantity = integer(line.quantity);
      if (lineId === null) return [];
      const sold = object(line.lineItem);
      return [
        {
          ...{ entity: 'returnLine', type: 'order_return_line_item', externalId: lineId },
          fields: {
            ...{ ...keys, line: lineId, customerId, requestedAt },
            orderLine: text(sold?.id) ?? undefined,
            sku: skuOf(sold, context),
            quantity: quantity === null ? undefined : pieces(quantity),
            ...reasonOf(line, context),
            ...stateOf(line),
          },
        },
      ];
    }),
  ];
}

function stateOf(row: JsonObject) {
  const rawState = text(object(row.state)?.technicalName);
  if (rawState === null) return {};
  return { state: lookUp(states, rawState) ?? 'unknown', rawState };
}

function reasonOf(line: JsonObject, { config }: ShopwareMapContext) {
  const rawReason = text(object(line.reason)?.reasonKey);
  if (rawReason === null) return {};
  const own = lookUp(config.returnReasons, rawReason);
  const reason = own ?? returnReasons.safeParse(rawReason).data;
  return { ...(reason === undefined ? {} : { reason }), rawReason };
}

/** The line keeps the number it was ordered under; other fields only the product has. */
function skuOf(line: JsonObject | null, { config }: ShopwareMapContext): string | undefined {
  const field = config.skuFrom;
  const own = field === 'productNumber' ? text(object(line?.payload)?.productNumber) : null;
  return (own ?? text(object(line?.product)?.[field]))?.trim();
}
