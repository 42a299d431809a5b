export {
  type Clock,
  createManualClock,
  createScaledClock,
  type ManualClock,
  type ScaledClockOptions,
} from './clock.js';
export type { Command } from './control/command-targets.js';
export type { CommandResult } from './control/commands.js';
export {
  createFaultBoard,
  FAULT_KINDS,
  type FaultBoard,
  type FaultKind,
  type FaultOrder,
  type InjectedFault,
} from './control/faults.js';
export {
  countsOf,
  DEMO_CLIENT_ID,
  DEMO_SAP_CLIENT,
  DEMO_SAP_USER,
  type EmulatorOptions,
  type Emulators,
  type SapAccess,
  SYSTEMS,
  type SystemKey,
  secretFor,
  startEmulators,
} from './emulators.js';
export { createInriver, type Inriver, type InriverOptions, PIM_MODELS } from './inriver/inriver.js';
export { MODEL_KEYS, type ModelKey } from './retailer/company.js';
export { digestWorld } from './retailer/digest.js';
export {
  DEFAULT_EPOCH_MS,
  INTEGRATION_PATHS,
  type Integration,
  type IntegrationPath,
  type RetailerOptions,
  type RetailerParameters,
} from './retailer/parameters.js';
export { createRetailer, type Retailer } from './retailer/retailer.js';
export type { World } from './retailer/world.js';
export { BUSINESS_EVENTS, type ErpNews } from './sap/news.js';
export { ALL_EVENTS } from './shopware/events.js';
export type { ApiClient } from './shopware/oauth.js';
export type { StockMeaning } from './shopware/product-table.js';
