/**
 * Port types: the outside world as connectors and rooms see it. The platform's `ports` room holds
 * the real ones; tests hand in fakes, so that a run can be repeated from a seed.
 */

/** Wall clock in milliseconds since the Unix epoch, and a monotonic clock for durations. */
export interface Clock {
  now(): number;
  /** Milliseconds from an arbitrary origin; never goes back. */
  monotonicMs(): number;
}

export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  bytes(size: number): Uint8Array;
}

export interface Timers {
  /** Resolves after `ms`, or rejects with a `cancelled` error when `signal` aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

export interface Logger {
  debug(text: string, fields?: LogFields): void;
  info(text: string, fields?: LogFields): void;
  warn(text: string, fields?: LogFields): void;
  error(text: string, fields?: LogFields): void;
}

/** Credentials: headers for each request, renewed when the system refuses them. */
export interface Authenticator {
  headers(): Promise<Readonly<Record<string, string>>>;
  /**
   * Called once after a 401, before the request is tried again, with the headers that were refused:
   * of several requests in flight, only those with the current token may renew it.
   */
  invalidate(refused?: Readonly<Record<string, string>>): void;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path and query below the source's base URL, or `origin`; an absolute URL is refused. */
  readonly path: string;
  /**
   * Another host the connector declares in `ConnectorSpec.origins`, such as `https://login.example`.
   * The source's own credentials never go there: such a request brings an authenticator, or none.
   */
  readonly origin?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as is; exclusive with `json`. */
  readonly body?: Uint8Array | string;
  /**
   * `false` sends the request without credentials (token calls), an authenticator with its own.
   * Default `true`: with the connector's; towards another origin, none.
   */
  readonly authorize?: boolean | Authenticator;
  readonly timeoutMs?: number;
}

export interface HttpResponse {
  readonly status: number;
  /** Header names in lower case; several `set-cookie` are joined by line breaks. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** Headers of an answer as `HttpResponse` has them. */
export function responseHeaders(headers: Headers): Readonly<Record<string, string>> {
  const cookies = headers.getSetCookie();
  const others = Object.fromEntries(headers);
  return cookies.length === 0 ? others : { ...others, 'set-cookie': cookies.join('\n') };
}

/**
 * The connector's way to its system. Statuses of 400 and above are thrown as `HeadraceError` with
 * the kind the engine acts on, so an author handles only answers that succeeded.
 */
export interface HttpClient {
  request(request: HttpRequest): Promise<HttpResponse>;
}
