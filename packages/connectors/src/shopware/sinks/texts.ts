/** Texts as the shop has them, language by language. */
import type { JsonObject } from '@headrace/sdk';
import { text } from '../json.js';
import type { Reference } from '../mapping/reference.js';
import type { Question, ShopwareContext } from '../search.js';
import { idIn, searchRows } from './shop.js';

/** Rows of one record by language. */
export type Texts = Readonly<Record<string, JsonObject>>;

/** A shop answers in one language at a time. */
export async function textsOf(
  context: ShopwareContext,
  { languages }: Reference,
  {
    entity,
    ids,
    fields,
  }: {
    readonly entity: 'product' | 'category';
    readonly ids: readonly string[];
    readonly fields: readonly string[];
  },
): Promise<ReadonlyMap<string, Texts>> {
  const found = new Map<string, Texts>();
  if (ids.length === 0) return found;
  for (const [languageId, tag] of languages) {
    const asked: Question = { entity, languageId, includes: { [entity]: ['id', ...fields] } };
    for (const row of await searchRows(context, asked, { ids, limit: ids.length })) {
      found.set(idIn(row), { ...found.get(idIn(row)), [tag]: row });
    }
  }
  return found;
}

/** In the languages that are asked for. */
export function textsIn(
  inLanguage: Texts,
  field: string,
  wanted: Readonly<Record<string, string>> | undefined,
): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [tag, row] of Object.entries(inLanguage).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const value = text(row[field]);
    if (value !== null && Object.hasOwn(wanted ?? {}, tag)) found[tag] = value;
  }
  return found;
}
