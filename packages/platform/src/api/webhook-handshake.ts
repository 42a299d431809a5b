/**
 * The question a broker asks before it pushes: may I send here? (CloudEvents 1.0, HTTP webhooks,
 * section 4, "abuse protection".) It says nothing of who asks, so the answer says nothing but what a
 * delivery itself would show: whether a source of this name takes webhooks. Whoever may send is told
 * apart by each delivery's own signature or token.
 */
import type { Engine } from '../engine/index.js';
import { HttpProblem } from './problem.js';
import type { RawRoute, Routes } from './route.js';

/** A host name as DNS has it; what else somebody may ask for is not repeated. */
const originPattern = /^[\w.:-]{1,253}$/;

const askWebhook: RawRoute = {
  name: 'askWebhook',
  method: 'OPTIONS',
  path: '/v1/webhooks/{source}',
  tag: 'intake',
  summary: 'Whether a broker may push here (CloudEvents 1.0, abuse protection).',
  role: null,
  gives: { media: 'text/plain', text: 'Nothing; the answer is in the headers.' },
};

export function registerWebhookHandshake(routes: Routes, engine: Engine): void {
  routes.raw(askWebhook, {}, (request, reply) => {
    const { source } = request.params as { readonly source: string };
    const isPermitted = engine.permitsWebhooks(source);
    if (isPermitted === null) {
      throw new HttpProblem(404, 'E_NO_SOURCE', 'No source of this name takes webhooks.');
    }
    reply.code(200).header('allow', 'POST, OPTIONS');
    const origin = request.headers['webhook-request-origin'];
    // Only these headers are a consent. An address to call back to may come along: never called,
    // since anybody could name one.
    if (isPermitted && typeof origin === 'string' && originPattern.test(origin)) {
      reply.header('webhook-allowed-origin', origin);
      // Too many at once are answered 503, which brokers hold back by.
      reply.header('webhook-allowed-rate', '*');
    }
    return reply.send();
  });
}
