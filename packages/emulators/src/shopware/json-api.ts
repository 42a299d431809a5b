import type { Entity, Table } from './table.js';

/**
 * The JSON:API form, which the shop answers unless a client asks for plain JSON. Associations
 * move to `included`; what is left are the attributes.
 */

interface Resource {
  readonly id: string;
  readonly type: string;
  readonly attributes: Entity;
  readonly links: { readonly self: string };
  readonly relationships: Record<string, { data: unknown; links: { related: string } }>;
  readonly meta: null;
}

const isEntity = (value: unknown): value is Entity =>
  typeof value === 'object' && value !== null && '_uniqueIdentifier' in value;

export const toResource = (
  base: string,
  table: string,
  entity: Entity,
  included: Map<string, Resource>,
): Resource => {
  const id = String(entity['_uniqueIdentifier']);
  const self = `${base}/api/${table.replaceAll('_', '-')}/${id}`;
  const attributes: Entity = {};
  const relationships: Resource['relationships'] = {};
  for (const [name, value] of Object.entries(entity)) {
    if (name === 'id' || name === '_uniqueIdentifier') continue;
    const list = Array.isArray(value) ? value : [value];
    if (list.length === 0 || !list.every(isEntity)) {
      attributes[name] = value;
      continue;
    }
    const references = list.map((nested) => {
      const type = String(nested['apiAlias']);
      const resource = toResource(base, type, nested, included);
      included.set(`${type}-${resource.id}`, resource);
      return { id: resource.id, type };
    });
    relationships[name] = {
      data: Array.isArray(value) ? references : references[0],
      links: { related: `${self}/${name}` },
    };
  }
  return { id, type: table, attributes, links: { self }, relationships, meta: null };
};

export const toJsonApi = (
  base: string,
  table: Table,
  data: readonly Entity[],
  total: number,
  totalCountMode: number,
): Entity => {
  const included = new Map<string, Resource>();
  return {
    data: data.map((entity) => toResource(base, table.entity, entity, included)),
    included: [...included.values()],
    links: { self: `${base}/api/search/${table.entity.replaceAll('_', '-')}` },
    meta: { totalCountMode, total },
    aggregations: [],
  };
};
