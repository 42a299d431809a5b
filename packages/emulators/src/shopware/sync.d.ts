import type { Shop } from './shop.js';
/**
 * `_action/sync`: many writes in one call. Ids chosen by the client make a repeat harmless: it
 * writes the same values to the same records. With fail-on-error (the default) nothing is
 * written unless everything can be.
 */
export interface SyncAnswer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}
export declare const runSync: (shop: Shop, operations: unknown, failOnError: boolean) => SyncAnswer;
