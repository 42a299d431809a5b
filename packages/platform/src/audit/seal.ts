/**
 * Sealing of personal parts. A sealed part is nonce (12) ‖ ciphertext ‖ tag (16), AES-256-GCM under
 * a random data key per person; the entry's id is the additional data, so a part cannot be moved to
 * another entry. Data keys are stored wrapped the same way under the master key.
 */
import { createCipheriv, createDecipheriv, createHmac, hash } from 'node:crypto';
import { HeadraceError, type Random } from '@headrace/sdk';

const nonceSize = 12;
const tagSize = 16;
export const keySize = 32;
export const handleSize = 16;

export function seal(
  key: Uint8Array,
  plain: Uint8Array,
  additional: Uint8Array,
  random: Random,
): Buffer {
  const nonce = random.bytes(nonceSize);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(additional);
  const body = cipher.update(plain);
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

/** 16 bytes of HMAC-SHA256, for ids and hashes over personal content. */
export function keyedHash(storeKey: Uint8Array, content: string | Uint8Array): Buffer {
  return createHmac('sha256', storeKey).update(content).digest().subarray(0, 16);
}

/** 16 bytes of SHA-256, for content that is nobody's. */
export function plainHash(content: string | Uint8Array): Buffer {
  return (hash('sha256', content, 'buffer') as unknown as Buffer).subarray(0, 16);
}
