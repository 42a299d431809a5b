import { z } from 'zod';
import { bundleSchema } from '../audit/index.js';
import {
  bundleOf,
  type Grounds,
  groundsOf,
  predictionGrounds,
  vectorGrounds,
  vectorNamed,
  vectorTraceOf,
} from '../lineage/index.js';
import { questionOf } from './feature-routes.js';
import { type FactsQuery, factsQuery } from './feature-shapes.js';
import { HttpProblem } from './problem.js';
import { defineRoute, type Routes } from './route.js';
import type { ApiOptions } from './server.js';
import { count, named } from './shapes.js';

const hex = z.string().meta({ description: 'Hex.' });

const readCheckpoint = defineRoute({
  name: 'readCheckpoint',
  method: 'GET',
  path: '/v1/audit/checkpoint',
  tag: 'audit',
  summary: 'The signed checkpoint over everything durable.',
  description: 'With `from`, also the proof that the log then was the beginning of the log now.',
  role: 'viewer',
  query: z.strictObject({
    from: z.coerce
      .number()
      .int()
      .min(0)
      .optional()
      .meta({ description: 'Size of a checkpoint you have.' }),
  }),
  answer: named(
    'SignedCheckpoint',
    z.object({
      origin: z.string(),
      publicKey: z.string().meta({ description: 'Of the log, as C2SP signed-note writes it.' }),
      size: count,
      root: hex,
      checkpoint: z.string().meta({ description: 'The note, as C2SP tlog-checkpoint has it.' }),
      consistency: z.array(hex).nullable(),
    }),
  ),
});

const readProof = defineRoute({
  name: 'readProof',
  method: 'GET',
  path: '/v1/audit/proof/{id+}',
  tag: 'audit',
  summary: 'A bundle that proves the entries an id stands on.',
  description:
    'Of `entity/key` the entry of each field, of `entry/N` that entry and what caused it, of ' +
    '`feature/view/key` the entries its facts stand on, of a prediction by its id the entry that holds ' +
    'it and those of its vector, else the standing statement of each record ' +
    'of that name. `headrace verify --bundle` checks it with the public key alone.',
  role: 'viewer',
  params: z.object({ id: z.string() }),
  query: factsQuery.omit({ limit: true }),
  answer: named('ProofBundle', bundleSchema),
});

/** Facts of a view that a bundle is made of. */
const entriesMax = 10_000;

/** The log: its newest checkpoint, and proofs under it. */
export function registerAuditRoutes(routes: Routes, options: ApiOptions): void {
  const { engine, entities, clock, features } = options;

  routes.on(readCheckpoint, async ({ query }) => {
    const { origin, size, root, note } = await engine.checkpointAt(engine.durableEnd() - 1);
    const { from } = query;
    if (from !== undefined && from > size) {
      throw new HttpProblem(
        409,
        'E_LOG_SMALLER',
        `The log has ${size} entries, never had ${from}.`,
      );
    }
    return {
      ...{ origin, size, checkpoint: note, publicKey: engine.ring.signer.publicKey },
      root: Buffer.from(root).toString('hex'),
      consistency:
        from === undefined
          ? null
          : engine.publisher.proofs
              .consistency(from, size)
              .map((hash) => Buffer.from(hash).toString('hex')),
    };
  });

  const groundsNamed = (id: string, query: FactsQuery): Grounds | null => {
    const { reader, history } = engine;
    if (id.startsWith('prediction/'))
      return predictionGrounds(reader, history, features.reader, id);
    const vector = vectorNamed(id);
    if (vector === null) return groundsOf({ reader, history, entities }, id, clock.now());
    const definitions = features.reader.select([vector.name]);
    const { t, known } = questionOf(query, clock.now(), engine.durableEnd());
    const question = { key: vector.key, t, known, limit: entriesMax };
    return vectorGrounds(vectorTraceOf(reader, features.reader, definitions, question));
  };

  routes.on(readProof, async ({ params, query }) => {
    const { reader, publisher } = engine;
    const grounds = groundsNamed(params.id, query);
    if (grounds === null) {
      throw new HttpProblem(404, 'E_NO_ENTITY', `Nothing is known of ${params.id}.`);
    }
    const checkpoint = await engine.checkpointAt(grounds.offsets.at(-1) ?? 0);
    return bundleOf(reader, publisher.proofs, checkpoint, grounds);
  });
}
