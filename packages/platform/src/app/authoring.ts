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
export { env, secret } from './environment.js';
export {
  defineProject,
  type NetworkConfig,
  type Project,
  type ProjectConfig,
  type StreamOptions,
} from './project.js';
export { type MapChange, remap } from './remap.js';
