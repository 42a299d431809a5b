import type { EntitySet, Service } from '../odata/model.js';
import { MOVEMENT_TYPES } from '../retailer/erp/documents.js';
import type { Erp } from '../retailer/erp/erp.js';
import { plantOfPlace, storageOfPlace } from '../retailer/erp/erp-stock.js';
import { salesOrderOfIssue } from '../retailer/erp/posted-shipping.js';
import { NO_ROW } from '../retailer/orders.js';
import {
  BASE_UNIT,
  DELIVERY,
  itemNumber,
  MATERIAL_DOCUMENT,
  PURCHASE_ORDER,
  SALES_ORDER,
  SUPPLIER,
} from './numbers.js';
import { clockTime, day, dayOrNull, fixed, flag, keyText, quantity, text } from './properties.js';
import { ascendingIndex, type Layout, layoutSource, lookupIndex } from './sources.js';
import { INVENTORY_STOCK_TYPES } from './stock-sets.js';

/** API_MATERIAL_DOCUMENT_SRV: every goods movement, numbered as entered, never changed. */

const yearOf = (atMs: number): string => String(new Date(atMs).getUTCFullYear());

export const createDocumentService = (erp: Erp): Service => {
  const { documents, model, purchases, world } = erp;
  const entered = (row: number): number => documents.enteredAtMs.get(row);
  const moved = (row: number): number => documents.movedAtMs.get(row);
  const year = (row: number): string => yearOf(entered(row));
  const number = (row: number): string => MATERIAL_DOCUMENT.of(row);

  const headLayout: Layout<number> = {
    count: () => documents.length,
    rowAt: (position) => position,
    keyOf: (row) => [year(row), number(row)],
  };
  const itemLayout: Layout<number> = {
    count: () => documents.itemLength,
    rowAt: (position) => position,
    keyOf: (item) => {
      const row = documents.itemDocument.get(item);
      return [year(row), number(row), position(item)];
    },
  };
  const position = (item: number): string =>
    String(item - documents.firstItem.get(documents.itemDocument.get(item)) + 1);
  const movementOf = (row: number) => MOVEMENT_TYPES[documents.itemMovement.get(row)];
  const firstMovement = (row: number) => movementOf(documents.firstItem.get(row));

  const heads: EntitySet<number> = {
    name: 'A_MaterialDocumentHeader',
    label: 'Material Document Header',
    key: ['MaterialDocumentYear', 'MaterialDocument'],
    properties: [
      keyText('MaterialDocumentYear', 4, year),
      keyText('MaterialDocument', 10, number),
      text('InventoryTransactionType', 2, (row) =>
        firstMovement(row)?.group === '01'
          ? 'WE'
          : firstMovement(row)?.group === '03'
            ? 'WL'
            : 'WQ',
      ),
      day('DocumentDate', moved),
      day('PostingDate', moved),
      day('CreationDate', entered),
      clockTime('CreationTime', entered),
      fixed('CreatedByUser', 12, 'WAREHOUSE'),
      fixed('MaterialDocumentHeaderText', 25, ''),
      fixed('ReferenceDocument', 16, ''),
      text('GoodsMovementCode', 2, (row) => firstMovement(row)?.group ?? ''),
    ],
    navigations: [
      {
        name: 'to_MaterialDocumentItem',
        target: 'A_MaterialDocumentItem',
        multiplicity: '*',
        rows: (row) => {
          const first = documents.firstItem.get(row);
          return Array.from({ length: documents.endOf(row) - first }, (_, index) => first + index);
        },
      },
    ],
    source: layoutSource(headLayout, {
      MaterialDocumentYear: ascendingIndex(headLayout, year),
      MaterialDocument: ascendingIndex(headLayout, number),
      CreationDate: ascendingIndex(headLayout, (row) => dayOrNull(entered(row))),
    }),
  };

  const variantText = (item: number): string =>
    erp.materials.numberOf(world.catalogue.variants[documents.itemVariant.get(item)] ?? -1);
  const reference = (item: number, kind: string): number => {
    const row = documents.itemReference.get(item);
    return movementOf(item)?.reference === kind && row !== NO_ROW ? row : -1;
  };
  const purchaseItem = (item: number): number => reference(item, 'purchase');
  const orderRow = (item: number): number => {
    const order = reference(item, 'order');
    return order < 0 ? -1 : salesOrderOfIssue(erp, order);
  };
  const deliveryRow = (item: number): number =>
    orderRow(item) < 0 ? -1 : erp.deliveries.bySalesOrder.get(orderRow(item));

  const items: EntitySet<number> = {
    name: 'A_MaterialDocumentItem',
    label: 'Material Document Item',
    key: ['MaterialDocumentYear', 'MaterialDocument', 'MaterialDocumentItem'],
    properties: [
      keyText('MaterialDocumentYear', 4, (item) => year(documents.itemDocument.get(item))),
      keyText('MaterialDocument', 10, (item) => number(documents.itemDocument.get(item))),
      keyText('MaterialDocumentItem', 4, position),
      text('Material', 40, variantText),
      text(
        'Plant',
        4,
        (item) => model.plants[plantOfPlace(documents.itemPlace.get(item))]?.key ?? '',
      ),
      text('StorageLocation', 4, (item) => {
        const place = documents.itemPlace.get(item);
        return model.plants[plantOfPlace(place)]?.storageLocations[storageOfPlace(place)] ?? '';
      }),
      fixed('Batch', 10, ''),
      text('Supplier', 10, (item) =>
        purchaseItem(item) < 0
          ? ''
          : SUPPLIER.of(purchases.supplier.get(purchases.itemOrder.get(purchaseItem(item)))),
      ),
      text('SalesOrder', 10, (item) => (orderRow(item) < 0 ? '' : SALES_ORDER.of(orderRow(item)))),
      fixed('SalesOrderItem', 6, '0'),
      fixed('Customer', 10, ''),
      fixed('InventorySpecialStockType', 1, ''),
      text(
        'InventoryStockType',
        2,
        (item) => INVENTORY_STOCK_TYPES[documents.itemType.get(item)] ?? '',
      ),
      text('GoodsMovementType', 3, (item) => movementOf(item)?.code ?? ''),
      text('DebitCreditCode', 1, (item) => (documents.itemQuantity.get(item) < 0 ? 'H' : 'S')),
      quantity(
        'QuantityInBaseUnit',
        (item) => Math.abs(documents.itemQuantity.get(item)),
        'MaterialBaseUnit',
      ),
      fixed('MaterialBaseUnit', 3, BASE_UNIT),
      quantity(
        'QuantityInEntryUnit',
        (item) => Math.abs(documents.itemQuantity.get(item)),
        'EntryUnit',
      ),
      fixed('EntryUnit', 3, BASE_UNIT),
      text('PurchaseOrder', 10, (item) =>
        purchaseItem(item) < 0
          ? ''
          : PURCHASE_ORDER.of(purchases.itemOrder.get(purchaseItem(item))),
      ),
      text('PurchaseOrderItem', 5, (item) => {
        const row = purchaseItem(item);
        return row < 0
          ? ''
          : itemNumber(row - purchases.firstItem.get(purchases.itemOrder.get(row)));
      }),
      text('GoodsMovementRefDocType', 1, (item) =>
        movementOf(item)?.reference === 'purchase' ? 'B' : '',
      ),
      fixed('GoodsMovementReasonCode', 4, '0'),
      text('Delivery', 10, (item) => (deliveryRow(item) < 0 ? '' : DELIVERY.of(deliveryRow(item)))),
      flag('IsAutomaticallyCreated', () => false),
      flag('IsCompletelyDelivered', () => false),
    ],
    navigations: [
      {
        name: 'to_MaterialDocumentHeader',
        target: 'A_MaterialDocumentHeader',
        multiplicity: '0..1',
        rows: (item) => [documents.itemDocument.get(item)],
      },
    ],
    source: layoutSource(itemLayout, {
      MaterialDocumentYear: ascendingIndex(itemLayout, (item) =>
        year(documents.itemDocument.get(item)),
      ),
      MaterialDocument: ascendingIndex(itemLayout, (item) =>
        number(documents.itemDocument.get(item)),
      ),
      Material: lookupIndex(itemLayout, variantText, (value) => {
        const product = world.catalogue.byNumber.get(String(value));
        const variant = world.catalogue.products[product ?? -1]?.variant ?? -1;
        return variant < 0 ? [] : documents.itemsOf(variant);
      }),
    }),
  };
  return { name: 'API_MATERIAL_DOCUMENT_SRV', version: 2, entitySets: [heads, items] };
};
