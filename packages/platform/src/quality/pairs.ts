/**
 * What two systems say of one thing, side by side and always compared: each change of either side is
 * compared in the step that journals it, and only keys that differ are kept in a list. So asking for
 * the differences costs what there is of them, whatever the number of keys.
 *
 *   change ──▶ side replaced ──▶ both valued ──▶ equal ─▶ not in the list
 *                                        └────▶ differs ─▶ in the list, since then
 *
 * A difference on its way is none yet: whether one is *settled* is asked when it is looked at, from
 * the times of both sides and the watermarks of their streams. See `reconcile.ts`.
 */
import {
  type EntityName,
  epochMs,
  isInstant,
  type JsonObject,
  parseEntityKey,
} from '@headrace/sdk';
import type { FoldInput, FoldState, StoredRow } from '../engine/index.js';
import { type Moment, type Moves, momentOf, movesAfter, type Values } from './moves.js';
import { compareText, type Part, rowOf } from './part.js';
import { isEmpty, microsOf, quantityMicros } from './row-faults.js';

/** What is compared: a measure of an entity, per key that both systems know. */
export type PairKind = 'stock' | 'price' | 'orders' | 'returns' | 'refunds';

export interface PairSide {
  readonly source: string;
  /** The stream whose records state this side. */
  readonly stream: string;
}

export interface PairSpec {
  readonly name: string;
  readonly kind: PairKind;
  /** The one that leads, and the one that should say the same. */
  readonly a: PairSide;
  readonly b: PairSide;
  readonly toleranceMicros: number;
  readonly toleranceShareMicro: number;
  /** How long the two may differ while a change is on its way, ms. */
  readonly graceMs: number;
}

export interface SideState {
  /** What each canonical row adds; by row. */
  rows: Record<string, JsonObject>;
  /** What they come to, in millionths, and what they came to before; null when nothing is said. */
  value: string | null;
  before: string | null;
  /** When the value last changed, by our clock, and the record that changed it. */
  at: number;
  record: string;
  offset: number;
}

export interface PairRow {
  a: SideState | null;
  b: SideState | null;
  /** Since when they differ; null while they agree. */
  since: number | null;
  /** Of the last change; null while they agree and did when it began. */
  moment: Moment | null;
}

export interface PairCounts {
  /** Keys that both sides state, keys in the list of differences, and keys each side states. */
  compared: number;
  differing: number;
  a: number;
  b: number;
}

export const pairTable = { name: 'quality_pair', kind: 'keyed' } as const;
export const pairCountTable = { name: 'quality_pair_count', kind: 'keyed' } as const;
/** Pair → keys that differ. */
export const differsIndex = { name: 'quality_differs', kind: 'index' } as const;

/** What one canonical row adds to one side of a pair. */
interface Share {
  readonly key: string;
  readonly row: string;
  readonly says: JsonObject;
}

type ShareOf = (row: StoredRow, side: 'a' | 'b', record: string) => Share | null;

const shareOf: Readonly<Record<PairKind, ShareOf>> = {
  stock: stockShare,
  price: priceShare,
  orders: orderShare,
  returns: returnShare,
  refunds: refundShare,
};

export function pairRowKey(pair: string, key: string): string {
  return `${pair}/${key}`;
}

/** Keeps and compares the sides of these pairs. */
export function pairsPart(pairs: readonly PairSpec[]): Part {
  const bySource = new Map<string, { readonly pair: PairSpec; readonly side: 'a' | 'b' }[]>();
  for (const pair of pairs) {
    for (const side of ['a', 'b'] as const) {
      const { source } = pair[side];
      bySource.set(source, [...(bySource.get(source) ?? []), { pair, side }]);
    }
  }
  return {
    tables: [pairTable, pairCountTable, differsIndex],
    declareKeys(input, need) {
      for (const { pair, side } of bySource.get(input.header.source) ?? []) {
        for (const key of keysOf(input, pair.kind, side)) {
          need(pairTable.name, pairRowKey(pair.name, key));
          need(pairCountTable.name, pair.name);
        }
      }
    },
    plan(input, state) {
      for (const { pair, side } of bySource.get(input.header.source) ?? []) {
        for (const key of keysOf(input, pair.kind, side)) replace(pair, side, key, input, state);
      }
    },
  };
}

function keysOf({ change }: FoldInput, kind: PairKind, side: 'a' | 'b'): Set<string> {
  const keys = new Set<string>();
  if (change === null || change.before === change.after) return keys;
  const { stateKey } = change;
  for (const row of change.before) addKey(keys, shareOf[kind](row, side, stateKey));
  for (const row of change.after) addKey(keys, shareOf[kind](row, side, stateKey));
  return keys;
}

function addKey(keys: Set<string>, share: Share | null): void {
  if (share !== null) keys.add(share.key);
}

function replace(
  pair: PairSpec,
  side: 'a' | 'b',
  key: string,
  { change, header }: FoldInput,
  state: FoldState,
): void {
  const id = pairRowKey(pair.name, key);
  const row = rowOf<PairRow>(state, pairTable.name, id, () => ({ ...nothingSaid }));
  const had = countOf(row);
  const current = row[side] ?? emptySide();
  const share = shareOf[pair.kind];
  const record = change?.stateKey ?? '';
  for (const before of change?.before ?? []) {
    const gone = share(before, side, record);
    if (gone?.key === key) delete current.rows[gone.row];
  }
  for (const after of change?.after ?? []) {
    const said = share(after, side, record);
    if (said?.key === key) current.rows[said.row] = said.says;
  }
  const value = sideValue(pair.kind, current.rows, header.knownAt);
  if (value !== current.value) {
    row.moment = momentOf(row.moment, header.knownAt, valuesOf(row), row.since);
    Object.assign(current, { before: current.value, value, at: header.knownAt });
    Object.assign(current, { record: `${header.stream}/${header.key}`, offset: header.offset });
  }
  row[side] = Object.keys(current.rows).length === 0 && value === null ? null : current;
  const wasDifferent = row.since !== null;
  const isDifferent = differs(pair, row);
  if (isDifferent !== wasDifferent) {
    // Level in the middle of a moment was level at no time.
    row.since = isDifferent ? (row.moment?.since ?? header.knownAt) : null;
    if (isDifferent) state.addMember(differsIndex.name, pair.name, key);
    else state.dropMember(differsIndex.name, pair.name, key);
  }
  if (row.since === null && row.moment?.since === null) row.moment = null;
  state.set(pairTable.name, id, row as never);
  const has = countOf(row);
  const isSame = has.a === had.a && has.b === had.b;
  if (isSame && isDifferent === wasDifferent) return;
  const counts = rowOf<PairCounts>(state, pairCountTable.name, pair.name, () => ({
    ...{ compared: 0, differing: 0, a: 0, b: 0 },
  }));
  counts.a += has.a - had.a;
  counts.b += has.b - had.b;
  counts.compared += has.a * has.b - had.a * had.b;
  counts.differing += Number(isDifferent) - Number(wasDifferent);
  state.set(pairCountTable.name, pair.name, counts as never);
}

const nothingSaid: PairRow = { a: null, b: null, since: null, moment: null };

const emptySide = (): SideState => ({
  ...{ rows: {}, value: null, before: null, at: 0, record: '', offset: 0 },
});

function valuesOf({ a, b }: PairRow): Values {
  return { a: a?.value ?? null, b: b?.value ?? null };
}

/** What moved since the two differ. */
export function movesOf(row: PairRow): Moves {
  return movesAfter(row.moment, valuesOf(row), row.since !== null);
}

/** Whether each side says something, as 0 or 1. */
function countOf({ a, b }: PairRow): { readonly a: number; readonly b: number } {
  return { a: Number(a?.value != null), b: Number(b?.value != null) };
}

/** Stock, price: only what both state. Orders, returns: what the first has, the second must have. */
export function differs(pair: PairSpec, row: PairRow): boolean {
  const [a, b] = [row.a?.value ?? null, row.b?.value ?? null];
  if (a === null) return false;
  if (b === null) return pair.kind !== 'stock' && pair.kind !== 'price';
  return !isNear(pair, BigInt(a), BigInt(b));
}

export function isNear(pair: PairSpec, a: bigint, b: bigint): boolean {
  const off = a > b ? a - b : b - a;
  const size = a < 0n ? -a : a;
  const share = (size * BigInt(pair.toleranceShareMicro)) / 1_000_000n;
  const units = BigInt(pair.toleranceMicros);
  return off <= (share > units ? share : units);
}

/** What the rows of a side come to, in millionths; null when they say nothing that counts. */
export function sideValue(
  kind: PairKind,
  rows: Readonly<Record<string, JsonObject>>,
  now: number,
): string | null {
  const said = Object.entries(rows).sort(([a], [b]) => compareText(a, b));
  if (said.length === 0) return null;
  if (kind === 'price') return priceAt(said, now);
  if (kind === 'stock') return stockOf(said);
  const sum = (name: string) =>
    said.reduce((total, [, says]) => total + BigInt(String(says[name] ?? '0')), 0n);
  return String(sum('v'));
}

/**
 * Goods in the house that are whole; a system that states what can be sold has taken its open orders off.
 */
function stockOf(said: readonly (readonly [string, JsonObject])[]): string | null {
  let total = 0n;
  let isSaid = false;
  for (const [, says] of said) {
    if (says['v'] === undefined) continue;
    isSaid = true;
    total += BigInt(String(says['v']));
  }
  const isSellable = said.some(([, says]) => says['sellable'] === true);
  if (isSellable) {
    for (const [, says] of said) total += BigInt(String(says['open'] ?? '0'));
  }
  return isSaid ? String(total) : null;
}

/**
 * Of all prices that hold now, the one that began last, a reduced one before regular ones. Where prices
 * are without tax, businesses buy, and what their group pays is the price; where groups pay differently
 * there is no one price but the regular one.
 */
function priceAt(said: readonly (readonly [string, JsonObject])[], now: number): string | null {
  const groups = said.filter(([, says]) => says['group'] === true);
  const paid = new Set(groups.flatMap((one) => latest([one], now) ?? []));
  const [only] = paid;
  if (paid.size === 1 && only !== undefined) return only;
  return latest(
    said.filter(([, says]) => says['group'] !== true),
    now,
  );
}

function latest(said: readonly (readonly [string, JsonObject])[], now: number): string | null {
  let best: { readonly from: number; readonly isSale: boolean; readonly value: string } | null =
    null;
  for (const [, says] of said) {
    const from = says['from'] === undefined ? Number.NEGATIVE_INFINITY : Number(says['from']);
    const to = says['to'] === undefined ? Number.POSITIVE_INFINITY : Number(says['to']);
    if (now < from || now >= to) continue;
    const isSale = says['sale'] === true;
    const isBetter = best === null || (isSale === best.isSale ? from >= best.from : isSale);
    if (isBetter) best = { from, isSale, value: String(says['v']) };
  }
  return best?.value ?? null;
}

function stockShare(row: StoredRow): Share | null {
  if (row.entity === 'orderLine') return openShare(row);
  if (row.entity !== 'stock') return null;
  const { sku } = parseEntityKey('stock', row.key);
  const onHand = quantityMicros(row.fields['onHand']);
  const available = quantityMicros(row.fields['available']);
  // What came back broken lies in the books until it is scrapped; who sells it counts it no more.
  const broken = quantityMicros(row.fields['damaged']) ?? 0n;
  const value = onHand === null ? available : onHand - broken;
  if (value === null) return null;
  const sellable: JsonObject = onHand === null ? { sellable: true } : {};
  return { key: sku ?? '', row: row.key, says: { v: String(value), ...sellable } };
}

/** What an order holds of a variant until it is sent. */
function openShare({ key, fields }: StoredRow): Share | null {
  const { sku, state } = fields;
  if (typeof sku !== 'string' || state === 'cancelled' || state === 'shipped') return null;
  const ordered = quantityMicros(fields['quantity']);
  if (ordered === null) return null;
  const gone =
    (quantityMicros(fields['shippedQuantity']) ?? 0n) +
    (quantityMicros(fields['cancelledQuantity']) ?? 0n);
  if (ordered <= gone) return null;
  return { key: sku, row: `line ${key}`, says: { open: String(ordered - gone) } };
}

/** The price everyone pays for one piece; what holds for groups or from quantities on is not. */
function priceShare({ entity, key, fields }: StoredRow): Share | null {
  if (entity !== 'price') return null;
  const { customerGroup, accountId, customerId, minQuantity, sku, channel, currency } = fields;
  if (![accountId, customerId].every(isEmpty)) return null;
  const isGroups = !isEmpty(customerGroup);
  if (isGroups && fields['basis'] !== 'net') return null;
  if (!isEmpty(minQuantity) && Number(minQuantity) > 1) return null;
  const amount = microsOf(fields['sale']) ?? microsOf(fields['list']);
  if (amount === null || isEmpty(fields['basis'])) return null;
  const parts = [sku, channel ?? '-', currency, fields['basis']];
  return {
    key: parts.map((part) => encodeURIComponent(String(part))).join('/'),
    row: key,
    says: {
      v: String(amount),
      ...(isGroups ? { group: true } : {}),
      ...(isEmpty(fields['sale']) ? {} : { sale: true }),
      ...timeOf(fields, 'validFrom', 'from'),
      ...timeOf(fields, 'validTo', 'to'),
    },
  };
}

function timeOf(fields: JsonObject, field: string, as: string): JsonObject {
  const text = fields[field];
  if (typeof text !== 'string') return {};
  return isInstant(text) ? { [as]: epochMs(text) } : {};
}

/** An order is there, and for how much: one that was entered twice counts twice, and one cut in two whole. */
function orderShare(
  { entity, key, fields }: StoredRow,
  _side: 'a' | 'b',
  record: string,
): Share | null {
  if (entity !== 'order' || fields['state'] === 'draft') return null;
  const amount = microsOf(fields['totalNet']) ?? microsOf(fields['totalGross']);
  return { key, row: record, says: { v: String(amount ?? 0n) } };
}

/** Goods that came back, and their posting. */
function returnShare({ entity, key, fields }: StoredRow, side: 'a' | 'b'): Share | null {
  if (entity === 'returnLine' && side === 'a') {
    const quantity = quantityMicros(fields['receivedQuantity']);
    if (quantity === null || quantity === 0n) return null;
    return {
      key: encodeURIComponent(String(fields['rma'])),
      row: key,
      says: { v: String(quantity) },
    };
  }
  if (entity !== 'stockMovement' || side === 'a' || isEmpty(fields['rma'])) return null;
  const quantity = quantityMicros(fields['quantity']);
  return quantity === null
    ? null
    : { key: encodeURIComponent(String(fields['rma'])), row: key, says: { v: String(quantity) } };
}

/** What a return is to give back, and what was. */
function refundShare({ entity, key, fields }: StoredRow, side: 'a' | 'b'): Share | null {
  if (isEmpty(fields['rma']) || entity !== (side === 'a' ? 'return' : 'refund')) return null;
  const amount = microsOf(fields[side === 'a' ? 'refundTotal' : 'amount']);
  return amount === null
    ? null
    : { key: encodeURIComponent(String(fields['rma'])), row: key, says: { v: String(amount) } };
}

export const pairEntities: Readonly<Record<PairKind, EntityName>> = {
  stock: 'stock',
  price: 'price',
  orders: 'order',
  returns: 'return',
  refunds: 'refund',
};

/** The key under which a pair compares what an entity says. */
export function pairKeyOf(pair: PairSpec, entity: EntityName, key: string): string | null {
  if (pair.kind === 'stock' && entity === 'stock')
    return decodeURIComponent(key.split('/')[0] ?? '');
  if (pair.kind === 'orders' && entity === 'order') return key;
  return null;
}
