export { type AlertConfig, alertSinks, signedHeaders } from './alert-channels.js';
export { type Alert, type AlertSink, alertsIn, freeBytesMin } from './alerts.js';
export * from './assess.js';
export * from './check-row.js';
export { seconds } from './checks.js';
export { type ChecksSpec, checkKey, checkTable } from './checks-part.js';
export * from './contracts.js';
export { type CoverageFacts, type CoverageKind, coverageKey, coverageTable } from './coverage.js';
export { exportContracts, type ImportedContracts, importContracts } from './data-contract.js';
export { doubtsOf, suspectsIn } from './doubts.js';
export type { EntityFacts } from './entity-facts.js';
export { type Healed, Healer } from './heal.js';
export * from './monitor.js';
export { type PairKind, type PairSide, type PairSpec, pairTable } from './pairs.js';
export { streamOfRecord } from './part.js';
export * from './quality.js';
export * from './readiness.js';
export {
  type Cause,
  type DifferingKey,
  Reconciler,
  type Reconciliation,
} from './reconcile.js';
export {
  compareShapes,
  type Difference,
  type FieldShape,
  type RecordShape,
  shapeCheck,
  suggestShape,
} from './record-shape.js';
export { type StreamFacts, streamFactsTable } from './stream-facts.js';
export { type UseCaseAnswer, type UseCaseName, useCaseNames } from './use-cases.js';
export { type ValueFacts, valueFactsTable } from './value-facts.js';
export * from './watch.js';
