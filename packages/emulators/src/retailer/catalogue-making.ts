import {
  type Catalogue,
  type Category,
  gtinCheckDigit,
  type LocalizedTexts,
  localized,
  type Product,
  priceOf,
  type Supplier,
} from './catalogue.js';
import { BRANDS, type BrandKey, CURRENCIES, netOf } from './channels.js';
import { DAY_MS, HOUR_MS, type RetailerParameters } from './parameters.js';
import { createRandom, type Random } from './random.js';
import {
  CARE_CODES,
  CATEGORY_WORDS,
  type CategoryWords,
  COLOURS,
  FITS,
  MATERIALS,
  MODEL_NAMES,
  NOUNS,
  SIZE_SYSTEMS,
  SUPPLIER_WORDS,
  texts,
} from './vocabulary.js';

/** Makes the range from the seed: what exists, when it is launched and what it costs. */

const charmPrice = (minor: number): number => Math.max(195, Math.round(minor / 100) * 100 - 5);

const makeCategories = (parameters: RetailerParameters): Category[] => {
  const createdAtMs = parameters.epochMs - (parameters.days + 60) * DAY_MS;
  const categories: Category[] = [];
  const add = (
    parent: number,
    names: LocalizedTexts,
    brand: BrandKey | null,
    words: CategoryWords | null,
  ): number => {
    const index = categories.length;
    categories.push({
      index,
      parent,
      level: (categories[parent]?.level ?? 0) + 1,
      names,
      brand,
      words,
      active: true,
      createdAtMs: createdAtMs + index,
      updatedAtMs: 0,
    });
    return index;
  };
  const root = add(-1, localized(texts('Catalogus', 'Katalog', 'Catalogue')), null, null);
  for (const brand of BRANDS) {
    const title = brand === 'alpha' ? 'Alpha' : 'Beta';
    const home = add(root, localized(texts(title, title, title)), brand, null);
    for (const words of CATEGORY_WORDS) add(home, localized(words.name), brand, words);
  }
  return categories;
};

const makeSuppliers = (random: Random, count: number): Supplier[] =>
  Array.from({ length: count }, (_, index) => {
    const word = SUPPLIER_WORDS[index % SUPPLIER_WORDS.length] ?? 'Supplier';
    const round = Math.floor(index / SUPPLIER_WORDS.length);
    return {
      index,
      name: round === 0 ? word : `${word} ${round + 1}`,
      leadTimeDays: random.between(5, 35),
      reliability: 2 + random.next() * 18,
    };
  });

interface ProductPlan {
  readonly createdAtMs: number;
  readonly launchAtMs: number;
  readonly phaseOutAtMs: number;
}

const makePlans = (parameters: RetailerParameters, random: Random): ProductPlan[] => {
  const startMs = parameters.epochMs - parameters.days * DAY_MS;
  const plans: ProductPlan[] = [];
  for (let index = 0; index < parameters.products; index++) {
    const isNew = random.chance(0.3);
    const launchAtMs = isNew
      ? startMs + random.between(14, Math.max(15, parameters.days - 1)) * DAY_MS
      : startMs - random.between(30, 900) * DAY_MS;
    const isPhasedOut = random.chance(0.12);
    const phaseOutAtMs = isPhasedOut
      ? Math.max(
          launchAtMs + 60 * DAY_MS,
          startMs + random.between(60, parameters.days + 300) * DAY_MS,
        )
      : Number.MAX_SAFE_INTEGER;
    plans.push({
      createdAtMs: launchAtMs - 13 * DAY_MS + random.below(10 * HOUR_MS),
      launchAtMs,
      phaseOutAtMs,
    });
  }
  // A shop numbers its records as they are created, so the catalogue is laid down in that order.
  return plans.sort((left, right) => left.createdAtMs - right.createdAtMs);
};

export const makeCatalogue = (parameters: RetailerParameters): Catalogue => {
  const random = createRandom(parameters.seed, 'catalogue');
  const suppliers = makeSuppliers(random, parameters.suppliers);
  const catalogue: Catalogue = {
    products: [],
    variants: [],
    categories: makeCategories(parameters),
    suppliers,
    tierPrices: [],
    popularity: [],
    elasticity: [],
    referenceMinor: [],
    priceFactor: [],
    byNumber: new Map(),
  };
  const plans = makePlans(parameters, random);
  const perProduct = parameters.variants / parameters.products;
  let planned = 0;
  let lastCreatedAtMs = 0;
  for (const [position, plan] of plans.entries()) {
    const left = plans.length - position - 1;
    const isLast = left === 0;
    const wanted = Math.round((perProduct * (position + 1) - planned) * (0.5 + random.next()));
    const room = parameters.variants - planned - left;
    const count = Math.max(1, Math.min(room, isLast ? room : Math.min(12, wanted)));
    planned += count;
    const createdAtMs = Math.max(plan.createdAtMs, lastCreatedAtMs + 1);
    lastCreatedAtMs = createdAtMs + count;
    addProduct(catalogue, random, parameters, { ...plan, createdAtMs }, count);
  }
  for (const row of catalogue.variants) {
    const product = catalogue.products[row];
    catalogue.referenceMinor.push(
      product === undefined ? 1 : (priceOf(catalogue, product).gross[0] ?? 1),
    );
    catalogue.priceFactor.push(1);
  }
  return catalogue;
};

const addProduct = (
  catalogue: Catalogue,
  random: Random,
  parameters: RetailerParameters,
  plan: ProductPlan,
  count: number,
): void => {
  const isSimple = count === 1;
  const sized = CATEGORY_WORDS.map((words, kind) => ({ words, kind })).filter(
    ({ words }) => isSimple === (words.sizeSystem === 'single'),
  );
  const { words, kind } = random.pick(sized);
  const brandDraw = random.next();
  const brands: readonly BrandKey[] =
    brandDraw < 0.2 ? BRANDS : brandDraw < 0.65 ? ['alpha'] : ['beta'];
  const firstBrand = brands[0] ?? 'alpha';
  const supplier = random.below(catalogue.suppliers.length);
  const noun = random.pick(NOUNS[words.key] ?? [words.name]);
  const model = `${random.pick(MODEL_NAMES)} ${random.between(100, 999)}`;
  const grossMinor = charmPrice(
    words.priceFromMinor + random.next() ** 2 * (words.priceToMinor - words.priceFromMinor),
  );
  const grossByCurrency = CURRENCIES.map((currency, index) =>
    index === 0
      ? grossMinor
      : brands.includes('beta')
        ? charmPrice(grossMinor * currency.factor)
        : null,
  );
  const index = catalogue.products.length;
  const number = `${firstBrand === 'alpha' ? 'A' : 'B'}${100_000 + index}`;
  const material = random.chance(0.93) ? random.below(MATERIALS.length) : null;
  const fit =
    words.sizeSystem === 'single' || random.chance(0.1) ? null : random.below(FITS.length);
  const names: LocalizedTexts = {
    'nl-NL': `${noun['nl-NL']} ${model}`,
    'de-DE': random.chance(0.06) ? null : `${noun['de-DE']} ${model}`,
    'en-GB': random.chance(0.12) ? null : `${noun['en-GB']} ${model}`,
  };
  const base = {
    brands,
    category: kind,
    supplier,
    taxClass: words.taxClass,
    launchAtMs: plan.launchAtMs,
    phaseOutAtMs: plan.phaseOutAtMs,
    isDeleted: false,
  };
  const isMissingDescription = random.chance(0.08);
  const customFields: Record<string, unknown> = {};
  if (fit !== null && random.chance(0.9))
    customFields['custom_fit'] = FITS[fit]?.['en-GB'].toLowerCase();
  if (random.chance(0.85)) customFields['custom_care_code'] = random.pick(CARE_CODES);
  if (random.chance(0.5)) customFields['custom_image_quality'] = random.between(1, 5);
  const parent: Product = {
    ...base,
    index,
    parent: -1,
    children: [],
    variant: isSimple ? catalogue.variants.length : -1,
    number,
    names,
    descriptions: isMissingDescription
      ? null
      : {
          'nl-NL': `<p>${noun['nl-NL']} uit de serie ${model}.</p>`,
          'de-DE': `<p>${noun['de-DE']} aus der Serie ${model}.</p>`,
          'en-GB': null,
        },
    colour: isSimple ? random.below(COLOURS.length) : -1,
    size: -1,
    material,
    fit,
    imageCount: random.between(0, 6),
    gtin: null,
    supplierNumber: random.chance(0.9)
      ? `${SUPPLIER_WORDS[supplier % SUPPLIER_WORDS.length]?.slice(0, 3).toUpperCase()}-${random.between(1000, 9999)}`
      : null,
    weightGrams: random.chance(0.9)
      ? Math.round(words.weightGrams * (0.8 + random.next() * 0.5))
      : null,
    price: { gross: grossByCurrency, list: CURRENCIES.map(() => null) },
    purchaseNetMinor: Math.round(grossMinor * (0.28 + random.next() * 0.2)),
    active: plan.launchAtMs <= parameters.epochMs - parameters.days * DAY_MS,
    isCloseout: random.chance(0.35),
    restockDays: random.chance(0.7) ? random.between(3, 30) : null,
    createdAtMs: plan.createdAtMs,
    updatedAtMs: 0,
    customFields: Object.keys(customFields).length === 0 ? null : customFields,
    extra: {},
    formerNames: [],
  };
  catalogue.products.push(parent);
  catalogue.byNumber.set(number, index);
  const popularity = Math.exp(random.normal() * 0.9);
  const elasticity = 0.8 + random.next() * 1.6;
  const sizes = SIZE_SYSTEMS[words.sizeSystem];
  const colourCount = isSimple ? 1 : Math.max(1, Math.ceil(count / sizes.length));
  const colours = [random.below(COLOURS.length)];
  while (colours.length < colourCount) colours.push(((colours.at(-1) ?? 0) + 1) % COLOURS.length);
  const sizesPerColour = Math.ceil(count / colourCount);
  const firstSize = isSimple ? 0 : random.below(Math.max(1, sizes.length - sizesPerColour + 1));
  for (let child = 0; child < count; child++) {
    const variant = catalogue.variants.length;
    const sizePosition = firstSize + (child % sizesPerColour);
    // Middle sizes sell most.
    const middle = firstSize + (sizesPerColour - 1) / 2;
    const sizeWeight = Math.exp(
      -(((sizePosition - middle) / Math.max(1, sizesPerColour / 2)) ** 2),
    );
    catalogue.popularity.push(popularity * sizeWeight * (0.7 + random.next() * 0.6));
    catalogue.elasticity.push(elasticity);
    const gtin = random.chance(0.95) ? makeGtin(parameters.seed, variant) : null;
    if (isSimple) {
      parent.gtin = gtin;
      catalogue.variants.push(index);
      continue;
    }
    const ownPrice = random.chance(0.08);
    const childIndex = catalogue.products.length;
    const childNumber = `${number}.${child + 1}`;
    catalogue.products.push({
      ...base,
      index: childIndex,
      parent: index,
      children: [],
      variant,
      number: childNumber,
      names: null,
      descriptions: null,
      colour: colours[Math.floor(child / sizesPerColour)] ?? 0,
      size: sizePosition,
      material: null,
      fit: null,
      imageCount: 0,
      gtin,
      supplierNumber: null,
      weightGrams: null,
      price: ownPrice
        ? {
            gross: grossByCurrency.map((gross) => (gross === null ? null : gross + 500)),
            list: CURRENCIES.map(() => null),
          }
        : null,
      purchaseNetMinor: null,
      active: null,
      isCloseout: null,
      restockDays: null,
      createdAtMs: plan.createdAtMs + child + 1,
      updatedAtMs: 0,
      customFields: null,
      extra: {},
      formerNames: [],
    });
    parent.children.push(childIndex);
    catalogue.byNumber.set(childNumber, childIndex);
    catalogue.variants.push(childIndex);
  }
  if (brands.includes('alpha') && random.chance(0.4)) addTierPrices(catalogue, parent, grossMinor);
};

const TIERS: readonly (readonly [number, number | null, number])[] = [
  [1, 9, 0.95],
  [10, 49, 0.88],
  [50, null, 0.8],
];

const addTierPrices = (catalogue: Catalogue, product: Product, grossMinor: number): void => {
  for (const [quantityFrom, quantityTo, share] of TIERS) {
    const reduced = Math.round(grossMinor * share);
    catalogue.tierPrices.push({
      index: catalogue.tierPrices.length,
      product: product.index,
      quantityFrom,
      quantityTo,
      grossMinor: reduced,
      netMinor: netOf(reduced, product.taxClass),
      createdAtMs: product.createdAtMs + 100,
      updatedAtMs: 0,
      isDeleted: false,
    });
  }
};

const makeGtin = (seed: number, variant: number): string => {
  const body = `87${String(10_000 + (seed % 90_000)).padStart(5, '0')}${String(variant % 100_000).padStart(5, '0')}`;
  return `${body}${gtinCheckDigit(body)}`;
};
