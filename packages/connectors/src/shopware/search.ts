/** Requests of the Admin API: `POST /api/search/{entity}` in plain JSON. */
import type { ConnectorContext, Json, JsonObject, Page } from '@headrace/sdk';
import { splitPage } from '@headrace/sdk';
import type { ShopwareConfig } from './config.js';
import { integer, object, objects } from './json.js';

export type ShopwareContext = ConnectorContext<ShopwareConfig>;

/** What a stream asks of an entity; the same for passes, polls and point reads. */
export interface Question {
  /** As it stands in the path: `order`, `customer-group`. */
  readonly entity: string;
  readonly associations?: JsonObject;
  /** Fields by entity; nothing else is sent, so nothing else needs to be protected. Null: all. */
  readonly includes: Readonly<Record<string, readonly string[]>> | null;
  /** Whether a variant shows what it inherits from its product. */
  readonly inherits?: boolean;
  /** Id of the language texts are read in, without what they would fall back to. */
  readonly languageId?: string;
}

/** Shopware answers no more at once, whatever is asked for. */
export const PAGE_SIZE = 500;

export async function search(
  context: ShopwareContext,
  question: Question,
  criteria: JsonObject,
): Promise<Uint8Array> {
  const { entity, associations, includes, inherits, languageId } = question;
  const { body } = await context.http.request({
    method: 'POST',
    path: `/api/search/${entity}`,
    headers: {
      accept: 'application/json',
      // The header counts when it is there, whatever it says.
      ...(inherits === true ? { 'sw-inheritance': '1' } : {}),
      ...(languageId === undefined ? {} : { 'sw-language-id': languageId }),
    },
    json: {
      ...criteria,
      ...(associations === undefined ? {} : { associations }),
      ...(includes === null ? {} : { includes }),
    },
  });
  return body;
}

/** What a page says besides its records, found without parsing them. */
export interface PageFacts {
  readonly count: number;
  readonly total: number | null;
  readonly records: readonly Uint8Array[];
}

export function factsOf(body: Uint8Array): PageFacts {
  const { records, frame } = splitPage(body, ['data']);
  const total = object(JSON.parse(frame) as Json)?.total;
  return {
    count: records.length,
    total: typeof total === 'number' ? total : null,
    records: records.map(({ bytes }) => bytes),
  };
}

/** A record that cannot be read is empty here; the platform sees its bytes and sets them aside. */
export function parseRecord(bytes: Uint8Array): JsonObject {
  try {
    return object(JSON.parse(Buffer.from(bytes).toString('utf8')) as Json) ?? {};
  } catch {
    return {};
  }
}

/** How far a page ordered by `autoIncrement` got, also when its last records are unreadable. */
export function lastIncrement(records: readonly Uint8Array[]): number | null {
  for (let at = records.length - 1; at >= 0; at -= 1) {
    const increment = integer(parseRecord(records[at] as Uint8Array).autoIncrement);
    if (increment !== null) return increment;
  }
  return null;
}

/** All rows of a small entity, for the context. */
export async function searchAll(
  context: ShopwareContext,
  question: Question,
): Promise<readonly JsonObject[]> {
  const rows: JsonObject[] = [];
  for (let page = 1; ; page += 1) {
    const body = await search(context, question, {
      page,
      limit: PAGE_SIZE,
      sort: [{ field: 'id', order: 'ASC' }],
    });
    const answer = object(JSON.parse(Buffer.from(body).toString('utf8')) as Json);
    const data = objects(answer?.data);
    rows.push(...data);
    if (data.length < PAGE_SIZE) return rows;
  }
}

const idPattern = /^[0-9a-f]{32}$/;
const NOTHING = Buffer.from('{"data":[]}');

/** Point read: the records of these ids that exist. The shop refuses what cannot be an id. */
export async function fetchByIds(
  context: ShopwareContext,
  question: Question,
  keys: readonly string[],
): Promise<Page> {
  const ids = keys.filter((key) => idPattern.test(key));
  const body =
    ids.length === 0 ? NOTHING : await search(context, question, { ids, limit: ids.length });
  return { body, items: ['data'], next: null };
}
