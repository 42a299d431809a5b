import { LANGUAGES } from '../retailer/channels.js';
import { inLanguage } from './options.js';
import type { Reference } from './reference.js';
import { translated } from './settings-tables.js';
import { listTable, oneRow, stamps, type Table } from './table.js';

/** States, property options and sales channels as tables. */

export const sellingTables = (reference: Reference): Table[] => {
  const { ids, installedAtMs, id, navigationOf } = reference;
  const { machines, states, groupsOfOptions, optionRows, channels, countries } = reference.rows;
  return [
    listTable({
      entity: 'state_machine',
      rows: machines,
      build: (row) => ({
        technicalName: `${row.key}.state`,
        initialStateId: id.state(row.key, 0),
        ...translated({ name: row.name, customFields: null }),
        ...stamps(row),
      }),
    }),
    listTable({
      entity: 'state_machine_state',
      rows: states,
      values: { technicalName: (row) => row.name },
      associations: {
        stateMachine: {
          entity: 'state_machine',
          isMany: false,
          rows: (row) => oneRow(states[row]?.machine ?? -1),
        },
      },
      build: (row) => ({
        technicalName: row.name,
        stateMachineId: machines[row.machine]?.id ?? null,
        ...translated({ name: stateName(row.name), customFields: null }),
        ...stamps(row),
      }),
    }),
    listTable({
      entity: 'property_group',
      rows: groupsOfOptions,
      build: (row, context) => ({
        displayType: 'text',
        sortingType: 'alphanumeric',
        filterable: true,
        visibleOnProductDetailPage: true,
        ...translated({
          name: inLanguage(row.name, context.language),
          description: null,
          position: 1,
          customFields: null,
        }),
        ...stamps(row),
      }),
      associations: {
        options: {
          entity: 'property_group_option',
          isMany: true,
          rows: (row) =>
            optionRows.flatMap((option, index) => (option.group === row ? [index] : [])),
        },
      },
    }),
    listTable({
      entity: 'property_group_option',
      rows: optionRows,
      values: { groupId: (row) => groupsOfOptions[row.group]?.id ?? null },
      associations: {
        group: {
          entity: 'property_group',
          isMany: false,
          rows: (row) => oneRow(optionRows[row]?.group ?? -1),
        },
      },
      emptyAssociations: { media: 'one' },
      build: (row, context) => ({
        groupId: groupsOfOptions[row.group]?.id ?? null,
        colorHexCode: row.hex,
        mediaId: null,
        combinable: true,
        ...translated({
          name: inLanguage(row.name, context.language),
          position: row.position,
          customFields: null,
        }),
        ...stamps(row),
      }),
    }),
    listTable({
      entity: 'sales_channel',
      rows: channels,
      values: { name: (row) => row.name, active: () => true },
      associations: {
        currency: {
          entity: 'currency',
          isMany: false,
          rows: (row) => oneRow(channels[row]?.currency ?? -1),
        },
        language: {
          entity: 'language',
          isMany: false,
          rows: (row) => oneRow(LANGUAGES.indexOf(channels[row]?.language ?? 'nl-NL')),
        },
        country: {
          entity: 'country',
          isMany: false,
          rows: (row) =>
            oneRow(countries.findIndex((country) => country.iso === channels[row]?.country)),
        },
        customerGroup: {
          entity: 'customer_group',
          isMany: false,
          rows: (row) => [channels[row]?.kind === 'business' ? 1 : 0],
        },
        paymentMethod: { entity: 'payment_method', isMany: false, rows: () => [0] },
        shippingMethod: { entity: 'shipping_method', isMany: false, rows: () => [0] },
        currencies: {
          entity: 'currency',
          isMany: true,
          rows: (row) => oneRow(channels[row]?.currency ?? -1),
        },
        languages: {
          entity: 'language',
          isMany: true,
          rows: (row) => oneRow(LANGUAGES.indexOf(channels[row]?.language ?? 'nl-NL')),
        },
        navigationCategory: {
          entity: 'category',
          isMany: false,
          rows: (row) => [navigationOf(channels[row]?.brand ?? 'alpha').row],
        },
      },
      emptyAssociations: { domains: 'many', type: 'one' },
      build: (row, _, index) => ({
        typeId: ids.idOf('sales_channel_type', 0, installedAtMs),
        languageId: id.language(LANGUAGES.indexOf(row.language)),
        customerGroupId: id.group(row.kind === 'business' ? 1 : 0),
        currencyId: id.currency(row.currency),
        paymentMethodId: id.payment(0),
        shippingMethodId: id.shipping(0),
        countryId: id.country(row.country),
        navigationCategoryId: navigationOf(row.brand).id,
        navigationCategoryDepth: 2,
        footerCategoryId: null,
        serviceCategoryId: null,
        shortName: row.key,
        taxCalculationType: 'horizontal',
        accessKey: `SWSC${String(index + 1).padStart(22, 'A')}`,
        configuration: null,
        active: true,
        maintenance: false,
        hreflangActive: false,
        homeEnabled: true,
        ...translated({ name: row.name, customFields: null }),
        ...stamps(row),
      }),
    }),
  ];
};

const stateName = (technicalName: string): string =>
  technicalName.charAt(0).toUpperCase() + technicalName.slice(1).replaceAll('_', ' ');
