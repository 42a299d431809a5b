import {
  type BrandKey,
  CHANNELS,
  CURRENCIES,
  LANGUAGES,
  PAYMENT_METHODS,
  SHIPPING_METHODS,
} from '../retailer/channels.js';
import { DELIVERY_STATES, ORDER_STATES, PAYMENT_STATES } from '../retailer/orders.js';
import { type IdCodec, SYSTEM_CURRENCY_ID, SYSTEM_LANGUAGE_ID } from './ids.js';
import { makeOptions, PROPERTY_GROUPS } from './options.js';
import { type ListRow, makeRows } from './table.js';

/** What an installation sets up once: languages, currencies, taxes, channels, states, options. */

export type Reference = ReturnType<typeof makeReference>;

export type MachineKey = 'order' | 'order_delivery' | 'order_transaction' | 'order_return';

const MACHINES: readonly { key: MachineKey; name: string; states: readonly string[] }[] = [
  { key: 'order', name: 'Order state', states: ORDER_STATES },
  { key: 'order_delivery', name: 'Delivery state', states: DELIVERY_STATES },
  { key: 'order_transaction', name: 'Payment state', states: PAYMENT_STATES },
];

/** Of the Commercial edition. */
const RETURN_MACHINE: (typeof MACHINES)[number] = {
  key: 'order_return',
  name: 'Return state',
  states: ['open', 'in_progress', 'done', 'cancelled'],
};

const COUNTRIES = [
  { iso: 'NL', iso3: 'NLD', name: 'Netherlands', isEu: true },
  { iso: 'DE', iso3: 'DEU', name: 'Germany', isEu: true },
  { iso: 'GB', iso3: 'GBR', name: 'United Kingdom', isEu: false },
  { iso: 'BE', iso3: 'BEL', name: 'Belgium', isEu: true },
];

export interface NavigationEntry {
  readonly row: number;
  readonly id: string;
}

/** The rows of the reference tables, before they become tables. */
export const makeReference = (
  ids: IdCodec,
  installedAtMs: number,
  hasReturns: boolean,
  navigationOf: (brand: BrandKey) => NavigationEntry,
) => {
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
  const conditions = make('rule_condition', [
    { type: 'orContainer', parent: -1 },
    { type: 'andContainer', parent: 0 },
    { type: 'customerCustomerGroup', parent: 1 },
  ]);
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
  const known = hasReturns ? [...MACHINES, RETURN_MACHINE] : MACHINES;
  const machines = make('state_machine', known);
  const stateEntries = known.flatMap((machine, index) =>
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
    const position = known.findIndex((entry) => entry.key === machine);
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
  return {
    ids,
    installedAtMs,
    id,
    options,
    navigationOf,
    rows: {
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
      machines,
      states,
      groupsOfOptions,
      optionRows,
      channels,
    },
  };
};
