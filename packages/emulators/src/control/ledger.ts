import { isActive, nameOf, type Product, priceOf } from '../retailer/catalogue.js';
import {
  CHANNELS,
  CURRENCIES,
  channelAt,
  currencyAt,
  LOCATIONS,
  PAYMENT_METHODS,
  SHIPPING_METHODS,
} from '../retailer/channels.js';
import { CUSTOMER_CONSENT, CUSTOMER_DELETED, CUSTOMER_GUEST } from '../retailer/customers.js';
import { netOf, productAt } from '../retailer/edits.js';
import { deliveryStateOf, orderStateOf, paymentStateOf } from '../retailer/order-flow.js';
import { LINE_PRODUCT, RETURN_REASONS } from '../retailer/orders.js';
import { BASKET_CODES } from '../retailer/promotions.js';
import { CATEGORY_WORDS } from '../retailer/vocabulary.js';
import type { World } from '../retailer/world.js';

/**
 * The world's own account of itself, in its own flat words: whole minor units, milliseconds,
 * keys people use. It shares no code with what writes the vendor's JSON, so agreement between
 * the two says something. Only the ids are asked from the vendor's side.
 */

export type IdOf = (entity: string, row: number) => string;
type LedgerRow = Record<string, unknown>;

const timeOrNull = (atMs: number): number | null => (atMs === 0 ? null : atMs);

const productKey = (product: Product): LedgerRow => ({ sku: product.number });

const parents = function* (world: World): Generator<Product> {
  for (const product of world.catalogue.products) {
    if (product.parent < 0 && !product.isDeleted) yield product;
  }
};

const sellables = function* (world: World): Generator<Product> {
  for (const product of world.catalogue.products) {
    if (product.variant < 0 || product.isDeleted) continue;
    if (product.parent >= 0 || product.children.length === 0) yield product;
  }
};

const owner = (world: World, product: Product): Product =>
  product.parent < 0 ? product : productAt(world, product.parent);

const products = function* (world: World, idOf: IdOf): Generator<LedgerRow> {
  for (const product of parents(world)) {
    yield {
      productNo: product.number,
      id: idOf('product', product.index),
      brands: product.brands,
      name: product.names,
      description: product.descriptions,
      category: CATEGORY_WORDS[product.category]?.key,
      supplier: world.catalogue.suppliers[product.supplier]?.name,
      supplierNumber: product.supplierNumber,
      taxPercent: product.taxClass === 1 ? 9 : 21,
      active: product.active,
      launchAt: product.launchAtMs,
      images: product.imageCount,
      customFields: product.customFields,
      createdAt: product.createdAtMs,
      updatedAt: timeOrNull(product.updatedAtMs),
    };
  }
};

const variants = function* (world: World, idOf: IdOf): Generator<LedgerRow> {
  for (const product of sellables(world)) {
    const parent = owner(world, product);
    yield {
      ...productKey(product),
      id: idOf('product', product.index),
      productNo: parent.number,
      productId: idOf('product', parent.index),
      gtin: product.gtin,
      name: nameOf(world.catalogue, product, 'nl-NL'),
      colour: product.colour < 0 ? null : product.colour,
      size: product.size < 0 ? null : product.size,
      weightGrams: product.weightGrams ?? parent.weightGrams,
      active: isActive(world.catalogue, product),
      closeout: product.isCloseout ?? parent.isCloseout,
      createdAt: product.createdAtMs,
      updatedAt: timeOrNull(product.updatedAtMs),
    };
  }
};

const listings = function* (world: World, idOf: IdOf): Generator<LedgerRow> {
  for (const product of sellables(world)) {
    const parent = owner(world, product);
    for (const channel of CHANNELS) {
      if (!parent.brands.includes(channel.brand)) continue;
      yield {
        ...productKey(product),
        channel: channel.key,
        brand: channel.brand,
        id: idOf('product', product.index),
        channelId: idOf('sales_channel', channel.index),
        published: isActive(world.catalogue, product),
      };
    }
  }
};

const prices = function* (world: World, idOf: IdOf): Generator<LedgerRow> {
  for (const product of sellables(world)) {
    const price = priceOf(world.catalogue, product);
    for (const [currency, grossMinor] of price.gross.entries()) {
      if (grossMinor === null) continue;
      yield {
        ...productKey(product),
        id: idOf('product', product.index),
        kind: 'base',
        currency: CURRENCIES[currency]?.code,
        quantityFrom: 1,
        quantityTo: null,
        grossMinor,
        netMinor: netOf(grossMinor, product.taxClass),
        listGrossMinor: price.list[currency] ?? null,
        isInherited: product.price === null,
      };
    }
  }
  for (const tier of world.catalogue.tierPrices) {
    const product = productAt(world, tier.product);
    if (tier.isDeleted || product.isDeleted) continue;
    yield {
      ...productKey(product),
      id: idOf('product_price', tier.index),
      kind: 'tier',
      currency: 'EUR',
      quantityFrom: tier.quantityFrom,
      quantityTo: tier.quantityTo,
      grossMinor: tier.grossMinor,
      netMinor: tier.netMinor,
      listGrossMinor: null,
      isInherited: false,
    };
  }
};

const stock = function* (world: World, idOf: IdOf): Generator<LedgerRow> {
  for (const product of sellables(world)) {
    const { variant } = product;
    yield {
      ...productKey(product),
      id: idOf('product', product.index),
      shown: world.stock.available(variant),
      onHand: world.stock.onHandOf(variant),
      committed: world.stock.committedOf(variant),
      open: world.stock.openOf(variant),
      byLocation: Object.fromEntries(
        LOCATIONS.map((location) => [location.key, world.stock.onHandAt(variant, location.index)]),
      ),
    };
  }
};

const orders = function* (world: World, idOf: IdOf): Generator<LedgerRow> {
  const table = world.orders;
  for (let order = 0; order < table.length; order++) {
    const channel = channelAt(table.channel.get(order));
    const edits = table.edits.get(order);
    yield {
      channel: channel.key,
      brand: channel.brand,
      orderNo: table.numberOf(order),
      id: idOf('order', order),
      customerNo: world.customers.numberOf(table.customer.get(order)),
      customerId: world.customers.isLive(table.customer.get(order))
        ? idOf('customer', table.customer.get(order))
        : null,
      currency: currencyAt(channel.currency).code,
      basis: channel.taxBasis,
      grossMinor: table.grossMinor.get(order),
      netMinor: table.netMinor.get(order),
      taxMinor: table.grossMinor.get(order) - table.netMinor.get(order),
      shippingMinor: table.shippingMinor.get(order),
      lines: table.lineCount.get(order),
      state: orderStateOf(world, order),
      deliveryState: deliveryStateOf(world, order),
      paymentState: paymentStateOf(world, order),
      paymentMethod: PAYMENT_METHODS[table.paymentMethod.get(order)],
      comment: edits?.comment ?? null,
      customFields: edits?.customFields ?? null,
      placedAt: table.placedAtMs.get(order),
      paidAt: timeOrNull(table.paidAtMs.get(order)),
      shippedAt: timeOrNull(table.shippedAtMs.get(order)),
      completedAt: timeOrNull(table.completedAtMs.get(order)),
      cancelledAt: timeOrNull(table.cancelledAtMs.get(order)),
      updatedAt: timeOrNull(table.updatedAtMs.get(order)),
    };
  }
};

const orderLines = function* (world: World, idOf: IdOf): Generator<LedgerRow> {
  const table = world.orders;
  for (let line = 0; line < table.lineLength; line++) {
    const order = table.lineOrder.get(line);
    const channel = channelAt(table.channel.get(order));
    const isProduct = table.lineKind.get(line) === LINE_PRODUCT;
    const subject = table.lineSubject.get(line);
    const product = isProduct
      ? productAt(world, world.catalogue.variants[subject] ?? -1)
      : undefined;
    yield {
      channel: channel.key,
      orderNo: table.numberOf(order),
      line: line - table.firstLine.get(order) + 1,
      id: idOf('order_line_item', line),
      orderId: idOf('order', order),
      type: isProduct ? 'product' : 'promotion',
      sku: product?.number ?? null,
      code: isProduct ? null : BASKET_CODES[subject]?.code,
      label:
        product === undefined
          ? BASKET_CODES[subject]?.code
          : nameOf(world.catalogue, product, channel.language, table.placedAtMs.get(order)),
      quantity: table.lineQuantity.get(line),
      unitMinor: table.lineUnitMinor.get(line),
      totalMinor: table.lineTotalMinor(line),
      listMinor: table.lineListMinor.get(line) || null,
      returned: table.lineReturned.get(line),
    };
  }
};

const deliveries = function* (world: World, idOf: IdOf): Generator<LedgerRow> {
  const table = world.orders;
  for (let order = 0; order < table.length; order++) {
    const channel = channelAt(table.channel.get(order));
    yield {
      channel: channel.key,
      orderNo: table.numberOf(order),
      id: idOf('order_delivery', order),
      orderId: idOf('order', order),
      state: deliveryStateOf(world, order),
      method: SHIPPING_METHODS[table.shippingMethod.get(order)],
      shippingMinor: table.shippingMinor.get(order),
      hasTracking: table.shippedAtMs.get(order) !== 0,
      promisedDays: table.promisedDays.get(order),
      shippedAt: timeOrNull(table.shippedAtMs.get(order)),
      updatedAt: timeOrNull(table.deliveryUpdatedAtMs.get(order)),
    };
  }
};

const customers = function* (world: World, idOf: IdOf): Generator<LedgerRow> {
  const table = world.customers;
  for (let customer = 0; customer < table.length; customer++) {
    if (table.has(customer, CUSTOMER_DELETED)) continue;
    const person = table.current(customer);
    yield {
      customerNo: table.numberOf(customer),
      id: idOf('customer', customer),
      channel: channelAt(table.channel.get(customer)).key,
      firstName: person.firstName,
      lastName: person.lastName,
      email: person.email,
      company: person.company,
      street: person.street,
      zipcode: person.zipcode,
      city: person.city,
      guest: table.has(customer, CUSTOMER_GUEST),
      consent: table.has(customer, CUSTOMER_CONSENT),
      active: person.active,
      person: table.person.get(customer),
      customFields: table.edits.get(customer)?.customFields ?? null,
      orders: table.orderCount.get(customer),
      spentMinor: table.spentMinor.get(customer),
      lastOrderAt: timeOrNull(table.lastOrderAtMs.get(customer)),
      createdAt: table.createdAtMs.get(customer),
      updatedAt: timeOrNull(table.updatedAtMs.get(customer)),
    };
  }
};

const categories = function* (world: World, idOf: IdOf): Generator<LedgerRow> {
  for (const category of world.catalogue.categories) {
    yield {
      id: idOf('category', category.index),
      parentId: category.parent < 0 ? null : idOf('category', category.parent),
      key: category.words?.key ?? null,
      brand: category.brand,
      name: category.names,
      level: category.level,
      active: category.active,
      createdAt: category.createdAtMs,
      updatedAt: timeOrNull(category.updatedAtMs),
    };
  }
};

const returns = function* (world: World, idOf: IdOf): Generator<LedgerRow> {
  const table = world.returns;
  for (let row = 0; row < table.length; row++) {
    const line = table.line.get(row);
    const order = world.orders.lineOrder.get(line);
    yield {
      channel: channelAt(world.orders.channel.get(order)).key,
      orderNo: world.orders.numberOf(order),
      orderId: idOf('order', order),
      lineId: idOf('order_line_item', line),
      quantity: table.quantity.get(row),
      reason: RETURN_REASONS[table.reason.get(row)],
      resellable: table.isResellable.get(row) === 1,
      requestedAt: table.requestedAtMs.get(row),
      receivedAt: table.receivedAtMs.get(row),
    };
  }
};

const MOVEMENTS = ['receipt', 'pick', 'adjust', 'return', 'transfer'];

const movements = function* (world: World): Generator<LedgerRow> {
  const table = world.stock;
  for (let row = 0; row < table.movementVariant.length; row++) {
    const product = productAt(
      world,
      world.catalogue.variants[table.movementVariant.get(row)] ?? -1,
    );
    yield {
      movement: row,
      sku: product.number,
      location: LOCATIONS[table.movementLocation.get(row)]?.key,
      kind: MOVEMENTS[table.movementKind.get(row)],
      quantity: table.movementQuantity.get(row),
      at: table.movementAtMs.get(row),
    };
  }
};

/** What the shop never shows, so that a comparison knows what not to look for. */
const hidden = function* (world: World): Generator<LedgerRow> {
  yield {
    what: 'field',
    ledger: 'stock',
    fields: ['onHand', 'committed', 'open', 'byLocation'],
    reason: 'the shop knows one number per variant, not places and reservations',
  };
  yield {
    what: 'field',
    ledger: 'orders',
    fields: ['paidAt', 'shippedAt', 'completedAt', 'cancelledAt'],
    reason:
      'the shop stamps states only by the record they sit on; the last change of delivery and payment can be read',
  };
  yield {
    what: 'field',
    ledger: 'customers',
    fields: ['person', 'consent'],
    reason:
      'who is whose duplicate is not recorded; consent shows only where it was given, as a custom field',
  };
  yield {
    what: 'field',
    ledger: 'order-lines',
    fields: ['returned'],
    reason: 'the free edition has no returns',
  };
  yield {
    what: 'rows',
    ledger: 'returns',
    rows: world.returns.length,
    reason:
      'order_return exists in the Commercial edition only; the delivery state shows that something came back',
  };
  yield {
    what: 'rows',
    ledger: 'movements',
    rows: world.stock.movementVariant.length,
    reason: 'the shop keeps balances, not movements',
  };
  let lost = 0;
  for (let variant = 0; variant < world.stock.variantCount; variant++)
    lost += world.stock.lost.get(variant);
  yield {
    what: 'fact',
    name: 'lost-sales-units',
    value: lost,
    reason: 'demand that met an empty shelf leaves no record',
  };
  for (const product of world.catalogue.products) {
    if (product.isDeleted)
      yield {
        what: 'row',
        ledger: product.parent < 0 ? 'products' : 'variants',
        key: product.number,
        reason: 'deleted in the shop',
      };
  }
  for (let customer = 0; customer < world.customers.length; customer++) {
    if (world.customers.has(customer, CUSTOMER_DELETED)) {
      yield {
        what: 'row',
        ledger: 'customers',
        key: world.customers.numberOf(customer),
        reason: 'deleted in the shop',
      };
    }
  }
};

export const LEDGERS: Readonly<Record<string, (world: World, idOf: IdOf) => Generator<LedgerRow>>> =
  {
    products,
    variants,
    listings,
    prices,
    stock,
    orders,
    'order-lines': orderLines,
    deliveries,
    customers,
    categories,
    returns,
    movements,
    hidden,
  };
