import { formatInstant } from './dates.js';
export const instantOrNull = (atMs) => (atMs === 0 ? null : formatInstant(atMs));
export const oneRow = (row) => (row >= 0 ? [row] : []);
const LIST_DATES = new Set(['createdAt', 'updatedAt']);
/** A table over a plain list: everything that counts in dozens or thousands, not millions. */
export const listTable = (options) => {
  const { rows } = options;
  const byId = new Map();
  let indexed = 0;
  const rowOf = (id) => {
    for (; indexed < rows.length; indexed++) byId.set(rows[indexed]?.id ?? '', indexed);
    return byId.get(id) ?? -1;
  };
  const at = (row) => {
    const entry = rows[row];
    if (entry === undefined) throw new RangeError(`no ${options.entity} ${row}`);
    return entry;
  };
  const values = {};
  for (const [field, read] of Object.entries(options.values ?? {})) {
    values[field] = (row) => read(at(row));
  }
  return {
    entity: options.entity,
    length: () => rows.length,
    liveCount: () => rows.reduce((count, row) => (row.isDeleted === true ? count : count + 1), 0),
    isLive: (row) => rows[row] !== undefined && rows[row]?.isDeleted !== true,
    idOf: (row) => at(row).id,
    rowOf,
    createdAtMs: (row) => at(row).createdAtMs,
    updatedAtMs: (row) => at(row).updatedAtMs,
    isChronological: false,
    hasAutoIncrement: false,
    values,
    dateFields: LIST_DATES,
    lookups: options.lookups ?? {},
    associations: options.associations ?? {},
    emptyAssociations: options.emptyAssociations ?? {},
    build: (row, context) => options.build(at(row), context, row),
  };
};
export const stamps = (row) => ({
  createdAt: formatInstant(row.createdAtMs),
  updatedAt: instantOrNull(row.updatedAtMs),
});
export const makeRows = (ids, kind, entries, createdAtMs) =>
  entries.map((entry, row) => ({
    ...entry,
    id: ids.idOf(kind, row, createdAtMs),
    createdAtMs,
    updatedAtMs: 0,
  }));
//# sourceMappingURL=table.js.map
