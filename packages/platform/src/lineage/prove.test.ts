import { expect, it } from 'vitest';
import type { History } from '../engine/index.js';
import type { Entities } from '../entities/index.js';
import type { StoreReader } from '../storage/index.js';
import { groundsOf } from './prove.js';

const entries = new Map<number, { kind: string; body: object | null }>([
  [3, { kind: 'record', body: { id: 'a' } }],
  [4, { kind: 'record', body: null }],
  [7, { kind: 'outcome', body: { action: 'begun', items: [{ group: 'a', cause: 3 }] } }],
  [
    9,
    {
      kind: 'outcome',
      body: {
        action: 'ended',
        items: [
          { group: 'a', kind: 'written', cause: 3, begun: 7 },
          { group: 'b/1', kind: 'same', cause: 4 },
          { group: 'c', kind: 'held' },
        ],
      },
    },
  ],
  // Nothing but an outcome tells of deliveries, whatever its body says.
  [10, { kind: 'control', body: { items: [{ group: 'a', cause: 3 }] } }],
]);
const history = {
  entry(offset: number) {
    const found = entries.get(offset);
    return found === undefined ? null : { header: { kind: found.kind, offset }, body: found.body };
  },
} as unknown as History;
const store = { history, reader: {} as StoreReader, entities: {} as Entities };
const offsetsOf = (id: string) => groundsOf(store, id, 0)?.offsets ?? null;

it('proves a delivery together with what caused it and what was about to be written', () => {
  expect(offsetsOf('entry/9')).toEqual([3, 4, 7, 9]);
  expect(offsetsOf('entry/7')).toEqual([3, 7]);
});

it('proves one delivery of an entry that tells of many', () => {
  expect(offsetsOf('entry/9/a')).toEqual([3, 7, 9]);
  expect(offsetsOf('entry/9/b/1')).toEqual([4, 9]);
  expect(offsetsOf('entry/9/c')).toEqual([9]);
  expect(offsetsOf('entry/9/d')).toBeNull();
});

it('proves any other entry by itself', () => {
  expect(offsetsOf('entry/3')).toEqual([3]);
  expect(offsetsOf('entry/4')).toEqual([4]);
  expect(offsetsOf('entry/10')).toEqual([10]);
  expect(offsetsOf('entry/11')).toBeNull();
});
