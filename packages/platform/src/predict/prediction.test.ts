import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { GateState, Verdict } from '../quality/index.js';
import { answerOf, predictionId, predictionNamed, type StoredPrediction } from './prediction.js';

const stored: StoredPrediction = {
  ...{ t: 1000, k: 5, date: '2026-03-03', horizonDays: 30, gate: 'serve', score: 1, inputs: [] },
  v: { features: 'f', view: 'v', model: 'm', policy: 1 },
  ...{ offset: 9, madeAt: 2000, before: [] },
  row: {
    ...{ vector: [1e6, 2e6], valueMicros: 3e6, horizonMicros: 9e7 },
    served: { lowMicros: 2e6, highMicros: 4e6, level: 900 },
    flagged: { lowMicros: 0, highMicros: 8e6, level: 950 },
  },
};
const verdict = (gate: GateState): Verdict => ({
  ...{ gate, score: 0.4, policy: 1 },
  worstInput: {
    ...{ input: 'erp/stock', component: 'freshness', score: gate === 'serve' ? 1 : 0.4 },
    ...{ ageMs: 9, why: 'It is late.', fix: 'Look.' },
  },
});
const ask = (gate: GateState, today = '2026-03-02', one: StoredPrediction | null = stored) =>
  answerOf('demand', 'A', one, { verdict: verdict(gate), since: 7 }, { now: 5000, today });

test('each state of the gate shows what it may, and nothing else', () => {
  expect(ask('serve')).toMatchObject({
    ...{ value: 3, interval: { low: 2, high: 4, level: 0.9 }, lastGood: null, reason: null },
    horizon: { days: 30, value: 90 },
  });
  for (const gate of ['serve-flagged', 'fallback'] as const) {
    expect(ask(gate)).toMatchObject({
      ...{ gate, value: 3, interval: { low: 0, high: 8, level: 0.95 }, lastGood: null },
      reason: 'erp/stock: It is late.',
    });
  }
  expect(ask('hold')).toMatchObject({
    ...{ gate: 'hold', value: null, interval: null, horizon: null, since: 7 },
    reason: 'erp/stock: It is late.',
    lastGood: { value: 3, interval: { low: 2, high: 4 }, date: '2026-03-03', ageMs: 3000 },
  });
});

test('what speaks of a day that has come, or was never said, is held whatever the gate says', () => {
  for (const gate of ['serve', 'serve-flagged', 'fallback', 'hold'] as const) {
    expect(ask(gate, '2026-03-03')).toMatchObject({ gate: 'hold', value: null });
    expect(ask(gate, '2026-03-02', null)).toMatchObject({
      ...{ gate: 'hold', value: null, id: null, lastGood: null, evidence: null },
    });
  }
});

test('an id names its use case, key and entry, whatever the key', () => {
  const key = fc.string({ minLength: 1 }).map(encodeURIComponent);
  fc.assert(
    fc.property(fc.array(key, { minLength: 1, maxLength: 3 }), fc.nat(), (parts, offset) => {
      const id = predictionId('demand', parts.join('/'), offset);
      expect(predictionNamed(id)).toEqual({ useCase: 'demand', key: parts.join('/'), offset });
    }),
  );
  expect(predictionNamed('feature/demand/A')).toBeNull();
});
