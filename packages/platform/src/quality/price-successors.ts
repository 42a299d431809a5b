/**
 * A price of a system that ends one record and begins another, as an ERP does: the new one has nothing in
 * its own record it could have jumped from, so it is held against the last one that was right.
 *
 *   right ─(a successor, near)─▶ right
 *     └───(a successor, far)──▶ suspect ─(a later one, near)─▶ right, it jumped back
 *                                  └────(its record goes, or a person confirms it)─▶ right
 *
 * Invariant: what is suspect never becomes what others are held against, unless a person confirmed it.
 */
import type { Json, JsonObject } from '@headrace/sdk';
import type { FoldInput, FoldState, StoredRow } from '../engine/index.js';
import { isNearly, type Jump, jumpBetween, kindOfJump } from './jumps.js';

/** The last price that was right; by source and what is priced. */
export const lastPriceTable = { name: 'quality_last_price', kind: 'keyed' } as const;

interface LastPrice {
  readonly from: string;
  readonly fields: JsonObject;
}

/** A price that begins some time, and what it is a price of: its key but for when it begins. */
interface Successor {
  readonly of: string;
  readonly from: string;
  readonly row: StoredRow;
}

/** What of a price key says when it begins; `-` where a price just is. */
const begins = /^(.+)\/([^/]+)$/;

/** What is priced, from the key of a price; null for one that just is. */
export function pricedBy(key: string): string | null {
  const [, of = '', from = '-'] = begins.exec(key) ?? [];
  return from === '-' ? null : of;
}

function successorOf(row: StoredRow): Successor | null {
  if (row.entity !== 'price') return null;
  const of = pricedBy(row.key);
  return of === null ? null : { of, from: row.key.slice(of.length + 1), row };
}

/** What is priced in what came. */
export function pricedIn({ change }: FoldInput): Set<string> {
  const found = new Set<string>();
  if (change === null || change.before === change.after) return found;
  for (const row of [...change.before, ...change.after]) {
    const successor = successorOf(row);
    if (successor !== null) found.add(successor.of);
  }
  return found;
}

export function lastPriceKey(source: string, of: string): string {
  return `${source}|${of}`;
}

export type PriceFinding =
  | { readonly kind: 'far'; readonly jump: Jump }
  | { readonly kind: 'near' | 'gone'; readonly of: string };

/** What is known of the doubts of what is priced. */
export interface PriceDoubts {
  isDoubted(of: string): boolean;
  /** What a person said is right, as text; null when nobody did. */
  confirmed(of: string): string | null;
}

/** How what came compares; notes what is right from now on. */
export function comparePrices(
  { header, change }: FoldInput,
  state: FoldState,
  { isDoubted, confirmed }: PriceDoubts,
): PriceFinding[] {
  if (change === null || change.before === change.after) return [];
  const found: PriceFinding[] = [];
  const after = new Set(change.after.map(({ key }) => key));
  for (const row of change.before) {
    const gone = successorOf(row);
    if (gone !== null && !after.has(row.key) && isDoubted(gone.of)) {
      found.push({ kind: 'gone', of: gone.of });
    }
  }
  const before = new Set(change.before.map(({ key }) => key));
  for (const row of change.after) {
    const successor = successorOf(row);
    if (successor === null) continue;
    const { of, from } = successor;
    const id = lastPriceKey(header.source, of);
    const last = state.get(lastPriceTable.name, id) as unknown as LastPrice | undefined;
    // Times of one form: their text is in their order.
    if (last !== undefined && from < last.from) continue;
    const jump = last === undefined ? null : jumpBetween(last.fields, row, kindOfJump);
    const said = confirmed(of);
    if (jump !== null && (said === null || !isNearly(jump.to, said))) {
      // One that changed in place is found by its own record.
      if (!before.has(row.key)) found.push({ kind: 'far', jump: { ...jump, key: of } });
      continue;
    }
    if (isDoubted(of)) found.push({ kind: 'near', of });
    const { list = null, sale = null } = row.fields as Record<string, Json>;
    state.set(lastPriceTable.name, id, { from, fields: { list, sale } } as never);
  }
  return found;
}
