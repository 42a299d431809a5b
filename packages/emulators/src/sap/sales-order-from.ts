import type { WriteValues } from '../odata/model.js';
import { priceOf } from '../retailer/catalogue.js';
import { channelAt, currencyAt, netOf } from '../retailer/channels.js';
import type { Erp } from '../retailer/erp/erp.js';
import { MATERIAL_BLOCKED, MATERIAL_DELETION } from '../retailer/erp/materials.js';
import { PARTNER_ONE_TIME } from '../retailer/erp/partners.js';
import type {
  DocumentAddress,
  NewOrder,
  PartnerFunction,
  PostedItem,
} from '../retailer/erp/posted-orders.js';
import { DAY_MS } from '../retailer/parameters.js';
import { BASE_UNIT, CUSTOMER } from './numbers.js';
import { dayIn, minorIn, piecesIn, refuse, rowsIn, textIn } from './refusal.js';

/** The sales order a deep insert describes, or the application's refusal of it. */

/** Condition types beside the prices: off the goods, for sending them, tax. */
export const DISCOUNT = 'HB00';
export const FREIGHT = 'HD00';
export const TAX = 'MWST';

/** Reasons a company has set up to reject an item. */
export const REJECTION_REASONS: readonly string[] = ['00', '01', '02', '10', '11', '50'];
const PARTNERS_MAX = 10;
const ITEMS_MAX = 200;
/** Everything that comes in by the interface is entered by its communication user. */
const COMMUNICATION_USER = 'CC0000000012';

export const textsOf = (values: WriteValues): DocumentAddress =>
  Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) =>
      typeof value === 'string' ? [[name, value]] : [],
    ),
  );

/** The order a call describes, or the application's refusal. */
export const orderFrom = (erp: Erp, values: WriteValues, nowMs: number): NewOrder => {
  const channel = areaFrom(erp, values);
  const currency = currencyAt(channelAt(channel).currency).code;
  checkCurrency(values, 'TransactionCurrency', currency);
  const soldTo = partnerFrom(erp, textIn(values, 'SoldToParty'), 'SoldToParty');
  const placedAtMs = dayIn(values, 'SalesOrderDate') ?? today(nowMs);
  const requestedAtMs = dayIn(values, 'RequestedDeliveryDate') ?? placedAtMs;
  if (requestedAtMs < placedAtMs) {
    throw refuse(
      'V1/150',
      'The requested delivery date lies before the document date',
      'RequestedDeliveryDate',
    );
  }
  const { partners, addresses } = partnersFrom(erp, values);
  const shipTo = partners.get('SH') ?? soldTo;
  if (erp.partners.kind.get(shipTo) === PARTNER_ONE_TIME) checkAddress(addresses.get('SH'));
  const items = itemsFrom(erp, channel, currency, rowsIn(values, 'to_Item'));
  const amounts = { discountMinor: 0, shippingMinor: 0 };
  for (const element of rowsIn(values, 'to_PricingElement')) {
    checkCurrency(element, 'ConditionCurrency', currency);
    const minor = minorIn(element, 'ConditionRateValue');
    if (headType(element) === FREIGHT) amounts.shippingMinor += minor;
    else amounts.discountMinor += Math.abs(minor);
  }
  return {
    soldTo,
    shippingMinor: amounts.shippingMinor,
    partners,
    addresses,
    contents: {
      channel,
      reference: textIn(values, 'PurchaseOrderByCustomer'),
      referenceMs: dayIn(values, 'CustomerPurchaseOrderDate') ?? 0,
      referenceType: textIn(values, 'CustomerPurchaseOrderType'),
      placedAtMs,
      requestedAtMs,
      shippingCondition: textIn(values, 'ShippingCondition') || '01',
      paymentTerms: textIn(values, 'CustomerPaymentTerms') || '0001',
      paymentMethod: textIn(values, 'PaymentMethod'),
      reason: textIn(values, 'SDDocumentReason'),
      deliveryBlock: textIn(values, 'DeliveryBlockReason'),
      createdBy: COMMUNICATION_USER,
      items,
      discountMinor: amounts.discountMinor,
    },
  };
};

export const today = (nowMs: number): number => Math.floor(nowMs / DAY_MS) * DAY_MS;

const areaFrom = (erp: Erp, values: WriteValues): number => {
  const [type, organization, channel, division] = [
    textIn(values, 'SalesOrderType'),
    textIn(values, 'SalesOrganization'),
    textIn(values, 'DistributionChannel'),
    textIn(values, 'OrganizationDivision'),
  ];
  const { salesAreas } = erp.model;
  const index = salesAreas.findIndex(
    (area) =>
      area.organization === organization &&
      area.distributionChannel === channel &&
      area.division === division,
  );
  if (index < 0) {
    throw refuse(
      'V1/346',
      `Sales area ${organization} ${channel} ${division} is not defined`,
      'SalesOrganization',
    );
  }
  if (!salesAreas.some(({ orderType }) => orderType === type))
    throw refuse('V1/313', `Sales document type ${type} is not defined`, 'SalesOrderType');
  if (salesAreas[index]?.orderType !== type) {
    throw refuse(
      'V1/349',
      `Sales document type ${type} is not allowed in sales area ${organization} ${channel} ${division}`,
      'SalesOrderType',
    );
  }
  return index;
};

export const checkCurrency = (values: WriteValues, name: string, currency: string): void => {
  const given = textIn(values, name);
  if (given !== '' && given !== currency)
    throw refuse('V1/383', `Currency ${given} is not kept for this sales area`, name);
};

const partnerFrom = (erp: Erp, number: string, target: string): number => {
  const row = CUSTOMER.rowOf(number);
  if (row < 0 || row >= erp.partners.length) {
    const what = number === '' ? 'Enter the sold-to party' : `Customer ${number} does not exist`;
    throw refuse('VP/204', what, target);
  }
  if (erp.partners.isBlocked.get(row) === 1)
    throw refuse('VP/204', `Customer ${number} is blocked for sales orders`, target);
  return row;
};

/** In German the functions have other letters, and the interface takes both. */
const FUNCTIONS: Readonly<Record<string, PartnerFunction>> = {
  ...{ SP: 'SP', SH: 'SH', BP: 'BP', PY: 'PY' },
  ...{ AG: 'SP', WE: 'SH', RE: 'BP', RG: 'PY' },
};

const partnersFrom = (erp: Erp, values: WriteValues): Pick<NewOrder, 'partners' | 'addresses'> => {
  const partners = new Map<PartnerFunction, number>();
  const addresses = new Map<PartnerFunction, DocumentAddress>();
  const rows = rowsIn(values, 'to_Partner');
  if (rows.length > PARTNERS_MAX) throw refuse('VP/207', 'Too many partners');
  for (const row of rows) {
    const given = textIn(row, 'PartnerFunction');
    const part = FUNCTIONS[given];
    if (part === undefined)
      throw refuse('VP/217', `Partner function ${given} is not defined`, 'PartnerFunction');
    const number = textIn(row, 'Customer');
    if (number !== '') partners.set(part, partnerFrom(erp, number, 'Customer'));
    const [address] = rowsIn(row, 'to_Address');
    if (address !== undefined) addresses.set(part, textsOf(address));
  }
  return { partners, addresses };
};

const checkAddress = (address: DocumentAddress | undefined): void => {
  const name = address?.['OrganizationName1'] || address?.['AddresseeFullName'];
  if (!name || !address?.['CityName'] || !address['Country'])
    throw refuse('VP/112', 'Enter an address for the one-time customer', 'to_Partner');
};

const itemsFrom = (
  erp: Erp,
  channel: number,
  currency: string,
  rows: readonly WriteValues[],
): PostedItem[] => {
  if (rows.length === 0) throw refuse('V1/320', 'The sales order has no items', 'to_Item');
  if (rows.length > ITEMS_MAX) throw refuse('V1/321', `More than ${ITEMS_MAX} items`, 'to_Item');
  const items: PostedItem[] = [];
  for (const row of rows) {
    const highest = items.reduce((most, item) => Math.max(most, item.position), 0);
    items.push(itemFrom(erp, channel, currency, row, Math.floor(highest / 10) * 10 + 10));
  }
  items.sort((left, right) => left.position - right.position);
  for (const [index, { position }] of items.entries()) {
    if (items[index + 1]?.position === position)
      throw refuse('V1/322', `Item ${position} is there already`, 'SalesOrderItem');
  }
  return items;
};

const itemFrom = (
  erp: Erp,
  channel: number,
  currency: string,
  values: WriteValues,
  nextPosition: number,
): PostedItem => {
  const given = textIn(values, 'SalesOrderItem');
  if (given !== '' && !/^\d{1,6}$/.test(given))
    throw refuse('V1/323', `Item number ${given} is not a number`, 'SalesOrderItem');
  const position = Number(given) || nextPosition;
  const variant = variantFrom(erp, channel, textIn(values, 'Material'), position);
  const unit = textIn(values, 'RequestedQuantityUnit');
  if (unit !== '' && unit !== BASE_UNIT) {
    throw refuse(
      'V1/287',
      `Unit ${unit} is not defined for item ${position}`,
      'RequestedQuantityUnit',
    );
  }
  return {
    line: -1,
    position,
    variant,
    quantity: piecesIn(values, 'RequestedQuantity', `Item ${position}`),
    ...(priceFrom(erp, channel, currency, rowsIn(values, 'to_PricingElement')) ??
      listPrice(erp, channel, variant)),
    taxClass: productOf(erp, variant)?.taxClass ?? 0,
    rejection: rejectionFrom(values),
    customerItem: textIn(values, 'UnderlyingPurchaseOrderItem'),
    text: textIn(values, 'SalesOrderItemText'),
  };
};

const productOf = (erp: Erp, variant: number) =>
  erp.world.catalogue.products[erp.world.catalogue.variants[variant] ?? -1];

const variantFrom = (erp: Erp, channel: number, material: string, position: number): number => {
  const row = erp.world.catalogue.byNumber.get(material) ?? -1;
  const product = erp.world.catalogue.products[row];
  if (product === undefined || !erp.materials.exists(row) || product.variant < 0) {
    const area = erp.model.salesAreas[channel];
    throw refuse(
      'V1/382',
      `Material ${material} is not defined for sales org.${area?.organization}, distr.chan.${area?.distributionChannel}, language EN (item ${position})`,
      'Material',
    );
  }
  if (erp.materials.has(row, MATERIAL_DELETION) || erp.materials.has(row, MATERIAL_BLOCKED))
    throw refuse('V1/028', `Material ${material} has a status that forbids its sale`, 'Material');
  return product.variant;
};

type ItemPrice = Pick<PostedItem, 'priceMinor' | 'pricePer'>;

const priceFrom = (
  erp: Erp,
  channel: number,
  currency: string,
  elements: readonly WriteValues[],
): ItemPrice | undefined => {
  const { conditionTypes } = erp.model;
  const wanted = channelAt(channel).taxBasis === 'net' ? conditionTypes.net : conditionTypes.gross;
  let price: ItemPrice | undefined;
  for (const element of elements) {
    const type = textIn(element, 'ConditionType');
    if (type !== wanted) {
      throw refuse(
        'VE/008',
        `Condition type ${type} is not allowed in this pricing procedure`,
        'ConditionType',
      );
    }
    checkCurrency(element, 'ConditionCurrency', currency);
    const per = textIn(element, 'ConditionQuantity');
    price = {
      priceMinor: minorIn(element, 'ConditionRateValue'),
      pricePer: per === '' ? 1 : piecesIn(element, 'ConditionQuantity', 'Price'),
    };
  }
  return price;
};

/** What the condition records say, where the call says nothing. */
const listPrice = (erp: Erp, channel: number, variant: number): ItemPrice => {
  const product = productOf(erp, variant);
  if (product === undefined) return { priceMinor: 0, pricePer: 1 };
  const { gross } = priceOf(erp.world.catalogue, product);
  const { currency, taxBasis } = channelAt(channel);
  const minor = gross[currency] ?? gross[0] ?? 0;
  const priceMinor = taxBasis === 'net' ? netOf(minor, product.taxClass) : minor;
  return { priceMinor, pricePer: 1 };
};

export const rejectionFrom = (values: WriteValues): string => {
  const reason = textIn(values, 'SalesDocumentRjcnReason');
  if (reason !== '' && !REJECTION_REASONS.includes(reason)) {
    throw refuse(
      'V1/410',
      `Reason for rejection ${reason} is not defined`,
      'SalesDocumentRjcnReason',
    );
  }
  return reason;
};

export const headType = (values: WriteValues): string => {
  const type = textIn(values, 'ConditionType');
  if (type === FREIGHT || type === DISCOUNT) return type;
  throw refuse(
    'VE/008',
    `Condition type ${type} is not allowed in the header of this pricing procedure`,
    'ConditionType',
  );
};
