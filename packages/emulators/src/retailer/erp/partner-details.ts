import { CHANNELS, channelAt, type LanguageCode } from '../channels.js';
import { mix } from '../random.js';
import { CITIES, STREETS } from '../vocabulary.js';
import { PARTNER_COMPANY, PARTNER_ONE_TIME } from './partners.js';
import { type Erp, supplierRow } from './state.js';

/** What is written on a business partner, edits included. */

export interface PartnerDetails {
  readonly category: 'person' | 'organization';
  readonly name: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
  readonly street: string;
  readonly houseNumber: string;
  readonly postalCode: string;
  readonly city: string;
  readonly country: string;
  readonly language: LanguageCode;
  readonly searchTerm: string;
}

const supplierDetails = (erp: Erp, supplier: number): PartnerDetails => {
  const edits = erp.supplierEdits.get(supplier);
  const name = edits?.name ?? erp.world.catalogue.suppliers[supplier]?.name ?? '';
  const draw = (salt: number): number => mix(mix(erp.seed >>> 0, 700 + salt), supplier);
  const country = ['NL', 'DE', 'GB'][draw(0) % 3] ?? 'NL';
  const choose = (words: readonly string[] | undefined, salt: number): string =>
    words?.[draw(salt) % words.length] ?? '';
  return {
    category: 'organization',
    name,
    firstName: '',
    lastName: '',
    email: edits?.email ?? `sales@${name.toLowerCase().replace(/[^a-z0-9]/g, '')}.example`,
    street: edits?.street ?? choose(STREETS[country], 1),
    houseNumber: String(1 + (draw(2) % 90)),
    postalCode: edits?.postalCode ?? String(10_000 + (draw(3) % 89_999)),
    city: edits?.city ?? choose(CITIES[country], 4),
    country,
    language: country === 'DE' ? 'de-DE' : country === 'GB' ? 'en-GB' : 'nl-NL',
    searchTerm: edits?.searchTerm ?? name.slice(0, 20).toUpperCase(),
  };
};

/** Row of the partner table, or a supplier told apart by its sign. */
export const partnerDetails = (erp: Erp, row: number): PartnerDetails => {
  if (row < 0) return supplierDetails(erp, supplierRow(row));
  const { partners, world } = erp;
  const kind = partners.kind.get(row);
  const customer = partners.customer.get(row);
  if (kind === PARTNER_ONE_TIME) {
    const name = `One-time ${CHANNELS[customer]?.name ?? ''}`;
    const { country = 'NL', language = 'nl-NL' } = CHANNELS[customer] ?? {};
    return {
      category: 'organization',
      ...{ name, firstName: '', lastName: '', email: '', street: '', houseNumber: '' },
      ...{ postalCode: '', city: '', country, language, searchTerm: 'CPD' },
    };
  }
  const person = world.customers.personOf(customer);
  const edits = partners.edits.get(row);
  const firstName = edits?.firstName ?? person.firstName;
  const lastName = edits?.lastName ?? person.lastName;
  const isCompany = kind === PARTNER_COMPANY;
  const { country, language } = channelAt(world.customers.channel.get(customer));
  const street = edits?.street ?? person.street;
  const number = /\d+/.exec(street)?.[0] ?? '';
  return {
    category: isCompany ? 'organization' : 'person',
    name: isCompany ? (edits?.name ?? person.company ?? '') : `${firstName} ${lastName}`,
    firstName: isCompany ? '' : firstName,
    lastName: isCompany ? '' : lastName,
    email: edits?.email ?? person.email,
    street: street.replace(number, '').trim(),
    houseNumber: number,
    postalCode: edits?.postalCode ?? person.zipcode,
    city: edits?.city ?? person.city,
    country,
    language,
    searchTerm:
      edits?.searchTerm ??
      (isCompany ? (person.company ?? '') : lastName).slice(0, 20).toUpperCase(),
  };
};
