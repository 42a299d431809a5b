/** A recording of each system replays in the contract suite, with the system gone and nobody in it. */
import { inriver, sap, shopware } from '@headrace/connectors';
import { startEmulators } from '@headrace/emulators';
import type { ConfiguredSource, ConnectorContext, Json, JsonObject, Stream } from '@headrace/sdk';
import { compilePersonal, splitPersonal } from '@headrace/sdk';
import {
  createTestContext,
  type Recording,
  recordSource,
  recordsOf,
  replayOf,
  testConnector,
} from '@headrace/sdk/testing';
import { describe, expect, it } from 'vitest';
import { pimSettings } from './support/pim-settings.js';

const {
  shopware: shop,
  sap: erp,
  inriver: pim,
  clock,
  ...emulators
} = await startEmulators({
  ...{ seed: 11, scale: 0.02, days: 20, customers: 80, orderLines: 200 },
  systems: ['shopware', 'sap', 'inriver'],
});
if (erp === undefined || pim === undefined) throw new Error('not all emulators started');
const time = { now: () => clock.now(), monotonicMs: () => performance.now() };
const settings = { url: shop.url, auth: `${shop.clientId}:${shop.clientSecret}` };
const source = shopware(settings);
const live = createTestContext(source, { clock: time });

/** Everybody the shop knows, as the shop answers it, to look for afterwards. */
async function everybody(): Promise<ReadonlySet<string>> {
  const texts = new Set<string>();
  for (const entity of ['customer', 'customer-address', 'order-address', 'order-customer']) {
    const { body } = await live.http.request({
      method: 'POST',
      path: `/api/search/${entity}`,
      headers: { accept: 'application/json' },
      json: { limit: 500 },
    });
    const { data } = JSON.parse(Buffer.from(body).toString()) as { data: readonly JsonObject[] };
    for (const row of data) {
      for (const name of [
        'email',
        'firstName',
        'lastName',
        'street',
        'phoneNumber',
        'customerNumber',
      ]) {
        const value = row[name];
        // Short numbers of people nobody recorded are numbers of orders as well.
        if (typeof value === 'string' && !/^.{0,3}$|^\d{0,7}$/.test(value)) texts.add(value);
      }
      if (entity === 'customer') texts.add(String(row.id));
    }
  }
  return texts;
}

const people = await everybody();
const { recording, report, failed } = await recordSource(source, live, { limit: 40 });
const beside = [
  await recorded({
    make: (given) => sap(given as never),
    settings: {
      url: erp.url,
      auth: sap.oauth(`${erp.clientId}:${erp.clientSecret}`),
      plants: { NL01: 'dc-nl', DE01: 'dc-de', ST01: 'store' },
      salesAreas: { '1000/10/00': 'alpha-nl', '2000/10/00': 'beta-de' },
      webhookSecret: erp.eventsSecret,
    },
    canaries: [erp.clientSecret, erp.eventsSecret, new URL(erp.url).host],
    least: 200,
  }),
  await recorded({
    make: (given) => inriver(given as never),
    settings: { ...pimSettings('standard'), url: pim.url, key: pim.key },
    canaries: [pim.key, pim.relaySecret, new URL(pim.url).host],
    least: 1,
  }),
];
await emulators.close();

interface Wanted {
  make(settings: object): ConfiguredSource;
  readonly settings: object;
  readonly canaries: readonly string[];
  /** Values there have to be for the search to mean something. */
  readonly least: number;
}

/** A recording of a few records of each stream, and what all records of the system say of persons. */
async function recorded({ make, settings, canaries, least }: Wanted) {
  const one = make(settings);
  const context = createTestContext(one, { clock: time }) as unknown as ConnectorContext<never>;
  const personal = new Set<string>();
  const streams = one.connector.streams(context.config) as readonly Stream<never>[];
  for (const stream of streams) {
    if (stream.personal === undefined) continue;
    const paths = compilePersonal(stream.personal.paths);
    for (let page = await stream.read(context, 'pass', null); ; ) {
      for (const record of recordsOf(page) as readonly JsonObject[]) {
        const who = stream.personal.subject(record);
        for (const text of valuesIn(splitPersonal(record, paths).personal)) {
          if (!/^.{0,3}$|^\d{0,7}$/.test(text)) personal.add(text);
        }
        // Numbers of eight digits are suppliers', who are companies: purchase orders name them.
        if (who !== null && !/^.{0,7}$|^\d{8}$/.test(who)) personal.add(who);
      }
      if (page.next === null) break;
      page = await stream.read(context, 'pass', page.next);
    }
  }
  // Afresh: what a connector reads once, such as a description of a service, has to be recorded, too.
  const afresh = createTestContext(one, { clock: time });
  const result = await recordSource(one, afresh as never, { limit: 15 });
  return {
    ...{ name: one.connector.name, make, canaries, least, personal, result },
    streams: streams.map(({ name }) => name),
  };
}

describe('a recorded shop', () => {
  const replayed = replayOf(JSON.parse(JSON.stringify(recording)) as Recording);
  const cases = testConnector(shopware(replayed.settings as never), {
    ...{ clock: replayed.clock, recording: replayed },
  });
  for (const { name, run } of cases) it(name, run);

  it('has all its streams', () => {
    expect(failed).toEqual([]);
    expect(Object.keys(recording.info.streams).sort()).toEqual([
      'category',
      'customer',
      'order',
      'product',
      'stock',
    ]);
    expect(recording.info.streams.order).toMatchObject({ records: 40, fetched: 5 });
  });

  it('shows nobody', () => {
    expect(people.size).toBeGreaterThan(200);
    const words = new Set(textsIn(recording as unknown as Json));
    const shown = [...people].filter((value) => words.has(value));
    expect(shown).toEqual([]);
    const whole = JSON.stringify(recording);
    expect([...people].filter((value) => value.includes('@') && whole.includes(value))).toEqual([]);
    for (const canary of [shop.clientSecret, shop.clientId, new URL(shop.url).host]) {
      expect(whole).not.toContain(canary);
    }
  });

  it('still says which order is whose', () => {
    const rows = (file: string) =>
      (recording.files[file] ?? []).flatMap(({ request, response }) =>
        request.path === `/api/search/${file}`
          ? ((response.json as JsonObject).data as readonly JsonObject[])
          : [],
      );
    const customers = new Set(rows('customer').map(({ id }) => id));
    const buyers = rows('order').map(
      ({ orderCustomer }) => (orderCustomer as JsonObject).customerId,
    );
    expect(buyers.some((id) => id !== undefined && customers.has(id))).toBe(true);
  });

  it('tells what it did', () => {
    expect(report.replaced.personal).toBeGreaterThan(500);
    expect(report.replaced.equal).toBeGreaterThan(0);
  });
});

describe.each(beside.map((one) => [one.name, one] as const))('a recorded %s', (_name, one) => {
  const { make, canaries, least, personal, result, streams } = one;
  const replayed = replayOf(JSON.parse(JSON.stringify(result.recording)) as Recording);
  const cases = testConnector(make(replayed.settings), {
    ...{ clock: replayed.clock, recording: replayed },
  });
  for (const { name, run } of cases) it(name, run);

  it('has all its streams', () => {
    expect(result.failed).toEqual([]);
    expect(Object.keys(result.recording.info.streams).sort()).toEqual([...streams].sort());
  });

  it('shows nobody, and nothing secret', () => {
    expect(personal.size).toBeGreaterThanOrEqual(least);
    const words = new Set(textsIn(result.recording as unknown as Json));
    expect([...personal].filter((value) => words.has(value))).toEqual([]);
    const whole = JSON.stringify(result.recording);
    expect([...personal].filter((value) => /[@ ]/.test(value) && whole.includes(value))).toEqual(
      [],
    );
    for (const canary of canaries) expect(whole).not.toContain(canary);
  });
});

function valuesIn(value: Json): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(valuesIn);
}

function textsIn(value: Json): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, part]) => [name, ...textsIn(part)]);
}
