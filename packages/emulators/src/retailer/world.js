import { makeCatalogue } from './catalogue.js';
import { ChangeList } from './change-list.js';
import { CHANNELS } from './channels.js';
import { Uint32Column } from './columns.js';
import { CustomerTable } from './customers.js';
import { EventQueue } from './event-queue.js';
import { OrderTable, ReturnTable } from './orders.js';
import { DAY_MS } from './parameters.js';
import { makePromotions } from './promotions.js';
import { createRandom } from './random.js';
import { StockLedger } from './stock.js';
/** A world with its catalogue but without a past; `generateHistory` gives it one. */
export const createWorld = (parameters) => {
  const stream = (name) => createRandom(parameters.seed, name);
  const catalogue = makeCatalogue(parameters);
  const startMs = parameters.epochMs - parameters.days * DAY_MS;
  const world = {
    parameters,
    startMs,
    catalogue,
    promotions: makePromotions(parameters, stream('promotions')),
    stock: new StockLedger(),
    inbound: new Uint32Column(),
    customers: new CustomerTable(),
    buyers: CHANNELS.map(() => new Uint32Column()),
    orders: new OrderTable(),
    returns: new ReturnTable(),
    queue: new EventQueue(),
    receipts: { variant: new Uint32Column(), quantity: new Uint32Column() },
    changes: {
      products: new ChangeList(),
      categories: new ChangeList(),
      customers: new ChangeList(),
      orders: new ChangeList(),
      deliveries: new ChangeList(),
      payments: new ChangeList(),
    },
    random: {
      demand: stream('demand'),
      baskets: stream('baskets'),
      customers: stream('customers'),
      fulfilment: stream('fulfilment'),
      returns: stream('returns'),
      supply: stream('supply'),
      merchandising: stream('merchandising'),
      live: stream('live'),
    },
    listeners: new Set(),
    personCount: 0,
    deletedProductCount: 0,
  };
  for (const _ of catalogue.variants) {
    world.stock.addVariant();
    world.inbound.push(0);
  }
  return world;
};
export const announce = (world, change) => {
  for (const listener of world.listeners) listener(change);
};
//# sourceMappingURL=world.js.map
