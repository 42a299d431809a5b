import type { Product } from '../retailer/catalogue.js';
import { productAt } from '../retailer/edits.js';
import type { World } from '../retailer/world.js';
import { formatInstant } from './dates.js';
import { LIVE_VERSION_ID } from './ids.js';
import type { Reference } from './reference.js';
import {
  type Entity,
  instantOrNull,
  type ListRow,
  listTable,
  oneRow,
  stamps,
  type Table,
} from './table.js';

/**
 * Files of the shop (`media`) and which of them a product shows (`product_media`). A client makes a
 * file in two steps: the record, then its bytes; until they are there it has no file.
 */

export interface UploadedFile {
  readonly fileName: string;
  readonly fileExtension: string;
  readonly mimeType: string;
  readonly fileSize: number;
  readonly uploadedAtMs: number;
}

export interface MediaRow extends ListRow {
  title: string | null;
  alt: string | null;
  customFields: Record<string, unknown> | null;
  /** Null until it is uploaded. */
  file: UploadedFile | null;
}

export interface ProductMediaRow extends ListRow {
  readonly product: number;
  /** Row of the file. */
  media: number;
  position: number;
}

export interface Media {
  readonly tables: readonly Table[];
  readonly files: MediaRow[];
  readonly shown: ProductMediaRow[];
  /** Rows of `product_media` of a product, in order. */
  readonly rowsOf: (product: Product) => readonly number[];
  /** Row of `product_media` that is its cover, or -1. */
  readonly coverOf: (product: Product) => number;
  readonly setCover: (product: number, row: number) => void;
  readonly add: (row: ProductMediaRow) => void;
  readonly remove: (row: number) => void;
  /** Pictures the retailer has of a product; the first is its cover. */
  readonly adopt: (product: Product) => void;
}

export const createMedia = (
  world: World,
  reference: Reference,
  productId: (row: number) => string,
): Media => {
  const { ids } = reference;
  const files: MediaRow[] = [];
  const shown: ProductMediaRow[] = [];
  const byProduct = new Map<number, number[]>();
  const covers = new Map<number, number>();

  const rowsOf = (product: Product): readonly number[] =>
    (byProduct.get(product.index) ?? [])
      .filter((row) => shown[row]?.isDeleted !== true)
      .sort((a, b) => (shown[a]?.position ?? 0) - (shown[b]?.position ?? 0) || a - b);

  const add = (row: ProductMediaRow): void => {
    const known = byProduct.get(row.product);
    if (known === undefined) byProduct.set(row.product, [shown.length]);
    else known.push(shown.length);
    shown.push(row);
  };

  const adopt = (product: Product): void => {
    for (let position = 0; position < product.imageCount; position++) {
      const row = files.length;
      const createdAtMs = product.createdAtMs + position;
      const stamped = { createdAtMs, updatedAtMs: 0 };
      if (position === 0) covers.set(product.index, shown.length);
      add({
        ...{ product: product.index, media: row, position, ...stamped },
        id: ids.idOf('product_media', shown.length, createdAtMs),
      });
      files.push({
        ...{ id: ids.idOf('media', row, createdAtMs), ...stamped },
        ...{ title: null, alt: null, customFields: null },
        file: {
          fileName: `${product.number.toLowerCase()}-${position + 1}`,
          ...{ fileExtension: 'jpg', mimeType: 'image/jpeg', uploadedAtMs: createdAtMs },
          fileSize: 80_000 + ((product.index * 7919 + position * 104_729) % 900_000),
        },
      });
    }
  };

  const fileEntity = ({ file }: MediaRow, row: number): Entity => {
    const path = file === null ? null : `media/${row}/${file.fileName}.${file.fileExtension}`;
    const isImage = file?.mimeType.startsWith('image/') === true;
    return {
      mimeType: file?.mimeType ?? null,
      fileExtension: file?.fileExtension ?? null,
      uploadedAt: file === null ? null : formatInstant(file.uploadedAtMs),
      fileName: file?.fileName ?? null,
      fileSize: file?.fileSize ?? null,
      metaData: isImage ? { width: 1600, height: 1600, type: 2 } : null,
      mediaType: file === null ? null : { name: isImage ? 'IMAGE' : 'BINARY', flags: [] },
      url: path === null ? '' : `https://media.example.org/${path}`,
      path: path ?? '',
      hasFile: file !== null,
    };
  };

  const fileTable = listTable({
    entity: 'media',
    rows: files,
    values: {
      fileName: (row) => row.file?.fileName ?? null,
      fileExtension: (row) => row.file?.fileExtension ?? null,
    },
    emptyAssociations: { thumbnails: 'many', tags: 'many', user: 'one', mediaFolder: 'one' },
    build: (row, _context, index) => ({
      userId: null,
      mediaFolderId: null,
      ...fileEntity(row, index),
      config: null,
      alt: row.alt,
      title: row.title,
      private: false,
      customFields: row.customFields,
      translated: { alt: row.alt, title: row.title, customFields: row.customFields ?? [] },
      ...stamps(row),
    }),
  });
  const shownTable = listTable({
    entity: 'product_media',
    rows: shown,
    values: {
      productId: (row) => productId(row.product),
      mediaId: (row) => files[row.media]?.id ?? null,
      position: (row) => row.position,
    },
    lookups: {
      productId: (value) => {
        const row = ids.rowOf('product', String(value));
        return world.catalogue.products[row] === undefined ? [] : rowsOf(productAt(world, row));
      },
    },
    associations: {
      media: { entity: 'media', isMany: false, rows: (row) => oneRow(shown[row]?.media ?? -1) },
      product: {
        entity: 'product',
        isMany: false,
        rows: (row) => oneRow(shown[row]?.product ?? -1),
      },
    },
    build: (row) => ({
      versionId: LIVE_VERSION_ID,
      productId: productId(row.product),
      productVersionId: LIVE_VERSION_ID,
      mediaId: files[row.media]?.id ?? null,
      position: row.position,
      customFields: null,
      createdAt: formatInstant(row.createdAtMs),
      updatedAt: instantOrNull(row.updatedAtMs),
    }),
  });
  return {
    tables: [shownTable, fileTable],
    files,
    shown,
    rowsOf,
    coverOf: (product) => covers.get(product.index) ?? -1,
    setCover: (product, row) => void (row < 0 ? covers.delete(product) : covers.set(product, row)),
    add,
    remove(row) {
      const entry = shown[row];
      if (entry === undefined) return;
      entry.isDeleted = true;
      // As the database does it: a cover that is gone is none.
      if (covers.get(entry.product) === row) covers.delete(entry.product);
    },
    adopt,
  };
};
