import { createServer as createHttpServer, request as forward, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from './clock.js';
import { createHttpClient } from './http.js';
import { createFetch, isDirect, type NetworkOptions } from './network.js';
import { createTestCertificate } from './testing/certificate.js';

const none: NetworkOptions = { proxy: null, noProxy: [], ca: null };
const closing: Server[] = [];

async function listen(server: Server): Promise<number> {
  closing.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return (server.address() as AddressInfo).port;
}

afterEach(async () => {
  for (const server of closing.splice(0)) {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
});

/** A proxy as companies have them: tunnels and forwards, and asks who is there. */
function createProxy(expected: string) {
  const seen: string[] = [];
  const isAllowed = (header: string | undefined) =>
    header === `Basic ${Buffer.from(expected).toString('base64')}`;
  const server = createHttpServer((request, response) => {
    if (!isAllowed(request.headers['proxy-authorization'])) return response.writeHead(407).end();
    seen.push(`${request.method} ${request.url}`);
    const onward = forward(request.url ?? '', { method: request.method ?? 'GET' }, (answer) => {
      response.writeHead(answer.statusCode ?? 502);
      answer.pipe(response);
    });
    return request.pipe(onward);
  });
  server.on('connect', (request, socket) => {
    if (!isAllowed(request.headers['proxy-authorization'])) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
      return;
    }
    seen.push(`CONNECT ${request.url}`);
    const [host = '', port = ''] = (request.url ?? '').split(':');
    const onward = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      onward.pipe(socket);
      socket.pipe(onward);
    });
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
  });
  return { server, seen };
}

async function get(url: string, options: NetworkOptions): Promise<string> {
  const client = createHttpClient({
    baseUrl: url,
    clock: systemClock(),
    signal: new AbortController().signal,
    fetch: createFetch(options),
  });
  const { body } = await client.request({ method: 'GET', path: 'stock' });
  return Buffer.from(body).toString();
}

describe('the way to a system', () => {
  it('is the built-in one when nothing is set', () => {
    expect(createFetch(none)).toBe(globalThis.fetch);
  });

  it('trusts a certificate of one’s own only when it is told to', async () => {
    const { cert, key } = createTestCertificate();
    const port = await listen(createTlsServer({ cert, key }, (_, answer) => answer.end('7')));
    const url = `https://localhost:${port}`;
    expect(await get(url, { ...none, ca: cert })).toBe('7');
    await expect(get(url, none)).rejects.toMatchObject({ code: 'E_NETWORK' });
    await expect(get(url, { ...none, ca: createTestCertificate().cert })).rejects.toMatchObject({
      code: 'E_NETWORK',
    });
  });

  it('goes through a proxy: a tunnel for TLS, as it is without', async () => {
    const { cert, key } = createTestCertificate();
    const secure = await listen(createTlsServer({ cert, key }, (_, answer) => answer.end('7')));
    const plain = await listen(createHttpServer((_, answer) => answer.end('8')));
    const { server, seen } = createProxy('us@er:p:w');
    const proxy = `http://us%40er:p%3Aw@127.0.0.1:${await listen(server)}`;
    expect(await get(`https://127.0.0.1:${secure}`, { ...none, proxy, ca: cert })).toBe('7');
    expect(await get(`http://127.0.0.1:${plain}`, { ...none, proxy })).toBe('8');
    expect(seen).toEqual([`CONNECT 127.0.0.1:${secure}`, `GET http://127.0.0.1:${plain}/stock`]);
    const direct = { ...none, proxy, noProxy: [`127.0.0.1:${plain}`] };
    expect(await get(`http://127.0.0.1:${plain}`, direct)).toBe('8');
    expect(seen).toHaveLength(2);
  });

  it('does not go round a proxy that refuses', async () => {
    const port = await listen(createHttpServer((_, answer) => answer.end('8')));
    const { server } = createProxy('user:right');
    const proxy = `http://user:wrong@127.0.0.1:${await listen(server)}`;
    await expect(get(`http://127.0.0.1:${port}`, { ...none, proxy })).rejects.toThrow();
  });

  it('names what is wrong with a proxy without repeating its password', () => {
    const wrong = () => createFetch({ ...none, proxy: 'socks5://user:hunter2@host' });
    expect(wrong).toThrow(/network\.proxy/);
    expect(wrong).not.toThrow(/hunter2/);
  });

  it.each([
    ['https://erp.local/x', ['erp.local'], true],
    ['https://erp.local/x', ['erp.local:443'], true],
    ['https://erp.local:8443/x', ['erp.local:443'], false],
    ['https://a.erp.local', ['erp.local'], false],
    ['https://a.erp.local', ['.erp.local'], true],
    ['https://a.erp.local', ['*.erp.local'], true],
    ['https://erp.local', ['.erp.local'], true],
    ['https://notlocal', ['.local'], false],
    ['http://[::1]/', ['::1'], true],
    ['http://[::1]:81/', ['[::1]:80'], false],
    ['https://anything', ['*'], true],
    ['https://anything', [], false],
  ])('%s past %j: %s', (url, noProxy, direct) => {
    expect(isDirect(new URL(url), noProxy)).toBe(direct);
  });
});
