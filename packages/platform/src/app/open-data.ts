/** A data directory opened for reading, beside a platform that may be running on it. */
import { openKeyRing, readMasterKey, subjectHandle } from '../audit/index.js';
import { History, tablesOf } from '../engine/index.js';
import { Entities } from '../entities/index.js';
import { systemRandom } from '../ports/index.js';
import { createReader, openStore, type StoreReader } from '../storage/index.js';
import type { Variables } from './environment.js';
import { baseFolds } from './folds.js';

export interface OpenData {
  readonly reader: StoreReader;
  readonly history: History;
  readonly entities: Entities;
  /** Pseudonym of a person of a source. */
  handleOf(source: string, person: string): Uint8Array;
  close(): void;
}

export function openData(folder: string, variables: Variables): OpenData {
  const tables = tablesOf(baseFolds);
  const store = openStore(folder, { readOnly: true, tables });
  const random = systemRandom();
  const ring = openKeyRing(store, readMasterKey(folder, variables, random).key, random);
  const reader = createReader(store, tables);
  return {
    reader,
    history: new History(reader, ring),
    // Tenant and leading sources decide what an entity says, not which records there are.
    entities: new Entities(reader, { tenant: '', leading: {} }),
    handleOf: (source, person) => subjectHandle(ring.storeKey, source, person),
    close: () => store.close(),
  };
}
