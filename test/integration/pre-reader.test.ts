/** Reading ahead on real threads: it may end at any moment, and nothing waits for it then. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from '@headrace/sdk';
import { afterAll, describe, expect, it } from 'vitest';
import { createPreReader, tablesOf } from '../../packages/platform/dist/engine/index.js';
import { openStore } from '../../packages/platform/dist/storage/index.js';
import { folds } from './support/crash-folds.mjs';

const root = mkdtempSync(join(tmpdir(), 'headrace-pre-reader-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const tables = tablesOf(folds);
const stateKeys = Array.from({ length: 200 }, (_, at) => `shop/order/${at}`);
const wanted = { stateKeys, subjects: [Buffer.alloc(16, 3)] };

/** Of a large store whose rows are known to come from the disk. */
function open(folder: string, log: Logger) {
  const preReader = createPreReader({ folder, tables, log, storeBytes: () => 1, storeBytesMin: 1 });
  preReader.noteRead(10_000, 1000);
  return preReader;
}

function logger() {
  const warnings: string[] = [];
  const quiet = () => undefined;
  const log = {
    debug: quiet,
    info: quiet,
    error: quiet,
    warn: (text: string) => {
      warnings.push(text);
    },
  };
  return { warnings, log };
}

describe('reading ahead', () => {
  it('answers several groups at a time and ends when told to', async () => {
    const folder = join(root, 'kept');
    const store = openStore(folder, { tables });
    const { warnings, log } = logger();
    const preReader = open(folder, log);
    await Promise.all([preReader.warm(wanted), preReader.warm(wanted)]);
    await preReader.warm({ stateKeys: [], subjects: [] });
    const last = preReader.warm(wanted);
    await preReader.close();
    await last;
    await preReader.warm(wanted);
    expect(warnings).toEqual([]);
    store.close();
  });

  it('needs no threads for a small store', async () => {
    const { warnings, log } = logger();
    const folder = join(root, 'nowhere');
    const preReader = createPreReader({ folder, tables, log, storeBytes: () => 1 });
    preReader.noteRead(10_000, 1000);
    await preReader.warm(wanted);
    await preReader.close();
    expect(warnings).toEqual([]);
  });

  it('needs no threads while rows come from memory, and starts them once they do not', async () => {
    const { warnings, log } = logger();
    // A thread that starts there says that it cannot.
    const folder = join(root, 'not-there');
    const options = { folder, tables, log, storeBytes: () => 1, storeBytesMin: 1 };
    const preReader = createPreReader(options);
    await preReader.warm(wanted);
    preReader.noteRead(10_000, 100);
    await preReader.warm(wanted);
    expect(warnings).toEqual([]);
    preReader.noteRead(10_000, 1000);
    await preReader.warm(wanted);
    expect(warnings).toHaveLength(1);
    await preReader.close();
  });

  it('lets go of everybody when a thread cannot start', async () => {
    const { warnings, log } = logger();
    const preReader = open(join(root, 'absent'), log);
    await preReader.warm(wanted);
    await preReader.warm(wanted);
    expect(warnings).toHaveLength(1);
    await preReader.close();
  });

  it('lets go of everybody when a thread dies in the middle', async () => {
    const folder = join(root, 'broken');
    const store = openStore(folder, { tables });
    const { warnings, log } = logger();
    const preReader = open(folder, log);
    await preReader.warm(wanted);
    expect(warnings).toEqual([]);
    store.main.exec('DROP TABLE fold_record');
    // Rows come from memory here, so that not every group is read ahead.
    await Promise.all(stateKeys.map(() => preReader.warm(wanted)));
    expect(warnings).toHaveLength(1);
    await preReader.close();
    store.close();
  });
});
