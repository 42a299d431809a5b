/**
 * Stock as the shop keeps it. What its number means depends on the version:
 *
 * |                  | `stock`                              | `availableStock`             |
 * | ---------------- | ------------------------------------ | ---------------------------- |
 * | before 6.6       | goods in the house; falls only when  | `stock` less what open       |
 * |                  | an order is completed                | orders hold                  |
 * | from 6.6 on      | what can be sold; falls when an      | a copy of `stock`            |
 * |                  | order is placed                      |                              |
 *
 * 6.5.5 brought the new way behind a switch (STOCK_HANDLING) that no interface shows, so shops that
 * have it on say `stockMeaning: 'sellable'`.
 */
import type { JsonObject, MappedRecord } from '@headrace/sdk';
import { pieces } from '@headrace/sdk';
import { integer, text } from '../json.js';
import { referenceOf, type ShopwareMapContext } from './reference.js';
import { skuOf } from './sku.js';

export function mapStock(record: JsonObject, context: ShopwareMapContext): readonly MappedRecord[] {
  const id = text(record.id);
  const sku = skuOf(record, context.config);
  const stock = integer(record.stock);
  // A product with variants has a number too, but nobody can buy it.
  const isParent = (integer(record.childCount) ?? 0) > 0;
  if (id === null || sku === null || stock === null || isParent) return [];
  const available = integer(record.availableStock) ?? stock;
  const { location } = context.config;
  const common = { sku, location };
  const fields =
    stockMeaning(context) === 'sellable'
      ? { ...common, available: pieces(stock), shown: pieces(stock) }
      : {
          ...common,
          onHand: pieces(stock),
          committed: pieces(stock - available),
          available: pieces(available),
          shown: pieces(available),
        };
  return [{ entity: 'stock', type: 'product', externalId: id, fields: fields }];
}

function stockMeaning(context: ShopwareMapContext): 'physical' | 'sellable' {
  const { stockMeaning: said } = context.config;
  if (said !== 'auto') return said;
  const [major = 6, minor = 0] = referenceOf(context).version.split('.').map(Number);
  return major > 6 || (major === 6 && minor >= 6) ? 'sellable' : 'physical';
}
