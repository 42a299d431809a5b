import { type LanguageCode } from '../retailer/channels.js';
import { type ShopwareErrorEntry } from './errors.js';
import type { Shop } from './shop.js';
import type { Entity } from './table.js';
/**
 * Writing is planned first and applied after, so that one bad record can stop a whole call
 * before anything has changed.
 */
export interface PlannedWrite {
  readonly entity: string;
  readonly id: string;
  readonly apply: (atMs: number) => void;
}
export type WritePlan =
  | {
      readonly kind: 'ok';
      readonly writes: readonly PlannedWrite[];
    }
  | {
      readonly kind: 'not-found';
      readonly id: string;
    }
  | {
      readonly kind: 'invalid';
      readonly errors: readonly ShopwareErrorEntry[];
    };
/** Ids that an earlier part of the same call will have created. */
export type PlannedIds = Map<string, ReadonlySet<string>>;
export declare const invalid: (...errors: ShopwareErrorEntry[]) => WritePlan;
export declare const isRecord: (value: unknown) => value is Entity;
export declare const planUpsert: (
  shop: Shop,
  entity: string,
  payload: unknown,
  pointer: string,
  planned: PlannedIds,
) => WritePlan;
export declare const planDelete: (shop: Shop, entity: string, id: string) => WritePlan;
/** JSON fields are merged key by key; null removes them all. */
export declare const mergeJson: (
  current: Record<string, unknown> | null | undefined,
  written: unknown,
) => Record<string, unknown> | null;
/** A text in the default language, or by locale, or under `translations`. */
export declare const textsWritten: (
  payload: Entity,
  field: string,
) => Partial<Record<LanguageCode, string | null>>;
export declare const announceInsert: (shop: Shop, row: number) => void;
