/**
 * Every field the connector reads, as data: requests ask for exactly these, what is personal is
 * sealed by this list, and a script compares it with Shopware's own specification. A field is
 * either business or personal; there is no third list to forget one in.
 */

export interface FieldList {
  readonly business: readonly string[];
  readonly personal?: readonly string[];
  /** Where in a record this type of object stands; the record itself when left out. */
  readonly at?: readonly string[];
}

/** By Shopware's name of the type, as `includes` wants it. */
export type ReadFields = Readonly<Record<string, FieldList>>;

const changeTimes = ['createdAt', 'updatedAt'];

export const productFields: ReadFields = {
  product: {
    business: [
      ...['id', 'parentId', 'childCount', 'autoIncrement', 'productNumber', 'active', 'translated'],
      ...['ean', 'manufacturerNumber', 'price', 'taxId', 'weight', 'width', 'height', 'length'],
      ...['releaseDate', 'ratingAverage', 'isCloseout', 'categoryIds', 'customFields'],
      ...['prices', 'visibilities', 'options', 'properties', 'media', 'manufacturer', 'parent'],
      ...changeTimes,
    ],
  },
  product_price: {
    business: ['id', 'ruleId', 'quantityStart', 'quantityEnd', 'price', ...changeTimes],
  },
  product_visibility: { business: ['id', 'salesChannelId', 'visibility'] },
  product_manufacturer: { business: ['id', 'translated'] },
  product_media: { business: ['id', 'position', 'media'] },
  media: { business: ['id', 'url', 'mimeType'] },
  property_group_option: { business: ['id', 'translated', 'group'] },
  property_group: { business: ['id', 'translated'] },
};

export const stockFields: ReadFields = {
  product: {
    business: [
      ...['id', 'autoIncrement', 'productNumber', 'ean', 'manufacturerNumber', 'childCount'],
      ...['stock', 'availableStock'],
    ],
  },
};

export const categoryFields: ReadFields = {
  category: {
    business: [
      ...['id', 'parentId', 'autoIncrement', 'active', 'visible', 'breadcrumb', 'translated'],
      ...changeTimes,
    ],
  },
};

const addressPersonal = [
  ...['firstName', 'lastName', 'company', 'department', 'title', 'street', 'zipcode', 'city'],
  ...['phoneNumber', 'additionalAddressLine1', 'additionalAddressLine2'],
];

export const orderFields: ReadFields = {
  order: {
    business: [
      ...['id', 'autoIncrement', 'orderNumber', 'salesChannelId', 'currencyId', 'languageId'],
      ...['orderDateTime', 'amountTotal', 'amountNet', 'shippingCosts', 'taxStatus'],
      ...['campaignCode', 'affiliateCode', 'customFields', 'orderCustomer'],
      ...['stateMachineState', 'lineItems', 'deliveries', 'transactions', 'billingAddress'],
      ...changeTimes,
    ],
    personal: ['customerComment'],
  },
  order_line_item: {
    business: [
      ...['id', 'parentId', 'productId', 'promotionId', 'type', 'label', 'quantity', 'unitPrice'],
      ...['totalPrice', 'price', 'payload', ...changeTimes],
    ],
  },
  order_delivery: {
    business: [
      ...['id', 'shippingMethodId', 'trackingCodes', 'shippingDateLatest', 'stateMachineState'],
      ...['positions', 'shippingOrderAddress', ...changeTimes],
    ],
  },
  order_delivery_position: { business: ['id', 'orderLineItemId', 'quantity'] },
  order_transaction: {
    business: ['id', 'paymentMethodId', 'amount', 'stateMachineState', ...changeTimes],
  },
  state_machine_state: { business: ['technicalName'] },
  order_customer: {
    at: ['orderCustomer'],
    business: [],
    // The reference of the person is their handle in what is stored, so the id is sealed as well.
    personal: [
      ...['customerId', 'customerNumber', 'email', 'firstName', 'lastName', 'title', 'company'],
      'vatIds',
    ],
  },
  order_address: {
    at: ['deliveries.*.shippingOrderAddress', 'billingAddress'],
    business: ['id', 'countryId', 'country'],
    personal: [...addressPersonal, 'vatId'],
  },
  country: { business: ['iso'] },
};

/** For shops whose sku is in a field that lines do not keep. */
export const orderProductFields: ReadFields = {
  ...orderFields,
  order_line_item: {
    business: [...(orderFields.order_line_item?.business ?? []), 'product'],
  },
  product: { business: ['id', 'ean', 'manufacturerNumber'] },
};

/** Words of the shop's people about a return may be about a person, and are not asked for. */
export const returnFields: ReadFields = {
  order_return: {
    business: ['id', 'returnNumber', 'requestedAt', 'state', 'order', 'lineItems', ...changeTimes],
  },
  order: { business: ['id', 'orderNumber', 'salesChannelId', 'orderCustomer'] },
  order_customer: { at: ['order.orderCustomer'], business: [], personal: ['customerId'] },
  order_return_line_item: {
    business: ['id', 'quantity', 'reason', 'state', 'lineItem', ...changeTimes],
  },
  order_return_line_item_reason: { business: ['id', 'reasonKey'] },
  order_line_item: { business: ['id', 'payload', 'product'] },
  product: { business: ['id', 'ean', 'manufacturerNumber'] },
  state_machine_state: { business: ['technicalName'] },
};

export const customerFields: ReadFields = {
  customer: {
    business: [
      ...['id', 'autoIncrement', 'groupId', 'salesChannelId', 'languageId', 'active', 'guest'],
      ...['accountType', 'doubleOptInRegistration', 'doubleOptInConfirmDate', 'firstLogin'],
      ...['lastLogin', 'lastOrderDate', 'orderCount', 'orderTotalAmount', 'affiliateCode'],
      ...['campaignCode', 'customFields', 'defaultBillingAddress', ...changeTimes],
    ],
    personal: [
      ...['customerNumber', 'email', 'firstName', 'lastName', 'title', 'company', 'vatIds'],
      'birthday',
    ],
  },
  customer_address: {
    at: ['defaultBillingAddress'],
    business: ['id', 'countryId', 'country'],
    personal: addressPersonal,
  },
  country: { business: ['iso'] },
};

/** Reference data for the mapping; nobody's data. */
export const contextFields: Readonly<Record<string, ReadFields>> = {
  currency: { currency: { business: ['id', 'isoCode', 'isSystemDefault', 'itemRounding'] } },
  language: {
    language: { business: ['id', 'locale'] },
    locale: { business: ['id', 'code'] },
  },
  'sales-channel': {
    sales_channel: {
      business: ['id', 'translated', 'currencyId', 'customerGroupId', 'languageId', 'countryId'],
    },
  },
  'customer-group': { customer_group: { business: ['id', 'displayGross', 'translated'] } },
  tax: { tax: { business: ['id', 'taxRate'] } },
  rule: {
    rule: { business: ['id', 'name', 'conditions'] },
    rule_condition: { business: ['id', 'type', 'value', 'parentId'] },
  },
  country: { country: { business: ['id', 'iso'] } },
  'payment-method': { payment_method: { business: ['id', 'technicalName', 'translated'] } },
  'shipping-method': { shipping_method: { business: ['id', 'technicalName', 'translated'] } },
};

/** All of it, by the entity that is asked for. */
export const readFields: Readonly<Record<string, readonly ReadFields[]>> = {
  product: [productFields, stockFields],
  category: [categoryFields],
  order: [orderFields, orderProductFields],
  'order-delivery': [{ order_delivery: { business: ['id', 'orderId', 'updatedAt'] } }],
  'order-transaction': [{ order_transaction: { business: ['id', 'orderId', 'updatedAt'] } }],
  customer: [customerFields],
  'order-return': [returnFields, { order_return: { business: ['id', ...changeTimes] } }],
  'order-return-line-item': [
    { order_return_line_item: { business: ['id', 'orderReturnId', ...changeTimes] } },
  ],
  ...Object.fromEntries(Object.entries(contextFields).map(([entity, list]) => [entity, [list]])),
  webhook: [{ webhook: { business: ['id', 'name', 'eventName', 'url', 'active', 'errorCount'] } }],
  'custom-field': [
    {
      custom_field: { business: ['id', 'name', 'type', 'config', 'active', 'customFieldSet'] },
      custom_field_set: { business: ['id', 'relations'] },
      custom_field_set_relation: { business: ['id', 'entityName'] },
    },
  ],
  'property-group': [{ property_group: { business: ['id', 'translated'] } }],
};

/** All of it by type of object, for comparison with the vendor's description of the types. */
export function readFieldsByType(): Readonly<Record<string, readonly string[]>> {
  const byType = new Map<string, Set<string>>();
  for (const fields of Object.values(readFields).flat()) {
    for (const [type, names] of Object.entries(includesOf(fields))) {
      const known = byType.get(type) ?? new Set();
      for (const name of names) known.add(name);
      byType.set(type, known);
    }
  }
  return Object.fromEntries(
    [...byType].sort(([a], [b]) => (a < b ? -1 : 1)).map(([type, names]) => [type, [...names]]),
  );
}

/** What `includes` of a request says. */
export function includesOf(fields: ReadFields): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    Object.entries(fields).map(([type, { business, personal = [] }]) => [
      type,
      [...business, ...personal],
    ]),
  );
}

/** The personal paths of a stream's record. */
export function personalPathsOf(fields: ReadFields): readonly string[] {
  return Object.values(fields).flatMap(({ personal = [], at = [''] }) =>
    at.flatMap((place) => personal.map((name) => (place === '' ? name : `${place}.${name}`))),
  );
}
