import { LOCATIONS } from '../retailer/channels.js';
import { CUSTOMER_DELETED } from '../retailer/customers.js';
import { productAt } from '../retailer/edits.js';
import type { World } from '../retailer/world.js';
import type { Shop } from '../shopware/shop.js';
import {
  categories,
  listings,
  pictures,
  prices,
  products,
  stock,
  variantOptions,
  variants,
} from './ledger-catalogue.js';
import {
  customers,
  deliveries,
  orderLines,
  orders,
  returns,
  shopReturns,
} from './ledger-orders.js';
import type { Ledger, LedgerRow } from './ledger-row.js';

/**
 * The world's own account of itself, in its own flat words: whole minor units, milliseconds,
 * keys people use. It shares no code with what writes the vendor's JSON, so agreement between
 * the two says something. Only the ids are asked from the vendor's side.
 */

const MOVEMENTS = ['receipt', 'pick', 'adjust', 'return', 'transfer'];

const movements = function* (world: World): Generator<LedgerRow> {
  const table = world.stock;
  for (let row = 0; row < table.movementVariant.length; row++) {
    const product = productAt(
      world,
      world.catalogue.variants[table.movementVariant.get(row)] ?? -1,
    );
    yield {
      movement: row,
      sku: product.number,
      location: LOCATIONS[table.movementLocation.get(row)]?.key,
      kind: MOVEMENTS[table.movementKind.get(row)],
      quantity: table.movementQuantity.get(row),
      at: table.movementAtMs.get(row),
    };
  }
};

/** What the shop never shows, so that a comparison knows what not to look for. */
const hidden = function* (world: World): Generator<LedgerRow> {
  yield {
    what: 'field',
    ledger: 'stock',
    fields: ['onHand', 'committed', 'open', 'byLocation'],
    reason: 'the shop knows one number per variant, not places and reservations',
  };
  yield {
    what: 'field',
    ledger: 'orders',
    fields: ['paidAt', 'shippedAt', 'completedAt', 'cancelledAt'],
    reason:
      'the shop stamps states only by the record they sit on; the last change of delivery and payment can be read',
  };
  yield {
    what: 'field',
    ledger: 'customers',
    fields: ['person', 'consent'],
    reason:
      'who is whose duplicate is not recorded; consent shows only where it was given, as a custom field',
  };
  yield {
    what: 'field',
    ledger: 'order-lines',
    fields: ['returned'],
    reason: 'the free edition has no returns',
  };
  yield {
    what: 'rows',
    ledger: 'returns',
    rows: world.returns.length,
    reason:
      'order_return exists in the Commercial edition only; the delivery state shows that something came back',
  };
  yield {
    what: 'rows',
    ledger: 'movements',
    rows: world.stock.movementVariant.length,
    reason: 'the shop keeps balances, not movements',
  };
  let lost = 0;
  for (let variant = 0; variant < world.stock.variantCount; variant++)
    lost += world.stock.lost.get(variant);
  yield {
    what: 'fact',
    name: 'lost-sales-units',
    value: lost,
    reason: 'demand that met an empty shelf leaves no record',
  };
  for (const product of world.catalogue.products) {
    if (product.isDeleted)
      yield {
        what: 'row',
        ledger: product.parent < 0 ? 'products' : 'variants',
        key: product.number,
        reason: 'deleted in the shop',
      };
  }
  for (let customer = 0; customer < world.customers.length; customer++) {
    if (world.customers.has(customer, CUSTOMER_DELETED)) {
      yield {
        what: 'row',
        ledger: 'customers',
        key: world.customers.numberOf(customer),
        reason: 'deleted in the shop',
      };
    }
  }
};

export const LEDGERS: Readonly<Record<string, Ledger>> = {
  products,
  variants,
  listings,
  prices,
  stock,
  orders,
  'order-lines': orderLines,
  deliveries,
  customers,
  categories,
  returns,
  movements,
  hidden,
};

/** What stands in the shop and nowhere else, since clients have written it there. */
export const SHOP_LEDGERS: Readonly<
  Record<
    string,
    (world: World, shop: Pick<Shop, 'written' | 'parts' | 'reference'>) => Generator<LedgerRow>
  >
> = {
  'shop-returns': (world, { written }) => shopReturns(world, written),
  'shop-options': (world, { parts, reference }) =>
    variantOptions(world, parts.links, reference.rows.optionRows),
  'shop-pictures': (world, { parts }) => pictures(world, parts.media),
};
