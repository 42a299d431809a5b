/** What has to be known of the shop before a product is written. */
import type { JsonObject, SinkItem } from '@headrace/sdk';
import { number, objects, text } from '../json.js';
import type { ShopwareContext } from '../search.js';
import { nameIn } from './assortment.js';
import { anyOf, idIn, searchEach } from './shop.js';

export async function findManufacturers(context: ShopwareContext, names: readonly string[]) {
  if (names.length === 0) return new Map<string, string>();
  const rows = await searchEach(
    context,
    {
      entity: 'product-manufacturer',
      includes: { product_manufacturer: ['id', 'name', 'translated'] },
    },
    [anyOf('name', [...new Set(names)])],
  );
  return new Map(rows.map((row) => [nameIn(row) ?? '', idIn(row)]));
}

/** Products that cost something, by themselves or in one of their variants. */
export async function pricedOf(
  context: ShopwareContext,
  items: readonly SinkItem[],
  found: ReadonlyMap<string, JsonObject>,
): Promise<ReadonlySet<string>> {
  const priced = new Set<string>();
  const open = new Map<string, string>();
  for (const { key, fields } of items) {
    const row = found.get(key);
    if (row === undefined || fields.active !== true) continue;
    if (hasPrice(row)) priced.add(key);
    else open.set(idIn(row), key);
  }
  if (open.size === 0) return priced;
  const children = await searchEach(
    context,
    { entity: 'product', includes: { product: ['id', 'parentId', 'price'] } },
    [anyOf('parentId', [...open.keys()])],
  );
  for (const child of children) {
    const key = open.get(text(child.parentId) ?? '');
    if (key !== undefined && hasPrice(child)) priced.add(key);
  }
  return priced;
}

function hasPrice(row: JsonObject): boolean {
  return objects(row.price).some(({ gross }) => (number(gross) ?? 0) > 0);
}
