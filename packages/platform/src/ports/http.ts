import {
  type Authenticator,
  type Clock,
  errorFromStatus,
  HeadraceError,
  type HttpClient,
  type HttpRequest,
  type HttpResponse,
  responseHeaders,
} from '@headrace/sdk';
import type { Fetch } from './network.js';
import { reachHint } from './unreachable.js';

export interface HttpOptions {
  readonly baseUrl: string;
  /** Further hosts a request may name; see `ConnectorSpec.origins`. */
  readonly origins?: readonly string[];
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Set after construction, since token calls go through this client themselves. */
  authenticator?: Authenticator;
  /** What the system says of a refusal, from its answer; see `ConnectorSpec.reasonOf`. */
  readonly reasonOf?: (status: number, body: Uint8Array) => string | null;
  /** Runs each call within the credential's budget. */
  readonly around?: <T>(call: () => Promise<T>) => Promise<T>;
  /** Largest answer read into memory; more is a `contract` error. */
  readonly bodyBytesMax?: number;
  readonly timeoutMs?: number;
  /** The way there; the direct one when absent. */
  readonly fetch?: Fetch;
}

const bodyBytesMaxDefault = 64 * 1024 * 1024;

/**
 * HTTP bound to one host and those the connector declares: the source's credentials never travel to
 * another origin, redirects are refused, bodies are capped while they are read. A 401 renews the
 * credentials once.
 */
export function createHttpClient(options: HttpOptions): HttpClient {
  const base = new URL(options.baseUrl.endsWith('/') ? options.baseUrl : `${options.baseUrl}/`);
  const declared = new Set((options.origins ?? []).map((origin) => new URL(origin).origin));

  const around = options.around ?? ((call) => call());
  const exchangeOver = options.fetch ?? fetch;

  const send = async (
    request: HttpRequest,
    auth: Readonly<Record<string, string>> | undefined,
  ): Promise<HttpResponse> => {
    const url = resolveWithin(baseOf(request, base, declared), request.path);
    const headers: Record<string, string> = {
      accept: 'application/json',
      ...(request.json === undefined ? {} : { 'content-type': 'application/json' }),
      ...auth,
      ...request.headers,
    };
    const body = request.json === undefined ? (request.body ?? null) : JSON.stringify(request.json);
    const where = `${request.method} ${url.pathname}`;
    const timeoutMs = request.timeoutMs ?? options.timeoutMs ?? 30_000;
    const exchange = async (limit: Deadline): Promise<HttpResponse> => {
      const response = await exchangeOver(url, {
        method: request.method,
        headers,
        ...(body === null ? {} : { body: body as string }),
        redirect: 'manual',
        signal: limit.signal,
      });
      const bytes = await readCapped(response, options.bodyBytesMax ?? bodyBytesMaxDefault, where);
      const answered = responseHeaders(response.headers);
      if (response.status >= 300 && response.status < 400) {
        throw new HeadraceError('contract', `${where} answered with a redirect.`, {
          code: 'E_REDIRECT',
          hint: 'Configure the final address of the system; redirects are not followed.',
        });
      }
      if (response.status >= 400) {
        const reason = options.reasonOf?.(response.status, bytes) ?? null;
        throw errorFromStatus(response.status, answered, where, options.clock.now(), reason);
      }
      // A page for people where data was asked for: a log-in, a proxy's notice, another address.
      if (/^text\/html\b/i.test(answered['content-type'] ?? '')) {
        throw new HeadraceError('contract', `${where} answered with a web page.`, {
          code: 'E_WEB_PAGE',
          hint: `Check that ${url.host} is the address of the interface and not of its users' pages, and that no log-in or proxy stands before it.`,
          context: { where },
        });
      }
      return { status: response.status, headers: answered, body: bytes };
    };
    try {
      // The time a call waits for its turn in the budget is not the system's fault.
      return await around(async () => {
        const limit = deadline(options.signal, timeoutMs);
        return exchange(limit).finally(() => limit.end());
      });
    } catch (thrown) {
      if (thrown instanceof HeadraceError) throw thrown;
      if (options.signal.aborted) {
        throw new HeadraceError('cancelled', `${where} was cancelled.`, { code: 'E_CANCELLED' });
      }
      const reason = causeOf(thrown);
      throw new HeadraceError('transient', `${where} could not be completed (${reason}).`, {
        code: 'E_NETWORK',
        hint: reachHint(reason, url, timeoutMs),
        context: { where, reason },
        cause: thrown,
      });
    }
  };

  return {
    async request(request) {
      const authenticator = authenticatorOf(request, options.authenticator);
      const auth = await authenticator?.headers();
      try {
        return await send(request, auth);
      } catch (thrown) {
        const isRefused = thrown instanceof HeadraceError && thrown.context['status'] === 401;
        if (!isRefused || authenticator === undefined) throw thrown;
        authenticator.invalidate(auth);
        const renewed = await authenticator.headers();
        // The same again is refused again, and a system may lock a user for that.
        if (JSON.stringify(renewed) === JSON.stringify(auth)) throw thrown;
        return send(request, renewed);
      }
    },
  };
}

interface Deadline {
  readonly signal: AbortSignal;
  end(): void;
}

/**
 * Aborts with `parent` or after `ms`. Not `AbortSignal.any`: that keeps a reference for each call on
 * a parent which lives as long as the process.
 */
function deadline(parent: AbortSignal, ms: number): Deadline {
  const controller = new AbortController();
  const abort = () => controller.abort();
  const timer = setTimeout(abort, ms);
  parent.addEventListener('abort', abort, { once: true });
  if (parent.aborted) abort();
  return {
    signal: controller.signal,
    end() {
      clearTimeout(timer);
      parent.removeEventListener('abort', abort);
    },
  };
}

/** Whose credentials a request carries: towards another origin only those it brings. */
function authenticatorOf(
  { authorize, origin }: HttpRequest,
  own: Authenticator | undefined,
): Authenticator | undefined {
  if (typeof authorize === 'object') return authorize;
  if (origin === undefined) return authorize === false ? undefined : own;
  if (authorize === true) throw foreignHost('A request asked for its source’s credentials abroad.');
  return undefined;
}

/** What a request's path is below. */
function baseOf({ origin }: HttpRequest, base: URL, declared: ReadonlySet<string>): URL {
  if (origin === undefined) return base;
  const url = URL.canParse(origin) ? new URL(origin) : null;
  if (url === null || !declared.has(url.origin)) {
    throw foreignHost('A request named a host its connector does not declare.');
  }
  return new URL(`${url.origin}/`);
}

const foreignHost = (message: string) =>
  new HeadraceError('invariant', message, { code: 'E_FOREIGN_HOST' });

function resolveWithin(base: URL, path: string): URL {
  const url = new URL(path.replace(/^\/+/, ''), base);
  if (url.origin !== base.origin || /^[a-z][a-z0-9+.-]*:/i.test(path)) {
    throw foreignHost('A request left its source’s host.');
  }
  return url;
}

async function readCapped(response: Response, max: number, where: string): Promise<Uint8Array> {
  if (response.body === null) return new Uint8Array();
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body) {
    size += part.byteLength;
    if (size > max) {
      throw new HeadraceError('contract', `${where} answered with more than ${max} bytes.`, {
        code: 'E_PAGE_TOO_LARGE',
        hint: 'Lower the page size of this source.',
      });
    }
    parts.push(part);
  }
  return parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts, size);
}

function causeOf(thrown: unknown): string {
  const cause = thrown instanceof Error ? (thrown.cause ?? thrown) : thrown;
  if (cause instanceof Error) return (cause as NodeJS.ErrnoException).code ?? cause.name;
  return 'unknown';
}
