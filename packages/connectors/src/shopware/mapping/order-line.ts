import type { JsonObject, MappedRecord, Money } from '@headrace/sdk';
import { addMoney, formatMoney, parseMoney, pieces, subtractMoney } from '@headrace/sdk';
import { instant, integer, lookUp, number, object, objects, text } from '../json.js';
import { paidMoney, rateText } from './numbers.js';
import type { OrderScope } from './order-scope.js';

const kinds: Readonly<Record<string, string>> = {
  product: 'item',
  container: 'bundle',
  promotion: 'discount',
  discount: 'discount',
  credit: 'discount',
};

export function mapLine(line: JsonObject, scope: OrderScope): readonly MappedRecord[] {
  const id = text(line.id);
  if (id === null) return [];
  const { channel, orderNo, context, record } = scope;
  const rawKind = text(line.type);
  const quantity = integer(line.quantity);
  const amounts = lineAmounts(line, scope);
  const shipped = scope.shippedQuantities.get(id);
  const isCancelled = text(object(record.stateMachineState)?.technicalName) === 'cancelled';
  const isShipped = shipped !== undefined && quantity !== null && shipped >= quantity;
  const fields = {
    channel,
    orderNo,
    line: id,
    sku: scope.skus.get(id),
    parentLine: text(line.parentId) ?? undefined,
    kind: rawKind === null ? undefined : (lookUp(kinds, rawKind) ?? 'other'),
    rawKind: rawKind ?? undefined,
    description: text(line.label) ?? undefined,
    customerId: context.subject ?? undefined,
    orderedAt: instant(record.orderDateTime) ?? undefined,
    quantity: quantity === null ? undefined : pieces(quantity),
    shippedQuantity: shipped === undefined ? undefined : pieces(shipped),
    unitNet: scope.taxStatus === 'gross' ? undefined : amounts.unit,
    unitGross: scope.taxStatus === 'gross' ? amounts.unit : undefined,
    lineNet: amounts.net,
    lineTax: amounts.tax,
    lineGross: amounts.gross,
    taxRate: rateText(singleRate(line.price)) ?? undefined,
    promotionId: text(line.promotionId) ?? undefined,
    state: isCancelled ? 'cancelled' : isShipped ? 'shipped' : undefined,
  };
  return [{ entity: 'orderLine', type: 'order_line_item', externalId: id, fields }];
}

interface LineAmounts extends TaxSplit {
  readonly unit: Money | undefined;
  /** The line as it counts towards the order's own sum. */
  readonly total: Money | undefined;
}

export function lineAmounts(line: JsonObject, scope: OrderScope): LineAmounts {
  const total = paidMoney(number(line.totalPrice), scope.isoCode);
  const unit = paidMoney(number(line.unitPrice), scope.isoCode);
  const { net, tax, gross } = splitTax(total, object(line.price), scope);
  return { unit, total, net, tax, gross };
}

export function shippingAmounts(costs: JsonObject | null, scope: OrderScope) {
  const total = paidMoney(number(costs?.totalPrice), scope.isoCode);
  const { net, gross } = splitTax(total, costs, scope);
  return { shippingNet: net, shippingGross: gross };
}

interface TaxSplit {
  readonly net?: Money | undefined;
  readonly tax?: Money | undefined;
  readonly gross?: Money | undefined;
}

/** Shopware says the tax of each price; which side of it the price is, the order says. */
function splitTax(total: Money | undefined, price: JsonObject | null, scope: OrderScope): TaxSplit {
  if (total === undefined) return {};
  const { isoCode, taxStatus } = scope;
  if (taxStatus === 'tax-free')
    return { net: total, gross: total, tax: sumOfMoney(isoCode, [], []) };
  const taxes = taxRows(price?.calculatedTaxes);
  if (taxes === null) return taxStatus === 'gross' ? { gross: total } : { net: total };
  const amounts = taxes.flatMap((row) => paidMoney(number(row.tax), isoCode) ?? []);
  const tax = sumOfMoney(isoCode, amounts, []);
  return taxStatus === 'gross'
    ? { gross: total, tax, net: sumOfMoney(isoCode, [total], [tax]) }
    : { net: total, tax, gross: sumOfMoney(isoCode, [total, tax], []) };
}

/** A list, or a map by rate in older versions; null when nothing is said. */
function taxRows(value: JsonObject[string] | undefined): readonly JsonObject[] | null {
  if (Array.isArray(value)) return objects(value);
  const map = object(value);
  return map === null ? null : objects(Object.values(map));
}

function singleRate(value: JsonObject[string] | undefined): number | null {
  const rows = taxRows(object(value)?.calculatedTaxes) ?? [];
  return rows.length === 1 ? number(rows[0]?.taxRate) : null;
}

/** The sum of some amounts less the sum of others. */
export function sumOfMoney(
  isoCode: string,
  added: readonly Money[],
  taken: readonly Money[],
): Money {
  let sum = { amountMicros: 0n, currency: isoCode };
  for (const money of added) sum = addMoney(sum, parseMoney(money));
  for (const money of taken) sum = subtractMoney(sum, parseMoney(money));
  return formatMoney(sum);
}
