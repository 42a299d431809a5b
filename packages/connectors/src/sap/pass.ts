/**
 * Reads all of a set, from the highest key down. Numbers of documents only grow, so that is newest
 * first and pages do not drift: what is created meanwhile is above, what is deleted leaves no hole.
 * A page asks for what lies below the last key; `$skip` would count again what the last page
 * counted, and count wrong once something was deleted.
 */
import type { Cursor, Page } from '@headrace/sdk';
import { beyond } from './odata/query.js';
import {
  ask,
  lastKey,
  positionOf,
  type Question,
  type SapContext,
  storedPosition,
} from './odata/question.js';

export async function readPass(
  context: SapContext,
  question: Question,
  cursor: Cursor | null,
): Promise<Page> {
  const { key, version, pageSize } = question;
  const position = positionOf(cursor?.below, key);
  const page = await ask(context, question, {
    filter: position === null ? null : beyond(position, 'before', version),
    orderBy: key.map(({ property }) => `${property} desc`),
    top: pageSize,
    // Counting costs the system a second query, so it is asked once.
    count: position === null,
  });
  const last = lastKey(page, key);
  // A service may give fewer than asked for and say so with a link.
  const hasMore = last !== null && (page.records.length >= pageSize || page.hasNextLink);
  return {
    body: page.body,
    items: page.items,
    next: hasMore ? { below: storedPosition(last) } : null,
    ...(position === null && page.total !== null ? { total: page.total } : {}),
  };
}
