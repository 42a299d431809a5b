/** An outbound delivery: a shipment of each order it holds goods of. */
import type { Change, JsonObject, MappedRecord } from '@headrace/sdk';
import { convertQuantity, findUnit, formatQuantity, parseQuantity } from '@headrace/sdk';
import { channelOf, locationOf, type SapConfig, skuOf } from '../config.js';
import { traitsOf } from '../extend.js';
import { rowsOf, text, told } from '../json.js';
import { dateOf, decimalOf, isZero, timeOf } from '../odata/values.js';
import { orderNumbers } from '../order-references.js';
import { localInstant, startOfDay } from '../time.js';
import { itemNo, orderNoOf, type SapMapContext } from './map-context.js';
import { quantityOf, unitOf } from './units.js';

/** The order of some of the items; both null for a transfer or an order nobody may read. */
interface Reference {
  readonly channel: string | null;
  readonly orderNo: string | null;
}

const none: Reference = { channel: null, orderNo: null };

export function mapDelivery(record: JsonObject, context: SapMapContext): readonly MappedRecord[] {
  const number = text(record.DeliveryDocument);
  if (number === null) return [];
  const { config } = context;
  const references = referencesOf(record, config);
  const items = rowsOf(record.to_DeliveryDocumentItem);
  const byReference = new Map<string, { reference: Reference; items: JsonObject[] }>();
  for (const item of items) {
    const order = text(item.ReferenceSDDocument) ?? '';
    const reference = references.get(order);
    // The order is of a channel that is not read.
    if (reference === undefined && orderNumbers(record).includes(order)) continue;
    const group = byReference.get(reference === undefined ? '' : order);
    if (group === undefined) {
      const key = reference === undefined ? '' : order;
      byReference.set(key, { reference: reference ?? none, items: [item] });
    } else group.items.push(item);
  }
  return [...byReference].flatMap(([order, group]): readonly MappedRecord[] => {
    const scope: Scope = { record, context, number, order, ...group };
    return [shipmentOf(scope), ...group.items.flatMap((item) => lineOf(item, scope))];
  });
}

interface Scope {
  readonly record: JsonObject;
  readonly context: SapMapContext;
  readonly number: string;
  readonly order: string;
  readonly reference: Reference;
  readonly items: readonly JsonObject[];
}

function referencesOf(record: JsonObject, config: SapConfig): ReadonlyMap<string, Reference> {
  const found = new Map<string, Reference>();
  for (const row of rowsOf(record.SalesOrders)) {
    const number = text(row.SalesOrder);
    const channel = channelOf(
      config,
      text(row.SalesOrganization),
      text(row.DistributionChannel),
      text(row.OrganizationDivision),
    );
    const orderNo = orderNoOf(row, config);
    if (number !== null && channel !== null && orderNo !== null) {
      found.set(number, { channel, orderNo });
    }
  }
  return found;
}

const keyOf = ({ reference: { channel, orderNo }, number }: Scope) =>
  told({ channel: channel ?? undefined, orderNo: orderNo ?? undefined, shipmentNo: number });

function shipmentOf(scope: Scope): MappedRecord {
  const { record, context, number, order, items } = scope;
  const { config } = context;
  const locations = new Set(items.map((item) => placeOf(item, config)));
  const [location] = locations;
  const weight = weightOf(record);
  const parcels = Number(text(record.TotalNumberOfPackage) ?? '0');
  const deliveryDate = dateOf(record.DeliveryDate);
  const proof = dateOf(record.ProofOfDeliveryDate);
  const tracking = text(record.BillOfLading);
  const fields = told({
    ...keyOf(scope),
    location: locations.size === 1 ? (location ?? undefined) : undefined,
    service: text(record.ShippingCondition) ?? undefined,
    trackingNos: tracking === null ? undefined : [tracking],
    parcelCount: Number.isSafeInteger(parcels) && parcels > 0 ? parcels : undefined,
    weightKilograms: weight,
    ...stateOf(record),
    createdAt: at(record.CreationDate, record.CreationTime, config),
    promisedAt: deliveryDate === null ? undefined : startOfDay(deliveryDate, config.timeZone),
    shippedAt: shippedAt(record, config),
    deliveredAt: proof === null ? undefined : startOfDay(proof, config.timeZone),
    ...traitsOf(config.extend, 'shipment', record, {
      deliveryType: text(record.DeliveryDocumentType),
      plannedGoodsIssueDate: dateOf(record.PlannedGoodsIssueDate),
      pickingDate: dateOf(record.PickingDate),
    }),
  });
  const externalId = order === '' ? number : `${number}/${order}`;
  return { entity: 'shipment', type: 'A_OutbDeliveryHeader', externalId, fields };
}

function placeOf(item: JsonObject, config: SapConfig): string | null {
  return locationOf(config, text(item.Plant), text(item.StorageLocation));
}

/** Goods are issued with status C; an hour of the day is told for that only. */
function shippedAt(record: JsonObject, config: SapConfig): string | undefined {
  if (text(record.OverallGoodsMovementStatus) !== 'C') return undefined;
  return at(record.ActualGoodsMovementDate, record.ActualGoodsMovementTime, config);
}

function at(
  date: JsonObject[string] | undefined,
  time: JsonObject[string] | undefined,
  { timeZone }: SapConfig,
): string | undefined {
  const [day, clock] = [dateOf(date), timeOf(time)];
  if (day === null) return undefined;
  return clock === null ? startOfDay(day, timeZone) : localInstant(day, clock, timeZone);
}

/** Statuses: A not begun, B partly, C completely; empty is not relevant. */
function stateOf(record: JsonObject) {
  const movement = text(record.OverallGoodsMovementStatus);
  const [picking, packing] = [text(record.OverallPickingStatus), text(record.OverallPackingStatus)];
  const isProven =
    text(record.OverallProofOfDeliveryStatus) === 'C' &&
    dateOf(record.ProofOfDeliveryDate) !== null;
  const state = () => {
    if (isProven) return 'delivered';
    if (movement === 'C') return 'handed-over';
    if (packing === 'C') return 'packed';
    if (picking === 'B' || picking === 'C' || packing === 'B') return 'picking';
    return movement === null ? 'unknown' : 'planned';
  };
  return { state: state(), rawState: movement ?? undefined };
}

function weightOf(record: JsonObject): string | undefined {
  const [value, unit] = [
    decimalOf(record.HeaderGrossWeight),
    unitOf(text(record.HeaderWeightUnit)),
  ];
  if (value === null || unit === null || isZero(value)) return undefined;
  if (findUnit(unit)?.dimension !== 'mass') return undefined;
  const kilograms = convertQuantity(parseQuantity({ value, unit }), 'KGM', { round: true });
  return formatQuantity(kilograms).value;
}

function lineOf(item: JsonObject, scope: Scope): readonly MappedRecord[] {
  const { context, number, record } = scope;
  const { config } = context;
  const line = itemNo(item.DeliveryDocumentItem);
  if (line === null) return [];
  // Lines known by another number than SAP's would not meet those of the order.
  const isSapLine = config.orderLineFrom === 'SalesOrderItem' && scope.reference !== none;
  const fields = told({
    ...keyOf(scope),
    line,
    orderLine: isSapLine ? (itemNo(item.ReferenceSDDocumentItem) ?? undefined) : undefined,
    sku: skuOf(config, text(item.Material)) ?? undefined,
    quantity: quantityOf(item.ActualDeliveryQuantity, item.DeliveryQuantityUnit),
    batchNo: text(item.Batch) ?? undefined,
    shippedAt: shippedAt(record, config),
    ...traitsOf(config.extend, 'shipmentLine', item),
  });
  const externalId = `${number}/${line}`;
  return [{ entity: 'shipmentLine', type: 'A_OutbDeliveryItem', externalId, fields }];
}

/** Delivering changes the status of the order, whose own time of change stands still. */
export function deliveryTouches(record: JsonObject): readonly Change[] {
  return orderNumbers(record).map((key) => ({ stream: 'order', key }));
}

/**
 * A delivery tells the day it changed. Where it tells more of that day (made, goods issued), that is
 * when its statement became true at the earliest; else nobody can say: midnight would be a guess, and
 * make it look a day late.
 */
export function deliveryEventAt(record: JsonObject, config: SapConfig): string | null {
  const changed = dateOf(record.LastChangeDate) ?? dateOf(record.CreationDate);
  if (changed === null) return null;
  const known = [
    [record.CreationDate, record.CreationTime] as const,
    [record.ActualGoodsMovementDate, record.ActualGoodsMovementTime] as const,
  ].flatMap(([date, time]) => {
    const instant =
      dateOf(date) === changed && timeOf(time) !== null ? at(date, time, config) : undefined;
    return instant === undefined ? [] : [instant];
  });
  return known.sort().at(-1) ?? null;
}
