import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { HttpRequest, Json, JsonObject, Stream } from '../../connector/index.js';
import { defineConnector, HeadraceError, secretField } from '../../connector/index.js';
import { testConnector } from '../test-connector.js';
import { createTestContext } from '../test-context.js';
import {
  type RecordedExchange,
  recordSource,
  replayOf,
  replayRecording,
  writeRecording,
} from './index.js';

// A system in which the key of one stream is a personal field of the other, and stands in queries.

const config = z.strictObject({
  url: z.string().describe('Address.'),
  auth: secretField().describe('Key.'),
});
type Config = z.output<typeof config>;

interface World {
  readonly customers: readonly JsonObject[];
  readonly orders: readonly JsonObject[];
}

const text = (value: Json | undefined) =>
  typeof value === 'string' && value !== '' ? value : null;
const PAGE_SIZE = 3;

function stream(name: 'customers' | 'orders', more: Partial<Stream<Config>>): Stream<Config> {
  return {
    name,
    description: name,
    entities: ['variant'],
    feed: 'poll',
    everyMs: 15_000,
    key: (record) => text(record.id),
    version: (record) => text(record.changedAt),
    eventAt: (record) => text(record.changedAt),
    map: () => [],
    async read(context, mode, cursor) {
      const after = text(cursor?.after);
      const parameters = new URLSearchParams({ sort: 'position' });
      if (mode === 'changes') parameters.set('since', '2025-03-02');
      if (after !== null) parameters.set('after', after);
      const path = `/${name}?${parameters}`;
      const { body } = await context.http.request({ method: 'GET', path });
      const { data, more: hasMore } = JSON.parse(Buffer.from(body).toString());
      const last = data.at(-1)?.id ?? null;
      return {
        ...{ body, items: ['data'], next: hasMore === true ? { after: last } : null },
        ...(hasMore === true ? {} : { resume: { after } }),
      };
    },
    async fetch(context, ids) {
      const request: HttpRequest = { method: 'POST', path: `/${name}/find`, json: { ids } };
      return { body: (await context.http.request(request)).body, items: ['data'], next: null };
    },
    ...more,
  };
}

const crm = defineConnector<typeof config>({
  name: 'crm',
  title: 'CRM',
  config,
  budget: { requestsPerSecond: 1, concurrency: 1 },
  baseUrl: ({ url }) => url,
  authenticate: () => ({ headers: async () => ({}), invalidate() {} }),
  context: async (context) => {
    const { body } = await context.http.request({ method: 'GET', path: '/channels' });
    return JSON.parse(Buffer.from(body).toString());
  },
  streams: () => [
    stream('customers', {
      entities: ['customer'],
      personal: { subject: (record) => text(record.id), paths: ['mail', 'person', 'tags.*.by'] },
      map: (record, { subject }) =>
        text(record.id) === null || subject === null
          ? []
          : [
              {
                ...{ entity: 'customer' as const, type: 'customer', externalId: String(record.id) },
                fields: { customerId: subject },
              },
            ],
    }),
    stream('orders', {
      entities: ['variant'],
      personal: {
        subject: (record) => text((record.buyer as JsonObject | null)?.customerId),
        paths: ['buyer'],
      },
      map: (record) =>
        text(record.id) === null
          ? []
          : [
              {
                ...{ entity: 'variant' as const, type: 'order', externalId: String(record.id) },
                fields: { sku: String(record.id) },
              },
            ],
    }),
  ],
  check: async (context) => {
    const path = `/me?api_key=${context.config.auth.reveal()}`;
    const ok = await context.http.request({ method: 'GET', path }).then(
      () => true,
      () => false,
    );
    return [{ name: 'read', ok, text: ok ? 'Can be read.' : 'Ask for a key.' }];
  },
});

const source = crm({ url: 'https://crm.customer-name.test/api', auth: 'id-part:canary-secret' });
const clock = { now: () => Date.parse('2025-03-02T00:00:00Z'), monotonicMs: () => 0 };

function answer(world: World, { method, path, json }: HttpRequest): Json {
  const url = new URL(path, 'https://crm');
  if (url.pathname === '/channels') return { channels: { '7': 'alpha-nl' } };
  if (url.pathname === '/me') {
    return {
      user: 'admin',
      access_token: 'canary-session',
      home: 'https://crm.customer-name.test/',
    };
  }
  const [, name] = url.pathname.split('/') as [string, keyof World];
  const rows = world[name];
  if (method === 'POST') {
    const { ids } = json as { readonly ids: readonly Json[] };
    return { data: rows.filter(({ id }) => ids.includes(id as Json)) };
  }
  if (url.searchParams.has('since')) return { data: [], more: false };
  const after = url.searchParams.get('after');
  const from = after === null ? 0 : rows.findIndex(({ id }) => id === after) + 1;
  if (after !== null && from === 0) throw new Error(`no row ${after}`);
  return { data: rows.slice(from, from + PAGE_SIZE), more: from + PAGE_SIZE < rows.length };
}

function record(world: World, limit = 100, seed = 1) {
  const http = {
    request: async (request: HttpRequest) => ({
      ...{ status: 200, headers: { 'content-type': 'application/json', 'set-cookie': 'canary-c' } },
      body: Buffer.from(JSON.stringify(answer(world, request))),
    }),
  };
  const random = { next: () => 0.5, bytes: (size: number) => new Uint8Array(size).fill(seed) };
  const context = { ...createTestContext(source, { clock, http }), random };
  return recordSource(source, context, { limit });
}

const customer = (index: number): JsonObject => ({
  ...{ id: `000${7_000_000 + index}`, changedAt: '2025-03-01T12:00:00Z', score: 12.5 },
  mail: `Mina.${index}@buyer.test`,
  person: { name: `Mina Vermeulen${index}`, born: '1985-04-12', phone: `+31 6 1234 567${index}` },
  tags: [{ by: `Joris van Dijk${index}`, tag: 'vip' }],
  note: `Call mina.${index}@BUYER.test about Mina Vermeulen${index}, or 020-55512${index}4.`,
  links: [`https://crm.customer-name.test/c/${7_000_000 + index}?mail=mina.${index}%40buyer.test`],
  account: 'NL91ABNA0417164300',
});
const order = (index: number): JsonObject => ({
  ...{ id: `order-${index}`, changedAt: '2025-03-01T12:00:00Z', total: 99.5 },
  buyer: { customerId: customer(index % 4).id ?? null, name: `Mina Vermeulen${index % 4}` },
  history: {
    [`Mina.${index % 4}@buyer.test`]: 'ordered',
    cursor: encoded(String(customer(index % 4).id)),
  },
});
const encoded = (value: string) => Buffer.from(`after:${value}`).toString('base64');
const world: World = {
  customers: [0, 1, 2, 3].map(customer),
  orders: [0, 1, 2, 3, 4, 5, 6].map(order),
};

const folder = mkdtempSync(join(tmpdir(), 'headrace-recording-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const fileTexts = () => readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));

describe('a recording', () => {
  it('replays in the contract suite, from its files', async () => {
    const { recording, failed } = await record(world);
    expect(failed).toEqual([]);
    expect([...writeRecording(folder, recording)].sort()).toEqual([
      'check.json',
      'context.json',
      'customers.json',
      'orders.json',
      'recording.json',
    ]);
    const replayed = replayRecording(folder);
    expect(replayed.info.streams.orders).toMatchObject({
      records: 7,
      pass: { pages: 3 },
      fetched: 5,
    });
    const cases = testConnector(crm(replayed.settings as never), {
      ...{ clock: replayed.clock, recording: replayed },
    });
    expect(cases.length).toBeGreaterThan(15);
    for (const { name, run } of cases) await expect(run(), name).resolves.toBeUndefined();
  });

  it('holds nothing of the persons, the secrets and the host', async () => {
    writeRecording(folder, (await record(world)).recording);
    const written = fileTexts().join('\n');
    const canaries = [
      ...[
        'buyer.test',
        'BUYER',
        'Vermeulen',
        'Joris',
        '1985-04-12',
        '12345670',
        '1234 567',
        '020-555',
      ],
      ...['7000000', '7000003', 'ABNA0417', 'canary', 'id-part', 'customer-name', 'admin@'],
      ...world.customers.map(({ id }) => encoded(String(id))),
    ];
    for (const canary of canaries) expect(written, canary).not.toContain(canary);
    expect(written).toContain('alpha-nl');
    expect(written).toContain('99.5');
  });

  it('keeps the shapes, and the joins over all files', async () => {
    const { recording } = await record(world);
    const records = (file: string) =>
      (recording.files[file] ?? []).flatMap(({ request, response }) =>
        request.method === 'GET' && !request.path.includes('since')
          ? ((response.json as JsonObject).data as readonly JsonObject[])
          : [],
      );
    const [customers, orders] = [records('customers'), records('orders')];
    const ids = customers.map(({ id }) => String(id));
    expect(new Set(ids).size).toBe(4);
    for (const id of ids) expect(id).toMatch(/^000[1-9]\d{6}$/);
    for (const [index, one] of orders.entries()) {
      const buyer = one.buyer as JsonObject;
      expect(buyer.customerId).toBe(ids[index % 4]);
      expect(customers[index % 4]?.person).toMatchObject({ name: buyer.name });
      const [mail] = Object.keys(one.history as JsonObject);
      expect(mail).toBe(customers[index % 4]?.mail);
      expect((one.history as JsonObject).cursor).toBe(encoded(String(buyer.customerId)));
    }
    const [first] = customers;
    const person = first?.person as JsonObject;
    expect(first?.mail).toMatch(/^[\da-f]{10}@example\.com$/);
    expect(first?.note).toContain(`${first?.mail} about ${person.name}`);
    expect(person.phone).toMatch(/^\+\d\d \d \d{4} \d{4}$/);
    expect(Number.isNaN(Date.parse(String(person.born)))).toBe(false);
    expect(first?.links).toEqual([
      `https://source.example/c/${Number(ids[0])}?mail=${encodeURIComponent(String(first?.mail))}`,
    ]);
    expect(first?.score).toBe(12.5);
    const paths = (recording.files.customers ?? []).map(({ request }) => request.path);
    expect(paths).toContain(`/customers?sort=position&after=${ids[2]}`);
  });

  it('differs with the key, which is kept nowhere', async () => {
    const [one, two] = [await record(world, 100, 1), await record(world, 100, 2)];
    expect(JSON.stringify(one.recording)).not.toBe(JSON.stringify(two.recording));
    expect((await record(world, 100, 1)).recording).toEqual(one.recording);
  });

  it('stops at the limit and says so', async () => {
    const { recording } = await record(world, 2);
    expect(recording.info.streams.orders).toMatchObject({
      records: 2,
      pass: { isComplete: false },
    });
    const replayed = replayOf(recording);
    const cases = testConnector(source, { clock: replayed.clock, recording: replayed });
    for (const { name, run } of cases) await expect(run(), name).resolves.toBeUndefined();
  });

  it('reports what was replaced and where to look', async () => {
    const people = { ...world, orders: [{ ...order(0), deliverTo: { street: 'Kade 1' } }] };
    const { report } = await record(people);
    const { personal, equal, iban, host, credential } = report.replaced;
    for (const count of [personal, equal, iban, host, credential]) expect(count).toBeGreaterThan(0);
    expect(report.look).toContainEqual({
      ...{
        file: 'orders',
        place: 'data.*.deliverTo.street',
        why: 'sounds personal by name',
        count: 2,
      },
    });
  });

  it('answers a request nobody recorded with the nearest one', async () => {
    const { http } = replayOf((await record(world)).recording);
    const asked = http.request({
      method: 'POST',
      path: '/orders/find',
      json: { ids: ['order-9'] },
    });
    await expect(asked).rejects.toMatchObject({
      ...{ kind: 'invariant', code: 'E_NOT_RECORDED' },
      message: 'POST /orders/find was not recorded.',
      hint: expect.stringMatching(/nearest recorded is POST \/orders\/find.*order-0.*order-9/),
    });
  });

  it('fails the suite when the connector asks or names otherwise', async () => {
    const replayed = replayOf((await record(world)).recording);
    const other = {
      ...source,
      connector: { ...source.connector, streams: () => [stream('orders', {})] },
    };
    const cases = testConnector(other as typeof source, {
      clock: replayed.clock,
      recording: replayed,
    });
    await expect(cases.find(({ name }) => name.startsWith('recording'))?.run()).rejects.toThrow();
  });

  it.each([
    ['no folder', 'nowhere', null],
    ['another format', 'format', '{"format":2,"streams":{}}'],
    ['half a file', 'half', '{"format":1'],
  ])('refuses %s', (_, name, info) => {
    const at = mkdtempSync(join(folder, `${name}-`));
    if (info !== null) writeFileSync(join(at, 'recording.json'), info);
    expect(() => replayRecording(at)).toThrow(HeadraceError);
  });

  it('does not write over files that are no recording', async () => {
    const at = mkdtempSync(join(folder, 'own-'));
    writeFileSync(join(at, 'thesis.json'), '{}');
    const { recording } = await record(world);
    expect(() => writeRecording(at, recording)).toThrow(/no recording/);
  });
});

describe('no value of a person survives', () => {
  const word = fc.stringMatching(/^[A-Z][a-z]{5,9}$/);
  const value = fc.oneof(
    fc.tuple(word, word).map((words) => words.join(' ')),
    fc.emailAddress({ size: 'small' }),
    fc.stringMatching(/^[1-9]\d{7,11}$/),
    fc.stringMatching(/^\+31 6 \d{8}$/),
    fc.uuid(),
    fc.stringMatching(/^[^\s\p{C}]{3} [\p{L}]{5,12}$/u),
    fc.integer({ min: 1_000_000, max: 999_999_999 }),
  );
  const place = fc.constantFrom<(value: string) => Json>(
    (value) => value,
    (value) => `said by ${value}, yesterday`,
    (value) => `https://else.test/a?q=${encodeURIComponent(value)}&b=1`,
    (value) => [{ deep: [value] }],
    (value) => ({ [`(${value})`]: 1 }),
  );

  it('wherever else it stands', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(value, place), { minLength: 2, maxLength: 8 }),
        fc.integer({ min: 0, max: 255 }),
        async (planted, seed) => {
          const customers = planted.map(([person], index) => ({
            ...{ id: `key-${index}-${index}`, changedAt: '2025-03-01T12:00:00Z' },
            ...{ person: { any: person, twice: [person] }, mail: 'x@y.test' },
          }));
          const orders = planted.map(([person, at], index) => ({
            ...{ id: `order-${index}`, changedAt: '2025-03-01T12:00:00Z', total: 10.25 },
            ...{ buyer: null, extra: at(String(person)) },
          }));
          const { recording } = await record({ customers, orders }, 100, seed);
          const keys = keysOf(recording.files.customers ?? []);
          expect(keys.map((key) => keys.indexOf(key))).toEqual(planted.map((_, index) => index));
          const texts = stringsIn(recording as unknown as Json);
          for (const [person] of planted) {
            const left = texts.filter((one) => one.includes(String(person)));
            expect(left, String(person)).toEqual([]);
          }
          const replayed = replayOf(recording);
          const cases = testConnector(source, { clock: replayed.clock, recording: replayed });
          for (const { run } of cases) await run();
        },
      ),
      { numRuns: 25 },
    );
  });
});

/** Keys of the pass, in its order. */
function keysOf(exchanges: readonly RecordedExchange[]): readonly string[] {
  return exchanges
    .filter(({ request: { method, path } }) => method === 'GET' && !path.includes('since'))
    .flatMap(({ response }) => (response.json as JsonObject).data as readonly JsonObject[])
    .map(({ id }) => String(id));
}

/** Names and values, with escapes undone. */
function stringsIn(value: Json): readonly string[] {
  if (typeof value === 'string') return [value, unescaped(value)];
  if (typeof value === 'number') return [String(value)];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, part]) => [name, ...stringsIn(part)]);
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
