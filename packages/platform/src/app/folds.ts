/** Which folds a platform runs, in order: replay, reads and the step take the same. */
import type { Fold } from '../engine/index.js';
import { identityFold, stockLedgerFold } from '../entities/index.js';
import { createFeatureFold, type FeatureFoldOptions, type FeatureView } from '../features/index.js';
import { createFlowFold } from '../flows/index.js';
import { predictFold } from '../predict/index.js';
import { qualityFold } from '../quality/index.js';
import type { LoadedProject } from './load-project.js';

/** What is folded whatever a project says; enough to read records and entities of any store. */
export const baseFolds: readonly Fold[] = [identityFold, stockLedgerFold];

/** All folds of a project; later ones may read what earlier ones made of the same entry. */
export function foldsOf(
  { project, flows, watch }: Pick<LoadedProject, 'project' | 'flows' | 'watch'>,
  touched?: FeatureFoldOptions['touched'],
): readonly Fold[] {
  const views = project.features.filter((one): one is FeatureView => one.kind === 'view');
  const { leading } = project;
  const hint = touched === undefined ? {} : { touched };
  return [
    ...baseFolds,
    ...(views.length === 0 ? [] : [createFeatureFold({ views, leading, ...hint })]),
    ...(flows.length === 0 ? [] : [createFlowFold(flows)]),
    qualityFold(watch),
    ...(project.predict.demand === undefined ? [] : [predictFold]),
  ];
}
