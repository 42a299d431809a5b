/** A material document: postings of stock, each with its sign. */
import type { Change, JsonObject, MappedRecord } from '@headrace/sdk';
import { formatQuantity, negateQuantity, parseQuantity } from '@headrace/sdk';
import { locationOf, type SapConfig, skuOf } from '../config.js';
import { lookUp, rowsOf, text, told } from '../json.js';
import { dateOf, decimalOf, timeOf } from '../odata/values.js';
import { localInstant, startOfDay } from '../time.js';
import { moneyOf, quotientOf } from './exact.js';
import { itemNo, partnerNo, type SapMapContext } from './map-context.js';
import { quantityOf } from './units.js';

/**
 * What a movement type means, by its first two digits; the last tells posting from reversal, which
 * the sign of the quantity says as well. Where SAP does not state the sign, the list does.
 */
const kinds: Readonly<Record<string, readonly [kind: string, sign: 1 | -1]>> = {
  ...{ '10': ['receipt', 1], '12': ['return', 1], '13': ['receipt', 1], '16': ['return', -1] },
  ...{ '20': ['other', -1], '22': ['other', -1], '23': ['pick', -1], '25': ['sale', -1] },
  ...{ '26': ['other', -1], '28': ['other', -1], '29': ['other', -1], '30': ['transfer', -1] },
  ...{ '31': ['transfer', -1], '32': ['transfer', 1], '34': ['transfer', 1] },
  ...{ '35': ['transfer', -1], '41': ['transfer', -1], '45': ['return', 1] },
  ...{ '50': ['receipt', 1], '51': ['receipt', 1], '55': ['scrap', -1], '56': ['adjust', 1] },
  ...{ '60': ['pick', -1], '64': ['transfer', -1], '65': ['return', 1], '70': ['count', 1] },
  '71': ['count', 1],
};

/** The second of each pair takes back the first: 102 reverses 101. */
function signOf(item: JsonObject, movementType: string): 1 | -1 {
  const code = text(item.DebitCreditCode);
  if (code === 'S') return 1;
  if (code === 'H') return -1;
  const [, sign = 1] = lookUp(kinds, movementType.slice(0, 2)) ?? [];
  const isReversal = Number(movementType.slice(2)) % 2 === 0;
  return (isReversal ? -sign : sign) as 1 | -1;
}

export function mapMovement(
  record: JsonObject,
  { config }: SapMapContext,
): readonly MappedRecord[] {
  const year = text(record.MaterialDocumentYear);
  const document = text(record.MaterialDocument);
  if (year === null || document === null) return [];
  const documentId = `${year}/${document}`;
  return rowsOf(record.to_MaterialDocumentItem).flatMap((item): readonly MappedRecord[] => {
    const line = itemNo(item.MaterialDocumentItem);
    const location = locationOf(config, text(item.Plant), text(item.StorageLocation));
    const sku = skuOf(config, text(item.Material));
    if (line === null || location === null || sku === null) return [];
    const fields = told({
      location,
      documentId,
      line,
      sku,
      ...amountsOf(item),
      ...timesOf(record, config),
      ...partnersOf(item, location, config),
      purchaseOrderNo: text(item.PurchaseOrder) ?? undefined,
      reversesDocumentId: reversedBy(item),
      traits: traitsOf(record, item),
    });
    const externalId = `${documentId}/${line}`;
    return [{ entity: 'stockMovement', type: 'A_MaterialDocumentItem', externalId, fields }];
  });
}

function amountsOf(item: JsonObject) {
  const movementType = text(item.GoodsMovementType) ?? '';
  const sign = signOf(item, movementType);
  const quantity = quantityOf(item.QuantityInBaseUnit, item.MaterialBaseUnit);
  const signed =
    quantity === undefined || sign === 1
      ? quantity
      : formatQuantity(negateQuantity(parseQuantity(quantity)));
  const [kind = 'other'] = lookUp(kinds, movementType.slice(0, 2)) ?? [];
  const perUnit = quotientOf(
    decimalOf(item.TotalGoodsMvtAmtInCCCrcy),
    decimalOf(item.QuantityInBaseUnit),
  );
  return {
    quantity: signed,
    kind,
    rawKind: movementType === '' ? undefined : movementType,
    unitCost:
      perUnit === null || perUnit === '0'
        ? undefined
        : moneyOf(perUnit.replace('-', ''), item.CompanyCodeCurrency),
  };
}

/** Posted when it was entered; it moved on its posting date, at that time when it is the same day. */
function timesOf(record: JsonObject, { timeZone }: SapConfig) {
  const postedAt = movementPostedAt(record, timeZone);
  const postingDate = dateOf(record.PostingDate);
  const isSameDay = postingDate === dateOf(record.CreationDate);
  return {
    postedAt: postedAt ?? undefined,
    movedAt:
      postingDate === null || isSameDay
        ? (postedAt ?? undefined)
        : startOfDay(postingDate, timeZone),
  };
}

export function movementPostedAt(record: JsonObject, timeZone: string): string | null {
  const [date, time] = [dateOf(record.CreationDate), timeOf(record.CreationTime)];
  if (date === null) return null;
  return time === null ? startOfDay(date, timeZone) : localInstant(date, time, timeZone);
}

function partnersOf(item: JsonObject, location: string, config: SapConfig) {
  const other = locationOf(
    config,
    text(item.IssuingOrReceivingPlant),
    text(item.IssuingOrReceivingStorageLoc),
  );
  if (other === null || other === location) return {};
  const isIssue = signOf(item, text(item.GoodsMovementType) ?? '') < 0;
  return isIssue
    ? { fromLocation: location, toLocation: other }
    : { fromLocation: other, toLocation: location };
}

function reversedBy(item: JsonObject): string | undefined {
  const [year, document] = [
    text(item.ReversedMaterialDocumentYear),
    text(item.ReversedMaterialDocument),
  ];
  return year === null || document === null || /^0+$/.test(year)
    ? undefined
    : `${year}/${document}`;
}

function traitsOf(record: JsonObject, item: JsonObject) {
  const own = told({
    storageLocation: text(item.StorageLocation) ?? undefined,
    stockType: text(item.InventoryStockType) ?? undefined,
    specialStock: text(item.InventorySpecialStockType) ?? undefined,
    batch: text(item.Batch) ?? undefined,
    salesOrder: partnerNo(item.SalesOrder) ?? undefined,
    delivery: deliveryOf(item) ?? undefined,
    reason: nonZero(text(item.GoodsMovementReasonCode)) ?? undefined,
    transactionType: text(record.InventoryTransactionType) ?? undefined,
  });
  return Object.keys(own).length === 0 ? undefined : { sap: own };
}

const nonZero = (code: string | null) => (code === null || /^0+$/.test(code) ? null : code);

/** Releases name it differently. */
function deliveryOf(item: JsonObject): string | null {
  return text(item.Delivery) ?? text(item.DeliveryDocument);
}

/** A posting changes the stock of its materials, and documents that do not say so themselves. */
export function movementTouches(record: JsonObject): readonly Change[] {
  const changes = rowsOf(record.to_MaterialDocumentItem).flatMap((item) => {
    const material = text(item.Material);
    const other = text(item.IssgOrRcvgMaterial);
    const order = text(item.PurchaseOrder);
    const delivery = deliveryOf(item);
    return [
      ...(material === null ? [] : [{ stream: 'stock', key: material }]),
      ...(other === null || other === material ? [] : [{ stream: 'stock', key: other }]),
      // A receipt moves the moving average price and completes lines of purchase orders.
      ...(material === null || order === null ? [] : [{ stream: 'cost', key: material }]),
      ...(order === null ? [] : [{ stream: 'purchaseOrder', key: order }]),
      ...(delivery === null ? [] : [{ stream: 'delivery', key: delivery }]),
    ];
  });
  return [...new Map(changes.map((change) => [`${change.stream} ${change.key}`, change])).values()];
}
