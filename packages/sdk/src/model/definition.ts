import type { z } from 'zod';

/** The group records are indexed under, so that one lookup finds all that belongs together. */
export interface Aggregate {
  readonly name: string;
  /** Key fields, the one people know and type first: an order number before its channel. */
  readonly keyFields: readonly string[];
}

/** One entity of the canonical model. */
export interface EntityDefinition<Name extends string, Schema extends z.ZodObject> {
  readonly name: Name;
  readonly title: string;
  readonly description: string;
  /** In the order of the key text. */
  readonly keyFields: readonly string[];
  readonly schema: Schema;
  readonly aggregate?: Aggregate;
}

/** Checks while compiling that key fields are fields of the schema; keeps the literal name. */
export function defineEntity<const Name extends string, Schema extends z.ZodObject>(definition: {
  readonly name: Name;
  readonly title: string;
  readonly description: string;
  readonly keyFields: readonly (keyof z.output<Schema> & string)[];
  readonly schema: Schema;
  readonly aggregate?: Aggregate;
}): EntityDefinition<Name, Schema> {
  return Object.freeze(definition);
}

/** Everything of an order is found by its number, then channel: two brands may share numbers. */
export const orderAggregate: Aggregate = { name: 'order', keyFields: ['orderNo', 'channel'] };
export const variantAggregate: Aggregate = { name: 'variant', keyFields: ['sku'] };
