import type { Authenticator, HttpRequest } from '@headrace/sdk';
import { describe, expect, it } from 'vitest';
import { createHttpClient } from './http.js';

const seen: { url: string; authorization: string | null }[] = [];
const client = (answer: (authorization: string | null) => number = () => 200) =>
  createHttpClient({
    baseUrl: 'https://erp.example/base',
    origins: ['https://queue.example', 'https://login.example:8443/'],
    clock: { now: () => 0, monotonicMs: () => 0 },
    signal: new AbortController().signal,
    authenticator: tokens('own'),
    fetch: async (url, init) => {
      const authorization = new Headers(init?.headers).get('authorization');
      seen.push({ url: String(url), authorization });
      return new Response('{}', { status: answer(authorization) });
    },
  });

/** Gives `name 0`, and the next number each time it is refused. */
function tokens(name: string): Authenticator {
  let refusals = 0;
  return {
    headers: async () => ({ authorization: `${name} ${refusals}` }),
    invalidate() {
      refusals += 1;
    },
  };
}

async function call(request: Partial<HttpRequest>, answer?: (token: string | null) => number) {
  seen.length = 0;
  await client(answer).request({ method: 'GET', path: '/x', ...request });
  return seen.map(({ url, authorization }) => `${url} ${authorization}`);
}

describe('the hosts a source may call', () => {
  it('are its own, with its credentials', async () => {
    expect(await call({})).toEqual(['https://erp.example/base/x own 0']);
    expect(await call({ authorize: false })).toEqual(['https://erp.example/base/x null']);
    const elsewhere: HttpRequest = { method: 'GET', path: 'https://else.example/x' };
    await expect(client().request(elsewhere)).rejects.toMatchObject({ code: 'E_FOREIGN_HOST' });
  });

  it('are those it declares, never with its credentials', async () => {
    const queue = { origin: 'https://queue.example' };
    expect(await call(queue)).toEqual(['https://queue.example/x null']);
    expect(await call({ ...queue, authorize: false })).toEqual(['https://queue.example/x null']);
    expect(await call({ ...queue, authorize: tokens('queue') })).toEqual([
      'https://queue.example/x queue 0',
    ]);
    expect(await call({ origin: 'https://login.example:8443' })).toEqual([
      'https://login.example:8443/x null',
    ]);
    await expect(call({ ...queue, authorize: true })).rejects.toMatchObject({
      ...{ kind: 'invariant', code: 'E_FOREIGN_HOST' },
    });
    expect(seen).toEqual([]);
  });

  it('renew the credentials that were refused, and no others', async () => {
    const authorize = tokens('queue');
    const request = { origin: 'https://queue.example', authorize };
    expect(await call(request, (token) => (token === 'queue 1' ? 200 : 401))).toEqual([
      'https://queue.example/x queue 0',
      'https://queue.example/x queue 1',
    ]);
    await expect(call({ ...request, authorize: false }, () => 401)).rejects.toMatchObject({
      kind: 'config',
    });
    expect(seen).toHaveLength(1);
  });

  it.each([
    ['https://else.example'],
    ['https://queue.example.else.example'],
    ['https://queue.example:8443'],
    ['http://queue.example'],
    ['https://login.example'],
    ['https://queue.example@else.example'],
    ['queue.example'],
    ['https://erp.example'],
  ])('are no others: %s', async (origin) => {
    await expect(call({ origin })).rejects.toMatchObject({ code: 'E_FOREIGN_HOST' });
    expect(seen).toEqual([]);
  });

  it.each([['https://else.example/x'], ['http:x']])('are not left by a path: %s', async (path) => {
    const origin = 'https://queue.example';
    await expect(call({ origin, path })).rejects.toMatchObject({ code: 'E_FOREIGN_HOST' });
    expect(seen).toEqual([]);
  });

  it('are the declared ones for a path that looks like a host', async () => {
    const [place] = await call({ origin: 'https://queue.example', path: '//else.example/x' });
    expect(place).toBe('https://queue.example/else.example/x null');
  });
});

describe('a refusal', () => {
  const refused = async (authenticator: Authenticator) => {
    let requests = 0;
    const http = createHttpClient({
      baseUrl: 'https://erp.example',
      clock: { now: () => 0, monotonicMs: () => 0 },
      signal: new AbortController().signal,
      authenticator,
      fetch: async () => {
        requests += 1;
        return new Response('{}', { status: 401 });
      },
    });
    await expect(http.request({ method: 'GET', path: '/x' })).rejects.toMatchObject({
      code: 'E_CREDENTIALS',
    });
    return requests;
  };

  it('renews what can be renewed, and repeats no password', async () => {
    expect(await refused(tokens('own'))).toBe(2);
    const basic = { headers: async () => ({ authorization: 'Basic abc' }), invalidate() {} };
    expect(await refused(basic)).toBe(1);
  });
});

describe('a way that leads elsewhere', () => {
  const failing = (fetch: () => Promise<Response>) =>
    createHttpClient({
      baseUrl: 'https://erp.example:8443',
      clock: { now: () => 0, monotonicMs: () => 0 },
      signal: new AbortController().signal,
      fetch,
    }).request({ method: 'GET', path: '/x' });

  it('to a page for people is told from data', async () => {
    const headers = { 'content-type': 'text/html; charset=utf-8' };
    const page = failing(async () => new Response('<html>Log in</html>', { headers }));
    await expect(page).rejects.toMatchObject({ kind: 'contract', code: 'E_WEB_PAGE' });
  });

  it.each([
    ['ENOTFOUND', 'DNS'],
    ['ECONNREFUSED', 'firewall'],
    ['UND_ERR_CONNECT_TIMEOUT', 'network.proxy'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'network.ca'],
    ['CERT_HAS_EXPIRED', 'not valid'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'http and https'],
    ['EPIPE', 'reachable'],
  ])('or nowhere says what to do about %s', async (code, advice) => {
    const cause = Object.assign(new Error('no'), { code });
    const failed = failing(() => Promise.reject(new TypeError('fetch failed', { cause })));
    await expect(failed).rejects.toMatchObject({
      ...{ kind: 'transient', code: 'E_NETWORK' },
      message: `GET /x could not be completed (${code}).`,
      hint: expect.stringContaining(advice),
    });
  });
});
