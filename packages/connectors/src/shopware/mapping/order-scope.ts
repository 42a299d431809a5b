import type { JsonObject } from '@headrace/sdk';
import type { ShopwareMapContext } from './reference.js';

/** What the parts of an order share. */
export interface OrderScope {
  readonly record: JsonObject;
  readonly context: ShopwareMapContext;
  readonly channel: string;
  readonly orderNo: string;
  readonly isoCode: string;
  /** Amounts of lines include tax unless the order says otherwise. */
  readonly taxStatus: 'gross' | 'net' | 'tax-free';
  /** By id of the line. */
  readonly skus: ReadonlyMap<string, string>;
  readonly shippedQuantities: ReadonlyMap<string, number>;
}
