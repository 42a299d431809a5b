import type { EntitySet, Service } from '../odata/model.js';
import { channelAt, currencyAt } from '../retailer/channels.js';
import { itemAmounts } from '../retailer/erp/amounts.js';
import { contentsOf, soldItemOf } from '../retailer/erp/contents.js';
import type { Erp } from '../retailer/erp/erp.js';
import { stampMs } from '../retailer/erp/stamps.js';
import { extensionsOf } from './extensions.js';
import { BASE_UNIT, CUSTOMER, CUSTOMER_RETURN, SALES_ORDER } from './numbers.js';
import { amount, day, dayOrNull, fixed, instant, keyText, quantity, text } from './properties.js';
import { ascendingIndex, fineInstant, type Layout, layoutSource, stampIndex } from './sources.js';

/** API_CUSTOMER_RETURN_SRV: returns as entered, some of them days after the parcel came. */

/** Codes for RETURN_REASONS, in their order. */
export const RETURN_REASON_CODES: readonly string[] = ['001', '002', '003', '004', '005', '006'];
export const INSPECTION_SELLABLE = '0001';
export const INSPECTION_DAMAGED = '0003';

export const createReturnService = (erp: Erp): Service => {
  const { returns, model, world } = erp;
  const shopReturn = (row: number): number => returns.shopReturn.get(row);
  const line = (row: number): number => world.returns.line.get(shopReturn(row));
  const order = (row: number): number => world.orders.lineOrder.get(line(row));
  const salesOrder = (row: number): number => erp.orders.byOrder.get(order(row));
  const area = (row: number) => model.salesAreas[world.orders.channel.get(order(row))];
  const currency = (row: number): string =>
    currencyAt(channelAt(world.orders.channel.get(order(row))).currency).code;
  const created = (row: number): number => returns.createdAtMs.get(row);
  const changed = (row: number): number => stampMs(returns.stamp.get(row));
  const units = (row: number): number => world.returns.quantity.get(shopReturn(row));
  const isInspected = (row: number): boolean => returns.isInspected.get(row) === 1;
  const isSellable = (row: number): boolean =>
    world.returns.isResellable.get(shopReturn(row)) === 1;
  const soldItem = (row: number): number => soldItemOf(erp, salesOrder(row), line(row));
  const net = (row: number): number => {
    const item = itemAmounts(erp, salesOrder(row))[soldItem(row)];
    const ordered = Math.max(1, world.orders.lineQuantity.get(line(row)));
    return item === undefined
      ? 0
      : Math.round(((item.goodsMinor + item.discountMinor) * units(row)) / ordered);
  };
  const refundStatus = (row: number): string => (isInspected(row) ? 'C' : 'A');
  const number = (row: number): string => CUSTOMER_RETURN.of(row);
  const product = (row: number) =>
    world.catalogue.products[
      world.catalogue.variants[world.orders.lineSubject.get(line(row))] ?? -1
    ];
  const referenceItem = (row: number): string =>
    String(contentsOf(erp, salesOrder(row)).items[soldItem(row)]?.position ?? 0);
  const layout: Layout<number> = {
    count: () => returns.length,
    rowAt: (position) => position,
    keyOf: (row) => [number(row)],
  };

  const heads: EntitySet<number> = {
    name: 'A_CustomerReturn',
    label: 'Returns Order Header',
    key: ['CustomerReturn'],
    properties: [
      keyText('CustomerReturn', 10, number),
      fixed('CustomerReturnType', 4, model.returnType),
      text('SalesOrganization', 4, (row) => area(row)?.organization ?? ''),
      text('DistributionChannel', 2, (row) => area(row)?.distributionChannel ?? ''),
      text('OrganizationDivision', 2, (row) => area(row)?.division ?? ''),
      text('SoldToParty', 10, (row) => CUSTOMER.of(erp.orders.partner.get(salesOrder(row)))),
      day('CreationDate', created),
      fixed('CreatedByUser', 12, 'RETOURS'),
      day('LastChangeDate', (row) => (changed(row) === created(row) ? 0 : changed(row))),
      instant('LastChangeDateTime', (row) => fineInstant(returns.stamp.get(row)), {
        isConcurrencyToken: true,
      }),
      text('PurchaseOrderByCustomer', 35, (row) => world.orders.numberOf(order(row))),
      day('CustomerPurchaseOrderDate', (row) => world.orders.placedAtMs.get(order(row))),
      day('CustomerReturnDate', (row) => world.returns.requestedAtMs.get(shopReturn(row))),
      amount('TotalNetAmount', net, 'TransactionCurrency'),
      text('TransactionCurrency', 5, currency, { semantics: 'currency-code' }),
      text(
        'SDDocumentReason',
        3,
        (row) => RETURN_REASON_CODES[world.returns.reason.get(shopReturn(row))] ?? '',
      ),
      text('ReferenceSDDocument', 10, (row) => SALES_ORDER.of(salesOrder(row))),
      fixed('ReferenceSDDocumentCategory', 4, 'C'),
      fixed('RetsMgmtLogProcgStatus', 1, 'C'),
      text('RetsMgmtCompnProcgStatus', 1, refundStatus),
      text('RetsMgmtProcessingStatus', 1, (row) => (isInspected(row) ? 'C' : 'B')),
      text('OverallSDProcessStatus', 1, (row) => (isInspected(row) ? 'C' : 'B')),
      fixed('OverallSDDocumentRejectionSts', 1, 'A'),
      ...extensionsOf(erp, 'A_CustomerReturn'),
    ],
    navigations: [
      { name: 'to_Item', target: 'A_CustomerReturnItem', multiplicity: '*', rows: (row) => [row] },
    ],
    source: layoutSource(layout, {
      CustomerReturn: ascendingIndex(layout, number),
      CreationDate: ascendingIndex(layout, (row) => dayOrNull(created(row))),
      LastChangeDateTime: stampIndex({
        changes: returns.changes,
        rowOf: (row) => row,
        rankOf: (row) => row,
      }),
    }),
  };

  const itemLayout: Layout<number> = { ...layout, keyOf: (row) => [number(row), '10'] };
  const items: EntitySet<number> = {
    name: 'A_CustomerReturnItem',
    label: 'Returns Order Item',
    key: ['CustomerReturn', 'CustomerReturnItem'],
    properties: [
      keyText('CustomerReturn', 10, number),
      keyText('CustomerReturnItem', 6, () => '10'),
      fixed('CustomerReturnItemCategory', 4, 'REN'),
      text('CustomerReturnItemText', 40, (row) =>
        (erp.materials.names[product(row)?.index ?? -1]?.['nl-NL'] ?? '').slice(0, 40),
      ),
      text('Material', 40, (row) => product(row)?.number ?? ''),
      quantity('RequestedQuantity', units, 'RequestedQuantityUnit', [15, 3]),
      fixed('RequestedQuantityUnit', 3, BASE_UNIT),
      text('TransactionCurrency', 5, currency),
      amount('NetAmount', net, 'TransactionCurrency'),
      text('MaterialGroup', 9, (row) => model.materialGroups[product(row)?.category ?? -1] ?? ''),
      fixed('ProductionPlant', 4, model.plants[0]?.key ?? ''),
      fixed('StorageLocation', 4, model.plants[0]?.storageLocations[1] ?? ''),
      text(
        'ReturnReason',
        3,
        (row) => RETURN_REASON_CODES[world.returns.reason.get(shopReturn(row))] ?? '',
      ),
      text('CustRetItmFollowUpActivity', 4, (row) =>
        isInspected(row) ? (isSellable(row) ? '0011' : '0012') : '',
      ),
      fixed('ReturnsMaterialHasBeenReceived', 1, 'X'),
      text('ReturnsRefundType', 1, (row) => (isInspected(row) ? '1' : '')),
      text('ReturnsRefundExtent', 3, (row) => (isInspected(row) ? '100' : '')),
      text('CustomerRetMatlInspResultCode', 4, (row) =>
        isInspected(row) ? (isSellable(row) ? INSPECTION_SELLABLE : INSPECTION_DAMAGED) : '',
      ),
      text('RetsMgmtItmCompnProcgStatus', 1, refundStatus),
      text('RetsMgmtItmProcgStatus', 1, (row) => (isInspected(row) ? 'C' : 'B')),
      text('SDProcessStatus', 1, (row) => (isInspected(row) ? 'C' : 'B')),
      text('ReferenceSDDocument', 10, (row) => SALES_ORDER.of(salesOrder(row))),
      text('ReferenceSDDocumentItem', 6, referenceItem),
      fixed('ReferenceSDDocumentCategory', 4, 'C'),
    ],
    navigations: [
      {
        name: 'to_CustomerReturn',
        target: 'A_CustomerReturn',
        multiplicity: '0..1',
        rows: (row) => [row],
      },
    ],
    source: layoutSource(itemLayout, { CustomerReturn: ascendingIndex(itemLayout, number) }),
  };
  return { name: 'API_CUSTOMER_RETURN_SRV', version: 2, entitySets: [heads, items] };
};
