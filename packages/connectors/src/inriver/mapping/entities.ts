/** Entities of the PIM in canonical words, by the field maps of the settings. */
import type { JsonObject, MappedRecord } from '@headrace/sdk';
import { type FieldKind, fieldIdOf, fieldKinds, type MappedType } from '../fields.js';
import { idText, integer, lookUp, object, objects, text, told } from '../json.js';
import { instant } from '../times.js';
import { type InriverMapContext, mainLanguage, tagOf, valueFor, valuesOf } from './values.js';

type Fields = Record<string, unknown>;

/** Everything the map of a type says, groups such as `attributes` gathered. */
function fieldsOf(type: MappedType, record: JsonObject, context: InriverMapContext): Fields {
  const values = valuesOf(record);
  const kinds: Readonly<Record<string, FieldKind>> = fieldKinds[type];
  const fields: Fields = {};
  for (const [name, source] of Object.entries(context.config.fields[type])) {
    const kind = lookUp(kinds, name) ?? (name.startsWith('traits.') ? 'raw' : 'free');
    const value = valueFor(kind, source, values, context);
    if (value !== undefined) put(fields, name.split('.'), value);
    if (name === 'state') {
      // As the source says it, whatever the settings make of it.
      fields.rawState = valueFor('text', fieldIdOf(source) ?? undefined, values, context);
    }
  }
  return fields;
}

function put(fields: Fields, [name = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    fields[name] = value;
    return;
  }
  const group = { ...(fields[name] as Fields | undefined) };
  put(group, rest, value);
  fields[name] = group;
}

function withOwnTraits(fields: Fields, own: Readonly<Record<string, unknown>>): Fields {
  const facts = told(own);
  if (Object.keys(facts).length === 0) return fields;
  const traits = (fields.traits ?? {}) as Fields;
  return { ...fields, traits: { ...traits, inriver: { ...(traits.inriver as Fields), ...facts } } };
}

/** Where a product belongs; a PIM of one brand may have no field for it. */
function brandsOf(fields: Fields, { config }: InriverMapContext): readonly string[] {
  const keys = Array.isArray(fields.brand) ? (fields.brand as readonly string[]) : [];
  const brands = keys.map((key) => lookUp(config.brands, key) ?? key);
  if (brands.length > 0) return [...new Set(brands)];
  return config.brand === undefined ? [] : [config.brand];
}

export function mapProduct(
  record: JsonObject,
  context: InriverMapContext,
): readonly MappedRecord[] {
  const id = idText(record.entityId);
  const all = fieldsOf('product', record, context);
  if (id === null || all.productId === undefined) return [];
  const summary = object(record.summary);
  const { brand: _, ...own } = all;
  const description = object(own.description as never);
  const main = tagOf(mainLanguage(context), context);
  const shown = text(lookUp(description ?? {}, main));
  const fields = withOwnTraits(
    told({
      ...own,
      ...(shown === null ? {} : { descriptionLengthCharacters: [...shown].length }),
      createdAt: instant(summary?.createdDate) ?? undefined,
    }),
    { fieldSet: text(summary?.fieldSetId) ?? undefined },
  );
  return brandsOf(all, context).map((brand) => ({
    entity: 'product' as const,
    type: context.config.types.product,
    externalId: `${id}:${brand}`,
    fields: { brand, ...fields },
  }));
}

export function mapVariant(
  record: JsonObject,
  context: InriverMapContext,
): readonly MappedRecord[] {
  const id = idText(record.entityId);
  const own = fieldsOf('variant', record, context);
  if (id === null || own.sku === undefined) return [];
  const summary = object(record.summary);
  const fields = withOwnTraits(
    told({ ...own, createdAt: instant(summary?.createdDate) ?? undefined }),
    { completeness: integer(summary?.completeness) ?? undefined },
  );
  return [{ entity: 'variant', type: context.config.types.variant, externalId: id, fields }];
}

/** A channel is the root of the nodes below it, so the tree follows from parents alone. */
export function mapCategory(
  record: JsonObject,
  context: InriverMapContext,
): readonly MappedRecord[] {
  const id = idText(record.entityId);
  const typeId = text(object(record.summary)?.entityTypeId);
  if (id === null || typeId === null) return [];
  const { types, links, categoryTree } = context.config;
  const isRoot = typeId === types.channel;
  const [above] = linksOf(record.inbound, [links.categoryCategory, links.channelCategory]);
  const fields = told({
    categoryTree,
    categoryId: id,
    parentId: isRoot ? null : (idText(above?.entityId) ?? undefined),
    position: isRoot ? undefined : (count(above?.linkIndex) ?? undefined),
    ...fieldsOf(isRoot ? 'channel' : 'category', record, context),
  });
  return [{ entity: 'category', type: typeId, externalId: id, fields }];
}

/**
 * What hangs on a product by links: its categories, pictures and variants, and with them how
 * complete it is. None of this moves the product's own time of change.
 */
export function mapAssortment(
  record: JsonObject,
  context: InriverMapContext,
): readonly MappedRecord[] {
  const id = idText(record.entityId);
  const { productId, ...all } = fieldsOf('product', record, context);
  if (id === null || productId === undefined) return [];
  const { links } = context.config;
  const brands = brandsOf(all, context);
  const completeness = integer(object(record.summary)?.completeness);
  const media = mediaOf(record);
  const fields = told({
    productId,
    categoryIds: categoriesOf(record, links.categoryProduct),
    media,
    imageCount: media.filter(({ kind }) => kind === 'image').length,
    completenessRatio: ratio(completeness) ?? undefined,
  });
  const variants = linksOf(record.outbound, [links.productVariant]).flatMap((linked) => {
    const variantId = idText(linked.entityId);
    const { sku } = fieldsOf('variant', linked, context);
    if (variantId === null || sku === undefined) return [];
    return {
      entity: 'variant' as const,
      type: links.productVariant,
      externalId: `${id}:${variantId}`,
      fields: told({ sku, productId, brand: brands.length === 1 ? brands[0] : undefined }),
    };
  });
  return [
    ...brands.map((brand) => ({
      entity: 'product' as const,
      type: `${context.config.types.product} links`,
      externalId: `${id}:${brand}`,
      fields: { brand, ...fields },
    })),
    ...unique(variants),
  ];
}

/** Oldest node first: the place in a link is the product's among others, not the node's. */
function categoriesOf(record: JsonObject, linkTypeId: string): readonly string[] {
  const ids = linksOf(record.inbound, [linkTypeId]).flatMap(
    ({ entityId }) => integer(entityId) ?? [],
  );
  return [...new Set(ids)].sort((a, b) => a - b).flatMap((id) => idText(id) ?? []);
}

/** An item linked twice is told of once. */
function unique(records: readonly MappedRecord[]): readonly MappedRecord[] {
  return [...new Map(records.map((record) => [record.externalId, record])).values()];
}

/** Linked entities by these types, in their order. */
function linksOf(
  value: JsonObject[string] | undefined,
  types: readonly string[],
): readonly JsonObject[] {
  return objects(value)
    .filter(({ linkTypeId }) => types.includes(text(linkTypeId) ?? ''))
    .sort(
      (a, b) =>
        (integer(a.linkIndex) ?? 0) - (integer(b.linkIndex) ?? 0) ||
        (integer(a.entityId) ?? 0) - (integer(b.entityId) ?? 0),
    );
}

const kindsByExtension: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['jpg', 'jpeg', 'png', 'gif', 'webp', 'tif', 'tiff', 'svg', 'avif'].map((end) => [
      end,
      'image',
    ]),
  ),
  ...{ mp4: 'video', mov: 'video', webm: 'video', pdf: 'document', docx: 'document' },
  ...{ glb: 'model', gltf: 'model', usdz: 'model' },
};

function mediaOf(record: JsonObject) {
  return objects(record.mediaDetails).map((file, position) => ({
    ...told({ mediaId: idText(file.entityId) ?? undefined, url: text(file.url) ?? undefined }),
    kind: lookUp(kindsByExtension, text(file.extension)?.toLowerCase() ?? null) ?? 'other',
    position,
  }));
}

function count(value: JsonObject[string] | undefined): number | null {
  const number = integer(value);
  return number === null || number < 0 ? null : number;
}

/** Of a hundred: 87 is 0.87. */
function ratio(percent: number | null): string | null {
  if (percent === null || percent < 0 || percent > 100) return null;
  return percent === 100 ? '1' : `0.${String(percent).padStart(2, '0')}`;
}
