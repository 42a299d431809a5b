import { expect, it } from 'vitest';
import { type EntryHeader, encodeHeader } from '../audit/index.js';
import type { History } from '../engine/index.js';
import type { Entities } from '../entities/index.js';
import type { StoreReader } from '../storage/index.js';
import { groundsOf } from './prove.js';

const none = Buffer.alloc(16);

function headerOf(offset: number, kind: EntryHeader['kind']): Uint8Array {
  const isRecord = kind === 'record';
  return encodeHeader({
    ...{ kind, gone: false, snapshot: false, imputed: false, unreadable: false, unnamed: false },
    ...{ unmapped: false, replayed: false, offset, previous: null, knownAt: offset * 1000 },
    ...{ noticedAt: null, readAt: null },
    ...{ receivedAt: null, readSeq: 0, id: none, hash: none, subject: null },
    ...{ eventAt: isRecord ? offset * 1000 - 50 : null, version: isRecord ? `v${offset}` : null },
    ...{ source: 'erp', stream: isRecord ? 'stock' : 'shop.stock', key: isRecord ? 'k' : '' },
  });
}

const entries = new Map<number, { kind: EntryHeader['kind']; body: object | null }>([
  [2, { kind: 'record', body: { id: 'b' } }],
  [3, { kind: 'record', body: { id: 'a' } }],
  [4, { kind: 'record', body: null }],
  [
    7,
    {
      kind: 'outcome',
      body: {
        action: 'begun',
        items: [
          { group: 'a', cause: 3, from: [2, 3] },
          { group: 'x', cause: 4, from: [4] },
        ],
      },
    },
  ],
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
    if (found === undefined) return null;
    return { header: { kind: found.kind, offset, knownAt: offset * 1000 }, body: found.body };
  },
} as unknown as History;
const rowsAt = (offsets: readonly number[]) =>
  offsets.flatMap((offset) => {
    const found = entries.get(offset);
    if (found === undefined) return [];
    const body = Buffer.from(JSON.stringify(found.body));
    return [{ offset, header: headerOf(offset, found.kind), body, sealed: null, leaf: none }];
  });
const reader = { journalAt: rowsAt, headersAt: rowsAt } as unknown as StoreReader;
const store = { history, reader, entities: {} as Entities };
const offsetsOf = (id: string) => groundsOf(store, id, 0)?.offsets ?? null;

it('proves a delivery with what caused it, what was about to be written and what of', () => {
  expect(offsetsOf('entry/9')).toEqual([2, 3, 4, 7, 9]);
  expect(offsetsOf('entry/7')).toEqual([2, 3, 4, 7]);
});

it('proves one delivery of an entry that tells of many', () => {
  expect(offsetsOf('entry/9/a')).toEqual([2, 3, 7, 9]);
  expect(offsetsOf('entry/9/b/1')).toEqual([4, 9]);
  expect(offsetsOf('entry/9/c')).toEqual([9]);
  expect(offsetsOf('entry/9/d')).toBeNull();
});

it('names the source records of a delivery, with how old they were when it was told of', () => {
  const sources = groundsOf(store, 'entry/9/a', 0)?.sources ?? [];
  expect(sources.map(({ journal, version, ageMs }) => [journal, version, ageMs])).toEqual([
    [3, 'v3', 6050],
    [2, 'v2', 7050],
  ]);
});

it('proves any other entry by itself', () => {
  expect(offsetsOf('entry/3')).toEqual([3]);
  expect(offsetsOf('entry/4')).toEqual([4]);
  expect(offsetsOf('entry/10')).toEqual([10]);
  expect(offsetsOf('entry/11')).toBeNull();
});
