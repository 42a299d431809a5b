export * from './audit-trail.js';
export * from './erase.js';
export * from './prove.js';
export * from './trace.js';
