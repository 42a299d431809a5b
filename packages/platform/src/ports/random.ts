import { randomBytes } from 'node:crypto';
import type { Random } from '@headrace/sdk';

/** Cryptographic randomness, drawn in blocks because small draws cost a system call each. */
export function systemRandom(): Random {
  let block = randomBytes(4096);
  let used = 0;
  const bytes = (size: number): Uint8Array => {
    if (size > 1024) return randomBytes(size);
    if (used + size > block.length) {
      block = randomBytes(4096);
      used = 0;
    }
    const part = block.subarray(used, used + size);
    used += size;
    return part;
  };
  return {
    bytes,
    next: () => Buffer.from(bytes(6)).readUIntBE(0, 6) / 2 ** 48,
  };
}
