/**
 * Folds entries of predictions: the newest of each key, with a few of those before it, and how the gate
 * of a use case stands.
 *
 *   key:      absent ─(predicted)─▶ newest ─(predicted)─▶ newest, the former among `before`
 *   use case: absent ─(judged)─▶ gate, since ─(judged)─▶ another gate
 *
 * Invariants: a row says what its entry says and names it; rows are as many as keys and bounded in size;
 * nothing here is worked out, so folding again calls no model.
 */
import type { JsonObject } from '@headrace/sdk';
import type { Fold, FoldInput } from '../engine/index.js';
import type { JudgedBody, PredictedBody, StoredPrediction } from './prediction.js';

/** `useCase/key` → its newest prediction. */
export const predictionTable = { name: 'prediction', kind: 'keyed' } as const;
/** Use case → how its gate stands. */
export const useCaseTable = { name: 'prediction_use_case', kind: 'keyed' } as const;

/** Earlier predictions that are named with the newest. */
export const beforeMax = 7;

export interface StoredUseCase extends Omit<JudgedBody, 'action' | 'useCase'> {
  /** Entry that says it. */
  readonly offset: number;
}

export function predictionKey(useCase: string, key: string): string {
  return `${useCase}/${key}`;
}

export const predictFold: Fold = {
  name: 'predict',
  version: 1,
  tables: [predictionTable, useCaseTable],
  declareKeys(input, need) {
    const body = bodyOf(input);
    if (body?.action === 'judged') need(useCaseTable.name, body.useCase);
    if (body?.action !== 'predicted') return;
    for (const { key } of body.rows) need(predictionTable.name, predictionKey(body.useCase, key));
  },
  plan(input, state) {
    const body = bodyOf(input);
    const { offset, knownAt } = input.header;
    if (body?.action === 'judged') {
      const { action: _action, useCase, ...told } = body;
      state.set(useCaseTable.name, useCase, { ...told, offset } as unknown as JsonObject);
    }
    if (body?.action !== 'predicted') return;
    const { action: _action, useCase, rows, ...told } = body;
    for (const { key, ...row } of rows) {
      const name = predictionKey(useCase, key);
      const last = state.get(predictionTable.name, name) as unknown as StoredPrediction | undefined;
      const former =
        last === undefined
          ? []
          : [{ offset: last.offset, date: last.date, valueMicros: last.row.valueMicros }];
      const before = [...former, ...(last?.before ?? [])].slice(0, beforeMax);
      const stored: StoredPrediction = { ...told, offset, madeAt: knownAt, row, before };
      state.set(predictionTable.name, name, stored as unknown as JsonObject);
    }
  },
};

function bodyOf({ header, body }: FoldInput): PredictedBody | JudgedBody | null {
  return header.kind === 'prediction' ? (body as unknown as PredictedBody | JudgedBody) : null;
}
