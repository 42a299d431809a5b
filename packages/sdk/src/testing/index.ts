export * from './contract-options.js';
export * from './http-client.js';
export * from './test-connector.js';
export * from './test-context.js';
