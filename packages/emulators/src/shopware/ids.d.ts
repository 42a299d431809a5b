/**
 * Shopware ids: 32 hex digits, in new shops UUID version 7 and so ordered by time. Ours carry
 * the row they stand for, which makes both directions a computation instead of an index over
 * millions of rows:
 *
 *   time 48 bit | 7 | kind 12 bit | 10, row 30 bit | check 32 bit
 *
 * Records created by a client keep the id the client chose; those are looked up in a map.
 */
export declare const ID_KINDS: readonly [
  'product',
  'product_price',
  'product_visibility',
  'product_media',
  'media',
  'product_manufacturer',
  'category',
  'property_group',
  'property_group_option',
  'tax',
  'rule',
  'currency',
  'language',
  'locale',
  'country',
  'salutation',
  'sales_channel',
  'sales_channel_domain',
  'sales_channel_type',
  'customer_group',
  'customer',
  'customer_address',
  'order',
  'order_customer',
  'order_address',
  'order_line_item',
  'order_delivery',
  'order_delivery_position',
  'order_transaction',
  'order_return',
  'order_return_line_item',
  'order_return_line_item_reason',
  'payment_method',
  'shipping_method',
  'delivery_time',
  'state_machine',
  'state_machine_state',
  'custom_field_set',
  'custom_field',
  'custom_field_set_relation',
  'webhook',
  'snippet_set',
  'promotion',
  'event',
  'shop',
];
export type IdKind = (typeof ID_KINDS)[number];
export declare const ID_PATTERN: RegExp;
/** Ids every Shopware installation has in common. */
export declare const LIVE_VERSION_ID = '0fa91ce3e96a4bc2be4bd9ce752c3425';
export declare const SYSTEM_LANGUAGE_ID = '2fbb5fe2e29a4d70aa5854ce7ce3e20b';
export declare const SYSTEM_CURRENCY_ID = 'b7d2554b0ce847cd82f3ac9bd1c0dfca';
export interface IdCodec {
  idOf(kind: IdKind, row: number, createdAtMs: number): string;
  /** The row of an id of this kind, or -1; the caller compares the time part. */
  rowOf(kind: IdKind, id: string): number;
  assign(kind: IdKind, row: number, id: string): void;
}
export declare const createIdCodec: (seed: number) => IdCodec;
