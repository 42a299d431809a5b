/**
 * Orders of the channels as sales orders. SAP takes no key of ours and enters the same order twice
 * when it is sent twice; so each is looked for by the channel's number first, which SAP shows at once.
 */
import {
  type ContactAddress,
  type ContactFields,
  HeadraceError,
  type JsonObject,
  type Sink,
  type SinkItem,
  type SinkResult,
} from '@headrace/sdk';
import type { SapConfig } from '../config.js';
import { object, text } from '../json.js';
import type { SapContext } from '../odata/question.js';
import { dateValue } from '../odata/values.js';
import { type Write, write, writeTogether } from '../odata/write.js';
import { buyerOf } from './buyer.js';
import { mapOrder, type OrderFields, type OrderItem, orderFields } from './order-map.js';
import {
  type FoundOrder,
  findOrders,
  isOurs,
  itemsByLine,
  ORDER_ROOT,
  stateOf,
} from './order-read.js';
import { refusedOf, writeEach } from './refusal.js';

/** An address with twenty filters stays below eight kilobytes. */
const BATCH_MAX = 20;

export const order: Sink<SapConfig> = {
  name: 'order',
  title: 'Sales order',
  description: 'Orders of the channels as sales orders, amended and cancelled as they are',
  entities: ['order', 'orderLine'],
  delivery: 'at-least-once',
  makes: 'document',
  fields: orderFields,
  batchMax: BATCH_MAX,
  isPersonal: true,
  map: mapOrder,
  async read(context, records) {
    const found = await findOrders(context, records);
    return records.flatMap((record) => {
      const one = found.get(record.key);
      return one === undefined ? [] : [stateOf(record, one)];
    });
  },
  write: (context, items) => writeEach(items, (item) => writeOrder(context, item)),
};

async function writeOrder(context: SapContext, item: SinkItem): Promise<SinkResult> {
  const { key, before } = item;
  try {
    const wanted = item.wanted as OrderFields;
    const id = before === null ? await enter(context, wanted, item.personal) : before.id;
    if (before !== null) await amend(context, item, wanted);
    return { key, kind: 'written', id };
  } catch (thrown) {
    return refusedOf(key, thrown);
  }
}

async function enter(
  context: SapContext,
  wanted: OrderFields,
  personal: ContactFields | null,
): Promise<string | null> {
  // What was cancelled before SAP heard of it is nothing to enter.
  const items = Object.entries(wanted.items).filter(([, { isCancelled }]) => !isCancelled);
  if (items.length === 0) return null;
  const buyer = await buyerOf(context, wanted, personal);
  const json = orderJson({ ...wanted, items: Object.fromEntries(items) }, buyer, personal, context);
  const { body } = await write(context, ORDER_ROOT, { method: 'POST', path: 'A_SalesOrder', json });
  return text(object(object(parse(body))?.d)?.SalesOrder);
}

function parse(body: Uint8Array): JsonObject {
  return JSON.parse(Buffer.from(body).toString('utf8')) as JsonObject;
}

/** The body of a deep insert. */
export function orderJson(
  wanted: OrderFields,
  soldTo: string,
  personal: ContactFields | null,
  { config }: Pick<SapContext, 'config'>,
): JsonObject {
  const [organization = '', channel = '', division = ''] = wanted.area.split('/');
  const { freight, discount } = config.write.order;
  const partners = [
    partnerJson('SH', soldTo, personal?.shipTo, personal?.email),
    partnerJson('BP', soldTo, personal?.billTo, personal?.email),
  ].filter((partner) => partner !== null);
  return {
    SalesOrderType: wanted.type,
    SalesOrganization: organization,
    DistributionChannel: channel,
    OrganizationDivision: division,
    SoldToParty: soldTo,
    PurchaseOrderByCustomer: wanted.reference,
    CustomerPurchaseOrderDate: dateValue(wanted.orderedOn),
    SalesOrderDate: dateValue(wanted.orderedOn),
    RequestedDeliveryDate: dateValue(wanted.requestedOn),
    TransactionCurrency: wanted.currency,
    ...given('ShippingCondition', wanted.shippingCondition),
    ...given('CustomerPaymentTerms', wanted.paymentTerms),
    ...(partners.length === 0 ? {} : { to_Partner: partners }),
    to_PricingElement: [
      ...(wanted.freight === '0' ? [] : [conditionJson(freight, wanted.freight, wanted.currency)]),
      ...(wanted.discount === '0'
        ? []
        : [conditionJson(discount, `-${wanted.discount}`, wanted.currency)]),
    ],
    to_Item: Object.entries(wanted.items).map(([line, item], index) =>
      itemJson(line, item, wanted.currency, String((index + 1) * 10)),
    ),
  };
}

const given = (name: string, value: string | null): JsonObject =>
  value === null ? {} : { [name]: value };

function itemJson(line: string, item: OrderItem, currency: string, number?: string): JsonObject {
  return {
    ...(number === undefined ? {} : { SalesOrderItem: number }),
    Material: item.material,
    RequestedQuantity: item.quantity,
    RequestedQuantityUnit: item.unit,
    UnderlyingPurchaseOrderItem: line,
    ...(item.price === null
      ? {}
      : { to_PricingElement: [priceJson(item.price, item.unit, currency)] }),
  };
}

function priceJson(
  price: NonNullable<OrderItem['price']>,
  unit: string,
  currency: string,
): JsonObject {
  return {
    ...conditionJson(price.condition, price.amount, currency),
    ConditionQuantity: price.per,
    ConditionQuantityUnit: unit,
  };
}

function conditionJson(type: string, amount: string, currency: string): JsonObject {
  return { ConditionType: type, ConditionRateValue: amount, ConditionCurrency: currency };
}

/** The partner with the address of this order alone. */
function partnerJson(
  part: string,
  customer: string,
  address: ContactAddress | undefined,
  email: string | undefined,
): JsonObject | null {
  if (address === undefined) return null;
  const { company, givenName, familyName, street, postalCode, city, country, phone } = address;
  const name = [givenName, familyName].filter(Boolean).join(' ');
  const parts: [string, string | undefined, number][] = [
    ['OrganizationName1', company ?? name, 40],
    ['OrganizationName2', company === undefined ? undefined : name, 40],
    ['StreetName', street, 60],
    ['PostalCode', postalCode, 10],
    ['CityName', city, 40],
    ['Country', country, 3],
    ['EmailAddress', email, 241],
    ['PhoneNumber', phone, 30],
  ];
  const fields = parts.flatMap(([field, value, length]) =>
    value === undefined || value === '' ? [] : [[field, value.slice(0, length)]],
  );
  return {
    PartnerFunction: part,
    Customer: customer,
    to_Address: [Object.fromEntries(fields)],
  };
}

/** What differs in an order that is there, all of it or nothing. */
async function amend(context: SapContext, item: SinkItem, wanted: OrderFields): Promise<void> {
  const record = { key: item.key, fields: item.wanted };
  const found = (await findOrders(context, [record])).get(item.key);
  // It was there a moment ago.
  if (found === undefined) return;
  await writeTogether(context, ORDER_ROOT, changesOf(item, wanted, found, context.config));
}

function changesOf(
  item: SinkItem,
  wanted: OrderFields,
  found: FoundOrder,
  { write: { order: settings } }: SapConfig,
): readonly Write[] {
  const writes: Write[] = [];
  if (item.fields.items !== undefined) {
    const lines = itemsByLine(found, wanted);
    for (const [line, asked] of Object.entries(wanted.items)) {
      const there = lines.get(line);
      if (there === undefined) {
        if (asked.isCancelled) continue;
        writes.push({
          method: 'POST',
          path: `A_SalesOrder('${found.number}')/to_Item`,
          json: itemJson(line, asked, wanted.currency),
        });
      } else if (!there.isRejected)
        writes.push(...itemChanges(asked, there, found, wanted, settings));
    }
    for (const [code, there] of found.items) {
      const isGone = isOurs(code) && wanted.items[code] === undefined && !there.isRejected;
      if (isGone)
        writes.push(
          patchItem(found, there.number, { SalesDocumentRjcnReason: settings.rejection }),
        );
    }
  }
  for (const [name, type, sign] of [
    ['freight', settings.freight, ''],
    ['discount', settings.discount, '-'],
  ] as const) {
    if (item.fields[name] === undefined || wanted[name] === found[name]) continue;
    const amount = wanted[name] === '0' ? '0' : `${sign}${wanted[name]}`;
    const known = found.conditions.get(type);
    writes.push(
      known === undefined
        ? {
            method: 'POST',
            path: `A_SalesOrder('${found.number}')/to_PricingElement`,
            json: conditionJson(type, amount, wanted.currency),
          }
        : {
            method: 'PATCH',
            path: `A_SalesOrderHeaderPrElement(SalesOrder='${found.number}',PricingProcedureStep='${known.step}',PricingProcedureCounter='${known.counter}')`,
            json: { ConditionRateValue: amount },
          },
    );
  }
  return writes;
}

function itemChanges(
  asked: OrderItem,
  there: FoundOrder['items'] extends ReadonlyMap<string, infer Item> ? Item : never,
  found: FoundOrder,
  wanted: OrderFields,
  settings: SapConfig['write']['order'],
): readonly Write[] {
  if (asked.isCancelled) {
    return [patchItem(found, there.number, { SalesDocumentRjcnReason: settings.rejection })];
  }
  const writes: Write[] = [];
  if (asked.quantity !== there.fields.quantity) {
    writes.push(patchItem(found, there.number, { RequestedQuantity: asked.quantity }));
  }
  const { price } = asked;
  const own = there.fields.price;
  const isPriced = price === null || (own?.amount === price.amount && own.per === price.per);
  if (price !== null && !isPriced) {
    if (there.price === null) throw withoutPrice(there.number, price.condition);
    const { step, counter } = there.price;
    writes.push({
      method: 'PATCH',
      path: `A_SalesOrderItemPrElement(SalesOrder='${found.number}',SalesOrderItem='${there.number}',PricingProcedureStep='${step}',PricingProcedureCounter='${counter}')`,
      json: {
        ConditionRateValue: price.amount,
        ConditionCurrency: wanted.currency,
        ConditionQuantity: price.per,
      },
    });
  }
  return writes;
}

const withoutPrice = (number: string, condition: string) =>
  new HeadraceError('record', `Item ${number} has no price ${condition} in SAP to be changed.`, {
    code: 'E_SAP_NO_PRICE',
    hint: 'Compare `write.order.grossPrice` and `netPrice` with the pricing procedure of the order.',
  });

function patchItem(found: FoundOrder, number: string, json: JsonObject): Write {
  return {
    method: 'PATCH',
    path: `A_SalesOrderItem(SalesOrder='${found.number}',SalesOrderItem='${number}')`,
    json,
  };
}
