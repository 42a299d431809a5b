import { type Category, categoryIndexFor, type Product } from '../retailer/catalogue.js';
import { LANGUAGES } from '../retailer/channels.js';
import type { World } from '../retailer/world.js';
import { formatInstant } from './dates.js';
import { LIVE_VERSION_ID } from './ids.js';
import type { Reference } from './reference.js';
import { type Entity, instantOrNull, oneRow, type Table } from './table.js';

/** The category tree. */

export interface Categories {
  readonly table: Table;
  readonly categoriesOf: (product: Product) => number[];
  readonly categoryId: (row: number) => string;
  readonly categoryTree: (rows: readonly number[]) => string[];
}

export const createCategories = (world: World, reference: Reference): Categories => {
  const { ids } = reference;
  const { catalogue } = world;
  const { categories } = catalogue;
  const categoryId = (row: number): string =>
    ids.idOf('category', row, catalogue.categories[row]?.createdAtMs ?? 0);
  const categoriesOf = (product: Product): number[] =>
    product.brands.map((brand) => categoryIndexFor(product.category, brand));
  const pathOf = (row: number): number[] => {
    const path: number[] = [];
    for (
      let at = catalogue.categories[row]?.parent ?? -1;
      at >= 0;
      at = catalogue.categories[at]?.parent ?? -1
    ) {
      path.unshift(at);
    }
    return path;
  };

  const categoryEntity = (category: Category, language: number): Entity => {
    const path = pathOf(category.index);
    const name = category.names[LANGUAGES[language] ?? 'nl-NL'];
    const nameOf = (row: number): string => catalogue.categories[row]?.names['nl-NL'] ?? '';
    const children = catalogue.categories.filter((entry) => entry.parent === category.index);
    const breadcrumb = [...path.map(nameOf), name ?? nameOf(category.index)];
    const siblings = catalogue.categories.filter(
      (entry) => entry.parent === category.parent && entry.index < category.index,
    );
    const before = siblings.at(-1);
    return {
      versionId: LIVE_VERSION_ID,
      parentId: category.parent < 0 ? null : categoryId(category.parent),
      parentVersionId: LIVE_VERSION_ID,
      afterCategoryId: before === undefined ? null : categoryId(before.index),
      afterCategoryVersionId: LIVE_VERSION_ID,
      mediaId: null,
      displayNestedProducts: true,
      autoIncrement: category.index + 1,
      breadcrumb,
      level: category.level,
      path: path.length === 0 ? null : `|${path.map(categoryId).join('|')}|`,
      childCount: children.length,
      type: 'page',
      productAssignmentType: 'product',
      visible: true,
      active: category.active,
      name,
      customFields: null,
      slotConfig: null,
      linkType: null,
      internalLink: null,
      externalLink: null,
      linkNewTab: null,
      description: null,
      metaTitle: null,
      metaDescription: null,
      keywords: null,
      cmsPageId: null,
      productStreamId: null,
      createdAt: formatInstant(category.createdAtMs),
      updatedAt: instantOrNull(category.updatedAtMs),
      translated: {
        breadcrumb,
        name: name ?? nameOf(category.index),
        customFields: [],
        slotConfig: null,
        description: null,
      },
    };
  };

  const table: Table = {
    entity: 'category',
    length: () => categories.length,
    liveCount: () => categories.length,
    isLive: (row) => categories[row] !== undefined,
    idOf: categoryId,
    rowOf: (text) => {
      const row = ids.rowOf('category', text);
      return categories[row] !== undefined && categoryId(row) === text ? row : -1;
    },
    createdAtMs: (row) => categories[row]?.createdAtMs ?? 0,
    updatedAtMs: (row) => categories[row]?.updatedAtMs ?? 0,
    isChronological: true,
    hasAutoIncrement: true,
    changes: world.changes.categories,
    values: {
      autoIncrement: (row) => row + 1,
      level: (row) => categories[row]?.level ?? 0,
      name: (row) => categories[row]?.names['nl-NL'] ?? null,
      parentId: (row) => {
        const parent = categories[row]?.parent ?? -1;
        return parent < 0 ? null : categoryId(parent);
      },
    },
    dateFields: new Set(['createdAt', 'updatedAt']),
    lookups: {},
    associations: {
      parent: {
        entity: 'category',
        isMany: false,
        rows: (row) => oneRow(categories[row]?.parent ?? -1),
      },
      children: {
        entity: 'category',
        isMany: true,
        rows: (row) => categories.flatMap((entry) => (entry.parent === row ? [entry.index] : [])),
      },
      products: {
        entity: 'product',
        isMany: true,
        rows: (row) =>
          catalogue.products.flatMap((product) =>
            product.parent < 0 && categoriesOf(product).includes(row) ? [product.index] : [],
          ),
      },
    },
    emptyAssociations: {
      media: 'one',
      tags: 'many',
      cmsPage: 'one',
      productStream: 'one',
      seoUrls: 'many',
      mainCategories: 'many',
    },
    build: (row, context) => categoryEntity(categories[row] as Category, context.language),
  };

  return {
    table,
    categoriesOf,
    categoryId,
    categoryTree: (rows) =>
      [...new Set(rows.flatMap((row) => [...pathOf(row), row]))].map(categoryId),
  };
};
