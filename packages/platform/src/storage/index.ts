export * from './backup.js';
export * from './batch.js';
export * from './driver.js';
export * from './reader.js';
export * from './spill.js';
export * from './store.js';
export * from './warm.js';
export * from './writer.js';
