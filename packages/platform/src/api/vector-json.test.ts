/** The text of a vector is that of its answer, character by character. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type FeatureValue, type FeatureVector, statusRanks } from '../features/index.js';
import { vectorAnswer, vectorJson } from './feature-routes.js';

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
      expect(vectorJson(vector)).toBe(JSON.stringify(vectorAnswer(vector)));
    }),
  );
});
