/** The platform's HTTP client in small, so that a connector's test meets the same rules. */
import type {
  Authenticator,
  Clock,
  HttpClient,
  HttpRequest,
  HttpResponse,
} from '../connector/index.js';
import { errorFromStatus, HeadraceError, responseHeaders } from '../connector/index.js';

export interface TestHttpClientOptions {
  readonly baseUrl: string;
  /** `ConnectorSpec.origins`. */
  readonly origins?: readonly string[];
  readonly clock: Clock;
  /** Asked for each request, because an authenticator itself needs a client. */
  authenticator(): Authenticator;
  /** `ConnectorSpec.reasonOf`. */
  readonly reasonOf?: (status: number, body: Uint8Array) => string | null;
  /** Instead of the network, for tests of failures. */
  readonly fetch?: typeof fetch;
}

export interface TestHttpClient extends HttpClient {
  /** Requests sent so far, token calls included. */
  readonly requestCount: number;
  /** Most requests that were under way at the same time. */
  readonly concurrencyMax: number;
}

const BODY_MAX = 64 * 1024 * 1024;
const TIMEOUT_MS = 30_000;

/** Used by `createTestContext`; on its own where a test needs requests and nothing else. */
export function createTestHttpClient(options: TestHttpClientOptions): TestHttpClient {
  const send = options.fetch ?? fetch;
  const counts = { requests: 0, underWay: 0, concurrencyMax: 0 };

  async function once(request: HttpRequest, authorization: Readonly<Record<string, string>>) {
    const url = resolveUrl(baseOf(request, options), request.path);
    counts.requests += 1;
    counts.underWay += 1;
    counts.concurrencyMax = Math.max(counts.concurrencyMax, counts.underWay);
    try {
      const answer = await send(url, {
        ...initOf(request, authorization),
        redirect: 'manual',
        signal: AbortSignal.timeout(request.timeoutMs ?? TIMEOUT_MS),
      });
      const headers = responseHeaders(answer.headers);
      return { status: answer.status, headers, body: await readBody(answer) };
    } catch (thrown) {
      if (thrown instanceof HeadraceError) throw thrown;
      throw new HeadraceError('transient', `${request.method} ${pathOf(request)} failed.`, {
        code: 'E_NETWORK',
        cause: thrown,
      });
    } finally {
      counts.underWay -= 1;
    }
  }

  async function request(wanted: HttpRequest): Promise<HttpResponse> {
    const authenticator = authenticatorOf(wanted, options);
    const used = (await authenticator?.headers()) ?? {};
    let response = await once(wanted, used);
    if (response.status === 401 && authenticator !== null) {
      authenticator.invalidate(used);
      response = await once(wanted, await authenticator.headers());
    }
    const where = `${wanted.method} ${pathOf(wanted)}`;
    if (response.status >= 300 && response.status < 400) {
      throw new HeadraceError('contract', `${where} sent us elsewhere.`, {
        code: 'E_REDIRECT',
        hint: 'Credentials are never sent to another address; set the address it redirects to.',
        context: { status: response.status },
      });
    }
    if (response.status >= 400) {
      const reason = options.reasonOf?.(response.status, response.body) ?? null;
      throw errorFromStatus(response.status, response.headers, where, options.clock.now(), reason);
    }
    return response;
  }

  return {
    request,
    get requestCount() {
      return counts.requests;
    },
    get concurrencyMax() {
      return counts.concurrencyMax;
    },
  };
}

/** Whose credentials a request carries: towards another origin only those it brings. */
function authenticatorOf(
  { authorize, origin }: HttpRequest,
  options: TestHttpClientOptions,
): Authenticator | null {
  if (typeof authorize === 'object') return authorize;
  if (origin === undefined) return authorize === false ? null : options.authenticator();
  if (authorize === true) throw foreignHost('A request asked for its source’s credentials abroad.');
  return null;
}

function baseOf({ origin }: HttpRequest, { baseUrl, origins = [] }: TestHttpClientOptions): string {
  if (origin === undefined) return baseUrl;
  const url = URL.canParse(origin) ? new URL(origin).origin : null;
  if (url === null || !origins.some((declared) => new URL(declared).origin === url)) {
    throw foreignHost('A request named a host its connector does not declare.');
  }
  return url;
}

const foreignHost = (message: string) =>
  new HeadraceError('invariant', message, { code: 'E_FOREIGN_HOST' });

/** Counts the requests of a client made elsewhere. */
export function countingClient(client: HttpClient): TestHttpClient {
  const counts = { requests: 0, underWay: 0, concurrencyMax: 0 };
  return {
    async request(request) {
      counts.requests += 1;
      counts.underWay += 1;
      counts.concurrencyMax = Math.max(counts.concurrencyMax, counts.underWay);
      try {
        return await client.request(request);
      } finally {
        counts.underWay -= 1;
      }
    },
    get requestCount() {
      return counts.requests;
    },
    get concurrencyMax() {
      return counts.concurrencyMax;
    },
  };
}

/** A path below the base and nothing else: credentials must not leave the configured system. */
function resolveUrl(baseUrl: string, path: string): string {
  const base = baseUrl.replace(/\/+$/, '');
  const isPath = path.startsWith('/') && !path.startsWith('//') && !path.includes('\\');
  const url = isPath ? new URL(`${base}${path}`) : null;
  if (url === null || !url.href.startsWith(new URL(`${base}/`).href)) {
    throw new HeadraceError('invariant', 'A request must name a path below its source.', {
      code: 'E_ABSOLUTE_URL',
    });
  }
  return url.href;
}

function initOf(request: HttpRequest, authorization: Readonly<Record<string, string>>) {
  const isJson = request.json !== undefined;
  const body = isJson ? JSON.stringify(request.json) : request.body;
  return {
    method: request.method,
    headers: {
      accept: 'application/json',
      ...(isJson ? { 'content-type': 'application/json' } : {}),
      ...request.headers,
      ...authorization,
    },
    ...(body === undefined ? {} : { body: body as string }),
  };
}

async function readBody(answer: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body ?? []) {
    size += chunk.length;
    if (size > BODY_MAX) {
      throw new HeadraceError('contract', 'The answer is larger than 64 MiB.', {
        code: 'E_BODY_TOO_LARGE',
        hint: 'Ask for smaller pages.',
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Queries may carry what nobody should read in a log. */
function pathOf(request: HttpRequest): string {
  return request.path.split('?')[0] ?? '';
}
