import { LANGUAGES, type LanguageCode } from '../retailer/channels.js';
import type { ShopwareErrorEntry } from './errors.js';
import type { Entity } from './table.js';

/** What planning a write yields, and how written values are read. */

export interface PlannedWrite {
  readonly entity: string;
  readonly id: string;
  readonly apply: (atMs: number) => void;
}

export type WritePlan =
  | { readonly kind: 'ok'; readonly writes: readonly PlannedWrite[] }
  | { readonly kind: 'not-found'; readonly id: string }
  | { readonly kind: 'invalid'; readonly errors: readonly ShopwareErrorEntry[] };

/** Ids that an earlier part of the same call will have created. */
export type PlannedIds = Map<string, ReadonlySet<string>>;

export const invalid = (...errors: ShopwareErrorEntry[]): WritePlan => ({
  kind: 'invalid',
  errors,
});

export const isRecord = (value: unknown): value is Entity =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** JSON fields are merged key by key; null removes them all. */
export const mergeJson = (
  current: Record<string, unknown> | null | undefined,
  written: unknown,
): Record<string, unknown> | null =>
  written === null ? null : { ...current, ...(isRecord(written) ? written : {}) };

/** A text in the default language, or by locale, or under `translations`. */
export const textsWritten = (
  payload: Entity,
  field: string,
): Partial<Record<LanguageCode, string | null>> => {
  const found: Partial<Record<LanguageCode, string | null>> = {};
  const value = payload[field];
  if (typeof value === 'string' || value === null) found['nl-NL'] = value;
  const translations = isRecord(payload['translations']) ? payload['translations'] : {};
  for (const language of LANGUAGES) {
    const direct = isRecord(value) ? value[language] : undefined;
    const nested = isRecord(translations[language]) ? translations[language][field] : undefined;
    const text = direct ?? nested;
    if (typeof text === 'string' || text === null) found[language] = text;
  }
  return found;
};
