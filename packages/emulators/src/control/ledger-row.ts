import type { World } from '../retailer/world.js';

/** The shape all ledgers share. */

export type IdOf = (entity: string, row: number) => string;
export type LedgerRow = Record<string, unknown>;

export const timeOrNull = (atMs: number): number | null => (atMs === 0 ? null : atMs);

export type Ledger = (world: World, idOf: IdOf) => Generator<LedgerRow>;
