import type { JsonObject } from '@headrace/sdk';
import { brandOf } from '../config.js';
import { integer, object, objects, text } from '../json.js';
import { channelOf, type ShopwareMapContext } from './reference.js';

/** A sales channel a product is visible in, with our name of it. */
export interface VisibleIn {
  readonly salesChannelId: string;
  readonly channel: string;
  readonly brand: string;
  readonly visibility: number;
}

export function visibleIn(record: JsonObject, context: ShopwareMapContext): readonly VisibleIn[] {
  return objects(inherited(record, 'visibilities')).flatMap((row) => {
    const salesChannelId = text(row.salesChannelId);
    const channel = channelOf(context, salesChannelId);
    if (salesChannelId === null || channel === null) return [];
    const visibility = integer(row.visibility) ?? 0;
    return [{ salesChannelId, channel, brand: brandOf(context.config, channel), visibility }];
  });
}

/** The record's own value, or its parent's where it is empty. */
export function inherited(record: JsonObject, name: string): JsonObject[string] | undefined {
  const own = record[name];
  const isEmpty = own === undefined || own === null || (Array.isArray(own) && own.length === 0);
  return isEmpty ? (object(record.parent)?.[name] ?? own) : own;
}
