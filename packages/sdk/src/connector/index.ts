export * from './connector.js';
export * from './define.js';
export * from './errors.js';
export * from './ports.js';
export * from './secret.js';
export * from './webhook.js';
