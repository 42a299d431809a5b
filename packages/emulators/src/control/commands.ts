import type { Inriver } from '../inriver/inriver.js';
import { registerCustomer } from '../retailer/buyers.js';
import type { Product } from '../retailer/catalogue.js';
import { CHANNELS, CURRENCIES, LANGUAGES, type LanguageCode } from '../retailer/channels.js';
import {
  deleteCustomer,
  deleteProduct,
  editCustomer,
  editOrder,
  renameCategory,
  renameProduct,
  setActive,
  setPrice,
  setShippingCost,
  setStock,
} from '../retailer/edits.js';
import { placeRandomOrder, type Shelf, stockShelf } from '../retailer/live.js';
import {
  cancelOrder,
  completeOrder,
  deliveryStateOf,
  orderStateOf,
  payOrder,
  receiveReturn,
  scheduleOrder,
  shipOrder,
} from '../retailer/order-flow.js';
import { placeOrder } from '../retailer/order-placing.js';
import { LINE_PRODUCT } from '../retailer/orders.js';
import { HOUR_MS } from '../retailer/parameters.js';
import type { World } from '../retailer/world.js';
import type { Sap } from '../sap/sap.js';
import { type Tables, tableOf } from '../shopware/encode.js';
import { type Command, createTargets, integer, text } from './command-targets.js';
import { createErpCommands } from './erp-commands.js';

/** Deliberate changes of the world, applied at once. What is not said is drawn at random. */

export interface CommandResult {
  readonly kind: string;
  readonly entity: string;
  readonly id: string;
  /** Vendor-neutral: sku, `channel/orderNo`, customer number. */
  readonly key: string;
  readonly at: number;
  /** Of a goods receipt: the order it is for, and whether the moving average changed. */
  readonly purchaseOrder?: string;
  readonly movesCost?: boolean;
}

export type CommandRunner = (command: Command, atMs: number) => CommandResult;

export interface OtherSystems {
  readonly sap?: Pick<Sap, 'erp' | 'catchUp'> | undefined;
  readonly pim?: Pick<Inriver, 'command'> | undefined;
}

export const createCommandRunner = (
  world: World,
  tables: Tables,
  { sap, pim }: OtherSystems = {},
): CommandRunner => {
  const erpCommands = sap === undefined ? {} : createErpCommands(sap.erp);
  const { catalogue, orders, customers } = world;
  const random = world.random.live;
  let shelf: Shelf | undefined;

  const { findProduct, findOrder, findCustomer, rowById } = createTargets(world, tables);

  const productResult = (kind: string, product: Product, at: number): CommandResult => ({
    kind,
    entity: 'product',
    id: tableOf(tables, 'product').idOf(product.index),
    key: product.number,
    at,
  });
  const orderResult = (kind: string, order: number, at: number): CommandResult => ({
    kind,
    entity: 'order',
    id: tableOf(tables, 'order').idOf(order),
    key: `${CHANNELS[orders.channel.get(order)]?.key}/${orders.numberOf(order)}`,
    at,
  });
  const customerResult = (kind: string, customer: number, at: number): CommandResult => ({
    kind,
    entity: 'customer',
    id: tableOf(tables, 'customer').idOf(customer),
    key: customers.numberOf(customer),
    at,
  });
  const done = (isDone: boolean, kind: string, order: number): void => {
    if (!isDone)
      throw new RangeError(`${kind} is not possible for ${orderResult(kind, order, 0).key}`);
  };
  const channelIndex = (command: Command): number | undefined => {
    if (command['channel'] === undefined) return undefined;
    const index = CHANNELS.findIndex((channel) => channel.key === command['channel']);
    if (index < 0) throw new RangeError(`no channel ${String(command['channel'])}`);
    return index;
  };

  const place = (command: Command, atMs: number): number => {
    const channel = channelIndex(command);
    const lines = command['lines'];
    if (!Array.isArray(lines)) {
      if (
        shelf === undefined ||
        atMs - shelf.fromMs > HOUR_MS ||
        shelf.cumulative.length !== catalogue.variants.length
      ) {
        shelf = stockShelf(world, atMs);
      }
      for (let tries = 0; tries < 20; tries++) {
        const order = placeRandomOrder(world, shelf, atMs, channel);
        if (order >= 0) return order;
      }
      throw new RangeError('nothing can be ordered');
    }
    const index = channel ?? 0;
    const customer =
      command['customerNo'] === undefined
        ? registerCustomer(world, index, atMs, true)
        : findCustomer({ kind: '', customerNo: command['customerNo'] });
    const order = placeOrder(
      world,
      {
        channel: index,
        customer,
        paymentMethod: 1,
        lines: lines.map((line: Record<string, unknown>) => ({
          variant: findProduct({ kind: '', sku: line['sku'], id: line['id'] }, () => true).variant,
          quantity: integer(line['quantity'] ?? 1, 'quantity'),
        })),
      },
      atMs,
    );
    if (order < 0) throw new RangeError('nothing of this can be ordered');
    scheduleOrder(world, order, atMs);
    return order;
  };

  const languageTexts = (
    command: Command,
    fallback: string,
  ): Partial<Record<LanguageCode, string>> => {
    const language = LANGUAGES.find((code) => code === command['language']) ?? 'nl-NL';
    return { [language]: text(command['name']) ?? fallback };
  };

  const products: Record<string, (command: Command, atMs: number) => Product> = {
    'set-stock': (command, atMs) => {
      const product = findProduct(command, (entry) => entry.variant >= 0);
      const current = world.stock.sellable(product.variant);
      setStock(
        world,
        product,
        integer(command['stock'] ?? current + random.between(1, 20), 'stock'),
        atMs,
      );
      return product;
    },
    'set-price': (command, atMs) => {
      const product = findProduct(command, (entry) => entry.price !== null);
      const currency = Math.max(
        0,
        CURRENCIES.findIndex((entry) => entry.code === (command['currency'] ?? 'EUR')),
      );
      const grossMinor = integer(
        command['grossMinor'] ?? random.between(500, 20_000),
        'grossMinor',
      );
      const listMinor = command['listMinor'];
      setPrice(
        world,
        product,
        [
          {
            currency,
            grossMinor,
            ...(listMinor === undefined ? {} : { listMinor: listMinor as number | null }),
          },
        ],
        atMs,
      );
      return product;
    },
    'rename-product': (command, atMs) => {
      const product = findProduct(command, (entry) => entry.names !== null);
      renameProduct(
        world,
        product,
        languageTexts(command, `Renamed ${random.between(1, 999_999)}`),
        atMs,
      );
      return product;
    },
    'set-active': (command, atMs) => {
      const product = findProduct(command, (entry) => entry.parent < 0);
      setActive(world, product, command['active'] !== false, atMs);
      return product;
    },
    'delete-product': (command) => {
      const product = findProduct(command, (entry) => entry.parent >= 0);
      deleteProduct(world, product);
      return product;
    },
  };

  const orderCommands: Record<string, (command: Command, atMs: number) => number> = {
    'place-order': place,
    'pay-order': (command, atMs) => {
      const order = findOrder(
        command,
        (row) =>
          world.orders.paymentState.get(row) === 0 && orderStateOf(world, row) !== 'cancelled',
      );
      done(payOrder(world, order, atMs), 'pay-order', order);
      return order;
    },
    'ship-order': (command, atMs) => {
      const order = findOrder(
        command,
        (row) => deliveryStateOf(world, row) === 'open' && orderStateOf(world, row) !== 'cancelled',
      );
      done(shipOrder(world, order, atMs), 'ship-order', order);
      return order;
    },
    'complete-order': (command, atMs) => {
      const order = findOrder(
        command,
        (row) =>
          deliveryStateOf(world, row) === 'shipped' && orderStateOf(world, row) === 'in_progress',
      );
      done(completeOrder(world, order, atMs), 'complete-order', order);
      return order;
    },
    'cancel-order': (command, atMs) => {
      const order = findOrder(
        command,
        (row) =>
          deliveryStateOf(world, row) === 'open' &&
          orderStateOf(world, row) !== 'cancelled' &&
          orderStateOf(world, row) !== 'completed',
      );
      done(cancelOrder(world, order, atMs), 'cancel-order', order);
      return order;
    },
    'return-order': (command, atMs) => {
      const order = findOrder(
        command,
        (row) =>
          orderStateOf(world, row) === 'completed' && deliveryStateOf(world, row) === 'shipped',
      );
      const lines = [...orders.linesOf(order)].filter(
        (line) => orders.lineKind.get(line) === LINE_PRODUCT,
      );
      done(
        lines.some((line) => receiveReturn(world, line, atMs)),
        'return-order',
        order,
      );
      return order;
    },
    'edit-order': (command, atMs) => {
      const order = findOrder(command, () => true);
      if (command['shippingMinor'] !== undefined) {
        setShippingCost(world, order, integer(command['shippingMinor'], 'shippingMinor'), atMs);
        return order;
      }
      const customFields = command['customFields'];
      const edits =
        typeof customFields === 'object' && customFields !== null
          ? { customFields: { ...orders.edits.get(order)?.customFields, ...customFields } }
          : { comment: text(command['comment']) ?? `Comment ${random.between(1, 999_999)}` };
      editOrder(
        world,
        order,
        edits,
        [...Object.keys(edits)].map((field) => (field === 'comment' ? 'customerComment' : field)),
        atMs,
      );
      return order;
    },
  };

  const customerCommands: Record<string, (command: Command, atMs: number) => number> = {
    'register-customer': (command, atMs) => {
      const customer = registerCustomer(
        world,
        channelIndex(command) ?? 0,
        atMs,
        command['guest'] === true,
      );
      const edits: Record<string, string> = {};
      for (const field of ['firstName', 'lastName', 'email', 'company']) {
        const value = text(command[field]);
        if (value !== undefined) edits[field] = value;
      }
      if (Object.keys(edits).length > 0) customers.edits.set(customer, edits);
      return customer;
    },
    'edit-customer': (command, atMs) => {
      const customer = findCustomer(command);
      const edits: Record<string, unknown> = {};
      for (const field of ['firstName', 'lastName', 'email', 'company', 'active', 'customFields']) {
        if (command[field] !== undefined) edits[field] = command[field];
      }
      if (Object.keys(edits).length === 0)
        edits['customFields'] = { custom_loyalty_tier: random.pick(['bronze', 'silver', 'gold']) };
      editCustomer(world, customer, edits, Object.keys(edits), atMs);
      return customer;
    },
    'delete-customer': (command) => {
      const customer = findCustomer(command);
      deleteCustomer(world, customer);
      return customer;
    },
  };

  return (command, atMs) => {
    const { kind } = command;
    const onProduct = products[kind];
    if (onProduct !== undefined) return productResult(kind, onProduct(command, atMs), atMs);
    const onOrder = orderCommands[kind];
    if (onOrder !== undefined) return orderResult(kind, onOrder(command, atMs), atMs);
    const onCustomer = customerCommands[kind];
    if (onCustomer !== undefined) return customerResult(kind, onCustomer(command, atMs), atMs);
    if (kind === 'rename-category') {
      const id = text(command['id']);
      const row =
        id === undefined ? random.below(catalogue.categories.length) : rowById('category', id);
      renameCategory(
        world,
        row,
        languageTexts(command, `Category ${random.between(1, 9_999)}`),
        atMs,
      );
      return {
        kind,
        entity: 'category',
        id: tableOf(tables, 'category').idOf(row),
        key: String(row),
        at: atMs,
      };
    }
    const inErp = erpCommands[kind];
    if (inErp !== undefined) {
      sap?.catchUp();
      const result = { kind, ...inErp(command, atMs), at: atMs };
      // Whatever it set in motion may be due before anything else.
      sap?.catchUp();
      return result;
    }
    const inPim = pim?.command(command, atMs);
    if (inPim !== undefined) return inPim;
    throw new RangeError(`unknown command ${kind}`);
  };
};
