/** Reads of a store. Prepared once, bulk where a step needs many rows. */
import type { Statement } from './driver.js';
import { logText, type OwnersSpan } from './log-text.js';
import { type LogLine, type OpenedStore, periodOf, type TableSpec } from './store.js';

export interface KeyedRow {
  readonly id: number;
  readonly key: string;
  readonly value: string;
}

export interface JournalRow {
  readonly offset: number;
  readonly header: Uint8Array;
  readonly body: Uint8Array;
  readonly sealed: Uint8Array | null;
  readonly leaf: Uint8Array;
}

export interface DirtyRow {
  readonly stream: string;
  readonly key: string;
  readonly seq: number;
  readonly noticedAt: number;
}

export interface StoreReader {
  rows(table: string, keys: readonly string[]): KeyedRow[];
  row(table: string, key: string): KeyedRow | undefined;
  /** Rows whose key starts with `prefix`, after `afterKey`, in key order. */
  range(table: string, prefix: string, afterKey: string, limit: number): KeyedRow[];
  /** Ids and keys only, from the index. */
  keysRange(
    table: string,
    prefix: string,
    afterKey: string,
    limit: number,
  ): { id: number; key: string }[];
  countRange(table: string, prefix: string): number;
  idMax(table: string): number;
  members(index: string, keys: readonly string[]): { key: string; member: string }[];
  /** Index keys that start with `prefix`. */
  indexPrefix(index: string, prefix: string, limit: number): { key: string; member: string }[];
  indexAll(index: string): Iterable<{ key: string; member: string }>;
  /** Members of one index key between two bounds (`from` belongs to it, `to` does not), in order. */
  memberPage(index: string, key: string, bounds: MemberBounds): string[];
  tableAll(table: string): Iterable<KeyedRow>;
  /** Lines of an owner dated from `from` until before `to`, in order; columns by their names. */
  logRange(log: string, owner: number, from: number, to: number): LogRow[];
  /**
   * Lines of many owners as text, one stretch a period: `owner,at,seq,place,integers…,value` and a line
   * break (which values of such logs do not have). Owner after owner as listed, and of one in order.
   * Making objects of them would cost several times the read.
   */
  logText(log: string, span: OwnersSpan): Iterable<Uint8Array>;
  /** An owner's lines dated before `at`, the newest first. */
  logBefore(log: string, owner: number, at: number, limit: number): LogRow[];
  /** The newest line dated until `at` and written before entry `seq`. */
  logLast(log: string, owner: number, at: number, seq: number): LogRow | undefined;
  /** Every line with its owner's key, in order of keys. */
  logAll(log: string): Iterable<LogLine & { readonly key: string }>;
  journal(offset: number): JournalRow | undefined;
  journalRange(from: number, limit: number): JournalRow[];
  /** Entries at these offsets, in the order given; those that are not there are left out. */
  journalAt(offsets: readonly number[]): JournalRow[];
  /** The same without bodies, which are most of an entry. */
  headersAt(offsets: readonly number[]): { readonly offset: number; readonly header: Uint8Array }[];
  /** Leaves only, in order. */
  leaves(from: number, limit: number): Uint8Array[];
  journalEnd(): number;
  committedAt(offset: number): { plannedAt: number; writtenAt: number } | undefined;
  meta(name: string): Uint8Array | undefined;
  metaPrefix(prefix: string): { name: string; value: Uint8Array }[];
  dirty(): DirtyRow[];
  subjectKey(handle: Uint8Array): Uint8Array | undefined;
  subjectKeys(handles: readonly Uint8Array[]): Map<string, Uint8Array>;
  isErased(handle: Uint8Array): boolean;
  tokens(): TokenRow[];
  /** Size of the store's main file, in bytes. */
  bytes(): number;
}

/** A line as stored; its whole-number columns stand under the names they were declared by. */
export type LogRow = Readonly<Record<string, number>> & { readonly value: string };

export interface MemberBounds {
  readonly from?: string;
  readonly to?: string;
  readonly limit: number;
  /** The last ones first. */
  readonly isDescending?: boolean;
}

export interface TokenRow {
  readonly name: string;
  readonly role: string;
  readonly hash: Uint8Array;
  readonly createdAt: number;
}

const highest = '\u{10FFFF}';

/**
 * So many periods are asked one after the other, whether they have lines or not: a step in the index
 * each. Of more, only those that have any, which takes another step to find each.
 */
const periodsInARow = 64;
const inARow = `span(period) AS (
  SELECT CAST(? AS INTEGER) UNION ALL SELECT period + 1 FROM span WHERE period < ?)`;
const usedOf = (table: string) => `span(period) AS (
  SELECT (SELECT min(period) FROM ${table} WHERE period >= ?)
  UNION ALL
  SELECT (SELECT min(period) FROM ${table} WHERE period > span.period) FROM span
  WHERE span.period < ?)`;

/** They come in order, period by period, and sorting them in SQL would copy each; nothing promises it. */
function inOrder(rows: LogRow[]): LogRow[] {
  const isBefore = (a: LogRow, b: LogRow) =>
    (a['at'] as number) - (b['at'] as number) ||
    (a['seq'] as number) - (b['seq'] as number) ||
    (a['place'] as number) - (b['place'] as number);
  for (let at = 1; at < rows.length; at += 1) {
    if (isBefore(rows[at - 1] as LogRow, rows[at] as LogRow) > 0) return rows.sort(isBefore);
  }
  return rows;
}

export function createReader(store: OpenedStore, tables: readonly TableSpec[]): StoreReader {
  const { main, keys, place } = store;
  const cached = new Map<string, Statement>();
  const sql = (text: string): Statement => {
    let statement = cached.get(text);
    if (statement === undefined) {
      statement = main.prepare(text);
      cached.set(text, statement);
    }
    return statement;
  };
  const known = new Set(tables.map((table) => table.name));
  const name = (table: string): string => {
    if (!known.has(table)) throw new Error(`Unknown table ${table}`);
    return `${place}_${table}`;
  };
  const integersOf = (log: string): string => {
    const spec = tables.find((table) => table.name === log);
    return spec?.kind === 'log' ? spec.integers.map((column) => `${column}, `).join('') : '';
  };
  const keyed = (row: Record<string, unknown>): KeyedRow => ({
    id: Number(row['id']),
    key: row['key'] as string,
    value: decodeText(row['value'] as Uint8Array),
  });
  const pair = (row: Record<string, unknown>) => ({
    key: row['key'] as string,
    member: row['member'] as string,
  });
  const rangeOf = (log: string, span: string) =>
    sql(`WITH RECURSIVE ${span}
         SELECT at, seq, place, ${integersOf(log)}value FROM span CROSS JOIN ${name(log)} l
         WHERE l.period = span.period AND owner = ? AND at >= ? AND at < ?`);
  const logRange = (log: string, owner: number, from: number, to: number): LogRow[] => {
    let [first, last] = [periodOf(from), periodOf(to - 1)];
    if (last - first >= periodsInARow) {
      const ends = sql(
        `SELECT (SELECT min(period) FROM ${name(log)}) AS first,
                (SELECT max(period) FROM ${name(log)}) AS last`,
      ).get();
      first = Math.max(first, Number(ends?.['first'] ?? 0));
      last = Math.min(last, Number(ends?.['last'] ?? -1));
    }
    if (last < first) return [];
    const rows =
      last - first < periodsInARow
        ? rangeOf(log, inARow).all(first, last, owner, from, to)
        : rangeOf(log, usedOf(name(log))).all(first, last, owner, from, to);
    return inOrder(rows as unknown as LogRow[]);
  };
  function* periodsBefore(log: string, at: number): Iterable<number> {
    const last = sql(`SELECT max(period) AS period FROM ${name(log)} WHERE period <= ?`);
    for (let upTo = periodOf(at); ; ) {
      const period = last.get(upTo)?.['period'];
      if (period === null || period === undefined) return;
      yield Number(period);
      upTo = Number(period) - 1;
    }
  }
  const subjectKey = keys.prepare('SELECT wrapped FROM subject_key WHERE handle = ?');
  const erased = keys.prepare('SELECT 1 AS one FROM erased WHERE handle = ?');

  return {
    rows: (table, list) =>
      sql(
        `SELECT t.id, t.key, t.value FROM json_each(?) j JOIN ${name(table)} t ON t.key = j.value`,
      )
        .all(JSON.stringify(list))
        .map(keyed),
    row: (table, key) => {
      const row = sql(`SELECT id, key, value FROM ${name(table)} WHERE key = ?`).get(key);
      return row === undefined ? undefined : keyed(row);
    },
    range: (table, prefix, afterKey, limit) =>
      sql(`SELECT id, key, value FROM ${name(table)} WHERE ${from(prefix, afterKey)} AND key < ?
           ORDER BY key LIMIT ?`)
        .all(later(prefix, afterKey), prefix + highest, limit)
        .map(keyed),
    keysRange: (table, prefix, afterKey, limit) =>
      sql(`SELECT id, key FROM ${name(table)} WHERE ${from(prefix, afterKey)} AND key < ?
           ORDER BY key LIMIT ?`).all(later(prefix, afterKey), prefix + highest, limit) as {
        id: number;
        key: string;
      }[],
    countRange: (table, prefix) =>
      Number(
        sql(`SELECT count(*) AS n FROM ${name(table)} WHERE key >= ? AND key < ?`).get(
          prefix,
          prefix + highest,
        )?.['n'],
      ),
    idMax: (table) =>
      Number(sql(`SELECT coalesce(max(id), 0) AS n FROM ${name(table)}`).get()?.['n']),
    members: (index, list) =>
      sql(`SELECT t.key, t.member FROM json_each(?) j JOIN ${name(index)} t ON t.key = j.value`)
        .all(JSON.stringify(list))
        .map(pair),
    indexPrefix: (index, prefix, limit) =>
      sql(
        `SELECT key, member FROM ${name(index)} WHERE key >= ? AND key < ? ORDER BY key, member LIMIT ?`,
      )
        .all(prefix, prefix + highest, limit)
        .map(pair),
    memberPage: (index, key, { from: first = '', to = highest, limit, isDescending = false }) =>
      sql(`SELECT member FROM ${name(index)} WHERE key = ? AND member >= ? AND member < ?
           ORDER BY member ${isDescending ? 'DESC' : 'ASC'} LIMIT ?`)
        .all(key, first, to, limit)
        .map((row) => row['member'] as string),
    *indexAll(index) {
      for (const row of main
        .prepare(`SELECT key, member FROM ${name(index)} ORDER BY key, member`)
        .iterate()) {
        yield pair(row);
      }
    },
    *tableAll(table) {
      for (const row of main
        .prepare(`SELECT id, key, value FROM ${name(table)} ORDER BY key`)
        .iterate()) {
        yield keyed(row);
      }
    },
    logRange,
    logText: (log, span) => logText(sql, name(log), integersOf(log), span),
    logBefore(log, owner, at, limit) {
      const columns = `at, seq, place, ${integersOf(log)}value`;
      const page = sql(
        `SELECT ${columns} FROM ${name(log)} WHERE period = ? AND owner = ? AND at < ?
         ORDER BY at DESC, seq DESC, place DESC LIMIT ?`,
      );
      const found: LogRow[] = [];
      for (const period of periodsBefore(log, at - 1)) {
        found.push(...(page.all(period, owner, at, limit - found.length) as unknown as LogRow[]));
        if (found.length === limit) break;
      }
      return found;
    },
    logLast(log, owner, at, seq) {
      const newest = sql(
        `SELECT at, seq, place, ${integersOf(log)}value FROM ${name(log)}
         WHERE period = ? AND owner = ? AND at <= ? AND seq < ? ORDER BY at DESC, seq DESC LIMIT 1`,
      );
      for (const period of periodsBefore(log, at)) {
        const row = newest.get(period, owner, at, seq);
        if (row !== undefined) return row as unknown as LogRow;
      }
      return undefined;
    },
    *logAll(log) {
      const spec = tables.find((table) => table.name === log);
      if (spec?.kind !== 'log') throw new Error(`Unknown log ${log}`);
      const owners = main.prepare(`SELECT id, key FROM ${name(spec.of)} ORDER BY key`);
      for (const { id, key } of owners.iterate()) {
        for (const row of logRange(
          log,
          Number(id),
          Number.MIN_SAFE_INTEGER,
          Number.MAX_SAFE_INTEGER,
        )) {
          const { at = 0, seq = 0, place = 0, value } = row;
          const integers = spec.integers.map((column) => Number(row[column]));
          yield { key: key as string, at, seq, place, integers, value };
        }
      }
    },
    journal: (offset) =>
      sql('SELECT offset, header, body, sealed, leaf FROM journal WHERE offset = ?').get(offset) as
        | JournalRow
        | undefined,
    journalRange: (from, limit) =>
      sql(
        'SELECT offset, header, body, sealed, leaf FROM journal WHERE offset >= ? ORDER BY offset LIMIT ?',
      ).all(from, limit) as unknown as JournalRow[],
    journalAt: (offsets) =>
      sql(
        `SELECT t.offset, t.header, t.body, t.sealed, t.leaf
         FROM json_each(?) j CROSS JOIN journal t ON t.offset = j.value`,
      ).all(JSON.stringify(offsets)) as unknown as JournalRow[],
    headersAt: (offsets) =>
      sql(
        'SELECT t.offset, t.header FROM json_each(?) j CROSS JOIN journal t ON t.offset = j.value',
      ).all(JSON.stringify(offsets)) as unknown as { offset: number; header: Uint8Array }[],
    leaves: (from, limit) =>
      sql('SELECT leaf FROM journal WHERE offset >= ? ORDER BY offset LIMIT ?')
        .all(from, limit)
        .map((row) => row['leaf'] as Uint8Array),
    journalEnd: () =>
      Number(sql('SELECT coalesce(max(offset) + 1, 0) AS n FROM journal').get()?.['n']),
    committedAt: (offset) => {
      const row = sql(
        'SELECT planned_at, written_at FROM commit_log WHERE last_offset >= ? ORDER BY last_offset LIMIT 1',
      ).get(offset);
      return row === undefined
        ? undefined
        : { plannedAt: Number(row['planned_at']), writtenAt: Number(row['written_at']) };
    },
    meta: (key) =>
      sql('SELECT value FROM meta WHERE name = ?').get(key)?.['value'] as Uint8Array | undefined,
    metaPrefix: (prefix) =>
      sql('SELECT name, value FROM meta WHERE name >= ? AND name < ? ORDER BY name').all(
        prefix,
        prefix + highest,
      ) as unknown as { name: string; value: Uint8Array }[],
    dirty: () =>
      sql(
        'SELECT stream, key, seq, noticed_at AS noticedAt FROM dirty',
      ).all() as unknown as DirtyRow[],
    subjectKey: (handle) => subjectKey.get(handle)?.['wrapped'] as Uint8Array | undefined,
    subjectKeys: (handles) => {
      const found = new Map<string, Uint8Array>();
      for (const handle of handles) {
        const wrapped = subjectKey.get(handle)?.['wrapped'] as Uint8Array | undefined;
        if (wrapped !== undefined) found.set(Buffer.from(handle).toString('hex'), wrapped);
      }
      return found;
    },
    isErased: (handle) => erased.get(handle) !== undefined,
    tokens: () =>
      sql(
        'SELECT name, role, hash, created_at AS createdAt FROM token ORDER BY name',
      ).all() as unknown as TokenRow[],
    bytes: () => {
      const pages = Number(Object.values(sql('PRAGMA page_count').get() ?? {})[0]);
      const size = Number(Object.values(sql('PRAGMA page_size').get() ?? {})[0]);
      return pages * size;
    },
  };
}

/**
 * Of two lower bounds SQLite starts at one and compares with the other row by row, which makes each
 * page of a long list as dear as all pages before it: so it gets only the one that counts.
 */
function from(prefix: string, afterKey: string): string {
  return isAfter(prefix, afterKey) ? 'key > ?' : 'key >= ?';
}

function later(prefix: string, afterKey: string): string {
  return isAfter(prefix, afterKey) ? afterKey : prefix;
}

/** By the bytes of UTF-8, as the index has them. */
function isAfter(prefix: string, afterKey: string): boolean {
  return (
    afterKey !== '' &&
    (afterKey.startsWith(prefix) || Buffer.compare(Buffer.from(afterKey), Buffer.from(prefix)) > 0)
  );
}

function decodeText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}
