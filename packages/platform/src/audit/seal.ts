/**
 * Sealing of personal parts. A sealed part is nonce (12) ‖ ciphertext ‖ tag (16), AES-256-GCM under
 * a random data key per person; the entry's id is the additional data, so a part cannot be moved to
 * another entry. Data keys are stored wrapped the same way under the master key.
 */
import { createCipheriv, createDecipheriv, hash } from 'node:crypto';
import { HeadraceError, type Random } from '@headrace/sdk';

const nonceSize = 12;
const tagSize = 16;
export const keySize = 32;
export const handleSize = 16;

export function seal(
  key: Uint8Array,
  plain: Uint8Array | string,
  additional: Uint8Array,
  random: Random,
): Buffer {
  const nonce = random.bytes(nonceSize);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(additional);
  const body = typeof plain === 'string' ? cipher.update(plain, 'utf8') : cipher.update(plain);
  cipher.final();
  return Buffer.concat([nonce, body, cipher.getAuthTag()]);
}

export function unseal(key: Uint8Array, sealed: Uint8Array, additional: Uint8Array): Buffer {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, nonceSize));
    decipher.setAAD(additional);
    decipher.setAuthTag(sealed.subarray(sealed.length - tagSize));
    const plain = decipher.update(sealed.subarray(nonceSize, sealed.length - tagSize));
    decipher.final();
    return plain;
  } catch (cause) {
    throw new HeadraceError('config', 'A sealed part does not open with this key.', {
      code: 'E_UNSEAL',
      hint: 'Check that the master key is the one this store was made with.',
      cause,
    });
  }
}

/** The 16-byte pseudonym of a person of one source; means nothing without the store's key. */
export function subjectHandle(storeKey: Uint8Array, source: string, person: string): Buffer {
  return keyedHash(storeKey, `${source}\0${person}`);
}

const blockSize = 64;
const digestSize = 32;
/** Room for content behind the padded key; larger content gets a buffer of its own. */
const roomSize = 65_536;

/** The padded keys of RFC 2104, each with room for what is hashed behind it. */
interface Pads {
  readonly inner: Buffer;
  readonly outer: Buffer;
}

const padsByKey = new WeakMap<Uint8Array, Pads>();

function padsOf(key: Uint8Array): Pads {
  const known = padsByKey.get(key);
  if (known !== undefined) return known;
  if (key.length > blockSize) throw new RangeError('A store key is at most one block long.');
  const inner = Buffer.alloc(blockSize + roomSize, 0x36);
  const outer = Buffer.alloc(blockSize + digestSize, 0x5c);
  for (const [at, byte] of key.entries()) {
    inner[at] = byte ^ 0x36;
    outer[at] = byte ^ 0x5c;
  }
  const pads = { inner, outer };
  padsByKey.set(key, pads);
  return pads;
}

/**
 * 16 bytes of HMAC-SHA256, for ids and hashes over personal content. Three are made for each
 * personal record, and two plain hashes cost half of what an `Hmac` object does.
 */
export function keyedHash(storeKey: Uint8Array, content: string | Uint8Array): Buffer {
  const pads = padsOf(storeKey);
  const isText = typeof content === 'string';
  const sizeMax = isText ? content.length * 3 : content.byteLength;
  const inner =
    sizeMax <= roomSize
      ? pads.inner
      : Buffer.concat([pads.inner.subarray(0, blockSize)], blockSize + sizeMax);
  if (!isText) inner.set(content, blockSize);
  const size = isText ? inner.write(content, blockSize, 'utf8') : sizeMax;
  const digest = hash('sha256', inner.subarray(0, blockSize + size), 'binary');
  pads.outer.write(digest, blockSize, 'latin1');
  return hash16(pads.outer);
}

/** Text is cheaper to get out of a hash than a buffer is. */
function hash16(content: string | Uint8Array): Buffer {
  return Buffer.from(hash('sha256', content, 'binary').slice(0, 16), 'latin1');
}

/** 16 bytes of SHA-256, for content that is nobody's. */
export function plainHash(content: string | Uint8Array): Buffer {
  return hash16(content);
}
