import type { JsonObject } from '@headrace/sdk';
import type { ShopwareConfig } from '../config.js';
import { object, text } from '../json.js';

/** Keys by id: the ones the settings give and no others, or all there are by their names. */
export function channelKeysOf(
  config: ShopwareConfig,
  rows: JsonObject,
): ReadonlyMap<string, string> {
  const given = Object.entries(config.salesChannels);
  if (given.length > 0) return new Map(given);
  const slugs = Object.entries(rows).map(
    ([id, row]) => [id, slugOf(text(object(row)?.name) ?? '') || id] as const,
  );
  const isTaken = repeated(slugs);
  const keys = slugs.map(
    ([id, slug]) => [id, isTaken(slug) ? `${slug}-${id.slice(0, 8)}` : slug] as const,
  );
  // Ids begin with the time they were made: those of one script share their first characters.
  const isStillTaken = repeated(keys);
  return new Map(keys.map(([id, key]) => [id, isStillTaken(key) ? id : key]));
}

function repeated(pairs: readonly (readonly [id: string, key: string])[]) {
  const counts = new Map<string, number>();
  for (const [, key] of pairs) counts.set(key, (counts.get(key) ?? 0) + 1);
  return (key: string) => (counts.get(key) ?? 0) > 1;
}

/** Letters Unicode does not take apart into one of ASCII and a mark. */
const letters: Readonly<Record<string, string>> = {
  ...{ ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', ð: 'd', þ: 'th', đ: 'd', ł: 'l', ı: 'i' },
};

/** `Alpha Nederland` → `alpha-nederland`. */
export function slugOf(name: string): string {
  return name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{Mark}/gu, '')
    .replace(/[ßæœøðþđłı]/g, (letter) => letters[letter] ?? '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}
