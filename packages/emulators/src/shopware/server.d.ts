import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FaultPort, RequestTarget } from './fault-port.js';
import { type OAuth } from './oauth.js';
import type { Shop } from './shop.js';
/** The Admin API over HTTP. */
export interface ShopwareServerOptions {
  readonly shop: Shop;
  readonly oauth: OAuth;
  readonly faults: FaultPort;
  /** 0 lifts the limit. */
  readonly requestsPerSecond: number;
  readonly onCall: (target: RequestTarget) => void;
}
export declare const createShopwareListener: (
  options: ShopwareServerOptions,
) => (request: IncomingMessage, response: ServerResponse) => void;
