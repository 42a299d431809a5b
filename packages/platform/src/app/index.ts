export * from './authoring.js';
export { baseFolds, foldsOf } from './folds.js';
export { type LoadedProject, loadProject, prepareProject } from './load-project.js';
export {
  isLoopback,
  type Platform,
  type PlatformOptions,
  startPlatform,
} from './platform.js';
