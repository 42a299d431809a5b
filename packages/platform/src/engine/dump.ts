/** The canonical dump: all folded state in order of logical keys, without row ids. */
import type { StoreReader, TableSpec } from '../storage/index.js';

export interface DumpLine {
  readonly table: string;
  readonly key: string;
  readonly value: string;
  /** One of several lines that share the key. */
  readonly isMember: boolean;
}

export function* dumpFolds(reader: StoreReader, tables: readonly TableSpec[]): Iterable<DumpLine> {
  for (const table of tables) {
    if (table.kind === 'keyed') {
      for (const row of reader.tableAll(table.name)) {
        yield { table: table.name, key: row.key, value: row.value, isMember: false };
      }
    } else {
      for (const row of reader.indexAll(table.name)) {
        yield { table: table.name, key: row.key, value: row.member, isMember: true };
      }
    }
  }
}
