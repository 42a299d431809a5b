/**
 * A complete connector, to copy and change. The system is an imagined price list service:
 * `GET /prices?from=…` answers `{ prices: [{ id, sku, shop, amount, currency, changedAt }], next }`
 * and wants its key in a header. It knows no webhooks and cannot be asked what changed, so its
 * stream is a snapshot: the platform reads all of it and compares.
 */
import type { ConnectorContext, Cursor, Json, JsonObject, Page, Stream } from '@headrace/sdk';
import { defineConnector, moneyFromJsonNumber, secretField, splitPage } from '@headrace/sdk';
import { z } from 'zod';

/** Unknown settings are refused; descriptions become the reference page. */
const config = z.strictObject({
  url: z.url().describe('Address of the price list service.'),
  key: secretField().describe('Key of the service, sent with each request.'),
  channels: z.record(z.string(), z.string()).describe('Shop of the service → our channel.'),
});
type Config = z.output<typeof config>;

const price: Stream<Config> = {
  name: 'price',
  description: 'Prices of all shops',
  entities: ['price'],
  feed: 'snapshot',
  everyMs: 60_000,
  names: { key: 'id', version: 'changedAt' },
  key: (record) => text(record.id),
  version: (record) => text(record.changedAt),
  versionOrder: 'text',
  eventAt: (record) => text(record.changedAt),

  /** From the source's words to ours. Pure: no clock, no requests, nothing but its arguments. */
  map(record, { config }) {
    const [id, sku, currency] = [text(record.id), text(record.sku), text(record.currency)];
    const channel = config.channels[text(record.shop) ?? ''];
    if (id === null || sku === null || currency === null || channel === undefined) return [];
    if (typeof record.amount !== 'number') return [];
    // Money comes as a JSON number here; the helper keeps every digit and never calculates.
    const list = moneyFromJsonNumber(record.amount, currency, { precision: 'unit' });
    const fields = { sku, channel, currency, list, basis: 'gross' };
    return [{ entity: 'price', type: 'price', externalId: id, fields }];
  },

  /** One page. Retries, rate limits, checkpoints and the loop are the platform's. */
  async read(context, _mode, cursor): Promise<Page> {
    const from = typeof cursor?.from === 'string' ? `?from=${encodeURIComponent(cursor.from)}` : '';
    const { body } = await context.http.request({ method: 'GET', path: `/prices${from}` });
    const next = nextOf(splitPage(body, ['prices']).frame);
    return { body, items: ['prices'], next, ...(next === null ? { resume: {} } : {}) };
  },
};

/** Called in a project as `example({ url: …, key: secret('PRICES'), channels: { … } })`. */
export const example = defineConnector({
  name: 'example',
  title: 'Example price list',
  config,
  example: { url: 'https://prices.example', key: 'key', channels: { '7': 'alpha-nl' } },
  permissions: [{ name: 'prices:read', why: 'prices' }],
  budget: { requestsPerSecond: 5, concurrency: 1 },
  baseUrl: ({ url }) => url,
  authenticate: ({ config }) => ({
    headers: async () => ({ 'x-api-key': config.key.reveal() }),
    invalidate() {},
  }),
  streams: () => [price],
  check: async (context) => [await checkRead(context)],
});

async function checkRead(context: ConnectorContext<Config>) {
  const name = 'prices:read';
  try {
    await price.read(context, 'pass', null);
    return { name, ok: true, text: 'Prices can be read.' };
  } catch {
    return { name, ok: false, text: 'Prices cannot be read: ask the service to allow this key.' };
  }
}

function nextOf(frame: string): Cursor | null {
  const from = text((JSON.parse(frame) as JsonObject).next);
  return from === null ? null : { from };
}

/** Sources send anything; a mapping takes it apart without failing. */
function text(value: Json | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
