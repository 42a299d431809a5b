import { channelAt, LANGUAGES } from '../retailer/channels.js';
import { CUSTOMER_CONSENT, CUSTOMER_GUEST } from '../retailer/customers.js';
import type { World } from '../retailer/world.js';
import { formatInstant } from './dates.js';
import { amount } from './money.js';
import type { Reference } from './reference.js';
import { type Entity, instantOrNull, oneRow, type Table } from './table.js';

/** Customers with one address each, used for billing and shipping. */

const DATES: ReadonlySet<string> = new Set([
  'createdAt',
  'updatedAt',
  'lastOrderDate',
  'firstLogin',
  'lastLogin',
]);

export const createCustomerTables = (world: World, reference: Reference): Table[] => {
  const { customers } = world;
  const { ids, id } = reference;
  const customerId = (row: number): string =>
    ids.idOf('customer', row, customers.createdAtMs.get(row));
  const addressId = (row: number): string =>
    ids.idOf('customer_address', row, customers.createdAtMs.get(row));
  const isRow = (row: number): boolean => row >= 0 && row < customers.length;
  const rowFrom = (
    kind: 'customer' | 'customer_address',
    text: string,
    idOf: (row: number) => string,
  ): number => {
    const row = ids.rowOf(kind, text);
    return isRow(row) && idOf(row) === text ? row : -1;
  };

  const customFieldsOf = (row: number): Entity | null => {
    const edited = customers.edits.get(row)?.customFields;
    const consent = customers.has(row, CUSTOMER_CONSENT)
      ? { custom_newsletter_consent: true }
      : null;
    if (edited === undefined || edited === null) return consent;
    return { ...consent, ...edited };
  };

  const isGuest = (row: number): boolean => customers.has(row, CUSTOMER_GUEST);

  const build = (row: number): Entity => {
    const channel = channelAt(customers.channel.get(row));
    const person = customers.current(row);
    const createdAtMs = customers.createdAtMs.get(row);
    const entity: Entity = {
      groupId: id.group(channel.kind === 'business' ? 1 : 0),
      salesChannelId: id.channel(channel.index),
      languageId: id.language(LANGUAGES.indexOf(channel.language)),
      lastPaymentMethodId: null,
      defaultBillingAddressId: addressId(row),
      defaultShippingAddressId: addressId(row),
      autoIncrement: row + 1,
      customerNumber: customers.numberOf(row),
      salutationId: id.salutation,
      firstName: person.firstName,
      lastName: person.lastName,
      company: person.company,
      email: person.email,
      title: null,
      vatIds: null,
      accountType: person.company === null ? 'private' : 'business',
      affiliateCode: null,
      campaignCode: null,
      active: person.active,
      doubleOptInRegistration: false,
      doubleOptInEmailSentDate: null,
      doubleOptInConfirmDate: null,
      hash: null,
      guest: isGuest(row),
      firstLogin: isGuest(row) ? null : formatInstant(createdAtMs),
      lastLogin: isGuest(row) ? null : instantOrNull(customers.lastOrderAtMs.get(row)),
      birthday: null,
      lastOrderDate: instantOrNull(customers.lastOrderAtMs.get(row)),
      orderCount: customers.orderCount.get(row),
      orderTotalAmount: amount(customers.spentMinor.get(row)),
      reviewCount: 0,
      customFields: customFieldsOf(row),
      remoteAddress: '::',
      tagIds: null,
      requestedGroupId: null,
      boundSalesChannelId: null,
      createdById: null,
      updatedById: null,
      createdAt: formatInstant(createdAtMs),
      updatedAt: instantOrNull(customers.updatedAtMs.get(row)),
    };
    const extra = customers.edits.get(row)?.extra;
    return extra === undefined ? entity : Object.assign(entity, extra);
  };

  const shared = {
    length: () => customers.length,
    liveCount: () => customers.length - customers.deletedCount,
    isLive: (row: number) => customers.isLive(row),
    createdAtMs: (row: number) => customers.createdAtMs.get(row),
    isChronological: true,
    dateFields: DATES,
  };
  const customerTable: Table = {
    ...shared,
    entity: 'customer',
    idOf: customerId,
    rowOf: (text) => rowFrom('customer', text, customerId),
    updatedAtMs: (row) => customers.updatedAtMs.get(row),
    hasAutoIncrement: true,
    changes: world.changes.customers,
    values: {
      autoIncrement: (row) => row + 1,
      customerNumber: (row) => customers.numberOf(row),
      email: (row) => customers.current(row).email,
      guest: isGuest,
      salesChannelId: (row) => id.channel(customers.channel.get(row)),
      groupId: (row) => id.group(channelAt(customers.channel.get(row)).kind === 'business' ? 1 : 0),
      lastOrderDate: (row) => customers.lastOrderAtMs.get(row) || null,
      orderCount: (row) => customers.orderCount.get(row),
    },
    lookups: {
      customerNumber: (value) => {
        const row = Number(value) - Number(customers.numberOf(0));
        return Number.isInteger(row) && isRow(row) ? [row] : [];
      },
    },
    associations: {
      group: {
        entity: 'customer_group',
        isMany: false,
        rows: (row) => [channelAt(customers.channel.get(row)).kind === 'business' ? 1 : 0],
      },
      salesChannel: {
        entity: 'sales_channel',
        isMany: false,
        rows: (row) => [customers.channel.get(row)],
      },
      language: {
        entity: 'language',
        isMany: false,
        rows: (row) => oneRow(LANGUAGES.indexOf(channelAt(customers.channel.get(row)).language)),
      },
      salutation: { entity: 'salutation', isMany: false, rows: () => [0] },
      defaultBillingAddress: { entity: 'customer_address', isMany: false, rows: oneRow },
      defaultShippingAddress: { entity: 'customer_address', isMany: false, rows: oneRow },
      addresses: { entity: 'customer_address', isMany: true, rows: oneRow },
    },
    emptyAssociations: {
      lastPaymentMethod: 'one',
      activeBillingAddress: 'one',
      activeShippingAddress: 'one',
      orderCustomers: 'many',
      tags: 'many',
      promotions: 'many',
      productReviews: 'many',
      recoveryCustomer: 'one',
      requestedGroup: 'one',
      boundSalesChannel: 'one',
      wishlists: 'many',
    },
    build,
  };
  const addressTable: Table = {
    ...shared,
    entity: 'customer_address',
    idOf: addressId,
    rowOf: (text) => rowFrom('customer_address', text, addressId),
    updatedAtMs: () => 0,
    hasAutoIncrement: false,
    values: { customerId: customerId },
    lookups: { customerId: (value) => oneRow(rowFrom('customer', String(value), customerId)) },
    associations: {
      customer: { entity: 'customer', isMany: false, rows: oneRow },
      country: {
        entity: 'country',
        isMany: false,
        rows: (row) => [
          ['NL', 'DE', 'GB', 'BE'].indexOf(channelAt(customers.channel.get(row)).country),
        ],
      },
      salutation: { entity: 'salutation', isMany: false, rows: () => [0] },
    },
    emptyAssociations: { countryState: 'one' },
    build: (row) => {
      const person = customers.current(row);
      return {
        customerId: customerId(row),
        countryId: id.country(channelAt(customers.channel.get(row)).country),
        countryStateId: null,
        salutationId: id.salutation,
        firstName: person.firstName,
        lastName: person.lastName,
        zipcode: person.zipcode,
        city: person.city,
        company: person.company,
        street: person.street,
        department: null,
        title: null,
        phoneNumber: person.phone,
        additionalAddressLine1: null,
        additionalAddressLine2: null,
        customFields: null,
        createdAt: formatInstant(customers.createdAtMs.get(row)),
        updatedAt: null,
      };
    },
  };
  return [customerTable, addressTable];
};
