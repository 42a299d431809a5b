export type { OutcomeBody } from './entries.js';
export {
  defaultLimits,
  type Flow,
  type FlowLimits,
  type FlowMap,
  type FlowWrite,
  groupsOf,
  type LookupTables,
} from './flow.js';
export { createFlowFold } from './flow-fold.js';
export { readGroup } from './flow-reader.js';
export type { FlowRunner } from './flow-runner.js';
export { type Actor, Flows, type FlowsOptions, type GroupChoice } from './flows.js';
export type { Difference, GroupState, HoldReason, Phase } from './group-state.js';
export * from './hops.js';
export type { FlowPoint } from './look.js';
export * from './status.js';
