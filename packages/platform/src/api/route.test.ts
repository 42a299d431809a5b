import fastify from 'fastify';
import { afterAll, beforeAll, expect, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { JsonParts } from './json-parts.js';
import { problemOf } from './problem.js';
import { defineRoute, pointerOf, Routes } from './route.js';

const app = fastify();
app.removeAllContentTypeParsers();
app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
app.setErrorHandler((thrown, _request, reply) => {
  const problem = problemOf(thrown);
  return reply.code(problem.status).send(problem);
});
const tokens = { find: (token: string) => (token === 'hr_a' ? viewer : null) };
const viewer = { name: 'a', role: 'viewer' } as const;

const route = defineRoute({
  name: 'putThing',
  method: 'PUT',
  path: '/things/{kind}/{key+}',
  tag: 'status',
  summary: 'A thing.',
  role: 'viewer',
  params: z.object({ kind: z.enum(['a', 'b']), key: z.string() }),
  query: z.strictObject({ limit: z.coerce.number().int().min(1).optional() }),
  body: z.strictObject({ lines: z.array(z.object({ 'a/b~': z.string() })) }),
  answer: z.object({ key: z.string(), limit: z.number(), who: z.string() }),
});

beforeAll(async () => {
  const routes = new Routes(app, tokens);
  routes.on(route, ({ params, query, body, principal }) => {
    expectTypeOf(params.kind).toEqualTypeOf<'a' | 'b'>();
    expectTypeOf(body.lines).toEqualTypeOf<{ 'a/b~': string }[]>();
    return { key: params.key, limit: query.limit ?? 0, who: principal.name };
  });
  // @ts-expect-error An answer that lacks a member is an error of the compiler.
  const lacking: Parameters<typeof routes.on<typeof route>>[1] = () => ({ key: '' });
  expectTypeOf(lacking).toBeFunction();
  routes.on({ ...route, path: '/less', body: z.unknown(), params: z.object({}) }, ({ demand }) => {
    demand('approver');
    return { key: '', limit: 0, who: '' };
  });
  routes.on({ ...route, method: 'POST', body: longBody }, ({ body }) => {
    const answer = new JsonParts(async () => {
      pauses += 1;
      await new Promise((resolve) => setImmediate(resolve));
    });
    answer.add('["');
    for (let at = 0; at < body.pieces; at += 1) answer.add(piece(at));
    answer.add('"]');
    return answer;
  });
  base = await app.listen();
});

const longBody = z.object({ pieces: z.number() });
const piece = (at: number) => `${at},${'é'.repeat(500)},`;
let pauses = 0;
let base = '';

afterAll(() => app.close());

async function put(url: string, body: unknown, token = 'hr_a') {
  const headers = { authorization: `Bearer ${token}` };
  const answer = await app.inject({
    ...{ method: 'PUT', url, headers },
    payload: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: answer.statusCode, body: answer.json() };
}

test('what fits reaches the handler, slashes and all', async () => {
  const answer = await put('/things/a/x/y%20z?limit=7', { lines: [{ 'a/b~': 'c' }] });
  expect(answer).toEqual({ status: 200, body: { key: 'x/y z', limit: 7, who: 'a' } });
});

test('who calls is asked before what they send is looked at', async () => {
  expect((await put('/things/zzz/x', '{', 'hr_b')).body.code).toBe('E_TOKEN');
  expect((await put('/less', {})).body).toMatchObject({ status: 403, code: 'E_ROLE' });
});

test('each fault of a body is named with its place', async () => {
  const { status, body } = await put('/things/a/x', {
    lines: [{ 'a/b~': 'c' }, { 'a/b~': 1 }],
    more: 1,
    less: 2,
  });
  expect(status).toBe(400);
  expect(body.code).toBe('E_BODY');
  expect(body.errors.map((fault: { pointer: string }) => fault.pointer)).toEqual([
    '#/lines/1/a~1b~0',
    '#/more',
    '#/less',
  ]);
  expect(body.detail).toContain('#/more');
});

test.each(['', '{', '\0', '[1', '{"lines":'])('%j is no body', async (text) => {
  expect((await put('/things/a/x', text)).body).toMatchObject({ status: 400, code: 'E_BODY' });
});

test.each([
  ['/things/c/x', 'kind'],
  ['/things/a/x?limit=0', 'limit'],
  ['/things/a/x?limit=x', 'limit'],
  ['/things/a/x?limt=3', 'limt'],
])('%s does not fit, for its %s', async (url, parameter) => {
  const { status, body } = await put(url, { lines: [] });
  expect(status).toBe(400);
  expect(body.code).toBe('E_QUERY');
  expect(body.errors[0].parameter).toBe(parameter);
});

test('pointers escape what has a meaning in them', () => {
  expect(pointerOf([])).toBe('#');
  expect(pointerOf(['a/b', 0, 'c~d', 'e f'])).toBe('#/a~1b/0/c~0d/e%20f');
});

test.each([0, 1, 60, 1000])(
  'an answer of %i pieces arrives whole, a part at a time',
  async (pieces) => {
    pauses = 0;
    const sent = await fetch(`${base}/things/a/x`, {
      ...{ method: 'POST', body: JSON.stringify({ pieces }) },
      headers: { authorization: 'Bearer hr_a' },
    });
    const text = await sent.text();
    expect(sent.headers.get('content-length')).toBe(String(Buffer.byteLength(text)));
    expect(sent.headers.get('content-type')).toBe('application/json; charset=utf-8');
    const texts = Array.from({ length: pieces }, (_, at) => piece(at));
    expect(JSON.parse(text)).toEqual([texts.join('')]);
    expect(pauses).toBe(Math.floor(text.length / 65_536));
  },
);
