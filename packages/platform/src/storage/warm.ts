/** Reads rows for no other reason than that the system then has their pages in memory. */
import type { OpenedStore } from './store.js';

export interface Warmer {
  /** Walks to each key's row, and over all of its value. Absent rows cost the same walk. */
  rows(keys: readonly string[]): void;
  subjectKeys(handles: readonly Uint8Array[]): void;
}

/** Keys read in one transaction: a longer one would hold back the checkpoint of the log. */
const keysMax = 32;

/** For the rows of one keyed table, and for data keys. */
export function createWarmer({ main, keys }: OpenedStore, table: string): Warmer {
  // `substr` from the end makes SQLite follow the overflow pages, which `length` would not.
  const touch = main.prepare(
    `SELECT max(substr(t.value, -1)) AS last FROM json_each(?) j JOIN fold_${table} t ON t.key = j.value`,
  );
  const subjectKey = keys.prepare('SELECT wrapped FROM subject_key WHERE handle = ?');
  return {
    rows(list) {
      for (let at = 0; at < list.length; at += keysMax) {
        touch.get(JSON.stringify(list.slice(at, at + keysMax)));
      }
    },
    subjectKeys(handles) {
      for (const handle of handles) subjectKey.get(handle);
    },
  };
}
