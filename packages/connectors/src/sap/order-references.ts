/**
 * A delivery names the sales orders it is for by SAP's number, and nothing of the channel they came
 * from. Both are asked for once a page and stand in the record as `SalesOrders`, so that the mapping
 * needs nothing but the record.
 */
import type { JsonObject } from '@headrace/sdk';
import { rowsOf, text } from './json.js';
import { parseRecord } from './odata/page.js';
import { compare, either } from './odata/query.js';
import { get, type SapContext } from './odata/question.js';
import { orderReferenceShape } from './read-fields.js';
import { knownIn } from './release.js';
import { selectOf } from './shape.js';

const ROOT = '/sap/opu/odata/sap/API_SALES_ORDER_SRV';
/** Keeps an address below two kilobytes. */
const CHUNK = 50;
const KEPT_MAX = 50_000;
/** An order's channel never changes; its number for the customer hardly ever does. */
const KEPT_FOR_MS = 3_600_000;

interface Kept {
  readonly atMs: number;
  readonly bytes: Uint8Array;
}

/** By client, so that it lives as long as the source does. */
const keptBySource = new WeakMap<object, Map<string, Kept>>();

export async function withOrderReferences(
  context: SapContext,
  records: readonly Uint8Array[],
): Promise<readonly Uint8Array[]> {
  const numbers = records.map((bytes) => orderNumbers(parseRecord(bytes)));
  const orders = await referencesOf(context, [...new Set(numbers.flat())]);
  return records.map((bytes, index) => {
    const found = (numbers[index] ?? []).flatMap((number) => orders.get(number) ?? []);
    return withMember(bytes, 'SalesOrders', found);
  });
}

/** Documents of category C are sales orders; deliveries of transfers name others. */
export function orderNumbers(record: JsonObject): readonly string[] {
  const numbers = rowsOf(record.to_DeliveryDocumentItem).flatMap((item) => {
    const category = text(item.ReferenceSDDocumentCategory);
    const number = text(item.ReferenceSDDocument);
    return number !== null && (category === null || category === 'C') ? [number] : [];
  });
  return [...new Set(numbers)].sort();
}

async function referencesOf(
  context: SapContext,
  numbers: readonly string[],
): Promise<ReadonlyMap<string, Uint8Array>> {
  const kept = keptBySource.get(context.http) ?? new Map<string, Kept>();
  keptBySource.set(context.http, kept);
  const now = context.clock.now();
  const found = new Map<string, Uint8Array>();
  const wanted: string[] = [];
  for (const number of numbers) {
    const known = kept.get(number);
    if (known !== undefined && Math.abs(now - known.atMs) < KEPT_FOR_MS) {
      found.set(number, known.bytes);
    } else wanted.push(number);
  }
  for (let at = 0; at < wanted.length; at += CHUNK) {
    const chunk = wanted.slice(at, at + CHUNK);
    const filter = either(
      chunk.map((value) => compare({ property: 'SalesOrder', kind: 'text', value }, 'eq', 2)),
    );
    const isKnown = await knownIn(context, ROOT);
    const select = selectOf(orderReferenceShape, () => [], isKnown) ?? [];
    const page = await get(context, ROOT, 'A_SalesOrder', { filter, select, top: CHUNK }, 2);
    for (const bytes of page.records) {
      const number = text(parseRecord(bytes).SalesOrder);
      if (number === null) continue;
      if (kept.size >= KEPT_MAX) kept.clear();
      kept.set(number, { atMs: now, bytes });
      found.set(number, bytes);
    }
  }
  return found;
}

/** The bytes of an object with a list as its last member. */
function withMember(record: Uint8Array, name: string, list: readonly Uint8Array[]): Uint8Array {
  const end = Buffer.from(record.buffer, record.byteOffset, record.byteLength).lastIndexOf('}');
  if (end < 0) return record;
  const parts: Uint8Array[] = [record.subarray(0, end), Buffer.from(`,"${name}":[`)];
  for (const [index, item] of list.entries()) {
    if (index > 0) parts.push(Buffer.from(','));
    parts.push(item);
  }
  parts.push(Buffer.from(']}'));
  return Buffer.concat(parts);
}
