import type { Catalogue } from './catalogue.js';
import { makeCatalogue } from './catalogue-making.js';
import { ChangeList } from './change-list.js';
import { CHANNELS } from './channels.js';
import { Uint32Column } from './columns.js';
import { CustomerTable } from './customers.js';
import { EventQueue } from './event-queue.js';
import type { WorldFacts } from './facts.js';
import { OrderTable, ReturnTable } from './orders.js';
import {
  DAY_MS,
  type IntegrationPath,
  integrationPaths,
  type RetailerParameters,
} from './parameters.js';
import { makePromotions, type Promotion } from './promotions.js';
import { PurchaseTable } from './purchases.js';
import { createRandom, type Random } from './random.js';
import { StockLedger } from './stock.js';

/**
 * The whole state of the simulated retailer. Everything that changes it lives in `operations`
 * and its neighbours; systems that look in from outside subscribe to `listeners`.
 */

export type Operation = 'insert' | 'update';

export type WorldChange =
  | {
      readonly kind: 'product';
      readonly row: number;
      readonly operation: Operation;
      readonly fields: readonly string[];
    }
  | { readonly kind: 'product-deleted'; readonly row: number }
  | { readonly kind: 'tier-price'; readonly row: number; readonly operation: Operation }
  | {
      readonly kind: 'category';
      readonly row: number;
      readonly operation: Operation;
      readonly fields: readonly string[];
    }
  | {
      readonly kind: 'customer';
      readonly row: number;
      readonly operation: Operation;
      readonly fields: readonly string[];
    }
  | { readonly kind: 'customer-deleted'; readonly row: number }
  | { readonly kind: 'order-placed'; readonly row: number }
  | {
      readonly kind: 'order';
      readonly row: number;
      readonly operation: Operation;
      readonly fields: readonly string[];
    }
  | { readonly kind: 'order-state'; readonly row: number; readonly state: string }
  | { readonly kind: 'delivery-state'; readonly row: number; readonly state: string }
  | { readonly kind: 'payment-state'; readonly row: number; readonly state: string };

export interface WorldStreams {
  readonly demand: Random;
  readonly baskets: Random;
  readonly customers: Random;
  readonly fulfilment: Random;
  readonly returns: Random;
  readonly supply: Random;
  readonly merchandising: Random;
  readonly live: Random;
}

export interface WorldChanges {
  readonly products: ChangeList;
  readonly categories: ChangeList;
  readonly customers: ChangeList;
  readonly orders: ChangeList;
  readonly deliveries: ChangeList;
  readonly payments: ChangeList;
}

export interface World {
  readonly parameters: RetailerParameters;
  readonly startMs: number;
  readonly catalogue: Catalogue;
  readonly promotions: readonly Promotion[];
  readonly stock: StockLedger;
  /** Units ordered from suppliers and not yet received, by variant. */
  readonly inbound: Uint32Column;
  readonly customers: CustomerTable;
  /** Customers of each channel that have not dropped out yet. */
  readonly buyers: readonly Uint32Column[];
  readonly orders: OrderTable;
  readonly returns: ReturnTable;
  readonly queue: EventQueue;
  readonly receipts: { readonly variant: Uint32Column; readonly quantity: Uint32Column };
  /** When each receipt was ordered and is due; row by row beside `receipts`. */
  readonly purchases: PurchaseTable;
  readonly changes: WorldChanges;
  readonly random: WorldStreams;
  readonly listeners: Set<(change: WorldChange) => void>;
  /** What the retailer's systems tell each other by themselves. */
  integration: ReadonlySet<IntegrationPath>;
  /** For the ERP to read; null when there is none. */
  facts: WorldFacts | null;
  personCount: number;
  deletedProductCount: number;
}

/** A world with its catalogue but without a past; `generateHistory` gives it one. */
export const createWorld = (parameters: RetailerParameters): World => {
  const stream = (name: string): Random => createRandom(parameters.seed, name);
  const catalogue = makeCatalogue(parameters);
  const startMs = parameters.epochMs - parameters.days * DAY_MS;
  const world: World = {
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
    purchases: new PurchaseTable(),
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
    integration: integrationPaths(),
    facts: null,
    personCount: 0,
    deletedProductCount: 0,
  };
  for (const _ of catalogue.variants) {
    world.stock.addVariant();
    world.inbound.push(0);
  }
  return world;
};

export const announce = (world: World, change: WorldChange): void => {
  for (const listener of world.listeners) listener(change);
};
