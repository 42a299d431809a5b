/** Names and addresses of a whole record, for systems they are handed on to. Never stored. */
import type { ContactAddress, ContactFields, JsonObject } from '@headrace/sdk';
import { object, objects, text } from '../json.js';

export function contactOfOrder(record: JsonObject): ContactFields {
  const [delivery] = objects(record.deliveries);
  const email = text(object(record.orderCustomer)?.email);
  const shipTo = addressOf(object(delivery?.shippingOrderAddress));
  const billTo = addressOf(object(record.billingAddress));
  return {
    ...(email === null ? {} : { email }),
    ...(shipTo === null ? {} : { shipTo }),
    ...(billTo === null ? {} : { billTo }),
  };
}

export function contactOfCustomer(record: JsonObject): ContactFields {
  const email = text(record.email);
  const billTo = addressOf(object(record.defaultBillingAddress));
  return { ...(email === null ? {} : { email }), ...(billTo === null ? {} : { billTo }) };
}

function addressOf(address: JsonObject | null): ContactAddress | null {
  if (address === null) return null;
  const said = {
    company: text(address.company),
    givenName: text(address.firstName),
    familyName: text(address.lastName),
    street: text(address.street),
    postalCode: text(address.zipcode),
    city: text(address.city),
    country: text(object(address.country)?.iso),
    phone: text(address.phoneNumber),
  };
  const known = Object.entries(said).filter(([, value]) => value !== null);
  return known.length === 0 ? null : (Object.fromEntries(known) as ContactAddress);
}
