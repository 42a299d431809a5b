/** A purchase order with its items and their schedule lines. */
import type { JsonObject, MappedRecord } from '@headrace/sdk';
import { locationOf, skuOf } from '../config.js';
import { traitsOf } from '../extend.js';
import { boolean, rowsOf, text, told } from '../json.js';
import { dateOf, decimalOf, isZero } from '../odata/values.js';
import { startOfDay } from '../time.js';
import { moneyOf, sumOf } from './exact.js';
import { itemNo, partnerNo, type SapMapContext } from './map-context.js';
import { quantityOf } from './units.js';

export function mapPurchaseOrder(
  record: JsonObject,
  context: SapMapContext,
): readonly MappedRecord[] {
  const number = text(record.PurchaseOrder);
  if (number === null) return [];
  const { config } = context;
  const items = rowsOf(record.to_PurchaseOrderItem);
  const lines = items.flatMap((item) => mapItem(item, record, context));
  const locations = new Set(items.map((item) => placeOf(item, context)));
  const [location] = locations;
  const promises = items.flatMap((item) => datesOf(item, 'ScheduleLineDeliveryDate'));
  const ordered = dateOf(record.PurchaseOrderDate);
  const fields = told({
    purchaseOrderNo: number,
    supplierId: supplierOf(record) ?? undefined,
    location: locations.size === 1 ? (location ?? undefined) : undefined,
    currency: text(record.DocumentCurrency) ?? undefined,
    ...headerState(record, items),
    orderedAt: ordered === null ? undefined : startOfDay(ordered, config.timeZone),
    promisedAt: lastDay(promises, config.timeZone),
    ...traitsOf(config.extend, 'purchaseOrder', record, {
      orderType: text(record.PurchaseOrderType),
      companyCode: text(record.CompanyCode),
      supplyingPlant: text(record.SupplyingPlant),
    }),
  });
  return [
    { entity: 'purchaseOrder', type: 'A_PurchaseOrder', externalId: number, fields },
    ...lines,
  ];
}

function supplierOf(record: JsonObject): string | null {
  return partnerNo(record.Supplier);
}

function placeOf(item: JsonObject, { config }: SapMapContext): string | null {
  return locationOf(config, text(item.Plant), text(item.StorageLocation));
}

function headerState(record: JsonObject, items: readonly JsonObject[]) {
  const isDeleted = (row: JsonObject) => text(row.PurchasingDocumentDeletionCode) === 'L';
  const open = items.filter((item) => !isDeleted(item));
  const done = open.filter((item) => boolean(item.IsCompletelyDelivered) === true);
  const state = () => {
    if (isDeleted(record) || (items.length > 0 && open.length === 0)) return 'cancelled';
    if (open.length > 0 && done.length === open.length) return 'received';
    if (done.length > 0) return 'partly-received';
    return boolean(record.ReleaseIsNotCompleted) === true ? 'draft' : 'ordered';
  };
  return { state: state(), rawState: text(record.PurchasingProcessingStatus) ?? undefined };
}

function mapItem(
  item: JsonObject,
  record: JsonObject,
  context: SapMapContext,
): readonly MappedRecord[] {
  const { config } = context;
  const number = text(record.PurchaseOrder);
  const line = itemNo(item.PurchaseOrderItem);
  if (number === null || line === null) return [];
  const deletion = text(item.PurchasingDocumentDeletionCode);
  const isReceived = boolean(item.IsCompletelyDelivered) === true;
  const ordered = dateOf(record.PurchaseOrderDate);
  const confirmed = sumOf(
    rowsOf(item.to_ScheduleLine).map((row) => decimalOf(row.ScheduleLineCommittedQuantity)),
  );
  const per = decimalOf(item.NetPriceQuantity);
  const isOne = isZero(per) || Number(per) === 1;
  const isOrderUnit = text(item.OrderPriceUnit) === text(item.PurchaseOrderQuantityUnit);
  const fields = told({
    purchaseOrderNo: number,
    line,
    supplierId: supplierOf(record) ?? undefined,
    sku: skuOf(config, text(item.Material)) ?? undefined,
    location: placeOf(item, context) ?? undefined,
    orderedQuantity: quantityOf(item.OrderQuantity, item.PurchaseOrderQuantityUnit),
    confirmedQuantity:
      confirmed === undefined ? undefined : quantityOf(confirmed, item.PurchaseOrderQuantityUnit),
    unitPrice: moneyOf(item.NetPriceAmount, item.DocumentCurrency ?? record.DocumentCurrency),
    perQuantity:
      isOne && isOrderUnit ? undefined : quantityOf(isOne ? '1' : per, item.OrderPriceUnit),
    state: deletion === 'L' ? 'cancelled' : isReceived ? 'received' : 'ordered',
    rawState: deletion ?? undefined,
    orderedAt: ordered === null ? undefined : startOfDay(ordered, config.timeZone),
    requestedAt: lastDay(datesOf(item, 'SchedLineStscDeliveryDate'), config.timeZone),
    promisedAt: lastDay(datesOf(item, 'ScheduleLineDeliveryDate'), config.timeZone),
    ...traitsOf(config.extend, 'purchaseOrderLine', item, {
      isReturn: boolean(item.IsReturnsItem) === true ? true : null,
      supplierSku: text(item.SupplierMaterialNumber),
      schedule: scheduleOf(item),
    }),
  });
  const externalId = `${number}/${line}`;
  return [{ entity: 'purchaseOrderLine', type: 'A_PurchaseOrderItem', externalId, fields }];
}

/** The deliveries a line was split into; null where one tells all. */
function scheduleOf(item: JsonObject) {
  const rows = rowsOf(item.to_ScheduleLine);
  if (rows.length < 2) return null;
  return rows.map((row) => ({
    date: dateOf(row.ScheduleLineDeliveryDate),
    quantity: decimalOf(row.ScheduleLineOrderQuantity),
    confirmed: decimalOf(row.ScheduleLineCommittedQuantity),
  }));
}

function datesOf(item: JsonObject, name: string): readonly string[] {
  return rowsOf(item.to_ScheduleLine).flatMap((row) => dateOf(row[name]) ?? []);
}

function lastDay(days: readonly string[], timeZone: string): string | undefined {
  const last = [...days].sort().at(-1);
  return last === undefined ? undefined : startOfDay(last, timeZone);
}
