import { channelAt } from './channels.js';
import { Float64Column, Uint8Column, Uint32Column } from './columns.js';
import { mix } from './random.js';
import { CITIES, COMPANY_WORDS, FIRST_NAMES, LAST_NAMES, STREETS } from './vocabulary.js';
/**
 * Customers as columns. Names and addresses are not stored but derived from a person number,
 * which also gives duplicates for free: two accounts of one person share the number.
 */
export const CUSTOMER_GUEST = 1;
export const CUSTOMER_CONSENT = 2;
export const CUSTOMER_DELETED = 4;
export const CUSTOMER_DUPLICATE = 8;
export const FIRST_CUSTOMER_NUMBER = 20_001;
export class CustomerTable {
  createdAtMs = new Float64Column();
  updatedAtMs = new Float64Column();
  lastOrderAtMs = new Float64Column();
  spentMinor = new Float64Column();
  orderCount = new Uint32Column();
  channel = new Uint8Column();
  flags = new Uint8Column();
  person = new Uint32Column();
  /** Company number plus one; 0 for a private person. */
  company = new Uint32Column();
  /** How eager this customer buys, 0..255 relative; drop-out is drawn at each purchase. */
  eagerness = new Uint8Column();
  edits = new Map();
  deletedCount = 0;
  get length() {
    return this.flags.length;
  }
  add(row) {
    this.createdAtMs.push(row.createdAtMs);
    this.updatedAtMs.push(0);
    this.lastOrderAtMs.push(0);
    this.spentMinor.push(0);
    this.orderCount.push(0);
    this.channel.push(row.channel);
    this.flags.push(row.flags);
    this.person.push(row.person);
    this.company.push(row.company);
    return this.eagerness.push(row.eagerness);
  }
  has(customer, flag) {
    return (this.flags.get(customer) & flag) !== 0;
  }
  isLive(customer) {
    return customer >= 0 && customer < this.length && !this.has(customer, CUSTOMER_DELETED);
  }
  numberOf(customer) {
    return String(FIRST_CUSTOMER_NUMBER + customer);
  }
  /** As entered at registration; what an order keeps, whatever is edited later. */
  personOf(customer) {
    const person = this.person.get(customer);
    const channel = channelAt(this.channel.get(customer));
    const draw = (field) => mix(person, field);
    const choose = (words, field) => words[draw(field) % words.length] ?? '';
    const firstName = choose(FIRST_NAMES, 1);
    const lastName = choose(LAST_NAMES, 2);
    const company = this.company.get(customer);
    const cities = CITIES[channel.country] ?? [];
    const streets = STREETS[channel.country] ?? [];
    const number = draw(5) % 180;
    const digits = String(10_000 + (draw(6) % 89_999));
    return {
      firstName,
      lastName,
      email: this.emailOf(customer, firstName, lastName, person),
      company:
        company === 0
          ? null
          : `${LAST_NAMES[mix(company, 7) % LAST_NAMES.length]} ${COMPANY_WORDS[mix(company, 8) % COMPANY_WORDS.length]} ${company}`,
      street:
        channel.country === 'GB'
          ? `${number + 1} ${choose(streets, 3)}`
          : `${choose(streets, 3)} ${number + 1}`,
      zipcode:
        channel.country === 'DE'
          ? digits
          : channel.country === 'GB'
            ? `LS${1 + (number % 28)} ${number % 9}AB`
            : `${digits.slice(0, 4)} ${String.fromCharCode(65 + (number % 26))}${String.fromCharCode(65 + (draw(9) % 26))}`,
      city: choose(cities, 4),
      phone: draw(10) % 3 === 0 ? null : `+31 6 ${String(10_000_000 + (draw(11) % 89_999_999))}`,
    };
  }
  emailOf(customer, first, last, person) {
    const plain = (text) =>
      text
        .normalize('NFD')
        .replace(/[^a-zA-Z]/g, '')
        .toLowerCase();
    const local = `${plain(first)}.${plain(last)}.${person}`;
    // A duplicate is found by people, not by an equal string: another case, another alias.
    if (!this.has(customer, CUSTOMER_DUPLICATE)) return `${local}@example.org`;
    return customer % 2 === 0 ? `${local}+shop@example.org` : `${local.toUpperCase()}@example.org`;
  }
  /** The account as it stands now. */
  current(customer) {
    const person = this.personOf(customer);
    const edits = this.edits.get(customer);
    return {
      ...person,
      firstName: edits?.firstName ?? person.firstName,
      lastName: edits?.lastName ?? person.lastName,
      email: edits?.email ?? person.email,
      company: edits?.company === undefined ? person.company : edits.company,
      active: edits?.active ?? true,
    };
  }
}
//# sourceMappingURL=customers.js.map
