/**
 * What of a variant can be sold, over all the places that serve the shop.
 *
 * A shop takes an order off its stock at once, an ERP when the goods leave. Between the two, what the
 * ERP has is what the shop has **plus what it has sold and not shipped**. This sum is what is wanted
 * and compared, so an order in between is no difference, and a write never offers again what is sold:
 *
 *   compared = availableStock + units in orders not shipped
 *   written  = wanted − those units + (stock − availableStock)
 *
 * The last term is what a shop before 6.6 keeps in `stock` besides (see `mapping/stock.ts`); it is
 * nothing from then on. An order line that is shipped leaves the group, and so has it looked at again.
 */
import {
  type FlowGroup,
  type FlowRecord,
  type Json,
  type JsonObject,
  parseQuantity,
  type Quantity,
  type Sink,
  type SinkItem,
  type SinkResult,
  type TargetRecord,
  type TargetState,
} from '@headrace/sdk';
import { z } from 'zod';
import type { ShopwareConfig } from '../config.js';
import { integer, object, text } from '../json.js';
import type { Question, ShopwareContext } from '../search.js';
import { anyOf, findSold, idIn, searchEach } from './shop.js';
import { sync } from './sync.js';

export const stockFields = z.strictObject({
  stock: z.int().describe('Units that can be sold, those of orders not yet shipped included.'),
});

export const stock: Sink<ShopwareConfig> = {
  name: 'stock',
  title: 'Stock',
  description: 'What of each variant can be sold, summed over the locations that serve the shop',
  entities: ['stock', 'orderLine'],
  delivery: 'idempotent',
  makes: 'state',
  fields: stockFields,
  // An order that left the shop before the ERP's stock was read again looks as if somebody had written.
  moves: ['stock'],
  batchMax: 100,
  canUndo: true,
  groupsOf,
  map: mapStockWanted,
  read,
  write,
};

/** Lines of an order that is done would only pile up. */
function groupsOf({ entity, fields }: FlowRecord): readonly string[] {
  const sku = text(fields.sku);
  if (sku === null) return [];
  if (entity === 'orderLine' && fields.state !== undefined && fields.state !== null) return [];
  return [sku];
}

export function mapStockWanted(
  group: FlowGroup,
  { config }: { readonly config: ShopwareConfig },
): TargetRecord | null {
  const { locations } = config.write.stock;
  let sku: string | null = null;
  let units = 0n;
  for (const { fields } of group.records('stock')) {
    const location = text(fields.location);
    if (locations !== undefined && (location === null || !locations.includes(location))) continue;
    const sellable = sellableMicros(fields);
    if (sellable === null) continue;
    sku = text(fields.sku);
    units += sellable;
  }
  if (sku === null) return null;
  // Half a metre cannot be put into a basket of whole ones.
  const whole = Number(units / 1_000_000n);
  return { key: sku, fields: { stock: Math.max(whole, 0) } };
}

/** Millionths of a unit that nothing speaks against selling; null where nothing is said. */
function sellableMicros(fields: JsonObject): bigint | null {
  const onHand = microsOf(fields.onHand);
  if (onHand === null) return microsOf(fields.available);
  const kept = ['committed', 'safety', 'qualityHold', 'damaged'] as const;
  return kept.reduce((left, name) => left - (microsOf(fields[name]) ?? 0n), onHand);
}

function microsOf(value: Json | undefined): bigint | null {
  const quantity = object(value);
  return quantity === null ? null : parseQuantity(quantity as unknown as Quantity).valueMicros;
}

const question: Question = {
  entity: 'product',
  includes: {
    product: [
      ...['id', 'productNumber', 'ean', 'manufacturerNumber', 'childCount'],
      ...['stock', 'availableStock'],
    ],
  },
};

/** What the shop has of one variant. */
interface Shelf {
  readonly id: string;
  readonly stock: number;
  readonly available: number;
  readonly unshipped: number;
}

async function shelves(context: ShopwareContext, skus: readonly string[]) {
  const products = await findSold(context, question, skus);
  const ids = [...products.values()].map(idIn);
  const unshipped = ids.length === 0 ? new Map() : await unshippedOf(context, ids);
  return new Map(
    [...products].map(([sku, row]): [string, Shelf] => {
      const [id, there] = [idIn(row), integer(row.stock) ?? 0];
      const available = integer(row.availableStock) ?? there;
      return [sku, { id, stock: there, available, unshipped: unshipped.get(id) ?? 0 }];
    }),
  );
}

/** Units of each product in orders that are neither cancelled nor on their way. */
async function unshippedOf(
  context: ShopwareContext,
  productIds: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const lines = await searchEach(
    context,
    { entity: 'order-line-item', includes: { order_line_item: ['id', 'productId', 'quantity'] } },
    [
      anyOf('productId', productIds),
      anyOf('order.stateMachineState.technicalName', ['open', 'in_progress']),
      anyOf('order.deliveries.stateMachineState.technicalName', ['open', 'shipped_partially']),
    ],
  );
  const units = new Map<string, number>();
  for (const line of lines) {
    const id = text(line.productId) ?? '';
    units.set(id, (units.get(id) ?? 0) + (integer(line.quantity) ?? 0));
  }
  return units;
}

async function read(
  context: ShopwareContext,
  records: readonly TargetRecord[],
): Promise<readonly TargetState[]> {
  const found = await shelves(
    context,
    records.map(({ key }) => key),
  );
  return [...found].map(([key, shelf]) => ({
    ...{ key, id: shelf.id, tag: null },
    fields: { stock: shelf.available + shelf.unshipped },
  }));
}

async function write(
  context: ShopwareContext,
  items: readonly SinkItem[],
): Promise<readonly SinkResult[]> {
  // Looked at once more: what was sold since the comparison must not be offered again.
  const found = await shelves(
    context,
    items.map(({ key }) => key),
  );
  const writes = [];
  const results: SinkResult[] = [];
  for (const item of items) {
    const shelf = found.get(item.key);
    if (shelf === undefined) {
      const message = `The shop sells nothing under ${item.key} yet.`;
      results.push({ key: item.key, kind: 'refused', error: 'transient', message });
      continue;
    }
    const wanted = integer(item.fields.stock) ?? 0;
    const there = wanted - shelf.unshipped + (shelf.stock - shelf.available);
    const payload = [{ id: shelf.id, stock: there }];
    const operations = [{ action: 'upsert', entity: 'product', payload } as const];
    writes.push({ item, id: shelf.id, operations });
  }
  return [...results, ...(await sync(context, writes))];
}
