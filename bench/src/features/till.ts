/** A source that is sent lines of orders and levels of shelves, and is asked nothing. */
import { defineConnector, type JsonObject, notReadable, type Stream } from '@headrace/sdk';
import { z } from 'zod';

const text = (value: unknown) => (typeof value === 'string' ? value : null);

const sent = {
  feed: 'delivery',
  everyMs: 60_000,
  key: (record: JsonObject) => text(record['id']),
  version: (record: JsonObject) => text(record['version']),
  read: notReadable,
} as const;

const line: Stream<unknown> = {
  ...sent,
  name: 'line',
  description: 'A line of an order.',
  entities: ['orderLine'],
  eventAt: (record) => text(record['orderedAt']),
  map: (record: JsonObject) => [
    {
      entity: 'orderLine',
      type: 'line',
      externalId: String(record['id']),
      fields: {
        ...{ channel: 'nl', orderNo: record['id'], line: '1', sku: record['sku'] },
        orderedAt: record['orderedAt'],
        quantity: { value: record['units'], unit: 'C62' },
        lineNet: { amount: record['net'], currency: 'EUR' },
        ...(record['state'] === undefined ? {} : { state: record['state'] }),
      },
    },
  ],
};

const shelf: Stream<unknown> = {
  ...sent,
  name: 'shelf',
  description: 'What lies on a shelf.',
  entities: ['stock'],
  eventAt: (record) => text(record['countedAt']),
  map: (record: JsonObject) => [
    {
      entity: 'stock',
      type: 'shelf',
      externalId: String(record['id']),
      fields: {
        ...{ sku: record['sku'], location: 'dc' },
        onHand: { value: record['onHand'], unit: 'C62' },
      },
    },
  ],
};

export const till = defineConnector({
  name: 'till',
  title: 'Till',
  config: z.strictObject({}),
  example: {},
  permissions: [],
  budget: { requestsPerSecond: 1, concurrency: 1 },
  baseUrl: () => 'http://127.0.0.1:9',
  authenticate: () => ({ headers: async () => ({}), invalidate() {} }),
  streams: () => [line, shelf],
  check: async () => [],
});
