import type { JsonObject } from '@headrace/sdk';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { eraseSubject, isStorableKey, quarantineTable } from '../engine/index.js';
import { isRole } from './access.js';
import { HttpProblem } from './problem.js';
import type { ApiOptions, Guard } from './server.js';

/** Acts of people: tokens, links, held deletes, erasure. Each is journaled with its principal. */
export function registerOperatorRoutes(
  app: FastifyInstance,
  options: ApiOptions,
  guard: Guard,
): void {
  const { engine, entities, tokens, clock } = options;

  app.get('/v1/quarantine', (request) => {
    guard(request, 'viewer');
    const groups = new Map<string, string[]>();
    for (const { key, member } of engine.reader.indexAll(quarantineTable.name)) {
      const members = groups.get(key);
      if (members === undefined) groups.set(key, [member]);
      else members.push(member);
    }
    return {
      groups: [...groups].map(([group, members]) => {
        const state = engine.history.state(members[0] as string);
        const [source, stream, code] = group.split('/');
        const sample = { record: members[0], message: state?.fault?.message ?? null };
        return { group, source, stream, code, count: members.length, sample };
      }),
    };
  });

  app.get('/v1/tokens', (request) => {
    guard(request, 'admin');
    return { tokens: tokens.list() };
  });

  app.post('/v1/tokens', async (request, reply) => {
    const principal = guard(request, 'admin');
    const body = jsonBody(request);
    const { name, role } = body;
    if (typeof name !== 'string' || !isRole(role)) {
      throw new HttpProblem(
        400,
        'E_BODY',
        'A token needs a name and a role.',
        'Roles: viewer, operator, approver, admin.',
      );
    }
    return reply
      .code(201)
      .send({ name, role, token: await tokens.create(name, role, principal.name) });
  });

  app.delete<{ Params: { name: string } }>('/v1/tokens/:name', async (request, reply) => {
    const principal = guard(request, 'admin');
    const { name } = request.params;
    if (name === principal.name) {
      throw new HttpProblem(409, 'E_TOKEN_OWN', 'A token does not revoke itself.');
    }
    if (!(await tokens.revoke(name, principal.name))) {
      throw new HttpProblem(404, 'E_NO_TOKEN', `There is no token named ${name}.`);
    }
    return reply.code(204).send();
  });

  app.post('/v1/links', async (request, reply) => {
    const principal = guard(request, 'operator');
    const { entity, from, to, evidence = '' } = texts(jsonBody(request), ['entity', 'from', 'to']);
    entities.identity.checkLink(entity as string, from as string, to as string);
    const body = { entity, from, to, evidence, method: 'human' } as JsonObject;
    await engine.control(principal.name, 'link', body);
    return reply.code(201).send(body);
  });

  app.delete('/v1/links', async (request, reply) => {
    const principal = guard(request, 'operator');
    const { entity, from } = texts(jsonBody(request), ['entity', 'from']);
    await engine.control(principal.name, 'unlink', { entity, from } as JsonObject);
    return reply.code(204).send();
  });

  for (const action of ['part', 'rejoin'] as const) {
    app.post(`/v1/rows/${action}`, async (request, reply) => {
      const principal = guard(request, 'operator');
      const { row } = texts(jsonBody(request), ['row']);
      await engine.control(principal.name, action, { row } as JsonObject);
      return reply.code(204).send();
    });
  }

  app.post<{ Params: { source: string; stream: string } }>(
    '/v1/streams/:source/:stream/release-deletes',
    async (request) => {
      const principal = guard(request, 'approver');
      const { source, stream } = request.params;
      const runner = engine.runners.get(`${source}/${stream}`);
      if (runner === undefined) {
        throw new HttpProblem(404, 'E_NO_STREAM', `There is no stream ${source}/${stream}.`);
      }
      const released = await runner.releaseDeletes();
      await engine.control(principal.name, 'release-deletes', { source, stream, released });
      return { released };
    },
  );

  app.post('/v1/erasures', async (request) => {
    const principal = guard(request, 'admin');
    const { source, person } = texts(jsonBody(request), ['source', 'person']);
    const subject = { source: source as string, person: person as string };
    return eraseSubject(engine, { ...subject, principal: principal.name }, clock.now());
  });
}

function jsonBody(request: FastifyRequest): JsonObject {
  try {
    const value: unknown = JSON.parse((request.body as Buffer).toString('utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as JsonObject;
    }
  } catch {
    // Answered below, like any other body that is no object.
  }
  throw new HttpProblem(400, 'E_BODY', 'The body is not a JSON object.');
}

function texts(body: JsonObject, names: readonly string[]): Record<string, string> {
  for (const name of names) {
    const value = body[name];
    if (typeof value !== 'string' || value === '' || !isStorableKey(value)) {
      throw new HttpProblem(400, 'E_BODY', `The body needs ${names.join(', ')} as text.`);
    }
  }
  const given = Object.entries(body).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return Object.fromEntries(given);
}
