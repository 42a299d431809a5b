import type { Change, Cursor, Json, JsonObject, MappedRecord, Page, Stream } from '@headrace/sdk';
import { type ChangePlace, OVERLAP_MS, readChanges } from './changes.js';
import type { ShopwareConfig } from './config.js';
import { instant, latest, object, objects, text } from './json.js';
import { mapCategory } from './mapping/category.js';
import { contactOfCustomer, contactOfOrder } from './mapping/contact.js';
import { mapCustomer } from './mapping/customer.js';
import { mapOrder } from './mapping/order.js';
import { mapProduct } from './mapping/product.js';
import type { ShopwareMapContext } from './mapping/reference.js';
import { mapReturn } from './mapping/return.js';
import { mapStock } from './mapping/stock.js';
import { readPass, readPassByCreation } from './pass.js';
import {
  categoryFields,
  customerFields,
  includesOf,
  orderFields,
  orderProductFields,
  personalPathsOf,
  productFields,
  returnFields,
  stockFields,
} from './read-fields.js';
import { fetchByIds, PAGE_SIZE, type Question } from './search.js';

type ShopwareStream = Stream<ShopwareConfig>;

const EVERY_MS = 15_000;

/** Times of change of a row; `updatedAt` is empty until the first one. */
function changedAt(row: JsonObject | null): string | null {
  return instant(row?.updatedAt) ?? instant(row?.createdAt);
}

function latestOf(rows: Json | undefined): string | null {
  return latest(objects(rows).map(changedAt));
}

const own: ChangePlace = { kind: 'fields', fields: ['updatedAt', 'createdAt'], at: changedAt };

/** What a stream reads and how it finds changes; the rest is the same for all of them. */
interface Plan {
  readonly question: Question;
  readonly places: readonly ChangePlace[];
  readonly pageSize?: number;
  version(record: JsonObject): string | null;
}

type Told = Pick<ShopwareStream, 'name' | 'description' | 'entities' | 'everyMs'> &
  Partial<Pick<ShopwareStream, 'personal' | 'personalFields' | 'touches' | 'touchesWhenGone'>> & {
    map(record: JsonObject, context: ShopwareMapContext): readonly MappedRecord[];
  };

function pushed(told: Told, plan: Plan): ShopwareStream {
  return {
    ...told,
    feed: 'push',
    overlapMs: OVERLAP_MS,
    names: { key: 'id', version: 'updatedAt' },
    key: (record) => text(record.id),
    version: plan.version,
    versionOrder: 'text',
    eventAt: plan.version,
    read: (context, mode, cursor): Promise<Page> =>
      mode === 'pass'
        ? readPass(context, plan.question, cursor, plan.pageSize)
        : readChanges(context, plan.question, plan.places, cursor),
    fetch: (context, keys) => fetchByIds(context, plan.question, keys),
    fetchMax: 100,
    sample: (context, limit) =>
      readPass(context, { ...plan.question, includes: null }, null, Math.min(limit, PAGE_SIZE)),
  };
}

const productQuestion: Question = {
  entity: 'product',
  inherits: true,
  includes: includesOf(productFields),
  associations: {
    manufacturer: {},
    media: { associations: { media: {} } },
    options: { associations: { group: {} } },
    parent: {},
    prices: {},
    properties: { associations: { group: {} } },
    visibilities: {},
  },
};

function productStream(config: ShopwareConfig): ShopwareStream {
  return pushed(
    {
      name: 'product',
      description: 'Products and variants, with where they are shown and what they cost',
      entities: ['product', 'variant', 'listing', 'price'],
      everyMs: config.everyMs.product ?? EVERY_MS,
      touchesWhenGone: (key) => [{ stream: 'stock', key }],
      map: mapProduct,
    },
    {
      question: productQuestion,
      // A change of a product is one of its variants too; prices have times of their own.
      places: [
        own,
        {
          kind: 'fields',
          fields: ['parent.updatedAt'],
          at: (record) => changedAt(object(record.parent)),
        },
        {
          kind: 'fields',
          fields: ['prices.updatedAt', 'prices.createdAt'],
          at: (record) => latestOf(record.prices),
        },
      ],
      version: (record) =>
        latest([changedAt(record), changedAt(object(record.parent)), latestOf(record.prices)]),
    },
  );
}

/** Orders move stock without touching the product, so it is read as a whole and compared. */
function stockStream(config: ShopwareConfig): ShopwareStream {
  const question: Question = { entity: 'product', includes: includesOf(stockFields) };
  return {
    name: 'stock',
    description: 'Stock of each variant, as the shop counts it',
    entities: ['stock'],
    feed: 'snapshot',
    everyMs: config.everyMs.stock ?? EVERY_MS,
    names: { key: 'id', version: null },
    key: (record) => text(record.id),
    version: () => null,
    eventAt: () => null,
    map: mapStock,
    read: (context, _mode, cursor: Cursor | null) => readPass(context, question, cursor),
    fetch: (context, keys) => fetchByIds(context, question, keys),
    fetchMax: 500,
    // The whole of it is read all the time, so it shows first when a notice of deletion got lost.
    touchesWhenGone: (key) => [{ stream: 'product', key }],
  };
}

function categoryStream(config: ShopwareConfig): ShopwareStream {
  return pushed(
    {
      name: 'category',
      description: 'Categories of the shop',
      entities: ['category'],
      everyMs: config.everyMs.category ?? EVERY_MS,
      map: mapCategory,
    },
    {
      question: { entity: 'category', includes: includesOf(categoryFields) },
      places: [own],
      version: changedAt,
    },
  );
}

/** An order takes stock and counts for its customer; neither record says that it changed. */
function orderTouches(record: JsonObject): readonly Change[] {
  const products = objects(record.lineItems).flatMap((line) => text(line.productId) ?? []);
  const customer = text(object(record.orderCustomer)?.customerId);
  return [
    ...[...new Set(products)].map((key) => ({ stream: 'stock', key })),
    ...(customer === null ? [] : [{ stream: 'customer', key: customer }]),
  ];
}

function orderStream(config: ShopwareConfig): ShopwareStream {
  const needsProduct = config.skuFrom !== 'productNumber';
  const state = { stateMachineState: {} };
  return pushed(
    {
      name: 'order',
      description: 'Orders with their lines, deliveries and payments',
      entities: ['order', 'orderLine', 'shipment', 'shipmentLine', 'payment'],
      everyMs: config.everyMs.order ?? EVERY_MS,
      personal: {
        subject: (record) => text(object(record.orderCustomer)?.customerId),
        paths: personalPathsOf(orderFields),
      },
      personalFields: contactOfOrder,
      touches: orderTouches,
      map: mapOrder,
    },
    {
      question: {
        entity: 'order',
        includes: includesOf(needsProduct ? orderProductFields : orderFields),
        associations: {
          ...state,
          billingAddress: { associations: { country: {} } },
          deliveries: {
            associations: {
              ...{ ...state, positions: {} },
              shippingOrderAddress: { associations: { country: {} } },
            },
          },
          lineItems: needsProduct ? { associations: { product: {} } } : {},
          orderCustomer: {},
          transactions: { associations: state },
        },
      },
      places: [
        own,
        { kind: 'below', entity: 'order-delivery', reference: 'orderId' },
        { kind: 'below', entity: 'order-transaction', reference: 'orderId' },
      ],
      version: (record) =>
        latest([
          changedAt(record),
          latestOf(record.deliveries),
          latestOf(record.transactions),
          latestOf(record.lineItems),
        ]),
      // An order with its lines is ten times a product; this keeps a page near a megabyte.
      pageSize: 200,
    },
  );
}

function customerStream(config: ShopwareConfig): ShopwareStream {
  return pushed(
    {
      name: 'customer',
      description: 'Customers, without who they are',
      entities: ['customer'],
      everyMs: config.everyMs.customer ?? EVERY_MS,
      personal: {
        subject: (record) => text(record.id),
        paths: personalPathsOf(customerFields),
      },
      personalFields: contactOfCustomer,
      map: mapCustomer,
    },
    {
      question: {
        entity: 'customer',
        includes: includesOf(customerFields),
        associations: { defaultBillingAddress: { associations: { country: {} } } },
      },
      places: [own],
      // Signing in and ordering are written past `updatedAt`.
      version: (record) =>
        latest([changedAt(record), instant(record.lastOrderDate), instant(record.lastLogin)]),
    },
  );
}

/** The shop tells of returns in no event, and numbers them in no order of their own. */
function returnStream(config: ShopwareConfig): ShopwareStream {
  const needsProduct = config.skuFrom !== 'productNumber';
  const state = { state: {} };
  const question: Question = {
    entity: 'order-return',
    includes: includesOf(returnFields),
    associations: {
      ...state,
      order: { associations: { orderCustomer: {} } },
      lineItems: {
        associations: {
          ...{ ...state, reason: {} },
          lineItem: needsProduct ? { associations: { product: {} } } : {},
        },
      },
    },
  };
  const plan = {
    question,
    places: (['createdAt', 'updatedAt'] as const).flatMap((field): readonly ChangePlace[] => [
      { kind: 'below', entity: 'order-return', reference: 'id', field },
      { kind: 'below', entity: 'order-return-line-item', reference: 'orderReturnId', field },
    ]),
    version: (record: JsonObject) => latest([changedAt(record), latestOf(record.lineItems)]),
  };
  const stream = pushed(
    {
      name: 'return',
      description: 'Returns of Shopware Commercial with their lines',
      entities: ['return', 'returnLine'],
      everyMs: config.everyMs.return ?? EVERY_MS,
      personal: {
        subject: (record) => text(object(object(record.order)?.orderCustomer)?.customerId),
        paths: personalPathsOf(returnFields),
      },
      map: mapReturn,
    },
    plan,
  );
  return {
    ...stream,
    feed: 'poll',
    read: (context, mode, cursor) =>
      mode === 'pass'
        ? readPassByCreation(context, question, cursor)
        : readChanges(context, question, plan.places, cursor),
    sample: (context, limit) =>
      readPassByCreation(
        context,
        { ...question, includes: null },
        null,
        Math.min(limit, PAGE_SIZE),
      ),
  };
}

export function streams(config: ShopwareConfig): readonly ShopwareStream[] {
  return [
    productStream(config),
    stockStream(config),
    categoryStream(config),
    orderStream(config),
    customerStream(config),
    ...(config.returns ? [returnStream(config)] : []),
  ];
}
