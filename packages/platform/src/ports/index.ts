export * from './clock.js';
export * from './drop-folder.js';
export * from './heap.js';
export * from './http.js';
export * from './log.js';
export * from './network.js';
export * from './random.js';
