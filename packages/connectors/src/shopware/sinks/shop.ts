/** What sinks look up in the shop before they write: products by key, languages, currencies. */
import type { Json, JsonObject } from '@headrace/sdk';
import { readContext } from '../context.js';
import { object, objects, text } from '../json.js';
import { type Reference, referenceOf } from '../mapping/reference.js';
import { skuOf } from '../mapping/sku.js';
import { PAGE_SIZE, type Question, type ShopwareContext, search } from '../search.js';

const referenceMs = 10 * 60_000;
const references = new WeakMap<
  object,
  { readonly atMs: number; readonly read: Promise<JsonObject> }
>();

/** Channels, currencies, languages and taxes of the shop; read anew now and then. */
export async function shopReference(context: ShopwareContext): Promise<Reference> {
  const atMs = context.clock.now();
  let known = references.get(context.http);
  if (known === undefined || atMs - known.atMs > referenceMs || atMs < known.atMs) {
    known = { atMs, read: readContext(context) };
    references.set(context.http, known);
    known.read.catch(() => references.delete(context.http));
  }
  return referenceOf({ config: context.config, source: await known.read, subject: null });
}

export async function searchRows(
  context: ShopwareContext,
  question: Question,
  criteria: JsonObject,
): Promise<readonly JsonObject[]> {
  const body = await search(context, question, { limit: PAGE_SIZE, ...criteria });
  return objects(object(JSON.parse(Buffer.from(body).toString('utf8')) as Json)?.data);
}

/** All rows, page by page in the order of their ids. */
export async function searchEach(
  context: ShopwareContext,
  question: Question,
  filter: readonly JsonObject[],
): Promise<readonly JsonObject[]> {
  const rows: JsonObject[] = [];
  for (let page = 1; ; page += 1) {
    const found = await searchRows(context, question, {
      ...{ page, limit: PAGE_SIZE, filter },
      sort: [{ field: 'id', order: 'ASC' }],
    });
    rows.push(...found);
    if (found.length < PAGE_SIZE) return rows;
  }
}

export const anyOf = (field: string, value: readonly string[]): JsonObject => ({
  ...{ type: 'equalsAny', field, value },
});

/** Things sold, by our sku. Of two that share one (a GTIN used twice), none is taken. */
export async function findSold(
  context: ShopwareContext,
  question: Question,
  skus: readonly string[],
): Promise<ReadonlyMap<string, JsonObject>> {
  const { config } = context;
  const rows = await searchEach(context, question, [anyOf(config.skuFrom, skus)]);
  const wanted = new Set(skus);
  const found = new Map<string, JsonObject>();
  const isDouble = new Set<string>();
  for (const row of rows) {
    const sku = skuOf(row, config);
    if (sku === null || !wanted.has(sku) || Number(row.childCount ?? 0) > 0) continue;
    if (found.has(sku)) isDouble.add(sku);
    found.set(sku, row);
  }
  for (const sku of isDouble) found.delete(sku);
  return found;
}

/** Products as they are asked for, by their number. */
export async function productsByNumber(
  context: ShopwareContext,
  question: Question,
  numbers: readonly string[],
): Promise<ReadonlyMap<string, JsonObject>> {
  const rows = await searchEach(context, question, [anyOf('productNumber', numbers)]);
  return new Map(rows.map((row) => [text(row.productNumber) ?? '', row]));
}

export function idIn(row: JsonObject): string {
  return text(row.id) ?? '';
}
