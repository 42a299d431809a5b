export * from './entry-header.js';
export * from './key-ring.js';
export * from './merkle.js';
export * from './seal.js';
