/** What an erasure leaves of a training set: everybody else's rows as they were, and a count of the rest. */
import type { JsonObject } from '@headrace/sdk';
import { expect, it } from 'vitest';
import type { FoldInput } from '../engine/index.js';
import { count, last, sum } from './aggregates.js';
import { asOf, emptySummary } from './as-of.js';
import { entity, features, state } from './definition.js';
import { FeatureReader } from './feature-reader.js';
import { day, headerOf, openSmallStore, startMs } from './testing/small-store.js';

const bought = features(
  'bought',
  {
    of: entity('customer', ['customerId'], { identity: 'customer' }),
    from: state('orderLine'),
    at: (line) => line.orderedAt,
  },
  {
    n: count(['7d', '28d']),
    units: sum((line) => line.quantity, ['28d']),
    at: last((line) => line.orderedAt),
  },
);

type Rows = NonNullable<FoldInput['change']>['after'];

/** An entry that tells of a customer, who is a person, or of a line somebody ordered. */
function told(offset: number, entityName: 'customer' | 'orderLine', key: string, who: string) {
  const isPerson = entityName === 'customer';
  const orderedAt = new Date(startMs + offset * day).toISOString();
  const fields = (
    isPerson
      ? { customerId: who }
      : { customerId: who, line: '1', orderedAt, quantity: { value: '2', unit: 'C62' } }
  ) as JsonObject;
  const row = { entity: entityName, key, type: entityName, externalId: key, fields };
  const subject = isPerson ? Buffer.from(`person ${who}`.padEnd(16)) : null;
  const change = { stateKey: `shop/${key}`, before: [], after: [row] as Rows };
  const dates = { eventAtBefore: null, eventAtAfter: null };
  return { header: headerOf(offset, { subject }), body: null, change: { ...change, ...dates } };
}

it('a set built again after an erasure is the same for all others, and counts whose rows are gone', () => {
  const { reader, fold, close } = openSmallStore([bought]);
  try {
    const people = ['c1', 'c2', 'c3'];
    fold(people.map((who, offset) => told(offset, 'customer', who, who)));
    fold(
      [3, 4, 5, 6, 7, 8].map((offset) =>
        told(offset, 'orderLine', `line-${offset}`, `c${(offset % 3) + 1}`),
      ),
    );
    const values = new FeatureReader({ reader, definitions: [bought], timeZone: 'UTC' });
    const spine = people.flatMap((key) => [5, 8, 20].map((at) => ({ key, t: startMs + at * day })));
    const build = () => {
      const summary = emptySummary();
      const rows = [...asOf(values, [bought], spine, { k: 9 }, summary)];
      return { rows: rows.map((row) => JSON.stringify(row)), full: rows, summary };
    };
    const before = build();
    expect(before.summary).toEqual({ rows: 9, leakedRows: 0, imputedRows: 0, erasedRows: 0 });
    const subject = Buffer.from('person c2'.padEnd(16)).toString('hex');
    const body = { action: 'erasure', subject };
    fold([
      { header: headerOf(40, { kind: 'control', source: '', stream: '' }), body, change: null },
    ]);
    const after = build();
    expect(after.summary).toEqual({ ...before.summary, erasedRows: 3 });
    for (const [index, row] of after.full.entries()) {
      if (row.key !== 'c2') expect(after.rows[index]).toBe(before.rows[index]);
      else {
        expect(
          Object.values(row.values).every(
            ({ value, status }) => value === null && status === 'erased',
          ),
        ).toBe(true);
      }
    }
    expect(
      before.full.some(({ key, values: of }) => key === 'c2' && of['bought.n_28d']?.value === 2),
    ).toBe(true);
  } finally {
    close();
  }
});
