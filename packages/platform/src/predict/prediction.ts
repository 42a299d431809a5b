/**
 * A prediction as it is kept and as it is answered. What was predicted is kept with all it stands on;
 * whether it may be served is asked of the gate at the moment of the question:
 *
 *   serve ─────────▶ value, interval
 *   serve-flagged ─▶ value, the wider interval
 *   fallback ──────▶ the last good value, the wider interval, and what is wrong
 *   hold ──────────▶ no value; the reason, since when, what to do, and the last good value apart
 *
 * Nothing is predicted while the gate says fallback or hold, so what is kept is always the last good
 * value. One that speaks of a day that has come is not served any more, whatever the gate says.
 */
import type { InputScore, Verdict } from '../quality/index.js';
import type { Interval } from './demand/model.js';

/** Definitions in force: V of the evidence. */
export interface Versions {
  /** Hash of all views. */
  readonly features: string;
  readonly view: string;
  readonly model: string;
  readonly policy: number;
}

/** An input as it stood when a prediction was made. */
export interface KeptInput {
  readonly input: string;
  readonly ageMs: number | null;
  readonly score: number;
}

/** What one run of a model says of one key, as journaled. */
export interface PredictedRow {
  readonly key: string;
  /** Demand of whole days, the last of them the day before T; millionths. */
  readonly vector: readonly number[];
  readonly valueMicros: number;
  readonly served: Interval;
  readonly flagged: Interval;
  readonly horizonMicros: number;
}

/** Body of an entry of predictions. */
export interface PredictedBody {
  readonly action: 'predicted';
  readonly useCase: string;
  readonly t: number;
  readonly k: number;
  readonly v: Versions;
  /** The day it speaks of. */
  readonly date: string;
  readonly horizonDays: number;
  readonly gate: Verdict['gate'];
  readonly score: number;
  readonly inputs: readonly KeptInput[];
  readonly rows: readonly PredictedRow[];
}

/** Body of an entry that tells of a turn of the gate. */
export interface JudgedBody {
  readonly action: 'judged';
  readonly useCase: string;
  readonly gate: Verdict['gate'];
  readonly score: number;
  readonly policy: number;
  readonly worstInput: Verdict['worstInput'];
  readonly inputs: readonly KeptInput[];
  /** When the gate turned, as near as it can be told; the entry may come a moment later. */
  readonly since: number;
}

/** The newest prediction of a key, as folded. */
export interface StoredPrediction extends Omit<PredictedBody, 'action' | 'useCase' | 'rows'> {
  /** Entry that says it. */
  readonly offset: number;
  readonly madeAt: number;
  readonly row: Omit<PredictedRow, 'key'>;
  /** What was said before, the newest first; bounded. */
  readonly before: readonly {
    readonly offset: number;
    readonly date: string;
    readonly valueMicros: number;
  }[];
}

export interface AnsweredInterval {
  readonly low: number;
  readonly high: number;
  /** Share of cases it holds. */
  readonly level: number;
}

export interface Told {
  readonly id: string;
  readonly value: number;
  readonly interval: AnsweredInterval;
  readonly date: string;
  readonly madeAt: number;
  readonly ageMs: number;
}

export interface Prediction {
  /** Names this prediction for good; null where nothing was ever predicted. */
  readonly id: string | null;
  readonly key: string;
  readonly date: string | null;
  readonly value: number | null;
  readonly interval: AnsweredInterval | null;
  readonly horizon: { readonly days: number; readonly value: number } | null;
  readonly gate: Verdict['gate'];
  readonly score: number;
  readonly reason: string | null;
  readonly worstInput: Verdict['worstInput'];
  /** Since when the gate says so. */
  readonly since: number | null;
  /** What was served last, where nothing may be served now. */
  readonly lastGood: Told | null;
  readonly evidence: {
    readonly t: number;
    readonly k: number;
    readonly v: Versions;
    /** Entry of the journal that holds it. */
    readonly journal: number;
    readonly vector: readonly number[];
    readonly inputs: readonly KeptInput[];
    readonly gate: Verdict['gate'];
    readonly before: readonly {
      readonly id: string;
      readonly date: string;
      readonly value: number;
    }[];
  } | null;
}

/** What the gate says now, and since when. */
export interface Judged {
  readonly verdict: Verdict;
  readonly since: number;
}

/** `prediction/USE_CASE/KEY/ENTRY`. */
export function predictionId(useCase: string, key: string, offset: number): string {
  return `prediction/${useCase}/${key}/${offset}`;
}

export function predictionNamed(
  id: string,
): { readonly useCase: string; readonly key: string; readonly offset: number } | null {
  const [, useCase = '', key = '', offset = ''] =
    /^prediction\/([^/]+)\/(.+)\/(\d{1,15})$/.exec(id) ?? [];
  return useCase === '' ? null : { useCase, key, offset: Number(offset) };
}

/** What a key is answered with now. `today` is the day the question is asked on. */
export function answerOf(
  useCase: string,
  key: string,
  stored: StoredPrediction | null,
  { verdict, since }: Judged,
  { now, today }: { readonly now: number; readonly today: string },
): Prediction {
  const { worstInput, score } = verdict;
  const isOver = stored !== null && stored.date <= today;
  const gate = stored === null || isOver ? 'hold' : verdict.gate;
  const isHeld = gate === 'hold';
  const common = {
    ...{ key, score, worstInput, gate },
    reason: reasonOf(verdict, stored, isOver),
    since: gate === verdict.gate ? since : null,
  };
  if (stored === null) {
    const nothing = { id: null, date: null, value: null, interval: null, horizon: null };
    return { ...common, ...nothing, lastGood: null, evidence: null };
  }
  const { offset, row, date, madeAt, horizonDays } = stored;
  const id = predictionId(useCase, key, offset);
  const value = unitsOf(row.valueMicros);
  const narrow = intervalOf(row.served);
  return {
    ...common,
    ...{ id, date },
    value: isHeld ? null : value,
    interval: isHeld ? null : gate === 'serve' ? narrow : intervalOf(row.flagged),
    horizon: isHeld ? null : { days: horizonDays, value: unitsOf(row.horizonMicros) },
    lastGood: isHeld
      ? { id, value, interval: narrow, date, madeAt, ageMs: Math.max(0, now - madeAt) }
      : null,
    evidence: evidenceOf(useCase, key, stored),
  };
}

function evidenceOf(useCase: string, key: string, stored: StoredPrediction) {
  const { t, k, v, offset, row, inputs, gate, before } = stored;
  return {
    ...{ t, k, v, inputs, gate, journal: offset, vector: row.vector.map(unitsOf) },
    before: before.map((one) => ({
      id: predictionId(useCase, key, one.offset),
      date: one.date,
      value: unitsOf(one.valueMicros),
    })),
  };
}

function intervalOf({ lowMicros, highMicros, level }: Interval): AnsweredInterval {
  return { low: unitsOf(lowMicros), high: unitsOf(highMicros), level: level / 1000 };
}

function reasonOf(
  { gate, worstInput }: Verdict,
  stored: StoredPrediction | null,
  isOver: boolean,
): string | null {
  const wrong =
    worstInput === null || worstInput.score === 1
      ? null
      : `${worstInput.input}: ${worstInput.why ?? 'it is not what its contract promises.'}`;
  if (gate === 'hold') return wrong ?? 'No system is connected that it could stand on.';
  if (stored === null) return 'Nothing was predicted yet: its days are too few, or it is new.';
  if (isOver) {
    return `What was predicted is over: it was for ${stored.date}, and nothing was predicted since.`;
  }
  return gate === 'serve' ? null : wrong;
}

export function unitsOf(micros: number): number {
  return micros / 1e6;
}

export function keptInputs(inputs: readonly InputScore[]): readonly KeptInput[] {
  return inputs.map(({ input, ageMs, score }) => ({ input, ageMs, score }));
}
