/** Whom an order is sold to: the one business partner with the buyer's e-mail, or the collective one. */
import type { ContactFields } from '@headrace/sdk';
import { text } from '../json.js';
import { partnerNo } from '../mapping/map-context.js';
import { parseRecord } from '../odata/page.js';
import { compare, either } from '../odata/query.js';
import { get, type SapContext } from '../odata/question.js';
import type { OrderFields } from './order-map.js';

const ROOT = '/sap/opu/odata/sap/API_BUSINESS_PARTNER';

/** Everything read to find a buyer, by set. */
export const buyerReadFields: Readonly<Record<string, readonly string[]>> = {
  A_AddressEmailAddress: ['AddressID', 'EmailAddress'],
  A_BusinessPartnerAddress: ['BusinessPartner', 'AddressID'],
  A_BusinessPartner: ['BusinessPartner', 'Customer', 'BusinessPartnerIsBlocked'],
};

/** Somebody with more addresses than this is nobody we can name. */
const MATCHES_MAX = 5;

export async function buyerOf(
  context: SapContext,
  wanted: OrderFields,
  personal: ContactFields | null,
): Promise<string> {
  const email = personal?.email?.trim();
  if (!context.config.write.order.hasOwnBuyers || !email) return wanted.soldTo;
  const addresses = await ask(
    context,
    'A_AddressEmailAddress',
    [['EmailAddress', email]],
    'AddressID',
  );
  if (addresses.length === 0 || addresses.length > MATCHES_MAX) return wanted.soldTo;
  const partners = await ask(
    context,
    'A_BusinessPartnerAddress',
    addresses.map((id) => ['AddressID', id] as const),
    'BusinessPartner',
  );
  const [partner] = partners;
  if (partner === undefined || partners.length > 1) return wanted.soldTo;
  const [customer] = await ask(
    context,
    'A_BusinessPartner',
    [['BusinessPartner', partner]],
    'Customer',
  );
  return partnerNo(customer) === null ? wanted.soldTo : (customer ?? wanted.soldTo);
}

/** Distinct values of a property of the rows with one of these values. */
async function ask(
  context: SapContext,
  set: string,
  terms: readonly (readonly [property: string, value: string])[],
  property: string,
): Promise<readonly string[]> {
  const filter = either(
    terms.map(([name, value]) => compare({ property: name, kind: 'text', value }, 'eq', 2)),
  );
  const select = buyerReadFields[set] ?? [];
  const page = await get(context, ROOT, set, { filter, select, top: MATCHES_MAX + 1 }, 2);
  const values = page.records.flatMap((record) => text(parseRecord(record)[property]) ?? []);
  return [...new Set(values)];
}
