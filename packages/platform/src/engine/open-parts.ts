import { type KeyRing, openKeyRing } from '../audit/index.js';
import { type OpenedStore, openStore, type TableSpec } from '../storage/index.js';
import type { EngineOptions } from './engine.js';
import { refoldIfChanged } from './refold.js';
import { createInThreadWriter, type StepWriter, startWorkerWriter } from './writer.js';

export interface Parts {
  readonly ring: KeyRing;
  readonly writer: StepWriter;
  /** For reading. */
  readonly store: OpenedStore;
}

/**
 * Brings the store up to date and opens it for both threads. The connection that does so is closed
 * last: a connection that leaves nobody behind copies the whole log into the store first, which
 * after a crash may be a hundred megabytes before anything is answered.
 */
export async function openParts(
  options: EngineOptions,
  tables: readonly TableSpec[],
): Promise<Parts> {
  const { folder, folds, normalizer, definitions } = options;
  const { random, log } = options.ports;
  const setup = openStore(folder, { tables });
  try {
    const ring = openKeyRing(setup, options.masterKey, random);
    if (options.asFolded !== true) {
      refoldIfChanged({ folder, folds, normalizer, definitions, random, log });
    }
    const cacheKib = options.cacheKib ?? 32_768;
    if (options.inThread === true) {
      const store = openStore(folder, { tables, cacheKib });
      const now = () => options.ports.clock.now();
      return {
        ring,
        writer: createInThreadWriter(store, { tables, now, logFolder: folder }),
        store,
      };
    }
    const writer = await startWorkerWriter(
      {
        folder,
        tables,
        cacheKib,
        clock: options.clockOptions,
        ...(options.crashAt === undefined ? {} : { crashAt: options.crashAt }),
      },
      { note: (message, facts) => log.info(message, facts) },
    );
    // Each commit empties it, and rows are found as fast with little: the system's cache is what counts.
    const store = openStore(folder, { readOnly: true, tables, cacheKib: cacheKib / 8 });
    return { ring, writer, store };
  } finally {
    setup.close();
  }
}
