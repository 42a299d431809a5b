import type { Association, Table } from './table.js';

/**
 * Two tables of one entity as one: rows of the first are even, of the second odd. Both may grow.
 * `own` names the entities whose rows are counted this way.
 */
export const interleave = (first: Table, second: Table, own: ReadonlySet<string>): Table => {
  const parts = [first, second] as const;
  const at = (row: number): readonly [Table, number] => [parts[row & 1] as Table, row >> 1];
  const associations: Record<string, Association> = {};
  for (const [name, association] of Object.entries(first.associations)) {
    associations[name] = {
      ...association,
      rows: (row, context) => {
        const [table, inner] = at(row);
        const found = table.associations[name]?.rows(inner, context) ?? [];
        return own.has(association.entity) ? found.map((one) => one * 2 + (row & 1)) : found;
      },
    };
  }
  const values: Record<string, Table['values'][string]> = {};
  for (const name of Object.keys(first.values)) {
    values[name] = (row) => {
      const [table, inner] = at(row);
      return table.values[name]?.(inner) ?? null;
    };
  }
  return {
    ...first,
    length: () => 2 * Math.max(first.length(), second.length()),
    liveCount: () => first.liveCount() + second.liveCount(),
    isLive: (row) => {
      const [table, inner] = at(row);
      return row >= 0 && table.isLive(inner);
    },
    idOf: (row) => {
      const [table, inner] = at(row);
      return table.idOf(inner);
    },
    rowOf: (id) => {
      const row = first.rowOf(id);
      if (row >= 0) return row * 2;
      const other = second.rowOf(id);
      return other < 0 ? -1 : other * 2 + 1;
    },
    createdAtMs: (row) => {
      const [table, inner] = at(row);
      return table.createdAtMs(inner);
    },
    updatedAtMs: (row) => {
      const [table, inner] = at(row);
      return table.updatedAtMs(inner);
    },
    isChronological: false,
    values,
    associations,
    build: (row, context, wanted) => {
      const [table, inner] = at(row);
      return table.build(inner, context, wanted);
    },
  };
};
