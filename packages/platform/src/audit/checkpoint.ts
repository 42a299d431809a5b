/**
 * Checkpoints: the size and root of the log under a signature, as C2SP tlog-checkpoint and signed-note
 * write them. Whoever has the public key and an old checkpoint can tell whether this log still is
 * that log. The signing key follows from the master key and the store's own key, so there is no
 * second secret to keep, and no two stores share one.
 */
import {
  createPrivateKey,
  createPublicKey,
  hash,
  hkdfSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { HeadraceError } from '@headrace/sdk';
import { hashSize } from './merkle.js';

export interface TreeHead {
  readonly size: number;
  readonly root: Uint8Array;
}

export interface Checkpoint extends TreeHead {
  readonly origin: string;
  /** The signed note, as it is published. */
  readonly note: string;
}

export interface LogSigner {
  /** Name of the log: the first line of its checkpoints. */
  readonly origin: string;
  /** The public key in one line, as C2SP signed-note writes it: `origin+id+key`. */
  readonly publicKey: string;
  sign(head: TreeHead): Checkpoint;
}

const ed25519 = 1;
const seedSize = 32;
/** RFC 8410: what stands before the 32 bytes of an Ed25519 key in PKCS #8 and in SPKI. */
const pkcs8Head = Buffer.from('302e020100300506032b657004220420', 'hex');
const spkiHead = Buffer.from('302a300506032b6570032100', 'hex');

export function logSigner(masterKey: Uint8Array, storeKey: Uint8Array): LogSigner {
  const seed = hkdfSync('sha256', masterKey, storeKey, 'headrace checkpoint key', seedSize);
  return signerOf(Buffer.from(seed));
}

/** @param seed 32 bytes; the private key of RFC 8032. */
export function signerOf(seed: Uint8Array): LogSigner {
  const key = createPrivateKey({
    key: Buffer.concat([pkcs8Head, seed]),
    format: 'der',
    type: 'pkcs8',
  });
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  const raw = spki.subarray(spkiHead.length);
  const origin = `headrace/${hash('sha256', raw, 'hex').slice(0, 16)}`;
  const id = keyId(origin, raw);
  const typed = Buffer.concat([Buffer.from([ed25519]), raw]);
  return {
    origin,
    publicKey: `${origin}+${id.toString('hex')}+${typed.toString('base64')}`,
    sign(head) {
      const text = noteText(origin, head);
      const signature = Buffer.concat([id, sign(null, Buffer.from(text), key)]);
      const note = `${text}\n— ${origin} ${signature.toString('base64')}\n`;
      return { origin, ...head, note };
    },
  };
}

/** What a note says, without asking who signed it. */
export function parseCheckpoint(note: string): Checkpoint {
  const [origin = '', size = '', root = ''] = note.split('\n');
  const bytes = Buffer.from(root, 'base64');
  const isWhole =
    origin !== '' &&
    /^(0|[1-9]\d{0,15})$/.test(size) &&
    bytes.length === hashSize &&
    bytes.toString('base64') === root &&
    note.includes('\n\n— ');
  if (!isWhole) throw broken('It does not begin with an origin, a size and a root.');
  return { origin, size: Number(size), root: bytes, note };
}

/** A checkpoint this key has signed; throws what is wrong with any other. */
export function checkCheckpoint(note: string, publicKey: string): Checkpoint {
  const checkpoint = parseCheckpoint(note);
  const { name, id, key } = parsePublicKey(publicKey);
  if (checkpoint.origin !== name) {
    throw broken(`It is of the log ${checkpoint.origin}; the key is of ${name}.`);
  }
  const at = note.indexOf('\n\n— ');
  const text = Buffer.from(note.slice(0, at + 1));
  const lines = note.slice(at + 2).split('\n');
  const isSigned = lines.some((line) => {
    const [, signer, encoded] = /^— (\S+) (\S+)$/.exec(line) ?? [];
    if (signer !== name || encoded === undefined) return false;
    const bytes = Buffer.from(encoded, 'base64');
    return (
      bytes.toString('base64') === encoded &&
      bytes.subarray(0, id.length).equals(id) &&
      verify(null, text, key, bytes.subarray(id.length))
    );
  });
  if (!isSigned) throw broken('Its signature does not hold under this key.');
  return checkpoint;
}

export function parsePublicKey(text: string): {
  readonly name: string;
  readonly id: Buffer;
  readonly key: KeyObject;
} {
  const [, name = '', id = '', encoded = ''] =
    /^([^\s+]+)\+([0-9a-f]{8})\+(\S+)$/.exec(text.trim()) ?? [];
  const typed = Buffer.from(encoded, 'base64');
  const raw = typed.subarray(1);
  const isWhole = typed[0] === ed25519 && raw.length === hashSize;
  if (!isWhole || keyId(name, raw).toString('hex') !== id) {
    throw new HeadraceError('config', 'This is not a public key of a log.', {
      code: 'E_LOG_KEY',
      hint: 'It is one line like headrace/…+…+…; `headrace up` and `headrace verify` print it.',
    });
  }
  const key = createPublicKey({
    key: Buffer.concat([spkiHead, raw]),
    format: 'der',
    type: 'spki',
  });
  return { name, id: Buffer.from(id, 'hex'), key };
}

function noteText(origin: string, { size, root }: TreeHead): string {
  return `${origin}\n${size}\n${Buffer.from(root).toString('base64')}\n`;
}

function keyId(name: string, raw: Uint8Array): Buffer {
  const typed = Buffer.concat([Buffer.from(`${name}\n`), Buffer.from([ed25519]), raw]);
  return Buffer.from(hash('sha256', typed, 'hex').slice(0, 8), 'hex');
}

function broken(why: string): HeadraceError {
  return new HeadraceError('config', `This checkpoint does not hold. ${why}`, {
    code: 'E_CHECKPOINT',
    hint: 'Compare it with a copy kept elsewhere, and ask whoever published it.',
  });
}
