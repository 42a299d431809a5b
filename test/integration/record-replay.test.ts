/** A recording of a shop replays in the contract suite, with the shop gone and nobody in it. */
import { shopware } from '@headrace/connectors';
import { startEmulators } from '@headrace/emulators';
import type { Json, JsonObject } from '@headrace/sdk';
import {
  createTestContext,
  type Recording,
  recordSource,
  replayOf,
  testConnector,
} from '@headrace/sdk/testing';
import { describe, expect, it } from 'vitest';

const {
  shopware: shop,
  clock,
  ...emulators
} = await startEmulators({
  ...{ seed: 11, scale: 0.02, days: 20, customers: 80, orderLines: 200 },
});
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
await emulators.close();

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

function textsIn(value: Json): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, part]) => [name, ...textsIn(part)]);
}
