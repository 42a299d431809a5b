import type { EntitySet, Service } from '../odata/model.js';
import type { Erp } from '../retailer/erp/erp.js';
import {
  PURCHASE_COMPLETE,
  PURCHASE_CONFIRMED,
  PURCHASE_DELETED,
  PURCHASE_SPLIT,
  SECOND_LINE_DAYS,
} from '../retailer/erp/purchasing-documents.js';
import { priceUnitOf } from '../retailer/erp/valuation.js';
import { DAY_MS } from '../retailer/parameters.js';
import { extensionsOf } from './extensions.js';
import { BASE_UNIT, itemNumber, PURCHASE_ORDER, SUPPLIER } from './numbers.js';
import {
  clockTime,
  day,
  dayOrNull,
  decimal,
  fixed,
  flag,
  instant,
  keyText,
  milliText,
  outputOnly,
  quantity,
  text,
} from './properties.js';
import { purchaseWrites } from './purchase-writes.js';
import {
  ascendingIndex,
  fineInstant,
  type Layout,
  layoutSource,
  lookupIndex,
  stampIndex,
} from './sources.js';

/**
 * API_PURCHASEORDER_PROCESS_SRV. A schedule line has the day it was ordered for and the day it
 * is expected now; what was received is not here but in the material documents.
 */

const HEAD_OUTPUT = [
  ...['PurchasingDocumentDeletionCode', 'PurchasingProcessingStatus', 'CreatedByUser'],
  ...['CreationDate', 'LastChangeDateTime', 'ReleaseIsNotCompleted'],
];
const ITEM_OUTPUT = ['PurchasingDocumentDeletionCode', 'DocumentCurrency'];
const LINE_OUTPUT = ['PurchaseOrderQuantityUnit'];

/** Everything that comes in by the interface is entered by its communication user. */
const COMMUNICATION_USER = 'CC0000000012';

export const createPurchaseService = (erp: Erp, now: () => number): Service => {
  const { purchases, model, world, seed } = erp;
  const layout: Layout<number> = {
    count: () => purchases.length,
    rowAt: (position) => position,
    keyOf: (row) => [PURCHASE_ORDER.of(row)],
  };
  const created = (row: number): number => purchases.createdAtMs.get(row);
  const isPosted = (row: number): boolean => purchases.posted.has(row);
  const reference = (row: number): string => purchases.posted.get(row)?.reference ?? '';
  const allRows = (): number[] => Array.from({ length: purchases.length }, (_, row) => row);
  const itemsOf = (row: number): readonly number[] => {
    const first = purchases.firstItem.get(row);
    return Array.from({ length: purchases.endOf(row) - first }, (_, index) => first + index);
  };
  const heads: EntitySet<number> = {
    name: 'A_PurchaseOrder',
    label: 'Purchase Order Header',
    key: ['PurchaseOrder'],
    properties: outputOnly(HEAD_OUTPUT, [
      keyText('PurchaseOrder', 10, (row) => PURCHASE_ORDER.of(row)),
      fixed('CompanyCode', 4, model.companyCode),
      fixed('PurchaseOrderType', 4, model.purchaseOrderType),
      text('PurchasingDocumentDeletionCode', 1, (row) =>
        itemsOf(row).every((item) => purchases.has(item, PURCHASE_DELETED)) ? 'L' : '',
      ),
      fixed('PurchasingProcessingStatus', 2, '05'),
      text('CreatedByUser', 12, (row) => (isPosted(row) ? COMMUNICATION_USER : 'MRPRUN')),
      day('CreationDate', created),
      instant('LastChangeDateTime', (row) => fineInstant(purchases.stamp.get(row)), {
        isConcurrencyToken: true,
      }),
      text('Supplier', 10, (row) => SUPPLIER.of(purchases.supplier.get(row))),
      fixed('Language', 2, 'EN'),
      fixed('PaymentTerms', 4, '0004'),
      decimal('NetPaymentDays', [3, 0], () => '30'),
      fixed('PurchasingOrganization', 4, model.purchasingOrganization),
      text(
        'PurchasingGroup',
        3,
        (row) =>
          purchases.posted.get(row)?.group ??
          model.purchasingGroups[purchases.supplier.get(row) % model.purchasingGroups.length] ??
          '',
      ),
      day('PurchaseOrderDate', created),
      fixed('DocumentCurrency', 5, 'EUR'),
      fixed('IncotermsClassification', 3, 'DAP'),
      text(
        'CorrespncExternalReference',
        12,
        (row) => purchases.posted.get(row)?.theirReference ?? '',
      ),
      text('CorrespncInternalReference', 12, reference),
      flag('ReleaseIsNotCompleted', () => false),
      flag('PurchasingCompletenessStatus', () => true),
      text(
        'AddressName',
        40,
        (row) => world.catalogue.suppliers[purchases.supplier.get(row)]?.name ?? '',
      ),
      ...extensionsOf(erp, 'A_PurchaseOrder'),
    ]),
    navigations: [
      {
        name: 'to_PurchaseOrderItem',
        target: 'A_PurchaseOrderItem',
        multiplicity: '*',
        rows: itemsOf,
        constraint: [['PurchaseOrder', 'PurchaseOrder']],
      },
    ],
    source: {
      ...layoutSource(layout, {
        PurchaseOrder: ascendingIndex(layout, (row) => PURCHASE_ORDER.of(row)),
        CreationDate: ascendingIndex(layout, (row) => dayOrNull(created(row))),
        LastChangeDateTime: stampIndex({
          changes: purchases.changes,
          rowOf: (row) => row,
          rankOf: (row) => row,
        }),
        // Orders that were entered by a call are few, and only they have one.
        CorrespncInternalReference: lookupIndex(layout, reference, (value) =>
          (value === '' ? allRows() : [...purchases.posted.keys()]).filter(
            (row) => reference(row) === value,
          ),
        ),
      }),
      ...purchaseWrites(erp, now),
    },
  };

  const orderOf = (item: number): number => purchases.itemOrder.get(item);
  const position = (item: number): string =>
    itemNumber(item - purchases.firstItem.get(orderOf(item)));
  const product = (item: number) =>
    world.catalogue.products[world.catalogue.variants[purchases.itemVariant.get(item)] ?? -1];
  const plant = (item: number) => model.plants[purchases.itemPlant.get(item)];
  const itemLayout: Layout<number> = {
    count: () => purchases.itemLength,
    rowAt: (at) => at,
    keyOf: (item) => [PURCHASE_ORDER.of(orderOf(item)), position(item)],
  };
  const isSplit = (item: number): boolean =>
    purchases.has(item, PURCHASE_SPLIT) && purchases.itemOrdered.get(item) >= 2;
  const linesOf = (item: number): readonly number[] =>
    isSplit(item) ? [item * 2, item * 2 + 1] : [item * 2];
  const items: EntitySet<number> = {
    name: 'A_PurchaseOrderItem',
    label: 'Purchase Order Item',
    key: ['PurchaseOrder', 'PurchaseOrderItem'],
    properties: [
      keyText('PurchaseOrder', 10, (item) => PURCHASE_ORDER.of(orderOf(item))),
      keyText('PurchaseOrderItem', 5, position),
      text('PurchasingDocumentDeletionCode', 1, (item) =>
        purchases.has(item, PURCHASE_DELETED) ? 'L' : '',
      ),
      text('PurchaseOrderItemText', 40, (item) =>
        (erp.materials.names[product(item)?.index ?? -1]?.['nl-NL'] ?? '').slice(0, 40),
      ),
      text('Plant', 4, (item) => plant(item)?.key ?? ''),
      text('StorageLocation', 4, (item) => plant(item)?.storageLocations[0] ?? ''),
      text('MaterialGroup', 9, (item) => model.materialGroups[product(item)?.category ?? -1] ?? ''),
      text('SupplierMaterialNumber', 35, (item) => product(item)?.supplierNumber ?? ''),
      quantity(
        'OrderQuantity',
        (item) => purchases.itemOrdered.get(item),
        'PurchaseOrderQuantityUnit',
      ),
      fixed('PurchaseOrderQuantityUnit', 3, BASE_UNIT),
      fixed('OrderPriceUnit', 3, BASE_UNIT),
      fixed('DocumentCurrency', 5, 'EUR'),
      decimal('NetPriceAmount', [12, 3], (item) => milliText(purchases.itemPriceMilli.get(item)), {
        unit: 'DocumentCurrency',
      }),
      decimal('NetPriceQuantity', [5, 0], (item) =>
        String(priceUnitOf(seed, purchases.itemVariant.get(item))),
      ),
      decimal('OverdelivTolrtdLmtRatioInPct', [3, 1], () => '0'),
      flag('UnlimitedOverdeliveryIsAllowed', () => false),
      decimal('UnderdelivTolrtdLmtRatioInPct', [3, 1], () => '20.0'),
      flag('IsCompletelyDelivered', (item) => purchases.has(item, PURCHASE_COMPLETE)),
      flag('IsFinallyInvoiced', () => false),
      fixed('PurchaseOrderItemCategory', 1, '0'),
      flag('GoodsReceiptIsExpected', () => true),
      flag('InvoiceIsExpected', () => true),
      fixed('SupplierConfirmationControlKey', 4, '0001'),
      text('Material', 40, (item) => product(item)?.number ?? ''),
      text(
        'InternationalArticleNumber',
        18,
        (item) => erp.materials.gtins[product(item)?.index ?? -1] ?? '',
      ),
    ],
    navigations: [
      {
        name: 'to_PurchaseOrder',
        target: 'A_PurchaseOrder',
        multiplicity: '0..1',
        rows: (item) => [orderOf(item)],
      },
      {
        name: 'to_ScheduleLine',
        target: 'A_PurchaseOrderScheduleLine',
        multiplicity: '*',
        rows: linesOf,
        constraint: [
          ['PurchaseOrder', 'PurchasingDocument'],
          ['PurchaseOrderItem', 'PurchasingDocumentItem'],
        ],
      },
    ],
    source: layoutSource(itemLayout, {
      PurchaseOrder: ascendingIndex(itemLayout, (item) => PURCHASE_ORDER.of(orderOf(item))),
    }),
  };

  const itemOf = (line: number): number => Math.floor(line / 2);
  const index = (line: number): number => line % 2;
  const share = (line: number, whole: number): number =>
    purchases.linesOf(whole, isSplit(itemOf(line)))[index(line)] ?? 0;
  const lateMs = (line: number): number => index(line) * SECOND_LINE_DAYS * DAY_MS;
  const confirmedMs = (line: number): number =>
    purchases.itemConfirmedDay.get(itemOf(line)) * DAY_MS + lateMs(line);
  const lineLayout = scheduleLayout(erp, isSplit, (line) => [
    PURCHASE_ORDER.of(orderOf(itemOf(line))),
    position(itemOf(line)),
    String(index(line) + 1),
  ]);
  const lines: EntitySet<number> = {
    name: 'A_PurchaseOrderScheduleLine',
    label: 'Purchase Order Schedule Line',
    key: ['PurchasingDocument', 'PurchasingDocumentItem', 'ScheduleLine'],
    properties: [
      keyText('PurchasingDocument', 10, (line) => PURCHASE_ORDER.of(orderOf(itemOf(line)))),
      keyText('PurchasingDocumentItem', 5, (line) => position(itemOf(line))),
      keyText('ScheduleLine', 4, (line) => String(index(line) + 1)),
      fixed('DelivDateCategory', 1, '1'),
      day('ScheduleLineDeliveryDate', confirmedMs),
      fixed('PurchaseOrderQuantityUnit', 3, BASE_UNIT),
      quantity(
        'ScheduleLineOrderQuantity',
        (line) => share(line, purchases.itemOrdered.get(itemOf(line))),
        'PurchaseOrderQuantityUnit',
      ),
      clockTime('ScheduleLineDeliveryTime', () => 0),
      day(
        'SchedLineStscDeliveryDate',
        (line) => purchases.itemPromisedDay.get(itemOf(line)) * DAY_MS + lateMs(line),
      ),
      quantity(
        'ScheduleLineCommittedQuantity',
        (line) =>
          purchases.has(itemOf(line), PURCHASE_CONFIRMED)
            ? share(line, purchases.itemConfirmed.get(itemOf(line)))
            : 0,
        'PurchaseOrderQuantityUnit',
      ),
    ],
    source: layoutSource(lineLayout, {
      PurchasingDocument: ascendingIndex(lineLayout, (line) =>
        PURCHASE_ORDER.of(orderOf(itemOf(line))),
      ),
    }),
  };
  return {
    name: 'API_PURCHASEORDER_PROCESS_SRV',
    version: 2,
    entitySets: [
      heads,
      { ...items, properties: outputOnly(ITEM_OUTPUT, items.properties) },
      { ...lines, properties: outputOnly(LINE_OUTPUT, lines.properties) },
    ],
    paging: { defaultSize: 1000, maxSize: 5000 },
  };
};

/** Items with two lines are few; knowing where they are turns a position into a line. */
const scheduleLayout = (
  erp: Erp,
  isSplit: (item: number) => boolean,
  keyOf: (line: number) => readonly string[],
): Layout<number> => {
  const { purchases } = erp;
  /** Positions of the second lines of split items, ascending. */
  const seconds: number[] = [];
  let seen = 0;
  const refresh = (): void => {
    for (; seen < purchases.itemLength; seen++) {
      if (isSplit(seen)) seconds.push(seen + seconds.length + 1);
    }
  };
  return {
    count: () => {
      refresh();
      return purchases.itemLength + seconds.length;
    },
    rowAt: (position) => {
      refresh();
      let low = 0;
      let high = seconds.length;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if ((seconds[middle] ?? 0) < position) low = middle + 1;
        else high = middle;
      }
      return seconds[low] === position ? (position - low - 1) * 2 + 1 : (position - low) * 2;
    },
    keyOf,
  };
};
