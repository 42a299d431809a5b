import type { Product } from '../retailer/catalogue.js';
import { CHANNELS } from '../retailer/channels.js';
import { productAt } from '../retailer/edits.js';
import type { World } from '../retailer/world.js';
import { createCategories } from './category-table.js';
import { formatInstant } from './dates.js';
import { LIVE_VERSION_ID } from './ids.js';
import { createMedia, type Media } from './media-tables.js';
import { amount } from './money.js';
import type { Reference } from './reference.js';
import {
  instantOrNull,
  type ListRow,
  listTable,
  makeRows,
  oneRow,
  stamps,
  type Table,
} from './table.js';

/** What hangs on products: media, visibilities, quantity prices, makers, categories. */

export interface ProductParts {
  readonly tables: readonly Table[];
  readonly media: Media;
  readonly visibilityRows: (product: number) => readonly number[];
  readonly tierRows: (product: number) => readonly number[];
  readonly manufacturerId: (supplier: number) => string;
  readonly categoriesOf: (product: Product) => number[];
  readonly categoryId: (row: number) => string;
  readonly categoryTree: (rows: readonly number[]) => string[];
  /** Registers media and visibilities of a product made after the start. */
  readonly adopt: (product: Product, visibilities?: readonly NewVisibility[]) => void;
  readonly visibilities: (ListRow & VisibilityEntry)[];
  readonly addVisibility: (product: number, entry: NewVisibility, atMs: number) => void;
  /** Makers, those of the suppliers first. */
  readonly manufacturers: (ListRow & { name: string })[];
  /** What was written instead of what the retailer's own data say. */
  readonly links: Map<number, ProductLinks>;
  readonly configurator: (ListRow & ConfiguratorEntry)[];
}

/** Rows of the tables named; what is absent follows from the retailer's data. */
export interface ProductLinks {
  manufacturer?: number;
  categories?: readonly number[];
  properties?: readonly number[];
  options?: readonly number[];
}

export interface NewVisibility {
  readonly channel: number;
  readonly visibility: number;
  readonly id: string | undefined;
}

export interface ConfiguratorEntry {
  readonly product: number;
  readonly option: number;
}

interface VisibilityEntry {
  readonly product: number;
  readonly channel: number;
  visibility: number;
}

export const createProductParts = (world: World, reference: Reference): ProductParts => {
  const { ids, id, installedAtMs } = reference;
  const { catalogue } = world;
  const categories = createCategories(world, reference);
  const productId = (row: number): string =>
    ids.idOf('product', row, productAt(world, row).createdAtMs);
  const media = createMedia(world, reference, productId);
  const visibilities: (ListRow & VisibilityEntry)[] = [];
  const visibilitiesOf = new Map<number, number[]>();

  const addVisibility = (product: number, entry: NewVisibility, atMs: number): void => {
    const rows = visibilitiesOf.get(product) ?? [];
    visibilitiesOf.set(product, rows);
    rows.push(visibilities.length);
    visibilities.push({
      product,
      channel: entry.channel,
      visibility: entry.visibility,
      id: entry.id ?? ids.idOf('product_visibility', visibilities.length, atMs),
      createdAtMs: atMs,
      updatedAtMs: 0,
    });
  };

  const adopt = (product: Product, written?: readonly NewVisibility[]): void => {
    if (product.parent >= 0) return;
    media.adopt(product);
    const shown =
      written ??
      CHANNELS.filter(({ brand }) => product.brands.includes(brand)).map(({ index }) => ({
        ...{ channel: index, visibility: 30, id: undefined },
      }));
    visibilitiesOf.set(product.index, []);
    for (const entry of shown) addVisibility(product.index, entry, product.createdAtMs + 1);
  };
  for (const product of catalogue.products) adopt(product);

  const manufacturers: (ListRow & { name: string })[] = makeRows(
    ids,
    'product_manufacturer',
    catalogue.suppliers.map(({ name }) => ({ name })),
    installedAtMs,
  );
  const links = new Map<number, ProductLinks>();
  const configurator: (ListRow & ConfiguratorEntry)[] = [];
  const tierIndex = new Map<number, number[]>();
  let tiersIndexed = 0;
  const tierRows = (product: number): readonly number[] => {
    for (; tiersIndexed < catalogue.tierPrices.length; tiersIndexed++) {
      const tier = catalogue.tierPrices[tiersIndexed];
      if (tier === undefined) continue;
      const rows = tierIndex.get(tier.product);
      if (rows === undefined) tierIndex.set(tier.product, [tier.index]);
      else rows.push(tier.index);
    }
    return tierIndex.get(product) ?? [];
  };

  const productLink = (rows: readonly { readonly product: number }[]) => ({
    entity: 'product',
    isMany: false,
    rows: (row: number) => oneRow(rows[row]?.product ?? -1),
  });

  const { tierPrices } = catalogue;
  const tables: Table[] = [
    ...media.tables,
    listTable({
      entity: 'product_visibility',
      rows: visibilities,
      values: {
        productId: (row) => productId(row.product),
        salesChannelId: (row) => id.channel(row.channel),
        visibility: (row) => row.visibility,
      },
      lookups: {
        productId: (value) => visibilitiesOf.get(ids.rowOf('product', String(value))) ?? [],
      },
      associations: {
        product: productLink(visibilities),
        salesChannel: {
          entity: 'sales_channel',
          isMany: false,
          rows: (row) => oneRow(visibilities[row]?.channel ?? -1),
        },
      },
      build: (row) => ({
        productId: productId(row.product),
        productVersionId: LIVE_VERSION_ID,
        salesChannelId: id.channel(row.channel),
        visibility: row.visibility,
        ...stamps(row),
      }),
    }),
    listTable({
      entity: 'product_configurator_setting',
      rows: configurator,
      values: {
        productId: (row) => productId(row.product),
        optionId: (row) => id.option(row.option),
      },
      associations: {
        product: productLink(configurator),
        option: {
          entity: 'property_group_option',
          isMany: false,
          rows: (row) => oneRow(configurator[row]?.option ?? -1),
        },
      },
      emptyAssociations: { media: 'one' },
      build: (row) => ({
        versionId: LIVE_VERSION_ID,
        productId: productId(row.product),
        productVersionId: LIVE_VERSION_ID,
        mediaId: null,
        optionId: id.option(row.option),
        price: null,
        position: 0,
        customFields: null,
        ...stamps(row),
      }),
    }),
    listTable({
      entity: 'product_manufacturer',
      rows: manufacturers,
      values: { name: (row) => row.name },
      emptyAssociations: { media: 'one' },
      build: (row) => ({
        versionId: LIVE_VERSION_ID,
        mediaId: null,
        link: null,
        name: row.name,
        description: null,
        customFields: null,
        translated: { name: row.name, description: null, customFields: [] },
        ...stamps(row),
      }),
    }),
    {
      entity: 'product_price',
      length: () => tierPrices.length,
      liveCount: () => tierPrices.reduce((count, tier) => (tier.isDeleted ? count : count + 1), 0),
      isLive: (row) => tierPrices[row] !== undefined && !tierPrices[row].isDeleted,
      idOf: (row) => ids.idOf('product_price', row, tierPrices[row]?.createdAtMs ?? 0),
      rowOf: (text) => {
        const row = ids.rowOf('product_price', text);
        const tier = tierPrices[row];
        return tier !== undefined && ids.idOf('product_price', row, tier.createdAtMs) === text
          ? row
          : -1;
      },
      createdAtMs: (row) => tierPrices[row]?.createdAtMs ?? 0,
      updatedAtMs: (row) => tierPrices[row]?.updatedAtMs ?? 0,
      isChronological: false,
      hasAutoIncrement: false,
      values: {
        productId: (row) => productId(tierPrices[row]?.product ?? 0),
        quantityStart: (row) => tierPrices[row]?.quantityFrom ?? 0,
        ruleId: () => id.rule,
      },
      dateFields: new Set(['createdAt', 'updatedAt']),
      lookups: { productId: (value) => tierRows(ids.rowOf('product', String(value))) },
      associations: {
        product: productLink(tierPrices),
        rule: { entity: 'rule', isMany: false, rows: () => [0] },
      },
      emptyAssociations: {},
      build: (row) => {
        const tier = tierPrices[row];
        if (tier === undefined) throw new RangeError(`no product price ${row}`);
        return {
          versionId: LIVE_VERSION_ID,
          productId: productId(tier.product),
          productVersionId: LIVE_VERSION_ID,
          ruleId: id.rule,
          price: [
            {
              currencyId: id.currency(0),
              net: amount(tier.netMinor),
              gross: amount(tier.grossMinor),
              linked: false,
              listPrice: null,
              percentage: null,
              regulationPrice: null,
              extensions: [],
              apiAlias: 'price',
            },
          ],
          quantityStart: tier.quantityFrom,
          quantityEnd: tier.quantityTo,
          customFields: null,
          createdAt: formatInstant(tier.createdAtMs),
          updatedAt: instantOrNull(tier.updatedAtMs),
        };
      },
    },
    categories.table,
  ];
  return {
    tables,
    media,
    visibilityRows: (product) => visibilitiesOf.get(product) ?? [],
    tierRows,
    manufacturerId: (supplier) => manufacturers[supplier]?.id ?? '',
    categoriesOf: (product) => [
      ...(links.get(product.index)?.categories ?? categories.categoriesOf(product)),
    ],
    categoryId: categories.categoryId,
    categoryTree: categories.categoryTree,
    adopt,
    visibilities,
    addVisibility,
    manufacturers,
    links,
    configurator,
  };
};
