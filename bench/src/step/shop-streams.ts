/** Streams and mapping for the records of `shop-records`, with the work a real mapping does. */
import {
  type ConnectorSpec,
  compilePersonal,
  type JsonObject,
  type MapContext,
  type MappedRecord,
  moneyFromJsonNumber,
  pieces,
  type Stream,
} from '@headrace/sdk';
import type { StreamRuntime } from '../../../packages/platform/dist/engine/index.js';
import type { RecordKind } from './shop-records.js';

const currency = 'EUR';
const orderStates: Readonly<Record<string, string>> = {
  open: 'pending',
  in_progress: 'in-fulfilment',
  completed: 'delivered',
};

const text = (value: unknown) => (typeof value === 'string' ? value : null);
const money = (value: unknown) => moneyFromJsonNumber(value as number, currency, { round: true });
const channelOf = (id: unknown) => (String(id).endsWith('1') ? 'alpha-nl' : 'beta-de');
const child = (record: JsonObject, name: string) => record[name] as JsonObject;

function mapOrder(record: JsonObject, context: MapContext<unknown>): readonly MappedRecord[] {
  const channel = channelOf(record['salesChannelId']);
  const orderNo = String(record['orderNumber']);
  const placedAt = String(record['orderDateTime']);
  const customerId = context.subject;
  const rawState = String(child(record, 'stateMachineState')['technicalName']);
  const lines = record['lineItems'] as readonly JsonObject[];
  return [
    {
      entity: 'order',
      type: 'order',
      externalId: String(record['id']),
      fields: {
        channel,
        orderNo,
        customerId,
        placedAt,
        state: orderStates[rawState],
        rawState,
        currency,
        totalGross: money(record['amountTotal']),
        totalNet: money(record['amountNet']),
        isTaxFree: record['taxStatus'] === 'tax-free',
        lineCount: lines.length,
      },
    },
    ...lines.map(
      (line): MappedRecord => ({
        entity: 'orderLine',
        type: 'order_line_item',
        externalId: String(line['id']),
        fields: {
          channel,
          orderNo,
          line: line['id'],
          sku: child(line, 'payload')['productNumber'],
          kind: 'item',
          rawKind: line['type'],
          description: line['label'],
          customerId,
          orderedAt: placedAt,
          quantity: pieces(line['quantity'] as number),
          unitGross: money(line['unitPrice']),
          lineGross: money(line['totalPrice']),
          taxRate: '0.21',
        },
      }),
    ),
  ];
}

function mapProduct(record: JsonObject): readonly MappedRecord[] {
  const id = String(record['id']);
  const sku = record['productNumber'];
  const [price] = record['price'] as readonly JsonObject[];
  const options = record['options'] as readonly JsonObject[];
  return [
    {
      entity: 'variant',
      type: 'product',
      externalId: id,
      fields: {
        sku,
        productId: record['parentId'],
        name: { 'nl-NL': record['name'] },
        gtin: record['ean'],
        manufacturerPartNo: record['manufacturerNumber'],
        options: Object.fromEntries(
          options.map((option) => [child(option, 'group')['name'], option['name']]),
        ),
        unit: 'C62',
        weightKilograms: String(record['weight']),
        state: record['active'] === true ? 'active' : 'blocked',
        createdAt: record['createdAt'],
      },
    },
    {
      entity: 'price',
      type: 'product',
      externalId: `${id}:${currency}`,
      fields: { sku, currency, list: money(price?.['gross']), basis: 'gross', taxRate: '0.21' },
    },
    {
      entity: 'stock',
      type: 'product',
      externalId: `${id}:shop`,
      fields: {
        sku,
        location: 'shop',
        shown: pieces(record['availableStock'] as number),
        onHand: pieces(record['stock'] as number),
      },
    },
  ];
}

const common = {
  feed: 'push',
  everyMs: 15_000,
  key: (record: JsonObject) => text(record['id']),
  version: (record: JsonObject) => text(record['updatedAt']),
  eventAt: (record: JsonObject) => text(record['updatedAt']),
  read: () => Promise.reject(new Error('The benchmark hands pages in by itself.')),
} as const;

const specs: Readonly<Record<RecordKind, Stream<unknown>>> = {
  order: {
    ...common,
    name: 'order',
    description: 'Orders.',
    entities: ['order', 'orderLine'],
    personal: {
      subject: (record) => text(child(record, 'orderCustomer')['customerId']),
      paths: ['orderCustomer', 'billingAddress'],
    },
    map: mapOrder,
  },
  product: {
    ...common,
    name: 'product',
    description: 'Products.',
    entities: ['variant', 'price', 'stock'],
    map: mapProduct,
  },
};

export const shopSpec = { streams: () => Object.values(specs) } as unknown as ConnectorSpec<never>;

export const shopStreams: Readonly<Record<RecordKind, StreamRuntime>> = {
  order: runtimeOf('order'),
  product: runtimeOf('product'),
};

function runtimeOf(kind: RecordKind): StreamRuntime {
  const spec = specs[kind];
  return {
    source: 'shop',
    stream: kind,
    spec: spec as Stream<never>,
    personal: spec.personal === undefined ? null : compilePersonal(spec.personal.paths),
  };
}
