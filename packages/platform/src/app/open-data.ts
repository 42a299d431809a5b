/** A data directory opened for reading, beside a platform that may be running on it. */
import { type KeyRing, openKeyRing, readMasterKey } from '../audit/index.js';
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
  readonly ring: KeyRing;
  /** The public key of the store's log. */
  readonly publicKey: string;
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
    ring,
    publicKey: ring.signer.publicKey,
    close: () => store.close(),
  };
}
