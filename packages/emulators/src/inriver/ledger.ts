import type { LanguageCode } from '../retailer/channels.js';
import type { EntityRole, FieldRole } from './company-model.js';
import { stampMs } from './stamps.js';
import { completenessOf, type FieldValue, type PimEntity, type PimStore } from './store.js';

/**
 * The PIM's own account of itself, by what fields mean and in the retailer's languages, whatever the
 * customer's model calls them. It shares no code with what writes the vendor's JSON.
 */

export type PimLedgerRow = Record<string, unknown>;
export type PimLedger = (store: PimStore) => Generator<PimLedgerRow>;

const held = (entity: PimEntity, role: FieldRole): FieldValue => {
  const field = entity.type.fields.find((entry) => entry.role === role);
  return field === undefined ? null : (entity.values.get(field.id) ?? null);
};

/** By the retailer's languages, without those nobody filled in. */
const inLanguages = (
  store: PimStore,
  texts: FieldValue | undefined,
): Partial<Record<LanguageCode, string>> => {
  const found: Partial<Record<LanguageCode, string>> = {};
  for (const { name, of } of store.model.languages) {
    const text = (texts as Record<string, string> | null | undefined)?.[name];
    if (of !== null && text !== undefined && text !== '') found[of] = text;
  }
  return found;
};

/** The words behind a key of a list of values. */
const words = (store: PimStore, entity: PimEntity, role: FieldRole): unknown => {
  const key = held(entity, role);
  const field = entity.type.fields.find((entry) => entry.role === role);
  const cvl = store.model.cvls.find(({ id }) => id === field?.cvlId);
  if (key === null || cvl === undefined) return key;
  const value = cvl.values.find((entry) => entry.key === key)?.value;
  return typeof value === 'string' ? value : inLanguages(store, value);
};

const ends = (
  store: PimStore,
  entity: PimEntity,
  direction: 'in' | 'out',
  role: EntityRole,
): readonly PimEntity[] =>
  (direction === 'in' ? store.inbound(entity.id) : store.outbound(entity.id)).flatMap((link) => {
    const other = store.entities.get(direction === 'in' ? link.source : link.target);
    return other?.type.role === role ? [other] : [];
  });

const times = (entity: PimEntity): PimLedgerRow => ({
  createdAt: stampMs(entity.createdDate),
  updatedAt: stampMs(entity.modifiedDate),
});

/** Keys of brands are the customer's; the retailer knows them by their names. */
const brandsOf = (store: PimStore, entity: PimEntity): readonly string[] => {
  const keys = held(entity, 'brands');
  const brands = store.model.cvls.find(({ role }) => role === 'brand')?.values ?? [];
  return (Array.isArray(keys) ? keys : [])
    .map((key) => String(brands.find((entry) => entry.key === key)?.value ?? key).toLowerCase())
    .sort();
};

const each = function* (store: PimStore, role: EntityRole): Generator<PimEntity> {
  for (const entity of store.entities.values()) if (entity.type.role === role) yield entity;
};

const products: PimLedger = function* (store) {
  for (const entity of each(store, 'product')) {
    const pictures = ends(store, entity, 'out', 'resource');
    const launch = held(entity, 'launch');
    yield {
      id: String(entity.id),
      productNo: held(entity, 'number'),
      brands: brandsOf(store, entity),
      name: inLanguages(store, held(entity, 'name')),
      description: inLanguages(store, held(entity, 'description')),
      material: words(store, entity, 'material'),
      fit: words(store, entity, 'fit'),
      care: words(store, entity, 'care'),
      season: held(entity, 'season'),
      supplier: held(entity, 'supplier'),
      launch: typeof launch === 'string' ? launch.slice(0, 10) : null,
      fragile: held(entity, 'isFragile'),
      own: words(store, entity, 'own'),
      completeness: completenessOf(store, entity),
      categories: ends(store, entity, 'in', 'node').map(({ id }) => String(id)),
      pictures: pictures.map((picture) => held(picture, 'fileName')),
      items: ends(store, entity, 'out', 'item').map((item) => held(item, 'number')),
      ...times(entity),
    };
  }
};

const items: PimLedger = function* (store) {
  for (const entity of each(store, 'item')) {
    const weight = held(entity, 'weight');
    const unit = entity.type.fields.find(({ role }) => role === 'weight')?.unit;
    const [parent] = ends(store, entity, 'in', 'product');
    yield {
      id: String(entity.id),
      sku: held(entity, 'number'),
      productNo: parent === undefined ? null : held(parent, 'number'),
      gtin: held(entity, 'gtin'),
      colour: words(store, entity, 'colour'),
      size: words(store, entity, 'size'),
      weightGrams:
        typeof weight !== 'number' ? null : unit === 'kg' ? Math.round(weight * 1000) : weight,
      completeness: completenessOf(store, entity),
      ...times(entity),
    };
  }
};

const categories: PimLedger = function* (store) {
  for (const role of ['channel', 'node'] as const) {
    for (const entity of each(store, role)) {
      const [above] = [
        ...ends(store, entity, 'in', 'node'),
        ...ends(store, entity, 'in', 'channel'),
      ];
      yield {
        id: String(entity.id),
        parentId: above === undefined ? null : String(above.id),
        key: held(entity, 'number'),
        name: inLanguages(store, held(entity, 'name')),
        ...times(entity),
      };
    }
  }
};

export const PIM_LEDGERS: Readonly<Record<string, PimLedger>> = {
  'pim-products': products,
  'pim-items': items,
  'pim-categories': categories,
};
