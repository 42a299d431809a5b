/**
 * HTTP of the platform. Every route but health and webhooks needs a named token; bodies are
 * taken as bytes, whatever their content type says, because signatures are over bytes.
 */
import { type Clock, type Logger, splitPage } from '@headrace/sdk';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import type { Engine, WebhookOutcome } from '../engine/index.js';
import type { Entities } from '../entities/index.js';
import type { OnlineFeatures, TrainingOptions } from '../features/index.js';
import type { Flows } from '../flows/index.js';
import type { Predictions } from '../predict/index.js';
import type { Healer, Quality } from '../quality/index.js';
import type { TokenStore } from './access.js';
import { registerAssessment } from './assessment-routes.js';
import { registerAuditRoutes } from './audit-routes.js';
import { registerDeliveries } from './delivery-routes.js';
import { registerEntityRoutes } from './entity-routes.js';
import { registerErrorPages } from './error-pages.js';
import { registerEvents } from './events.js';
import { registerFeatureRoutes } from './feature-routes.js';
import { registerFlowRoutes } from './flow-routes.js';
import { createHttpApp } from './http-app.js';
import { registerMetrics } from './metrics.js';
import { openApiOf } from './openapi.js';
import { registerOperatorRoutes } from './operator-routes.js';
import type { PageFiles } from './page.js';
import { registerPredictionRoutes } from './prediction-routes.js';
import { HttpProblem } from './problem.js';
import { registerQualityRoutes } from './quality-routes.js';
import { registerQuarantine } from './quarantine-routes.js';
import { defineRoute, type RawRoute, Routes } from './route.js';
import { eitherOf, registerSessions, type Sessions } from './sessions.js';
import { count, named } from './shapes.js';
import { type ReadsStatus, statusOf } from './status.js';
import { statusShape, streamsShape } from './status-shape.js';
import { registerWebhookHandshake } from './webhook-handshake.js';

export interface ApiOptions {
  readonly engine: Engine;
  readonly entities: Entities;
  readonly features: OnlineFeatures;
  /** How the thread fares that answers reads of them; null where there is none. */
  readonly reads?: () => ReadsStatus | null;
  /** How large training sets come to threads of their own; without, all are made here. */
  readonly trainingThreads?: TrainingOptions['threads'];
  readonly flows: Flows;
  readonly quality: Quality;
  readonly healer: Healer;
  /** Null where the project predicts nothing. */
  readonly predictions: Predictions | null;
  readonly tokens: TokenStore;
  readonly sessions: Sessions;
  /** Of the page in a browser; empty where there is none. */
  readonly page: PageFiles;
  readonly clock: Clock;
  readonly log: Logger;
  readonly version: string;
}

const ingestBytesMax = 64 << 20;
const noBytes = Buffer.alloc(0);
const json = 'application/json; charset=utf-8';
const accepted = '{"duplicate":false}';
const duplicate = '{"duplicate":true}';

export function createApi(options: ApiOptions): FastifyInstance {
  const app = createHttpApp(options.log, options.page);
  registerRoutes(app, options);
  return app;
}

const health = z.object({ ok: z.boolean(), version: z.string(), why: z.string().nullable() });

const readHealth = defineRoute({
  name: 'readHealth',
  method: 'GET',
  path: '/healthz',
  tag: 'status',
  summary: 'Whether it works, for whoever restarts it.',
  role: null,
  also: { 503: 'It does not, and why.' },
  answer: named('Health', health),
});

const readStatus = defineRoute({
  name: 'readStatus',
  method: 'GET',
  path: '/v1/status',
  tag: 'status',
  summary: 'Streams with their lag and state, the journal and its root.',
  role: 'viewer',
  answer: statusShape,
});

const listStreams = defineRoute({
  name: 'listStreams',
  method: 'GET',
  path: '/v1/streams',
  tag: 'status',
  summary: 'Streams with their lag and state.',
  role: 'viewer',
  answer: streamsShape,
});

const receiveWebhook: RawRoute = {
  name: 'receiveWebhook',
  method: 'POST',
  path: '/v1/webhooks/{source}',
  tag: 'intake',
  summary: 'Takes a notice of a system, let in by its signature.',
  role: null,
  takes: { media: '*/*', text: 'As the system sends it.' },
  status: 202,
  gives: {
    media: 'application/json',
    text: 'Sent after the commit.',
    schema: named('Noticed', z.object({ duplicate: z.boolean() })),
  },
};

const ingest: RawRoute = {
  name: 'ingest',
  method: 'POST',
  path: '/v1/ingest/{source}/{stream}',
  tag: 'intake',
  summary: 'Takes records of a stream, as one JSON document or one per line.',
  role: 'operator',
  takes: { media: 'application/json', text: 'A record, a list of records, or a record per line.' },
  status: 202,
  gives: {
    media: 'application/json',
    text: 'Sent after the commit.',
    schema: named('Ingested', z.object({ accepted: count })),
  },
};

const readOpenApi: RawRoute = {
  name: 'readOpenApi',
  method: 'GET',
  path: '/v1/openapi.json',
  tag: 'documents',
  summary: 'This document.',
  role: null,
  gives: { media: 'application/json', text: 'OpenAPI 3.1.', schema: z.looseObject({}) },
};

/** Puts up every route; the OpenAPI document is made of them. */
export function registerRoutes(app: FastifyInstance, options: ApiOptions): Routes {
  const { engine, clock, tokens, sessions, version } = options;
  const routes = new Routes(app, eitherOf(tokens, sessions));

  routes.on(readHealth, ({ reply }) => {
    const trouble = engine.trouble();
    if (trouble !== null) reply.code(503);
    return { ok: trouble === null, version, why: trouble?.message ?? null };
  });
  routes.on(readStatus, () =>
    statusOf(engine, clock, {
      parity: options.features.parity?.status() ?? null,
      reads: options.reads?.() ?? null,
    }),
  );
  routes.on(listStreams, () => ({ streams: statusOf(engine, clock).streams }));

  // The one hot route: answers are ready-made, and no promise of the framework's is waited for.
  routes.raw(receiveWebhook, {}, (request, reply) => {
    const delivery = {
      method: request.method,
      uri: request.url,
      headers: request.headers as Record<string, string>,
      body: (request.body as Buffer | undefined) ?? noBytes,
    };
    const { source } = request.params as { readonly source: string };
    engine.receiveWebhook(source, delivery).then(
      (outcome) => answerWebhook(reply, outcome),
      (thrown) => reply.send(thrown),
    );
  });

  routes.raw(ingest, { bodyLimit: ingestBytesMax }, async (request, reply) => {
    const { name } = routes.demand(request, 'operator');
    const { source, stream } = request.params as Record<'source' | 'stream', string>;
    const { records } = splitPage((request.body as Buffer | undefined) ?? noBytes, []);
    const taken = await engine.ingest(
      name,
      source,
      stream,
      records.map((record) => record.bytes),
      records.map((record) => record.depth),
    );
    return reply.code(202).send({ accepted: taken });
  });

  registerDeliveries(routes, engine);
  registerWebhookHandshake(routes, engine);
  registerErrorPages(routes);
  registerEntityRoutes(routes, options);
  registerFeatureRoutes(routes, options);
  registerOperatorRoutes(routes, options);
  registerFlowRoutes(routes, options);
  registerQuarantine(routes, options);
  registerAssessment(routes, options);
  registerQualityRoutes(routes, options);
  registerPredictionRoutes(routes, options);
  registerAuditRoutes(routes, options);
  registerEvents(routes, options);
  registerMetrics(routes, options);
  registerSessions(routes, sessions, version);

  let document: string | undefined;
  routes.raw(readOpenApi, {}, (_request, reply) => {
    document ??= JSON.stringify(openApiOf(routes.described, version));
    return reply.type(json).send(document);
  });
  return routes;
}

function answerWebhook(reply: FastifyReply, outcome: WebhookOutcome): FastifyReply {
  if (outcome.status === 202) {
    return reply
      .code(202)
      .type(json)
      .send(outcome.duplicate ? duplicate : accepted);
  }
  if (outcome.status === 503) reply.header('retry-after', '5');
  const code =
    outcome.status === 401 ? 'E_SIGNATURE' : outcome.status === 404 ? 'E_NO_SOURCE' : 'E_BUSY';
  return reply.send(new HttpProblem(outcome.status, code, outcome.reason));
}
