/** The public door for authors: what `import … from 'headrace'` gives in a project. */
export {
  type ConfiguredSource,
  type Connector,
  type ConnectorContext,
  type Cursor,
  defineConnector,
  HeadraceError,
  type Json,
  type JsonObject,
  type MapContext,
  type MappedRecord,
  type Page,
  type Stream,
  secretField,
} from '@headrace/sdk';
export {
  type Aggregate,
  avg,
  changes,
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
export { env, secret } from './environment.js';
export {
  defineProject,
  type NetworkConfig,
  type Project,
  type ProjectConfig,
  type StreamOptions,
} from './project.js';
export { type MapChange, remap } from './remap.js';
