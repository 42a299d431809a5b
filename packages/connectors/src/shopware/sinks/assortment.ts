/** What products and variants have in common: texts, options by name, states, custom fields. */
import type { Json, JsonObject } from '@headrace/sdk';
import { lookUp, object, objects, text, texts } from '../json.js';
import type { Reference } from '../mapping/reference.js';
import type { ShopwareContext } from '../search.js';
import { idOf } from './ids.js';
import { anyOf, idIn, searchEach } from './shop.js';
import type { Operation } from './sync.js';

const sold = new Set(['active', 'phase-out']);

/** Whether customers may see it; undefined where nothing is said of its life. */
export function isActive(state: Json | undefined): boolean | undefined {
  const name = text(state);
  return name === null || name === 'unknown' ? undefined : sold.has(name);
}

/** In the languages the shop has, under its own names of them. */
export function inLanguages(value: Json | undefined, reference: Reference) {
  const said = object(value) ?? {};
  const found: Record<string, string> = {};
  for (const tag of [...new Set(reference.languages.values())].sort()) {
    const [main = ''] = tag.split('-');
    const inTag = text(lookUp(said, tag)) ?? text(lookUp(said, main));
    if (inTag !== null) found[tag] = inTag;
  }
  return found;
}

/** In the shop's main language, where what is said has languages at all. */
export function inMain(value: Json | undefined, reference: Reference): readonly string[] {
  if (Array.isArray(value))
    return (value as readonly Json[]).flatMap((one) => inMain(one, reference));
  if (typeof value === 'number' || typeof value === 'boolean') return [String(value)];
  const localized = object(value);
  if (localized === null) return text(value) === null ? [] : [text(value) as string];
  const said = inLanguages(localized, reference)[reference.systemLanguage];
  return said === undefined ? [] : [said];
}

/** Custom fields by the paths the settings give them, as far as anything is said of them. */
export function customFieldsOf(
  traits: Json | undefined,
  paths: Readonly<Record<string, string>> | undefined,
): JsonObject {
  const fields: Record<string, Json> = {};
  for (const [path, name] of Object.entries(paths ?? {})) {
    const [, namespace = '', trait = ''] = path.split('.');
    const value = lookUp(object(lookUp(object(traits) ?? {}, namespace)) ?? {}, trait);
    if (value !== undefined) fields[name] = value;
  }
  return fields;
}

/** Of what the shop has, the fields that are asked for. */
export function customFieldsIn(row: JsonObject, wanted: Json | undefined): JsonObject {
  const there = object(row.customFields) ?? {};
  return Object.fromEntries(
    Object.keys(object(wanted) ?? {}).flatMap((name): [string, Json][] => {
      const value = lookUp(there, name);
      return value === undefined || value === null ? [] : [[name, value]];
    }),
  );
}

/** Options of the shop by the names of their groups, those of other groups left out. */
export function optionsIn(value: Json | undefined, groups: readonly string[]) {
  const found: Record<string, string[]> = {};
  for (const option of objects(value)) {
    const group = nameIn(object(option.group));
    const name = nameIn(option);
    if (group === null || name === null || !groups.includes(group)) continue;
    found[group] = [...(found[group] ?? []), name].sort();
  }
  return found;
}

export function nameIn(row: JsonObject | null): string | null {
  return text(object(row?.translated)?.name) ?? text(row?.name);
}

export interface Options {
  idOf(group: string, name: string): string;
  /** What has to be made first for an option that is not there yet. */
  made(group: string, name: string): readonly Operation[];
}

/** Finds options by name; ones that are missing are made under ids that follow from their names. */
export async function findOptions(
  context: ShopwareContext,
  wanted: readonly Readonly<Record<string, readonly string[]>>[],
): Promise<Options> {
  const groups = [...new Set(wanted.flatMap((one) => Object.keys(one)))];
  const found = groups.length === 0 ? [] : await optionsOf(context, groups);
  const groupIds = new Map<string, string>();
  const optionIds = new Map<string, string>();
  for (const group of found) {
    const name = nameIn(group);
    if (name === null || groupIds.has(name)) continue;
    groupIds.set(name, idIn(group));
    for (const option of objects(group.options)) {
      optionIds.set(JSON.stringify([name, nameIn(option)]), idIn(option));
    }
  }
  const groupId = (group: string) => groupIds.get(group) ?? idOf('property_group', group);
  const optionId = (group: string, name: string) =>
    optionIds.get(JSON.stringify([group, name])) ?? idOf('property_group_option', group, name);
  return {
    idOf: optionId,
    made(group, name) {
      if (optionIds.has(JSON.stringify([group, name]))) return [];
      const option = { id: optionId(group, name), groupId: groupId(group), name };
      const isNewGroup = !groupIds.has(group);
      const row = { id: groupId(group), name: group };
      return [
        ...(isNewGroup
          ? [{ action: 'upsert', entity: 'property_group', payload: [row] } as const]
          : []),
        { action: 'upsert', entity: 'property_group_option', payload: [option] },
      ];
    },
  };
}

function optionsOf(context: ShopwareContext, groups: readonly string[]) {
  return searchEach(
    context,
    {
      entity: 'property-group',
      associations: { options: {} },
      includes: {
        property_group: ['id', 'name', 'translated', 'options'],
        property_group_option: ['id', 'name', 'translated'],
      },
    },
    [anyOf('name', groups)],
  );
}

/** Links to add, and those to take away; a list that is written is added to, never replaced. */
export function linkOperations(
  entity: 'product_category' | 'product_property',
  name: 'categoryId' | 'optionId',
  productId: string,
  [there, wanted]: readonly [readonly string[], readonly string[]],
): Operation[] {
  const gone = there.filter((id) => !wanted.includes(id));
  if (gone.length === 0) return [];
  const payload = gone.map((id) => ({ productId, [name]: id }));
  return [{ action: 'delete', entity, payload }];
}

export const namesIn = (value: Json | undefined): readonly string[] => texts(value);
