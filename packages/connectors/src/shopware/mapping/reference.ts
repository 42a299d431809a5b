/** Reads what the context says, with the types the mappings want. */
import type { Json, JsonObject, MapContext } from '@headrace/sdk';
import type { ShopwareConfig } from '../config.js';
import { boolean, integer, lookUp, number, object, text, texts } from '../json.js';

export type ShopwareMapContext = MapContext<ShopwareConfig>;

export interface Rounding {
  readonly decimals: number;
  readonly interval: number;
  readonly roundForNet: boolean;
}

export interface Currency {
  readonly isoCode: string;
  readonly rounding: Rounding;
}

export interface SalesChannel {
  readonly currencyId: string | null;
  readonly customerGroupId: string | null;
  readonly country: string | null;
}

export interface CustomerGroup {
  readonly id: string;
  readonly key: string;
  readonly isGross: boolean;
}

/** Groups a rule stands for: all, these by id, one by our key, or not known. */
export type RuleGroups =
  | { readonly kind: 'all' | 'unknown' }
  | { readonly kind: 'ids'; readonly ids: readonly string[] }
  | { readonly kind: 'key'; readonly key: string };

function entry(context: ShopwareMapContext, table: string, id: string | null): JsonObject | null {
  return id === null ? null : object(object(context.source[table])?.[id]);
}

function textEntry(context: ShopwareMapContext, table: string, id: string | null): string | null {
  return id === null ? null : text(object(context.source[table])?.[id]);
}

export function currencyOf(context: ShopwareMapContext, id: string | null): Currency | null {
  const row = entry(context, 'currencies', id);
  const isoCode = text(row?.isoCode);
  return isoCode === null ? null : { isoCode, rounding: roundingOf(row?.itemRounding) };
}

/** The currency the shop keeps its books in. */
export function systemCurrency(context: ShopwareMapContext): Currency | null {
  const table = object(context.source.currencies) ?? {};
  const id = Object.keys(table).find((key) => object(table[key])?.isSystemDefault === true);
  return currencyOf(context, id ?? null);
}

export function roundingOf(value: JsonObject[string] | undefined): Rounding {
  const row = object(value);
  return {
    decimals: integer(row?.decimals) ?? 2,
    interval: number(row?.interval) ?? 0.01,
    roundForNet: boolean(row?.roundForNet) ?? true,
  };
}

export function salesChannelOf(context: ShopwareMapContext, id: string): SalesChannel {
  const row = entry(context, 'salesChannels', id);
  return {
    currencyId: text(row?.currencyId),
    customerGroupId: text(row?.customerGroupId),
    country: countryOf(context, text(row?.countryId)),
  };
}

export function countryOf(context: ShopwareMapContext, id: string | null): string | null {
  const iso = textEntry(context, 'countries', id);
  return iso !== null && /^[A-Z]{2}$/.test(iso) ? iso : null;
}

export function languageOf(context: ShopwareMapContext, id: string | null): string | null {
  return textEntry(context, 'languages', id);
}

export function systemLanguage(context: ShopwareMapContext): string {
  return text(context.source.systemLanguage) ?? 'und';
}

export function methodName(
  context: ShopwareMapContext,
  table: 'paymentMethods' | 'shippingMethods',
  id: string | null,
): string | null {
  return textEntry(context, table, id);
}

export function groupsOf(context: ShopwareMapContext): readonly CustomerGroup[] {
  const table = object(context.source.customerGroups) ?? {};
  return Object.keys(table).map((id) => {
    const row = object(table[id]);
    const key = lookUp(context.config.customerGroups, id) ?? text(row?.name) ?? id;
    return { id, key, isGross: boolean(row?.displayGross) ?? true };
  });
}

export function ruleOf(context: ShopwareMapContext, id: string | null) {
  const row = entry(context, 'rules', id);
  const key = lookUp(context.config.ruleGroups, id);
  return { name: text(row?.name) ?? id ?? 'unknown', groups: ruleGroups(row?.groups, key) };
}

function ruleGroups(groups: Json | undefined, key: string | undefined): RuleGroups {
  if (key !== undefined) return { kind: 'key', key };
  if (groups === 'all') return { kind: 'all' };
  return Array.isArray(groups) ? { kind: 'ids', ids: texts(groups) } : { kind: 'unknown' };
}

export function taxRateOf(context: ShopwareMapContext, id: string | null): number | null {
  return id === null ? null : number(object(context.source.taxRates)?.[id]);
}

export function shopVersion(context: ShopwareMapContext): string {
  return context.config.version ?? text(context.source.version) ?? '';
}
