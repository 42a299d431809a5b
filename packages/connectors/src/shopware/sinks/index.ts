/** What the connector writes. One file for each sink; `sync.ts` is how. */

export { sinks } from './sinks.js';
export { reasonOf } from './sync.js';
