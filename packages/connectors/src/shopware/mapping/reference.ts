/**
 * What the context says, with the types the mappings want. It is taken apart once and kept for as
 * long as the context lives: thousands of records are mapped under one.
 */
import type { Json, JsonObject, MapContext } from '@headrace/sdk';
import type { ShopwareConfig } from '../config.js';
import { boolean, integer, lookUp, number, object, text, texts } from '../json.js';
import { channelKeysOf } from './channel-keys.js';

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
  readonly currency: Currency | null;
  readonly country: string | null;
  /** Whether the channel's own group sees prices with tax. */
  readonly isGross: boolean;
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

export interface Rule {
  readonly name: string;
  readonly groups: RuleGroups;
}

export interface Reference {
  readonly currencies: ReadonlyMap<string, Currency>;
  /** The currency the shop keeps its books in. */
  readonly systemCurrency: Currency | null;
  /** Our keys of the sales channels that are read as channels, by id. */
  readonly channelKeys: ReadonlyMap<string, string>;
  readonly isEveryChannelRead: boolean;
  readonly salesChannels: ReadonlyMap<string, SalesChannel>;
  readonly groups: readonly CustomerGroup[];
  readonly rules: ReadonlyMap<string, Rule>;
  /** ISO 3166 codes. */
  readonly countries: ReadonlyMap<string, string>;
  /** BCP 47 tags. */
  readonly languages: ReadonlyMap<string, string>;
  readonly systemLanguage: string;
  readonly paymentMethods: ReadonlyMap<string, string>;
  readonly shippingMethods: ReadonlyMap<string, string>;
  /** In per cent. */
  readonly taxRates: ReadonlyMap<string, number>;
  readonly version: string;
}

const references = new WeakMap<
  JsonObject,
  { readonly config: ShopwareConfig; readonly reference: Reference }
>();

export function referenceOf({ config, source }: ShopwareMapContext): Reference {
  const known = references.get(source);
  if (known !== undefined && known.config === config) return known.reference;
  const reference = readReference(config, source);
  references.set(source, { config, reference });
  return reference;
}

/** The value of an id that may be missing. */
export function byId<Value>(map: ReadonlyMap<string, Value>, id: Json | undefined): Value | null {
  return typeof id === 'string' ? (map.get(id) ?? null) : null;
}

/**
 * Our key of a sales channel; null when it is not read as one. Orders, listings and customers all
 * ask here, so that they agree on what a channel is called. Where all channels are read, one made
 * since the reference data was goes by its id: its first orders must not be missing.
 */
export function channelOf(context: ShopwareMapContext, id: Json | undefined): string | null {
  const { channelKeys, isEveryChannelRead } = referenceOf(context);
  return byId(channelKeys, id) ?? (isEveryChannelRead ? text(id) : null);
}

function readReference(config: ShopwareConfig, source: JsonObject): Reference {
  const currencies = table(source.currencies, (row) => currencyOf(object(row)));
  const countries = table(source.countries, (iso) => {
    const code = text(iso);
    return code !== null && /^[A-Z]{2}$/.test(code) ? code : null;
  });
  const groups = [...table(source.customerGroups, object)].map(([id, row]) => ({
    id,
    key: lookUp(config.customerGroups, id) ?? text(row.name) ?? id,
    isGross: boolean(row.displayGross) ?? true,
  }));
  const systemId = [...table(source.currencies, object)].find(
    ([, row]) => row.isSystemDefault,
  )?.[0];
  return {
    currencies,
    systemCurrency: byId(currencies, systemId),
    channelKeys: channelKeysOf(config, object(source.salesChannels) ?? {}),
    isEveryChannelRead: Object.keys(config.salesChannels).length === 0,
    salesChannels: table(source.salesChannels, (value) => {
      const row = object(value);
      return {
        currencyId: text(row?.currencyId),
        currency: byId(currencies, row?.currencyId),
        country: byId(countries, row?.countryId),
        isGross: groups.find(({ id }) => id === row?.customerGroupId)?.isGross ?? true,
      };
    }),
    groups,
    rules: table(source.rules, (value, id) => ruleOf(object(value), id, config)),
    countries,
    languages: table(source.languages, text),
    systemLanguage: text(source.systemLanguage) ?? 'und',
    paymentMethods: table(source.paymentMethods, text),
    shippingMethods: table(source.shippingMethods, text),
    taxRates: table(source.taxRates, number),
    version: config.version ?? text(source.version) ?? '',
  };
}

function table<Value>(
  rows: Json | undefined,
  read: (row: Json, id: string) => Value | null,
): ReadonlyMap<string, Value> {
  const map = new Map<string, Value>();
  for (const [id, row] of Object.entries(object(rows) ?? {})) {
    const value = read(row, id);
    if (value !== null) map.set(id, value);
  }
  return map;
}

function currencyOf(row: JsonObject | null): Currency | null {
  const isoCode = text(row?.isoCode);
  if (isoCode === null) return null;
  const rounding = object(row?.itemRounding);
  return {
    isoCode,
    rounding: {
      decimals: integer(rounding?.decimals) ?? 2,
      interval: number(rounding?.interval) ?? 0.01,
      roundForNet: boolean(rounding?.roundForNet) ?? true,
    },
  };
}

function ruleOf(row: JsonObject | null, id: string, config: ShopwareConfig): Rule {
  const name = text(row?.name) ?? id;
  const key = lookUp(config.ruleGroups, id);
  if (key !== undefined) return { name, groups: { kind: 'key', key } };
  const groups = row?.groups;
  if (groups === 'all') return { name, groups: { kind: 'all' } };
  if (Array.isArray(groups)) return { name, groups: { kind: 'ids', ids: texts(groups) } };
  return { name, groups: { kind: 'unknown' } };
}
