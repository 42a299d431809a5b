import type { Reference } from './reference.js';
import { type Entity, listTable, oneRow, stamps, type Table } from './table.js';

/** Languages, currencies, taxes, groups, countries, payment and shipping as tables. */

const ROUNDING = {
  decimals: 2,
  interval: 0.01,
  roundForNet: true,
  extensions: [],
  apiAlias: 'cash_rounding_config',
};

/** Translatable fields stand on the record and once more under `translated`. */
export const translated = (fields: Entity): Entity => ({ ...fields, translated: { ...fields } });

export const settingsTables = (reference: Reference): Table[] => {
  const { ids, installedAtMs, id } = reference;
  const {
    languages,
    locales,
    currencies,
    taxes,
    rules,
    conditions,
    groups,
    countries,
    salutations,
    payments,
    shippings,
  } = reference.rows;
  return [
    listTable({
      entity: 'language',
      rows: languages,
      values: { name: (row) => row.code },
      associations: {
        locale: { entity: 'locale', isMany: false, rows: oneRow },
        translationCode: { entity: 'locale', isMany: false, rows: oneRow },
      },
      emptyAssociations: { parent: 'one', children: 'many' },
      build: (row, _, index) => ({
        parentId: null,
        localeId: locales[index]?.id ?? null,
        translationCodeId: locales[index]?.id ?? null,
        name: { 'nl-NL': 'Nederlands', 'de-DE': 'Deutsch', 'en-GB': 'English' }[row.code],
        active: true,
        customFields: null,
        ...stamps(row),
      }),
    }),
    listTable({
      entity: 'locale',
      rows: locales,
      values: { code: (row) => row.code },
      build: (row) => ({
        code: row.code,
        ...translated({
          name: { 'nl-NL': 'Dutch', 'de-DE': 'German', 'en-GB': 'English' }[row.code],
          territory: { 'nl-NL': 'Netherlands', 'de-DE': 'Germany', 'en-GB': 'United Kingdom' }[
            row.code
          ],
          customFields: null,
        }),
        ...stamps(row),
      }),
    }),
    listTable({
      entity: 'currency',
      rows: currencies,
      values: { isoCode: (row) => row.code },
      build: (row, _, index) => ({
        factor: row.factor,
        symbol: row.symbol,
        isoCode: row.code,
        position: index + 1,
        isSystemDefault: index === 0,
        taxFreeFrom: 0,
        itemRounding: ROUNDING,
        totalRounding: ROUNDING,
        ...translated({ shortName: row.code, name: row.name, customFields: null }),
        ...stamps(row),
      }),
    }),
    listTable({
      entity: 'tax',
      rows: taxes,
      build: (row) => ({
        taxRate: row.taxRate,
        name: row.name,
        position: row.position,
        customFields: null,
        ...stamps(row),
      }),
    }),
    listTable({
      entity: 'rule',
      rows: rules,
      build: (row) => ({
        name: row.name,
        priority: row.priority,
        description: null,
        invalid: false,
        areas: null,
        customFields: null,
        moduleTypes: { types: ['price'] },
        ...stamps(row),
      }),
      associations: {
        conditions: {
          entity: 'rule_condition',
          isMany: true,
          rows: () => conditions.map((_, row) => row),
        },
      },
      emptyAssociations: { tags: 'many' },
    }),
    listTable({
      entity: 'rule_condition',
      rows: conditions,
      associations: { rule: { entity: 'rule', isMany: false, rows: () => [0] } },
      build: (row, _, index) => ({
        type: row.type,
        ruleId: id.rule,
        parentId: conditions[row.parent]?.id ?? null,
        scriptId: null,
        value:
          row.type === 'customerCustomerGroup'
            ? { operator: '=', customerGroupIds: [id.group(1)] }
            : null,
        position: index,
        customFields: null,
        ...stamps(row),
      }),
    }),
    listTable({
      entity: 'customer_group',
      rows: groups,
      build: (row) => ({
        displayGross: row.displayGross,
        registrationActive: false,
        ...translated({ name: row.name, customFields: null }),
        ...stamps(row),
      }),
    }),
    listTable({
      entity: 'country',
      rows: countries,
      values: { iso: (row) => row.iso },
      build: (row, _, index) => ({
        iso: row.iso,
        iso3: row.iso3,
        position: index + 1,
        active: true,
        shippingAvailable: true,
        isEu: row.isEu,
        ...translated({ name: row.name, customFields: null }),
        ...stamps(row),
      }),
      emptyAssociations: { states: 'many' },
    }),
    listTable({
      entity: 'salutation',
      rows: salutations,
      build: (row, _, index) => ({
        salutationKey: row.salutationKey,
        position: index + 1,
        ...translated({
          displayName: row.displayName,
          letterName: row.letterName,
          customFields: null,
        }),
        ...stamps(row),
      }),
    }),
    listTable({
      entity: 'payment_method',
      rows: payments,
      values: { technicalName: (row) => `payment_${row.key}` },
      build: (row, _, index) => ({
        technicalName: `payment_${row.key}`,
        shortName: row.key,
        position: index + 1,
        active: true,
        afterOrderEnabled: row.key !== 'ideal',
        availabilityRuleId: null,
        mediaId: null,
        pluginId: null,
        ...translated({
          name: row.key,
          distinguishableName: row.key,
          description: null,
          customFields: null,
        }),
        ...stamps(row),
      }),
    }),
    listTable({
      entity: 'shipping_method',
      rows: shippings,
      build: (row, _, index) => ({
        technicalName: `shipping_${row.key}`,
        active: true,
        position: index + 1,
        taxType: 'auto',
        taxId: null,
        mediaId: null,
        availabilityRuleId: null,
        deliveryTimeId: ids.idOf('delivery_time', index, installedAtMs),
        ...translated({
          name: row.key,
          description: null,
          trackingUrl: 'https://track.example.org/%s',
          customFields: null,
        }),
        ...stamps(row),
      }),
    }),
  ];
};
