import { isActive, nameOf, type Product, priceOf } from '../retailer/catalogue.js';
import { CHANNELS, CURRENCIES, LOCATIONS, netOf } from '../retailer/channels.js';
import { productAt } from '../retailer/edits.js';
import { CATEGORY_WORDS, COLOURS, SIZE_SYSTEMS, type Texts } from '../retailer/vocabulary.js';
import type { World } from '../retailer/world.js';
import type { Media } from '../shopware/media-tables.js';
import type { ProductLinks } from '../shopware/product-parts.js';
import { type IdOf, type LedgerRow, timeOrNull } from './ledger-row.js';

/** Truth about what is sold: products, variants, listings, prices, stock, categories. */

const productKey = (product: Product): LedgerRow => ({ sku: product.number });

const parents = function* (world: World): Generator<Product> {
  for (const product of world.catalogue.products) {
    if (product.parent < 0 && !product.isDeleted) yield product;
  }
};

const sellables = function* (world: World): Generator<Product> {
  for (const product of world.catalogue.products) {
    if (product.variant < 0 || product.isDeleted) continue;
    if (product.parent >= 0 || product.children.length === 0) yield product;
  }
};

const owner = (world: World, product: Product): Product =>
  product.parent < 0 ? product : productAt(world, product.parent);

export const products = function* (world: World, idOf: IdOf): Generator<LedgerRow> {
  for (const product of parents(world)) {
    yield {
      productNo: product.number,
      id: idOf('product', product.index),
      brands: product.brands,
      name: product.names,
      description: product.descriptions,
      category: CATEGORY_WORDS[product.category]?.key,
      supplier: world.catalogue.suppliers[product.supplier]?.name,
      supplierNumber: product.supplierNumber,
      taxPercent: product.taxClass === 1 ? 9 : 21,
      active: product.active,
      launchAt: product.launchAtMs,
      images: product.imageCount,
      customFields: product.customFields,
      createdAt: product.createdAtMs,
      updatedAt: timeOrNull(product.updatedAtMs),
    };
  }
};

export const variants = function* (world: World, idOf: IdOf): Generator<LedgerRow> {
  for (const product of sellables(world)) {
    const parent = owner(world, product);
    yield {
      ...productKey(product),
      id: idOf('product', product.index),
      productNo: parent.number,
      productId: idOf('product', parent.index),
      gtin: product.gtin,
      name: nameOf(world.catalogue, product, 'nl-NL'),
      colour: product.colour < 0 ? null : product.colour,
      size: product.size < 0 ? null : product.size,
      weightGrams: product.weightGrams ?? parent.weightGrams,
      active: isActive(world.catalogue, product),
      closeout: product.isCloseout ?? parent.isCloseout,
      createdAt: product.createdAtMs,
      updatedAt: timeOrNull(product.updatedAtMs),
    };
  }
};

export const listings = function* (world: World, idOf: IdOf): Generator<LedgerRow> {
  for (const product of sellables(world)) {
    const parent = owner(world, product);
    for (const channel of CHANNELS) {
      if (!parent.brands.includes(channel.brand)) continue;
      yield {
        ...productKey(product),
        channel: channel.key,
        brand: channel.brand,
        id: idOf('product', product.index),
        channelId: idOf('sales_channel', channel.index),
        published: isActive(world.catalogue, product),
      };
    }
  }
};

export const prices = function* (world: World, idOf: IdOf): Generator<LedgerRow> {
  for (const product of sellables(world)) {
    const price = priceOf(world.catalogue, product);
    for (const [currency, grossMinor] of price.gross.entries()) {
      if (grossMinor === null) continue;
      yield {
        ...productKey(product),
        id: idOf('product', product.index),
        kind: 'base',
        currency: CURRENCIES[currency]?.code,
        quantityFrom: 1,
        quantityTo: null,
        grossMinor,
        netMinor: netOf(grossMinor, product.taxClass),
        listGrossMinor: price.list[currency] ?? null,
        isInherited: product.price === null,
      };
    }
  }
  for (const tier of world.catalogue.tierPrices) {
    const product = productAt(world, tier.product);
    if (tier.isDeleted || product.isDeleted) continue;
    yield {
      ...productKey(product),
      id: idOf('product_price', tier.index),
      kind: 'tier',
      currency: 'EUR',
      quantityFrom: tier.quantityFrom,
      quantityTo: tier.quantityTo,
      grossMinor: tier.grossMinor,
      netMinor: tier.netMinor,
      listGrossMinor: null,
      isInherited: false,
    };
  }
};

export const stock = function* (world: World, idOf: IdOf): Generator<LedgerRow> {
  for (const product of sellables(world)) {
    const { variant } = product;
    yield {
      ...productKey(product),
      id: idOf('product', product.index),
      shown: world.stock.sellable(variant),
      onHand: world.stock.onHandOf(variant),
      committed: world.stock.committedOf(variant),
      open: world.stock.openOf(variant),
      byLocation: Object.fromEntries(
        LOCATIONS.map((location) => [location.key, world.stock.onHandAt(variant, location.index)]),
      ),
    };
  }
};

export const categories = function* (world: World, idOf: IdOf): Generator<LedgerRow> {
  for (const category of world.catalogue.categories) {
    yield {
      id: idOf('category', category.index),
      parentId: category.parent < 0 ? null : idOf('category', category.parent),
      key: category.words?.key ?? null,
      brand: category.brand,
      name: category.names,
      level: category.level,
      active: category.active,
      createdAt: category.createdAtMs,
      updatedAt: timeOrNull(category.updatedAtMs),
    };
  }
};

/** Files a product shows in the shop, in order. */
export const pictures = function* (
  world: World,
  { rowsOf, shown, files }: Pick<Media, 'rowsOf' | 'shown' | 'files'>,
): Generator<LedgerRow> {
  for (const product of parents(world)) {
    const own = rowsOf(product).map((row) => files[shown[row]?.media ?? -1]);
    yield {
      productNo: product.number,
      pictures: own.flatMap((row) => row?.file?.fileName ?? []),
      updatedAt: Math.max(0, ...own.map((row) => row?.updatedAtMs || row?.createdAtMs || 0)),
    };
  }
};

/** What sets a variant apart in the shop, in its main language: as written, or as it came. */
export const variantOptions = function* (
  world: World,
  links: ReadonlyMap<number, ProductLinks>,
  options: readonly { readonly name: Texts }[],
): Generator<LedgerRow> {
  for (const product of sellables(world)) {
    if (product.parent < 0) continue;
    const system = CATEGORY_WORDS[product.category]?.sizeSystem ?? 'single';
    const own = [COLOURS[product.colour]?.name['nl-NL'], SIZE_SYSTEMS[system][product.size]];
    const written = links
      .get(product.index)
      ?.options?.map((row) => options[row]?.name['nl-NL'] ?? null);
    yield { ...productKey(product), options: (written ?? own).filter(Boolean).toSorted() };
  }
};
