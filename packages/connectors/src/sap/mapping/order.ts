/** A sales order with its items and their schedule lines. */
import type { JsonObject, MappedRecord } from '@headrace/sdk';
import { channelOf, locationOf, type SapConfig, skuOf } from '../config.js';
import { traitsOf } from '../extend.js';
import { lookUp, rowsOf, text, told } from '../json.js';
import { dateOf, decimalOf, isZero } from '../odata/values.js';
import { startOfDay } from '../time.js';
import { moneyOf, quotientOf, sumOf } from './exact.js';
import { itemNo, orderNoOf, partnerNo, type SapMapContext } from './map-context.js';
import { quantityOf } from './units.js';

export function mapOrder(record: JsonObject, context: SapMapContext): readonly MappedRecord[] {
  const { config } = context;
  const number = text(record.SalesOrder);
  const orderNo = orderNoOf(record, config);
  const channel = channelOf(
    config,
    text(record.SalesOrganization),
    text(record.DistributionChannel),
    text(record.OrganizationDivision),
  );
  if (number === null || orderNo === null || channel === null) return [];
  const items = rowsOf(record.to_Item);
  const isBusiness = config.businessChannels.includes(channel);
  const scope: Scope = { context, channel, orderNo, isBusiness, record };
  const fields = told({
    channel,
    orderNo,
    ...buyerOf(scope),
    customerGroup: text(record.CustomerPriceGroup) ?? text(record.CustomerGroup) ?? undefined,
    placedAt: placedAt(scope, number),
    requestedDeliveryAt: dayOf(record.RequestedDeliveryDate, config),
    promisedAt: latestPromise(items, config),
    ...stateOf(record, items),
    currency: text(record.TransactionCurrency) ?? undefined,
    ...totalsOf(record, items),
    paymentMethod: text(record.PaymentMethod) ?? undefined,
    shippingMethod: text(record.ShippingCondition) ?? undefined,
    lineCount: items.length,
    ...traitsOf(config.extend, 'order', record, {
      salesOrder: partnerNo(number),
      orderType: text(record.SalesOrderType),
      orderDate: dateOf(record.SalesOrderDate),
      reason: text(record.SDDocumentReason),
      paymentTerms: text(record.CustomerPaymentTerms),
    }),
  });
  return [
    { entity: 'order', type: 'A_SalesOrder', externalId: number, fields },
    ...items.flatMap((item) => mapItem(item, number, scope)),
  ];
}

interface Scope {
  readonly context: SapMapContext;
  readonly channel: string;
  readonly orderNo: string;
  readonly isBusiness: boolean;
  readonly record: JsonObject;
}

function buyerOf({ context, isBusiness }: Scope) {
  const { subject } = context;
  if (subject === null) return {};
  return isBusiness ? { accountId: subject } : { customerId: subject };
}

/** The reference of the buyer, or null where a number stands for many. */
export function buyerReference(record: JsonObject, config: SapConfig): string | null {
  const number = partnerNo(record.SoldToParty);
  const collective = config.collectiveCustomers.map((one) => partnerNo(one));
  return number === null || collective.includes(number) ? null : number;
}

/**
 * SAP knows the day. For an order a shop took, midnight would stand beside the shop's own time of
 * the same order, and later statements win: so only orders nobody else knows get one.
 */
function placedAt({ record, context, isBusiness, orderNo }: Scope, number: string) {
  const date = dateOf(record.SalesOrderDate) ?? dateOf(record.CreationDate);
  const isOwn = isBusiness || orderNo === number;
  return date === null || !isOwn ? undefined : startOfDay(date, context.config.timeZone);
}

function dayOf(value: JsonObject[string] | undefined, { timeZone }: SapConfig) {
  const date = dateOf(value);
  return date === null ? undefined : startOfDay(date, timeZone);
}

/** Statuses: A not begun, B partly, C completely; empty is not relevant. */
function stateOf(record: JsonObject, items: readonly JsonObject[]) {
  const process = text(record.OverallSDProcessStatus);
  const delivery = text(record.OverallTotalDeliveryStatus) ?? text(record.OverallDeliveryStatus);
  const isRejected =
    text(record.OverallSDDocumentRejectionSts) === 'C' ||
    (items.length > 0 && items.every((item) => text(item.SalesDocumentRjcnReason) !== null));
  const isBlocked =
    text(record.DeliveryBlockReason) !== null ||
    ['B', 'C'].includes(text(record.TotalBlockStatus) ?? '');
  const state = () => {
    if (isRejected) return 'cancelled';
    if (process === 'C') return 'completed';
    if (delivery === 'C') return 'shipped';
    if (delivery === 'B') return 'partly-shipped';
    if (isBlocked) return 'on-hold';
    if (process === 'B') return 'in-fulfilment';
    return process === 'A' ? 'confirmed' : 'unknown';
  };
  return {
    state: state(),
    rawState: process ?? undefined,
    rawDeliveryState: delivery ?? undefined,
  };
}

/** What SAP adds up leaves rejected items out. */
function totalsOf(record: JsonObject, items: readonly JsonObject[]) {
  const currency = record.TransactionCurrency;
  const totalNet = moneyOf(record.TotalNetAmount, currency, 'minor');
  const counted = items.filter((item) => text(item.SalesDocumentRjcnReason) === null);
  const taxes = counted.map((item) => decimalOf(item.TaxAmount));
  if (totalNet === undefined || taxes.includes(null)) return told({ totalNet });
  const tax = sumOf(taxes) ?? '0';
  return told({
    totalNet,
    totalTax: moneyOf(tax, currency, 'minor'),
    totalGross: moneyOf(sumOf([totalNet.amount, tax]), currency, 'minor'),
  });
}

function latestPromise(items: readonly JsonObject[], config: SapConfig): string | undefined {
  const days = items.flatMap((item) =>
    rowsOf(item.to_ScheduleLine).flatMap((line) => dateOf(line.ConfirmedDeliveryDate) ?? []),
  );
  const last = days.sort().at(-1);
  return last === undefined ? undefined : startOfDay(last, config.timeZone);
}

const lineStates: Readonly<Record<string, string>> = { C: 'shipped', B: 'partly-shipped' };

function mapItem(item: JsonObject, number: string, scope: Scope): readonly MappedRecord[] {
  const { context, channel, orderNo, record } = scope;
  const { config } = context;
  const own = itemNo(item.SalesOrderItem);
  const line = text(item[config.orderLineFrom]) === null ? own : itemNo(item[config.orderLineFrom]);
  if (own === null || line === null) return [];
  const schedule = rowsOf(item.to_ScheduleLine);
  const rejection = text(item.SalesDocumentRjcnReason);
  const currency = item.TransactionCurrency ?? record.TransactionCurrency;
  const quantity = quantityOf(item.RequestedQuantity, item.RequestedQuantityUnit);
  const unit = item.OrderQuantityUnit ?? item.RequestedQuantityUnit;
  const confirmed = quantityOf(item.ConfdDelivQtyInOrderQtyUnit, unit);
  const delivered = sumOf(schedule.map((row) => decimalOf(row.DeliveredQtyInOrderQtyUnit)));
  const rawState = text(item.DeliveryStatus);
  const sku = skuOf(config, text(item.Material));
  const net = decimalOf(item.NetAmount);
  const tax = decimalOf(item.TaxAmount);
  const unitCost = quotientOf(decimalOf(item.CostAmount), decimalOf(item.RequestedQuantity));
  const parent = itemNo(item.HigherLevelItem);
  const fields = told({
    channel,
    orderNo,
    line,
    sku: sku ?? undefined,
    parentLine: parent ?? undefined,
    kind: sku === null ? 'other' : 'item',
    rawKind: text(item.SalesOrderItemCategory) ?? undefined,
    description: text(item.SalesOrderItemText) ?? undefined,
    ...(scope.isBusiness ? {} : buyerOf(scope)),
    quantity,
    confirmedQuantity: confirmed,
    shippedQuantity: delivered === undefined ? undefined : quantityOf(delivered, unit),
    cancelledQuantity: rejection === null ? undefined : quantity,
    lineNet: moneyOf(net, currency),
    lineTax: moneyOf(tax, currency),
    lineGross:
      net === null || tax === null ? undefined : moneyOf(sumOf([net, tax]) ?? null, currency),
    unitCost: isZero(unitCost) ? undefined : moneyOf(unitCost, currency),
    location:
      locationOf(config, text(item.ProductionPlant), text(item.StorageLocation)) ?? undefined,
    promisedAt: latestPromise([item], config),
    state:
      rejection !== null
        ? 'cancelled'
        : (lookUp(lineStates, rawState) ??
          (confirmed !== undefined && !isZero(confirmed.value) ? 'confirmed' : 'pending')),
    rawState: rawState ?? undefined,
    rawCancelReason: rejection ?? undefined,
    ...traitsOf(config.extend, 'orderLine', item),
  });
  const externalId = `${number}/${own}`;
  return [{ entity: 'orderLine', type: 'A_SalesOrderItem', externalId, fields }];
}
