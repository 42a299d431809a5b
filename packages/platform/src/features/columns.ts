/** Rows of a training set as columns, and as the text and the file they leave the platform in. */
import { fileWriter, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer';
import type { AsOfRow } from './as-of.js';

export type ColumnType = 'STRING' | 'DOUBLE' | 'BOOLEAN' | 'TIMESTAMP' | 'JSON';

/** Every set has these before its values. */
const fixed = ['key', 'at', 'leaks', 'imputed'] as const;

/** Rows are held back until the types of their columns are known, and written so many at a time. */
const rowsPerGroup = 20_000;

type Cell = string | number | boolean | Date | null;

/**
 * Writes a Parquet file as rows come: columns are nullable, numbers doubles, lists JSON text. A
 * column in which the first group has nothing is text. Memory is one group of rows.
 */
export function parquetSink(file: string): {
  write(row: AsOfRow): Promise<void>;
  finish(about: Readonly<Record<string, string>>): Promise<void>;
} {
  const writer = fileWriter(file);
  let parquet: ParquetWriter | null = null;
  let types: Readonly<Record<string, ColumnType>> | null = null;
  let names: readonly string[] = [];
  let rows: AsOfRow[] = [];
  const metadata: { key: string; value: string }[] = [];
  const flush = async (): Promise<void> => {
    if (rows.length === 0 && parquet !== null) return;
    names = names.length > 0 ? names : Object.keys(rows[0]?.values ?? {});
    types ??= typesOf(names, rows);
    const columnData = [...fixed, ...names].map((name) => {
      const type = typeOf(name, types ?? {});
      return { name, type, nullable: true, data: rows.map((row) => cellOf(row, name, type)) };
    });
    parquet ??= new ParquetWriter({
      writer,
      schema: schemaFromColumnData({ columnData }),
      kvMetadata: metadata,
    });
    await parquet.write({ columnData, rowGroupSize: rowsPerGroup });
    rows = [];
  };
  return {
    async write(row) {
      rows.push(row);
      if (rows.length >= rowsPerGroup) await flush();
    },
    async finish(about) {
      for (const [key, value] of Object.entries(about)) metadata.push({ key, value });
      await flush();
      await parquet?.finish();
    },
  };
}

function typeOf(name: string, types: Readonly<Record<string, ColumnType>>): ColumnType {
  if (name === 'key') return 'STRING';
  if (name === 'at') return 'TIMESTAMP';
  if (name === 'leaks' || name === 'imputed') return 'BOOLEAN';
  return types[name] ?? 'STRING';
}

function typesOf(
  names: readonly string[],
  rows: readonly AsOfRow[],
): Readonly<Record<string, ColumnType>> {
  return Object.fromEntries(
    names.map((name) => {
      const told = rows.find((row) => row.values[name]?.value != null)?.values[name]?.value;
      if (typeof told === 'number') return [name, 'DOUBLE'];
      if (typeof told === 'boolean') return [name, 'BOOLEAN'];
      return [name, typeof told === 'object' ? 'JSON' : 'STRING'];
    }),
  );
}

function cellOf(row: AsOfRow, name: string, type: ColumnType): Cell {
  switch (name) {
    case 'key':
      return row.key;
    case 'at':
      return new Date(row.evidence.t);
    case 'leaks':
      return row.leaks;
    case 'imputed':
      return row.isImputed;
    default: {
      const value = row.values[name]?.value ?? null;
      if (value === null) return null;
      if (type === 'JSON') return value as never;
      if (type === 'STRING' && typeof value !== 'string') return JSON.stringify(value);
      return value as Cell;
    }
  }
}
