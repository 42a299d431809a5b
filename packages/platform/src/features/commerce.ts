/**
 * Views most commerce companies need, over what is connected. They are ordinary views: copy one into
 * a project to change it.
 */
import { epochMs, parseQuantity, type Quantity } from '@headrace/sdk';
import { avg, count, first, last, lastN, max, min, series, sum, sumMoney } from './aggregates.js';
import { changes, derive, entity, type FeatureDefinition, features, state } from './definition.js';
import { decimal, type Scaled } from './measures.js';
import { dayMs } from './windows.js';

export interface CommerceOptions {
  /** Currency amounts are summed in; others are never converted, they make a sum null. */
  readonly currency: string;
  /** Sources whose prices are compared, each with the first. */
  readonly priceSources?: readonly string[];
}

const sku = entity('sku', ['sku']);
const skuChannel = entity('sku_channel', ['sku', 'channel']);
const shelf = entity('shelf', ['sku', 'location']);
const customer = entity('customer', ['customerId'], { identity: 'customer' });

/** All ready-made views, for the project's `features`. */
export function commerceFeatures(options: CommerceOptions): readonly FeatureDefinition[] {
  return [
    ...demandViews(options),
    ...supplyViews(),
    ...priceViews(options),
    ...customerViews(options),
    ...returnViews(),
  ];
}

interface Line {
  readonly kind?: string | null | undefined;
  readonly state?: string | null | undefined;
}

/** Goods that were ordered and not cancelled. */
const isSold = ({ kind, state: where }: Line) =>
  (kind ?? 'item') === 'item' && where !== 'cancelled';

function demandViews({ currency }: CommerceOptions): readonly FeatureDefinition[] {
  const demand = features(
    'demand',
    {
      of: sku,
      from: state('orderLine'),
      where: isSold,
      at: (line) => line.orderedAt,
      maxAge: '6h',
      description: 'What was ordered of a variant, over all channels, cancellations taken back.',
      unit: `pieces, ${currency}`,
    },
    {
      units: sum((line) => line.quantity, ['1d', '7d', '28d', '91d']),
      lines: count(['7d', '28d', '91d']),
      revenue: sumMoney((line) => line.lineNet, ['28d', '91d'], { currency }),
      largest: max((line) => line.quantity, ['91d']),
      firstOrderedAt: first((line) => line.orderedAt),
      lastOrderedAt: last((line) => line.orderedAt),
      daily: series((line) => line.quantity, '1d', 28),
    },
  );
  const channelDemand = features(
    'channel_demand',
    {
      of: skuChannel,
      from: state('orderLine'),
      where: isSold,
      at: (line) => line.orderedAt,
      maxAge: '6h',
      description: 'What was ordered of a variant in one channel.',
      unit: `pieces, ${currency}`,
    },
    {
      units: sum((line) => line.quantity, ['1d', '7d', '28d', '91d']),
      revenue: sumMoney((line) => line.lineNet, ['28d'], { currency }),
      price: last((line) => line.unitNet ?? line.unitGross),
      lastOrderedAt: last((line) => line.orderedAt),
    },
  );
  return [demand, channelDemand];
}

function supplyViews(): readonly FeatureDefinition[] {
  const availability = features(
    'availability',
    {
      of: shelf,
      from: state('stock'),
      maxAge: '2h',
      fresh: { p95: '15m' },
      description: 'What lies on a shelf, as the leading source states it.',
      unit: 'base units',
    },
    {
      onHand: last((stock) => stock.onHand),
      available: last((stock) => stock.available ?? stock.onHand),
      incoming: last((stock) => stock.incoming),
      isOut: last((stock) => isEmpty(stock.available ?? stock.onHand)),
    },
  );
  const stockOuts = features(
    'stock_outs',
    {
      of: shelf,
      from: changes('stock'),
      acceptLate: '7d',
      description:
        'How often a shelf was told to be empty, and how low it was: the mask of demand.',
      unit: 'statements, base units',
    },
    {
      outs: count((stock) => isEmpty(stock.available ?? stock.onHand), ['1d', '7d', '28d']),
      told: count(['1d', '7d', '28d']),
      lowest: min((stock) => stock.available ?? stock.onHand, ['1d', '7d', '28d']),
      levels: lastN((stock) => stock.available ?? stock.onHand, 8),
    },
  );
  const inbound = features(
    'inbound',
    {
      of: sku,
      from: state('purchaseOrderLine'),
      where: (line) => line.state !== 'cancelled',
      at: (line) => line.orderedAt,
      over: (line) => line.promisedAt,
      ahead: '91d',
      description: 'What suppliers promised to deliver, by the promised date.',
      unit: 'base units',
    },
    {
      units: sum((line) => less(line.orderedQuantity, line.receivedQuantity), ['7d', '28d', '91d']),
      nextAt: first((line) => line.promisedAt),
    },
  );
  const onOrder = features(
    'on_order',
    {
      of: sku,
      from: state('purchaseOrderLine'),
      where: (line) => line.state !== 'cancelled',
      at: (line) => line.orderedAt,
      description:
        'What was ordered from suppliers and has not come, late or not; who was asked last.',
      unit: 'base units',
    },
    {
      units: sum(
        (line) =>
          line.state === 'received' ? null : less(line.orderedQuantity, line.receivedQuantity),
        ['364d'],
      ),
      supplier: last((line) => line.supplierId),
    },
  );
  const promisedLead = features(
    'promised_lead_time',
    {
      of: sku,
      from: state('purchaseOrderLine'),
      where: (line) => line.state !== 'cancelled',
      at: (line) => line.orderedAt,
      description: 'Days from ordering to the promised delivery.',
      unit: 'days',
    },
    {
      days: avg((line) => days(line.orderedAt, line.promisedAt), ['182d', '364d']),
      lastDays: last((line) => days(line.orderedAt, line.promisedAt)),
    },
  );
  const observedLead = features(
    'observed_lead_time',
    {
      of: sku,
      from: state('purchaseOrderLine'),
      where: (line) => line.state !== 'cancelled',
      at: (line) => line.receivedAt,
      description: 'Days from ordering to the last receipt, of what has arrived.',
      unit: 'days',
    },
    {
      days: avg((line) => days(line.orderedAt, line.receivedAt), ['182d', '364d']),
      longest: max((line) => days(line.orderedAt, line.receivedAt), ['364d']),
      lateDays: avg((line) => days(line.promisedAt, line.receivedAt), ['182d', '364d']),
    },
  );
  return [availability, stockOuts, inbound, onOrder, promisedLead, observedLead];
}

function priceViews({
  currency,
  priceSources = [],
}: CommerceOptions): readonly FeatureDefinition[] {
  const cost = features(
    'cost',
    {
      of: sku,
      from: state('cost'),
      where: ({ landedUnitCost, purchaseUnitCost }) =>
        (landedUnitCost ?? purchaseUnitCost)?.currency === currency,
      description: 'What a unit costs us, as valued last.',
      unit: currency,
    },
    { unit: last((row) => row.landedUnitCost ?? row.purchaseUnitCost) },
  );
  const sold = features(
    'sold',
    {
      of: sku,
      from: state('orderLine'),
      where: isSold,
      at: (line) => line.orderedAt,
      description: 'What was sold, for the margin.',
      unit: `pieces, ${currency}`,
    },
    {
      units: sum((line) => line.quantity, ['28d']),
      net: sumMoney((line) => line.lineNet, ['28d'], { currency }),
    },
  );
  const margin = derive(
    'margin_28d',
    [sold, cost],
    (s, c) =>
      s.net['28d'] === null || s.units['28d'] === null || c.unit === null
        ? null
        : s.net['28d'] - s.units['28d'] * c.unit,
    { description: 'Net revenue of four weeks less what the units cost.', unit: currency },
  );
  const prices = priceSources.map((source) =>
    features(
      `price_${source.replace(/[^a-zA-Z0-9_]/g, '_')}`,
      {
        of: skuChannel,
        from: changes('price'),
        where: (price, from) => from.source === source && price.currency === currency,
        description: `The price as ${source} states it.`,
        unit: currency,
      },
      { list: last((price) => price.list), price: last((price) => price.sale ?? price.list) },
    ),
  );
  const [lead, ...others] = prices;
  const gaps =
    lead === undefined
      ? []
      : others.map((other) =>
          derive(
            `price_gap_${other.name.slice('price_'.length)}`,
            [lead, other],
            (a, b) => (a.price === null || b.price === null ? null : b.price - a.price),
            { description: `By how much ${other.name} is above ${lead.name}.`, unit: currency },
          ),
        );
  return [cost, sold, margin, ...prices, ...gaps];
}

function customerViews({ currency }: CommerceOptions): readonly FeatureDefinition[] {
  const orders = features(
    'customer_orders',
    {
      of: customer,
      from: state('order'),
      where: (order) => order.state !== 'cancelled' && order.state !== 'draft',
      at: (order) => order.placedAt,
      description: 'How often and for how much a customer orders, over the keys linked to them.',
      unit: `orders, ${currency}`,
    },
    {
      orders: count(['28d', '91d', '364d']),
      net: sumMoney((order) => order.totalNet, ['91d', '364d'], { currency }),
      basket: avg((order) => order.totalNet, ['364d']),
      firstAt: first((order) => order.placedAt),
      lastAt: last((order) => order.placedAt),
      recent: lastN((order) => order.placedAt, 6),
    },
  );
  const recency = derive(
    'days_since_order',
    [orders],
    (o, at) => (o.lastAt === null ? null : (at - epochMs(o.lastAt)) / dayMs),
    { description: 'Days since the last order.', unit: 'days' },
  );
  const cadence = derive(
    'order_cadence',
    [orders],
    (o) => {
      const dates = (o.recent ?? []).map(epochMs);
      const [newest, oldest] = [dates[0], dates.at(-1)];
      if (newest === undefined || oldest === undefined || dates.length < 2) return null;
      return (newest - oldest) / dayMs / (dates.length - 1);
    },
    { description: 'Mean days between the last orders, six at most.', unit: 'days' },
  );
  return [orders, recency, cadence];
}

function returnViews(): readonly FeatureDefinition[] {
  const ordered = features(
    'ordered_units',
    {
      of: sku,
      from: state('orderLine'),
      where: isSold,
      at: (line) => line.orderedAt,
      description: 'What was ordered, for the return rate.',
      unit: 'pieces',
    },
    { units: sum((line) => line.quantity, ['91d', '364d']) },
  );
  const returned = features(
    'returned_units',
    {
      of: sku,
      from: state('returnLine'),
      at: (line) => line.requestedAt ?? line.receivedAt,
      description: 'What was announced to come back, or came.',
      unit: 'pieces',
    },
    {
      units: sum((line) => line.receivedQuantity ?? line.quantity, ['28d', '91d', '364d']),
      lastReason: last((line) => line.reason),
    },
  );
  const rate = derive(
    'return_rate_91d',
    [ordered, returned],
    (o, r) => {
      const units = o.units['91d'];
      return units === null || units === 0 ? null : (r.units['91d'] ?? 0) / units;
    },
    { description: 'Returned per ordered, both of the last 13 weeks.', unit: 'share' },
  );
  const byCustomer = features(
    'customer_returns',
    {
      of: customer,
      from: state('returnLine'),
      at: (line) => line.requestedAt ?? line.receivedAt,
      description: 'What a customer sends back.',
      unit: 'pieces',
    },
    {
      units: sum((line) => line.receivedQuantity ?? line.quantity, ['91d', '364d']),
      lines: count(['364d']),
    },
  );
  return [ordered, returned, rate, byCustomer];
}

function isEmpty(quantity: Quantity | null | undefined): boolean | null {
  return quantity === null || quantity === undefined
    ? null
    : parseQuantity(quantity).valueMicros <= 0n;
}

/** What of the first the second does not cover; never below nothing. */
function less(all: Quantity | null | undefined, part: Quantity | null | undefined): Scaled | null {
  if (all === null || all === undefined) return null;
  const whole = parseQuantity(all);
  const taken = part === null || part === undefined ? 0n : parseQuantity(part).valueMicros;
  const left = whole.valueMicros - taken;
  return { micros: left < 0n ? 0n : left, unit: whole.unit };
}

function days(from: string | null | undefined, to: string | null | undefined): Scaled | null {
  if (typeof from !== 'string' || typeof to !== 'string') return null;
  // To a thousandth of a day, written as a decimal so that no binary fraction is folded.
  return decimal(((epochMs(to) - epochMs(from)) / dayMs).toFixed(3));
}
