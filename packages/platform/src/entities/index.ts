export * from './entities.js';
export * from './identity.js';
export * from './normalizer.js';
export * from './survivorship.js';
