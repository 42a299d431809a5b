import { type Price, type Product, refreshPriceFactor } from '../retailer/catalogue.js';
import { BRANDS, type BrandKey, CHANNELS, CURRENCIES } from '../retailer/channels.js';
import { adjustStock, productAt, renameProduct, touchProduct } from '../retailer/edits.js';
import { announce } from '../retailer/world.js';
import type { ShopwareErrorEntry } from './errors.js';
import { coverProblem } from './media-writes.js';
import { applyLinks, checkLinks, newVisibilities } from './product-links.js';
import type { NewVisibility } from './product-parts.js';
import type { Shop } from './shop.js';
import type { Entity } from './table.js';
import {
  duplicateNumber,
  noSuchReference,
  notBlank,
  writeProtected,
  wrongType,
} from './write-errors.js';
import {
  invalid,
  isRecord,
  mergeJson,
  type PlannedIds,
  type PlannedWrite,
  textsWritten,
  type WritePlan,
} from './write-plan.js';

/** Upserts of products and their quantity prices. Unknown fields are ignored, as the shop does. */

/** Fields with a meaning in the world; all other known ones are kept as they were written. */
const MODELLED: ReadonlySet<string> = new Set([
  'id',
  'stock',
  'price',
  'name',
  'description',
  'active',
  'isCloseout',
  'ean',
  'weight',
  'customFields',
  'productNumber',
  'parentId',
  'taxId',
  'prices',
  'translations',
  'translated',
  'createdAt',
  'updatedAt',
  'autoIncrement',
  'availableStock',
  'versionId',
  'childCount',
  'sales',
  'manufacturerId',
  'categories',
  'properties',
  'options',
  'visibilities',
  'configuratorSettings',
  'coverId',
]);

const PROTECTED = [
  ...['availableStock', 'available', 'childCount', 'sales', 'ratingAverage', 'autoIncrement'],
  ...['categoryTree', 'categoryIds', 'propertyIds', 'optionIds', 'streamIds', 'tagIds'],
];

export const planProductUpsert = (
  shop: Shop,
  payload: Entity,
  pointer: string,
  planned: PlannedIds,
): WritePlan => {
  const { world } = shop;
  const table = shop.tables.get('product');
  const given = payload['id'] as string | undefined;
  const row = given === undefined ? -1 : (table?.rowOf(given) ?? -1);
  const isKnown = row >= 0 && table?.isLive(row) === true;
  const errors = checkFields(shop, payload, pointer);
  errors.push(...checkLinks(shop, payload, pointer, planned));
  const cover = coverProblem(shop, payload, pointer, planned);
  if (cover !== null) errors.push(cover);
  const willExist = given !== undefined && planned.get('product')?.has(given) === true;
  if (!isKnown && !willExist) errors.push(...checkCreation(shop, payload, pointer, planned));
  if (errors.length > 0) return invalid(...errors);
  const id = given ?? shop.ids.idOf('product', world.catalogue.products.length, shop.clock.now());
  planned.set('product', new Set([...(planned.get('product') ?? []), id]));
  const apply = (atMs: number): void => {
    const at = table?.rowOf(id) ?? -1;
    const exists = at >= 0 && table?.isLive(at) === true;
    const product = exists ? productAt(world, at) : createProduct(shop, id, payload, atMs);
    writeProduct(shop, product, payload, atMs, !exists);
  };
  const writes: PlannedWrite[] = [{ entity: 'product', id, apply }];
  for (const [index, price] of (Array.isArray(payload['prices'])
    ? payload['prices']
    : []
  ).entries()) {
    if (!isRecord(price)) return invalid(wrongType(`${pointer}/prices/${index}`, 'object'));
    const nested = planProductPrice(
      shop,
      { ...price, productId: id },
      `${pointer}/prices/${index}`,
    );
    if (nested.kind !== 'ok') return nested;
    writes.push(...nested.writes);
  }
  return { kind: 'ok', writes };
};

const checkFields = (shop: Shop, payload: Entity, pointer: string): ShopwareErrorEntry[] => {
  const errors: ShopwareErrorEntry[] = PROTECTED.filter((field) => field in payload).map((field) =>
    writeProtected(`${pointer}/${field}`),
  );
  if ('stock' in payload && !Number.isInteger(payload['stock']))
    errors.push(wrongType(`${pointer}/stock`, 'int'));
  for (const field of ['active', 'isCloseout']) {
    if (field in payload && payload[field] !== null && typeof payload[field] !== 'boolean') {
      errors.push(wrongType(`${pointer}/${field}`, 'bool'));
    }
  }
  for (const field of ['ean', 'productNumber']) {
    if (field in payload && payload[field] !== null && typeof payload[field] !== 'string') {
      errors.push(wrongType(`${pointer}/${field}`, 'string'));
    }
  }
  if ('price' in payload && payload['price'] !== null) {
    if (!Array.isArray(payload['price'])) errors.push(wrongType(`${pointer}/price`, 'array'));
    else errors.push(...checkPrices(shop, payload['price'], `${pointer}/price`));
  }
  return errors;
};

const currencyIndex = (shop: Shop, id: unknown): number =>
  CURRENCIES.findIndex((_, index) => shop.reference.id.currency(index) === id);

const checkPrices = (
  shop: Shop,
  prices: readonly unknown[],
  pointer: string,
): ShopwareErrorEntry[] => {
  const errors: ShopwareErrorEntry[] = [];
  for (const [index, price] of prices.entries()) {
    if (!isRecord(price)) {
      errors.push(wrongType(`${pointer}/${index}`, 'object'));
      continue;
    }
    for (const field of ['gross', 'net']) {
      if (typeof price[field] !== 'number') errors.push(notBlank(`${pointer}/${index}/${field}`));
    }
    if (currencyIndex(shop, price['currencyId']) < 0)
      errors.push(noSuchReference(`${pointer}/${index}/currencyId`));
  }
  const hasDefault = prices.some(
    (price) => isRecord(price) && currencyIndex(shop, price['currencyId']) === 0,
  );
  if (!hasDefault) errors.push(notBlank(`${pointer}/c${shop.reference.id.currency(0)}`));
  return errors;
};

const checkCreation = (
  shop: Shop,
  payload: Entity,
  pointer: string,
  planned: PlannedIds,
): ShopwareErrorEntry[] => {
  const { parentId, productNumber } = payload;
  const isChild = parentId !== undefined && parentId !== null;
  const needed = isChild
    ? ['productNumber', 'stock']
    : ['productNumber', 'stock', 'name', 'taxId', 'price'];
  const given = { ...payload, name: textsWritten(payload, 'name')['nl-NL'] };
  const errors = needed
    .filter((field) => {
      const value = (given as Entity)[field];
      return value === undefined || value === null || value === '';
    })
    .map((field) => notBlank(`${pointer}/${field}`));
  if (isChild) {
    const isPlanned = planned.get('product')?.has(String(parentId)) === true;
    const parent = shop.tables.get('product')?.rowOf(String(parentId)) ?? -1;
    if (parent < 0 && !isPlanned) errors.push(noSuchReference(`${pointer}/parentId`));
  }
  const existing = shop.world.catalogue.byNumber.get(String(productNumber));
  if (existing !== undefined && !productAt(shop.world, existing).isDeleted) {
    errors.push(duplicateNumber(String(productNumber)));
  }
  return errors;
};

const createProduct = (shop: Shop, id: string, payload: Entity, atMs: number): Product => {
  const { world } = shop;
  const { catalogue } = world;
  const index = catalogue.products.length;
  const parent = shop.tables.get('product')?.rowOf(String(payload['parentId'] ?? '')) ?? -1;
  const variant = world.stock.addVariant();
  const last = catalogue.products.at(-1)?.createdAtMs ?? 0;
  const template = catalogue.products[parent];
  const shown = newVisibilities(shop, payload);
  const product: Product = {
    index,
    parent,
    children: [],
    variant,
    number: String(payload['productNumber']),
    brands: template?.brands ?? brandsShown(shown),
    names: null,
    descriptions: null,
    category: template?.category ?? 0,
    supplier: template?.supplier ?? 0,
    taxClass: payload['taxId'] === shop.reference.id.tax(1) ? 1 : (template?.taxClass ?? 0),
    colour: -1,
    size: -1,
    material: null,
    fit: null,
    imageCount: 0,
    gtin: null,
    supplierNumber: null,
    weightGrams: null,
    price: null,
    purchaseNetMinor: null,
    active: parent < 0 ? true : null,
    isCloseout: parent < 0 ? false : null,
    restockDays: null,
    launchAtMs: atMs,
    phaseOutAtMs: Number.MAX_SAFE_INTEGER,
    createdAtMs: Math.max(atMs, last),
    updatedAtMs: 0,
    isDeleted: false,
    customFields: null,
    extra: {},
    formerNames: [],
  };
  catalogue.products.push(product);
  catalogue.variants.push(index);
  catalogue.popularity.push(0.2);
  catalogue.elasticity.push(1);
  catalogue.priceFactor.push(1);
  world.inbound.push(0);
  catalogue.byNumber.set(product.number, index);
  template?.children.push(index);
  shop.ids.assign('product', index, id);
  shop.parts.adopt(product, shown);
  return product;
};

const brandsShown = (shown: readonly NewVisibility[] | undefined): readonly BrandKey[] => {
  const brands = new Set(shown?.flatMap(({ channel }) => CHANNELS[channel]?.brand ?? []));
  return brands.size === 0 ? BRANDS : [...brands];
};

const writtenPrice = (shop: Shop, prices: readonly unknown[]): Price => {
  const price: Price = {
    gross: CURRENCIES.map(() => null),
    list: CURRENCIES.map(() => null),
  };
  for (const entry of prices) {
    if (!isRecord(entry)) continue;
    const currency = currencyIndex(shop, entry['currencyId']);
    price.gross[currency] = Math.round(Number(entry['gross']) * 100);
    const list = entry['listPrice'];
    price.list[currency] = isRecord(list) ? Math.round(Number(list['gross']) * 100) : null;
  }
  return price;
};

const writeProduct = (
  shop: Shop,
  product: Product,
  payload: Entity,
  atMs: number,
  isNew: boolean,
): void => {
  const { world } = shop;
  const { stock } = payload;
  if (typeof stock === 'number' && product.variant < 0) {
    // A parent has the field too, though nothing is ever sold from it.
    product.extra['stock'] = stock;
  } else if (typeof stock === 'number') {
    // Older shops are told the physical number and take open orders off themselves.
    const open = shop.stockMeaning === 'physical' ? world.stock.openOf(product.variant) : 0;
    adjustStock(world, product.variant, stock - open, atMs);
  }
  if (Array.isArray(payload['price'])) product.price = writtenPrice(shop, payload['price']);
  else if (payload['price'] === null && product.parent >= 0) product.price = null;
  if ('price' in payload) {
    world.catalogue.referenceMinor[product.variant] ??= product.price?.gross[0] ?? 1;
    refreshPriceFactor(world.catalogue, product);
  }
  applyLinks(shop, product, payload, atMs, isNew);
  if ('coverId' in payload) {
    const cover = shop.tables.get('product_media')?.rowOf(String(payload['coverId'])) ?? -1;
    shop.parts.media.setCover(product.index, cover);
  }
  if ('active' in payload) product.active = payload['active'] as boolean | null;
  if ('isCloseout' in payload) product.isCloseout = payload['isCloseout'] as boolean | null;
  if ('ean' in payload) product.gtin = payload['ean'] as string | null;
  if ('weight' in payload) {
    const weight = payload['weight'];
    product.weightGrams = typeof weight === 'number' ? Math.round(weight * 1000) : null;
  }
  if ('customFields' in payload)
    product.customFields = mergeJson(product.customFields, payload['customFields']);
  const descriptions = textsWritten(payload, 'description');
  if (Object.keys(descriptions).length > 0) {
    product.descriptions = {
      ...(product.descriptions ?? { 'nl-NL': null, 'de-DE': null, 'en-GB': null }),
      ...descriptions,
    };
  }
  const known =
    shop.tables.get('product')?.build(product.index, { language: 0, hasInheritance: false }) ?? {};
  for (const [field, value] of Object.entries(payload)) {
    if (!MODELLED.has(field) && field in known) product.extra[field] = value;
  }
  const names = textsWritten(payload, 'name');
  if (isNew) {
    if (Object.keys(names).length > 0) {
      product.names = { 'nl-NL': null, 'de-DE': null, 'en-GB': null, ...names };
    }
    announce(world, {
      kind: 'product',
      row: product.index,
      operation: 'insert',
      fields: ['productNumber', 'stock'],
    });
    return;
  }
  const fields = Object.keys(payload).filter((field) => field !== 'id');
  if (Object.keys(names).length > 0) {
    // Renaming keeps the former name for orders already placed, and marks the change itself.
    renameProduct(world, product, names, atMs);
    if (fields.every((field) => field === 'name' || field === 'translations')) return;
  }
  touchProduct(world, product, atMs, fields);
};

export const planProductPrice = (shop: Shop, payload: Entity, pointer: string): WritePlan => {
  const { world } = shop;
  const { tierPrices } = world.catalogue;
  const table = shop.tables.get('product_price');
  const given = payload['id'] as string | undefined;
  const row = given === undefined ? -1 : (table?.rowOf(given) ?? -1);
  const isKnown = row >= 0 && table?.isLive(row) === true;
  const errors: ShopwareErrorEntry[] = [];
  if (!isKnown) {
    for (const field of ['productId', 'ruleId', 'quantityStart', 'price']) {
      if (payload[field] === undefined || payload[field] === null)
        errors.push(notBlank(`${pointer}/${field}`));
    }
  }
  if (payload['price'] !== undefined) {
    if (!Array.isArray(payload['price'])) errors.push(wrongType(`${pointer}/price`, 'array'));
    else errors.push(...checkPrices(shop, payload['price'], `${pointer}/price`));
  }
  if (errors.length > 0) return invalid(...errors);
  const id = given ?? shop.ids.idOf('product_price', tierPrices.length, shop.clock.now());
  const apply = (atMs: number): void => {
    const prices = Array.isArray(payload['price']) ? payload['price'] : [];
    const euro = prices.find(
      (price) => isRecord(price) && currencyIndex(shop, price['currencyId']) === 0,
    );
    const netMinor = isRecord(euro) ? Math.round(Number(euro['net']) * 100) : undefined;
    const grossMinor = isRecord(euro) ? Math.round(Number(euro['gross']) * 100) : undefined;
    const existing = tierPrices[table?.rowOf(id) ?? -1];
    if (existing !== undefined && !existing.isDeleted) {
      existing.netMinor = netMinor ?? existing.netMinor;
      existing.grossMinor = grossMinor ?? existing.grossMinor;
      existing.updatedAtMs = atMs;
      announce(world, { kind: 'tier-price', row: existing.index, operation: 'update' });
      return;
    }
    const index = tierPrices.length;
    shop.ids.assign('product_price', index, id);
    tierPrices.push({
      index,
      product: shop.tables.get('product')?.rowOf(String(payload['productId'])) ?? -1,
      quantityFrom: Number(payload['quantityStart'] ?? 1),
      quantityTo: typeof payload['quantityEnd'] === 'number' ? payload['quantityEnd'] : null,
      netMinor: netMinor ?? 0,
      grossMinor: grossMinor ?? 0,
      createdAtMs: atMs,
      updatedAtMs: 0,
      isDeleted: false,
    });
    announce(world, { kind: 'tier-price', row: index, operation: 'insert' });
  };
  return { kind: 'ok', writes: [{ entity: 'product_price', id, apply }] };
};
