export * from './access.js';
export * from './problem.js';
export * from './server.js';
export * from './status.js';
export * from './trace.js';
