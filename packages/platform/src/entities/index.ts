export * from './entities.js';
export * from './identity.js';
export * from './normalizer.js';
export * from './row-id.js';
export * from './same-order-links.js';
export * from './stock-history.js';
export * from './stock-ledger.js';
export * from './survivorship.js';
