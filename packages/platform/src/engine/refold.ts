/**
 * Folds the journal anew when mappings, identity rules or folds have changed since the store was
 * folded: aside, over the whole journal, then switched in one transaction. No system is read again.
 *
 * States: folded by the definitions in force → ready; else → folding aside → switched → ready. A
 * crash before the switch leaves the old state and starts over.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject, Logger } from '@headrace/sdk';
import { createReader, openStore, storePaths } from '../storage/index.js';
import type { Fold } from './fold.js';
import { tablesOf } from './fold-runner.js';
import { definitionsName, foldedBy } from './folded-by.js';
import type { Normalizer } from './record-fold.js';
import { foldJournal } from './replay.js';

export interface RefoldOptions {
  readonly folder: string;
  readonly folds: readonly Fold[];
  readonly normalizer: Normalizer;
  readonly definitions: JsonObject;
  readonly log: Logger;
}

const entriesPerLine = 50_000;

/** Brings folded state in line with the definitions; returns the entries folded, 0 for none. */
export function refoldIfChanged(options: RefoldOptions): number {
  const tables = tablesOf(options.folds);
  const store = openStore(options.folder, { tables });
  const aside = join(options.folder, 'refold');
  rmSync(aside, { recursive: true, force: true });
  try {
    const reader = createReader(store, tables);
    const name = definitionsName(options);
    const stored = reader.meta(foldedBy);
    if (stored !== undefined && Buffer.from(stored).toString() === name) return 0;
    const setName = store.main.prepare('INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)');
    const entries = reader.journalEnd();
    if (entries === 0) {
      setName.run(foldedBy, Buffer.from(name));
      return 0;
    }
    const { log } = options;
    log.info('Definitions have changed; the journal is folded anew.', { entries });
    const copy = openStore(aside, { tables, volatile: true });
    try {
      foldJournal(reader, copy, tables, {
        ...options,
        progress: (done) => {
          if (done % entriesPerLine === 0) log.info('Folding anew.', { done, entries });
        },
      });
    } finally {
      copy.close();
    }
    const { main } = store;
    main.prepare('ATTACH DATABASE ? AS aside').run(storePaths(aside).main);
    main.exec('BEGIN IMMEDIATE');
    for (const table of tables) {
      main.exec(`DELETE FROM fold_${table.name};
        INSERT INTO fold_${table.name} SELECT * FROM aside.fold_${table.name};`);
    }
    setName.run(foldedBy, Buffer.from(name));
    main.exec('COMMIT');
    main.exec('DETACH DATABASE aside');
    log.info('The journal is folded anew.', { entries });
    return entries;
  } finally {
    store.close();
    rmSync(aside, { recursive: true, force: true });
  }
}
