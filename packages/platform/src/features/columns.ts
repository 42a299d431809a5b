/** A training set as the file it leaves the platform in, and the types of its columns. */
import { fileWriter, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer';
import type { FeatureDefinition } from './definition.js';
import type { FeaturePlain } from './finish.js';
import { layoutOf, type RowBatch, type RowLayout, valueAt } from './row-batch.js';

export type ColumnType = 'STRING' | 'DOUBLE' | 'BOOLEAN' | 'TIMESTAMP' | 'JSON';

type Cell = string | number | boolean | Date | null;

/** Every set has these before its values. */
export const fixed = ['key', 'at', 'leaks', 'imputed'] as const;

/** Rows are held back until the types of their columns are known, and written so many at a time. */
export const rowsPerGroup = 20_000;

/** Where the batches of a set go. */
export interface SetSink {
  write(batch: RowBatch): Promise<void>;
  /** Makes the set whole; `about` says what it is. */
  finish(about: Readonly<Record<string, string>>): Promise<void>;
  /** Leaves nothing of it behind, where that can be had. */
  abandon(): Promise<void>;
}

/**
 * Writes a Parquet file as batches come: columns are nullable, numbers doubles, lists JSON text. A
 * column in which the first group has nothing is text. Memory is one group of rows and one batch.
 */
export function parquetSink(file: string, definitions: readonly FeatureDefinition[]): SetSink {
  const writer = fileWriter(file);
  const layout = layoutOf(definitions);
  let parquet: ParquetWriter | null = null;
  let types: readonly ColumnType[] | null = null;
  let batches: RowBatch[] = [];
  let rows = 0;
  const metadata: { key: string; value: string }[] = [];
  const flush = async (): Promise<void> => {
    if (rows === 0 && parquet !== null) return;
    types ??= typesOf(layout, batches);
    const columnData = columnsOf(layout, types, batches);
    parquet ??= new ParquetWriter({
      writer,
      schema: schemaFromColumnData({ columnData }),
      kvMetadata: metadata,
    });
    await parquet.write({ columnData, rowGroupSize: rowsPerGroup });
    batches = [];
    rows = 0;
  };
  return {
    async write(batch) {
      batches.push(batch);
      rows += batch.rows;
      if (rows >= rowsPerGroup) await flush();
    },
    async finish(about) {
      for (const [key, value] of Object.entries(about)) metadata.push({ key, value });
      await flush();
      await parquet?.finish();
    },
    abandon: () => Promise.resolve(),
  };
}

/** What the values of each column are, by the first of them that says something; text before that. */
export function typesOf({ shown }: RowLayout, batches: readonly RowBatch[]): readonly ColumnType[] {
  return shown.map((column) => {
    for (const batch of batches) {
      for (let row = 0; row < batch.rows; row += 1) {
        const told = valueAt(batch, column, row);
        if (told === null) continue;
        if (typeof told === 'number') return 'DOUBLE';
        if (typeof told === 'boolean') return 'BOOLEAN';
        return typeof told === 'object' ? 'JSON' : 'STRING';
      }
    }
    return 'STRING';
  });
}

function columnsOf(
  { names, shown }: RowLayout,
  types: readonly ColumnType[],
  batches: readonly RowBatch[],
) {
  const keys: Cell[] = [];
  const times: Cell[] = [];
  const leaks: Cell[] = [];
  const imputed: Cell[] = [];
  for (const batch of batches) {
    for (let row = 0, run = 0; row < batch.rows; row += 1) {
      while (row >= (batch.ends[run] as number)) run += 1;
      keys.push(batch.keys[run] as string);
      times.push(new Date(batch.t[row] as number));
      leaks.push(batch.leaks[row] === 1);
      imputed.push(batch.imputed[row] === 1);
    }
  }
  const column = (name: string, type: ColumnType, data: Cell[]) => {
    return { name, type, nullable: true, data };
  };
  const head = [
    column(fixed[0], 'STRING', keys),
    column(fixed[1], 'TIMESTAMP', times),
    column(fixed[2], 'BOOLEAN', leaks),
    column(fixed[3], 'BOOLEAN', imputed),
  ];
  const values = names.map((name, index) => {
    const type = types[index] as ColumnType;
    const data: Cell[] = [];
    for (const batch of batches) {
      for (let row = 0; row < batch.rows; row += 1) {
        data.push(cellOf(valueAt(batch, shown[index] as number, row), type));
      }
    }
    return column(name, type, data);
  });
  return [...head, ...values];
}

function cellOf(value: FeaturePlain, type: ColumnType): Cell {
  if (value === null || typeof value === 'number') {
    return value !== null && type === 'STRING' ? JSON.stringify(value) : value;
  }
  if (type === 'JSON') return value as never;
  if (type === 'STRING' && typeof value !== 'string') return JSON.stringify(value);
  return value as Cell;
}
