import { cvlKey, entityTypeOf, linkTypeOf } from './company-model.js';
import { localized, valuesOf } from './content.js';
import type { PimEntity, PimStore } from './store.js';

/** A product somebody begins in the PIM: described in all languages, with items of one colour. */

export interface NewProduct {
  readonly number: string;
  readonly name: string;
  /** Place of the brand in the list of brands. */
  readonly brand: number;
  readonly colour: number;
  /** Items, by place in the list of sizes. */
  readonly sizes: readonly number[];
}

export const createPimProduct = (
  store: PimStore,
  { number, name, brand, colour, sizes }: NewProduct,
  atMs: number,
): PimEntity => {
  const { model } = store;
  const type = entityTypeOf(model, 'product');
  const product = store.create(
    type,
    valuesOf(type, {
      number,
      name: localized(model, (language) => `${name} (${language.slice(0, 2)})`),
      description: localized(model, (language) => `${name}, ${language}.`),
      brands: [cvlKey(model, 'brand', brand)],
      ...(model.cvls.some(({ role }) => role === 'status')
        ? { status: cvlKey(model, 'status', 1) }
        : {}),
      isActive: true,
    }),
    null,
    atMs,
    'editor-1',
  );
  const itemType = entityTypeOf(model, 'item');
  for (const [index, size] of sizes.entries()) {
    const item = store.create(
      itemType,
      valuesOf(itemType, {
        number: `${number}-${index + 1}`,
        colour: cvlKey(model, 'colour', colour),
        size: cvlKey(model, 'size', size),
        isActive: true,
      }),
      null,
      atMs,
      'editor-1',
    );
    store.link(linkTypeOf(model, 'product-item'), product.id, item.id);
  }
  return product;
};
