/**
 * A training set as a table of PostgreSQL. All of it happens in one transaction: the set is there whole
 * or not at all, and a set it replaces stays, and can be read, until then.
 *
 * Columns have the names they have in a file. Their types follow from the definitions: `bigint` for
 * counts, `double precision` for what is measured, arrays for lists. What `first`, `last` and derived
 * values are is known from the first rows only, which are held back until then; text before anything is said.
 */
import { createHash } from 'node:crypto';
import { HeadraceError } from '@headrace/sdk';
import type { PostgresConnection, PostgresCopy } from '../ports/index.js';
import { rowsPerGroup, type SetSink, typesOf } from './columns.js';
import type { FeatureDefinition } from './definition.js';
import type { FeaturePlain, Plain } from './finish.js';
import { layoutOf, type RowBatch, type RowLayout, valueAt } from './row-batch.js';

export interface PostgresTable {
  /** `table` or `schema.table`. */
  readonly table: string;
  /** A table of this name gives way, once the new one is whole. */
  readonly replace: boolean;
}

type ColumnType = 'bigint' | 'double precision' | 'boolean' | 'text' | `${string}[]`;

/** A name of the server has at most so many bytes; longer ones it would cut without a word. */
const nameBytesMax = 63;
/** Text between two looks at whether the server keeps up. */
const chunkRows = 500;

export function postgresSink(
  connection: PostgresConnection,
  { table, replace }: PostgresTable,
  definitions: readonly FeatureDefinition[],
): SetSink {
  const layout = layoutOf(definitions);
  const target = table.split('.').map(quoted).join('.');
  const schema = table.includes('.') ? `${quoted(table.slice(0, table.indexOf('.')))}.` : '';
  // Beside the one it replaces, which can be read until the new one is whole.
  const made = replace ? `${schema}${quoted(`new_${digest(table)}`)}` : target;
  let held: RowBatch[] = [];
  let rows = 0;
  let types: readonly ColumnType[] | null = null;
  let copy: PostgresCopy | null = null;
  const begin = async (): Promise<PostgresCopy> => {
    types = columnTypes(layout, definitions, held);
    const columns = layout.names.map((name, index) => `${quoted(name)} ${types?.[index]}`);
    const fixed = ['key text', 'at timestamptz', 'leaks boolean', 'imputed boolean'];
    const head = fixed.map((column) => `${column} NOT NULL`);
    await connection.run('BEGIN');
    await connection.run(`CREATE TABLE ${made} (${[...head, ...columns].join(', ')})`);
    return connection.copy(`COPY ${made} FROM STDIN`);
  };
  const flush = async (): Promise<void> => {
    copy ??= await begin();
    for (const batch of held) {
      for (const chunk of textOf(layout, types ?? [], batch)) await copy.write(chunk);
    }
    held = [];
  };
  return {
    async write(batch) {
      held.push(batch);
      rows += batch.rows;
      if (copy !== null || rows >= rowsPerGroup) await flush();
    },
    async finish(about) {
      await flush();
      await copy?.finish();
      const said = literal(JSON.stringify(about));
      await connection.run(`COMMENT ON TABLE ${made} IS ${said}`);
      if (replace) {
        await connection.run(`DROP TABLE IF EXISTS ${target}`);
        const name = quoted(table.slice(table.indexOf('.') + 1));
        await connection.run(`ALTER TABLE ${made} RENAME TO ${name}`);
      }
      await connection.run('COMMIT');
      connection.close();
    },
    // Without its COMMIT nothing of it was ever there.
    async abandon() {
      connection.close();
    },
  };
}

/** Refuses before anything is worked out what the server would refuse, or cut, at the end. */
export function checkPostgresNames(table: string, definitions: readonly FeatureDefinition[]): void {
  const parts = table.split('.');
  if (parts.length > 2 || parts.some((part) => !/^[\p{L}_][\p{L}\p{N}_$]*$/u.test(part))) {
    throw nameError(`${table} cannot name a table.`, 'Write table or schema.table.');
  }
  const long = [...parts, ...layoutOf(definitions).names].find(
    (name) => Buffer.byteLength(name) > nameBytesMax,
  );
  if (long !== undefined) {
    throw nameError(
      `PostgreSQL cuts names at ${nameBytesMax} bytes, and ${long} is longer.`,
      'Give the view or the value a shorter name, or write a file.',
    );
  }
}

function nameError(message: string, hint: string): HeadraceError {
  return new HeadraceError('config', message, { code: 'E_POSTGRES_NAME', hint });
}

function columnTypes(
  layout: RowLayout,
  definitions: readonly FeatureDefinition[],
  first: readonly RowBatch[],
): readonly ColumnType[] {
  const seen = typesOf(layout, first);
  const aggregates = definitions.flatMap((one) =>
    one.kind === 'view'
      ? one.features.map(({ aggregate }) => aggregate.kind)
      : ['derived' as const],
  );
  return aggregates.map((kind, index): ColumnType => {
    switch (kind) {
      case 'count':
        return 'bigint';
      case 'series':
        return 'double precision[]';
      case 'lastN':
      case 'first':
      case 'last':
      case 'derived':
        break;
      default:
        return 'double precision';
    }
    const column = layout.shown[index] as number;
    switch (seen[index]) {
      case 'DOUBLE':
        return 'double precision';
      case 'BOOLEAN':
        return 'boolean';
      case 'JSON':
        return `${elementType(first, column)}[]`;
      default:
        return kind === 'lastN' ? 'text[]' : 'text';
    }
  });
}

/** Of lists, by the first element that says something. */
function elementType(batches: readonly RowBatch[], column: number): string {
  for (const batch of batches) {
    for (let row = 0; row < batch.rows; row += 1) {
      const list = valueAt(batch, column, row);
      const told = Array.isArray(list) ? list.find((one: Plain) => one !== null) : undefined;
      if (typeof told === 'number') return 'double precision';
      if (typeof told === 'boolean') return 'boolean';
      if (typeof told === 'string') return 'text';
    }
  }
  return 'text';
}

function* textOf(
  { names, shown }: RowLayout,
  types: readonly ColumnType[],
  batch: RowBatch,
): Iterable<string> {
  const lines: string[] = [];
  for (let row = 0, run = 0; row < batch.rows; row += 1) {
    while (row >= (batch.ends[run] as number)) run += 1;
    const at = new Date(batch.t[row] as number).toISOString();
    const flags = [batch.leaks[row] === 1 ? 't' : 'f', batch.imputed[row] === 1 ? 't' : 'f'];
    const cells = [escaped(batch.keys[run] as string), at, ...flags];
    for (let index = 0; index < shown.length; index += 1) {
      const value = valueAt(batch, shown[index] as number, row);
      cells.push(cellOf(value, types[index] as ColumnType, names[index] as string));
    }
    lines.push(`${cells.join('\t')}\n`);
    if (lines.length < chunkRows) continue;
    yield lines.join('');
    lines.length = 0;
  }
  if (lines.length > 0) yield lines.join('');
}

function cellOf(value: FeaturePlain, type: ColumnType, name: string): string {
  if (value === null) return '\\N';
  if (type === 'text') return escaped(typeof value === 'string' ? value : JSON.stringify(value));
  if (type.endsWith('[]')) {
    const list = (Array.isArray(value) ? value : [value]) as readonly Plain[];
    const element = type.slice(0, -2) as ColumnType;
    return escaped(`{${list.map((one) => elementOf(one, element, name)).join(',')}}`);
  }
  return plainCell(value as Plain, type, name);
}

function elementOf(value: Plain, type: ColumnType, name: string): string {
  if (value === null) return 'NULL';
  if (type !== 'text') return plainCell(value, type, name);
  const said = typeof value === 'string' ? value : JSON.stringify(value);
  return `"${said.replace(/["\\]/g, '\\$&')}"`;
}

function plainCell(value: Plain, type: ColumnType, name: string): string {
  if (type === 'boolean' && typeof value === 'boolean') return value ? 't' : 'f';
  if (type !== 'boolean' && typeof value === 'number') return String(value);
  throw new HeadraceError(
    'config',
    `${name} is ${type} in some rows and something else in others.`,
    {
      code: 'E_POSTGRES_TYPE',
      hint: 'Let the value be of one kind, with derive, or leave it out; a file takes both.',
    },
  );
}

/** Text as COPY reads it. A server has no character 0; what holds one is shown without. */
function escaped(said: string): string {
  return said
    .replaceAll('\0', '')
    .replace(/[\\\t\n\r]/g, (one) => `\\${({ '\t': 't', '\n': 'n', '\r': 'r' })[one] ?? '\\'}`);
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function digest(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, 16);
}

function literal(said: string): string {
  return `'${said.replaceAll("'", "''")}'`;
}
