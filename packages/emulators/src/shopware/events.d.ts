import type { World } from '../retailer/world.js';
import { type Tables } from './encode.js';
import type { WebhookDispatcher } from './webhooks.js';
export interface EventFeed {
  /** Groups what one write call changes into one event per entity, as the shop does. */
  readonly batch: <T>(work: () => T) => T;
  readonly close: () => void;
}
export declare const connectEvents: (
  world: World,
  tables: Tables,
  dispatcher: WebhookDispatcher,
) => EventFeed;
/** The webhooks a shop owner sets up for a system that wants to know everything. */
export declare const ALL_EVENTS: readonly string[];
