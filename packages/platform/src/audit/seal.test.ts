import type { Random } from '@headrace/sdk';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seal, subjectHandle, unseal } from './seal.js';

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

describe('handles', () => {
  it('part sources and persons', () => {
    expect(hex(subjectHandle(key, 'shop', '1'))).not.toBe(hex(subjectHandle(key, 'crm', '1')));
    expect(hex(subjectHandle(key, 'shop', '1'))).not.toBe(
      hex(subjectHandle(Buffer.alloc(32, 1), 'shop', '1')),
    );
  });
});
