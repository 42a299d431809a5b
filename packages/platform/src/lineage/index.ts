export * from './audit-trail.js';
export * from './erase.js';
export * from './open-lineage.js';
export * from './prediction.js';
export * from './prove.js';
export * from './statements.js';
export * from './trace.js';
export * from './vector.js';
