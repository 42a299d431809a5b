export { type CodePlace, placeText } from './code-place.js';
export type { OutcomeBody } from './entries.js';
export {
  defaultLimits,
  type Flow,
  type FlowLimits,
  type FlowWrite,
  groupsOf,
} from './flow.js';
export { createFlowFold } from './flow-fold.js';
export { readGroup } from './flow-reader.js';
export type { FlowRunner } from './flow-runner.js';
export {
  type Actor,
  Flows,
  type FlowsOptions,
  type GroupChoice,
  type Statement,
  type TrialChoice,
} from './flows.js';
export type { Difference, GroupState, HoldReason, Phase } from './group-state.js';
export * from './hops.js';
export type { FlowPoint } from './look.js';
export * from './status.js';
export * from './trial.js';
