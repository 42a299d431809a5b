/**
 * Reads all entities of some types, newest first. A query answers every id at once, so a page is a
 * window of ids below the last one read:
 *
 *   query → ids, descending → window of 1000 → fetchdata → cursor { below } → next window → …
 *
 * The cursor holds one number, whatever the PIM holds. The ids are kept in memory for the next page;
 * after a restart they are asked for again, which gives the same windows: ids only grow, new ones
 * are above, and one that is gone leaves no hole.
 */
import type { Cursor, Page } from '@headrace/sdk';
import { integer } from './json.js';
import { FETCH_MAX, fetchEntities, type InriverContext, type Question, queryIds } from './rest.js';

/** Ids a pass has yet to read, by where it goes on. */
export interface PassMemory {
  rest: { readonly below: number; readonly ids: readonly number[] } | null;
}

export async function readPass(
  context: InriverContext,
  question: Question,
  cursor: Cursor | null,
  memory: PassMemory,
  pageSize = FETCH_MAX,
): Promise<Page> {
  const below = integer(cursor?.below);
  const known = below !== null && memory.rest?.below === below ? memory.rest.ids : null;
  const all = known ?? [...(await queryIds(context, question.types))].reverse();
  const open = below === null ? all : all.filter((id) => id < below);
  const ids = open.slice(0, pageSize);
  const rest = open.slice(pageSize);
  const last = ids.at(-1);
  const body = await fetchEntities(context, question, ids);
  memory.rest = last === undefined || rest.length === 0 ? null : { below: last, ids: rest };
  return {
    body,
    items: [],
    next: memory.rest === null ? null : { below: memory.rest.below },
    ...(below === null ? { total: all.length } : {}),
  };
}
