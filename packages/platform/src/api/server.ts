/**
 * HTTP of the platform. Every route but health and webhooks needs a named token; bodies are
 * taken as bytes, whatever their content type says, because signatures are over bytes.
 */
import { type Clock, type Logger, splitPage } from '@headrace/sdk';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Engine, WebhookOutcome } from '../engine/index.js';
import type { Entities } from '../entities/index.js';
import { mayAct, type Principal, type Role, type TokenStore } from './access.js';
import { registerDeliveries } from './delivery-routes.js';
import { registerEntityRoutes } from './entity-routes.js';
import { registerErrorPages } from './error-pages.js';
import { registerEvents } from './events.js';
import { registerMetrics } from './metrics.js';
import { registerOperatorRoutes } from './operator-routes.js';
import { HttpProblem, problemOf, typeOf } from './problem.js';
import { statusOf } from './status.js';
import { registerWebhookHandshake } from './webhook-handshake.js';

export interface ApiOptions {
  readonly engine: Engine;
  readonly entities: Entities;
  readonly tokens: TokenStore;
  readonly clock: Clock;
  readonly log: Logger;
  readonly version: string;
}

/** Routes take this to demand a role before they do anything. */
export type Guard = (request: FastifyRequest, needed: Role) => Principal;

const webhookBytesMax = 1 << 20;
const ingestBytesMax = 64 << 20;
const noBytes = Buffer.alloc(0);
const json = 'application/json; charset=utf-8';
const accepted = '{"duplicate":false}';
const duplicate = '{"duplicate":true}';

export function createApi(options: ApiOptions): FastifyInstance {
  const { engine, clock, log, tokens } = options;
  const app = fastify({ logger: false, bodyLimit: webhookBytesMax, forceCloseConnections: true });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.setErrorHandler((thrown, request, reply) => {
    const problem = problemOf(thrown);
    if (problem.status >= 500) {
      log.error(thrown instanceof Error ? thrown.message : 'A request failed.', {
        route: request.routeOptions.url,
        code: problem.code,
      });
    }
    return sendProblem(reply, problem);
  });
  app.setNotFoundHandler((request, reply) =>
    sendProblem(reply, {
      type: typeOf('E_NO_ROUTE'),
      title: `There is no ${request.method} ${request.url.split('?')[0]}.`,
      status: 404,
      code: 'E_NO_ROUTE',
    }),
  );

  const guard: Guard = (request, needed) => {
    const given = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
    const principal = given === undefined ? null : tokens.find(given);
    if (principal === null) {
      throw new HttpProblem(
        401,
        'E_TOKEN',
        'This needs a token.',
        'Send `Authorization: Bearer …`.',
      );
    }
    if (!mayAct(principal, needed)) {
      throw new HttpProblem(403, 'E_ROLE', `This needs the role ${needed}.`);
    }
    return principal;
  };

  app.get('/healthz', (_request, reply) => {
    const trouble = engine.trouble();
    return reply
      .code(trouble === null ? 200 : 503)
      .send({ ok: trouble === null, version: options.version, why: trouble?.message ?? null });
  });

  app.get('/v1/status', (request) => {
    guard(request, 'viewer');
    return statusOf(engine, clock);
  });

  app.get('/v1/streams', (request) => {
    guard(request, 'viewer');
    return { streams: statusOf(engine, clock).streams };
  });

  // The one hot route: answers are ready-made, and no promise of the framework's is waited for.
  app.post<{ Params: { source: string } }>('/v1/webhooks/:source', (request, reply) => {
    const delivery = {
      method: request.method,
      uri: request.url,
      headers: request.headers as Record<string, string>,
      body: (request.body as Buffer | undefined) ?? noBytes,
    };
    engine.receiveWebhook(request.params.source, delivery).then(
      (outcome) => answerWebhook(reply, outcome),
      (thrown) => reply.send(thrown),
    );
  });

  app.post<{ Params: { source: string; stream: string } }>(
    '/v1/ingest/:source/:stream',
    { bodyLimit: ingestBytesMax },
    async (request, reply) => {
      guard(request, 'operator');
      const { source, stream } = request.params;
      const { records } = splitPage((request.body as Buffer | undefined) ?? Buffer.alloc(0), []);
      const accepted = await engine.ingest(
        source,
        stream,
        records.map((record) => record.bytes),
        records.map((record) => record.depth),
      );
      return reply.code(202).send({ accepted });
    },
  );

  registerDeliveries(app, engine, guard);
  registerWebhookHandshake(app, engine);
  registerErrorPages(app);
  registerEntityRoutes(app, options, guard);
  registerOperatorRoutes(app, options, guard);
  registerEvents(app, options, guard);
  registerMetrics(app, options, guard);
  return app;
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

function sendProblem(reply: FastifyReply, problem: ReturnType<typeof problemOf>): FastifyReply {
  return reply.code(problem.status).type('application/problem+json').send(JSON.stringify(problem));
}
