export * from './connector/index.js';
export * from './model/index.js';
