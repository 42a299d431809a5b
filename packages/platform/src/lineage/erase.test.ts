import { randomBytes } from 'node:crypto';
import type { Random } from '@headrace/sdk';
import { expect, it } from 'vitest';
import { type KeyRing, plainHash, seal } from '../audit/index.js';
import type { StoreReader } from '../storage/index.js';
import { correctionsNaming } from './erase.js';

const random = { bytes: (count: number) => randomBytes(count) } as unknown as Random;
const key = Buffer.alloc(32, 5);
const [own, gone, other] = ['aa', 'bb', 'cc'].map((two) => two.repeat(16)) as [
  string,
  string,
  string,
];

function correction(offset: number, handle: string, said: object) {
  const name = `correction/${offset}`;
  const sealed = seal(key, Buffer.from(JSON.stringify(said)), plainHash(name), random);
  const stored = { record: 'till/order/~1', handle, sealed: sealed.toString('base64') };
  return { name, value: Buffer.from(JSON.stringify(stored)) };
}

it('finds prepared corrections that name a person, and none whose key is gone', () => {
  const rows = [
    correction(3, own, { id: 'O-9', note: 'for Ada Canary' }),
    correction(5, gone, { id: 'O-8', note: 'for Ada Canary' }),
    correction(7, other, { id: 'O-7', note: 'for Bea' }),
  ];
  const reader = {
    metaPrefix: (prefix: string) => rows.filter(({ name }) => name.startsWith(prefix)),
    subjectKey: (handle: Uint8Array) =>
      Buffer.from(handle).toString('hex') === gone ? undefined : handle,
  } as unknown as StoreReader;
  const ring = { unwrap: () => key } as unknown as KeyRing;
  const engine = { reader, ring } as Parameters<typeof correctionsNaming>[0];
  expect(correctionsNaming(engine, ['Ada Canary'])).toEqual([own]);
  expect(correctionsNaming(engine, ['Cleo'])).toEqual([]);
});
