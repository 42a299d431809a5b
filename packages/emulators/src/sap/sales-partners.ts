import type { EntitySet } from '../odata/model.js';
import { channelAt } from '../retailer/channels.js';
import type { Erp } from '../retailer/erp/erp.js';
import { partnerDetails } from '../retailer/erp/partner-details.js';
import { PARTNER_ONE_TIME } from '../retailer/erp/partners.js';
import { type DocumentAddress, PARTNER_FUNCTIONS } from '../retailer/erp/posted-orders.js';
import { addressNumber, CUSTOMER, SALES_ORDER } from './numbers.js';
import { fixed, keyText, outputOnly, text } from './properties.js';
import type { SalesView } from './sales-view.js';
import type { SalesWrites } from './sales-writes.js';
import { ascendingIndex, type Layout, layoutSource } from './sources.js';

/**
 * Who an order is for: sold to, shipped to, billed to, paid by. Each has an address, of its own
 * document where one was given with the order, else that of the partner.
 */

const COUNT = PARTNER_FUNCTIONS.length;
export const partnerRows = (salesOrder: number): readonly number[] =>
  PARTNER_FUNCTIONS.map((_, index) => salesOrder * COUNT + index);
export const orderOfPartner = (row: number): number => Math.floor(row / COUNT);
export const functionOf = (row: number) => PARTNER_FUNCTIONS[row % COUNT] ?? 'SP';

/** Names of the address that are kept, with their lengths. */
export const ADDRESS_FIELDS: readonly (readonly [name: string, maxLength: number])[] = [
  ['CorrespondenceLanguage', 2],
  ['AddresseeFullName', 80],
  ['OrganizationName1', 40],
  ['OrganizationName2', 40],
  ['CityName', 40],
  ['PostalCode', 10],
  ['StreetName', 60],
  ['HouseNumber', 10],
  ['Country', 3],
  ['Region', 3],
  ['EmailAddress', 241],
  ['MobileNumber', 30],
  ['PhoneNumber', 30],
];

export const salesPartners = (
  erp: Erp,
  view: SalesView,
  writes: SalesWrites,
): readonly EntitySet<number>[] => {
  const { orders } = erp;
  const number = (row: number): string => SALES_ORDER.of(orderOfPartner(row));
  const partner = (row: number): number =>
    orders.posted.get(orderOfPartner(row))?.partners.get(functionOf(row)) ??
    orders.partner.get(orderOfPartner(row));
  const layout: Layout<number> = {
    count: () => orders.length * COUNT,
    rowAt: (at) => at,
    keyOf: (row) => [number(row), functionOf(row)],
  };
  const partners: EntitySet<number> = {
    name: 'A_SalesOrderHeaderPartner',
    label: 'Sales Order Partner',
    key: ['SalesOrder', 'PartnerFunction'],
    properties: outputOnly(
      ['SalesOrder'],
      [
        keyText('SalesOrder', 10, number),
        keyText('PartnerFunction', 2, functionOf),
        text('Customer', 10, (row) => CUSTOMER.of(partner(row))),
        fixed('Supplier', 10, ''),
        fixed('Personnel', 8, '0'),
        fixed('ContactPerson', 10, ''),
        text('AddressID', 10, (row) => addressNumber(partner(row))),
      ],
    ),
    navigations: [
      {
        name: 'to_Address',
        target: 'A_SalesOrderPartnerAddress',
        multiplicity: '*',
        rows: (row) => [row],
      },
    ],
    source: layoutSource(layout, { SalesOrder: ascendingIndex(layout, number) }),
  };

  const shown = { row: -1, stamp: -1, address: {} as DocumentAddress };
  const addressOf = (row: number): DocumentAddress => {
    const stamp = orders.stamp.get(orderOfPartner(row));
    if (shown.row !== row || shown.stamp !== stamp) {
      shown.row = row;
      shown.stamp = stamp;
      shown.address =
        orders.posted.get(orderOfPartner(row))?.addresses.get(functionOf(row)) ??
        masterAddress(erp, view, orderOfPartner(row), partner(row));
    }
    return shown.address;
  };
  const addressLayout: Layout<number> = {
    ...layout,
    keyOf: (row) => [number(row), functionOf(row), ''],
  };
  const addresses: EntitySet<number> = {
    name: 'A_SalesOrderPartnerAddress',
    label: 'Sales Order Partner Address',
    key: ['SalesOrder', 'PartnerFunction', 'AddressRepresentationCode'],
    properties: [
      keyText('SalesOrder', 10, number),
      keyText('PartnerFunction', 2, functionOf),
      keyText('AddressRepresentationCode', 1, () => ''),
      ...ADDRESS_FIELDS.map(([name, maxLength]) =>
        text<number>(name, maxLength, (row) => (addressOf(row)[name] ?? '').slice(0, maxLength)),
      ),
    ],
    source: {
      ...layoutSource(addressLayout, { SalesOrder: ascendingIndex(addressLayout, number) }),
      ...writes.addresses,
    },
  };
  return [partners, addresses];
};

/** Of the partner; of a one-time partner that of the shop's customer, who is nobody in the ERP. */
const masterAddress = (
  erp: Erp,
  view: SalesView,
  salesOrder: number,
  partner: number,
): DocumentAddress => {
  const order = erp.orders.order.get(salesOrder);
  const isShops = order < erp.world.orders.length;
  if (erp.partners.kind.get(partner) === PARTNER_ONE_TIME && isShops) {
    const person = erp.world.customers.personOf(erp.world.orders.customer.get(order));
    return {
      AddresseeFullName: `${person.firstName} ${person.lastName}`,
      OrganizationName1: person.company ?? `${person.firstName} ${person.lastName}`,
      StreetName: person.street,
      PostalCode: person.zipcode,
      CityName: person.city,
      Country: channelAt(view.contentsOf(salesOrder).channel).country,
      EmailAddress: person.email,
      PhoneNumber: person.phone ?? '',
    };
  }
  const details = partnerDetails(erp, partner);
  return {
    AddresseeFullName: details.name,
    OrganizationName1: details.name,
    StreetName: details.street,
    HouseNumber: details.houseNumber,
    PostalCode: details.postalCode,
    CityName: details.city,
    Country: details.country,
    EmailAddress: details.email,
  };
};
