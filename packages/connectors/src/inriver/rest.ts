/** Requests to the PIM: ids by criteria, then entities by id. */
import {
  type ConnectorContext,
  HeadraceError,
  type Json,
  type JsonObject,
  splitPage,
} from '@headrace/sdk';
import type { InriverConfig } from './config.js';
import { integer, object, text } from './json.js';

export type InriverContext = ConnectorContext<InriverConfig>;

/** The API takes no more ids in one call. */
export const FETCH_MAX = 1000;

export interface Criterion {
  readonly type: 'EntityTypeId' | 'LastModified';
  readonly operator: 'Equal' | 'GreaterThan' | 'GreaterThanOrEqual';
  readonly value: string;
}

/** What of each entity is asked for; see `read-fields.ts`. */
export interface Question {
  readonly types: readonly string[];
  readonly objects: readonly string[];
  /** All fields when left out. */
  readonly fieldTypeIds?: readonly string[];
  readonly inbound?: readonly string[];
  readonly outbound?: readonly string[];
}

/** Every id that meets the criteria, ascending: the API knows no pages, and no order of its own. */
export async function queryIds(
  context: InriverContext,
  types: readonly string[],
  more: readonly Criterion[] = [],
): Promise<readonly number[]> {
  const ids = new Set<number>();
  for (const value of types) {
    const systemCriteria: Criterion[] = [
      { type: 'EntityTypeId', operator: 'Equal', value },
      ...more,
    ];
    const { body } = await context.http.request({
      method: 'POST',
      path: '/api/v1.0.0/query',
      json: { systemCriteria },
    });
    for (const id of idsIn(body)) ids.add(id);
  }
  return [...ids].sort((a, b) => a - b);
}

function idsIn(body: Uint8Array): readonly number[] {
  const found = object(readJson(body))?.entityIds;
  const ids = Array.isArray(found) ? (found as readonly Json[]).map(integer) : [null];
  if (ids.every((id) => id !== null)) return ids;
  throw new HeadraceError('contract', 'The PIM answered a query without a list of ids.', {
    code: 'E_INRIVER_QUERY',
    hint: 'Check the address: it must be the REST API itself, without `/api`.',
  });
}

/** Parses a small answer; one that ends too early is asked for again. */
export function readJson(body: Uint8Array): Json {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8')) as Json;
  } catch {
    throw new HeadraceError('transient', 'The PIM answered with something other than JSON.', {
      code: 'E_INRIVER_ANSWER',
    });
  }
}

export const NOTHING: Uint8Array = Buffer.from('[]');

/** The entities of these ids that exist, as the bytes that came. */
export async function fetchEntities(
  context: InriverContext,
  question: Question,
  ids: readonly number[],
): Promise<Uint8Array> {
  if (ids.length === 0) return NOTHING;
  const { objects, fieldTypeIds, inbound, outbound } = question;
  const linked = (types: readonly string[]) => ({
    linkTypeIds: types.join(','),
    objects: 'FieldValues',
  });
  const { body } = await context.http.request({
    method: 'POST',
    path: '/api/v1.0.1/entities:fetchdata',
    json: {
      entityIds: ids,
      objects: objects.join(','),
      ...(fieldTypeIds === undefined ? {} : { fieldTypeIds: fieldTypeIds.join(',') }),
      ...(inbound === undefined ? {} : { inbound: linked(inbound) }),
      ...(outbound === undefined ? {} : { outbound: linked(outbound) }),
    },
  });
  return body;
}

const idPattern = /^\d{1,15}$/;

/**
 * Point read. A notice may not know the type of its entity, so what is asked for can be of another:
 * such records are left out, the others stay the bytes that came.
 */
export async function fetchByKeys(
  context: InriverContext,
  question: Question,
  keys: readonly string[],
): Promise<Uint8Array> {
  const ids = keys.filter((key) => idPattern.test(key)).map(Number);
  const body = await fetchEntities(context, question, ids);
  const { records } = splitPage(body, []);
  const own = records.filter(({ bytes }) => {
    const type = typeIn(bytes);
    return type === null || question.types.includes(type);
  });
  if (own.length === records.length) return body;
  const parts = own.flatMap(({ bytes }, index) =>
    index === 0 ? [bytes] : [Buffer.from(','), bytes],
  );
  return Buffer.concat([Buffer.from('['), ...parts, Buffer.from(']')]);
}

/** Null for a record that cannot be read; the platform sees its bytes and sets them aside. */
function typeIn(bytes: Uint8Array): string | null {
  return text(object(parseRecord(bytes)?.summary)?.entityTypeId);
}

export function parseRecord(bytes: Uint8Array): JsonObject | null {
  try {
    return object(JSON.parse(Buffer.from(bytes).toString('utf8')) as Json);
  } catch {
    return null;
  }
}

/** A part of the model. */
export async function readModel(context: InriverContext, path: string): Promise<Json> {
  const { body } = await context.http.request({
    method: 'GET',
    path: `/api/v1.0.0/model/${path}`,
  });
  return readJson(body);
}
