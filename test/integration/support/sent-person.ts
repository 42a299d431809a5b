/** What test projects share whose records are sent to us: how they are told apart, and a person. */
import { notReadable } from '@headrace/sdk';
import type { JsonObject, Stream } from 'headrace';

export const text = (value: unknown) => (typeof value === 'string' ? value : null);

/** Of a record with an id, a numbered version, and perhaps the moment it is of. */
export const sent = {
  feed: 'delivery',
  everyMs: 60_000,
  versionOrder: 'integer',
  key: (record: JsonObject) => text(record['id']),
  version: (record: JsonObject) => text(record['version']),
  eventAt: (record: JsonObject) => text(record['at']),
  read: notReadable,
} as const;

export const person: Stream<unknown> = {
  ...sent,
  name: 'person',
  description: 'A person who buys.',
  entities: ['customer'],
  personal: { subject: (record) => text(record['id']), paths: ['name', 'mail'] },
  map: (record, { subject }) => [
    {
      entity: 'customer',
      type: 'person',
      externalId: String(record['id']),
      fields: { customerId: record['id'], subject, segment: record['segment'] },
    },
  ],
};
