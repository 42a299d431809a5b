import { z } from 'zod';
import { erasePerson } from '../lineage/index.js';
import { yieldNow } from '../ports/index.js';
import { roles } from './access.js';
import { HttpProblem } from './problem.js';
import { defineRoute, type Routes } from './route.js';
import type { ApiOptions } from './server.js';
import { count, epoch, keyText, named } from './shapes.js';

const role = z.enum(roles);

const listTokens = defineRoute({
  name: 'listTokens',
  method: 'GET',
  path: '/v1/tokens',
  tag: 'access',
  summary: 'Names and roles of tokens; never the tokens themselves.',
  role: 'admin',
  answer: named(
    'Tokens',
    z.object({ tokens: z.array(z.object({ name: z.string(), role, createdAt: epoch })) }),
  ),
});

const createToken = defineRoute({
  name: 'createToken',
  method: 'POST',
  path: '/v1/tokens',
  tag: 'access',
  summary: 'Makes a token; it is shown this once.',
  role: 'admin',
  body: named(
    'NewToken',
    z.strictObject({
      name: z.string(),
      role: z.enum(roles, { error: `Roles: ${roles.join(', ')}.` }),
    }),
  ),
  status: 201,
  answer: named('MadeToken', z.object({ name: z.string(), role, token: z.string() })),
});

const revokeToken = defineRoute({
  name: 'revokeToken',
  method: 'DELETE',
  path: '/v1/tokens/{name}',
  tag: 'access',
  summary: 'Revokes a token at once.',
  role: 'admin',
  params: z.object({ name: z.string() }),
  answer: null,
});

const createLink = defineRoute({
  name: 'createLink',
  method: 'POST',
  path: '/v1/links',
  tag: 'operators',
  summary: 'States that two keys mean the same thing; it can be taken back.',
  role: 'operator',
  body: named(
    'NewLink',
    z.strictObject({
      entity: keyText,
      from: keyText,
      to: keyText,
      evidence: z.string().optional(),
    }),
  ),
  status: 201,
  answer: named(
    'MadeLink',
    z.object({
      entity: z.string(),
      from: z.string(),
      to: z.string(),
      evidence: z.string(),
      method: z.literal('human'),
    }),
  ),
});

const removeLink = defineRoute({
  name: 'removeLink',
  method: 'DELETE',
  path: '/v1/links',
  tag: 'operators',
  summary: 'Takes a link back.',
  role: 'operator',
  body: named('LinkEnd', z.strictObject({ entity: keyText, from: keyText })),
  answer: null,
});

const rowBody = named('Row', z.strictObject({ row: keyText }));
const partRow = defineRoute({
  name: 'partRow',
  method: 'POST',
  path: '/v1/rows/part',
  tag: 'operators',
  summary: 'Takes a row out of the group of its key.',
  role: 'operator',
  body: rowBody,
  answer: null,
});
const rejoinRow = defineRoute({
  name: 'rejoinRow',
  method: 'POST',
  path: '/v1/rows/rejoin',
  tag: 'operators',
  summary: 'Puts a row back into the group of its key.',
  role: 'operator',
  body: rowBody,
  answer: null,
});

const releaseDeletes = defineRoute({
  name: 'releaseDeletes',
  method: 'POST',
  path: '/v1/streams/{source}/{stream}/release-deletes',
  tag: 'operators',
  summary: 'Believes the deletes of a pass that were held for being too many.',
  role: 'approver',
  params: z.object({ source: z.string(), stream: z.string() }),
  answer: named('Released', z.object({ released: count })),
});

const erase = defineRoute({
  name: 'erase',
  method: 'POST',
  path: '/v1/erasures',
  tag: 'operators',
  summary:
    'Destroys the keys of the personal parts of one person, in every source that knows them.',
  description:
    'Who they are elsewhere follows from the links between customers. Each key has an entry of its own.',
  role: 'admin',
  body: named('Subject', z.strictObject({ source: keyText, person: keyText })),
  answer: named(
    'Erasure',
    z.object({
      erased: count.meta({ description: 'Keys destroyed.' }),
      recomputed: count.meta({ description: 'Folded rows computed again.' }),
      handle: z.string().meta({ description: 'Pseudonym of the person.' }),
      subjects: z
        .array(z.object({ source: z.string(), handle: z.string() }))
        .meta({ description: 'Everyone the person is known as.' }),
      records: count.meta({ description: 'Source records about the person.' }),
      quarantined: count.meta({
        description: 'Groups of unreadable bytes destroyed, because they name the person.',
      }),
      exports: z
        .array(
          z.object({
            at: z.string(),
            what: z.enum(['features', 'proofs', 'backup', 'audit', 'openlineage']),
            to: z.string().meta({ description: 'Path or address; `http` for an answer.' }),
            by: z.string(),
            of: z.string().optional(),
            persons: z.boolean().optional(),
          }),
        )
        .meta({
          description:
            'What left before and may hold something of the person: to be looked after by hand.',
        }),
    }),
  ),
});

/** Acts of people: tokens, links, held deletes, erasure. Each is journaled with its principal. */
export function registerOperatorRoutes(routes: Routes, options: ApiOptions): void {
  const { engine, entities, tokens, clock } = options;

  routes.on(listTokens, () => ({ tokens: tokens.list() }));

  routes.on(createToken, async ({ principal, body: { name, role } }) => ({
    name,
    role,
    token: await tokens.create(name, role, principal.name),
  }));

  routes.on(revokeToken, async ({ principal, params: { name } }) => {
    if (name === principal.name) {
      throw new HttpProblem(409, 'E_TOKEN_OWN', 'A token does not revoke itself.');
    }
    if (!(await tokens.revoke(name, principal.name))) {
      throw new HttpProblem(404, 'E_NO_TOKEN', `There is no token named ${name}.`);
    }
  });

  routes.on(createLink, async ({ principal, body: { entity, from, to, evidence = '' } }) => {
    entities.identity.checkLink(entity, from, to);
    const link = { entity, from, to, evidence, method: 'human' } as const;
    await engine.control(principal.name, 'link', { ...link });
    return link;
  });

  routes.on(removeLink, async ({ principal, body: { entity, from } }) => {
    await engine.control(principal.name, 'unlink', { entity, from });
  });

  routes.on(partRow, async ({ principal, body: { row } }) => {
    await engine.control(principal.name, 'part', { row });
  });
  routes.on(rejoinRow, async ({ principal, body: { row } }) => {
    await engine.control(principal.name, 'rejoin', { row });
  });

  routes.on(releaseDeletes, async ({ principal, params: { source, stream } }) => {
    const runner = engine.runners.get(`${source}/${stream}`);
    if (runner === undefined) {
      throw new HttpProblem(404, 'E_NO_STREAM', `There is no stream ${source}/${stream}.`);
    }
    const released = await runner.releaseDeletes();
    await engine.control(principal.name, 'release-deletes', { source, stream, released });
    return { released };
  });

  routes.on(erase, ({ principal, body }) =>
    erasePerson(engine, entities, body, {
      principal: principal.name,
      now: clock.now(),
      pause: yieldNow,
    }),
  );
}
