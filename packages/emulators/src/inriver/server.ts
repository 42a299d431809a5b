import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Clock, pauseRealMs } from '../clock.js';
import { readBody, sendJson } from '../http.js';
import type { FaultPort, RequestTarget } from '../shopware/fault-port.js';
import { InriverError } from './errors.js';
import { createRoutes } from './routes.js';
import type { PimStore } from './store.js';

/** The REST API over HTTP: keys, limits, faults, answers. */

export interface ApiKey {
  readonly key: string;
  readonly user: string;
  readonly canWrite: boolean;
}

export interface InriverServerOptions {
  readonly store: PimStore;
  readonly clock: Clock;
  readonly faults: FaultPort;
  readonly keys: readonly ApiKey[];
  /** 0 lifts the limit. */
  readonly requestsPerSecond: number;
  readonly onCall: (target: RequestTarget) => void;
}

const PATH = /^\/api\/v(\d+\.\d+\.\d+)\/(.+)$/;

/** Only this route has moved on from the first version. */
const SECOND_VERSION = 'entities:fetchdata';

/** Posts that only read. */
const READING: ReadonlySet<string> = new Set([
  'query',
  'entities:fetchdata',
  'entities:mapuniquevalues',
]);

export const createInriverListener = (
  options: InriverServerOptions,
): ((request: IncomingMessage, response: ServerResponse) => void) => {
  const routes = createRoutes(options.store, options.clock);
  const admit = createLimit(options);
  return (request, response) => {
    serve(options, routes, admit, request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else sendJson(response, 500, { message: String(error) });
    });
  };
};

const createLimit = (options: InriverServerOptions): ((key: string) => void) => {
  const { requestsPerSecond, clock } = options;
  const windows = new Map<string, { fromMs: number; count: number }>();
  return (key) => {
    if (requestsPerSecond <= 0) return;
    const nowMs = clock.now();
    const window = windows.get(key);
    if (window === undefined || nowMs - window.fromMs >= 1_000) {
      windows.set(key, { fromMs: nowMs, count: 1 });
      return;
    }
    window.count++;
    if (window.count > requestsPerSecond) throw tooMany(1);
  };
};

const tooMany = (retryAfterS: number): InriverError =>
  new InriverError(429, 'Too many requests.', { 'Retry-After': String(retryAfterS) });

const serve = async (
  options: InriverServerOptions,
  routes: ReturnType<typeof createRoutes>,
  admit: (key: string) => void,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const { faults } = options;
  const [path = '/', search = ''] = (request.url ?? '/').split('?');
  const match = PATH.exec(path);
  const name = decodeURIComponent(match?.[2] ?? '');
  // Faults find the PIM under its own name, so that those of other systems pass it by.
  const target: RequestTarget = {
    method: request.method ?? 'GET',
    path,
    entity: `inriver/${name.replace(/\/\d+/g, '')}`,
  };
  options.onCall(target);
  const raw = await readBody(request);
  const delayMs = faults.delayMsFor(target);
  if (delayMs > 0) await pauseRealMs(delayMs);
  const fault = faults.onRequest(target);
  if (fault?.kind === 'outage') {
    request.socket.destroy();
    return;
  }
  let status = 200;
  let headers: Readonly<Record<string, string>> = {};
  let body: unknown;
  let rewrite: ((bytes: Buffer) => Buffer) | undefined;
  try {
    if (fault?.kind === 'token-expiry') throw new InriverError(401, 'The key is not valid.');
    if (fault?.kind === 'status') {
      throw fault.status === 429
        ? tooMany(fault.retryAfterS ?? 1)
        : new InriverError(fault.status, 'The service is not available.');
    }
    const key = authenticate(options, request, target.method, name);
    admit(key.key);
    if (match === null || !isVersion(match[1] ?? '', name)) {
      throw new InriverError(404, `${target.method} ${path} does not exist.`);
    }
    body = routes({
      method: target.method,
      path: name,
      query: new URLSearchParams(search),
      body: parseBody(raw),
      user: key.user,
    });
    if (name === SECOND_VERSION) {
      const rows = body as Record<string, unknown>[];
      rewrite = faults.onSearch(
        target,
        { total: rows.length, data: rows },
        { page: 1, limit: rows.length + 1 },
      );
    }
    if (body === undefined) status = 204;
  } catch (error) {
    if (!(error instanceof InriverError)) throw error;
    ({ status, headers } = error);
    body = { message: error.message };
  }
  await send(faults, target, response, status, headers, body, rewrite);
};

const isVersion = (version: string, name: string): boolean =>
  version === '1.0.0' || (version === '1.0.1' && name === SECOND_VERSION);

const authenticate = (
  options: InriverServerOptions,
  request: IncomingMessage,
  method: string,
  name: string,
): ApiKey => {
  const given = request.headers['x-inriver-apikey'];
  const key = options.keys.find((entry) => entry.key === given);
  if (key === undefined) throw new InriverError(401, 'The API key is missing or not valid.');
  const isReading = method === 'GET' || (method === 'POST' && READING.has(name));
  if (!isReading && !key.canWrite) throw new InriverError(403, 'The user may not write.');
  return key;
};

const parseBody = (raw: Buffer): unknown => {
  if (raw.length === 0) return undefined;
  try {
    return JSON.parse(raw.toString()) as unknown;
  } catch {
    throw new InriverError(400, 'The body is not JSON.');
  }
};

const send = async (
  faults: FaultPort,
  target: RequestTarget,
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: unknown,
  rewrite: ((bytes: Buffer) => Buffer) | undefined,
): Promise<void> => {
  const fault = faults.onAnswer(target);
  if (fault?.kind === 'timeout-after-apply') {
    await pauseRealMs(fault.holdMs);
    response.destroy();
    return;
  }
  if (body === undefined) {
    response.writeHead(status, headers).end();
    return;
  }
  const plain = Buffer.from(JSON.stringify(body));
  const bytes = rewrite === undefined ? plain : rewrite(plain);
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': bytes.length,
    ...headers,
  });
  if (fault?.kind === 'truncate') {
    response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => response.destroy());
    return;
  }
  response.end(bytes);
};
