export * from './access.js';
export { type VectorAnswer, vectorAnswer, vectorTraceAnswer } from './feature-routes.js';
export { type OpenApi, openApiOf } from './openapi.js';
export type { PageFile, PageFiles } from './page.js';
export * from './problem.js';
export { type AnyRoute, Routes } from './route.js';
export * from './server.js';
export { createSessions, type Sessions } from './sessions.js';
export * from './status.js';
