import type { Fold, Normalizer } from '../../../packages/platform/dist/engine/index.js';

export const folds: readonly Fold[];
export const normalizer: Normalizer;
