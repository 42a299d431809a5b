import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Component,
  type ComponentScore,
  freshnessScore,
  type GateInput,
  inputScore,
  judge,
} from './readiness.js';

const components: readonly Component[] = ['freshness', 'completeness', 'consistency', 'validity'];

function input(scores: readonly number[], isRequired = true): GateInput {
  const parts = components.map(
    (component, index): ComponentScore => ({
      ...{ component, score: scores[index] ?? 1, why: null, evidence: [] },
    }),
  );
  const about = {
    input: 'erp/stock',
    entity: 'stock',
    source: 'erp',
    ageMs: 5,
    maxAgeMs: 9,
  } as const;
  return { score: inputScore({ ...about, since: null, components: parts }), isRequired };
}

describe('freshness', () => {
  it('is whole up to the objective, nothing at the limit, and falls between', () => {
    expect(freshnessScore(10, 10, 20)).toBe(1);
    expect(freshnessScore(15, 10, 20)).toBe(0.5);
    expect(freshnessScore(20, 10, 20)).toBe(0);
    expect(freshnessScore(null, 10, 20), 'never read').toBe(0);
  });
});

describe('the gate', () => {
  it.each([
    ['serve', [[1, 1, 1, 1]], false],
    ['serve-flagged', [[0.8, 1, 1, 1]], false],
    ['hold', [[0.3, 1, 1, 1]], false],
    ['fallback', [[0.3, 1, 1, 1]], true],
    ['hold', [[1, 1, 0, 1]], true],
    ['hold', [], true],
  ] as const)('says %s to %j', (gate, inputs, hasFallback) => {
    expect(
      judge(
        inputs.map((scores) => input(scores)),
        { hasFallback },
      ).gate,
    ).toBe(gate);
  });

  it('lets what may be missing be missing', () => {
    expect(judge([input([1, 1, 1, 1]), input([0, 1, 1, 1], false)]).gate).toBe('fallback');
  });

  it('is never better than its worst part, and names it', () => {
    const score = fc.double({ min: 0, max: 1, noNaN: true });
    const inputs = fc.array(fc.array(score, { minLength: 4, maxLength: 4 }), { minLength: 1 });
    fc.assert(
      fc.property(inputs, (list) => {
        const verdict = judge(list.map((scores) => input(scores)));
        const least = Math.min(...list.flat());
        expect(verdict.score).toBe(least);
        expect(verdict.worstInput?.score).toBe(least);
        if (least === 0) expect(verdict.gate).toBe('hold');
        if (least < 0.5) expect(verdict.gate).not.toBe('serve-flagged');
        if (verdict.gate === 'serve') expect(least).toBeGreaterThanOrEqual(0.95);
      }),
    );
  });
});
