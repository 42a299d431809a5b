import { z } from 'zod';
import type { Aggregate } from '../definition.js';
import { defineEntity, variantAggregate } from '../definition.js';
import { purchaseStates } from '../states.js';
import {
  count,
  country,
  currency,
  decimal,
  flag,
  identifier,
  instant,
  money,
  optional,
  quantity,
  required,
  text,
  traits,
  unitMoney,
} from '../values.js';

const purchaseOrderAggregate: Aggregate = {
  name: 'purchaseOrder',
  keyFields: ['purchaseOrderNo'],
};

export const supplier = defineEntity({
  name: 'supplier',
  title: 'Supplier',
  description: 'Who we buy from.',
  keyFields: ['supplierId'],
  schema: z.strictObject({
    supplierId: required(identifier, 'Id of the supplier.'),
    name: optional(text, 'Name of the company.'),
    country: optional(country, 'Country, ISO 3166.'),
    currency: optional(currency, 'Currency we buy in.'),
    calendar: optional(identifier, 'Calendar its working days follow.'),
    leadTimeDays: optional(count, 'Promised lead time, calendar days.'),
    paymentTermsDays: optional(count, 'Days until payment is due.'),
    minOrder: optional(money, 'Smallest order it takes.'),
    isActive: optional(flag, 'Whether we buy from it.'),
    traits,
  }),
});

export const supplierItem = defineEntity({
  name: 'supplierItem',
  title: 'Supplier item',
  description: 'A variant as a supplier offers it to us.',
  keyFields: ['supplierId', 'sku'],
  aggregate: variantAggregate,
  schema: z.strictObject({
    supplierId: required(identifier, 'The supplier.'),
    sku: required(identifier, 'The variant.'),
    supplierSku: optional(text, 'The supplier’s number of it.'),
    leadTimeDays: optional(count, 'Promised lead time, calendar days.'),
    minOrderQuantity: optional(quantity, 'Smallest quantity it takes.'),
    orderStep: optional(quantity, 'Quantities must be multiples of it.'),
    unitPrice: optional(unitMoney, 'Price of `perQuantity`, without tax.'),
    perQuantity: optional(quantity, 'What the price buys; absent means one base unit.'),
    availableQuantity: optional(quantity, 'Stock the supplier states.'),
    isPreferred: optional(flag, 'Whether we buy it there first.'),
    validFrom: optional(instant, 'When the price begins to hold.'),
    validTo: optional(instant, 'When the price ends to hold, exclusive.'),
    capturedAt: optional(instant, 'When the supplier stated this.'),
    traits,
  }),
});

export const replenishment = defineEntity({
  name: 'replenishment',
  title: 'Replenishment',
  description: 'How a variant is planned and ordered again at a location.',
  keyFields: ['sku', 'location'],
  aggregate: variantAggregate,
  schema: z.strictObject({
    sku: required(identifier, 'The variant.'),
    location: required(identifier, 'Where it is planned.'),
    method: optional(text, 'Planning method as the source says it.'),
    safetyStock: optional(quantity, 'Stock kept against surprises.'),
    reorderPoint: optional(quantity, 'Level below which it is ordered again.'),
    stockMax: optional(quantity, 'Level it is filled up to.'),
    lotMin: optional(quantity, 'Smallest quantity ordered.'),
    lotMax: optional(quantity, 'Largest quantity ordered.'),
    lotFixed: optional(quantity, 'Quantity always ordered.'),
    lotStep: optional(quantity, 'Quantities are multiples of it.'),
    leadTimeDays: optional(decimal, 'Planned delivery time of the supplier, calendar days.'),
    receiptDays: optional(decimal, 'Time from arrival to sellable, working days.'),
    totalLeadTimeDays: optional(decimal, 'Planned time until all of it is there, working days.'),
    serviceLevel: optional(decimal, 'Share of demand to be served from stock, 0 to 1.'),
    classCode: optional(text, 'Class of importance, such as A, B or C.'),
    traits,
  }),
});

export const purchaseOrder = defineEntity({
  name: 'purchaseOrder',
  title: 'Purchase order',
  description: 'What we ordered from a supplier.',
  keyFields: ['purchaseOrderNo'],
  aggregate: purchaseOrderAggregate,
  schema: z.strictObject({
    purchaseOrderNo: required(identifier, 'Number of the purchase order.'),
    supplierId: optional(identifier, 'The supplier.'),
    location: optional(identifier, 'Where goods go.'),
    currency: optional(currency, 'Currency of its amounts.'),
    totalNet: optional(money, 'Total without tax.'),
    state: optional(purchaseStates, 'Where it is.'),
    rawState: optional(text, 'The state as the source says it.'),
    orderedAt: optional(instant, 'When it was ordered.'),
    confirmedAt: optional(instant, 'When the supplier confirmed.'),
    promisedAt: optional(instant, 'When the supplier promised to deliver.'),
    shippedAt: optional(instant, 'When it left the supplier.'),
    receivedAt: optional(instant, 'When the last of it arrived.'),
    cancelledAt: optional(instant, 'When it was cancelled.'),
    traits,
  }),
});

export const purchaseOrderLine = defineEntity({
  name: 'purchaseOrderLine',
  title: 'Purchase order line',
  description: 'An item of a purchase order. Ordered and received give the observed lead time.',
  keyFields: ['purchaseOrderNo', 'line'],
  aggregate: purchaseOrderAggregate,
  schema: z.strictObject({
    purchaseOrderNo: required(identifier, 'The purchase order.'),
    line: required(identifier, 'Line of the purchase order.'),
    supplierId: optional(identifier, 'The supplier.'),
    sku: optional(identifier, 'The variant.'),
    location: optional(identifier, 'Where goods go.'),
    orderedQuantity: optional(quantity, 'Ordered.'),
    confirmedQuantity: optional(quantity, 'Confirmed by the supplier.'),
    receivedQuantity: optional(quantity, 'Received so far.'),
    unitPrice: optional(unitMoney, 'Price of `perQuantity`, without tax.'),
    perQuantity: optional(quantity, 'What the price buys; absent means one base unit.'),
    state: optional(purchaseStates, 'Where it is.'),
    rawState: optional(text, 'The state as the source says it.'),
    orderedAt: optional(instant, 'When it was ordered.'),
    requestedAt: optional(instant, 'When we want it.'),
    confirmedAt: optional(instant, 'When the supplier confirmed.'),
    promisedAt: optional(instant, 'When the supplier promised to deliver.'),
    receivedAt: optional(instant, 'When the last of it arrived.'),
    cancelledAt: optional(instant, 'When it was cancelled.'),
    traits,
  }),
});
