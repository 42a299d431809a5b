export * from './authoring.js';
export { baseFolds, foldsOf } from './folds.js';
export { isLoopback } from './listen.js';
export { type LoadedProject, loadProject, prepareProject } from './load-project.js';
export {
  type Platform,
  type PlatformOptions,
  startPlatform,
} from './platform.js';
