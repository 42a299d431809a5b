import { describe, expect, it } from 'vitest';
import { contactOfCustomer, contactOfOrder } from './contact.js';

const address = {
  ...{ firstName: 'Mina', lastName: 'Vermeulen', street: 'Kade 1', zipcode: '5011 AA' },
  ...{ city: 'Tilburg', country: { iso: 'NL' }, company: null, phoneNumber: '' },
};

describe('names and addresses', () => {
  it('of an order are those of its first parcel, its bill and its customer', () => {
    const record = {
      orderCustomer: { email: 'mina@example.org' },
      billingAddress: { ...address, company: 'Vermeulen BV' },
      deliveries: [{ shippingOrderAddress: address }, { shippingOrderAddress: null }],
    };
    const to = {
      ...{ givenName: 'Mina', familyName: 'Vermeulen', street: 'Kade 1', postalCode: '5011 AA' },
      ...{ city: 'Tilburg', country: 'NL' },
    };
    expect(contactOfOrder(record)).toEqual({
      ...{ email: 'mina@example.org', shipTo: to },
      billTo: { ...to, company: 'Vermeulen BV' },
    });
  });

  it('are left out where nothing is said', () => {
    expect(contactOfOrder({ deliveries: 'x', billingAddress: {} })).toEqual({});
    expect(contactOfCustomer({ email: '', defaultBillingAddress: { country: null } })).toEqual({});
  });
});
