export * from './access.js';
export { type VectorAnswer, vectorAnswer } from './feature-routes.js';
export { type OpenApi, openApiOf } from './openapi.js';
export * from './problem.js';
export { type AnyRoute, Routes } from './route.js';
export * from './server.js';
export * from './status.js';
