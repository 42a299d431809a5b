import type { RowSource, WriteValues } from '../odata/model.js';
import { contentsOf } from '../retailer/erp/contents.js';
import type { Erp } from '../retailer/erp/erp.js';
import { isIssued } from '../retailer/erp/posted-orders.js';
import {
  enterPostedReturn,
  RETURN_REASON_CODES,
  returnedOf,
} from '../retailer/erp/posted-returns.js';
import { DAY_MS } from '../retailer/parameters.js';
import { BASE_UNIT, SALES_ORDER } from './numbers.js';
import { dayIn, piecesIn, refuse, rowsIn, textIn } from './refusal.js';

/** Announced returns: checked against the sales order they take back, item by item. */

type Writes = Pick<RowSource<number>, 'planCreate'>;
type NewReturn = Parameters<typeof enterPostedReturn>[1];

const ITEMS_MAX = 200;

export const returnWrites = (erp: Erp, now: () => number): Writes => ({
  planCreate: (values) => {
    const announced = returnFrom(erp, values, now());
    return { apply: () => enterPostedReturn(erp, announced, now()) };
  },
});

const returnFrom = (erp: Erp, values: WriteValues, nowMs: number): NewReturn => {
  const type = textIn(values, 'CustomerReturnType');
  if (type !== erp.model.returnType)
    throw refuse('V1/313', `Sales document type ${type} is not defined`, 'CustomerReturnType');
  const rows = rowsIn(values, 'to_Item');
  const [first] = rows;
  if (first === undefined) throw refuse('V1/320', 'The return has no items', 'to_Item');
  if (rows.length > ITEMS_MAX) throw refuse('V1/321', `More than ${ITEMS_MAX} items`, 'to_Item');
  const number = textIn(values, 'ReferenceSDDocument') || textIn(first, 'ReferenceSDDocument');
  const salesOrder = SALES_ORDER.rowOf(number);
  if (salesOrder < 0 || salesOrder >= erp.orders.length)
    throw refuse('V1/302', `Sales document ${number} does not exist`, 'ReferenceSDDocument');
  const sold = contentsOf(erp, salesOrder);
  const area = erp.model.salesAreas[sold.channel];
  for (const [name, own] of [
    ['SalesOrganization', area?.organization],
    ['DistributionChannel', area?.distributionChannel],
    ['OrganizationDivision', area?.division],
  ] as const) {
    const given = textIn(values, name);
    if (given !== '' && given !== own)
      throw refuse('V1/346', `Order ${number} is of another sales area`, name);
  }
  if (!isIssued(erp, salesOrder))
    throw refuse('V1/531', `Order ${number} is not delivered yet`, 'ReferenceSDDocument');
  const back = [...returnedOf(erp, salesOrder)];
  const items = rows.map((row, index) => {
    const position = Number(textIn(row, 'ReferenceSDDocumentItem'));
    const soldItem = sold.items.findIndex((item) => item.position === position);
    const item = sold.items[soldItem];
    if (item === undefined) {
      throw refuse(
        'V1/303',
        `Item ${position} of order ${number} does not exist`,
        'ReferenceSDDocumentItem',
      );
    }
    const unit = textIn(row, 'RequestedQuantityUnit');
    if (unit !== '' && unit !== BASE_UNIT)
      throw refuse('V1/287', `Unit ${unit} is not defined`, 'RequestedQuantityUnit');
    const quantity = piecesIn(row, 'RequestedQuantity', `Item ${position}`);
    back[soldItem] = (back[soldItem] ?? 0) + quantity;
    if ((back[soldItem] ?? 0) > item.quantity) {
      throw refuse(
        'V1/533',
        `More of item ${position} of order ${number} would come back than was sold`,
        'RequestedQuantity',
      );
    }
    return {
      position: (index + 1) * 10,
      soldItem,
      variant: item.variant,
      quantity,
      reason: reasonFrom(row, 'ReturnReason'),
    };
  });
  return {
    salesOrder,
    reference: textIn(values, 'PurchaseOrderByCustomer') || sold.reference,
    requestedAtMs: dayIn(values, 'CustomerReturnDate') ?? Math.floor(nowMs / DAY_MS) * DAY_MS,
    reason: textIn(values, 'SDDocumentReason'),
    assignment: textIn(values, 'AssignmentReference'),
    items,
  };
};

const reasonFrom = (row: WriteValues, name: string): string => {
  const reason = textIn(row, name);
  if (!RETURN_REASON_CODES.includes(reason))
    throw refuse('MSR/012', `Return reason ${reason} is not defined`, name);
  return reason;
};
