import { describe, expect, it } from 'vitest';
import type { KeyRing } from '../audit/index.js';
import type { BatchEncoder, StoreReader } from '../storage/index.js';
import { DataKeys } from './data-keys.js';

/** More than are kept in memory. */
const persons = 25_000;
const encoder = { subjectKey: () => undefined } as unknown as BatchEncoder;

function handleOf(person: number): Uint8Array {
  const handle = Buffer.alloc(16);
  handle.writeUInt32BE(person);
  return handle;
}

function keyOf(person: number): Buffer {
  return Buffer.alloc(32, handleOf(person));
}

describe('data keys', () => {
  it('are each their own, also when more are known than fit in memory', () => {
    const isErased = (person: number) => person % 3 === 0;
    const personOf = (handle: Uint8Array) => Buffer.from(handle).readUInt32BE();
    const reader = {
      subjectKey: (handle: Uint8Array) =>
        isErased(personOf(handle)) ? undefined : keyOf(personOf(handle)),
      isErased: (handle: Uint8Array) => isErased(personOf(handle)),
    } as unknown as StoreReader;
    const ring = { unwrap: (wrapped: Uint8Array) => wrapped } as unknown as KeyRing;
    const dataKeys = new DataKeys(reader, ring, { next: () => 0, bytes: () => new Uint8Array() });
    const wrong: number[] = [];
    const look = (person: number) => {
      const key = dataKeys.forSealing(handleOf(person), encoder, 1);
      const wanted = isErased(person) ? null : keyOf(person);
      const isRight = wanted === null ? key === null : key !== null && wanted.compare(key) === 0;
      if (!isRight) wrong.push(person);
      return key;
    };
    const first = look(1);
    for (let round = 0; round < 2; round += 1) {
      for (let person = 0; person < persons; person += 1) look(person);
      for (let person = 0; person < 200; person += 1) look((person * 7919) % persons);
      dataKeys.forget();
    }
    expect(wrong).toEqual([]);
    expect(Buffer.from(first as Uint8Array)).toEqual(keyOf(1));
  });
});
