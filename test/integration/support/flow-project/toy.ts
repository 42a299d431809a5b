/** Connectors of the flow tests: an ERP that is read, and a shop that is read and written to. */
import {
  type ConnectorContext,
  type ContactFields,
  defineConnector,
  type FlowGroup,
  HeadraceError,
  type JsonObject,
  moneyFromJsonNumber,
  type Sink,
  type SinkItem,
  type SinkResult,
  type Stream,
  splitPage,
  type TargetRecord,
  type TargetState,
} from '@headrace/sdk';
import { z } from 'zod';

const config = z.strictObject({ url: z.url(), everyMs: z.number().default(100) });
type Config = z.output<typeof config>;
type Context = ConnectorContext<Config>;

const text = (value: unknown) => (typeof value === 'string' ? value : null);

async function page(context: Context, path: string) {
  const { body } = await context.http.request({ method: 'GET', path });
  const { frame } = splitPage(body, ['data']);
  const { next, resume } = JSON.parse(frame) as { next?: JsonObject; resume?: JsonObject };
  return { body, items: ['data'], next: next ?? null, ...(resume === undefined ? {} : { resume }) };
}

function streamOf(name: string, everyMs: number, rest: Partial<Stream<Config>>): Stream<Config> {
  return {
    name,
    description: name,
    entities: [],
    feed: 'poll',
    everyMs,
    passEveryMs: 3_600_000,
    versionOrder: 'integer',
    key: (record) => text(record.id),
    version: (record) => text(record.version),
    eventAt: () => null,
    map: () => [],
    read: (context, mode, cursor) =>
      page(
        context,
        mode === 'pass'
          ? `${name}/pass?from=${cursor?.from ?? 0}`
          : `${name}/changes?after=${cursor?.after ?? ''}`,
      ),
    ...rest,
  };
}

const priceOf = (record: JsonObject) => {
  const [sku, currency] = [text(record.id), 'EUR'];
  if (sku === null || typeof record.value !== 'number') return [];
  const list = moneyFromJsonNumber(record.value, currency, { precision: 'unit' });
  const traits = { toy: { step: Number(record.step ?? 0) } };
  const fields = { sku, channel: 'alpha-nl', currency, list, basis: 'gross', traits };
  return [{ entity: 'price' as const, type: 'thing', externalId: sku, fields }];
};

const streams = ({ everyMs }: Config): readonly Stream<Config>[] => [
  streamOf('thing', everyMs, { entities: ['price'], map: priceOf }),
  streamOf('order', everyMs, {
    entities: ['order'],
    personal: { subject: (record) => text(record.person), paths: ['name'] },
    personalFields: (record): ContactFields => ({ shipTo: { familyName: String(record.name) } }),
    map(record) {
      const orderNo = text(record.id);
      if (orderNo === null) return [];
      const fields = { channel: 'alpha-nl', orderNo, lineCount: Number(record.value) };
      return [{ entity: 'order', type: 'order', externalId: orderNo, fields }];
    },
  }),
];

const common = {
  config,
  permissions: [],
  budget: { requestsPerSecond: 2000, concurrency: 8 },
  baseUrl: ({ url }: Config) => url,
  authenticate: () => ({ headers: async () => ({}), invalidate() {} }),
  check: async () => [],
};

export const toyErp = defineConnector({
  ...common,
  name: 'toy-erp',
  title: 'ERP of the flow tests',
  example: { url: 'http://127.0.0.1:9' },
  streams,
});

/** A write may never be answered, and is not waited for; a read is, on a busy machine too. */
const writeTimeoutMs = 400;
const readTimeoutMs = 10_000;

async function ask<T>(context: Context, path: string, body: unknown): Promise<T> {
  const timeoutMs = path.endsWith('/write') ? writeTimeoutMs : readTimeoutMs;
  const answer = await context.http.request({ method: 'POST', path, json: body, timeoutMs });
  try {
    return JSON.parse(Buffer.from(answer.body).toString()) as T;
  } catch (cause) {
    throw new HeadraceError('contract', 'The answer is no JSON.', { code: 'E_TOY_JSON', cause });
  }
}

function sinkOf(
  name: string,
  fields: z.ZodType,
  map: (group: FlowGroup) => TargetRecord | null,
  rest: Partial<Sink<Config>> & Pick<Sink<Config>, 'entities' | 'delivery' | 'makes'>,
): Sink<Config> {
  return {
    name,
    title: name,
    description: name,
    fields: fields as z.ZodType<JsonObject>,
    batchMax: Number(process.env['TOY_BATCH'] ?? 200),
    map,
    read: (context, records) =>
      ask<TargetState[]>(context, `${name}/read`, { keys: records.map(({ key }) => key) }),
    write: (context, items) =>
      ask<SinkResult[]>(context, `${name}/write`, {
        items: items.map(({ key, idempotencyKey, fields, wanted, personal }: SinkItem) => ({
          ...{ key, idempotencyKey, fields, wanted, personal },
        })),
      }),
    ...rest,
  };
}

const thing = sinkOf(
  'thing',
  z.strictObject({ price: z.number(), step: z.number(), note: z.string().optional() }),
  (group) => {
    const [record] = group.records('price');
    if (record === undefined) return null;
    const { list, traits } = record.fields as unknown as {
      readonly list: { readonly amount: string };
      readonly traits: { readonly toy: { readonly step: number } };
    };
    const fields = { price: Number(list.amount), step: traits.toy.step };
    return { key: String(record.fields.sku), fields };
  },
  {
    entities: ['price'],
    delivery: 'idempotent',
    makes: 'state',
    canUndo: true,
    guarded: ['price'],
  },
);

/** Nothing the shop does keeps an order from being made twice: only reading before writing does. */
const order = sinkOf(
  'order',
  z.strictObject({ lines: z.number() }),
  (group) => {
    const [record] = group.records('order');
    if (record === undefined) return null;
    return {
      key: String(record.fields.orderNo),
      fields: { lines: Number(record.fields.lineCount) },
    };
  },
  { entities: ['order'], delivery: 'at-least-once', makes: 'document', isPersonal: true },
);

export const toyShop = defineConnector({
  ...common,
  name: 'toy-shop',
  title: 'Shop of the flow tests',
  example: { url: 'http://127.0.0.1:9' },
  // What is written comes back as the shop's own statement.
  streams: (settings) => streams(settings).filter(({ name }) => name === 'thing'),
  sinks: [thing, order],
});
