/** What must hold of a store at any moment, read from outside: journal, leaves, frontier, links. */
import { expect } from 'vitest';
import { decodeHeader, Frontier, leafHash } from '../../../packages/platform/dist/audit/index.js';
import {
  frontierName,
  type RecordState,
  tablesOf,
} from '../../../packages/platform/dist/engine/index.js';
import {
  createReader,
  openStore,
  type StoreReader,
} from '../../../packages/platform/dist/storage/index.js';
import { folds } from './crash-folds.mjs';

interface KeyLog {
  readonly version: string | null;
  readonly shownAt: number;
  readonly goneAt: number;
  readonly last: number;
}

/** Goes on where it stopped, so that a store can be checked after each of many crashes. */
export class StoreCheck {
  readonly #frontier = new Frontier();
  readonly #keys = new Map<string, KeyLog>();

  /** Opens the store, checks what is new and hands it to `more`. */
  run(folder: string, more: (reader: StoreReader) => void = () => undefined): number {
    const tables = tablesOf(folds);
    const store = openStore(folder, { readOnly: true, tables });
    try {
      const reader = createReader(store, tables);
      // One snapshot for all that is compared: the process under test may be alive and committing.
      store.main.exec('BEGIN');
      const end = reader.journalEnd();
      for (let from = this.#frontier.size; from < end; from = this.#frontier.size) {
        const rows = reader.journalRange(from, 1000);
        expect(rows.length, 'the journal is dense (I5)').toBeGreaterThan(0);
        for (const row of rows) this.#entry(reader, row);
      }
      const stored = reader.meta(frontierName);
      const frontier = stored === undefined ? new Frontier() : Frontier.decode(stored);
      expect(frontier.size, 'a leaf an entry (I5)').toBe(end);
      expect(this.#frontier.size, 'nothing durable is taken back (I1)').toBe(end);
      expect(
        Buffer.from(frontier.root()).equals(Buffer.from(this.#frontier.root())),
        'the stored root is that of the leaves (I5)',
      ).toBe(true);
      more(reader);
      return end;
    } finally {
      store.close();
    }
  }

  #entry(reader: StoreReader, row: ReturnType<StoreReader['journalRange']>[number]): void {
    const at = this.#frontier.size;
    if (row.offset !== at) expect(row.offset, 'the journal is dense (I5)').toBe(at);
    const leaf = leafHash(row.header, row.body, row.sealed);
    if (!leaf.equals(row.leaf)) expect(row.offset, 'has another leaf (I5)').toBe(null);
    this.#frontier.append(leaf);
    const header = decodeHeader(row.header);
    if (header.kind !== 'record') return;
    if (row.sealed !== null && header.subject !== null) {
      const key = reader.subjectKey(header.subject);
      if (key === undefined) expect(row.offset, 'is sealed under a key that is lost').toBe(null);
    }
    const before = this.#keys.get(header.key);
    const isDead = before !== undefined && before.goneAt > before.shownAt;
    const isAgain = header.gone ? isDead : !isDead && before?.version === header.version;
    if (isAgain) expect(`${header.key} ${header.version}`, 'was journaled twice (I2)').toBe('');
    if (header.previous !== (before?.last ?? null)) {
      expect(header.previous, 'entries of a key are linked').toBe(before?.last ?? null);
    }
    this.#keys.set(header.key, {
      version: header.gone ? (before?.version ?? null) : header.version,
      shownAt: Math.max(before?.shownAt ?? -1, header.gone ? -1 : header.readSeq),
      goneAt: Math.max(before?.goneAt ?? -1, header.gone ? header.readSeq : -1),
      last: row.offset,
    });
  }
}

export function stateOf(reader: StoreReader, key: string): RecordState | null {
  const row = reader.row('record', `shop/thing/${key}`);
  return row === undefined ? null : (JSON.parse(row.value) as RecordState);
}

/** The cursor of the change feed, or -1 before there is one. */
export function storedCursor(reader: StoreReader): number {
  const stored = reader.meta('cursor/shop/thing');
  if (stored === undefined) return -1;
  return Number((JSON.parse(Buffer.from(stored).toString()) as { after: number }).after);
}
