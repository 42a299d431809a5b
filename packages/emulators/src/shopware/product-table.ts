import type { LocalizedTexts, Price, Product } from '../retailer/catalogue.js';
import { CURRENCIES, LANGUAGES, netOf } from '../retailer/channels.js';
import { productAt } from '../retailer/edits.js';
import { CATEGORY_WORDS } from '../retailer/vocabulary.js';
import type { World } from '../retailer/world.js';
import { formatInstant } from './dates.js';
import { LIVE_VERSION_ID } from './ids.js';
import { amount } from './money.js';
import type { ProductParts } from './product-parts.js';
import type { Reference } from './reference.js';
import {
  type Association,
  type Entity,
  instantOrNull,
  oneRow,
  type ReadContext,
  type Table,
} from './table.js';

/**
 * Products and variants share one table. A variant's own fields are null where it inherits;
 * only with `sw-inheritance` does the shop fill them in.
 */

export type StockMeaning = 'reduced-by-open-orders' | 'physical';

const PRODUCT_DATES: ReadonlySet<string> = new Set(['createdAt', 'updatedAt', 'releaseDate']);

export const priceEntity = (
  currencyId: string,
  grossMinor: number,
  taxClass: number,
  listMinor: number | null,
): Entity => {
  const money = (gross: number): Entity => ({
    currencyId,
    net: amount(netOf(gross, taxClass)),
    gross: amount(gross),
    linked: true,
    extensions: [],
    apiAlias: 'price',
  });
  const isReduced = listMinor !== null && listMinor > grossMinor;
  const share = isReduced ? Math.round((1 - grossMinor / listMinor) * 10_000) / 100 : 0;
  return {
    ...money(grossMinor),
    listPrice: isReduced ? money(listMinor) : null,
    percentage: isReduced ? { gross: share, net: share } : null,
    regulationPrice: null,
  };
};

export const createProductTable = (
  world: World,
  reference: Reference,
  parts: ProductParts,
  stockMeaning: StockMeaning,
): Table => {
  const { catalogue, stock } = world;
  const { ids, id } = reference;
  const rows = catalogue.products;
  const idOf = (row: number): string => ids.idOf('product', row, productAt(world, row).createdAtMs);
  const parentOf = (product: Product): Product | undefined => rows[product.parent];
  const stockOf = (product: Product): number =>
    product.variant < 0
      ? Number(product.extra['stock'] ?? 0)
      : stock.sellable(product.variant) +
        (stockMeaning === 'physical' ? stock.openOf(product.variant) : 0);
  const availableStockOf = (product: Product): number =>
    product.variant < 0 ? Number(product.extra['stock'] ?? 0) : stock.sellable(product.variant);

  const liveChildren = (product: Product): number =>
    product.children.length === 0
      ? 0
      : product.children.filter((child) => rows[child]?.isDeleted !== true).length;

  const optionRows = (product: Product): readonly number[] => {
    const written = parts.links.get(product.index)?.options;
    if (written !== undefined) return written;
    if (product.parent < 0) return [];
    const system = CATEGORY_WORDS[product.category]?.sizeSystem ?? 'single';
    const options: number[] = [];
    if (product.colour >= 0) options.push(reference.options.colour(product.colour));
    if (product.size >= 0) options.push(reference.options.size(system, product.size));
    return options;
  };
  const makerOf = (product: Product): number =>
    parts.links.get(product.index)?.manufacturer ?? product.supplier;
  const propertyRows = (product: Product): readonly number[] => {
    const written = parts.links.get(product.index)?.properties;
    if (written !== undefined) return written;
    const properties: number[] = [];
    if (product.material !== null) properties.push(reference.options.material(product.material));
    if (product.fit !== null) properties.push(reference.options.fit(product.fit));
    return properties;
  };

  const priceList = (price: Price, taxClass: number): Entity[] =>
    price.gross.flatMap((gross, currency) =>
      gross === null || CURRENCIES[currency] === undefined
        ? []
        : [priceEntity(id.currency(currency), gross, taxClass, price.list[currency] ?? null)],
    );

  const textIn = (text: LocalizedTexts | null, language: number): string | null =>
    text?.[LANGUAGES[language] ?? 'nl-NL'] ?? null;

  /** Language before inheritance: the parent in this language beats the variant in Dutch. */
  const resolved = (
    product: Product,
    pick: (from: Product) => LocalizedTexts | null,
    context: ReadContext,
  ): string | null => {
    const chain = [product];
    const parent = parentOf(product);
    if (context.hasInheritance && parent !== undefined) chain.push(parent);
    for (const language of [context.language, 0]) {
      for (const record of chain) {
        const text = textIn(pick(record), language);
        if (text !== null) return text;
      }
    }
    return null;
  };

  const build = (row: number, context: ReadContext): Entity => {
    const product = productAt(world, row);
    const parent = parentOf(product);
    const inherited = context.hasInheritance ? parent : undefined;
    const shared = inherited ?? product;
    const isOwner = parent === undefined || inherited !== undefined;
    const price = product.price ?? inherited?.price ?? null;
    const purchase = product.purchaseNetMinor ?? inherited?.purchaseNetMinor ?? null;
    const shownStock = stockOf(product);
    const isCloseout = product.isCloseout ?? inherited?.isCloseout ?? null;
    const customFields = product.customFields ?? inherited?.customFields ?? null;
    const categoryRows = parts.categoriesOf(product.parent < 0 ? product : (parent ?? product));
    const own = parent === undefined;
    const weight = product.weightGrams ?? inherited?.weightGrams ?? null;
    const listOrNull = (values: string[]): string[] | null => (values.length === 0 ? null : values);
    const entity: Entity = {
      versionId: LIVE_VERSION_ID,
      parentId: parent === undefined ? null : idOf(parent.index),
      parentVersionId: LIVE_VERSION_ID,
      manufacturerId: isOwner ? parts.manufacturerId(makerOf(shared)) : null,
      productManufacturerVersionId: isOwner ? LIVE_VERSION_ID : null,
      unitId: null,
      taxId: isOwner ? id.tax(product.taxClass) : null,
      coverId: isOwner ? (parts.media.shown[parts.media.coverOf(shared)]?.id ?? null) : null,
      deliveryTimeId: null,
      featureSetId: null,
      canonicalProductId: null,
      cmsPageId: null,
      price: price === null ? null : priceList(price, product.taxClass),
      purchasePrices:
        purchase === null
          ? null
          : [
              {
                ...priceEntity(id.currency(0), Math.round(purchase * 1.21), product.taxClass, null),
                net: amount(purchase),
                gross: amount(Math.round(purchase * (product.taxClass === 1 ? 1.09 : 1.21))),
              },
            ],
      productNumber: product.number,
      restockTime: product.restockDays ?? inherited?.restockDays ?? null,
      autoIncrement: row + 1,
      active: product.active ?? inherited?.active ?? null,
      available:
        product.variant < 0
          ? product.children.length > 0
          : shownStock > 0 || (product.isCloseout ?? parent?.isCloseout) === false,
      isCloseout,
      stock: shownStock,
      availableStock: availableStockOf(product),
      displayGroup: null,
      variantListingConfig:
        own && product.children.length > 0
          ? { displayParent: true, mainVariantId: null, configuratorGroupConfig: [] }
          : null,
      variantRestrictions: null,
      manufacturerNumber: product.supplierNumber ?? inherited?.supplierNumber ?? null,
      ean: product.gtin ?? inherited?.gtin ?? null,
      purchaseSteps: isOwner ? 1 : null,
      maxPurchase: null,
      minPurchase: isOwner ? 1 : null,
      purchaseUnit: null,
      referenceUnit: null,
      shippingFree: isOwner ? false : null,
      markAsTopseller: isOwner ? false : null,
      weight: weight === null ? null : weight / 1000,
      width: null,
      height: null,
      length: null,
      releaseDate: isOwner ? formatInstant(product.launchAtMs) : null,
      ratingAverage: null,
      categoryTree: parts.categoryTree(categoryRows),
      categoryIds: isOwner ? listOrNull(categoryRows.map((at) => parts.categoryId(at))) : null,
      propertyIds: listOrNull(propertyRows(shared).map((at) => id.option(at))),
      optionIds: listOrNull(optionRows(product).map((at) => id.option(at))),
      streamIds: null,
      tagIds: null,
      childCount: liveChildren(product),
      customFieldSetSelectionActive: null,
      sales: product.variant < 0 ? 0 : stock.sold.get(product.variant),
      states: ['is-physical'],
      metaDescription: null,
      metaTitle: null,
      keywords: null,
      name: textIn(product.names, context.language),
      description: textIn(product.descriptions, context.language),
      packUnit: null,
      packUnitPlural: null,
      customFields: product.customFields,
      slotConfig: null,
      customSearchKeywords: null,
      createdAt: formatInstant(product.createdAtMs),
      updatedAt: instantOrNull(product.updatedAtMs),
      translated: {
        name: resolved(product, (from) => from.names, context),
        description: resolved(product, (from) => from.descriptions, context),
        metaTitle: null,
        metaDescription: null,
        keywords: null,
        packUnit: null,
        packUnitPlural: null,
        customFields: customFields ?? [],
        slotConfig: null,
        customSearchKeywords: null,
      },
    };
    return Object.keys(product.extra).length === 0 ? entity : Object.assign(entity, product.extra);
  };

  /** Rows kept on the parent; a variant has none of its own, but shows them when inheriting. */
  const shared = (
    entity: string,
    rowsOf: (product: Product) => readonly number[],
    isMany = true,
  ): Association => ({
    entity,
    isMany,
    rows: (row, context) => {
      const product = productAt(world, row);
      const parent = parentOf(product);
      if (parent === undefined) return rowsOf(product);
      return context.hasInheritance ? rowsOf(parent) : [];
    },
  });

  const priceOwners = (row: number, context: ReadContext): readonly number[] => {
    const product = rows[catalogue.tierPrices[row]?.product ?? -1];
    if (product === undefined) return [];
    return context.hasInheritance ? [product.index, ...product.children] : [product.index];
  };

  return {
    entity: 'product',
    length: () => rows.length,
    liveCount: () => rows.length - world.deletedProductCount,
    isLive: (row) => rows[row] !== undefined && rows[row]?.isDeleted !== true,
    idOf,
    rowOf: (text) => {
      const row = ids.rowOf('product', text);
      return row >= 0 && row < rows.length && idOf(row) === text ? row : -1;
    },
    createdAtMs: (row) => productAt(world, row).createdAtMs,
    updatedAtMs: (row) => productAt(world, row).updatedAtMs,
    isChronological: true,
    hasAutoIncrement: true,
    changes: world.changes.products,
    values: {
      autoIncrement: (row) => row + 1,
      productNumber: (row) => productAt(world, row).number,
      ean: (row) => productAt(world, row).gtin,
      active: (row) => productAt(world, row).active,
      stock: (row) => stockOf(productAt(world, row)),
      availableStock: (row) => availableStockOf(productAt(world, row)),
      parentId: (row) => {
        const { parent } = productAt(world, row);
        return parent < 0 ? null : idOf(parent);
      },
      childCount: (row) => liveChildren(productAt(world, row)),
      manufacturerNumber: (row) => {
        const product = productAt(world, row);
        const written = product.extra['manufacturerNumber'];
        return typeof written === 'string' ? written : product.supplierNumber;
      },
      releaseDate: (row) => productAt(world, row).launchAtMs,
    },
    dateFields: PRODUCT_DATES,
    lookups: {
      productNumber: (value) => oneRow(catalogue.byNumber.get(String(value)) ?? -1),
      parentId: (value) => {
        const row = ids.rowOf('product', String(value));
        return rows[row]?.children ?? [];
      },
    },
    related: {
      'parent.updatedAt': {
        entity: 'product',
        field: 'updatedAt',
        owners: (row) => productAt(world, row).children,
      },
      'prices.updatedAt': { entity: 'product_price', field: 'updatedAt', owners: priceOwners },
      'prices.createdAt': { entity: 'product_price', field: 'createdAt', owners: priceOwners },
    },
    associations: {
      parent: {
        entity: 'product',
        isMany: false,
        rows: (row) => oneRow(productAt(world, row).parent),
      },
      children: { entity: 'product', isMany: true, rows: (row) => productAt(world, row).children },
      tax: shared('tax', (product) => [product.taxClass], false),
      manufacturer: shared('product_manufacturer', (product) => [makerOf(product)], false),
      cover: shared('product_media', (product) => oneRow(parts.media.coverOf(product)), false),
      media: shared('product_media', (product) => parts.media.rowsOf(product)),
      // Prices of its own, once a variant has any, replace those of its product.
      prices: {
        entity: 'product_price',
        isMany: true,
        rows: (row, context) => {
          const product = productAt(world, row);
          const live = parts
            .tierRows(row)
            .filter((tier) => catalogue.tierPrices[tier]?.isDeleted === false);
          const isInherited = live.length === 0 && context.hasInheritance && product.parent >= 0;
          return isInherited ? parts.tierRows(product.parent) : live;
        },
      },
      visibilities: shared('product_visibility', (product) => parts.visibilityRows(product.index)),
      categories: shared('category', (product) => parts.categoriesOf(product)),
      properties: shared('property_group_option', propertyRows),
      configuratorSettings: {
        entity: 'product_configurator_setting',
        isMany: true,
        rows: (row) =>
          parts.configurator.flatMap((entry, index) => (entry.product === row ? [index] : [])),
      },
      options: {
        entity: 'property_group_option',
        isMany: true,
        rows: (row) => optionRows(productAt(world, row)),
      },
    },
    emptyAssociations: {
      unit: 'one',
      deliveryTime: 'one',
      featureSet: 'one',
      cmsPage: 'one',
      canonicalProduct: 'one',
      downloads: 'many',
      crossSellings: 'many',
      crossSellingAssignedProducts: 'many',
      searchKeywords: 'many',
      productReviews: 'many',
      mainCategories: 'many',
      seoUrls: 'many',
      orderLineItems: 'many',
      wishlists: 'many',
      streams: 'many',
      categoriesRo: 'many',
      tags: 'many',
      customFieldSets: 'many',
    },
    build,
  };
};
