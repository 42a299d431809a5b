/** The public door for authors: what `import … from 'headrace'` gives in a project. */
export {
  type ConfiguredSource,
  type Connector,
  type ConnectorContext,
  type Cursor,
  defineConnector,
  type FlowGroup,
  type FlowMapping,
  type FlowRecord,
  HeadraceError,
  type Json,
  type JsonObject,
  type MapContext,
  type MappedRecord,
  type Page,
  type Sink,
  type Stream,
  secretField,
  type TargetRecord,
} from '@headrace/sdk';
export {
  type Aggregate,
  avg,
  changes,
  commerceFeatures,
  count,
  type DerivedFeature,
  decimal,
  derive,
  deviation,
  entity,
  type FeatureDefinition,
  type FeatureView,
  features,
  first,
  last,
  lastN,
  max,
  min,
  series,
  state,
  sum,
  sumMoney,
  variance,
} from '../features/index.js';
export type { ContractConfig } from '../quality/index.js';
export { env, optionalSecret, secret } from './environment.js';
export {
  type FlowDefinition,
  type FlowLimitOptions,
  type FlowOptions,
  flow,
  type Lookups,
} from './flow-config.js';
export {
  defineProject,
  type NetworkConfig,
  type PredictConfig,
  type Project,
  type ProjectConfig,
  type StreamOptions,
} from './project.js';
export { type MapChange, remap } from './remap.js';
