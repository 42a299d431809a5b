import type { EntitySet, Service } from '../odata/model.js';
import { channelAt, currencyAt } from '../retailer/channels.js';
import { itemAmounts } from '../retailer/erp/amounts.js';
import { contentsOf } from '../retailer/erp/contents.js';
import type { Erp } from '../retailer/erp/erp.js';
import { returnContents } from '../retailer/erp/posted-returns.js';
import { ownerOf } from '../retailer/erp/sales.js';
import { stampMs } from '../retailer/erp/stamps.js';
import { extensionsOf } from './extensions.js';
import { BASE_UNIT, CUSTOMER, CUSTOMER_RETURN, SALES_ORDER } from './numbers.js';
import {
  amount,
  day,
  dayOrNull,
  fixed,
  instant,
  keyText,
  outputOnly,
  quantity,
  text,
} from './properties.js';
import { returnWrites } from './return-writes.js';
import {
  ascendingIndex,
  fineInstant,
  type Layout,
  layoutSource,
  lookupIndex,
  stampIndex,
} from './sources.js';

/** API_CUSTOMER_RETURN_SRV: returns as entered, some days after the parcel came, some before. */

export const INSPECTION_SELLABLE = '0001';
export const INSPECTION_DAMAGED = '0003';

const HEAD_OUTPUT = [
  ...['CreationDate', 'CreatedByUser', 'LastChangeDate', 'LastChangeDateTime', 'TotalNetAmount'],
  ...['ReferenceSDDocumentCategory', 'RetsMgmtLogProcgStatus', 'RetsMgmtCompnProcgStatus'],
  ...['RetsMgmtProcessingStatus', 'OverallSDProcessStatus', 'OverallSDDocumentRejectionSts'],
];
const ITEM_OUTPUT = [
  ...['CustomerReturn', 'TransactionCurrency', 'NetAmount', 'RetsMgmtItmCompnProcgStatus'],
  ...['RetsMgmtItmProcgStatus', 'SDProcessStatus', 'ReferenceSDDocumentCategory'],
];

export const createReturnService = (erp: Erp, now: () => number): Service => {
  const { returns, model, world } = erp;
  const contents = (row: number) => returnContents(erp, row);
  const salesOrder = (row: number): number => contents(row).salesOrder;
  const sold = (row: number) => contentsOf(erp, salesOrder(row));
  const area = (row: number) => model.salesAreas[sold(row).channel];
  const currency = (row: number): string => currencyAt(channelAt(sold(row).channel).currency).code;
  const created = (row: number): number => returns.createdAtMs.get(row);
  const changed = (row: number): number => stampMs(returns.stamp.get(row));
  const isInspected = (row: number): boolean => returns.isInspected.get(row) === 1;
  const itemNet = (row: number, index: number): number => {
    const item = contents(row).items[index];
    if (item === undefined) return 0;
    const amounts = itemAmounts(erp, salesOrder(row))[item.soldItem];
    const ordered = Math.max(1, sold(row).items[item.soldItem]?.quantity ?? 1);
    return amounts === undefined
      ? 0
      : Math.round(((amounts.goodsMinor + amounts.discountMinor) * item.quantity) / ordered);
  };
  const net = (row: number): number =>
    contents(row).items.reduce((sum, _, index) => sum + itemNet(row, index), 0);
  /** A: announced, B: the goods are there, C: inspected. */
  const progress = (row: number): string =>
    isInspected(row) ? 'C' : contents(row).isReceived ? 'B' : 'A';
  const refundStatus = (row: number): string => (isInspected(row) ? 'C' : 'A');
  const number = (row: number): string => CUSTOMER_RETURN.of(row);
  const reference = (row: number): string => contents(row).reference;
  const writes = returnWrites(erp, now);
  const layout: Layout<number> = {
    count: () => returns.length,
    rowAt: (position) => position,
    keyOf: (row) => [number(row)],
  };

  const heads: EntitySet<number> = {
    name: 'A_CustomerReturn',
    label: 'Returns Order Header',
    key: ['CustomerReturn'],
    properties: outputOnly(HEAD_OUTPUT, [
      keyText('CustomerReturn', 10, number),
      fixed('CustomerReturnType', 4, model.returnType),
      text('SalesOrganization', 4, (row) => area(row)?.organization ?? ''),
      text('DistributionChannel', 2, (row) => area(row)?.distributionChannel ?? ''),
      text('OrganizationDivision', 2, (row) => area(row)?.division ?? ''),
      text('SoldToParty', 10, (row) => CUSTOMER.of(erp.orders.partner.get(salesOrder(row)))),
      day('CreationDate', created),
      text('CreatedByUser', 12, (row) => contents(row).createdBy),
      day('LastChangeDate', (row) => (changed(row) === created(row) ? 0 : changed(row))),
      instant('LastChangeDateTime', (row) => fineInstant(returns.stamp.get(row)), {
        isConcurrencyToken: true,
      }),
      text('PurchaseOrderByCustomer', 35, reference),
      day('CustomerPurchaseOrderDate', (row) => sold(row).placedAtMs),
      day('CustomerReturnDate', (row) => contents(row).requestedAtMs),
      amount('TotalNetAmount', net, 'TransactionCurrency'),
      text('TransactionCurrency', 5, currency, { semantics: 'currency-code' }),
      text('SDDocumentReason', 3, (row) => contents(row).reason),
      text('AssignmentReference', 18, (row) => contents(row).assignment),
      text('ReferenceSDDocument', 10, (row) => SALES_ORDER.of(salesOrder(row))),
      fixed('ReferenceSDDocumentCategory', 4, 'C'),
      text('RetsMgmtLogProcgStatus', 1, (row) => (contents(row).isReceived ? 'C' : 'A')),
      text('RetsMgmtCompnProcgStatus', 1, refundStatus),
      text('RetsMgmtProcessingStatus', 1, progress),
      text('OverallSDProcessStatus', 1, progress),
      fixed('OverallSDDocumentRejectionSts', 1, 'A'),
      ...extensionsOf(erp, 'A_CustomerReturn'),
    ]),
    navigations: [
      {
        name: 'to_Item',
        target: 'A_CustomerReturnItem',
        multiplicity: '*',
        rows: (row) => {
          const first = returns.firstItem.get(row);
          return Array.from({ length: returns.itemsEnd(row) - first }, (_, index) => first + index);
        },
      },
    ],
    source: {
      ...layoutSource(layout, {
        CustomerReturn: ascendingIndex(layout, number),
        CreationDate: ascendingIndex(layout, (row) => dayOrNull(created(row))),
        PurchaseOrderByCustomer: lookupIndex(layout, reference, (value) =>
          Array.from({ length: returns.length }, (_, row) => row).filter(
            (row) => reference(row) === value,
          ),
        ),
        LastChangeDateTime: stampIndex({
          changes: returns.changes,
          rowOf: (row) => row,
          rankOf: (row) => row,
        }),
      }),
      ...writes,
    },
  };

  const owner = (item: number): number => ownerOf(returns.firstItem, item);
  const indexOf = (item: number): number => item - returns.firstItem.get(owner(item));
  const at = (item: number) => contents(owner(item)).items[indexOf(item)];
  const position = (item: number): string => String(at(item)?.position ?? 0);
  const product = (item: number) =>
    world.catalogue.products[world.catalogue.variants[at(item)?.variant ?? -1] ?? -1];
  const isSellable = (item: number): boolean => at(item)?.isSellable === true;
  const ofOwner =
    <Value>(read: (row: number) => Value) =>
    (item: number): Value =>
      read(owner(item));
  const whenInspected = (item: number, value: string): string =>
    isInspected(owner(item)) ? value : '';
  const itemLayout: Layout<number> = {
    count: () => returns.itemLength,
    rowAt: (place) => place,
    keyOf: (item) => [number(owner(item)), position(item)],
  };
  const items: EntitySet<number> = {
    name: 'A_CustomerReturnItem',
    label: 'Returns Order Item',
    key: ['CustomerReturn', 'CustomerReturnItem'],
    properties: [
      keyText('CustomerReturn', 10, ofOwner(number)),
      keyText('CustomerReturnItem', 6, position),
      fixed('CustomerReturnItemCategory', 4, 'REN'),
      text('CustomerReturnItemText', 40, (item) =>
        (erp.materials.names[product(item)?.index ?? -1]?.['nl-NL'] ?? '').slice(0, 40),
      ),
      text('Material', 40, (item) => product(item)?.number ?? ''),
      quantity(
        'RequestedQuantity',
        (item) => at(item)?.quantity ?? 0,
        'RequestedQuantityUnit',
        [15, 3],
      ),
      fixed('RequestedQuantityUnit', 3, BASE_UNIT),
      text('TransactionCurrency', 5, ofOwner(currency)),
      amount('NetAmount', (item) => itemNet(owner(item), indexOf(item)), 'TransactionCurrency'),
      text('MaterialGroup', 9, (item) => model.materialGroups[product(item)?.category ?? -1] ?? ''),
      fixed('ProductionPlant', 4, model.plants[0]?.key ?? ''),
      fixed('StorageLocation', 4, model.plants[0]?.storageLocations[1] ?? ''),
      text('ReturnReason', 3, (item) => at(item)?.reason ?? ''),
      text('CustRetItmFollowUpActivity', 4, (item) =>
        whenInspected(item, isSellable(item) ? '0011' : '0012'),
      ),
      text('ReturnsMaterialHasBeenReceived', 1, (item) =>
        contents(owner(item)).isReceived ? 'X' : '',
      ),
      text('ReturnsRefundType', 1, (item) => whenInspected(item, '1')),
      text('ReturnsRefundExtent', 3, (item) => whenInspected(item, '100')),
      text('CustomerRetMatlInspResultCode', 4, (item) =>
        whenInspected(item, isSellable(item) ? INSPECTION_SELLABLE : INSPECTION_DAMAGED),
      ),
      text('RetsMgmtItmCompnProcgStatus', 1, ofOwner(refundStatus)),
      text('RetsMgmtItmProcgStatus', 1, ofOwner(progress)),
      text('SDProcessStatus', 1, ofOwner(progress)),
      text('ReferenceSDDocument', 10, (item) => SALES_ORDER.of(salesOrder(owner(item)))),
      text('ReferenceSDDocumentItem', 6, (item) =>
        String(sold(owner(item)).items[at(item)?.soldItem ?? -1]?.position ?? 0),
      ),
      fixed('ReferenceSDDocumentCategory', 4, 'C'),
    ],
    navigations: [
      {
        name: 'to_CustomerReturn',
        target: 'A_CustomerReturn',
        multiplicity: '0..1',
        rows: (item) => [owner(item)],
      },
    ],
    source: layoutSource(itemLayout, {
      CustomerReturn: ascendingIndex(itemLayout, ofOwner(number)),
    }),
  };
  return {
    name: 'API_CUSTOMER_RETURN_SRV',
    version: 2,
    entitySets: [heads, { ...items, properties: outputOnly(ITEM_OUTPUT, items.properties) }],
  };
};
