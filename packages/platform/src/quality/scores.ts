/** Completeness and validity of a stream, from its facts and the checks that are in alarm. */
import type { CheckRow } from './check-row.js';
import { aheadOf } from './checks.js';
import { micro } from './contracts.js';
import type { ComponentScore } from './readiness.js';
import type { StreamFacts } from './stream-facts.js';
import type { ValueFacts } from './value-facts.js';

/** Nothing is wrong. */
export const fullScore = { score: 1, why: null, evidence: [] as readonly string[] };

export function completeness(
  facts: StreamFacts | null,
  checks: readonly CheckRow[],
  completeMicro: number,
): ComponentScore {
  const alarm = checks.find(
    ({ check, state }) =>
      state === 'alarm' && ['count', 'sequence', 'silence', 'volume'].includes(check),
  );
  const known = facts?.known ?? 0;
  const usable = known === 0 ? 1 : 1 - (facts?.faulty ?? 0) / known;
  const score = usable * micro >= completeMicro ? 1 : usable;
  const parts: ComponentScore[] = [
    {
      ...{ component: 'completeness', score, evidence: [] },
      why: score === 1 ? null : `${facts?.faulty} of ${known} records wait in quarantine.`,
    },
  ];
  if (alarm !== undefined) {
    // A read that is known to be short, or a feed that says nothing: how much is missing is unknown.
    parts.push({ component: 'completeness', score: 0, why: alarm.why, evidence: alarm.evidence });
  }
  return parts.reduce((low, next) => (next.score < low.score ? next : low));
}

export function validity(
  facts: StreamFacts | null,
  values: ValueFacts | null,
  checks: readonly CheckRow[],
  now: number,
): ComponentScore {
  const ahead = facts === null ? null : aheadOf(facts, now);
  if (ahead !== null) return { component: 'validity', score: 0, why: ahead, evidence: [] };
  const late = checks.find(({ check, state }) => state === 'alarm' && check === 'clock');
  if (late !== undefined) {
    return { component: 'validity', score: 0, why: late.why, evidence: late.evidence };
  }
  const known = Math.max(1, facts?.known ?? 1);
  const wrong = (values?.bad ?? 0) + (values?.suspects ?? 0);
  const score = Math.max(0, 1 - wrong / known);
  const why = checks.find(
    ({ check, state }) => state === 'alarm' && (check === 'drift' || check === 'structure'),
  );
  if (wrong === 0 && why === undefined) return { component: 'validity', ...fullScore };
  return {
    component: 'validity',
    score: why === undefined ? score : Math.min(score, 0.9),
    why: why?.why ?? `${wrong} of ${known} records are suspect or do not add up.`,
    evidence: why?.evidence ?? [],
  };
}
