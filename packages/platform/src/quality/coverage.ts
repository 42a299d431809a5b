/**
 * Of each variant, which of the things a decision needs are known: a price, a cost, stock, a
 * category, a lead time; and what speaks of variants that nobody described. A variant's row moves
 * only when one of them appears or goes, so steady streams of stock and prices cost nothing here.
 */
import { type Json, parseEntityKey } from '@headrace/sdk';
import type { FoldInput, FoldState, StoredRow } from '../engine/index.js';
import { type Part, rowOf } from './part.js';
import { quantityMicros } from './row-faults.js';
import { hourMs } from './stream-facts.js';

export const coverageKinds = ['price', 'cost', 'stock', 'category', 'leadTime'] as const;
export type CoverageKind = (typeof coverageKinds)[number];
/** What a row says of a variant. */
type Said = CoverageKind | 'variant' | 'listing' | 'goods';

interface SkuRow {
  /** How many rows say each. */
  said: Partial<Record<Said, number>>;
  /** Since when it is spoken of without being described; null while it is described. */
  orphanSince: number | null;
}

export interface CoverageFacts {
  sellable: number;
  has: Partial<Record<CoverageKind, number>>;
  /** Variants that are spoken of and not described: those of this hour, and older ones. */
  orphans: number;
  young: number;
  hour: number;
  /** Who spoke last of one that nobody described. */
  orphanBy: string | null;
}

export const skuTable = { name: 'quality_sku', kind: 'keyed' } as const;
export const coverageTable = { name: 'quality_coverage', kind: 'keyed' } as const;
/** What is missing → sellable variants without it; `variant` → those nobody described. */
export const gapIndex = { name: 'quality_gap', kind: 'index' } as const;
export const coverageKey = 'all';

export function coveragePart(): Part {
  return {
    tables: [skuTable, coverageTable, gapIndex],
    declareKeys(input, need) {
      if (input.header.kind === 'tick') need(coverageTable.name, coverageKey);
      const moved = movesOf(input);
      if (moved.size === 0) return;
      need(coverageTable.name, coverageKey);
      for (const sku of moved.keys()) need(skuTable.name, sku);
    },
    plan(input, state) {
      if (input.header.kind === 'tick') ageOrphans(input.header.knownAt, state);
      const moved = movesOf(input);
      if (moved.size === 0) return;
      const facts = factsIn(state);
      for (const [sku, by] of moved) move(sku, by, input, facts, state);
      state.set(coverageTable.name, coverageKey, facts as never);
    },
  };
}

function factsIn(state: FoldState): CoverageFacts {
  return rowOf<CoverageFacts>(state, coverageTable.name, coverageKey, () => ({
    ...{ sellable: 0, has: {}, orphans: 0, young: 0, hour: 0, orphanBy: null },
  }));
}

/** What appeared and what went, by variant; nothing where the same things are said as before. */
function movesOf({ change }: FoldInput): Map<string, Map<Said, number>> {
  const moves = new Map<string, Map<Said, number>>();
  if (change === null || change.before === change.after) return moves;
  count(change.before, -1, moves);
  count(change.after, 1, moves);
  for (const [sku, by] of moves) {
    for (const [said, times] of by) if (times === 0) by.delete(said);
    if (by.size === 0) moves.delete(sku);
  }
  return moves;
}

function count(
  rows: readonly StoredRow[],
  times: 1 | -1,
  moves: Map<string, Map<Said, number>>,
): void {
  for (const row of rows) {
    for (const said of saidBy(row)) {
      const sku = skuOf(row);
      if (sku === null) continue;
      const by = moves.get(sku) ?? new Map<Said, number>();
      by.set(said, (by.get(said) ?? 0) + times);
      moves.set(sku, by);
    }
  }
}

function saidBy({ entity, fields }: StoredRow): readonly Said[] {
  switch (entity) {
    case 'variant':
      return fields['isStocked'] === false ? [] : ['variant'];
    case 'listing': {
      if (fields['isPublished'] === false) return [];
      const categories = fields['categoryIds'];
      return Array.isArray(categories) && categories.length > 0
        ? ['listing', 'category']
        : ['listing'];
    }
    case 'price':
      return fields['list'] === undefined && fields['sale'] === undefined ? [] : ['price'];
    case 'cost':
      return ['cost'];
    case 'stock':
      // An empty shelf of what has no description is no gap: systems keep zeros of everything.
      return isNothing(fields['onHand']) && isNothing(fields['available'])
        ? ['stock']
        : ['stock', 'goods'];
    case 'supplierItem':
    case 'replenishment':
      return Object.keys(fields).some((field) => /lead/i.test(field)) ? ['leadTime'] : [];
    default:
      return [];
  }
}

function isNothing(quantity: Json | undefined): boolean {
  const micros = quantityMicros(quantity);
  return micros === null || micros === 0n;
}

function skuOf({ entity, key }: StoredRow): string | null {
  return parseEntityKey(entity as 'variant', key)['sku'] ?? null;
}

function move(
  sku: string,
  by: ReadonlyMap<Said, number>,
  { header }: FoldInput,
  facts: CoverageFacts,
  state: FoldState,
): void {
  const row = rowOf<SkuRow>(state, skuTable.name, sku, () => ({ said: {}, orphanSince: null }));
  const was = viewOf(row);
  for (const [said, times] of by) row.said[said] = Math.max(0, (row.said[said] ?? 0) + times);
  const is = viewOf(row);
  facts.sellable += Number(is.isSellable) - Number(was.isSellable);
  for (const kind of coverageKinds) {
    facts.has[kind] = (facts.has[kind] ?? 0) + Number(is.has(kind)) - Number(was.has(kind));
    mark(kind, was.lacks(kind), is.lacks(kind), sku, state);
  }
  if (was.isOrphan !== is.isOrphan) {
    mark('variant', was.isOrphan, is.isOrphan, sku, state);
    const hour = Math.floor(header.knownAt / hourMs);
    if (is.isOrphan) {
      facts.orphans += 1;
      facts.orphanBy = header.source;
      if (facts.hour === hour) facts.young += 1;
      row.orphanSince = header.knownAt;
    } else {
      facts.orphans -= 1;
      if (Math.floor((row.orphanSince ?? 0) / hourMs) === facts.hour && facts.young > 0)
        facts.young -= 1;
      row.orphanSince = null;
    }
  }
  state.set(skuTable.name, sku, row as never);
}

function viewOf(row: SkuRow) {
  // What is seen now, for the row is changed in place.
  const said = { ...row.said };
  const has = (kind: Said) => (said[kind] ?? 0) > 0;
  const isSellable = has('listing');
  return {
    isSellable,
    has: (kind: CoverageKind) => isSellable && has(kind),
    lacks: (kind: CoverageKind) => isSellable && !has(kind),
    isOrphan: !has('variant') && (has('goods') || has('price')),
  };
}

function mark(index: string, was: boolean, is: boolean, sku: string, state: FoldState): void {
  if (was === is) return;
  if (is) state.addMember(gapIndex.name, index, sku);
  else state.dropMember(gapIndex.name, index, sku);
}

/** A variant that is spoken of first and described a moment later is no gap. */
function ageOrphans(now: number, state: FoldState): void {
  const hour = Math.floor(now / hourMs);
  const stored = state.get(coverageTable.name, coverageKey) as unknown as CoverageFacts | undefined;
  if (stored === undefined || stored.hour === hour) return;
  Object.assign(stored, { hour, young: 0 });
  state.set(coverageTable.name, coverageKey, stored as never);
}
