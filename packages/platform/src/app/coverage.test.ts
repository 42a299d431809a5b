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
  const { fields, records: count } = coverageOf(stream, null, records, {}, { reveal: false });
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
  const shownBy = (one: Stream<never>, reveal: boolean) =>
    JSON.stringify(coverageOf(one, null, records, {}, { reveal }));
  const { personal: _personal, ...impersonal } = stream;
  expect(shownBy(impersonal, false)).toContain('"fragile, please handle"');
  expect(shownBy(stream, true)).toContain('"fragile, please handle"');
  expect(shownBy(stream, false)).toContain('"text of 22"');
  for (const reveal of [false, true]) expect(shownBy(stream, reveal)).not.toMatch(/Ann|a@b/);
});

it('goes on where a mapping fails', () => {
  const broken = { ...stream, map: () => JSON.parse('no') } as Stream<never>;
  const { fields } = coverageOf(broken, null, records, {}, { reveal: false });
  expect(fields.filter(({ use }) => use === 'read').map(({ path }) => path)).toEqual([
    'changedAt',
    'id',
  ]);
});

it('shows fields that are kept in a list under their names, read when their value is', () => {
  const byName = {
    ...{ name: 'item', listsByName: { path: 'fieldValues', name: 'fieldTypeId' } },
    ...{ key: (record: JsonObject) => record['id'], version: () => null, eventAt: () => null },
    map(record: JsonObject) {
      const fields = record['fieldValues'] as readonly JsonObject[];
      const sku = fields.find((field) => field['fieldTypeId'] === 'Sku')?.['value'];
      return [{ entity: 'variant', type: 'item', externalId: '1', fields: { sku } }];
    },
  } as unknown as Stream<never>;
  const field = (fieldTypeId: string, value: string) => ({ fieldTypeId, value });
  const linked = [{ fieldValues: [field('Sku', 'B')] }];
  const item = { id: '1', fieldValues: [field('Fit', 'slim'), field('Sku', 'A')], linked };
  const { fields } = coverageOf(byName, null, [item], {}, { reveal: false });
  const uses = Object.fromEntries(fields.map(({ path, use }) => [path, use]));
  expect(uses).toMatchObject({
    'fieldValues.Sku.value': 'read',
    'fieldValues.Fit.value': 'unmapped',
    'linked.*.fieldValues.Sku.value': 'unmapped',
  });
});
