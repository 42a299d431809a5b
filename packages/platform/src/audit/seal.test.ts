import { createHash, createHmac } from 'node:crypto';
import type { Random } from '@headrace/sdk';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyedHash, plainHash, seal, subjectHandle, unseal } from './seal.js';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
/** Gives 00 01 02 … each time, which is for tests only. */
const counting: Random = {
  next: () => 0,
  bytes: (size) => Uint8Array.from({ length: size }, (_, index) => index),
};
const key = Buffer.alloc(32, 0x42);
const additional = Buffer.alloc(32, 0x11);

describe('seal', () => {
  it('opens to what was sealed', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), (plain, about) => {
        expect(hex(unseal(key, seal(key, plain, about, counting), about))).toBe(hex(plain));
      }),
    );
  });

  it('opens neither changed, nor under another key, nor as part of another entry', () => {
    const sealed = seal(key, Buffer.from('secret'), additional, counting);
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = Buffer.from(sealed);
      changed[at] = (changed[at] as number) ^ 1;
      expect(() => unseal(key, changed, additional), `byte ${at}`).toThrow('does not open');
    }
    expect(() => unseal(Buffer.alloc(32, 1), sealed, additional)).toThrow('does not open');
    expect(() => unseal(key, sealed, Buffer.alloc(32, 1))).toThrow('does not open');
    expect(() => unseal(key, sealed.subarray(0, 20), additional)).toThrow('does not open');
  });
});

describe('hashes', () => {
  const keys = fc.uint8Array({ minLength: 16, maxLength: 64 });
  const bytes = fc.oneof(
    fc.uint8Array(),
    fc.constantFrom(65_535, 65_536, 65_537, 200_000).map((size) => Buffer.alloc(size, 7)),
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(21_845, 21_846).map((size) => '€'.repeat(size)),
  );

  it('are HMAC-SHA256 and SHA-256, cut to 16 bytes', () => {
    fc.assert(
      fc.property(keys, fc.oneof(bytes, text), (storeKey, content) => {
        const keyed = createHmac('sha256', storeKey).update(content).digest('hex');
        expect(hex(keyedHash(storeKey, content))).toBe(keyed.slice(0, 32));
        const plain = createHash('sha256').update(content).digest('hex');
        expect(hex(plainHash(content))).toBe(plain.slice(0, 32));
      }),
    );
  });
});

describe('handles', () => {
  it('part sources and persons', () => {
    expect(hex(subjectHandle(key, 'shop', '1'))).not.toBe(hex(subjectHandle(key, 'crm', '1')));
    expect(hex(subjectHandle(key, 'shop', '1'))).not.toBe(
      hex(subjectHandle(Buffer.alloc(32, 1), 'shop', '1')),
    );
  });
});
