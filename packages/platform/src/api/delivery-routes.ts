/**
 * `POST /v1/deliveries/{source}`: whole records sent to us, let in by the signature of the source or
 * by a token. Bodies are large and come from strangers until they are read, so only a few are taken
 * at a time: what they hold in memory is bounded whoever sends them.
 */
import { z } from 'zod';
import type { Engine } from '../engine/index.js';
import { HttpProblem } from './problem.js';
import type { RawRoute, Routes } from './route.js';
import { count, named } from './shapes.js';

const deliveryBytesMax = 16 << 20;
const deliveriesMax = 4;

const deliver: RawRoute = {
  name: 'deliver',
  method: 'POST',
  path: '/v1/deliveries/{source}',
  tag: 'intake',
  summary: 'Takes whole records from a system, whose signature or an operator token lets them in.',
  role: null,
  takes: { media: '*/*', text: 'Whatever the connector of the source reads.' },
  status: 202,
  gives: {
    media: 'application/json',
    text: 'Sent after the commit.',
    schema: named(
      'DeliveryCounts',
      z.object({ accepted: count, duplicates: count, quarantined: count }),
    ),
  },
};

export function registerDeliveries(routes: Routes, engine: Engine): void {
  let underWay = 0;
  routes.raw(
    deliver,
    {
      bodyLimit: deliveryBytesMax,
      onRequest(_request, reply, done) {
        if (underWay >= deliveriesMax) {
          reply.header('retry-after', '1');
          return done(
            new HttpProblem(
              503,
              'E_BUSY',
              'Other deliveries are being taken; send this one later.',
            ),
          );
        }
        underWay += 1;
        // Comes once, also when the sender goes away.
        reply.raw.once('close', () => {
          underWay -= 1;
        });
        done();
      },
    },
    async (request, reply) => {
      const delivery = {
        method: request.method,
        uri: request.url,
        headers: request.headers as Record<string, string>,
        body: (request.body as Buffer | undefined) ?? Buffer.alloc(0),
      };
      // Tokens of ours have a form of their own, so a source's secret is never taken for one.
      const isToken = /^Bearer hr_/i.test(request.headers.authorization ?? '');
      const principal = isToken ? routes.demand(request, 'operator').name : null;
      const { source } = request.params as { readonly source: string };
      const outcome = await engine.receiveDelivery(source, delivery, principal);
      if (outcome.status === 202) {
        const { accepted, duplicates, quarantined } = outcome;
        return reply.code(202).send({ accepted, duplicates, quarantined });
      }
      if (outcome.status === 503) reply.header('retry-after', '5');
      throw new HttpProblem(outcome.status, codes[outcome.status], outcome.reason);
    },
  );
}

const codes = {
  401: 'E_SIGNATURE',
  404: 'E_NO_SOURCE',
  413: 'E_DELIVERY_TOO_LARGE',
  503: 'E_BUSY',
} as const;
