import type { ErpChange } from '../retailer/erp/erp.js';
import {
  CUSTOMER_RETURN,
  DELIVERY,
  PURCHASE_ORDER,
  partnerNumber,
  SALES_ORDER,
} from './numbers.js';

/**
 * Business events as SAP words them: a type, and the key of the object and nothing else. Stock,
 * cost, conditions and material documents are not notified at all.
 */

export interface BusinessEvent {
  /** `sap.s4.beh.salesorder.v1.SalesOrder.Changed.v1` */
  readonly type: string;
  readonly subject: string;
  readonly data: Readonly<Record<string, string>>;
  readonly atMs: number;
}

const OBJECTS = {
  product: 'Product',
  'sales-order': 'SalesOrder',
  'purchase-order': 'PurchaseOrder',
  'business-partner': 'BusinessPartner',
  'outbound-delivery': 'OutboundDelivery',
  'customer-return': 'CustomerReturn',
} as const;

export const BUSINESS_EVENTS: readonly string[] = Object.values(OBJECTS).flatMap((object) =>
  ['Created', 'Changed'].map(
    (operation) => `sap.s4.beh.${object.toLowerCase()}.v1.${object}.${operation}.v1`,
  ),
);

export const businessEvent = (
  change: ErpChange,
  productNumber: (row: number) => string,
): BusinessEvent => {
  const object = OBJECTS[change.object];
  const operation = change.operation === 'created' ? 'Created' : 'Changed';
  const numbers: Readonly<Record<ErpChange['object'], (row: number) => string>> = {
    product: productNumber,
    'sales-order': SALES_ORDER.of,
    'purchase-order': PURCHASE_ORDER.of,
    'business-partner': partnerNumber,
    'outbound-delivery': DELIVERY.of,
    'customer-return': CUSTOMER_RETURN.of,
  };
  const key = numbers[change.object](change.row);
  return {
    type: `sap.s4.beh.${object.toLowerCase()}.v1.${object}.${operation}.v1`,
    subject: key,
    data: { [object]: key },
    atMs: change.atMs,
  };
};
