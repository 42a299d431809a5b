/**
 * A server that takes bodies as bytes, whatever their content type says, because signatures are over
 * bytes; and that answers what goes wrong as problem details.
 */
import type { Logger } from '@headrace/sdk';
import fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import { letPass } from './let-pass.js';
import { type PageFiles, pageFileOf, sendPageFile } from './page.js';
import { problemOf, typeOf } from './problem.js';

const bodyBytesMax = 1 << 20;

export function createHttpApp(log: Logger, page: PageFiles): FastifyInstance {
  const app = fastify({ logger: false, bodyLimit: bodyBytesMax, forceCloseConnections: true });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.setErrorHandler(async (thrown, request, reply) => {
    const problem = problemOf(thrown);
    if (problem.status === 413) await letPass(request.raw);
    if (problem.status >= 500) {
      log.error(thrown instanceof Error ? thrown.message : 'A request failed.', {
        route: request.routeOptions.url,
        code: problem.code,
      });
    }
    return sendProblem(reply, problem);
  });
  app.setNotFoundHandler((request, reply) => {
    const file = pageFileOf(page, request);
    if (file !== null) return sendPageFile(request, reply, file);
    return sendProblem(reply, {
      type: typeOf('E_NO_ROUTE'),
      title: `There is no ${request.method} ${request.url.split('?')[0]}.`,
      status: 404,
      code: 'E_NO_ROUTE',
    });
  });

  return app;
}

function sendProblem(reply: FastifyReply, problem: ReturnType<typeof problemOf>): FastifyReply {
  return reply.code(problem.status).type('application/problem+json').send(JSON.stringify(problem));
}
