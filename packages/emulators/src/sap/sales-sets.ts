import type { EntitySet, Service } from '../odata/model.js';
import { CHANNELS } from '../retailer/channels.js';
import type { Erp } from '../retailer/erp/erp.js';
import { plantOfOrder } from '../retailer/erp/fulfilment.js';
import { SALES_BILLED, SALES_REJECTED } from '../retailer/erp/sales.js';
import { stampMs } from '../retailer/erp/stamps.js';
import { extensionsOf } from './extensions.js';
import { BASE_UNIT, CUSTOMER, itemNumber, SALES_ORDER } from './numbers.js';
import {
  amount,
  day,
  dayOrNull,
  fixed,
  flag,
  instant,
  keyText,
  quantity,
  text,
} from './properties.js';
import { salesParts } from './sales-parts.js';
import { deliveryStatus, salesView } from './sales-view.js';
import {
  ascendingIndex,
  fineInstant,
  type Layout,
  layoutSource,
  lookupIndex,
  stampIndex,
} from './sources.js';

/** API_SALES_ORDER_SRV: what shops and stores sold, under the ERP's own numbers. */

export const createSalesService = (erp: Erp): Service => {
  const { orders, model, world } = erp;
  const view = salesView(erp);
  const area = (row: number) => model.salesAreas[world.orders.channel.get(view.orderOf(row))];
  const changedAtMs = (row: number): number => stampMs(orders.stamp.get(row));
  const created = (row: number): number => orders.createdAtMs.get(row);
  const shopNumber = (row: number): string => world.orders.numberOf(view.orderOf(row));
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
    properties: [
      keyText('SalesOrder', 10, (row) => SALES_ORDER.of(row)),
      text('SalesOrderType', 4, (row) => area(row)?.orderType ?? ''),
      text('SalesOrganization', 4, (row) => area(row)?.organization ?? ''),
      text('DistributionChannel', 2, (row) => area(row)?.distributionChannel ?? ''),
      text('OrganizationDivision', 2, (row) => area(row)?.division ?? ''),
      text('SoldToParty', 10, (row) => CUSTOMER.of(orders.partner.get(row))),
      day('CreationDate', created),
      fixed('CreatedByUser', 12, 'SHOPIF'),
      day('LastChangeDate', (row) => (changedAtMs(row) === created(row) ? 0 : changedAtMs(row))),
      text(
        'SenderBusinessSystemName',
        60,
        (row) => CHANNELS[world.orders.channel.get(view.orderOf(row))]?.key ?? '',
      ),
      text('ExternalDocumentID', 40, shopNumber),
      instant('LastChangeDateTime', (row) => fineInstant(orders.stamp.get(row)), {
        isConcurrencyToken: true,
      }),
      text('PurchaseOrderByCustomer', 35, shopNumber),
      fixed('CustomerPurchaseOrderType', 4, 'WEB'),
      day('CustomerPurchaseOrderDate', (row) => world.orders.placedAtMs.get(view.orderOf(row))),
      day('SalesOrderDate', (row) => world.orders.placedAtMs.get(view.orderOf(row))),
      amount('TotalNetAmount', (row) => orders.netMinor.get(row), 'TransactionCurrency'),
      text('OverallDeliveryStatus', 1, (row) => deliveryStatus(view, row)),
      fixed('TotalBlockStatus', 1, ''),
      text('OverallOrdReltdBillgStatus', 1, billing),
      text('TransactionCurrency', 5, view.currencyOf, { semantics: 'currency-code' }),
      fixed('SDDocumentReason', 3, ''),
      day('PricingDate', (row) => world.orders.placedAtMs.get(view.orderOf(row))),
      day('RequestedDeliveryDate', view.promisedAtMs),
      text('ShippingCondition', 2, (row) =>
        world.orders.shippingMethod.get(view.orderOf(row)) === 1 ? '10' : '01',
      ),
      flag('CompleteDeliveryIsDefined', () => true),
      fixed('HeaderBillingBlockReason', 2, ''),
      fixed('DeliveryBlockReason', 2, ''),
      fixed('IncotermsClassification', 3, 'DAP'),
      text('CustomerPaymentTerms', 4, (row) =>
        world.orders.paymentMethod.get(view.orderOf(row)) === 0 ? '0014' : '0001',
      ),
      text(
        'PaymentMethod',
        1,
        (row) => ['', 'I', 'C', 'P'][world.orders.paymentMethod.get(view.orderOf(row))] ?? '',
      ),
      fixed('ReferenceSDDocument', 10, ''),
      text('OverallSDProcessStatus', 1, process),
      text('OverallTotalDeliveryStatus', 1, (row) => deliveryStatus(view, row)),
      text('OverallSDDocumentRejectionSts', 1, (row) => (isRejected(row) ? 'C' : 'A')),
      ...extensionsOf(erp, 'A_SalesOrder'),
    ],
    navigations: [
      { name: 'to_Item', target: 'A_SalesOrderItem', multiplicity: '*', rows: view.itemsOf },
      {
        name: 'to_Partner',
        target: 'A_SalesOrderHeaderPartner',
        multiplicity: '*',
        rows: (row) => [row * 2, row * 2 + 1],
      },
      {
        name: 'to_PricingElement',
        target: 'A_SalesOrderHeaderPrElement',
        multiplicity: '*',
        rows: (row) => (orders.shippingMinor.get(row) === 0 ? [] : [row]),
      },
    ],
    source: layoutSource(layout, {
      SalesOrder: ascendingIndex(layout, (row) => SALES_ORDER.of(row)),
      CreationDate: ascendingIndex(layout, (row) => dayOrNull(created(row))),
      LastChangeDateTime: stampIndex({
        changes: orders.changes,
        rowOf: (row) => row,
        rankOf: (row) => row,
      }),
      PurchaseOrderByCustomer: lookupIndex(layout, shopNumber, (value) => byShopNumber(erp, value)),
      ExternalDocumentID: lookupIndex(layout, shopNumber, (value) => byShopNumber(erp, value)),
    }),
  };

  const itemLayout: Layout<number> = {
    count: () => orders.itemLength,
    rowAt: (position) => position,
    keyOf: (item) => [SALES_ORDER.of(view.ownerOfItem(item)), position(item)],
  };
  const position = (item: number): string =>
    itemNumber(item - orders.firstItem.get(view.ownerOfItem(item)));
  const line = (item: number): number => view.amountsOf(item).line;
  const units = (item: number): number => world.orders.lineQuantity.get(line(item));
  const productRow = (item: number): number =>
    world.catalogue.variants[world.orders.lineSubject.get(line(item))] ?? -1;
  const plant = (item: number) =>
    model.plants[plantOfOrder(erp, view.orderOf(view.ownerOfItem(item)))];
  const ofItem =
    <Value>(read: (salesOrder: number) => Value) =>
    (item: number): Value =>
      read(view.ownerOfItem(item));

  const items: EntitySet<number> = {
    name: 'A_SalesOrderItem',
    label: 'Sales Order Item',
    key: ['SalesOrder', 'SalesOrderItem'],
    properties: [
      keyText('SalesOrder', 10, (item) => SALES_ORDER.of(view.ownerOfItem(item))),
      keyText('SalesOrderItem', 6, position),
      fixed('HigherLevelItem', 6, '0'),
      fixed('SalesOrderItemCategory', 4, 'TAN'),
      text('SalesOrderItemText', 40, (item) =>
        (erp.materials.names[productRow(item)]?.['nl-NL'] ?? '').slice(0, 40),
      ),
      text('PurchaseOrderByCustomer', 35, ofItem(shopNumber)),
      text('Material', 40, (item) => view.materialOf(line(item))),
      day(
        'PricingDate',
        ofItem((row) => world.orders.placedAtMs.get(view.orderOf(row))),
      ),
      quantity('RequestedQuantity', units, 'RequestedQuantityUnit', [15, 3]),
      fixed('RequestedQuantityUnit', 3, BASE_UNIT),
      quantity(
        'ConfdDelivQtyInOrderQtyUnit',
        (item) => (isRejected(view.ownerOfItem(item)) ? 0 : units(item)),
        'RequestedQuantityUnit',
        [15, 3],
      ),
      text('TransactionCurrency', 5, ofItem(view.currencyOf)),
      amount('NetAmount', (item) => view.amountsOf(item).netMinor, 'TransactionCurrency'),
      text(
        'MaterialGroup',
        9,
        (item) =>
          model.materialGroups[world.catalogue.products[productRow(item)]?.category ?? -1] ?? '',
      ),
      fixed('Batch', 10, ''),
      text('ProductionPlant', 4, (item) => plant(item)?.key ?? ''),
      text('StorageLocation', 4, (item) => plant(item)?.storageLocations[0] ?? ''),
      text('ShippingPoint', 4, (item) => plant(item)?.shippingPoint ?? ''),
      amount('TaxAmount', (item) => view.amountsOf(item).taxMinor, 'TransactionCurrency', [14, 3]),
      text('ProductTaxClassification1', 1, (item) =>
        world.orders.lineTaxClass.get(line(item)) === 1 ? '2' : '1',
      ),
      amount('CostAmount', () => 0, 'TransactionCurrency', [14, 3]),
      text(
        'SalesDocumentRjcnReason',
        2,
        ofItem((row) => (isRejected(row) ? '50' : '')),
      ),
      text('SDProcessStatus', 1, ofItem(process)),
      text(
        'DeliveryStatus',
        1,
        ofItem((row) => deliveryStatus(view, row)),
      ),
      text('OrderRelatedBillingStatus', 1, ofItem(billing)),
      amount(
        'Subtotal1Amount',
        (item) => view.amountsOf(item).goodsMinor,
        'TransactionCurrency',
        [14, 3],
      ),
    ],
    navigations: [
      {
        name: 'to_SalesOrder',
        target: 'A_SalesOrder',
        multiplicity: '0..1',
        rows: (item) => [view.ownerOfItem(item)],
      },
      {
        name: 'to_ScheduleLine',
        target: 'A_SalesOrderScheduleLine',
        multiplicity: '*',
        rows: (item) => [item],
      },
      {
        name: 'to_PricingElement',
        target: 'A_SalesOrderItemPrElement',
        multiplicity: '*',
        rows: (item) => [0, 1, 2, 3].map((index) => item * 4 + index),
      },
    ],
    source: layoutSource(itemLayout, {
      SalesOrder: ascendingIndex(itemLayout, (item) => SALES_ORDER.of(view.ownerOfItem(item))),
    }),
  };
  return {
    name: 'API_SALES_ORDER_SRV',
    version: 2,
    entitySets: [heads, items, ...salesParts(erp, view, itemLayout)],
  };
};

/** Order numbers exist once per channel, so one number may be several orders. */
const byShopNumber = (erp: Erp, value: unknown): readonly number[] =>
  CHANNELS.flatMap(({ index }) => {
    const order = erp.world.orders.find(index, String(value));
    const row = order < 0 ? -1 : erp.orders.byOrder.get(order);
    return row < 0 ? [] : [row];
  }).sort((left, right) => left - right);
