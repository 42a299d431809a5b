import type { EntitySet, Service } from '../odata/model.js';
import { CHANNELS } from '../retailer/channels.js';
import type { Erp } from '../retailer/erp/erp.js';
import { type PartnerDetails, partnerDetails } from '../retailer/erp/partner-details.js';
import { PARTNER_ONE_TIME, SUPPLIER_IDS } from '../retailer/erp/partners.js';
import { supplierRow } from '../retailer/erp/state.js';
import { DAY_MS } from '../retailer/parameters.js';
import { mix } from '../retailer/random.js';
import { addressNumber, CUSTOMER, partnerNumber, SUPPLIER } from './numbers.js';
import { SAP_LANGUAGES } from './product-sets.js';
import {
  clockTime,
  day,
  dayOrNull,
  fixed,
  flag,
  instant,
  keyText,
  text,
  uuid,
} from './properties.js';
import { ascendingIndex, dayIndex, type Layout, layoutSource, lookupIndex } from './sources.js';

/**
 * API_BUSINESS_PARTNER: customers and suppliers. A change is dated by a day and a time in two
 * fields, and neither is there before the first change.
 */

const LAST_MS = Date.UTC(9999, 11, 31, 23, 59, 59);

export const createPartnerService = (erp: Erp): Service => {
  const { partners, world } = erp;
  const supplierCount = world.catalogue.suppliers.length;
  // Kept with leading zeros, the shorter numbers of suppliers come first.
  const rowAt = (position: number): number =>
    position < supplierCount ? supplierRow(position) : position - supplierCount;
  const layout: Layout<number> = {
    count: () => supplierCount + partners.length,
    rowAt,
    keyOf: (row) => [partnerNumber(row)],
  };
  const isSupplier = (row: number): boolean => row < 0;
  const created = (row: number): number =>
    isSupplier(row) ? world.startMs - 1_000 * DAY_MS : partners.createdAtMs.get(row);
  const changed = (row: number): number =>
    isSupplier(row)
      ? (partners.supplierChangedAtMs[supplierRow(row)] ?? 0)
      : partners.changedAtMs.get(row);
  const isBlocked = (row: number): boolean => !isSupplier(row) && partners.isBlocked.get(row) === 1;
  const cache = { row: Number.NaN, changed: -1, details: undefined as PartnerDetails | undefined };
  const of = (row: number): PartnerDetails => {
    const changedAtMs = changed(row);
    if (cache.details === undefined || cache.row !== row || cache.changed !== changedAtMs) {
      cache.row = row;
      cache.changed = changedAtMs;
      cache.details = partnerDetails(erp, row);
    }
    return cache.details;
  };
  const isPerson = (row: number): boolean => of(row).category === 'person';
  const language = (row: number): string => SAP_LANGUAGES[of(row).language];
  const guid = (row: number, salt: number): string => {
    const word = (part: number): string =>
      mix(mix(erp.seed >>> 0, salt * 8 + part), row + 1_000_000)
        .toString(16)
        .padStart(8, '0');
    const hex = word(0) + word(1) + word(2) + word(3);
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  };
  const etag = (row: number): string =>
    new Date(changed(row) || created(row)).toISOString().replace(/[^0-9]/g, '');

  const head: EntitySet<number> = {
    name: 'A_BusinessPartner',
    label: 'Business Partner',
    key: ['BusinessPartner'],
    properties: [
      keyText('BusinessPartner', 10, partnerNumber),
      text('Customer', 10, (row) => (isSupplier(row) ? '' : CUSTOMER.of(row))),
      text('Supplier', 10, (row) => (isSupplier(row) ? partnerNumber(row) : '')),
      text('BusinessPartnerCategory', 1, (row) => (isPerson(row) ? '1' : '2')),
      text('BusinessPartnerFullName', 81, (row) => of(row).name),
      text('BusinessPartnerGrouping', 4, (row) => (isSupplier(row) ? 'BP02' : 'BP01')),
      text('BusinessPartnerName', 81, (row) => of(row).name),
      uuid('BusinessPartnerUUID', (row) => guid(row, 1)),
      text('CorrespondenceLanguage', 2, language),
      fixed('CreatedByUser', 12, 'SHOPIF'),
      day('CreationDate', created),
      clockTime('CreationTime', created),
      text('FirstName', 40, (row) => of(row).firstName),
      text('Language', 2, language),
      day('LastChangeDate', changed),
      clockTime('LastChangeTime', changed),
      text('LastChangedByUser', 12, (row) => (changed(row) === 0 ? '' : 'SHOPIF')),
      text('LastName', 40, (row) => of(row).lastName),
      text('OrganizationBPName1', 40, (row) => (isPerson(row) ? '' : of(row).name.slice(0, 40))),
      text('SearchTerm1', 20, (row) => of(row).searchTerm),
      flag('BusinessPartnerIsBlocked', isBlocked),
      text('ETag', 26, etag, { isConcurrencyToken: true, isUpdatable: false }),
      flag('IsMarkedForArchiving', isBlocked),
      text('BusinessPartnerIDByExtSystem', 20, () => ''),
    ],
    navigations: [
      {
        name: 'to_BusinessPartnerAddress',
        target: 'A_BusinessPartnerAddress',
        multiplicity: '*',
        rows: (row) => [row],
      },
      {
        name: 'to_Customer',
        target: 'A_Customer',
        multiplicity: '0..1',
        rows: (row) => (isSupplier(row) ? [] : [row]),
      },
      {
        name: 'to_Supplier',
        target: 'A_Supplier',
        multiplicity: '0..1',
        rows: (row) => (isSupplier(row) ? [row] : []),
      },
    ],
    source: layoutSource(layout, {
      BusinessPartner: ascendingIndex(layout, partnerNumber),
      LastChangeDate: dayIndex({
        changes: partners.changes,
        rowOf: (id) => (id >= SUPPLIER_IDS ? supplierRow(id - SUPPLIER_IDS) : id),
        rankOf: (id) => (id >= SUPPLIER_IDS ? id - SUPPLIER_IDS : id + supplierCount),
      }),
      CreationDate: ascendingIndex(layout, (row) => dayOrNull(created(row))),
    }),
  };

  const addressLayout: Layout<number> = {
    ...layout,
    keyOf: (row) => [partnerNumber(row), addressNumber(row)],
  };
  const addresses: EntitySet<number> = {
    name: 'A_BusinessPartnerAddress',
    label: 'Address',
    key: ['BusinessPartner', 'AddressID'],
    properties: [
      keyText('BusinessPartner', 10, partnerNumber),
      keyText('AddressID', 10, addressNumber),
      instant('ValidityStartDate', created, { precision: 0 }),
      instant('ValidityEndDate', () => LAST_MS, { precision: 0 }),
      uuid('AddressUUID', (row) => guid(row, 2)),
      fixed('AddressTimeZone', 6, 'CET'),
      text('CityName', 40, (row) => of(row).city),
      text('Country', 3, (row) => of(row).country),
      text('FullName', 80, (row) => of(row).name),
      text('HouseNumber', 10, (row) => of(row).houseNumber),
      text('Language', 2, language),
      fixed('Person', 10, ''),
      text('PostalCode', 10, (row) => of(row).postalCode),
      text('StreetName', 60, (row) => of(row).street),
    ],
    navigations: [
      {
        name: 'to_EmailAddress',
        target: 'A_AddressEmailAddress',
        multiplicity: '*',
        rows: (row) => (of(row).email === '' ? [] : [row]),
      },
    ],
    source: layoutSource(addressLayout, {
      BusinessPartner: ascendingIndex(addressLayout, partnerNumber),
    }),
  };

  // One-time partners have no e-mail; they are the first rows of their table.
  const oneTime = CHANNELS.length;
  const emailLayout: Layout<number> = {
    count: () => supplierCount + Math.max(0, partners.length - oneTime),
    rowAt: (position) => (position < supplierCount ? rowAt(position) : rowAt(position) + oneTime),
    keyOf: (row) => [addressNumber(row), '', '1'],
  };
  const emails: EntitySet<number> = {
    name: 'A_AddressEmailAddress',
    label: 'Email Address',
    key: ['AddressID', 'Person', 'OrdinalNumber'],
    properties: [
      keyText('AddressID', 10, addressNumber),
      keyText('Person', 10, () => ''),
      keyText('OrdinalNumber', 3, () => '1'),
      flag('IsDefaultEmailAddress', () => true),
      text('EmailAddress', 241, (row) => of(row).email),
      text('SearchEmailAddress', 20, (row) => of(row).email.toUpperCase().slice(0, 20)),
    ],
    source: layoutSource(emailLayout, { AddressID: ascendingIndex(emailLayout, addressNumber) }),
  };

  const customerLayout: Layout<number> = {
    count: () => partners.length,
    rowAt: (position) => position,
    keyOf: (row) => [CUSTOMER.of(row)],
  };
  const customers: EntitySet<number> = {
    name: 'A_Customer',
    label: 'Customer',
    key: ['Customer'],
    properties: [
      keyText('Customer', 10, (row) => CUSTOMER.of(row)),
      fixed('CreatedByUser', 12, 'SHOPIF'),
      day('CreationDate', created),
      text('CustomerAccountGroup', 4, (row) =>
        partners.kind.get(row) === PARTNER_ONE_TIME ? 'CPD' : 'CUST',
      ),
      text('CustomerFullName', 220, (row) => of(row).name),
      text('CustomerName', 80, (row) => of(row).name),
      text('DeliveryIsBlocked', 2, (row) => (isBlocked(row) ? '01' : '')),
      text('OrderIsBlockedForCustomer', 2, (row) => (isBlocked(row) ? '01' : '')),
      flag('PostingIsBlocked', isBlocked),
      fixed('Supplier', 10, ''),
      flag('DeletionIndicator', isBlocked),
    ],
    source: layoutSource(customerLayout, {
      Customer: ascendingIndex(customerLayout, (row) => CUSTOMER.of(row)),
    }),
  };

  const supplierLayout: Layout<number> = {
    count: () => supplierCount,
    rowAt: supplierRow,
    keyOf: (row) => [partnerNumber(row)],
  };
  const suppliers: EntitySet<number> = {
    name: 'A_Supplier',
    label: 'Supplier',
    key: ['Supplier'],
    properties: [
      keyText('Supplier', 10, partnerNumber),
      fixed('CreatedByUser', 12, 'BUYING'),
      day('CreationDate', created),
      fixed('Customer', 10, ''),
      flag('PaymentIsBlockedForSupplier', () => false),
      flag('PostingIsBlocked', () => false),
      flag('PurchasingIsBlocked', () => false),
      fixed('SupplierAccountGroup', 4, 'SUPL'),
      text('SupplierFullName', 220, (row) => of(row).name),
      text('SupplierName', 80, (row) => of(row).name),
      flag('DeletionIndicator', () => false),
    ],
    source: layoutSource(supplierLayout, {
      Supplier: lookupIndex(supplierLayout, partnerNumber, (value) => {
        const row = SUPPLIER.rowOf(String(value));
        return row < 0 || row >= supplierCount ? [] : [supplierRow(row)];
      }),
    }),
  };
  return {
    name: 'API_BUSINESS_PARTNER',
    version: 2,
    entitySets: [head, addresses, emails, customers, suppliers],
  };
};
