import {
  type BrandKey,
  CHANNELS,
  CURRENCIES,
  LANGUAGES,
  PAYMENT_METHODS,
  SHIPPING_METHODS,
} from '../retailer/channels.js';
import { DELIVERY_STATES, ORDER_STATES, PAYMENT_STATES } from '../retailer/orders.js';
import {
  COLOURS,
  FITS,
  MATERIALS,
  SIZE_SYSTEMS,
  type Texts,
  texts,
} from '../retailer/vocabulary.js';
import { type IdCodec, SYSTEM_CURRENCY_ID, SYSTEM_LANGUAGE_ID } from './ids.js';
import {
  type Entity,
  type ListRow,
  listTable,
  makeRows,
  oneRow,
  stamps,
  type Table,
} from './table.js';

/** What an installation sets up once: languages, currencies, taxes, channels, states, options. */

export interface Reference {
  readonly ids: IdCodec;
  readonly installedAtMs: number;
  readonly id: {
    readonly language: (index: number) => string;
    readonly currency: (index: number) => string;
    readonly tax: (index: number) => string;
    readonly channel: (index: number) => string;
    readonly group: (index: number) => string;
    readonly country: (code: string) => string;
    readonly salutation: string;
    readonly rule: string;
    readonly payment: (index: number) => string;
    readonly shipping: (index: number) => string;
    readonly state: (machine: MachineKey, index: number) => string;
    readonly option: (row: number) => string;
  };
  readonly options: OptionRows;
  readonly tables: readonly Table[];
}

export type MachineKey = 'order' | 'order_delivery' | 'order_transaction';

const MACHINES: readonly { key: MachineKey; name: string; states: readonly string[] }[] = [
  { key: 'order', name: 'Order state', states: ORDER_STATES },
  { key: 'order_delivery', name: 'Delivery state', states: DELIVERY_STATES },
  { key: 'order_transaction', name: 'Payment state', states: PAYMENT_STATES },
];

const COUNTRIES = [
  { iso: 'NL', iso3: 'NLD', name: 'Netherlands', isEu: true },
  { iso: 'DE', iso3: 'DEU', name: 'Germany', isEu: true },
  { iso: 'GB', iso3: 'GBR', name: 'United Kingdom', isEu: false },
  { iso: 'BE', iso3: 'BEL', name: 'Belgium', isEu: true },
];

const ROUNDING = {
  decimals: 2,
  interval: 0.01,
  roundForNet: true,
  extensions: [],
  apiAlias: 'cash_rounding_config',
};

export interface OptionRow {
  readonly group: number;
  readonly name: Texts;
  readonly hex: string | null;
  readonly position: number;
}

export interface OptionRows {
  readonly rows: readonly OptionRow[];
  readonly colour: (index: number) => number;
  readonly size: (system: keyof typeof SIZE_SYSTEMS, index: number) => number;
  readonly material: (index: number) => number;
  readonly fit: (index: number) => number;
}

const PROPERTY_GROUPS = [
  texts('Kleur', 'Farbe', 'Colour'),
  texts('Maat', 'Größe', 'Size'),
  texts('Materiaal', 'Material', 'Material'),
  texts('Pasvorm', 'Passform', 'Fit'),
];

const makeOptions = (): OptionRows => {
  const rows: OptionRow[] = [];
  const addAll = (
    group: number,
    names: readonly Texts[],
    hexes: readonly string[] = [],
  ): number => {
    const first = rows.length;
    for (const [position, name] of names.entries()) {
      rows.push({ group, name, hex: hexes[position] ?? null, position });
    }
    return first;
  };
  const colours = addAll(
    0,
    COLOURS.map((colour) => colour.name),
    COLOURS.map((colour) => colour.hex),
  );
  const sizes: Record<string, number> = {};
  for (const [system, names] of Object.entries(SIZE_SYSTEMS)) {
    sizes[system] = addAll(
      1,
      names.map((name) => texts(name, name, name)),
    );
  }
  const materials = addAll(2, MATERIALS);
  const fits = addAll(3, FITS);
  return {
    rows,
    colour: (index) => colours + index,
    size: (system, index) => (sizes[system] ?? 0) + index,
    material: (index) => materials + index,
    fit: (index) => fits + index,
  };
};

export const inLanguage = (name: Texts, language: number): string =>
  name[LANGUAGES[language] ?? 'nl-NL'];

export interface NavigationEntry {
  readonly row: number;
  readonly id: string;
}

export const makeReference = (
  ids: IdCodec,
  installedAtMs: number,
  navigationOf: (brand: BrandKey) => NavigationEntry,
): Reference => {
  ids.assign('language', 0, SYSTEM_LANGUAGE_ID);
  ids.assign('currency', 0, SYSTEM_CURRENCY_ID);
  const options = makeOptions();
  const make = <T extends object>(
    kind: Parameters<typeof makeRows>[1],
    entries: readonly T[],
  ): (T & ListRow)[] => makeRows(ids, kind, entries, installedAtMs);

  const languages = make(
    'language',
    LANGUAGES.map((code) => ({ code })),
  );
  const locales = make(
    'locale',
    LANGUAGES.map((code) => ({ code })),
  );
  const currencies = make('currency', CURRENCIES);
  const taxes = make('tax', [
    { name: 'Standard rate', taxRate: 21, position: 1 },
    { name: 'Reduced rate', taxRate: 9, position: 2 },
  ]);
  const rules = make('rule', [{ name: 'Business customers', priority: 100 }]);
  const groups = make('customer_group', [
    { name: 'Standard customer group', displayGross: true },
    { name: 'Business customers', displayGross: false },
  ]);
  const countries = make('country', COUNTRIES);
  const salutations = make('salutation', [
    { salutationKey: 'not_specified', displayName: 'Not specified', letterName: ' ' },
    { salutationKey: 'mr', displayName: 'Mr.', letterName: 'Dear Mr.' },
    { salutationKey: 'mrs', displayName: 'Mrs.', letterName: 'Dear Mrs.' },
  ]);
  const payments = make(
    'payment_method',
    PAYMENT_METHODS.map((key) => ({ key })),
  );
  const shippings = make(
    'shipping_method',
    SHIPPING_METHODS.map((key) => ({ key })),
  );
  const machines = make('state_machine', MACHINES);
  const stateEntries = MACHINES.flatMap((machine, index) =>
    machine.states.map((name) => ({ machine: index, name })),
  );
  const states = make('state_machine_state', stateEntries);
  const groupsOfOptions = make(
    'property_group',
    PROPERTY_GROUPS.map((name) => ({ name })),
  );
  const optionRows = make('property_group_option', options.rows);
  const channels = make('sales_channel', CHANNELS);
  const stateRow = (machine: MachineKey, index: number): number => {
    const position = MACHINES.findIndex((entry) => entry.key === machine);
    return stateEntries.findIndex((entry) => entry.machine === position) + index;
  };
  const id = {
    language: (index: number): string => languages[index]?.id ?? '',
    currency: (index: number): string => currencies[index]?.id ?? '',
    tax: (index: number): string => taxes[index]?.id ?? '',
    channel: (index: number): string => channels[index]?.id ?? '',
    group: (index: number): string => groups[index]?.id ?? '',
    country: (code: string): string => countries.find((country) => country.iso === code)?.id ?? '',
    salutation: salutations[0]?.id ?? '',
    rule: rules[0]?.id ?? '',
    payment: (index: number): string => payments[index]?.id ?? '',
    shipping: (index: number): string => shippings[index]?.id ?? '',
    state: (machine: MachineKey, index: number): string =>
      states[stateRow(machine, index)]?.id ?? '',
    option: (row: number): string => optionRows[row]?.id ?? '',
  };
  const translated = (fields: Entity): Entity => ({ ...fields, translated: { ...fields } });
  const tables: Table[] = [
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
      emptyAssociations: { conditions: 'many', tags: 'many' },
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
  return { ids, installedAtMs, id, options, tables };
};

const stateName = (technicalName: string): string =>
  technicalName.charAt(0).toUpperCase() + technicalName.slice(1).replaceAll('_', ' ');
