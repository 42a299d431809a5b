/** A till that is sent lines, what is counted of them, and how a thread comes to a reader over it. */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { defineConnector, notReadable } from '@headrace/sdk';
import { z } from 'zod';
import { foldsOf, prepareProject } from '../../../packages/platform/dist/app/index.js';
import { defineProject } from '../../../packages/platform/dist/app/project.js';
import { tablesOf } from '../../../packages/platform/dist/engine/index.js';
import {
  count,
  entity,
  FeatureReader,
  features,
  state,
  sum,
} from '../../../packages/platform/dist/features/index.js';
import { createReader, openStore } from '../../../packages/platform/dist/storage/index.js';

const text = (value) => (typeof value === 'string' ? value : null);

const line = {
  ...{ name: 'line', description: 'A line sold.', entities: ['orderLine'], feed: 'delivery' },
  ...{ everyMs: 60_000, read: notReadable },
  key: (record) => text(record.id),
  version: (record) => text(record.version),
  eventAt: (record) => text(record.soldAt),
  map: (record) => [
    {
      ...{ entity: 'orderLine', type: 'line', externalId: record.id },
      fields: {
        ...{ channel: 'till', orderNo: record.id, line: '1', sku: record.sku },
        orderedAt: record.soldAt,
        quantity: { value: String(record.units), unit: 'C62' },
      },
    },
  ],
};

const till = defineConnector({
  ...{ name: 'till', title: 'Till', config: z.strictObject({}), example: {}, permissions: [] },
  budget: { requestsPerSecond: 1, concurrency: 1 },
  baseUrl: () => 'http://127.0.0.1:9',
  authenticate: () => ({ headers: async () => ({}), invalidate() {} }),
  streams: () => [line],
  check: async () => [],
});

const sold = features(
  'sold',
  { of: entity('sku', ['sku']), from: state('orderLine'), at: (row) => row.orderedAt },
  { lines: count(['1h', '28d']), units: sum((row) => row.quantity, ['1h', '28d']) },
);

export function projectIn(folder) {
  const project = defineProject({
    ...{ timeZone: 'Europe/Amsterdam', currency: 'EUR', languages: ['nl-NL'] },
    sources: { till: till({}) },
    features: [sold],
  });
  return prepareProject(project, { folder, variables: {}, definition: 'reads' });
}

export const opener = (folder) => ({ module: import.meta.url, given: folder });

/** Where this file is put, the thread ends as it would by a fault in it. */
export const endFile = (folder) => join(folder, 'end-the-thread');

export async function openForThread(folder) {
  const loaded = projectIn(folder);
  const tables = tablesOf(foldsOf(loaded));
  const opened = openStore(folder, { readOnly: true, tables });
  const store = createReader(opened, tables);
  const { features: definitions, timeZone } = loaded.project;
  setInterval(() => {
    if (!existsSync(endFile(folder))) return;
    rmSync(endFile(folder));
    process.exit(3);
  }, 20).unref();
  return {
    features: new FeatureReader({ reader: store, definitions, timeZone }),
    store,
    close: () => opened.close(),
  };
}
