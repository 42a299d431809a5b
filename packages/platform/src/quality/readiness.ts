/**
 * How far an input may be trusted now, and whether what rests on it may be served.
 *
 *   input score = min(freshness, completeness, consistency, validity), each 0 to 1 with its evidence
 *
 *   every score ≥ serve ─▶ serve
 *   every score ≥ flag ──▶ serve-flagged
 *   a required one is 0, or below flag without a fallback ─▶ hold
 *   else ─▶ fallback
 *
 * The weakest link decides: an average would hide a dead source behind four good ones.
 */
import type { EntityName } from '@headrace/sdk';

export type Component = 'freshness' | 'completeness' | 'consistency' | 'validity';
export type GateState = 'serve' | 'serve-flagged' | 'fallback' | 'hold';

export interface ComponentScore {
  readonly component: Component;
  /** 0 to 1. */
  readonly score: number;
  readonly why: string | null;
  /** Records, keys or checks it rests on. */
  readonly evidence: readonly string[];
}

export interface InputScore {
  /** Such as `erp/stock`. */
  readonly input: string;
  readonly entity: EntityName;
  readonly source: string;
  readonly score: number;
  /** How long ago the input was last known whole, ms; null when never. */
  readonly ageMs: number | null;
  readonly maxAgeMs: number;
  /** Since when the score is below 1, as far as known. */
  readonly since: number | null;
  readonly worst: ComponentScore;
  readonly components: readonly ComponentScore[];
}

export interface GatePolicy {
  readonly version: number;
  readonly serve: number;
  readonly flag: number;
}

export const defaultPolicy: GatePolicy = { version: 1, serve: 0.95, flag: 0.5 };

export interface Verdict {
  readonly gate: GateState;
  readonly score: number;
  readonly policy: number;
  readonly worstInput: {
    readonly input: string;
    readonly component: Component;
    readonly score: number;
    readonly ageMs: number | null;
    readonly why: string | null;
    /** What to do. */
    readonly fix: string;
  } | null;
}

export interface GateInput {
  readonly score: InputScore;
  /** Without it nothing may be served. */
  readonly isRequired: boolean;
}

/** 1 up to `sloMs`, 0 from `maxAgeMs` on, falling evenly between. */
export function freshnessScore(ageMs: number | null, sloMs: number, maxAgeMs: number): number {
  if (ageMs === null) return 0;
  if (ageMs <= sloMs) return 1;
  if (ageMs >= maxAgeMs) return 0;
  return (maxAgeMs - ageMs) / (maxAgeMs - sloMs);
}

export function inputScore(input: Omit<InputScore, 'score' | 'worst'>): InputScore {
  const worst = input.components.reduce((low, next) => (next.score < low.score ? next : low));
  return { ...input, score: worst.score, worst };
}

export function judge(
  inputs: readonly GateInput[],
  options: { readonly policy?: GatePolicy; readonly hasFallback?: boolean } = {},
): Verdict {
  const policy = options.policy ?? defaultPolicy;
  const [first] = inputs;
  if (first === undefined)
    return { gate: 'hold', score: 0, policy: policy.version, worstInput: null };
  const worst = inputs.reduce((low, next) => (next.score.score < low.score.score ? next : low));
  const { score } = worst.score;
  const isDead = inputs.some((one) => one.isRequired && one.score.score === 0);
  const gate: GateState = isDead
    ? 'hold'
    : score >= policy.serve
      ? 'serve'
      : score >= policy.flag
        ? 'serve-flagged'
        : options.hasFallback === true || !worst.isRequired
          ? 'fallback'
          : 'hold';
  return { gate, score, policy: policy.version, worstInput: worstOf(worst.score) };
}

function worstOf(input: InputScore): Verdict['worstInput'] {
  const { component, score, why } = input.worst;
  const { ageMs } = input;
  return { input: input.input, component, score, ageMs, why, fix: fixOf(input) };
}

function fixOf({ input, source, worst }: InputScore): string {
  if (worst.score === 1) return 'Nothing to do.';
  switch (worst.component) {
    case 'freshness':
      return `Look at ${source}: \`headrace status\` says why ${input} is not read.`;
    case 'completeness':
      return `Look at what is missing or in quarantine: GET /v1/quarantine, GET /v1/checks?target=${input}.`;
    case 'consistency':
      return 'Look at the keys that differ with `headrace diff`, and heal them.';
    case 'validity':
      return `Look at what is wrong with ${input}: \`headrace checks\`, and \`headrace values --target ${input}\` for values to correct or confirm.`;
  }
}
