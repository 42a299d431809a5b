import { nameOf, type Product } from '../retailer/catalogue.js';
import { channelAt, currencyAt, LANGUAGES, taxPercent } from '../retailer/channels.js';
import type { Person } from '../retailer/customers.js';
import { productAt } from '../retailer/edits.js';
import { LINE_PRODUCT, taxMinorOf } from '../retailer/orders.js';
import { DAY_MS } from '../retailer/parameters.js';
import { BASKET_CODES } from '../retailer/promotions.js';
import { mix } from '../retailer/random.js';
import type { World } from '../retailer/world.js';
import type { FilterValue } from './criteria.js';
import { formatDate, formatInstant } from './dates.js';
import { type IdKind, LIVE_VERSION_ID } from './ids.js';
import { amount, calculatedPrice, taxEntities, taxRules } from './money.js';
import type { Reference } from './reference.js';
import { type Entity, instantOrNull, oneRow, type ReadContext, type Table } from './table.js';

/**
 * Orders and everything that belongs to one. Delivery, payment, customer copy and the two
 * addresses exist once (twice) per order, so their rows follow from the order's row.
 */

const COUNTRY_ROWS = ['NL', 'DE', 'GB', 'BE'];
const DATES: ReadonlySet<string> = new Set([
  'createdAt',
  'updatedAt',
  'orderDateTime',
  'shippingDateEarliest',
  'shippingDateLatest',
]);
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

export const createOrderTables = (world: World, reference: Reference): Table[] => {
  const { orders, customers, catalogue } = world;
  const { ids, id } = reference;
  const placedAtMs = (order: number): number => orders.placedAtMs.get(order);
  const isOrder = (row: number): boolean => row >= 0 && row < orders.length;
  const channelOf = (order: number) => channelAt(orders.channel.get(order));
  const languageOf = (order: number): number => LANGUAGES.indexOf(channelOf(order).language);

  const codec = (kind: IdKind, orderOf: (row: number) => number, length: () => number) => {
    const idOf = (row: number): string => ids.idOf(kind, row, placedAtMs(orderOf(row)));
    return {
      idOf,
      rowOf: (text: string): number => {
        const row = ids.rowOf(kind, text);
        return row >= 0 && row < length() && idOf(row) === text ? row : -1;
      },
    };
  };
  const same = (row: number): number => row;
  const half = (row: number): number => row >>> 1;
  const lineOrder = (row: number): number => orders.lineOrder.get(row);
  const orderCount = (): number => orders.length;
  const lineCount = (): number => orders.lineLength;
  const orderIds = codec('order', same, orderCount);
  const customerIds = codec('order_customer', same, orderCount);
  const addressIds = codec('order_address', half, () => orders.length * 2);
  const lineIds = codec('order_line_item', lineOrder, lineCount);
  const deliveryIds = codec('order_delivery', same, orderCount);
  const positionIds = codec('order_delivery_position', lineOrder, lineCount);
  const paymentIds = codec('order_transaction', same, orderCount);

  const personOf = (order: number): Person => customers.personOf(orders.customer.get(order));
  const customerId = (order: number): string | null => {
    const row = orders.customer.get(order);
    return customers.isLive(row) ? ids.idOf('customer', row, customers.createdAtMs.get(row)) : null;
  };
  const lineRows = (order: number): number[] => {
    const first = orders.firstLine.get(order);
    return Array.from({ length: orders.lineCount.get(order) }, (_, index) => first + index);
  };
  const productLineRows = (order: number): number[] =>
    lineRows(order).filter((line) => orders.lineKind.get(line) === LINE_PRODUCT);
  const productRowOf = (line: number): number =>
    orders.lineKind.get(line) === LINE_PRODUCT
      ? (catalogue.variants[orders.lineSubject.get(line)] ?? -1)
      : -1;
  const productId = (row: number): string =>
    ids.idOf('product', row, productAt(world, row).createdAtMs);

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

  const trackingCodes = (order: number): string[] =>
    orders.shippedAtMs.get(order) === 0
      ? []
      : [
          `3S${String(mix(order, 0x7261) % 1_000_000_000).padStart(9, '0')}${String(mix(order, 0x636b) % 10_000).padStart(4, '0')}`,
        ];

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

  const perOrder = {
    length: orderCount,
    liveCount: orderCount,
    isLive: isOrder,
    createdAtMs: placedAtMs,
    isChronological: true,
    dateFields: DATES,
    hasAutoIncrement: false,
  };
  const perLine = {
    ...perOrder,
    length: lineCount,
    liveCount: lineCount,
    isLive: (row: number) => row >= 0 && row < orders.lineLength,
    createdAtMs: (row: number) => placedAtMs(lineOrder(row)),
  };
  const orderOf = { entity: 'order', isMany: false, rows: oneRow };
  const byOrderId = (value: FilterValue): readonly number[] =>
    oneRow(orderIds.rowOf(String(value)));
  const stateRow = (
    machine: 'order' | 'order_delivery' | 'order_transaction',
    index: number,
  ): number => {
    const first = { order: 0, order_delivery: 4, order_transaction: 9 }[machine];
    return first + index;
  };
  const state = (
    machine: 'order' | 'order_delivery' | 'order_transaction',
    column: { get(row: number): number },
  ) => ({
    entity: 'state_machine_state',
    isMany: false,
    rows: (row: number) => [stateRow(machine, column.get(row))],
  });
  const salutation = { entity: 'salutation', isMany: false, rows: () => [0] };

  return [
    {
      ...perOrder,
      ...orderIds,
      entity: 'order',
      hasAutoIncrement: true,
      createdAtAlias: 'orderDateTime',
      updatedAtMs: (row) => orders.updatedAtMs.get(row),
      changes: world.changes.orders,
      values: {
        autoIncrement: (row) => row + 1,
        orderNumber: (row) => orders.numberOf(row),
        orderDateTime: placedAtMs,
        salesChannelId: (row) => id.channel(orders.channel.get(row)),
        stateId: (row) => id.state('order', orders.state.get(row)),
        amountTotal: (row) => amount(orders.grossMinor.get(row)),
      },
      lookups: {
        orderNumber: (value) =>
          orders.byChannel.map((_, channel) => orders.find(channel, String(value))),
      },
      associations: {
        stateMachineState: state('order', orders.state),
        orderCustomer: { entity: 'order_customer', isMany: false, rows: oneRow },
        currency: { entity: 'currency', isMany: false, rows: (row) => [channelOf(row).currency] },
        language: { entity: 'language', isMany: false, rows: (row) => [languageOf(row)] },
        salesChannel: {
          entity: 'sales_channel',
          isMany: false,
          rows: (row) => [orders.channel.get(row)],
        },
        addresses: { entity: 'order_address', isMany: true, rows: (row) => [row * 2, row * 2 + 1] },
        billingAddress: { entity: 'order_address', isMany: false, rows: (row) => [row * 2] },
        deliveries: { entity: 'order_delivery', isMany: true, rows: oneRow },
        lineItems: { entity: 'order_line_item', isMany: true, rows: lineRows },
        transactions: { entity: 'order_transaction', isMany: true, rows: oneRow },
        primaryOrderDelivery: { entity: 'order_delivery', isMany: false, rows: oneRow },
        primaryOrderTransaction: { entity: 'order_transaction', isMany: false, rows: oneRow },
      },
      emptyAssociations: { documents: 'many', tags: 'many', createdBy: 'one', updatedBy: 'one' },
      build: buildOrder,
    },
    {
      ...perLine,
      ...lineIds,
      entity: 'order_line_item',
      updatedAtMs: () => 0,
      values: {
        orderId: (row) => orderIds.idOf(lineOrder(row)),
        type: (row) => (orders.lineKind.get(row) === LINE_PRODUCT ? 'product' : 'promotion'),
        quantity: (row) => orders.lineQuantity.get(row),
        productId: (row) => {
          const product = productRowOf(row);
          return product < 0 ? null : productId(product);
        },
      },
      lookups: { orderId: (value) => byOrderId(value).flatMap(lineRows) },
      associations: {
        order: { entity: 'order', isMany: false, rows: (row) => [lineOrder(row)] },
        product: { entity: 'product', isMany: false, rows: (row) => oneRow(productRowOf(row)) },
        orderDeliveryPositions: { entity: 'order_delivery_position', isMany: true, rows: oneRow },
      },
      emptyAssociations: {
        cover: 'one',
        promotion: 'one',
        children: 'many',
        parent: 'one',
        downloads: 'many',
        orderTransactionCaptureRefundPositions: 'many',
      },
      build: buildLine,
    },
    {
      ...perOrder,
      ...deliveryIds,
      entity: 'order_delivery',
      updatedAtMs: (row) => orders.deliveryUpdatedAtMs.get(row),
      changes: world.changes.deliveries,
      values: {
        orderId: (row) => orderIds.idOf(row),
        stateId: (row) => id.state('order_delivery', orders.deliveryState.get(row)),
      },
      lookups: { orderId: byOrderId },
      associations: {
        order: orderOf,
        stateMachineState: state('order_delivery', orders.deliveryState),
        shippingOrderAddress: {
          entity: 'order_address',
          isMany: false,
          rows: (row) => [row * 2 + 1],
        },
        shippingMethod: {
          entity: 'shipping_method',
          isMany: false,
          rows: (row) => [orders.shippingMethod.get(row)],
        },
        positions: { entity: 'order_delivery_position', isMany: true, rows: productLineRows },
      },
      emptyAssociations: { primaryOrder: 'one' },
      build: buildDelivery,
    },
    {
      ...perLine,
      ...positionIds,
      entity: 'order_delivery_position',
      updatedAtMs: () => 0,
      values: { orderLineItemId: (row) => lineIds.idOf(row) },
      lookups: {},
      associations: {
        orderLineItem: { entity: 'order_line_item', isMany: false, rows: oneRow },
        orderDelivery: { entity: 'order_delivery', isMany: false, rows: (row) => [lineOrder(row)] },
      },
      emptyAssociations: {},
      build: (row) => ({
        versionId: LIVE_VERSION_ID,
        orderDeliveryId: deliveryIds.idOf(lineOrder(row)),
        orderDeliveryVersionId: LIVE_VERSION_ID,
        orderLineItemId: lineIds.idOf(row),
        orderLineItemVersionId: LIVE_VERSION_ID,
        price: buildLine(row)['price'],
        unitPrice: amount(orders.lineUnitMinor.get(row)),
        totalPrice: amount(orders.lineTotalMinor(row)),
        quantity: orders.lineQuantity.get(row),
        customFields: null,
        createdAt: formatInstant(placedAtMs(lineOrder(row))),
        updatedAt: null,
      }),
    },
    {
      ...perOrder,
      ...paymentIds,
      entity: 'order_transaction',
      updatedAtMs: (row) => orders.paymentUpdatedAtMs.get(row),
      changes: world.changes.payments,
      values: {
        orderId: (row) => orderIds.idOf(row),
        stateId: (row) => id.state('order_transaction', orders.paymentState.get(row)),
      },
      lookups: { orderId: byOrderId },
      associations: {
        order: orderOf,
        stateMachineState: state('order_transaction', orders.paymentState),
        paymentMethod: {
          entity: 'payment_method',
          isMany: false,
          rows: (row) => [orders.paymentMethod.get(row)],
        },
      },
      emptyAssociations: { captures: 'many', primaryOrder: 'one' },
      build: buildPayment,
    },
    {
      ...perOrder,
      ...customerIds,
      entity: 'order_customer',
      updatedAtMs: () => 0,
      values: { email: (row) => personOf(row).email, customerId },
      lookups: { orderId: byOrderId },
      associations: {
        order: orderOf,
        customer: { entity: 'customer', isMany: false, rows: (row) => [orders.customer.get(row)] },
        salutation,
      },
      emptyAssociations: {},
      build: buildOrderCustomer,
    },
    {
      ...perOrder,
      ...addressIds,
      entity: 'order_address',
      length: () => orders.length * 2,
      liveCount: () => orders.length * 2,
      isLive: (row) => row >= 0 && row < orders.length * 2,
      createdAtMs: (row) => placedAtMs(half(row)),
      updatedAtMs: () => 0,
      values: {},
      lookups: { orderId: (value) => byOrderId(value).flatMap((row) => [row * 2, row * 2 + 1]) },
      associations: {
        order: { entity: 'order', isMany: false, rows: (row) => [half(row)] },
        country: {
          entity: 'country',
          isMany: false,
          rows: (row) => [COUNTRY_ROWS.indexOf(channelOf(half(row)).country)],
        },
        salutation,
      },
      emptyAssociations: { countryState: 'one', orderDeliveries: 'many' },
      build: buildAddress,
    },
  ];
};
