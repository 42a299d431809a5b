/**
 * Reads all of an entity, newest first, by keyset on `autoIncrement`. It never changes and only
 * grows, so pages do not drift: what is created meanwhile is above, what is deleted leaves no hole.
 */
import type { Cursor, Page } from '@headrace/sdk';
import { instant, integer } from './json.js';
import {
  factsOf,
  lastIncrement,
  PAGE_SIZE,
  parseRecord,
  type Question,
  type ShopwareContext,
  search,
} from './search.js';

export async function readPass(
  context: ShopwareContext,
  question: Question,
  cursor: Cursor | null,
  pageSize = PAGE_SIZE,
): Promise<Page> {
  const below = integer(cursor?.below);
  const body = await search(context, question, {
    limit: pageSize,
    ...(below === null
      ? {}
      : { filter: [{ type: 'range', field: 'autoIncrement', parameters: { lt: below } }] }),
    sort: [{ field: 'autoIncrement', order: 'DESC' }],
    // Counting costs the shop a second query, so it is asked once.
    'total-count-mode': cursor === null ? 1 : 0,
  });
  const { count, total, records } = factsOf(body);
  const lowest = lastIncrement(records);
  const hasMore = count >= pageSize && lowest !== null;
  return {
    body,
    items: ['data'],
    next: hasMore ? { below: lowest } : null,
    ...(cursor === null && total !== null ? { total } : {}),
  };
}

/**
 * The same of an entity without `autoIncrement`: oldest first, by when rows were made. A page begins
 * with the instant the one before ended in, so some rows come twice and none is left out.
 */
export async function readPassByCreation(
  context: ShopwareContext,
  question: Question,
  cursor: Cursor | null,
  pageSize = PAGE_SIZE,
): Promise<Page> {
  const from = instant(cursor?.from);
  const page = integer(cursor?.page) ?? 1;
  const body = await search(context, question, {
    ...{ limit: pageSize, page },
    ...(from === null
      ? {}
      : { filter: [{ type: 'range', field: 'createdAt', parameters: { gte: from } }] }),
    sort: [
      { field: 'createdAt', order: 'ASC' },
      { field: 'id', order: 'ASC' },
    ],
    'total-count-mode': 0,
  });
  const { count, records } = factsOf(body);
  const last = instant(parseRecord(records.at(-1) ?? new Uint8Array()).createdAt) ?? from;
  // A page full of one instant is followed by the next page of that instant.
  const next = last === from ? { from, page: page + 1 } : { from: last, page: 1 };
  return { body, items: ['data'], next: count >= pageSize ? next : null };
}
