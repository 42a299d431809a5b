/** The canonical dump: all folded state in order of logical keys, without row ids. */
import type { StoreReader, TableSpec } from '../storage/index.js';

export interface DumpLine {
  readonly table: string;
  readonly key: string;
  readonly value: string;
  /** One of several lines that share the key. */
  readonly isMember: boolean;
}

/** Makes every date a positive number. */
const beforeAnyDate = 4_503_599_627_370_496;

export function* dumpFolds(reader: StoreReader, tables: readonly TableSpec[]): Iterable<DumpLine> {
  for (const table of tables) {
    if (table.kind === 'keyed') {
      for (const row of reader.tableAll(table.name)) {
        yield { table: table.name, key: row.key, value: row.value, isMember: false };
      }
    } else if (table.kind === 'log') {
      for (const { key, at, seq, place, integers, value } of reader.logAll(table.name)) {
        // Dates first, so that lines of a key stand in the order of their text.
        const position = [at + beforeAnyDate, seq, place].map((part) =>
          String(part).padStart(16, '0'),
        );
        const text = [...position, ...integers, value].join(' ');
        yield { table: table.name, key, value: text, isMember: true };
      }
    } else {
      for (const row of reader.indexAll(table.name)) {
        yield { table: table.name, key: row.key, value: row.member, isMember: true };
      }
    }
  }
}
