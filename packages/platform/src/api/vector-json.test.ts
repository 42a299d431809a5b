/** The text of a vector is that of its answer, character by character. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  type FeatureRow,
  type FeatureValue,
  type FeatureVector,
  rowOf,
  statusRanks,
  vectorOf,
} from '../features/index.js';
import { vectorAnswer } from './feature-routes.js';
import { JsonParts } from './json-parts.js';
import { vectorJson, vectorTable } from './vector-json.js';

const moment = fc.option(fc.constantFrom(0, 1, 1_700_000_000_123));
const plain = fc.oneof(
  ...[fc.string({ unit: 'binary' }), fc.double(), fc.integer(), fc.boolean(), fc.constant(null)],
  ...[fc.constantFrom(-0, 1e21, 5e-7), fc.array(fc.oneof(fc.double(), fc.string()))],
);
const values: fc.Arbitrary<FeatureValue> = fc.record({
  value: plain,
  status: fc.constantFrom(...statusRanks),
  ageMs: fc.option(fc.constantFrom(0, 1)),
  eventAt: moment,
  knownAt: moment,
});
const vectors: fc.Arbitrary<FeatureVector> = fc.record({
  key: fc.string({ unit: 'binary' }),
  // Quotes and backslashes have to be escaped; names that are numbers show that the order is the object's.
  values: fc.dictionary(
    fc.oneof(fc.stringMatching(/^[a-z"\\]{1,6}\.\w{1,6}$/), fc.constantFrom('7', 'a.b')),
    values,
  ),
  evidence: fc.record({ t: fc.nat(), k: fc.option(fc.nat()), v: fc.string() }),
});

it('writes a vector as its answer is written', () => {
  fc.assert(
    fc.property(vectors, (vector) => {
      const { key, evidence } = vector;
      const [names, own] = [Object.keys(vector.values), Object.values(vector.values)];
      const text = vectorJson({ key, names, row: rowOf(own), evidence });
      expect(text).toBe(JSON.stringify(vectorAnswer(vector)));
    }),
  );
});

function tableOf(names: readonly string[], rows: readonly FeatureRow[]): string {
  const answer = new JsonParts(async () => undefined);
  const table = vectorTable(answer, names);
  answer.add('{"entity":"sku"');
  for (const row of rows) table.add(row);
  table.end();
  return String(answer.end().payload);
}

/** The same values and ages, which came about in another order. */
function turned({ row, ...of }: FeatureRow): FeatureRow {
  const { values, ages, ageOf } = row;
  const turnedOf = ageOf.map((place) => ages.length - 1 - place);
  return { ...of, row: { values, ages: [...ages].reverse(), ageOf: turnedOf } };
}

it('says the same of many vectors in a table', () => {
  const names = fc.uniqueArray(fc.string(), { maxLength: 30 });
  const rows = fc.array(fc.tuple(fc.string(), fc.array(values, { minLength: 30, maxLength: 30 })));
  const evidence = { t: 1, k: 2, v: 'v' };
  fc.assert(
    fc.property(names, rows, (named, drawn) => {
      const all = drawn.map(
        ([key, list]): FeatureRow => ({
          ...{ key, names: named, row: rowOf(list.slice(0, named.length)), evidence },
        }),
      );
      const text = tableOf(named, all);
      expect(tableOf(named, all.map(turned))).toBe(text);
      const read = JSON.parse(text);
      const vectorsRead = read.rows.map((row: { key: string; values: []; ages: number[] }) => ({
        key: row.key,
        values: Object.fromEntries(
          read.names.map((name: string, at: number) => [
            name,
            { value: row.values[at], ...read.ages[row.ages[at] as number] },
          ]),
        ),
        evidence: read.evidence,
      }));
      expect(vectorsRead).toEqual(
        JSON.parse(JSON.stringify(all.map((row) => vectorAnswer(vectorOf(row))))),
      );
      expect(read.ages.length).toBe(
        new Set(read.ages.map((one: object) => JSON.stringify(one))).size,
      );
    }),
  );
});
