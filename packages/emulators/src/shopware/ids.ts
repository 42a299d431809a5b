import { mix } from '../retailer/random.js';

/**
 * Shopware ids: 32 hex digits, in new shops UUID version 7 and so ordered by time. Ours carry
 * the row they stand for, which makes both directions a computation instead of an index over
 * millions of rows:
 *
 *   time 48 bit | 7 | kind 12 bit | 10, row 30 bit | check 32 bit
 *
 * Records created by a client keep the id the client chose; those are looked up in a map.
 */

export const ID_KINDS = [
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
  'rule_condition',
] as const;
export type IdKind = (typeof ID_KINDS)[number];

export const ID_PATTERN = /^[0-9a-f]{32}$/;

/** Ids every Shopware installation has in common. */
export const LIVE_VERSION_ID = '0fa91ce3e96a4bc2be4bd9ce752c3425';
export const SYSTEM_LANGUAGE_ID = '2fbb5fe2e29a4d70aa5854ce7ce3e20b';
export const SYSTEM_CURRENCY_ID = 'b7d2554b0ce847cd82f3ac9bd1c0dfca';

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');

/** An order page writes tens of thousands of ids; a table of half words makes them cheap. */
const HALF_WORDS = Array.from({ length: 0x10000 }, (_, value) => hex(value, 4));

const wordHex = (value: number): string =>
  (HALF_WORDS[value >>> 16] as string) + (HALF_WORDS[value & 0xffff] as string);

let knownTime = Number.NaN;
let knownTimeHex = '';

/** The ids of one record's parts share their time. */
const timeHex = (atMs: number): string => {
  if (atMs !== knownTime) {
    knownTime = atMs;
    knownTimeHex = hex(atMs, 12);
  }
  return knownTimeHex;
};

export interface IdCodec {
  idOf(kind: IdKind, row: number, createdAtMs: number): string;
  /** The row of an id of this kind, or -1; the caller compares the time part. */
  rowOf(kind: IdKind, id: string): number;
  assign(kind: IdKind, row: number, id: string): void;
}

export const createIdCodec = (seed: number): IdCodec => {
  const salt = mix(seed >>> 0, 0x51ed270b);
  const kindNumbers = new Map<IdKind, number>(ID_KINDS.map((kind, index) => [kind, index + 1]));
  const kindSalts = new Map<IdKind, number>(
    ID_KINDS.map((kind, index) => [kind, mix(salt, index + 1)]),
  );
  const kindDigits = new Map<IdKind, string>(
    ID_KINDS.map((kind) => [
      kind,
      `7${hex((mix(salt, kindNumbers.get(kind) ?? 0) & 0xfc0) | (kindNumbers.get(kind) ?? 0), 3)}`,
    ]),
  );
  const assignedIds = new Map<IdKind, Map<number, string>>();
  const assignedRows = new Map<string, number>();
  return {
    idOf: (kind, row, createdAtMs) => {
      const assigned = assignedIds.get(kind)?.get(row);
      if (assigned !== undefined) return assigned;
      const check = mix(kindSalts.get(kind) ?? 0, row);
      return (
        timeHex(createdAtMs) + kindDigits.get(kind) + wordHex(0x80000000 + row) + wordHex(check)
      );
    },
    rowOf: (kind, id) => {
      if (assignedRows.size > 0) {
        const assigned = assignedRows.get(`${kind}:${id}`);
        if (assigned !== undefined) return assigned;
      }
      if (!ID_PATTERN.test(id) || id.slice(12, 16) !== kindDigits.get(kind)) return -1;
      const row = Number.parseInt(id.slice(16, 24), 16) - 0x80000000;
      if (row < 0 || row >= 0x40000000) return -1;
      return hex(mix(kindSalts.get(kind) ?? 0, row), 8) === id.slice(24) ? row : -1;
    },
    assign: (kind, row, id) => {
      const known = assignedIds.get(kind);
      if (known === undefined) assignedIds.set(kind, new Map([[row, id]]));
      else known.set(row, id);
      assignedRows.set(`${kind}:${id}`, row);
    },
  };
};
