export * from './authoring.js';
export { type LoadedProject, loadProject, prepareProject } from './load-project.js';
export {
  folds,
  isLoopback,
  type Platform,
  type PlatformOptions,
  startPlatform,
} from './platform.js';
