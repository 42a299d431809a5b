const isEntity = (value) =>
  typeof value === 'object' && value !== null && '_uniqueIdentifier' in value;
export const toResource = (base, table, entity, included) => {
  const id = String(entity['_uniqueIdentifier']);
  const self = `${base}/api/${table.replaceAll('_', '-')}/${id}`;
  const attributes = {};
  const relationships = {};
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
export const toJsonApi = (base, table, data, total, totalCountMode) => {
  const included = new Map();
  return {
    data: data.map((entity) => toResource(base, table.entity, entity, included)),
    included: [...included.values()],
    links: { self: `${base}/api/search/${table.entity.replaceAll('_', '-')}` },
    meta: { totalCountMode, total },
    aggregations: [],
  };
};
//# sourceMappingURL=json-api.js.map
