import { z } from 'zod';
import { defineEntity, variantAggregate } from '../definition.js';
import { movementTypes } from '../states.js';
import {
  country,
  date,
  decimal,
  flag,
  gln,
  identifier,
  instant,
  money,
  optional,
  quantity,
  required,
  text,
  timeOfDay,
  traits,
  unitMoney,
  zone,
} from '../values.js';

export const location = defineEntity({
  name: 'location',
  title: 'Location',
  description: 'A warehouse, store or third party that holds goods.',
  keyFields: ['location'],
  schema: z.strictObject({
    location: required(identifier, 'Id of the location.'),
    name: optional(text, 'Name.'),
    kind: optional(
      z.enum(['warehouse', 'store', 'third-party', 'supplier', 'transit', 'other']),
      'What it is.',
    ),
    gln: optional(gln, 'Global location number, 13 digits.'),
    zone: optional(zone, 'IANA time zone its business days are cut in.'),
    country: optional(country, 'Country, ISO 3166.'),
    calendar: optional(identifier, 'Calendar its working days follow.'),
    inboundCapacityUnitsPerDay: optional(decimal, 'Units it can receive a day.'),
    outboundCapacityUnitsPerDay: optional(decimal, 'Units it can ship a day.'),
    cutOffTime: optional(timeOfDay, 'Orders until then leave the same day, local time.'),
    isActive: optional(flag, 'Whether it is in use.'),
    traits,
  }),
});

export const stock = defineEntity({
  name: 'stock',
  title: 'Stock',
  description:
    'Quantities of a variant at a location. available = onHand − committed − safety − qualityHold ' +
    '− damaged; a source’s own figure is compared with it, never trusted over it.',
  keyFields: ['sku', 'location'],
  aggregate: variantAggregate,
  schema: z.strictObject({
    sku: required(identifier, 'The variant.'),
    location: required(identifier, 'Where it lies.'),
    onHand: optional(quantity, 'All that is physically there.'),
    committed: optional(quantity, 'Promised to orders not yet shipped.'),
    safety: optional(quantity, 'Kept back on purpose.'),
    qualityHold: optional(quantity, 'Held for inspection.'),
    damaged: optional(quantity, 'Not sellable.'),
    incoming: optional(quantity, 'Ordered from suppliers or in transfer, not yet there.'),
    available: optional(quantity, 'Sellable as the source states it.'),
    shown: optional(quantity, 'What a channel shows as sellable.'),
    incomingAt: optional(instant, 'When the next incoming goods are expected.'),
    countedAt: optional(instant, 'When it was last counted.'),
    reorderPoint: optional(quantity, 'Level below which it is ordered again.'),
    binLocation: optional(text, 'Bin or shelf.'),
    traits,
  }),
});

export const allocation = defineEntity({
  name: 'allocation',
  title: 'Allocation',
  description: 'Part of a stock set aside for a channel or, through its channels, a brand.',
  keyFields: ['sku', 'location', 'channel'],
  aggregate: variantAggregate,
  schema: z.strictObject({
    sku: required(identifier, 'The variant.'),
    location: required(identifier, 'Where it lies.'),
    channel: required(identifier, 'For whom it is set aside.'),
    quantity: optional(quantity, 'How much is set aside.'),
    used: optional(quantity, 'How much of that is already committed.'),
    validTo: optional(instant, 'Until when it is set aside.'),
    traits,
  }),
});

export const stockMovement = defineEntity({
  name: 'stockMovement',
  title: 'Stock movement',
  description:
    'A posted change of stock; the sum of all is the stock. Never changed, only reversed.',
  keyFields: ['location', 'documentId', 'line'],
  schema: z.strictObject({
    location: required(identifier, 'Where stock changed.'),
    documentId: required(identifier, 'Document that posted it, with its year where it restarts.'),
    line: required(identifier, 'Line of the document.'),
    sku: optional(identifier, 'The variant.'),
    quantity: optional(quantity, 'Change with its sign: receipts positive, picks negative.'),
    kind: optional(movementTypes, 'Why it moved.'),
    rawKind: optional(text, 'The movement type as the source says it.'),
    movedAt: optional(instant, 'When it happened.'),
    postedAt: optional(instant, 'When it was posted.'),
    fromLocation: optional(identifier, 'Where it came from, for transfers.'),
    toLocation: optional(identifier, 'Where it went, for transfers.'),
    channel: optional(identifier, 'Channel of the order behind it.'),
    orderNo: optional(identifier, 'Order behind it.'),
    purchaseOrderNo: optional(identifier, 'Purchase order behind it.'),
    rma: optional(identifier, 'Return behind it.'),
    reversesDocumentId: optional(identifier, 'Document this one undoes.'),
    unitCost: optional(unitMoney, 'Value of one base unit.'),
    traits,
  }),
});

export const capacity = defineEntity({
  name: 'capacity',
  title: 'Capacity',
  description: 'What a location can do and has done in one process on one day.',
  keyFields: ['location', 'date', 'process'],
  schema: z.strictObject({
    location: required(identifier, 'The location.'),
    date: required(date, 'Business date in the zone of the location.'),
    process: required(identifier, 'Process, such as `inbound`, `pick`, `pack`, `returns`.'),
    plannedUnits: optional(decimal, 'Units that can be done.'),
    usedUnits: optional(decimal, 'Units done or booked.'),
    plannedHours: optional(decimal, 'Labour planned, hours.'),
    usedHours: optional(decimal, 'Labour used, hours.'),
    traits,
  }),
});

export const storeSale = defineEntity({
  name: 'storeSale',
  title: 'Store sale',
  description: 'A receipt of a till.',
  keyFields: ['location', 'receiptNo'],
  aggregate: { name: 'storeSale', keyFields: ['receiptNo', 'location'] },
  schema: z.strictObject({
    location: required(identifier, 'The store.'),
    receiptNo: required(
      identifier,
      'Receipt number, made unique in the store with till and date where numbers restart.',
    ),
    channel: optional(identifier, 'Channel of the store.'),
    till: optional(text, 'Till.'),
    soldAt: optional(instant, 'When it was sold.'),
    businessDate: optional(date, 'Business date in the zone of the store.'),
    customerId: optional(identifier, 'Customer, where known.'),
    totalNet: optional(money, 'Total without tax.'),
    totalTax: optional(money, 'Tax.'),
    totalGross: optional(money, 'Total with tax.'),
    paymentMethod: optional(text, 'How it was paid.'),
    isReturn: optional(flag, 'Whether goods came back.'),
    isVoid: optional(flag, 'Whether it was voided.'),
    returnsChannel: optional(identifier, 'Channel of the web order goods came back from.'),
    returnsOrderNo: optional(identifier, 'Web order goods came back from.'),
    traits,
  }),
});

export const storeSaleLine = defineEntity({
  name: 'storeSaleLine',
  title: 'Store sale line',
  description: 'A line of a till receipt.',
  keyFields: ['location', 'receiptNo', 'line'],
  aggregate: { name: 'storeSale', keyFields: ['receiptNo', 'location'] },
  schema: z.strictObject({
    location: required(identifier, 'The store.'),
    receiptNo: required(identifier, 'The receipt.'),
    line: required(identifier, 'Line of the receipt.'),
    sku: optional(identifier, 'The variant.'),
    quantity: optional(quantity, 'Sold, negative when it came back.'),
    unitNet: optional(unitMoney, 'Price of a unit without tax.'),
    unitGross: optional(unitMoney, 'Price of a unit with tax.'),
    discountTotal: optional(money, 'Discount of the line, positive.'),
    taxRate: optional(decimal, 'Tax rate as a fraction: 0.21.'),
    promotionId: optional(identifier, 'Promotion used.'),
    soldAt: optional(instant, 'When it was sold.'),
    traits,
  }),
});

export const calendarDay = defineEntity({
  name: 'calendarDay',
  title: 'Calendar day',
  description: 'What is special about a day: holidays, paydays, weather.',
  keyFields: ['calendar', 'date'],
  schema: z.strictObject({
    calendar: required(identifier, 'Calendar, such as a market or a location.'),
    date: required(date, 'The day.'),
    isWorkingDay: optional(flag, 'Whether work is done.'),
    isHoliday: optional(flag, 'Whether it is a public holiday.'),
    isSchoolHoliday: optional(flag, 'Whether schools are closed.'),
    isPayday: optional(flag, 'Whether wages are usually paid.'),
    name: optional(text, 'Name of the day.'),
    temperatureMeanCelsius: optional(decimal, 'Mean temperature, °C.'),
    precipitationMillimetres: optional(decimal, 'Rain and snow, mm.'),
    sunshineHours: optional(decimal, 'Sunshine, hours.'),
    isForecast: optional(flag, 'Whether the weather is forecast, not measured.'),
    capturedAt: optional(instant, 'When the weather was forecast or measured.'),
    traits,
  }),
});
