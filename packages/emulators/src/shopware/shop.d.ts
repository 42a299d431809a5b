import type { Clock } from '../clock.js';
import type { World } from '../retailer/world.js';
import type { Tables } from './encode.js';
import { type EventFeed } from './events.js';
import type { FaultPort } from './fault-port.js';
import { type IdCodec } from './ids.js';
import { type ProductParts } from './product-parts.js';
import { type StockMeaning } from './product-table.js';
import { type Reference } from './reference.js';
import { WebhookDispatcher } from './webhooks.js';
/** One Shopware installation: its tables over the world, its webhooks, its settings. */
export interface ShopOptions {
  readonly world: World;
  readonly clock: Clock;
  readonly faults: FaultPort;
  readonly webhookSecret: string;
  readonly shopUrl: () => string;
  /** `physical` is what `stock` meant up to 6.5.4: open orders not yet taken off. */
  readonly stockMeaning: StockMeaning;
  readonly version: string;
  /** Returns exist in the Commercial edition only. */
  readonly hasReturns: boolean;
}
export interface Shop {
  readonly world: World;
  readonly clock: Clock;
  readonly ids: IdCodec;
  readonly reference: Reference;
  readonly parts: ProductParts;
  readonly tables: Tables;
  readonly dispatcher: WebhookDispatcher;
  readonly events: EventFeed;
  readonly version: string;
  readonly shopId: string;
  readonly stockMeaning: StockMeaning;
}
export declare const createShop: (options: ShopOptions) => Shop;
