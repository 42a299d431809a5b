import { HeadraceError } from '@headrace/sdk';
import { BatchDecoder, operation } from './batch.js';
import type { Database, Statement } from './driver.js';
import { type OpenedStore, type Place, periodOf, type TableSpec } from './store.js';

/** What the layer above computes over each appended entry inside the transaction. */
export interface EntryHook {
  /** Returns the leaf stored beside the entry. */
  leaf(offset: number, header: Uint8Array, body: Uint8Array, sealed: Uint8Array | null): Uint8Array;
  /** Called before the commit; returns values for `meta`. */
  beforeCommit(): readonly { readonly name: string; readonly value: Uint8Array }[];
  /** Called in the transaction before anything of a batch is in it; what it throws undoes the batch. */
  begun?(): void;
  committed(): void;
  /** The transaction was rolled back; forget what `leaf` was told since the last commit. */
  rolledBack(): void;
}

/** Of batches without entries. */
export const noHook: EntryHook = {
  leaf: () => new Uint8Array(),
  beforeCommit: () => [],
  committed: () => undefined,
  rolledBack: () => undefined,
};

export interface CommitResult {
  /** Entries in the journal after the commit. */
  readonly durable: number;
  /** Positions, among the batch's event ids, of those seen before. */
  readonly duplicates: readonly number[];
  /** The batch's own memory, when it comes back from another thread. */
  readonly spare?: ArrayBuffer;
}

/** A planned step on its way to the writer. */
export interface PlannedBatch {
  readonly number: number;
  /** Number of the batch this one was planned on top of; any other order is refused. */
  readonly after: number;
  readonly main: Uint8Array;
  /** Data keys of persons made or destroyed; absent for most steps. */
  readonly keys: Uint8Array | null;
  /** Wall clock of planning, for the hops of a trace. */
  readonly plannedAt: number;
}

export interface BatchWriter {
  commit(batch: PlannedBatch, writtenAt: number): CommitResult;
}

/** Labelled points inside a commit where a crash test may stop the process. */
export type CommitPoint = 'before-begin' | 'keys-committed' | 'applied' | 'committed';

/** Applies batches in order, each in one transaction, new data keys first. */
export function createBatchWriter(
  store: OpenedStore,
  tables: readonly TableSpec[],
  hook: EntryHook,
  at: (point: CommitPoint) => void = () => undefined,
): BatchWriter {
  const { main, keys, place } = store;
  const appendEntry = main.prepare(
    'INSERT INTO journal (offset, header, body, sealed, leaf) VALUES (?, ?, ?, ?, ?)',
  );
  const setMeta = main.prepare('INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)');
  const dropMeta = main.prepare('DELETE FROM meta WHERE name = ?');
  const setDirty = main.prepare(
    `INSERT INTO dirty (stream, key, seq, noticed_at) VALUES (?, ?, ?, ?)
     ON CONFLICT (stream, key) DO UPDATE SET seq = excluded.seq`,
  );
  const clean = main.prepare('DELETE FROM dirty WHERE stream = ? AND key = ? AND seq <= ?');
  const addEventId = main.prepare(
    `INSERT OR IGNORE INTO event_id_current (id)
     SELECT ?1 WHERE NOT EXISTS (SELECT 1 FROM event_id_previous WHERE id = ?1)`,
  );
  const logCommit = main.prepare(
    'INSERT OR REPLACE INTO commit_log (last_offset, planned_at, written_at) VALUES (?, ?, ?)',
  );
  // A step planned before an erasure was durable may bring the person's key again.
  const addKey = keys.prepare(
    `INSERT OR IGNORE INTO subject_key (handle, wrapped)
     SELECT ?1, ?2 WHERE NOT EXISTS (SELECT 1 FROM erased WHERE handle = ?1)`,
  );
  const dropKey = keys.prepare('DELETE FROM subject_key WHERE handle = ?');
  const noteErased = keys.prepare('INSERT OR IGNORE INTO erased (handle, at) VALUES (?, ?)');
  const inserts = tables.map((table) => main.prepare(insertOf(table, place)));
  const changes = tables.map((table) => main.prepare(changeOf(table, place)));
  const integersOf = tables.map((table) => (table.kind === 'log' ? table.integers.length : 0));
  const others = new Map<string, Statement>();
  let lastNumber = 0;
  let truncatesKeys = false;
  let durable = Number(
    main.prepare('SELECT coalesce(max(offset) + 1, 0) AS n FROM journal').get()?.['n'] ?? 0,
  );

  const pruneLog = (log: number, owner: number, at: number): void => {
    statementOf(changes, log).run(owner, at, periodOf(at));
  };
  const statementOf = (list: readonly Statement[], index: number): Statement => {
    const statement = list[index];
    if (statement === undefined) {
      throw new HeadraceError('invariant', 'A batch names an unknown table.', {
        code: 'E_BATCH_TABLE',
      });
    }
    return statement;
  };

  const writeKeys = (batch: Uint8Array): void => {
    const from = new BatchDecoder(batch);
    let erased = false;
    keys.exec('BEGIN IMMEDIATE');
    try {
      while (!from.done) {
        const tag = from.tag();
        const handle = from.bytes();
        if (tag === operation.eraseKey) {
          dropKey.run(handle);
          noteErased.run(handle, from.number());
          erased = true;
        } else addKey.run(handle, from.bytes());
      }
      keys.exec('COMMIT');
    } catch (thrown) {
      rollBack(keys);
      throw thrown;
    }
    // The old pages leave the write-ahead log too; `secure_delete` has zeroed them in the file.
    truncatesKeys ||= erased;
  };

  /** Busy while a reader is in the file; then the next commit tries again. */
  const truncateKeys = (): void => {
    const row = keys.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get();
    truncatesKeys = Number(row?.['busy'] ?? 0) !== 0;
  };

  const apply = (batch: Uint8Array): { next: number; duplicates: number[] } => {
    let next = durable;
    let eventIds = 0;
    const duplicates: number[] = [];
    const from = new BatchDecoder(batch);
    while (!from.done) {
      const tag = from.tag();
      switch (tag) {
        case operation.journal: {
          const offset = from.number();
          if (offset !== next) {
            throw new HeadraceError('conflict', `Offset ${offset} is not the next one, ${next}.`, {
              code: 'E_OFFSET',
            });
          }
          const header = from.bytes();
          const body = from.bytes();
          const sealed = from.optional();
          appendEntry.run(offset, header, body, sealed, hook.leaf(offset, header, body, sealed));
          next += 1;
          break;
        }
        case operation.insert:
          statementOf(inserts, from.small()).run(from.number(), from.text(), from.bytes());
          break;
        case operation.update: {
          const statement = statementOf(changes, from.small());
          const id = from.number();
          statement.run(from.bytes(), id);
          break;
        }
        case operation.member:
          statementOf(inserts, from.small()).run(from.text(), from.text());
          break;
        case operation.memberGone:
          statementOf(changes, from.small()).run(from.text(), from.text());
          break;
        case operation.line: {
          const log = from.small();
          const [owner, at] = [from.number(), from.number()];
          const values = [periodOf(at), owner, at, from.number(), from.number()];
          for (let left = integersOf[log] ?? 0; left > 0; left -= 1) values.push(from.number());
          statementOf(inserts, log).run(...values, from.text());
          break;
        }
        case operation.prune:
          pruneLog(from.small(), from.number(), from.number());
          break;
        case operation.meta: {
          const name = from.text();
          const value = from.optional();
          if (value === null) dropMeta.run(name);
          else setMeta.run(name, value);
          break;
        }
        case operation.dirty:
          setDirty.run(from.text(), from.text(), from.number(), from.number());
          break;
        case operation.clean:
          clean.run(from.text(), from.text(), from.number());
          break;
        case operation.eventId:
          if (Number(addEventId.run(from.text()).changes) === 0) duplicates.push(eventIds);
          eventIds += 1;
          break;
        case operation.run: {
          const sql = from.text();
          let statement = others.get(sql);
          if (statement === undefined) {
            statement = main.prepare(sql);
            others.set(sql, statement);
          }
          statement.run(...from.values());
          break;
        }
        default:
          throw new HeadraceError('invariant', `Unknown batch operation ${tag}.`, {
            code: 'E_BATCH_OPERATION',
          });
      }
    }
    return { next, duplicates };
  };

  return {
    commit(batch, writtenAt) {
      at('before-begin');
      if (batch.after !== lastNumber) {
        throw new HeadraceError('conflict', 'A batch was planned on one that did not commit.', {
          code: 'E_BATCH_ORDER',
        });
      }
      // A data key must be durable before the entry sealed with it is: otherwise a crash between
      // the two would leave an entry nobody can read.
      if (batch.keys !== null) writeKeys(batch.keys);
      if (truncatesKeys) truncateKeys();
      at('keys-committed');
      main.exec('BEGIN IMMEDIATE');
      try {
        hook.begun?.();
        const { next, duplicates } = apply(batch.main);
        if (next > durable) {
          logCommit.run(next - 1, batch.plannedAt, writtenAt);
          for (const { name, value } of hook.beforeCommit()) setMeta.run(name, value);
        }
        at('applied');
        main.exec('COMMIT');
        hook.committed();
        durable = next;
        lastNumber = batch.number;
        at('committed');
        return { durable, duplicates };
      } catch (thrown) {
        hook.rolledBack();
        rollBack(main);
        throw thrown;
      }
    },
  };
}

function insertOf(table: TableSpec, place: Place): string {
  const into = `${place}_${table.name}`;
  switch (table.kind) {
    case 'keyed':
      return `INSERT INTO ${into} (id, key, value) VALUES (?, ?, ?)`;
    case 'index':
      return `INSERT OR IGNORE INTO ${into} (key, member) VALUES (?, ?)`;
    case 'log': {
      const columns = ['period', 'owner', 'at', 'seq', 'place', ...table.integers, 'value'];
      return `INSERT INTO ${into} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`;
    }
  }
}

function changeOf(table: TableSpec, place: Place): string {
  const from = `${place}_${table.name}`;
  switch (table.kind) {
    case 'keyed':
      return `UPDATE ${from} SET value = ? WHERE id = ?`;
    case 'index':
      return `DELETE FROM ${from} WHERE key = ? AND member = ?`;
    case 'log':
      return `DELETE FROM ${from} WHERE owner = ? AND at < ? AND period IN (
        WITH RECURSIVE used(period) AS (
          SELECT min(period) FROM ${from}
          UNION ALL
          SELECT (SELECT min(period) FROM ${from} WHERE period > used.period) FROM used
          WHERE used.period < ?
        ) SELECT period FROM used)`;
  }
}

function rollBack(database: Database): void {
  try {
    database.exec('ROLLBACK');
  } catch {
    // SQLite has already rolled back by itself, as it does when the disk is full.
  }
}
