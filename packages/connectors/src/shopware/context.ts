/** Reference data the mapping reads, with sorted keys so that it is the same when nothing changed. */
import type { Json, JsonObject } from '@headrace/sdk';
import { HeadraceError } from '@headrace/sdk';
import { boolean, integer, number, object, objects, text, texts } from './json.js';
import { contextFields, includesOf } from './read-fields.js';
import { type ShopwareContext, searchAll } from './search.js';

/** Id of the language Shopware keeps its own texts in; the same in every installation. */
const SYSTEM_LANGUAGE_ID = '2fbb5fe2e29a4d70aa5854ce7ce3e20b';

export async function readContext(context: ShopwareContext): Promise<JsonObject> {
  const version = await readVersion(context);
  const currencies = await rows(context, 'currency');
  const languages = await rows(context, 'language', { locale: {} });
  const channels = await rows(context, 'sales-channel');
  const groups = await rows(context, 'customer-group');
  const taxes = await rows(context, 'tax');
  const rules = await optionalRows(context, 'rule', { conditions: {} });
  const countries = await optionalRows(context, 'country');
  const payments = await optionalRows(context, 'payment-method');
  const shippings = await optionalRows(context, 'shipping-method');
  return {
    countries: byId(countries, (row) => text(row.iso)),
    currencies: byId(currencies, currencyOf),
    customerGroups: byId(groups, (row) => ({
      displayGross: boolean(row.displayGross) ?? true,
      name: nameOf(row),
    })),
    languages: byId(languages, (row) => text(object(row.locale)?.code)),
    paymentMethods: byId(payments, nameOf),
    rules: byId(rules, ruleOf),
    salesChannels: byId(channels, (row) => ({
      countryId: text(row.countryId),
      currencyId: text(row.currencyId),
      customerGroupId: text(row.customerGroupId),
      languageId: text(row.languageId),
      name: nameOf(row),
    })),
    shippingMethods: byId(shippings, nameOf),
    systemLanguage: systemLanguageOf(languages),
    taxRates: byId(taxes, (row) => number(row.taxRate)),
    version,
  };
}

/** What the shop says it is, or what the settings say it should be taken for. */
export async function readVersion(context: ShopwareContext): Promise<string> {
  if (context.config.version !== undefined) return context.config.version;
  const { body } = await context.http.request({
    method: 'GET',
    path: '/api/_info/version',
    headers: { accept: 'application/json' },
  });
  const version = text(object(JSON.parse(Buffer.from(body).toString('utf8')) as Json)?.version);
  if (version === null) {
    throw new HeadraceError('contract', 'The shop does not say which version it is.', {
      code: 'E_SHOPWARE_VERSION',
      hint: 'Set `version` in the settings of this source.',
    });
  }
  return version;
}

async function rows(context: ShopwareContext, entity: string, associations?: JsonObject) {
  return searchAll(context, {
    entity,
    includes: includesOf(contextFields[entity] ?? {}),
    ...(associations === undefined ? {} : { associations }),
  });
}

/** Names that make records nicer, but without which they are still right; `check` asks for them. */
async function optionalRows(context: ShopwareContext, entity: string, associations?: JsonObject) {
  try {
    return await rows(context, entity, associations);
  } catch (thrown) {
    const isRefused = thrown instanceof HeadraceError && thrown.context.status === 403;
    if (!isRefused) throw thrown;
    context.log.warn('The integration may not read this.', { entity });
    return [];
  }
}

function byId(list: readonly JsonObject[], value: (row: JsonObject) => Json): JsonObject {
  const entries = list.flatMap((row): [string, Json][] => {
    const id = text(row.id);
    return id === null ? [] : [[id, value(row)]];
  });
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function nameOf(row: JsonObject): string | null {
  return text(row.technicalName) ?? text(object(row.translated)?.name);
}

function currencyOf(row: JsonObject): JsonObject {
  const rounding = object(row.itemRounding);
  return {
    isSystemDefault: boolean(row.isSystemDefault) ?? false,
    isoCode: text(row.isoCode),
    itemRounding: {
      decimals: integer(rounding?.decimals) ?? 2,
      interval: number(rounding?.interval) ?? 0.01,
      roundForNet: boolean(rounding?.roundForNet) ?? true,
    },
  };
}

function systemLanguageOf(languages: readonly JsonObject[]): string | null {
  const row = languages.find(({ id }) => id === SYSTEM_LANGUAGE_ID) ?? languages[0];
  return text(object(row?.locale)?.code);
}

/** Containers only group conditions; a rule of one condition about groups is a price list. */
const CONTAINERS = new Set(['andContainer', 'orContainer', 'allLineItemsContainer']);

function ruleOf(row: JsonObject): JsonObject {
  const conditions = objects(row.conditions).filter(
    ({ type }) => typeof type !== 'string' || !CONTAINERS.has(type),
  );
  const name = text(row.name);
  const [condition] = conditions;
  if (conditions.length !== 1 || condition === undefined) return { groups: null, name };
  if (condition.type === 'alwaysValid') return { groups: 'all', name };
  const value = object(condition.value);
  const isGroups = condition.type === 'customerCustomerGroup' && value?.operator === '=';
  return { groups: isGroups ? [...texts(value.customerGroupIds)].sort() : null, name };
}
