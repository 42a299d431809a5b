import type { ErpChange } from '../retailer/erp/erp.js';
import { type BusinessEvent, eventType } from './events/cloud-event.js';
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

export interface ErpNews extends BusinessEvent {
  /** The key's own value. */
  readonly subject: string;
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
  ['Created', 'Changed'].map((operation) => eventType(object, operation)),
);

export const businessEvent = (
  change: ErpChange,
  productNumber: (row: number) => string,
): ErpNews => {
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
    type: eventType(object, operation),
    subject: key,
    data: { [object]: key },
    atMs: change.atMs,
  };
};
