/** What an answer of a set says besides its records, found without parsing them. */
import type { Json, JsonObject } from '@headrace/sdk';
import { splitPage } from '@headrace/sdk';
import { object, text } from '../json.js';
import type { ODataVersion } from './query.js';

export interface SetPage {
  readonly body: Uint8Array;
  /** Where the records are in the body. */
  readonly items: readonly string[];
  readonly records: readonly Uint8Array[];
  /** Records the whole read has, where it was asked for. */
  readonly total: number | null;
  /** The system cut the answer off and says where to go on. */
  readonly hasNextLink: boolean;
  /** The system's own clock, in ms, as its answer states it. */
  readonly atMs: number | null;
}

const itemsOf: Readonly<Record<ODataVersion, readonly string[]>> = {
  2: ['d', 'results'],
  4: ['value'],
};

export function readPage(body: Uint8Array, version: ODataVersion, dateHeader = ''): SetPage {
  const atMs = Date.parse(dateHeader);
  const items = itemsOf[version];
  const { records, frame } = splitPage(body, items);
  const root = object(parse(frame));
  const facts = version === 2 ? object(root?.d) : root;
  return {
    body,
    items,
    records: records.map(({ bytes }) => bytes),
    total: countOf(version === 2 ? facts?.__count : facts?.['@odata.count']),
    hasNextLink: text(version === 2 ? facts?.__next : facts?.['@odata.nextLink']) !== null,
    atMs: Number.isNaN(atMs) ? null : atMs,
  };
}

/** A page of the same shape with other records. */
export function pageWith(records: readonly Uint8Array[], version: ODataVersion): Uint8Array {
  const [head, tail] = version === 2 ? ['{"d":{"results":[', ']}}'] : ['{"value":[', ']}'];
  const parts: Uint8Array[] = [Buffer.from(head)];
  for (const [index, record] of records.entries()) {
    if (index > 0) parts.push(Buffer.from(','));
    parts.push(record);
  }
  parts.push(Buffer.from(tail));
  return Buffer.concat(parts);
}

/** A record that cannot be read is empty here; the platform sees its bytes and sets them aside. */
export function parseRecord(bytes: Uint8Array): JsonObject {
  return object(parse(Buffer.from(bytes).toString('utf8'))) ?? {};
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return null;
  }
}

/** Version 2 writes the count as text. */
function countOf(value: Json | undefined): number | null {
  const count = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof count === 'number' && Number.isSafeInteger(count) && count >= 0 ? count : null;
}
