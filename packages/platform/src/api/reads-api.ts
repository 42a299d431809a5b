/** HTTP of a thread that does nothing but answer what is asked of features now. */
import type { Logger } from '@headrace/sdk';
import type { FastifyInstance } from 'fastify';
import type { OnlineFeatures } from '../features/index.js';
import type { KnownTokens } from './access.js';
import { registerOnlineReads } from './feature-routes.js';
import { createHttpApp } from './http-app.js';
import { Routes } from './route.js';

export interface ReadsApiOptions {
  readonly features: OnlineFeatures;
  readonly tokens: KnownTokens;
  readonly log: Logger;
}

export function createReadsApi({ features, tokens, log }: ReadsApiOptions): FastifyInstance {
  const app = createHttpApp(log, new Map());
  registerOnlineReads(new Routes(app, tokens), features);
  return app;
}
