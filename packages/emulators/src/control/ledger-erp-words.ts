import type { Erp } from '../retailer/erp/erp.js';
import type { LedgerRow } from './ledger-row.js';

/** How the ERP's ledgers spell numbers, times and materials. */

export type ErpLedger = (erp: Erp) => Generator<LedgerRow>;

const FIRST = {
  order: 1_000_000_001,
  return: 6_000_000_001,
  delivery: 8_000_000_001,
  purchase: 4_500_000_001,
  document: 4_900_000_001,
  partner: 1_010_000_001,
  supplier: 17_300_001,
} as const;

export const numbered = (kind: keyof typeof FIRST, row: number): string =>
  String(FIRST[kind] + row);
export const DAY = 86_400_000;

/** Milliseconds with the further digits a change time has in the ERP. */
export const momentOf = (stamp: number): { readonly ms: number; readonly ticks: number } => ({
  ms: Date.UTC(2015, 0, 1) + Math.floor(stamp / 10_000),
  ticks: stamp % 10_000,
});

export const sku = (erp: Erp, variant: number): string =>
  erp.world.catalogue.products[erp.world.catalogue.variants[variant] ?? -1]?.number ?? '';
