/** What the engine does is decided by `kind` alone; one table in the engine covers all of them. */
export type ErrorKind =
  | 'config'
  | 'transient'
  | 'rate-limited'
  | 'record'
  | 'contract'
  | 'conflict'
  | 'cancelled'
  | 'invariant';

export interface HeadraceErrorOptions {
  /** Stable, documented code: `E_` and upper case words. */
  readonly code: string;
  /** What a person should do about it. */
  readonly hint?: string;
  /** For `rate-limited`: wall clock in ms before which no call should be made. */
  readonly retryAtMs?: number;
  /** Values safe to show: no secrets, no personal data. */
  readonly context?: Readonly<Record<string, string | number | boolean | null>>;
  readonly cause?: unknown;
}

/** The one error type that crosses rooms. Thrown by connectors, read by the engine. */
export class HeadraceError extends Error {
  override readonly name = 'HeadraceError';
  readonly kind: ErrorKind;
  readonly code: string;
  readonly hint: string | undefined;
  readonly retryAtMs: number | undefined;
  readonly context: Readonly<Record<string, string | number | boolean | null>>;

  constructor(kind: ErrorKind, message: string, options: HeadraceErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
    this.code = options.code;
    this.hint = options.hint;
    this.retryAtMs = options.retryAtMs;
    this.context = options.context ?? {};
  }
}

/**
 * Whether no answer of the system itself was had: asking for something else would not have it either.
 * For the `check` of a connector, which then says this once.
 */
export function isUnreachable(error: HeadraceError): boolean {
  return ['E_NETWORK', 'E_REDIRECT', 'E_WEB_PAGE'].includes(error.code);
}

/** Turns whatever was thrown into a HeadraceError; unknown throws are our bugs. */
export function ensureError(thrown: unknown): HeadraceError {
  if (thrown instanceof HeadraceError) return thrown;
  if (thrown instanceof Error) {
    if (thrown.name === 'AbortError') {
      return new HeadraceError('cancelled', 'The operation was cancelled.', {
        code: 'E_CANCELLED',
        cause: thrown,
      });
    }
    return new HeadraceError('invariant', thrown.message, { code: 'E_UNEXPECTED', cause: thrown });
  }
  return new HeadraceError('invariant', String(thrown), { code: 'E_UNEXPECTED' });
}

/**
 * The kind of an HTTP answer of 400 and above. `retry-after` is read as seconds or as a date.
 * Source: RFC 9110 §10.2.3 and connectors' published limits. `reason` is what the system itself says.
 */
export function errorFromStatus(
  status: number,
  headers: Readonly<Record<string, string>>,
  where: string,
  nowMs: number,
  reason: string | null = null,
): HeadraceError {
  const answered = `${where} answered ${status}${reason === null ? '' : `: ${printable(reason)}`}`;
  const retryAfter = headers['retry-after'];
  const retryAtMs = retryAfter === undefined ? undefined : retryAfterMs(retryAfter, nowMs);
  const context = { status, where };
  if (status === 429 || (status === 503 && retryAtMs !== undefined)) {
    return new HeadraceError('rate-limited', `${answered}.`, {
      code: 'E_RATE_LIMITED',
      context,
      ...(retryAtMs === undefined ? {} : { retryAtMs }),
    });
  }
  if (status === 401 || status === 403) {
    return new HeadraceError(
      'config',
      `${where} refused our credentials with ${status}${reason === null ? '' : `: ${printable(reason)}`}.`,
      {
        code: 'E_CREDENTIALS',
        hint: 'Check the credentials of this source and the permissions they carry.',
        context,
      },
    );
  }
  if (status === 408 || status >= 500) {
    return new HeadraceError('transient', `${answered}.`, {
      code: 'E_UPSTREAM',
      context,
    });
  }
  if (status === 409 || status === 412) {
    return new HeadraceError('conflict', `${answered}.`, {
      code: 'E_CONFLICT',
      context,
    });
  }
  return new HeadraceError('contract', `${answered}.`, {
    code: 'E_UNEXPECTED_STATUS',
    hint: 'The system does not speak the interface this connector expects; check its version.',
    context,
  });
}

/** One line of bounded length, without its full stop: logs and terminals show it. */
function printable(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
  const cut = line.length > REASON_MAX ? `${line.slice(0, REASON_MAX)}…` : line;
  return cut.replace(/\.$/, '');
}

const REASON_MAX = 200;

function retryAfterMs(value: string, nowMs: number): number | undefined {
  if (/^\d+$/.test(value)) return nowMs + Number(value) * 1000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : at;
}
