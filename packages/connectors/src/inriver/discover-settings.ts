/**
 * What the settings can be filled with from the PIM's model. Types, links and the fields every
 * project needs replace those the PIM does not have; further fields are proposed as comments.
 */
import type { DiscoveredSetting } from '@headrace/sdk';
import { fieldIdOf, type MappedType } from './fields.js';
import { objects, text } from './json.js';
import {
  type EntityType,
  type FieldType,
  isFile,
  type Model,
  readTypes,
  rolesOf,
} from './model.js';
import { type InriverContext, readModel } from './rest.js';

export async function discoverSettings(
  context: InriverContext,
  { languages }: { readonly languages: readonly string[] },
): Promise<readonly DiscoveredSetting[]> {
  const { config } = context;
  const model = await readTypes(context);
  const roles = rolesOf(model, config.types);
  const typeOf = (role: MappedType) => model.types.find(({ id }) => id === roles[role]);
  const found: DiscoveredSetting[] = [];
  for (const role of Object.keys(config.types) as MappedType[]) {
    const type = typeOf(role);
    if (type === undefined || type.id === config.types[role]) continue;
    found.push({ path: ['types', role], value: type.id, label: type.label, as: 'replace' });
  }
  found.push(...linkSettings(context, model, roles));
  const chosen = (Object.keys(config.fields) as MappedType[]).map(
    (role) => [role, fieldSettings(config.fields[role], role, typeOf(role))] as const,
  );
  for (const [role, fields] of chosen) {
    for (const { name, field, as } of fields) {
      found.push({ path: ['fields', role, name], value: field.id, label: field.label, as });
    }
  }
  const products = chosen.find(([role]) => role === 'product')?.[1] ?? [];
  const brandField =
    products.find(({ name, as }) => name === 'brand' && as === 'replace')?.field.id ??
    fieldIdOf(config.fields.product.brand);
  const cvlId = typeOf('product')?.fields.find(({ id }) => id === brandField)?.cvlId ?? null;
  found.push(...(await brandSettings(context, cvlId)));
  for (const row of objects(await readModel(context, 'languages'))) {
    const name = text(row.name);
    if (name === null || languages.includes(name)) continue;
    const tag = languages.find((one) => one.split('-')[0] === name.split('-')[0]);
    if (tag === undefined) continue;
    found.push({ path: ['languages', name], value: tag, label: text(row.displayName), as: 'add' });
  }
  return found;
}

function linkSettings(
  { config }: InriverContext,
  { types, links }: Model,
  roles: ReturnType<typeof rolesOf>,
): readonly DiscoveredSetting[] {
  const files = new Set(types.filter(isFile).map(({ id }) => id));
  const { product, variant, category, channel } = roles;
  const ends = {
    productVariant: [product, (id: string) => id === variant],
    productResource: [product, (id: string) => files.has(id)],
    categoryProduct: [category, (id: string) => id === product],
    categoryCategory: [category, (id: string) => id === category],
    channelCategory: [channel, (id: string) => id === category],
  } as const;
  return (Object.keys(ends) as (keyof typeof ends)[]).flatMap((name) => {
    if (links.some(({ id }) => id === config.links[name])) return [];
    const [source, isTarget] = ends[name];
    const fitting = links.filter((link) => link.source === source && isTarget(link.target));
    const as = fitting.length === 1 ? 'replace' : 'ask';
    return fitting.map(({ id, target }) => {
      const label = `${source} → ${target}`;
      return { path: ['links', name], value: id, label, as } as const;
    });
  });
}

interface Choice {
  readonly name: string;
  readonly field: FieldType;
  readonly as: 'replace' | 'ask';
}

/** For what is mapped from a field the type does not have, and for what is not mapped yet. */
function fieldSettings(
  mapped: Readonly<Record<string, Parameters<typeof fieldIdOf>[0]>>,
  role: MappedType,
  type: EntityType | undefined,
): readonly Choice[] {
  if (type === undefined) return [];
  const has = (id: string | null) => type.fields.some((field) => field.id === id);
  const used = new Set(Object.values(mapped).map(fieldIdOf).filter(has));
  return Object.entries(signs[role]).flatMap(([name, sign]): readonly Choice[] => {
    const given = Object.hasOwn(mapped, name) ? fieldIdOf(mapped[name]) : null;
    if (given !== null && has(given)) return [];
    const field = type.fields.find((one) => !used.has(one.id) && sign(one, type));
    if (field === undefined) return [];
    used.add(field.id);
    return [{ name, field, as: given === null ? 'ask' : 'replace' }];
  });
}

type Sign = (field: FieldType, type: EntityType) => boolean;

/** By its name or its label, in the languages PIMs are modelled in around us. */
const called =
  (words: RegExp, kinds?: readonly string[]): Sign =>
  ({ id, label, dataType }) =>
    (kinds === undefined || kinds.includes(dataType)) &&
    (words.test(id) || words.test(label ?? ''));
const unique: Sign = ({ isUnique, dataType }) => isUnique && dataType === 'String';
const displayName: Sign = ({ id }, type) => type.displayName === id;
const displayDescription: Sign = ({ id }, type) => type.displayDescription === id;
const texts = ['String', 'LocaleString', 'CVL'];
const number = called(/n(umm|umb|r$|o$)|artikel-?n|sku|(?<=[a-z])id$/i, ['String', 'Integer']);

/** In this order, a field taken by one is not proposed for the next. */
const signs: Readonly<Record<MappedType, Readonly<Record<string, Sign>>>> = {
  product: {
    productId: (field, type) =>
      unique(field, type) || (number(field, type) && !displayName(field, type)),
    name: displayName,
    description: (field, type) =>
      displayDescription(field, type) || called(/desc|beschr|omschr|langtext/i, texts)(field, type),
    brand: called(/brand|mar(k|qu)e|merk/i, ['CVL', 'String']),
    material: called(/material|werkstoff|materiaal/i, texts),
    fit: called(/fit$|passform|pasvorm/i, texts),
    season: called(/season|saison|seizoen/i, texts),
    careInstructions: called(/care|pflege|wasvoorschrift|onderhoud/i, ['LocaleString']),
    manufacturer: called(/supplier$|manufacturer$|lieferant$|hersteller$|leverancier$/i, texts),
    launchDate: called(/launch|start$|verkauf ab|introduc/i, ['DateTime']),
    phaseOutDate: called(/phase-?out|end$|ende$|uitloop/i, ['DateTime']),
  },
  variant: {
    sku: (field, type) =>
      (unique(field, type) || number(field, type)) && !called(/gtin|ean/i)(field, type),
    gtin: called(/gtin|ean/i, ['String', 'Integer']),
    'options.colour': called(/colou?r|farbe|kleur/i, texts),
    'options.size': called(/size$|größe|groesse|maat/i, texts),
    weightKilograms: called(/weight|gewicht/i, ['Double', 'Integer']),
  },
  category: { name: displayName },
  channel: { name: displayName },
};

async function brandSettings(
  context: InriverContext,
  cvlId: string | null,
): Promise<readonly DiscoveredSetting[]> {
  if (cvlId === null) return [];
  const values = objects(await readModel(context, `cvls/${encodeURIComponent(cvlId)}/values`));
  return values.flatMap(({ key, value }): readonly DiscoveredSetting[] => {
    const name = text(key);
    if (name === null) return [];
    return [{ path: ['brands', name], value: name, label: text(value), as: 'add' }];
  });
}
