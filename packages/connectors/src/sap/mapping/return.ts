/** A customer return with its items. */
import type { JsonObject, MappedRecord } from '@headrace/sdk';
import { channelOf, locationOf, skuOf } from '../config.js';
import { traitsOf } from '../extend.js';
import { lookUp, rowsOf, text, told } from '../json.js';
import { dateOf, decimalOf } from '../odata/values.js';
import { startOfDay } from '../time.js';
import { itemNo, partnerNo, type SapMapContext } from './map-context.js';
import { quantityOf } from './units.js';

export function mapReturn(record: JsonObject, context: SapMapContext): readonly MappedRecord[] {
  const { config, subject } = context;
  const number = text(record.CustomerReturn);
  const rma =
    (config.returnNoFrom === 'CustomerReturn' ? null : text(record[config.returnNoFrom])) ?? number;
  const channel = channelOf(
    config,
    text(record.SalesOrganization),
    text(record.DistributionChannel),
    text(record.OrganizationDivision),
  );
  if (number === null || rma === null || channel === null) return [];
  const items = rowsOf(record.to_Item);
  const isBusiness = config.businessChannels.includes(channel);
  const locations = new Set(items.map((item) => placeOf(item, context)));
  const [location] = locations;
  const requested = dateOf(record.CustomerReturnDate) ?? dateOf(record.CreationDate);
  const scope: Scope = {
    context,
    // Absent where the return names no order: the goods came back all the same.
    keys: told({ channel, orderNo: orderNoOf(record, context) ?? undefined, rma }),
    customerId: subject !== null && !isBusiness ? subject : undefined,
    requestedAt: requested === null ? undefined : startOfDay(requested, config.timeZone),
    number,
  };
  const rawState = text(record.RetsMgmtProcessingStatus) ?? text(record.OverallSDProcessStatus);
  const fields = told({
    ...scope.keys,
    customerId: scope.customerId,
    location: locations.size === 1 ? (location ?? undefined) : undefined,
    state: stateOf(record, items),
    rawState: rawState ?? undefined,
    requestedAt: scope.requestedAt,
    ...traitsOf(config.extend, 'return', record, {
      returnType: text(record.CustomerReturnType),
      reason: text(record.SDDocumentReason),
      netAmount: decimalOf(record.TotalNetAmount),
      currency: text(record.TransactionCurrency),
      salesOrder: partnerNo(record.ReferenceSDDocument),
    }),
  });
  return [
    { entity: 'return', type: 'A_CustomerReturn', externalId: number, fields },
    ...items.flatMap((item) => lineOf(item, scope)),
  ];
}

interface Scope {
  readonly context: SapMapContext;
  readonly keys: Readonly<Record<string, unknown>>;
  readonly customerId: string | undefined;
  readonly requestedAt: string | undefined;
  readonly number: string;
}

/** A return is made from an order and keeps the number the channel knows that order by. */
function orderNoOf(record: JsonObject, { config }: SapMapContext): string | null {
  const isOrder = (text(record.ReferenceSDDocumentCategory) ?? 'C') === 'C';
  const sapNo = isOrder ? text(record.ReferenceSDDocument) : null;
  if (config.orderNoFrom !== 'PurchaseOrderByCustomer') return sapNo;
  return text(record.PurchaseOrderByCustomer)?.trim() || sapNo;
}

function placeOf(item: JsonObject, { config }: SapMapContext): string | null {
  return locationOf(config, text(item.ProductionPlant), text(item.StorageLocation));
}

const isReceived = (item: JsonObject) => text(item.ReturnsMaterialHasBeenReceived) !== null;
const isInspected = (item: JsonObject) => text(item.CustomerRetMatlInspResultCode) !== null;

/** As far as the least advanced item that was not refused. */
function stateOf(record: JsonObject, items: readonly JsonObject[]): string {
  const open = items.filter((item) => text(item.SalesDocumentRjcnReason) === null);
  if (text(record.OverallSDDocumentRejectionSts) === 'C') return 'rejected';
  if (items.length > 0 && open.length === 0) return 'rejected';
  if (text(record.OverallSDProcessStatus) === 'C') return 'closed';
  if (open.length > 0 && open.every(isInspected)) return 'inspected';
  if (open.length > 0 && open.every(isReceived)) return 'received';
  return text(record.OverallSDProcessStatus) === null ? 'unknown' : 'requested';
}

function lineOf(item: JsonObject, scope: Scope): readonly MappedRecord[] {
  const { context, number } = scope;
  const { config } = context;
  const line = itemNo(item.CustomerReturnItem);
  if (line === null) return [];
  const rawReason = text(item.ReturnReason);
  const rawDisposition = text(item.CustomerRetMatlInspResultCode);
  const quantity = quantityOf(item.RequestedQuantity, item.RequestedQuantityUnit);
  const isSapLine = config.orderLineFrom === 'SalesOrderItem';
  const orderLine = isSapLine ? itemNo(item.ReferenceSDDocumentItem) : null;
  const state = () => {
    if (text(item.SalesDocumentRjcnReason) !== null) return 'rejected';
    if (text(item.SDProcessStatus) === 'C') return 'closed';
    if (isInspected(item)) return 'inspected';
    return isReceived(item) ? 'received' : 'requested';
  };
  const fields = told({
    ...scope.keys,
    line,
    orderLine: orderLine ?? undefined,
    sku: skuOf(config, text(item.Material)) ?? undefined,
    customerId: scope.customerId,
    quantity,
    receivedQuantity: isReceived(item) ? quantity : undefined,
    reason: lookUp(config.returnReasons, rawReason),
    rawReason: rawReason ?? undefined,
    disposition: lookUp(config.inspectionCodes, rawDisposition),
    rawDisposition: rawDisposition ?? undefined,
    state: state(),
    rawState: text(item.RetsMgmtItmProcgStatus) ?? undefined,
    requestedAt: scope.requestedAt,
    ...traitsOf(config.extend, 'returnLine', item, {
      netAmount: decimalOf(item.NetAmount),
      refundType: text(item.ReturnsRefundType),
      refundExtent: text(item.ReturnsRefundExtent),
      followUp: text(item.CustRetItmFollowUpActivity),
    }),
  });
  const externalId = `${number}/${line}`;
  return [{ entity: 'returnLine', type: 'A_CustomerReturnItem', externalId, fields }];
}
