/**
 * How a use case stands, and its predictions, judged at the moment of the question. Nothing is answered
 * before a signed checkpoint covers the entry that holds it.
 */
import { businessDate, type Clock } from '@headrace/sdk';
import type { Engine } from '../engine/index.js';
import type { Quality, WatchedStream } from '../quality/index.js';
import type { DemandHistories } from './demand/history.js';
import { type Doubt, doubtsIn, type Gated, gateOf, turnedAt, verdictInDoubt } from './gate.js';
import {
  predictionKey,
  predictionTable,
  type StoredUseCase,
  useCaseTable,
} from './predict-fold.js';
import { answerOf, type Prediction, type StoredPrediction } from './prediction.js';

export interface PredictionsOptions {
  readonly engine: Pick<Engine, 'reader' | 'checkpointAt'>;
  readonly quality: Pick<Quality, 'inputs'>;
  readonly clock: Clock;
  readonly timeZone: string;
  readonly histories: Pick<DemandHistories, 'isKnown'>;
  readonly needed: readonly WatchedStream[];
}

/** How a use case stands. */
export interface Standing {
  readonly useCase: string;
  readonly gate: Gated['verdict']['gate'];
  readonly score: number;
  readonly policy: number;
  readonly since: number;
  readonly worstInput: Gated['verdict']['worstInput'];
  readonly inputs: Gated['inputs'];
  readonly at: number;
}

/** How a use case stands, and its predictions. */
export interface UseCaseAnswer extends Standing {
  readonly counts: {
    readonly served: number;
    readonly flagged: number;
    readonly fallback: number;
    readonly held: number;
  };
  readonly predictions: readonly Prediction[];
  /** Key to go on after; null at the end. */
  readonly next: string | null;
}

export const useCase = 'demand';

export class Predictions {
  readonly useCase = useCase;
  readonly #options: PredictionsOptions;

  constructor(options: PredictionsOptions) {
    this.#options = options;
  }

  /** Predictions in order of keys; counts are over the page that is answered. */
  async page(after: string, limit: number): Promise<UseCaseAnswer> {
    const { reader } = this.#options.engine;
    const prefix = predictionKey(useCase, '');
    const from = after === '' ? '' : prefix + after;
    const rows = reader.range(predictionTable.name, prefix, from, limit);
    const stored = rows.map(
      ({ key, value }) =>
        [key.slice(prefix.length), JSON.parse(value) as StoredPrediction] as const,
    );
    const next = rows.length < limit ? null : (stored.at(-1)?.[0] ?? null);
    return this.#answer(stored, next);
  }

  /** The prediction of one key; null for a key that nothing was ever asked of. */
  async one(key: string): Promise<UseCaseAnswer | null> {
    const { reader } = this.#options.engine;
    const row = reader.row(predictionTable.name, predictionKey(useCase, key));
    if (row !== undefined) {
      return this.#answer([[key, JSON.parse(row.value) as StoredPrediction]], null);
    }
    return this.#options.histories.isKnown(key) ? this.#answer([[key, null]], null) : null;
  }

  standing(): Standing {
    return this.#standing(this.gate(), this.#options.clock.now());
  }

  async #answer(
    stored: readonly (readonly [string, StoredPrediction | null])[],
    next: string | null,
  ): Promise<UseCaseAnswer> {
    const { engine, clock, timeZone } = this.#options;
    const newest = Math.max(-1, ...stored.map(([, one]) => one?.offset ?? -1));
    if (newest >= 0) await engine.checkpointAt(newest);
    // Judged after that wait: what is answered is as old as the answer.
    const gated = this.gate();
    const now = clock.now();
    const { verdict } = gated;
    const doubts = doubtsIn(engine.reader, this.#options.needed, now);
    const standing = this.#standing(gated, now);
    const { since } = standing;
    const today = businessDate(now, timeZone);
    const judged = (doubt: Doubt | undefined) =>
      doubt === undefined
        ? { verdict, since }
        : { verdict: verdictInDoubt(gated, doubt), since: now };
    const predictions = stored.map(([key, one]) =>
      answerOf(useCase, key, one, judged(doubts.get(key)), { now, today }),
    );
    const countOf = (gate: Prediction['gate']) =>
      predictions.filter((prediction) => prediction.gate === gate).length;
    return {
      ...standing,
      counts: {
        served: countOf('serve'),
        flagged: countOf('serve-flagged'),
        fallback: countOf('fallback'),
        held: countOf('hold'),
      },
      predictions,
      next,
    };
  }

  #standing(gated: Gated, at: number): Standing {
    const { gate, score, policy, worstInput } = gated.verdict;
    const since = this.since(gated, at);
    return { useCase, gate, score, policy, since, worstInput, inputs: gated.inputs, at };
  }

  /** Why nothing that rests on predictions may be written now; null when it may. */
  hold(): string | null {
    const { verdict } = this.gate();
    if (verdict.gate === 'serve' || verdict.gate === 'serve-flagged') return null;
    const { worstInput } = verdict;
    return worstInput === null
      ? 'Demand is not predicted: no system is connected that it could stand on.'
      : `Demand is held: ${worstInput.input}: ${worstInput.why ?? 'it is not what its contract promises.'}`;
  }

  gate(): Gated {
    return gateOf(this.#options.quality.inputs(), this.#options.needed);
  }

  /** How the gate stood when it was journaled last. */
  kept(): StoredUseCase | null {
    const row = this.#options.engine.reader.row(useCaseTable.name, useCase);
    return row === undefined ? null : (JSON.parse(row.value) as StoredUseCase);
  }

  since(gated: Gated, now: number): number {
    const kept = this.kept();
    return kept?.gate === gated.verdict.gate ? kept.since : turnedAt(gated, now);
  }
}
