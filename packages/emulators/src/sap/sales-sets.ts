import type { EntitySet, Service } from '../odata/model.js';
import { CHANNELS } from '../retailer/channels.js';
import type { SalesContents } from '../retailer/erp/contents.js';
import type { Erp } from '../retailer/erp/erp.js';
import { SALES_BILLED, SALES_REJECTED } from '../retailer/erp/sales.js';
import { stampMs } from '../retailer/erp/stamps.js';
import { extensionsOf } from './extensions.js';
import { BASE_UNIT, CUSTOMER, SALES_ORDER } from './numbers.js';
import {
  amount,
  day,
  dayOrNull,
  fixed,
  flag,
  instant,
  keyText,
  outputOnly,
  quantity,
  text,
} from './properties.js';
import { partnerRows, salesPartners } from './sales-partners.js';
import { headElementsOf, salesParts } from './sales-parts.js';
import { deliveryStatus, salesView } from './sales-view.js';
import { salesWrites } from './sales-writes.js';
import {
  ascendingIndex,
  fineInstant,
  type Layout,
  layoutSource,
  lookupIndex,
  stampIndex,
} from './sources.js';

const HEAD_OUTPUT = [
  ...['CreationDate', 'CreatedByUser', 'LastChangeDate', 'SenderBusinessSystemName'],
  ...['ExternalDocumentID', 'LastChangeDateTime', 'TotalNetAmount', 'OverallDeliveryStatus'],
  ...['TotalBlockStatus', 'OverallOrdReltdBillgStatus', 'OverallSDProcessStatus'],
  ...['OverallTotalDeliveryStatus', 'OverallSDDocumentRejectionSts'],
];
const ITEM_OUTPUT = [
  ...['SalesOrder', 'ConfdDelivQtyInOrderQtyUnit', 'TransactionCurrency', 'NetAmount'],
  ...['SDProcessStatus', 'DeliveryStatus', 'OrderRelatedBillingStatus', 'Subtotal1Amount'],
];

/** API_SALES_ORDER_SRV: what shops and stores sold, under the ERP's own numbers. */

export const createSalesService = (erp: Erp, now: () => number): Service => {
  const { orders, model, world } = erp;
  const view = salesView(erp);
  const writes = salesWrites(erp, view, now);
  const area = view.areaOf;
  const contents = view.contentsOf;
  const changedAtMs = (row: number): number => stampMs(orders.stamp.get(row));
  const created = (row: number): number => orders.createdAtMs.get(row);
  const shopNumber = (row: number): string => contents(row).reference;
  const isRejected = (row: number): boolean => view.has(row, SALES_REJECTED);
  const billing = (row: number): string => (view.has(row, SALES_BILLED) ? 'C' : 'A');
  const process = (row: number): string =>
    view.has(row, SALES_BILLED) || isRejected(row)
      ? 'C'
      : deliveryStatus(view, row) === 'A'
        ? 'A'
        : 'B';
  const layout: Layout<number> = {
    count: () => orders.length,
    rowAt: (position) => position,
    keyOf: (row) => [SALES_ORDER.of(row)],
  };

  const heads: EntitySet<number> = {
    name: 'A_SalesOrder',
    label: 'Sales Order Header',
    key: ['SalesOrder'],
    properties: outputOnly(HEAD_OUTPUT, [
      keyText('SalesOrder', 10, (row) => SALES_ORDER.of(row)),
      text('SalesOrderType', 4, (row) => area(row)?.orderType ?? ''),
      text('SalesOrganization', 4, (row) => area(row)?.organization ?? ''),
      text('DistributionChannel', 2, (row) => area(row)?.distributionChannel ?? ''),
      text('OrganizationDivision', 2, (row) => area(row)?.division ?? ''),
      text('SoldToParty', 10, (row) => CUSTOMER.of(orders.partner.get(row))),
      day('CreationDate', created),
      text('CreatedByUser', 12, (row) => contents(row).createdBy),
      day('LastChangeDate', (row) => (changedAtMs(row) === created(row) ? 0 : changedAtMs(row))),
      text('SenderBusinessSystemName', 60, (row) => CHANNELS[contents(row).channel]?.key ?? ''),
      text('ExternalDocumentID', 40, shopNumber),
      instant('LastChangeDateTime', (row) => fineInstant(orders.stamp.get(row)), {
        isConcurrencyToken: true,
      }),
      text('PurchaseOrderByCustomer', 35, shopNumber),
      text('CustomerPurchaseOrderType', 4, (row) => contents(row).referenceType),
      day('CustomerPurchaseOrderDate', (row) => contents(row).referenceMs),
      day('SalesOrderDate', (row) => contents(row).placedAtMs),
      amount('TotalNetAmount', (row) => orders.netMinor.get(row), 'TransactionCurrency'),
      text('OverallDeliveryStatus', 1, (row) => deliveryStatus(view, row)),
      fixed('TotalBlockStatus', 1, ''),
      text('OverallOrdReltdBillgStatus', 1, billing),
      text('TransactionCurrency', 5, view.currencyOf, { semantics: 'currency-code' }),
      text('SDDocumentReason', 3, (row) => contents(row).reason),
      day('PricingDate', (row) => contents(row).placedAtMs),
      day('RequestedDeliveryDate', (row) => contents(row).requestedAtMs),
      text('ShippingCondition', 2, (row) => contents(row).shippingCondition),
      flag('CompleteDeliveryIsDefined', () => true),
      fixed('HeaderBillingBlockReason', 2, ''),
      text('DeliveryBlockReason', 2, (row) => contents(row).deliveryBlock),
      fixed('IncotermsClassification', 3, 'DAP'),
      text('CustomerPaymentTerms', 4, (row) => contents(row).paymentTerms),
      text('PaymentMethod', 1, (row) => contents(row).paymentMethod),
      fixed('ReferenceSDDocument', 10, ''),
      text('OverallSDProcessStatus', 1, process),
      text('OverallTotalDeliveryStatus', 1, (row) => deliveryStatus(view, row)),
      text('OverallSDDocumentRejectionSts', 1, (row) => rejectionStatus(contents(row).items)),
      ...extensionsOf(erp, 'A_SalesOrder'),
    ]),
    navigations: [
      { name: 'to_Item', target: 'A_SalesOrderItem', multiplicity: '*', rows: view.itemsOf },
      {
        name: 'to_Partner',
        target: 'A_SalesOrderHeaderPartner',
        multiplicity: '*',
        rows: partnerRows,
      },
      {
        name: 'to_PricingElement',
        target: 'A_SalesOrderHeaderPrElement',
        multiplicity: '*',
        rows: headElementsOf(erp, view),
      },
    ],
    source: {
      ...layoutSource(layout, {
        SalesOrder: ascendingIndex(layout, (row) => SALES_ORDER.of(row)),
        CreationDate: ascendingIndex(layout, (row) => dayOrNull(created(row))),
        LastChangeDateTime: stampIndex({
          changes: orders.changes,
          rowOf: (row) => row,
          rankOf: (row) => row,
        }),
        PurchaseOrderByCustomer: lookupIndex(layout, shopNumber, (value) =>
          byReference(erp, value),
        ),
        ExternalDocumentID: lookupIndex(layout, shopNumber, (value) => byReference(erp, value)),
      }),
      ...writes.orders,
    },
  };

  const itemLayout: Layout<number> = {
    count: () => orders.itemLength,
    rowAt: (position) => position,
    keyOf: (row) => [SALES_ORDER.of(view.ownerOfItem(row)), position(row)],
  };
  const item = view.itemOf;
  const position = (row: number): string => String(item(row).position);
  const units = (row: number): number => item(row).quantity;
  const productRow = (row: number): number => world.catalogue.variants[item(row).variant] ?? -1;
  const plant = (row: number) => view.plantOf(view.ownerOfItem(row));
  const nameOf = (row: number): string =>
    (erp.materials.names[productRow(row)]?.['nl-NL'] ?? '').slice(0, 40);
  const ofItem =
    <Value>(read: (salesOrder: number) => Value) =>
    (item: number): Value =>
      read(view.ownerOfItem(item));

  const items: EntitySet<number> = {
    name: 'A_SalesOrderItem',
    label: 'Sales Order Item',
    key: ['SalesOrder', 'SalesOrderItem'],
    properties: outputOnly(ITEM_OUTPUT, [
      keyText('SalesOrder', 10, (row) => SALES_ORDER.of(view.ownerOfItem(row))),
      keyText('SalesOrderItem', 6, position),
      fixed('HigherLevelItem', 6, '0'),
      fixed('SalesOrderItemCategory', 4, 'TAN'),
      text('SalesOrderItemText', 40, (row) => item(row).text || nameOf(row)),
      text('PurchaseOrderByCustomer', 35, ofItem(shopNumber)),
      text('UnderlyingPurchaseOrderItem', 6, (row) => item(row).customerItem),
      text('Material', 40, (row) => view.materialOf(item(row).variant)),
      day(
        'PricingDate',
        ofItem((row) => contents(row).placedAtMs),
      ),
      quantity('RequestedQuantity', units, 'RequestedQuantityUnit', [15, 3]),
      fixed('RequestedQuantityUnit', 3, BASE_UNIT),
      quantity(
        'ConfdDelivQtyInOrderQtyUnit',
        (row) => (item(row).rejection === '' ? units(row) : 0),
        'RequestedQuantityUnit',
        [15, 3],
      ),
      text('TransactionCurrency', 5, ofItem(view.currencyOf)),
      amount('NetAmount', (row) => view.amountsOf(row).netMinor, 'TransactionCurrency'),
      text(
        'MaterialGroup',
        9,
        (row) =>
          model.materialGroups[world.catalogue.products[productRow(row)]?.category ?? -1] ?? '',
      ),
      fixed('Batch', 10, ''),
      text('ProductionPlant', 4, (row) => plant(row)?.key ?? ''),
      text('StorageLocation', 4, (row) => plant(row)?.storageLocations[0] ?? ''),
      text('ShippingPoint', 4, (row) => plant(row)?.shippingPoint ?? ''),
      amount('TaxAmount', (row) => view.amountsOf(row).taxMinor, 'TransactionCurrency', [14, 3]),
      text('ProductTaxClassification1', 1, (row) => (item(row).taxClass === 1 ? '2' : '1')),
      amount('CostAmount', () => 0, 'TransactionCurrency', [14, 3]),
      text('SalesDocumentRjcnReason', 2, (row) => item(row).rejection),
      text('SDProcessStatus', 1, ofItem(process)),
      text(
        'DeliveryStatus',
        1,
        ofItem((row) => deliveryStatus(view, row)),
      ),
      text('OrderRelatedBillingStatus', 1, ofItem(billing)),
      amount(
        'Subtotal1Amount',
        (row) => view.amountsOf(row).goodsMinor,
        'TransactionCurrency',
        [14, 3],
      ),
    ]),
    navigations: [
      {
        name: 'to_SalesOrder',
        target: 'A_SalesOrder',
        multiplicity: '0..1',
        rows: (row) => [view.ownerOfItem(row)],
      },
      {
        name: 'to_ScheduleLine',
        target: 'A_SalesOrderScheduleLine',
        multiplicity: '*',
        rows: (row) => [row],
      },
      {
        name: 'to_PricingElement',
        target: 'A_SalesOrderItemPrElement',
        multiplicity: '*',
        rows: (row) => [0, 1, 2, 3].map((index) => row * 4 + index),
      },
    ],
    source: {
      ...layoutSource(itemLayout, {
        SalesOrder: ascendingIndex(itemLayout, (row) => SALES_ORDER.of(view.ownerOfItem(row))),
      }),
      ...writes.items,
    },
  };
  return {
    name: 'API_SALES_ORDER_SRV',
    version: 2,
    entitySets: [
      heads,
      items,
      ...salesPartners(erp, view, writes),
      ...salesParts(erp, view, itemLayout, writes),
    ],
  };
};

/**
 * Order numbers exist once per channel, so one number may be several orders; and nothing keeps a
 * caller from posting one twice.
 */
const byReference = (erp: Erp, value: unknown): readonly number[] => {
  const rows = new Set(erp.orders.withReference(String(value)));
  for (const { index } of CHANNELS) {
    const order = erp.world.orders.find(index, String(value));
    const row = order < 0 ? -1 : erp.orders.byOrder.get(order);
    // One posted keeps a reference of its own, which may have been changed since.
    if (row >= 0 && !erp.orders.posted.has(row)) rows.add(row);
  }
  return [...rows].sort((left, right) => left - right);
};

/** A: nothing, B: some items, C: all of them. */
const rejectionStatus = (items: SalesContents['items']): string => {
  const rejected = items.filter(({ rejection }) => rejection !== '').length;
  return rejected === 0 ? 'A' : rejected === items.length ? 'C' : 'B';
};
