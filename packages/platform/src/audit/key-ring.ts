import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HeadraceError, type Random } from '@headrace/sdk';
import type { OpenedStore } from '../storage/index.js';
import { type LogSigner, logSigner } from './checkpoint.js';
import { keySize, seal, unseal } from './seal.js';

const wrapName = Buffer.from('headrace data key');

/** Wraps and unwraps the keys of one store. */
export interface KeyRing {
  /** Keys the HMACs of handles and personal hashes; lives as long as the store. */
  readonly storeKey: Uint8Array;
  /** Signs the checkpoints of the store's log. */
  readonly signer: LogSigner;
  wrap(dataKey: Uint8Array): Uint8Array;
  unwrap(wrapped: Uint8Array): Uint8Array;
}

/**
 * The master key: `HEADRACE_MASTER_KEY` (32 bytes in base64 or hex), else the file `master.key`
 * beside the store, made with mode 0600 at first start. Backups never contain it.
 */
export function readMasterKey(
  folder: string,
  environment: Readonly<Record<string, string | undefined>>,
  random: Random,
): { readonly key: Uint8Array; readonly created: string | null } {
  const given = environment['HEADRACE_MASTER_KEY'];
  if (given !== undefined && given !== '') {
    const key = Buffer.from(given, /^[0-9a-f]{64}$/i.test(given) ? 'hex' : 'base64');
    if (key.length !== keySize) {
      throw new HeadraceError('config', 'HEADRACE_MASTER_KEY is not 32 bytes.', {
        code: 'E_MASTER_KEY',
        hint: 'Make one with `openssl rand -base64 32`.',
      });
    }
    return { key, created: null };
  }
  const file = join(folder, 'master.key');
  if (existsSync(file)) {
    return { key: Buffer.from(readFileSync(file, 'utf8').trim(), 'base64'), created: null };
  }
  if (existsSync(join(folder, 'keys.db'))) {
    throw new HeadraceError('config', 'The master key of this store is missing.', {
      code: 'E_MASTER_KEY_MISSING',
      hint: `Put it back as ${file} or set HEADRACE_MASTER_KEY; without it personal data stays sealed.`,
    });
  }
  const key = Buffer.from(random.bytes(keySize));
  writeFileSync(file, `${key.toString('base64')}\n`, { mode: 0o600 });
  chmodSync(file, 0o600);
  return { key, created: file };
}

export function openKeyRing(store: OpenedStore, masterKey: Uint8Array, random: Random): KeyRing {
  const wrap = (dataKey: Uint8Array): Uint8Array => seal(masterKey, dataKey, wrapName, random);
  const unwrap = (wrapped: Uint8Array): Uint8Array => unseal(masterKey, wrapped, wrapName);
  const row = store.keys.prepare("SELECT wrapped FROM store_key WHERE name = 'handles'").get();
  let storeKey: Uint8Array;
  if (row === undefined) {
    storeKey = Uint8Array.from(random.bytes(keySize));
    store.keys
      .prepare("INSERT INTO store_key (name, wrapped) VALUES ('handles', ?)")
      .run(wrap(storeKey));
  } else storeKey = unwrap(row['wrapped'] as Uint8Array);
  return { storeKey, signer: logSigner(masterKey, storeKey), wrap, unwrap };
}
