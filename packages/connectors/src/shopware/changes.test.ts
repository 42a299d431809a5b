import type { Cursor, JsonObject } from '@headrace/sdk';
import { createTestContext, recordsOf } from '@headrace/sdk/testing';
import { describe, expect, it } from 'vitest';
import { type ChangePlace, readChanges } from './changes.js';
import { shopware } from './index.js';
import { instant } from './json.js';
import { readPass } from './pass.js';
import type { ShopwareContext } from './search.js';

/** A shop in a few lines: rows with `autoIncrement` and times, rows below them with times. */
interface Row {
  readonly id: string;
  readonly autoIncrement: number;
  createdAt: string;
  updatedAt: string | null;
}

const at = (ms: number) => new Date(ms).toISOString().replace('Z', '+00:00');
const id = (number: number) => number.toString(16).padStart(32, '0');

class Shop {
  nowMs = Date.parse('2025-03-01T12:00:00Z');
  readonly rows: Row[] = [];
  readonly below: { id: string; orderId: string; updatedAt: string | null }[] = [];
  searches = 0;
  onSearch: (count: number) => void = () => {};

  create(): Row {
    const autoIncrement = this.rows.length + 1;
    const row = {
      id: id(autoIncrement),
      autoIncrement,
      createdAt: at(this.nowMs),
      updatedAt: null,
    };
    this.rows.push(row);
    this.below.push({ id: id(autoIncrement + 1e6), orderId: row.id, updatedAt: null });
    return row;
  }

  answer(entity: string, criteria: JsonObject): unknown[] {
    this.searches += 1;
    const table: readonly JsonObject[] = (entity === 'order' ? this.rows : this.below) as never;
    const filters = (criteria.filter ?? []) as readonly JsonObject[];
    const ids = criteria.ids as readonly string[] | undefined;
    const [sort, tie] = (criteria.sort ?? []) as { field: string; order: string }[];
    const found = table
      .filter((row) => ids === undefined || ids.includes(row.id as string))
      .filter((row) => filters.every((filter) => matches(row, filter)))
      .sort((a, b) => compare(a, b, sort) || compare(a, b, tie));
    const limit = criteria.limit as number;
    const from = (((criteria.page as number) ?? 1) - 1) * limit;
    const page = found.slice(from, from + limit).map((row) => ({ ...row }));
    this.onSearch(this.searches);
    return page;
  }
}

function compare(a: JsonObject, b: JsonObject, sort: { field: string; order: string } | undefined) {
  if (sort === undefined) return 0;
  const [left, right] = [a[sort.field] as string | number, b[sort.field] as string | number];
  const order = left < right ? -1 : left > right ? 1 : 0;
  return sort.order === 'DESC' ? -order : order;
}

function matches(row: JsonObject, filter: JsonObject): boolean {
  if (filter.type === 'multi') {
    return (filter.queries as readonly JsonObject[]).some((query) => matches(row, query));
  }
  const value = row[filter.field as string];
  if (value === null || value === undefined) return false;
  const number = typeof value === 'number' ? value : Date.parse(value as string);
  return Object.entries(filter.parameters as JsonObject).every(([name, bound]) => {
    const limit = typeof bound === 'number' ? bound : Date.parse(bound as string);
    if (name === 'gt') return number > limit;
    if (name === 'gte') return number >= limit;
    return number < limit;
  });
}

const changed = (row: JsonObject) => instant(row.updatedAt) ?? instant(row.createdAt);
const places: readonly ChangePlace[] = [
  { kind: 'fields', fields: ['updatedAt', 'createdAt'], at: changed },
  { kind: 'below', entity: 'order-delivery', reference: 'orderId' },
];
const question = { entity: 'order', includes: {} };

function contextOf(shop: Shop): ShopwareContext {
  const source = shopware({ url: 'https://shop.example', auth: 'id:key', salesChannels: {} });
  const answer = async (url: unknown, init?: { body?: unknown }) => {
    const path = new URL(String(url)).pathname;
    if (path.endsWith('/token')) return new Response('{"access_token":"t"}');
    const criteria = JSON.parse(String(init?.body)) as JsonObject;
    const data = shop.answer(path.split('/').at(-1) ?? '', criteria);
    return new Response(JSON.stringify({ total: shop.rows.length, data }));
  };
  const clock = { now: () => shop.nowMs, monotonicMs: () => shop.nowMs };
  return createTestContext(source, { clock, fetch: answer as typeof fetch }) as ShopwareContext;
}

async function poll(context: ShopwareContext, from: Cursor | null) {
  const seen: string[] = [];
  let cursor = from;
  for (let pages = 0; pages < 200; pages += 1) {
    const page = await readChanges(context, question, places, cursor);
    seen.push(...recordsOf(page).map((record) => (record as JsonObject).id as string));
    if (page.next === null) {
      // A cursor is stored between polls.
      return { seen, cursor: JSON.parse(JSON.stringify(page.resume)) as Cursor };
    }
    cursor = JSON.parse(JSON.stringify(page.next)) as Cursor;
  }
  throw new Error('endless');
}

describe('polling', () => {
  it('finds what was created, updated, or changed below', async () => {
    const shop = new Shop();
    const context = contextOf(shop);
    for (let count = 0; count < 5; count += 1) shop.create();
    shop.nowMs += 3_600_000;
    const start = await poll(context, null);
    expect(start.seen).toEqual([]);
    shop.nowMs += 1_000;
    shop.create();
    (shop.rows[1] as Row).updatedAt = at(shop.nowMs);
    (shop.below[2] as { updatedAt: string | null }).updatedAt = at(shop.nowMs);
    shop.nowMs += 1_000;
    const next = await poll(context, start.cursor);
    expect(next.seen).toEqual([id(2), id(6), id(3)]);
  });

  it('reads again until late commits must have shown, and then no more', async () => {
    const shop = new Shop();
    const context = contextOf(shop);
    let { cursor } = await poll(context, null);
    shop.create();
    const counts: number[] = [];
    for (let count = 0; count < 5; count += 1) {
      shop.nowMs += 15_000;
      const result = await poll(context, cursor);
      cursor = result.cursor;
      counts.push(result.seen.length);
    }
    expect(counts).toEqual([1, 1, 0, 0, 0]);
  });

  it('finds a row that was committed after later ones were seen', async () => {
    const shop = new Shop();
    const context = contextOf(shop);
    let { cursor } = await poll(context, null);
    shop.nowMs += 10_000;
    const stamped = shop.nowMs - 3_000;
    shop.create();
    ({ cursor } = await poll(context, cursor));
    shop.create().createdAt = at(stamped);
    shop.nowMs += 15_000;
    expect((await poll(context, cursor)).seen).toContain(id(2));
  });

  it('gets through more rows of one instant than a page holds', async () => {
    const shop = new Shop();
    const context = contextOf(shop);
    for (let count = 0; count < 1_200; count += 1) shop.create();
    shop.nowMs += 3_600_000;
    let { cursor } = await poll(context, null);
    shop.nowMs += 10_000;
    for (const row of shop.rows) row.updatedAt = at(shop.nowMs);
    for (const row of shop.below.slice(0, 350)) row.updatedAt = at(shop.nowMs);
    const result = await poll(context, cursor);
    ({ cursor } = result);
    expect(new Set(result.seen).size).toBe(1_200);
    for (let count = 0; count < 3; count += 1) {
      shop.nowMs += 15_000;
      ({ cursor } = await poll(context, cursor));
    }
    shop.nowMs += 15_000;
    expect((await poll(context, cursor)).seen).toEqual([]);
  });

  it('loses nothing that changes while a long poll is under way', async () => {
    const shop = new Shop();
    const context = contextOf(shop);
    for (let count = 0; count < 1_500; count += 1) shop.create();
    shop.nowMs += 3_600_000;
    let { cursor } = await poll(context, null);
    shop.nowMs += 10_000;
    for (const row of shop.rows) {
      shop.nowMs += 1;
      row.updatedAt = at(shop.nowMs);
    }
    const wanted = new Map<string, string>();
    shop.onSearch = (count) => {
      // Behind, on and before the page being read, and a new one.
      if (count > 6) return;
      shop.nowMs += 60_000;
      for (const row of [shop.rows[3], shop.rows[700], shop.rows[1_499], shop.create()]) {
        if (row === undefined) continue;
        shop.nowMs += 7;
        row.updatedAt = at(shop.nowMs);
        wanted.set(row.id, row.updatedAt);
      }
    };
    shop.searches = 0;
    const seen = new Set<string>();
    for (let round = 0; round < 5; round += 1) {
      const before = new Map(shop.rows.map((row) => [row.id, row.updatedAt]));
      const result = await poll(context, cursor);
      cursor = result.cursor;
      for (const key of result.seen) if (before.get(key) === wanted.get(key)) seen.add(key);
      shop.nowMs += 15_000;
    }
    for (const key of wanted.keys()) expect(seen).toContain(key);
  });
});

describe('a pass', () => {
  it('shows each row once, newest first, whatever is created meanwhile', async () => {
    const shop = new Shop();
    const context = contextOf(shop);
    for (let count = 0; count < 23; count += 1) shop.create();
    shop.onSearch = () => shop.create();
    const seen: string[] = [];
    const totals: (number | undefined)[] = [];
    let cursor: Cursor | null = null;
    do {
      const page: Awaited<ReturnType<typeof readPass>> = await readPass(
        context,
        question,
        cursor,
        10,
      );
      seen.push(...recordsOf(page).map((record) => (record as JsonObject).id as string));
      totals.push(page.total);
      cursor = page.next;
    } while (cursor !== null);
    expect(seen).toEqual(Array.from({ length: 23 }, (_, index) => id(23 - index)));
    expect(totals.slice(1)).toEqual([undefined, undefined]);
  });
});
