/** Lines of many owners as the text they are stored in, for reads of so many that objects would cost most. */
import type { Statement } from './driver.js';
import { periodOf } from './store.js';

/** Owners and the dates their lines are wanted of, from the first until before the second. */
export interface OwnersSpan {
  readonly owners: readonly number[];
  readonly from: number;
  readonly to: number;
}

/**
 * One stretch a period. A CROSS JOIN keeps its order: owners as they are listed, the lines of each as
 * they lie.
 *
 * @param integers Names of the log's whole-number columns, each with a comma and a space behind it.
 */
export function* logText(
  sql: (text: string) => Statement,
  table: string,
  integers: string,
  { owners, from, to }: OwnersSpan,
): Iterable<Uint8Array> {
  if (owners.length === 0 || from >= to) return;
  const named = JSON.stringify(owners);
  const last = periodOf(to - 1);
  const columns = `owner, at, seq, place, ${integers}value`.split(', ');
  const line = columns.map((column) => `l.${column}`).join(` || ',' || `);
  const next = sql(`SELECT min(period) AS period FROM ${table} WHERE period >= ?`);
  const page = sql(
    `SELECT CAST(group_concat(${line}, char(10)) || char(10) AS BLOB) AS text
     FROM json_each(?) j CROSS JOIN ${table} l
     WHERE l.period = ? AND l.owner = j.value AND l.at >= ? AND l.at < ?`,
  );
  for (let period = periodOf(from); ; period += 1) {
    const used = next.get(period)?.['period'];
    if (used === null || used === undefined || Number(used) > last) return;
    period = Number(used);
    const text = page.get(named, period, from, to)?.['text'];
    if (text instanceof Uint8Array) yield text;
  }
}
