/** The project of the crash tests: one source read over HTTP, with a connector of its own. */
import {
  type ConnectorContext,
  defineConnector,
  moneyFromJsonNumber,
  type Notification,
  splitPage,
} from '@headrace/sdk';
import { defineProject, env, type JsonObject, type Stream } from 'headrace';
import { z } from 'zod';

const config = z.strictObject({ url: z.url() });
type Config = z.output<typeof config>;

const text = (value: unknown) => (typeof value === 'string' ? value : null);

async function page(context: ConnectorContext<Config>, path: string) {
  const { body } = await context.http.request({ method: 'GET', path });
  const { frame } = splitPage(body, ['data']);
  const { next, resume } = JSON.parse(frame) as { next?: JsonObject; resume?: JsonObject };
  return { body, items: ['data'], next: next ?? null, ...(resume === undefined ? {} : { resume }) };
}

const thing: Stream<Config> = {
  name: 'thing',
  description: 'A thing with a price.',
  entities: ['price'],
  feed: 'push',
  everyMs: 100,
  passEveryMs: 200,
  fetchMax: 20,
  versionOrder: 'integer',
  key: (record) => text(record.id),
  version: (record) => text(record.version),
  eventAt: () => null,
  personal: { subject: (record) => text(record.person), paths: ['name'] },
  map(record) {
    const [sku, currency] = [text(record.id), 'EUR'];
    if (sku === null || typeof record.value !== 'number') return [];
    const list = moneyFromJsonNumber(record.value, currency, { precision: 'unit' });
    const fields = { sku, channel: 'alpha-nl', currency, list, basis: 'gross' };
    return [{ entity: 'price', type: 'thing', externalId: sku, fields }];
  },
  read: (context, mode, cursor) =>
    page(
      context,
      mode === 'pass' ? `/pass?from=${cursor?.from ?? 0}` : `/changes?after=${cursor?.after ?? ''}`,
    ),
  fetch: (context, keys) => page(context, `/fetch?keys=${keys.join(',')}`),
};

const shop = defineConnector({
  name: 'crash',
  title: 'Source of the crash tests',
  config,
  example: { url: 'http://127.0.0.1:9' },
  permissions: [],
  budget: { requestsPerSecond: 2000, concurrency: 8 },
  baseUrl: ({ url }) => url,
  authenticate: () => ({ headers: async () => ({}), invalidate() {} }),
  streams: () => [thing],
  notify: {
    signature: { headers: ['x-signature'], encoding: 'hex', message: '{body}' },
    secrets: () => ['secret'],
    parse: ({ body }) => JSON.parse(Buffer.from(body).toString()) as Notification,
  },
  check: async () => [],
});

export default defineProject({
  timeZone: 'Europe/Amsterdam',
  currency: 'EUR',
  languages: ['nl-NL'],
  brands: { alpha: ['alpha-nl'] },
  sources: { shop: shop({ url: env('SHOP_URL') }) },
  listen: { port: 0 },
});
