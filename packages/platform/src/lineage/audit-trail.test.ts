import { expect, it } from 'vitest';
import { encodeHeader, leafHash } from '../audit/index.js';
import type { JournalRow, StoreReader } from '../storage/index.js';
import { actLine, actsOf } from './audit-trail.js';

const sixteen = Buffer.alloc(16);

function rowOf(offset: number, kind: 'control' | 'record', body: object): JournalRow {
  const header = encodeHeader({
    ...{ kind, gone: false, snapshot: false, imputed: false, unreadable: false, unnamed: false },
    unmapped: false,
    replayed: false,
    ...{ offset, previous: null, knownAt: offset, eventAt: null, noticedAt: null },
    ...{ readAt: null, receivedAt: null, readSeq: 0, id: sixteen, hash: sixteen, subject: null },
    ...{ source: '', stream: '', key: '', version: null },
  });
  const bytes = Buffer.from(JSON.stringify(body));
  return { offset, header, body: bytes, sealed: null, leaf: leafHash(header, bytes, null) };
}

const rows = [
  rowOf(0, 'record', { id: 'not an act' }),
  rowOf(1, 'control', { action: 'link', principal: 'ada', from: 'a', to: 'b' }),
  rowOf(2, 'control', { action: '=cmd()', principal: 'a "quoted", name' }),
];
const reader = {
  journalEnd: () => rows.length,
  journalRange: (from: number, limit: number) => rows.slice(from, from + limit),
} as unknown as StoreReader;

it('names who did what, with the leaf that proves it', () => {
  const [act, ...more] = actsOf(reader);
  expect(act).toEqual({
    ...{ offset: 1, at: '1970-01-01T00:00:00.001Z', principal: 'ada', action: 'link' },
    details: { from: 'a', to: 'b' },
    leaf: Buffer.from(rows[1]?.leaf ?? []).toString('hex'),
  });
  expect(more).toHaveLength(1);
});

it('writes lines a spreadsheet takes for text', () => {
  const [, act] = actsOf(reader);
  if (act === undefined) throw new Error('There are two acts.');
  const line = actLine({ ...act, leaf: 'ff' });
  expect(line).toBe('2,1970-01-01T00:00:00.002Z,"a ""quoted"", name",\'=cmd(),{},ff');
});
