import type { PropertyValue, RowSource, WriteValues } from '../odata/model.js';
import { channelAt, currencyAt } from '../retailer/channels.js';
import type { Erp } from '../retailer/erp/erp.js';
import {
  changeOrder,
  enterOrder,
  isIssued,
  PARTNER_FUNCTIONS,
  type PostedItem,
} from '../retailer/erp/posted-orders.js';
import { SALES_ORDER } from './numbers.js';
import { dayIn, minorIn, piecesIn, refuse, textIn } from './refusal.js';
import {
  checkCurrency,
  FREIGHT,
  headType,
  orderFrom,
  rejectionFrom,
  textsOf,
  today,
} from './sales-order-from.js';
import type { SalesView } from './sales-view.js';

/**
 * What may be written to sales orders. SAP compares nothing with what is there: two posts with one
 * reference make two orders. Numbers and words of messages are as the application has them, where
 * they are known; what is checked is what it checks.
 */

type Writes = Pick<RowSource<number>, 'planCreate' | 'planUpdate'>;

export interface SalesWrites {
  readonly orders: Writes;
  readonly items: Writes;
  readonly itemElements: Writes;
  readonly headElements: Writes;
  readonly addresses: Writes;
}

export const salesWrites = (erp: Erp, view: SalesView, now: () => number): SalesWrites => ({
  orders: {
    planCreate: (values) => {
      const order = orderFrom(erp, values, now());
      return { apply: () => enterOrder(erp, order, now()) };
    },
    planUpdate: (row, values) => planHead(erp, view, row, values, now),
  },
  items: { planUpdate: (row, values) => planItem(erp, view, row, values, now) },
  itemElements: { planUpdate: (row, values) => planPrice(erp, view, row, values, now) },
  headElements: {
    planCreate: (values) => {
      const row = SALES_ORDER.rowOf(textIn(values, 'SalesOrder'));
      if (row < 0 || row >= erp.orders.length)
        throw refuse('V1/302', 'Enter a sales order', 'SalesOrder');
      const isFreight = headType(values) === FREIGHT;
      return planHeadAmount(erp, view, row, isFreight, values, now);
    },
    planUpdate: (row, values) =>
      planHeadAmount(erp, view, Math.floor(row / 2), row % 2 === 1, values, now),
  },
  addresses: {
    planUpdate: (row, values) => {
      const order = Math.floor(row / PARTNER_FUNCTIONS.length);
      const part = PARTNER_FUNCTIONS[row % PARTNER_FUNCTIONS.length] ?? 'SP';
      return {
        apply: () => {
          changeOrder(
            erp,
            order,
            ({ addresses }) => {
              addresses.set(part, { ...addresses.get(part), ...textsOf(values) });
              return undefined;
            },
            now(),
          );
          return row;
        },
      };
    },
  },
});

const FIXED_ONCE_ENTERED = [
  ...['SalesOrderType', 'SalesOrganization', 'DistributionChannel', 'OrganizationDivision'],
  ...['SoldToParty', 'TransactionCurrency', 'SalesOrderDate'],
];

const planHead = (
  erp: Erp,
  view: SalesView,
  row: number,
  values: WriteValues,
  now: () => number,
) => {
  const given = FIXED_ONCE_ENTERED.find((name) => values[name] !== undefined);
  if (given !== undefined)
    throw refuse('V1/517', `${given} of order ${SALES_ORDER.of(row)} cannot be changed`, given);
  const requestedAtMs = dayIn(values, 'RequestedDeliveryDate');
  if (requestedAtMs !== undefined && requestedAtMs < today(view.contentsOf(row).placedAtMs)) {
    throw refuse(
      'V1/150',
      'The requested delivery date lies before the document date',
      'RequestedDeliveryDate',
    );
  }
  const told = (name: string): string | undefined =>
    (values[name] as PropertyValue | undefined) === undefined ? undefined : textIn(values, name);
  return {
    apply: () => {
      changeOrder(
        erp,
        row,
        (posted) => {
          posted.requestedAtMs = requestedAtMs ?? posted.requestedAtMs;
          posted.reference = told('PurchaseOrderByCustomer') ?? posted.reference;
          posted.shippingCondition = told('ShippingCondition') ?? posted.shippingCondition;
          posted.paymentTerms = told('CustomerPaymentTerms') ?? posted.paymentTerms;
          posted.deliveryBlock = told('DeliveryBlockReason') ?? posted.deliveryBlock;
          posted.reason = told('SDDocumentReason') ?? posted.reason;
          return undefined;
        },
        now(),
      );
      return row;
    },
  };
};

/** What has left the house can neither be made less nor be taken back. */
const checkOpen = (erp: Erp, order: number, position: number): void => {
  if (isIssued(erp, order)) {
    throw refuse(
      'V1/496',
      `Item ${position} of order ${SALES_ORDER.of(order)} is already delivered and cannot be changed`,
    );
  }
};

const planItem = (
  erp: Erp,
  view: SalesView,
  row: number,
  values: WriteValues,
  now: () => number,
) => {
  const order = view.ownerOfItem(row);
  const { position } = view.itemOf(row);
  const quantity =
    values['RequestedQuantity'] === undefined
      ? undefined
      : piecesIn(values, 'RequestedQuantity', `Item ${position}`);
  const rejection =
    values['SalesDocumentRjcnReason'] === undefined ? undefined : rejectionFrom(values);
  if (quantity !== undefined || rejection !== undefined) checkOpen(erp, order, position);
  const text =
    values['SalesOrderItemText'] === undefined ? undefined : textIn(values, 'SalesOrderItemText');
  return planItemChange(erp, order, row, now, (item) => {
    item.quantity = quantity ?? item.quantity;
    item.rejection = rejection ?? item.rejection;
    item.text = text ?? item.text;
  });
};

const planPrice = (
  erp: Erp,
  view: SalesView,
  row: number,
  values: WriteValues,
  now: () => number,
) => {
  const item = Math.floor(row / 4);
  const order = view.ownerOfItem(item);
  if (row % 4 !== 0)
    throw refuse('VE/201', 'This condition follows from others and cannot be changed');
  const { channel } = view.contentsOf(order);
  checkCurrency(values, 'ConditionCurrency', currencyAt(channelAt(channel).currency).code);
  const minor = minorIn(values, 'ConditionRateValue');
  const per =
    values['ConditionQuantity'] === undefined
      ? undefined
      : piecesIn(values, 'ConditionQuantity', 'Price');
  return planItemChange(
    erp,
    order,
    item,
    now,
    (posted) => {
      posted.priceMinor = minor;
      posted.pricePer = per ?? posted.pricePer;
    },
    row,
  );
};

const planItemChange = (
  erp: Erp,
  order: number,
  item: number,
  now: () => number,
  change: (item: PostedItem) => void,
  answer = item,
) => ({
  apply: () => {
    changeOrder(
      erp,
      order,
      ({ items }) => {
        const posted = items[item - erp.orders.firstItem.get(order)];
        if (posted !== undefined) change(posted);
        return undefined;
      },
      now(),
    );
    return answer;
  },
});

const planHeadAmount = (
  erp: Erp,
  view: SalesView,
  order: number,
  isFreight: boolean,
  values: WriteValues,
  now: () => number,
) => {
  const { channel } = view.contentsOf(order);
  checkCurrency(values, 'ConditionCurrency', currencyAt(channelAt(channel).currency).code);
  const minor = minorIn(values, 'ConditionRateValue');
  return {
    apply: () => {
      changeOrder(
        erp,
        order,
        (posted) => {
          if (isFreight) return { shippingMinor: minor };
          posted.discountMinor = Math.abs(minor);
          return undefined;
        },
        now(),
      );
      return order * 2 + (isFreight ? 1 : 0);
    },
  };
};
