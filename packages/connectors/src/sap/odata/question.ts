/** What a stream asks of a set, the same for passes, polls and point reads. */
import type { ConnectorContext, Cursor, JsonObject, Page } from '@headrace/sdk';
import type { SapConfig } from '../config.js';
import { text } from '../json.js';
import { pageWith, parseRecord, readPage, type SetPage } from './page.js';
import {
  both,
  compare,
  either,
  type LiteralKind,
  type ODataVersion,
  pathOf,
  type QueryOptions,
  type Term,
} from './query.js';

export type SapContext = ConnectorContext<SapConfig>;

export interface KeyPart {
  readonly property: string;
  readonly kind: LiteralKind;
}

/** `$select` and `$expand`. */
export interface Fields {
  readonly select?: readonly string[] | undefined;
  readonly expand?: readonly string[] | undefined;
}

export interface Question {
  /** Path of the service below the system's address. */
  readonly root: string;
  readonly set: string;
  readonly version: ODataVersion;
  readonly key: readonly KeyPart[];
  /** What is read of each record; all of it, and nothing below it, when not said. */
  fields?(context: SapContext): Promise<Fields>;
  /** What holds of every record, such as a category of documents. */
  readonly always?: string;
  readonly pageSize: number;
  /** Completes the records of a page with what the set itself does not say. */
  complete?(context: SapContext, records: readonly Uint8Array[]): Promise<readonly Uint8Array[]>;
}

/** One answer of the set, its records completed. */
export async function ask(
  context: SapContext,
  question: Question,
  options: Pick<QueryOptions, 'filter' | 'orderBy' | 'top' | 'count'>,
): Promise<SetPage> {
  const { always, version, complete } = question;
  const { select, expand } = (await question.fields?.(context)) ?? {};
  const filter = both([always ?? null, options.filter ?? null]);
  const query: QueryOptions = {
    ...options,
    filter,
    ...(select === undefined ? {} : { select }),
    ...(expand === undefined ? {} : { expand }),
  };
  const page = await get(context, question.root, question.set, query, version);
  if (complete === undefined || page.records.length === 0) return page;
  const records = await complete(context, page.records);
  return { ...page, records, body: pageWith(records, version) };
}

/** A read of any set, for reference data and checks. */
export async function get(
  context: SapContext,
  root: string,
  set: string,
  options: QueryOptions,
  version: ODataVersion,
): Promise<SetPage> {
  const { client } = context.config;
  const { body, headers } = await context.http.request({
    method: 'GET',
    path: pathOf(root, set, options, version, client === undefined ? {} : { 'sap-client': client }),
    headers: {
      accept: version === 4 ? 'application/json;IEEE754Compatible=true' : 'application/json',
    },
    timeoutMs: TIMEOUT_MS,
  });
  return readPage(body, version, headers.date);
}

/** Pages with all their children take an ERP a while. */
const TIMEOUT_MS = 120_000;

/** Parts of a key are joined by a slash, which none of SAP's keys has in it. */
export function keyOf(record: JsonObject, key: readonly KeyPart[]): string | null {
  const parts = key.map(({ property }) => keyPart(record[property]));
  return parts.includes(null) ? null : parts.join('/');
}

/** Version 4 writes whole numbers as such. */
function keyPart(value: JsonObject[string] | undefined): string | null {
  return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : text(value);
}

/** The key of a record as it is compared in a filter. */
export function termsOf(record: JsonObject, key: readonly KeyPart[]): readonly Term[] | null {
  const terms = key.flatMap(({ property, kind }): readonly Term[] => {
    const value = keyPart(record[property]);
    return value === null ? [] : [{ property, kind, value }];
  });
  return terms.length === key.length ? terms : null;
}

/** How far a page got, also when its last records are unreadable. */
export function lastKey(page: SetPage, key: readonly KeyPart[]): readonly Term[] | null {
  for (let at = page.records.length - 1; at >= 0; at -= 1) {
    const terms = termsOf(parseRecord(page.records[at] as Uint8Array), key);
    if (terms !== null) return terms;
  }
  return null;
}

/** A stored position, or null when it is none of this key. */
export function positionOf(stored: Cursor[string] | undefined, key: readonly KeyPart[]) {
  if (!Array.isArray(stored) || stored.length !== key.length) return null;
  const terms = key.map(({ property, kind }, index): Term | null => {
    const value = text((stored as readonly Cursor[string][])[index]);
    return value === null ? null : { property, kind, value };
  });
  return terms.every((term) => term !== null) ? (terms as readonly Term[]) : null;
}

export function storedPosition(terms: readonly Term[]): readonly string[] {
  return terms.map(({ value }) => value);
}

/** Point read: the records of these keys that exist. What cannot be a key is not asked for. */
export async function fetchByKeys(
  context: SapContext,
  question: Question,
  keys: readonly string[],
): Promise<Page> {
  const { key, version } = question;
  const filters = keys.flatMap((text) => {
    const values = text.split('/');
    if (values.length !== key.length || values.includes('')) return [];
    const terms = key.map((part, index) => ({ ...part, value: values[index] ?? '' }));
    // Plain values are written as they are, so nothing else may stand there.
    const isSafe = terms.every(({ kind, value }) => kind !== 'plain' || /^[\w.-]+$/.test(value));
    return isSafe ? [both(terms.map((term) => compare(term, 'eq', version)))] : [];
  });
  if (filters.length === 0) {
    const { items } = readPage(pageWith([], version), version);
    return { body: pageWith([], version), items, next: null };
  }
  const page = await ask(context, question, { filter: either(filters), top: filters.length });
  return { body: page.body, items: page.items, next: null };
}
