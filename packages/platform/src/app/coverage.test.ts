import type { JsonObject, Stream } from '@headrace/sdk';
import { expect, it } from 'vitest';
import { coverageOf } from './coverage.js';

const stream = {
  name: 'order',
  personal: { subject: () => null, paths: ['buyer.email', 'lines.*.engraving'] },
  key: (record: JsonObject) => record['id'],
  version: (record: JsonObject) => record['changedAt'] ?? null,
  eventAt: () => null,
  map(record: JsonObject) {
    const lines = record['lines'] as readonly JsonObject[];
    return lines.map((line) => ({
      entity: 'orderLine',
      type: 'line',
      externalId: `${line['no']}`,
      fields: { sku: line['sku'], extra: { ...(record['custom'] as object) } },
    }));
  },
} as unknown as Stream<never>;

const records: readonly JsonObject[] = [
  {
    ...{ id: '1', changedAt: 't', note: 'fragile, please\nhandle', empty: '', tags: [] },
    buyer: { email: 'a@b.example', group: 'vip' },
    custom: { fit: 'slim' },
    lines: [
      { no: 1, sku: 'A', weight: 2, engraving: 'for Ann' },
      { no: 2, sku: 'B', weight: null },
    ],
  },
  { id: '2', changedAt: 't', buyer: { group: null }, lines: [{ no: 1, sku: 'A' }] },
];

it('tells what is read, sealed and left, with how often it is filled', () => {
  const { fields, records: count } = coverageOf(stream, null, records, {});
  expect(count).toBe(2);
  expect(fields.map(({ path, use, fillRate }) => [path, use, fillRate])).toEqual([
    ['changedAt', 'read', 1],
    ['id', 'read', 1],
    ['lines.*.no', 'read', 1],
    ['lines.*.sku', 'read', 1],
    ['buyer.email', 'sealed', 0.5],
    ['buyer.group', 'unmapped', 0.5],
    ['custom.fit', 'read', 0.5],
    ['lines.*.engraving', 'sealed', 0.5],
    ['lines.*.weight', 'unmapped', 0.5],
    ['note', 'unmapped', 0.5],
    ['empty', 'unmapped', 0],
    ['tags', 'unmapped', 0],
  ]);
});

it('shows a value of what is left, and none of what is personal', () => {
  const shown = JSON.stringify(coverageOf(stream, null, records, {}));
  expect(shown).toContain('"fragile, please handle"');
  expect(shown).not.toContain('Ann');
  expect(shown).not.toContain('a@b.example');
});

it('goes on where a mapping fails', () => {
  const broken = { ...stream, map: () => JSON.parse('no') } as Stream<never>;
  const { fields } = coverageOf(broken, null, records, {});
  expect(fields.filter(({ use }) => use === 'read').map(({ path }) => path)).toEqual([
    'changedAt',
    'id',
  ]);
});
