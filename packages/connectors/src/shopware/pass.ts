/**
 * Reads all of an entity, newest first, by keyset on `autoIncrement`. It never changes and only
 * grows, so pages do not drift: what is created meanwhile is above, what is deleted leaves no hole.
 */
import type { Cursor, Page } from '@headrace/sdk';
import { integer } from './json.js';
import {
  factsOf,
  lastIncrement,
  PAGE_SIZE,
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
