/** What the connector writes. One file for each sink; `../odata/write.ts` is how. */
export { sinks } from './sinks.js';
export { sinkReadFieldsByService, writtenFieldsByService } from './write-fields.js';
