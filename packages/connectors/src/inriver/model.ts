/**
 * The customer's own model: types, what links them, and which of them is what to us. Where the
 * settings name a type the PIM has, that is believed; else the way types are linked tells: channels
 * lead to nodes, nodes to nodes and to products, products to variants.
 */
import type { InriverConfig } from './config.js';
import { type object, objects, text } from './json.js';
import { type InriverContext, readModel } from './rest.js';

export interface FieldType {
  readonly entityTypeId: string;
  readonly id: string;
  readonly label: string | null;
  readonly dataType: string;
  readonly cvlId: string | null;
  readonly isMulti: boolean;
  readonly isUnique: boolean;
}

export interface EntityType {
  readonly id: string;
  readonly label: string | null;
  readonly fields: readonly FieldType[];
  readonly displayName: string | null;
  readonly displayDescription: string | null;
}

export interface LinkType {
  readonly id: string;
  readonly source: string;
  readonly target: string;
}

export interface Model {
  readonly types: readonly EntityType[];
  readonly links: readonly LinkType[];
}

export async function readTypes(context: InriverContext): Promise<Model> {
  const rows = objects(await readModel(context, 'entitytypes'));
  const types = rows.flatMap((row): EntityType[] => {
    const id = text(row.id);
    if (id === null) return [];
    const fields = objects(row.fieldTypes).flatMap((field): FieldType[] => {
      const fieldId = text(field.fieldTypeId);
      if (fieldId === null) return [];
      return [
        {
          entityTypeId: id,
          id: fieldId,
          label: text(field.fieldTypeDisplayName),
          dataType: text(field.fieldDataType) ?? 'String',
          cvlId: text(field.cvlId),
          isMulti: field.isMultiValue === true,
          isUnique: field.isUnique === true,
        },
      ];
    });
    return [
      {
        ...{ id, fields, label: text(row.name) },
        displayName: text(row.displayNameFieldTypeId),
        displayDescription: text(row.displayDescriptionFieldTypeId),
      },
    ];
  });
  // Each link type is told by both of its ends.
  const ends = new Map<string, { source?: string; target?: string }>();
  for (const row of rows) {
    const id = text(row.id);
    if (id === null) continue;
    for (const link of list(row.outboundLinkTypes))
      ends.set(link, { ...ends.get(link), source: id });
    for (const link of list(row.inboundLinkTypes))
      ends.set(link, { ...ends.get(link), target: id });
  }
  const links = [...ends].flatMap(([id, { source, target }]): LinkType[] =>
    source === undefined || target === undefined ? [] : [{ id, source, target }],
  );
  return { types, links };
}

type Types = InriverConfig['types'];

/** Which type is what; null where neither the settings nor the links say. */
export function rolesOf(
  { types, links }: Model,
  given: Types,
): Readonly<Record<keyof Types, string | null>> {
  const has = (id: string) => types.some((type) => type.id === id);
  const said = (role: keyof Types) => (has(given[role]) ? given[role] : null);
  const targets = (source: string | null) =>
    unique(links.filter((link) => link.source === source).map((link) => link.target));
  const isNode = (id: string) => links.some((link) => link.source === id && link.target === id);
  const category = said('category') ?? only(types.map(({ id }) => id).filter(isNode));
  const channel =
    said('channel') ??
    only(
      unique(
        links.filter((l) => l.target === category && l.source !== category).map((l) => l.source),
      ),
    );
  const isThing = (id: string) =>
    id !== category && id !== channel && !isFile(types.find((type) => type.id === id));
  const product =
    said('product') ??
    only(targets(category).filter((id) => isThing(id) && targets(id).some(isThing)));
  const variant =
    said('variant') ?? only(targets(product).filter((id) => id !== product && isThing(id)));
  return { product, variant, category, channel };
}

/** Pictures and documents hold a file. */
export function isFile(type: EntityType | undefined): boolean {
  return type?.fields.some(({ dataType }) => dataType === 'File') === true;
}

function only(found: readonly string[]): string | null {
  return found.length === 1 ? (found[0] ?? null) : null;
}

function unique(ids: readonly string[]): readonly string[] {
  return [...new Set(ids)];
}

function list(value: Parameters<typeof object>[0]): readonly string[] {
  return Array.isArray(value) ? value.flatMap((item) => text(item) ?? []) : [];
}
