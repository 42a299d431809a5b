/**
 * A product of Shopware is one of three: a product with variants (describes), a variant (is sold,
 * inheriting what it leaves empty), or both at once. Requests ask the shop to resolve inheritance;
 * the parent is read all the same, for its number and its times of change.
 */
import type { JsonObject, MappedRecord } from '@headrace/sdk';
import { isGtin } from '@headrace/sdk';
import { brandOf } from '../config.js';
import { boolean, instant, integer, number, object, objects, text, texts } from '../json.js';
import { decimalText } from './numbers.js';
import { mapPrices } from './price.js';
import { byId, referenceOf, type ShopwareMapContext } from './reference.js';
import { skuOf } from './sku.js';
import { traitsOf } from './traits.js';
import { inherited, type VisibleIn, visibleIn } from './visible-in.js';

export function mapProduct(
  record: JsonObject,
  context: ShopwareMapContext,
): readonly MappedRecord[] {
  const id = text(record.id);
  if (id === null) return [];
  const visible = visibleIn(record, context);
  const isVariant = text(record.parentId) !== null;
  const hasVariants = (integer(record.childCount) ?? 0) > 0;
  return [
    ...(isVariant ? [] : mapDescribed(id, record, visible, context)),
    ...(hasVariants ? [] : mapSold(id, record, visible, context)),
  ];
}

/** One product for each brand that shows it; a shop with one brand may show it nowhere yet. */
function mapDescribed(
  id: string,
  record: JsonObject,
  visible: readonly VisibleIn[],
  context: ShopwareMapContext,
): readonly MappedRecord[] {
  const productId = text(record.productNumber);
  if (productId === null) return [];
  const { config } = context;
  const channels = [...referenceOf(context).channelKeys.values()];
  const known = new Set(channels.map((channel) => brandOf(config, channel)));
  const shown = new Set(visible.map(({ brand }) => brand));
  const brands = shown.size === 0 && known.size === 1 ? known : shown;
  const description = translation(record, 'description');
  const fields = {
    productId,
    name: localized(record, 'name', context),
    description: localized(record, 'description', context),
    categoryIds: texts(record.categoryIds),
    manufacturer: text(object(object(record.manufacturer)?.translated)?.name) ?? undefined,
    state: stateOf(record),
    rawState: rawStateOf(record),
    launchDate: text(record.releaseDate)?.slice(0, 10),
    attributes: namedOptions(record.properties),
    ...mediaFields(record),
    imageCount: imagesOf(record).length,
    descriptionLengthCharacters: description === null ? 0 : [...description].length,
    createdAt: instant(record.createdAt) ?? undefined,
    ...traitsOf(customFieldsOf(record), config.customFields.product),
  };
  return [...brands].map((brand) => ({
    entity: 'product' as const,
    type: 'product',
    externalId: `${id}:${brand}`,
    fields: { brand, ...fields },
  }));
}

function mapSold(
  id: string,
  record: JsonObject,
  visible: readonly VisibleIn[],
  context: ShopwareMapContext,
): readonly MappedRecord[] {
  const sku = skuOf(record, context.config);
  if (sku === null) return [];
  const productId =
    text(record.parentId) === null
      ? text(record.productNumber)
      : text(object(record.parent)?.productNumber);
  const brands = [...new Set(visible.map(({ brand }) => brand))];
  const ean = text(inherited(record, 'ean'))?.replace(/[\s-]/g, '');
  const variant: MappedRecord = {
    entity: 'variant',
    type: 'product',
    externalId: id,
    fields: {
      sku,
      productId: productId ?? undefined,
      brand: brands.length === 1 ? brands[0] : undefined,
      name: localized(record, 'name', context),
      gtin: ean !== undefined && isGtin(ean) ? ean : undefined,
      manufacturerPartNo: text(inherited(record, 'manufacturerNumber')) ?? undefined,
      options: namedOptions(record.options),
      unit: 'C62',
      weightKilograms: decimalText(number(inherited(record, 'weight'))) ?? undefined,
      lengthMillimetres: decimalText(number(inherited(record, 'length'))) ?? undefined,
      widthMillimetres: decimalText(number(inherited(record, 'width'))) ?? undefined,
      heightMillimetres: decimalText(number(inherited(record, 'height'))) ?? undefined,
      state: stateOf(record),
      rawState: rawStateOf(record),
      launchDate: text(inherited(record, 'releaseDate'))?.slice(0, 10),
      taxCategory: rateName(record, context),
      ...mediaFields(record),
      createdAt: instant(record.createdAt) ?? undefined,
      ...traitsOf(customFieldsOf(record), context.config.customFields.product),
    },
  };
  return [
    variant,
    ...visible.map((place) => mapListing(id, sku, productId, record, place, context)),
    ...mapPrices({ id, sku, record, visible, context }),
  ];
}

function mapListing(
  id: string,
  sku: string,
  productId: string | null,
  record: JsonObject,
  place: VisibleIn,
  context: ShopwareMapContext,
): MappedRecord {
  const fields = {
    sku,
    channel: place.channel,
    brand: place.brand,
    productId: productId ?? undefined,
    isPublished: boolean(inherited(record, 'active')) === true && place.visibility > 0,
    title: localized(record, 'name', context),
    categoryIds: texts(inherited(record, 'categoryIds')),
    ratingAverage: decimalText(number(inherited(record, 'ratingAverage'))) ?? undefined,
  };
  const externalId = `${id}:${place.salesChannelId}`;
  return { entity: 'listing', type: 'product', externalId, fields };
}

function rawStateOf(record: JsonObject): string {
  const isActive = boolean(inherited(record, 'active')) === true;
  const isCloseout = boolean(inherited(record, 'isCloseout')) === true;
  return `${isActive ? 'active' : 'inactive'}${isCloseout ? ', closeout' : ''}`;
}

/** Clearance sale is the closest Shopware has to a phase-out. */
function stateOf(record: JsonObject): string {
  if (boolean(inherited(record, 'active')) !== true) return 'blocked';
  return boolean(inherited(record, 'isCloseout')) === true ? 'phase-out' : 'active';
}

function translation(record: JsonObject, name: string): string | null {
  const own = text(object(record.translated)?.[name]);
  return own ?? text(object(object(record.parent)?.translated)?.[name]);
}

/** Custom fields are translated, and with it inherited, like texts. */
function customFieldsOf(record: JsonObject): JsonObject[string] | undefined {
  return object(object(record.translated)?.customFields) ?? record.customFields;
}

/** The shop's main language; others need a request each and are not read. */
function localized(record: JsonObject, name: string, context: ShopwareMapContext) {
  const value = translation(record, name);
  return value === null ? undefined : { [referenceOf(context).systemLanguage]: value };
}

/** Options and properties by the name of their group; several of one group as a list. */
function namedOptions(value: JsonObject[string] | undefined) {
  const byGroup = new Map<string, string[]>();
  for (const option of objects(value)) {
    const group = text(object(object(option.group)?.translated)?.name);
    const name = text(object(option.translated)?.name);
    if (group === null || name === null) continue;
    byGroup.set(group, [...(byGroup.get(group) ?? []), name]);
  }
  if (byGroup.size === 0) return undefined;
  return Object.fromEntries(
    [...byGroup]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([group, names]) => [group, names.length === 1 ? names[0] : [...names].sort()]),
  );
}

function imagesOf(record: JsonObject): readonly JsonObject[] {
  return objects(inherited(record, 'media')).filter((row) => kindOf(row) === 'image');
}

function kindOf(row: JsonObject): 'image' | 'video' | 'document' | 'other' {
  const type = text(object(row.media)?.mimeType) ?? '';
  if (type.startsWith('image/')) return 'image';
  if (type.startsWith('video/')) return 'video';
  return type === 'application/pdf' ? 'document' : 'other';
}

function mediaFields(record: JsonObject) {
  const media = objects(inherited(record, 'media')).map((row) => ({
    mediaId: text(object(row.media)?.id) ?? undefined,
    url: text(object(row.media)?.url) ?? undefined,
    kind: kindOf(row),
    position: Math.max(integer(row.position) ?? 0, 0),
  }));
  const byPlace = (a: Record<string, unknown>, b: Record<string, unknown>) =>
    Number(a.position) - Number(b.position) || (String(a.mediaId) < String(b.mediaId) ? -1 : 1);
  return media.length === 0 ? {} : { media: media.sort(byPlace) };
}

function rateName(record: JsonObject, context: ShopwareMapContext): string | undefined {
  const rate = byId(referenceOf(context).taxRates, inherited(record, 'taxId'));
  return decimalText(rate) ?? undefined;
}
