import type { EntitySet, Service } from '../odata/model.js';
import type { SalesItem } from '../retailer/erp/contents.js';
import type { Erp } from '../retailer/erp/erp.js';
import { parcelOf } from '../retailer/erp/posted-shipping.js';
import {
  DELIVERY_ARRIVED,
  DELIVERY_BLOCKED,
  DELIVERY_ISSUED,
  DELIVERY_WITHDRAWN,
  ownerOf,
} from '../retailer/erp/sales.js';
import { DAY_MS } from '../retailer/parameters.js';
import { extensionsOf } from './extensions.js';
import { BASE_UNIT, CUSTOMER, DELIVERY, SALES_ORDER } from './numbers.js';
import {
  clockTime,
  day,
  dayOrNull,
  decimal,
  fixed,
  flag,
  keyText,
  quantity,
  text,
} from './properties.js';
import { salesView } from './sales-view.js';
import { ascendingIndex, dayIndex, type Layout, layoutSource, lookupIndex } from './sources.js';

/**
 * API_OUTBOUND_DELIVERY_SRV (version 2): what leaves the house. Changes are dated by day only,
 * and a delivery nobody has changed has no such date at all.
 */

export const createDeliveryService = (erp: Erp): Service => {
  const { deliveries, model, world } = erp;
  const view = salesView(erp);
  const salesOrder = (row: number): number => deliveries.salesOrder.get(row);
  const contents = (row: number) => view.contentsOf(salesOrder(row));
  const created = (row: number): number => deliveries.createdAtMs.get(row);
  const changed = (row: number): number => deliveries.changedAtMs.get(row);
  const issued = (row: number): number => deliveries.issuedAtMs.get(row);
  const planned = (row: number): number => deliveries.plannedDay.get(row) * DAY_MS;
  const has = (row: number, bit: number): boolean => (deliveries.status.get(row) & bit) !== 0;
  const done = (row: number): string => (has(row, DELIVERY_ISSUED) ? 'C' : 'A');
  const area = (row: number) => view.areaOf(salesOrder(row));
  const plant = (row: number) => view.plantOf(salesOrder(row));
  const partner = (row: number): string => CUSTOMER.of(erp.orders.partner.get(salesOrder(row)));
  const layout: Layout<number> = {
    count: () => deliveries.length,
    rowAt: (position) => position,
    keyOf: (row) => [DELIVERY.of(row)],
  };
  const itemsOf = (row: number): readonly number[] => {
    const first = deliveries.firstItem.get(row);
    return view.itemsOf(salesOrder(row)).map((_, index) => first + index);
  };
  const gramsOf = (item: number): number => {
    const { variant, quantity } = salesItem(item);
    const product = world.catalogue.variants[variant] ?? -1;
    return Math.max(0, erp.materials.weightGrams.get(product)) * quantity;
  };
  const kilograms = (grams: number): string => (grams / 1000).toFixed(3);

  const heads: EntitySet<number> = {
    name: 'A_OutbDeliveryHeader',
    label: 'Outbound Delivery Header',
    key: ['DeliveryDocument'],
    properties: [
      keyText('DeliveryDocument', 10, (row) => DELIVERY.of(row)),
      text('Shippinglocationtimezone', 6, () => 'CET', { isNullable: false }),
      text('Receivinglocationtimezone', 6, () => 'CET', { isNullable: false }),
      day('ActualGoodsMovementDate', issued, 7),
      clockTime('ActualGoodsMovementTime', issued),
      text('BillOfLading', 35, (row) =>
        has(row, DELIVERY_ISSUED) ? parcelOf(erp, salesOrder(row)) : '',
      ),
      fixed('CreatedByUser', 12, 'WAREHOUSE'),
      day('CreationDate', created, 7),
      clockTime('CreationTime', created),
      text('DeliveryBlockReason', 2, (row) => (has(row, DELIVERY_BLOCKED) ? '01' : '')),
      day('DeliveryDate', (row) => planned(row) + DAY_MS, 7),
      fixed('DeliveryDocumentType', 4, model.deliveryType),
      text('DeliveryPriority', 2, (row) =>
        contents(row).shippingCondition === '10' ? '01' : '02',
      ),
      clockTime('DeliveryTime', () => 0),
      day('DocumentDate', created, 7),
      decimal(
        'HeaderGrossWeight',
        [15, 3],
        (row) => kilograms(itemsOf(row).reduce((sum, item) => sum + gramsOf(item), 0)),
        { unit: 'HeaderWeightUnit' },
      ),
      fixed('HeaderWeightUnit', 3, 'KG'),
      day('LastChangeDate', changed, 7),
      text('LastChangedByUser', 12, (row) => (changed(row) === 0 ? '' : 'WAREHOUSE')),
      day('LoadingDate', planned, 7),
      text('OverallGoodsMovementStatus', 1, done),
      text('OverallPickingStatus', 1, done),
      fixed('OverallPackingStatus', 1, ''),
      text('OverallProofOfDeliveryStatus', 1, (row) => (has(row, DELIVERY_ARRIVED) ? 'C' : 'A')),
      text('OverallSDProcessStatus', 1, (row) => (has(row, DELIVERY_WITHDRAWN) ? 'C' : done(row))),
      day('PickingDate', planned, 7),
      clockTime('PickingTime', () => 0),
      day('PlannedGoodsIssueDate', planned, 7),
      day('ProofOfDeliveryDate', (row) => deliveries.arrivedAtMs.get(row), 7),
      text('SalesOrganization', 4, (row) => area(row)?.organization ?? ''),
      fixed('SDDocumentCategory', 4, 'J'),
      text('ShippingCondition', 2, (row) => contents(row).shippingCondition),
      text('ShippingPoint', 4, (row) => plant(row)?.shippingPoint ?? ''),
      text('ShipToParty', 10, partner),
      text('SoldToParty', 10, partner),
      text('TotalBlockStatus', 1, (row) => (has(row, DELIVERY_BLOCKED) ? 'C' : '')),
      text('TransactionCurrency', 5, (row) => view.currencyOf(salesOrder(row))),
      fixed('Warehouse', 3, ''),
      ...extensionsOf(erp, 'A_OutbDeliveryHeader'),
    ],
    navigations: [
      {
        name: 'to_DeliveryDocumentItem',
        target: 'A_OutbDeliveryItem',
        multiplicity: '*',
        rows: itemsOf,
        constraint: [['DeliveryDocument', 'DeliveryDocument']],
      },
    ],
    source: layoutSource(layout, {
      DeliveryDocument: ascendingIndex(layout, (row) => DELIVERY.of(row)),
      CreationDate: ascendingIndex(layout, (row) => dayOrNull(created(row))),
      LastChangeDate: dayIndex({
        changes: deliveries.changes,
        rowOf: (row) => row,
        rankOf: (row) => row,
      }),
    }),
    etag: (row) => `W/"${DELIVERY.of(row)}-${changed(row)}-${deliveries.status.get(row)}"`,
  };

  const owner = (item: number): number => ownerOf(deliveries.firstItem, item);
  const index = (item: number): number => item - deliveries.firstItem.get(owner(item));
  function salesItem(item: number): SalesItem {
    return view.itemOf(erp.orders.firstItem.get(salesOrder(owner(item))) + index(item));
  }
  const position = (item: number): string => String(salesItem(item).position).padStart(6, '0');
  const units = (item: number): number => salesItem(item).quantity;
  const shipped = (item: number): number =>
    has(owner(item), DELIVERY_WITHDRAWN) || salesItem(item).rejection !== '' ? 0 : units(item);
  const itemLayout: Layout<number> = {
    count: () => deliveries.itemLength,
    rowAt: (at) => at,
    keyOf: (item) => [DELIVERY.of(owner(item)), position(item)],
  };
  const productOf = (item: number) =>
    world.catalogue.products[world.catalogue.variants[salesItem(item).variant] ?? -1];
  const reference = (item: number): string => SALES_ORDER.of(salesOrder(owner(item)));

  const items: EntitySet<number> = {
    name: 'A_OutbDeliveryItem',
    label: 'Outbound Delivery Item',
    key: ['DeliveryDocument', 'DeliveryDocumentItem'],
    properties: [
      keyText('DeliveryDocument', 10, (item) => DELIVERY.of(owner(item))),
      keyText('DeliveryDocumentItem', 6, position),
      quantity('ActualDeliveredQtyInBaseUnit', shipped, 'BaseUnit'),
      quantity('ActualDeliveryQuantity', shipped, 'DeliveryQuantityUnit'),
      fixed('BaseUnit', 3, BASE_UNIT),
      fixed('Batch', 10, ''),
      day('CreationDate', (item) => created(owner(item)), 7),
      clockTime('CreationTime', (item) => created(owner(item))),
      fixed('DeliveryDocumentItemCategory', 4, 'TAN'),
      text('DeliveryDocumentItemText', 40, (item) =>
        (erp.materials.names[productOf(item)?.index ?? -1]?.['nl-NL'] ?? '').slice(0, 40),
      ),
      fixed('DeliveryQuantityUnit', 3, BASE_UNIT),
      text('DistributionChannel', 2, (item) => area(owner(item))?.distributionChannel ?? ''),
      text('Division', 2, (item) => area(owner(item))?.division ?? ''),
      text('GoodsMovementStatus', 1, (item) => done(owner(item))),
      fixed('GoodsMovementType', 3, '601'),
      text(
        'InternationalArticleNumber',
        18,
        (item) => erp.materials.gtins[productOf(item)?.index ?? -1] ?? '',
      ),
      flag('IsCompletelyDelivered', (item) => has(owner(item), DELIVERY_ISSUED)),
      decimal('ItemGrossWeight', [15, 3], (item) => kilograms(gramsOf(item)), {
        unit: 'ItemWeightUnit',
      }),
      fixed('ItemWeightUnit', 3, 'KG'),
      day('LastChangeDate', (item) => changed(owner(item)), 7),
      text('Material', 40, (item) => productOf(item)?.number ?? ''),
      text(
        'MaterialGroup',
        9,
        (item) => model.materialGroups[productOf(item)?.category ?? -1] ?? '',
      ),
      quantity('OriginalDeliveryQuantity', units, 'DeliveryQuantityUnit'),
      text('PickingStatus', 1, (item) => done(owner(item))),
      text('Plant', 4, (item) => plant(owner(item))?.key ?? ''),
      text('ReferenceSDDocument', 10, reference),
      fixed('ReferenceSDDocumentCategory', 4, 'C'),
      text('ReferenceSDDocumentItem', 6, position),
      text('SDProcessStatus', 1, (item) => done(owner(item))),
      text('StorageLocation', 4, (item) => plant(owner(item))?.storageLocations[0] ?? ''),
    ],
    source: layoutSource(itemLayout, {
      DeliveryDocument: ascendingIndex(itemLayout, (item) => DELIVERY.of(owner(item))),
      ReferenceSDDocument: lookupIndex(itemLayout, reference, (value) => {
        const row = deliveries.bySalesOrder.get(Math.max(0, SALES_ORDER.rowOf(String(value))));
        return row < 0 || SALES_ORDER.of(salesOrder(row)) !== value ? [] : itemsOf(row);
      }),
    }),
  };
  return { name: 'API_OUTBOUND_DELIVERY_SRV', version: 2, entitySets: [heads, items] };
};
