import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestHttpClient } from './http-client.js';

const seen: { url: string; authorization: string | undefined }[] = [];
let answer: (request: IncomingMessage, response: ServerResponse) => void = () => {};
async function listen(): Promise<string> {
  const server = createServer((request, response) => {
    seen.push({ url: request.url ?? '', authorization: request.headers.authorization });
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterAll(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
const origin = await listen();
const other = await listen();

function client(tokens: readonly string[] = ['a']) {
  let index = 0;
  return createTestHttpClient({
    baseUrl: `${origin}/base/`,
    origins: [other],
    clock: { now: () => 0, monotonicMs: () => 0 },
    authenticator: () => ({
      headers: async () => ({ authorization: tokens[Math.min(index, tokens.length - 1)] ?? '' }),
      invalidate() {
        index += 1;
      },
    }),
  });
}

beforeEach(() => {
  seen.length = 0;
  answer = (_, response) => response.end('{}');
});

describe('createTestHttpClient', () => {
  it('stays below its base', async () => {
    await client().request({ method: 'GET', path: '/api/x?y=1' });
    expect(seen).toEqual([{ url: '/base/api/x?y=1', authorization: 'a' }]);
  });

  it.each(['https://else.example/x', '//else.example/x', 'x', '/../x', '/..\\x', '/x/../../y', ''])(
    'refuses %j',
    async (path) => {
      const request = client().request({ method: 'GET', path });
      await expect(request).rejects.toMatchObject({ kind: 'invariant', code: 'E_ABSOLUTE_URL' });
      expect(seen).toEqual([]);
    },
  );

  it('renews its credentials once after a 401', async () => {
    answer = ({ headers }, response) => {
      response.writeHead(headers.authorization === 'b' ? 200 : 401).end('{}');
    };
    expect((await client(['a', 'b']).request({ method: 'GET', path: '/x' })).status).toBe(200);
    const refused = client(['a', 'c', 'b']).request({ method: 'GET', path: '/x' });
    await expect(refused).rejects.toMatchObject({ kind: 'config' });
  });

  it('sends no credentials where told so', async () => {
    await client().request({ method: 'POST', path: '/token', json: { a: 1 }, authorize: false });
    expect(seen[0]?.authorization).toBeUndefined();
  });

  it('goes to a declared host without its own credentials, with those it is given', async () => {
    await client().request({ method: 'GET', path: '/x', origin: other });
    expect(seen).toEqual([{ url: '/x', authorization: undefined }]);
    const authorize = { headers: async () => ({ authorization: 'queue' }), invalidate() {} };
    await client().request({ method: 'GET', path: '/y', origin: other, authorize });
    expect(seen[1]).toEqual({ url: '/y', authorization: 'queue' });
    for (const wrong of ['https://else.example', `${other}1`, 'else']) {
      const request = client().request({ method: 'GET', path: '/x', origin: wrong });
      await expect(request).rejects.toMatchObject({ code: 'E_FOREIGN_HOST' });
    }
    const own = client().request({ method: 'GET', path: '/x', origin: other, authorize: true });
    await expect(own).rejects.toMatchObject({ code: 'E_FOREIGN_HOST' });
    expect(seen).toHaveLength(2);
  });

  it('follows nobody elsewhere', async () => {
    answer = (_, response) => response.writeHead(302, { location: `${origin}/other` }).end();
    const request = client().request({ method: 'GET', path: '/x' });
    await expect(request).rejects.toMatchObject({ kind: 'contract', code: 'E_REDIRECT' });
    expect(seen).toHaveLength(1);
  });

  it.each<[number, string]>([
    [429, 'rate-limited'],
    [403, 'config'],
    [500, 'transient'],
    [404, 'contract'],
    [409, 'conflict'],
  ])('throws %i as %s', async (status, kind) => {
    answer = (_, response) => response.writeHead(status).end('{}');
    const request = client().request({ method: 'GET', path: '/x' });
    await expect(request).rejects.toMatchObject({ kind });
  });

  it('takes a broken connection for a passing one, and a body without end for no answer', async () => {
    answer = (_, response) => response.destroy();
    const broken = client().request({ method: 'GET', path: '/x' });
    await expect(broken).rejects.toMatchObject({ kind: 'transient' });
    answer = (_, response) => {
      const chunk = Buffer.alloc(1024 * 1024);
      const more = () => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on('drain', more);
      more();
    };
    const endless = client().request({ method: 'GET', path: '/x' });
    await expect(endless).rejects.toMatchObject({ code: 'E_BODY_TOO_LARGE' });
  });
});
