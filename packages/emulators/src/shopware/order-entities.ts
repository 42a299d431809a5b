import { nameOf, type Product } from '../retailer/catalogue.js';
import { currencyAt, LANGUAGES, taxPercent } from '../retailer/channels.js';
import { productAt } from '../retailer/edits.js';
import { parcelNumberOf, taxMinorOf } from '../retailer/orders.js';
import { DAY_MS } from '../retailer/parameters.js';
import { BASKET_CODES } from '../retailer/promotions.js';
import type { World } from '../retailer/world.js';
import { formatDate, formatInstant } from './dates.js';
import { LIVE_VERSION_ID } from './ids.js';
import { amount, calculatedPrice, taxEntities, taxRules } from './money.js';
import type { OrderRows } from './order-rows.js';
import type { Reference } from './reference.js';
import { type Entity, instantOrNull, type ReadContext } from './table.js';

/** How orders, lines, deliveries and payments are written out. */

const CASH_ROUNDING = {
  decimals: 2,
  interval: 0.01,
  roundForNet: true,
  extensions: [],
  apiAlias: 'cash_rounding_config',
};

const isWanted = (wanted: ReadonlySet<string> | undefined, field: string): boolean =>
  wanted === undefined || wanted.has(field);

const promotionPayload = (
  code: { readonly code: string; readonly percentOff: number } | undefined,
  promotionId: string | null,
): Entity => ({
  code: code?.code ?? '',
  discountType: 'percentage',
  value: String(code?.percentOff ?? 0),
  discountScope: 'cart',
  promotionId,
});

export type OrderEntities = ReturnType<typeof createOrderEntities>;

export const createOrderEntities = (world: World, reference: Reference, rows: OrderRows) => {
  const { orders, customers, catalogue } = world;
  const { ids, id } = reference;
  const {
    placedAtMs,
    channelOf,
    languageOf,
    half,
    lineOrder,
    orderIds,
    addressIds,
    deliveryIds,
    paymentIds,
    personOf,
    customerId,
    productRowOf,
    productId,
  } = rows;

  const shippingPrice = (order: number): Entity => {
    const minor = orders.shippingMinor.get(order);
    const { taxBasis } = channelOf(order);
    const percent = Math.max(...orders.taxShares(order).map((share) => share.percent));
    const share = { percent, priceMinor: minor, taxMinor: taxMinorOf(minor, percent, taxBasis) };
    return calculatedPrice(minor, 1, [share]);
  };

  const buildOrder = (row: number, _: ReadContext, wanted?: ReadonlySet<string>): Entity => {
    const channel = channelOf(row);
    const shares = orders.taxShares(row);
    const edits = orders.edits.get(row);
    const placed = formatInstant(placedAtMs(row));
    return {
      versionId: LIVE_VERSION_ID,
      autoIncrement: row + 1,
      orderNumber: orders.numberOf(row),
      billingAddressId: addressIds.idOf(row * 2),
      billingAddressVersionId: LIVE_VERSION_ID,
      primaryOrderDeliveryId: deliveryIds.idOf(row),
      primaryOrderDeliveryVersionId: LIVE_VERSION_ID,
      primaryOrderTransactionId: paymentIds.idOf(row),
      primaryOrderTransactionVersionId: LIVE_VERSION_ID,
      currencyId: id.currency(channel.currency),
      languageId: id.language(languageOf(row)),
      salesChannelId: id.channel(channel.index),
      orderDateTime: placed,
      orderDate: formatDate(placedAtMs(row)),
      price: {
        netPrice: amount(orders.netMinor.get(row)),
        totalPrice: amount(orders.grossMinor.get(row)),
        calculatedTaxes: taxEntities(shares),
        taxRules: taxRules(shares.map((share) => share.percent)),
        positionPrice: amount(orders.positionMinor.get(row)),
        rawTotal: amount(orders.grossMinor.get(row)),
        taxStatus: channel.taxBasis,
        extensions: [],
        apiAlias: 'cart_price',
      },
      amountTotal: amount(orders.grossMinor.get(row)),
      amountNet: amount(orders.netMinor.get(row)),
      positionPrice: amount(orders.positionMinor.get(row)),
      taxStatus: channel.taxBasis,
      shippingCosts: isWanted(wanted, 'shippingCosts') ? shippingPrice(row) : null,
      shippingTotal: amount(orders.shippingMinor.get(row)),
      currencyFactor: currencyAt(channel.currency).factor,
      deepLinkCode: addressIds.idOf(row * 2).slice(0, 32),
      affiliateCode: null,
      campaignCode: null,
      customerComment: edits?.comment ?? null,
      internalComment: edits?.internalComment ?? null,
      source: null,
      taxCalculationType: 'horizontal',
      stateId: id.state('order', orders.state.get(row)),
      ruleIds: channel.kind === 'business' ? [id.rule] : [],
      customFields: edits?.customFields ?? null,
      createdById: null,
      updatedById: null,
      itemRounding: CASH_ROUNDING,
      totalRounding: CASH_ROUNDING,
      createdAt: placed,
      updatedAt: instantOrNull(orders.updatedAtMs.get(row)),
    };
  };

  const payloadOf = (product: Product, line: number): Entity => {
    const parent = catalogue.products[product.parent];
    const language = LANGUAGES[languageOf(lineOrder(line))] ?? 'nl-NL';
    const options = [
      ...(product.parent >= 0 && product.colour >= 0
        ? [reference.options.colour(product.colour)]
        : []),
    ].map((row) => reference.options.rows[row]);
    return {
      productNumber: product.number,
      manufacturerId: ids.idOf('product_manufacturer', product.supplier, reference.installedAtMs),
      taxId: id.tax(product.taxClass),
      parentId: parent === undefined ? null : productId(parent.index),
      isNew: false,
      isCloseout: product.isCloseout ?? parent?.isCloseout ?? false,
      releaseDate: formatInstant(product.launchAtMs),
      createdAt: formatInstant(product.createdAtMs),
      customFields: product.customFields ?? parent?.customFields ?? [],
      options: options.map((option) => ({ group: 'Colour', option: option?.name[language] ?? '' })),
      features: [],
    };
  };

  const buildLine = (row: number, _?: ReadContext, wanted?: ReadonlySet<string>): Entity => {
    const order = lineOrder(row);
    const channel = channelOf(order);
    const unit = orders.lineUnitMinor.get(row);
    const quantity = orders.lineQuantity.get(row);
    const percent = taxPercent(channel.country, orders.lineTaxClass.get(row));
    const share = {
      percent,
      priceMinor: unit * quantity,
      taxMinor: taxMinorOf(unit * quantity, percent, channel.taxBasis),
    };
    const position = row - orders.firstLine.get(order) + 1;
    const price = isWanted(wanted, 'price')
      ? calculatedPrice(unit, quantity, [share], orders.lineListMinor.get(row))
      : null;
    const productRow = productRowOf(row);
    const code = productRow < 0 ? BASKET_CODES[orders.lineSubject.get(row)] : undefined;
    const product = productRow < 0 ? undefined : productAt(world, productRow);
    const productKey = productRow < 0 ? null : productId(productRow);
    const promotionId =
      product === undefined
        ? ids.idOf('promotion', orders.lineSubject.get(row), reference.installedAtMs)
        : null;
    const language = LANGUAGES[languageOf(order)] ?? 'nl-NL';
    // One literal for both kinds: half of all records of a shop are lines, and objects that
    // grow field by field cost twice as much to make.
    return {
      versionId: LIVE_VERSION_ID,
      orderId: orderIds.idOf(order),
      orderVersionId: LIVE_VERSION_ID,
      // The reference is nulled when the product is deleted; the identifier stays.
      productId: product === undefined || product.isDeleted ? null : productKey,
      productVersionId: LIVE_VERSION_ID,
      promotionId,
      parentId: null,
      parentVersionId: LIVE_VERSION_ID,
      coverId: null,
      identifier: productKey ?? code?.code ?? '',
      referencedId: productKey ?? code?.code ?? null,
      quantity,
      label:
        product === undefined
          ? (code?.code ?? '')
          : nameOf(catalogue, product, language, placedAtMs(order)),
      payload: !isWanted(wanted, 'payload')
        ? null
        : product === undefined
          ? promotionPayload(code, promotionId)
          : payloadOf(product, row),
      good: product !== undefined,
      removable: true,
      stackable: product !== undefined,
      position,
      price,
      priceDefinition: !isWanted(wanted, 'priceDefinition')
        ? null
        : product === undefined
          ? { percentage: -(code?.percentOff ?? 0), filter: null, type: 'percentage' }
          : {
              price: amount(unit),
              taxRules: taxRules([percent]),
              quantity,
              isCalculated: true,
              listPrice: null,
              type: 'quantity',
            },
      unitPrice: amount(unit),
      totalPrice: amount(unit * quantity),
      description: null,
      type: product === undefined ? 'promotion' : 'product',
      customFields: null,
      states: product === undefined ? [] : ['is-physical'],
      createdAt: formatInstant(placedAtMs(order)),
      updatedAt: null,
    };
  };

  const isTracked = (order: number): boolean => {
    const shippedAtMs = orders.shippedAtMs.get(order);
    const isTold = world.integration.has('tracking') || shippedAtMs <= world.parameters.epochMs;
    return shippedAtMs !== 0 && isTold;
  };
  const trackingCodes = (order: number): readonly string[] =>
    orders.writtenCodes.get(order) ?? (!isTracked(order) ? [] : [parcelNumberOf(order)]);

  const buildDelivery = (row: number, _: ReadContext, wanted?: ReadonlySet<string>): Entity => ({
    versionId: LIVE_VERSION_ID,
    orderId: orderIds.idOf(row),
    orderVersionId: LIVE_VERSION_ID,
    shippingOrderAddressId: addressIds.idOf(row * 2 + 1),
    shippingOrderAddressVersionId: LIVE_VERSION_ID,
    shippingMethodId: id.shipping(orders.shippingMethod.get(row)),
    stateId: id.state('order_delivery', orders.deliveryState.get(row)),
    trackingCodes: trackingCodes(row),
    shippingDateEarliest: formatInstant(placedAtMs(row) + orders.promisedDays.get(row) * DAY_MS),
    shippingDateLatest: formatInstant(
      placedAtMs(row) + (orders.promisedDays.get(row) + 2) * DAY_MS,
    ),
    shippingCosts: isWanted(wanted, 'shippingCosts') ? shippingPrice(row) : null,
    customFields: null,
    createdAt: formatInstant(placedAtMs(row)),
    updatedAt: instantOrNull(orders.deliveryUpdatedAtMs.get(row)),
  });

  const buildPayment = (row: number, _: ReadContext, wanted?: ReadonlySet<string>): Entity => {
    const gross = orders.grossMinor.get(row);
    return {
      versionId: LIVE_VERSION_ID,
      orderId: orderIds.idOf(row),
      orderVersionId: LIVE_VERSION_ID,
      paymentMethodId: id.payment(orders.paymentMethod.get(row)),
      amount: isWanted(wanted, 'amount') ? calculatedPrice(gross, 1, orders.taxShares(row)) : null,
      validationData: null,
      stateId: id.state('order_transaction', orders.paymentState.get(row)),
      customFields: null,
      createdAt: formatInstant(placedAtMs(row)),
      updatedAt: instantOrNull(orders.paymentUpdatedAtMs.get(row)),
    };
  };

  const buildOrderCustomer = (row: number): Entity => {
    const person = personOf(row);
    return {
      versionId: LIVE_VERSION_ID,
      customerId: customerId(row),
      orderId: orderIds.idOf(row),
      orderVersionId: LIVE_VERSION_ID,
      email: person.email,
      salutationId: id.salutation,
      firstName: person.firstName,
      lastName: person.lastName,
      company: person.company,
      title: null,
      vatIds: null,
      customerNumber: customers.numberOf(orders.customer.get(row)),
      customFields: null,
      remoteAddress: '::',
      createdAt: formatInstant(placedAtMs(row)),
      updatedAt: null,
    };
  };

  const buildAddress = (row: number): Entity => {
    const order = half(row);
    const person = personOf(order);
    return {
      versionId: LIVE_VERSION_ID,
      countryId: id.country(channelOf(order).country),
      countryStateId: null,
      orderId: orderIds.idOf(order),
      orderVersionId: LIVE_VERSION_ID,
      salutationId: id.salutation,
      firstName: person.firstName,
      lastName: person.lastName,
      street: orders.edits.get(order)?.street ?? person.street,
      zipcode: person.zipcode,
      city: person.city,
      company: person.company,
      department: null,
      title: null,
      vatId: null,
      phoneNumber: person.phone,
      additionalAddressLine1: null,
      additionalAddressLine2: null,
      customFields: null,
      createdAt: formatInstant(placedAtMs(order)),
      updatedAt: null,
    };
  };

  return { buildOrder, buildLine, buildDelivery, buildPayment, buildOrderCustomer, buildAddress };
};
