import { nameOf, type Product } from '../retailer/catalogue.js';
import { BRANDS, type BrandKey, type LanguageCode } from '../retailer/channels.js';
import { productAt } from '../retailer/edits.js';
import { DAY_MS } from '../retailer/parameters.js';
import { createRandom, type Random } from '../retailer/random.js';
import {
  CARE_CODES,
  CATEGORY_WORDS,
  SIZE_SYSTEMS,
  type SizeSystemKey,
  type Texts,
  texts,
} from '../retailer/vocabulary.js';
import type { World } from '../retailer/world.js';
import {
  type CompanyModel,
  cvlKey,
  type EntityTypeModel,
  entityTypeOf,
  type FieldRole,
  fieldOf,
  linkTypeOf,
} from './company-model.js';
import { SIZES } from './model-values.js';
import { createPimStore, type FieldValue, type PimStore } from './store.js';

/**
 * What the people at the PIM have made of the range by the time live traffic begins: entered from
 * the supplier's sheet, enriched over weeks, translated last, and with gaps.
 */

export type Facts = Partial<Record<FieldRole, FieldValue>>;

const EDITORS = ['import', 'editor-1', 'editor-2', 'translator-1'];

const GROUPS: Readonly<Record<SizeSystemKey, Texts>> = {
  letters: texts('Bovenkleding', 'Oberteile', 'Tops'),
  waist: texts('Broeken', 'Hosen', 'Bottoms'),
  shoe: texts('Schoeisel', 'Schuhwerk', 'Footwear'),
  single: texts('Overig', 'Sonstiges', 'Other'),
};

/** Texts under the names the model gives its languages. */
export const localized = (
  model: CompanyModel,
  of: (language: LanguageCode) => string | null,
): Record<string, string> => {
  const value: Record<string, string> = {};
  for (const language of model.languages) {
    const text = language.of === null ? null : of(language.of);
    if (text !== null) value[language.name] = text;
  }
  return value;
};

/** What is known by role, under the fields this type has; a role without a field is left out. */
export const valuesOf = (type: EntityTypeModel, facts: Facts): Record<string, FieldValue> => {
  const values: Record<string, FieldValue> = {};
  for (const [role, value] of Object.entries(facts)) {
    const field = fieldOf(type, role as FieldRole);
    if (field !== undefined && value !== undefined) values[field.id] = value;
  }
  return values;
};

export const fillPim = (world: World, model: CompanyModel): PimStore => {
  const store = createPimStore(model);
  const random = createRandom(world.parameters.seed, `inriver-content-${model.name}`);
  const beganMs = world.parameters.epochMs - (world.parameters.days + 1_500) * DAY_MS;
  const nodes = makeChannels(store, beganMs);
  for (const product of world.catalogue.products) {
    if (product.parent < 0) addProduct(world, store, random, nodes, product);
  }
  return store;
};

type NodesByBrand = ReadonlyMap<BrandKey, readonly number[]>;

/** A channel for each brand, with a level of groups the shop does not have. */
const makeChannels = (store: PimStore, atMs: number): NodesByBrand => {
  const { model } = store;
  const nodes = new Map<BrandKey, number[]>();
  const channelType = entityTypeOf(model, 'channel');
  const nodeType = entityTypeOf(model, 'node');
  for (const brand of BRANDS) {
    const title = brand === 'alpha' ? 'Alpha' : 'Beta';
    const channel = store.create(
      channelType,
      valuesOf(channelType, {
        number: brand,
        name: localized(model, () => title),
        isActive: true,
      }),
      null,
      atMs,
      'import',
    );
    const node = (key: string, words: Texts): number =>
      store.create(
        nodeType,
        valuesOf(nodeType, {
          number: `${brand}-${key}`,
          name: localized(model, (language) => words[language]),
          isActive: true,
        }),
        null,
        atMs,
        'import',
      ).id;
    const groups = new Map<SizeSystemKey, number>();
    for (const system of Object.keys(SIZE_SYSTEMS) as SizeSystemKey[]) {
      const id = node(`group-${system}`, GROUPS[system]);
      store.link(linkTypeOf(model, 'channel-node'), channel.id, id);
      groups.set(system, id);
    }
    nodes.set(
      brand,
      CATEGORY_WORDS.map((words) => {
        const id = node(words.key, words.name);
        store.link(linkTypeOf(model, 'node-node'), groups.get(words.sizeSystem) ?? -1, id);
        return id;
      }),
    );
  }
  return nodes;
};

const dateOf = (atMs: number): string => `${new Date(atMs).toISOString().slice(0, 10)}T00:00:00`;

const fieldSetOf = (type: EntityTypeModel, system: SizeSystemKey): string | null => {
  const sets = type.fieldSets ?? [];
  const place =
    system === 'single' ? sets.length - 1 : system === 'shoe' && sets.length > 2 ? 1 : 0;
  return sets[place]?.id ?? null;
};

const addProduct = (
  world: World,
  store: PimStore,
  random: Random,
  nodes: NodesByBrand,
  product: Product,
): void => {
  const { model } = store;
  const { epochMs } = world.parameters;
  const type = entityTypeOf(model, 'product');
  const words = CATEGORY_WORDS[product.category];
  if (words === undefined) throw new RangeError(`no category ${product.category}`);
  const madeMs = product.createdAtMs - random.between(2, 40) * DAY_MS;
  const entity = store.create(
    type,
    valuesOf(type, {
      number: product.number,
      name: { [model.languages[0]?.name ?? 'en']: textIn(world, product, model.languages[0]?.of) },
      brands: product.brands.map((brand) => cvlKey(model, 'brand', BRANDS.indexOf(brand))),
      supplier: world.catalogue.suppliers[product.supplier]?.name ?? null,
    }),
    fieldSetOf(type, words.sizeSystem),
    madeMs,
    'import',
  );
  let editedMs = madeMs;
  const edit = (facts: Facts): void => {
    editedMs = Math.min(epochMs - 1, editedMs + random.between(1, 20) * (DAY_MS / 2));
    const values = valuesOf(type, facts);
    if (Object.keys(values).length === 0) return;
    store.edit(entity, values, editedMs, random.pick(EDITORS));
  };
  edit(attributesOf(world, store, random, product));
  edit({
    name: localized(model, (language) =>
      random.chance(0.06) ? null : textIn(world, product, language),
    ),
    ...(random.chance(0.08) ? {} : { description: descriptionOf(model, random, world, product) }),
  });
  if (random.chance(0.6)) edit({ own: ownValue(model, random) });
  if (random.chance(0.5)) edit({ imageQuality: random.between(1, 5) });

  const rows = product.children.length === 0 ? [product.index] : product.children;
  for (const row of rows) {
    const item = addItem(world, store, random, productAt(world, row), product);
    store.link(linkTypeOf(model, 'product-item'), entity.id, item);
  }
  const pictureType = entityTypeOf(model, 'resource');
  for (let position = 0; position < product.imageCount; position++) {
    const fileName = `${product.number.toLowerCase()}-${position + 1}.jpg`;
    const picture = store.create(
      pictureType,
      valuesOf(pictureType, { fileName, file: 100_000 + product.index * 10 + position }),
      null,
      madeMs + DAY_MS + position,
      'import',
    );
    store.link(linkTypeOf(model, 'product-resource'), entity.id, picture.id);
  }
  for (const brand of product.brands) {
    const node = nodes.get(brand)?.[product.category];
    if (node !== undefined) store.link(linkTypeOf(model, 'node-product'), node, entity.id);
  }
};

const attributesOf = (world: World, store: PimStore, random: Random, product: Product): Facts => {
  const { model } = store;
  const { epochMs } = world.parameters;
  const system = CATEGORY_WORDS[product.category]?.sizeSystem ?? 'single';
  const isCareList = model.cvls.some(({ role }) => role === 'care');
  const care = random.below(CARE_CODES.length);
  const status = product.launchAtMs > epochMs ? 0 : product.phaseOutAtMs > epochMs ? 1 : 2;
  return {
    ...(product.material === null ? {} : { material: cvlKey(model, 'material', product.material) }),
    ...(product.fit === null ? {} : { fit: cvlKey(model, 'fit', product.fit) }),
    ...(random.chance(0.15)
      ? {}
      : { care: isCareList ? cvlKey(model, 'care', care) : (CARE_CODES[care] ?? null) }),
    ...(system === 'single' ? {} : { sizeSystem: system }),
    ...(random.chance(0.2) ? {} : { season: random.pick(['SS25', 'AW25', 'SS26', 'NOS']) }),
    supplierNumber: product.supplierNumber,
    launch: dateOf(product.launchAtMs),
    ...(product.phaseOutAtMs > epochMs + 3_000 * DAY_MS
      ? {}
      : { phaseOut: dateOf(product.phaseOutAtMs) }),
    ...(model.cvls.some(({ role }) => role === 'status')
      ? { status: cvlKey(model, 'status', status) }
      : {}),
    isActive: status === 1,
    ...(random.chance(0.3) ? { isFragile: random.chance(0.1) } : {}),
  };
};

const addItem = (
  world: World,
  store: PimStore,
  random: Random,
  variant: Product,
  parent: Product,
): number => {
  const { model } = store;
  const type = entityTypeOf(model, 'item');
  const weightField = fieldOf(type, 'weight');
  const grams = variant.weightGrams ?? parent.weightGrams;
  const system = CATEGORY_WORDS[parent.category]?.sizeSystem ?? 'single';
  const size = SIZE_SYSTEMS[system][variant.size];
  const atMs = parent.createdAtMs - random.between(1, 30) * (DAY_MS / 4);
  const item = store.create(
    type,
    valuesOf(type, {
      number: variant.number,
      gtin: variant.gtin,
      ...(variant.colour < 0 ? {} : { colour: cvlKey(model, 'colour', variant.colour) }),
      ...(size === undefined ? {} : { size: cvlKey(model, 'size', SIZES.indexOf(size)) }),
      packSize: random.pick([1, 1, 1, 6, 12]),
      isActive: parent.launchAtMs <= world.parameters.epochMs,
    }),
    null,
    atMs,
    'import',
  );
  if (grams !== null) {
    const weight = weightField?.unit === 'g' ? grams : Math.round(grams) / 1000;
    store.edit(item, valuesOf(type, { weight }), atMs + 3 * DAY_MS, 'editor-1');
  }
  return item.id;
};

export const ownValue = (model: CompanyModel, random: Random): FieldValue => {
  const values = model.cvls.find(({ role }) => role === 'own')?.values ?? [];
  return random.pick(values).key;
};

const textIn = (
  world: World,
  product: Product,
  language: LanguageCode | null | undefined,
): string => nameOf(world.catalogue, product, language ?? 'en-GB');

const descriptionOf = (
  model: CompanyModel,
  random: Random,
  world: World,
  product: Product,
): FieldValue =>
  localized(model, (language) => {
    if (random.chance(language === 'nl-NL' ? 0.02 : 0.2)) return null;
    const name = textIn(world, product, language);
    if (language === 'nl-NL') return `${name}: gemaakt om lang mee te gaan.`;
    return language === 'de-DE' ? `${name}: für lange Jahre gemacht.` : `${name}: made to last.`;
  });
