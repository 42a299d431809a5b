/**
 * Bearer tokens with an end. Token endpoints are limited more tightly than anything else (Shopware:
 * ten calls a minute and address), so calls are shared and a refusal is remembered.
 *
 *   none ──headers()──▶ fetching ──ok──▶ held ──margin before its end, or invalidate()──▶ none
 *                          │
 *                          └──refused──▶ waiting (each call fails at once) ──time──▶ none
 */
import { ensureError, HeadraceError } from './errors.js';
import type { Authenticator, Clock } from './ports.js';

export interface FetchedToken {
  readonly token: string;
  readonly expiresInMs: number;
}

export interface BearerTokenOptions {
  readonly clock: Clock;
  /** Calls the token endpoint, with `authorize: false`. */
  fetchToken(): Promise<FetchedToken>;
  /** A token is renewed this long before its end. Default 30 s, at most half of its life. */
  readonly marginMs?: number;
}

const WAIT_FIRST_MS = 5_000;
const WAIT_MAX_MS = 60_000;
/** Refusals that arrive this soon after a token did are for the one before. */
const GRACE_MS = 1_000;

/**
 * Used in a connector's `authenticate`:
 *
 * ```ts
 * authenticate: (context) => bearerToken({ clock: context.clock, fetchToken: () => login(context) }),
 * ```
 */
export function bearerToken(options: BearerTokenOptions): Authenticator {
  const { clock, fetchToken, marginMs = 30_000 } = options;
  let held: { readonly token: string; readonly fromMs: number; readonly untilMs: number } | null =
    null;
  let fetching: Promise<string> | null = null;
  let waitUntilMs = Number.NEGATIVE_INFINITY;
  let refusals = 0;

  async function renew(): Promise<string> {
    const fromMs = clock.now();
    try {
      const { token, expiresInMs } = await fetchToken();
      const lifeMs = expiresInMs - Math.min(marginMs, expiresInMs / 2);
      held = { token, fromMs: clock.now(), untilMs: fromMs + lifeMs };
      refusals = 0;
      return token;
    } catch (thrown) {
      const error = ensureError(thrown);
      if (error.kind === 'rate-limited') {
        const waitMs = Math.min(WAIT_FIRST_MS * 2 ** refusals, WAIT_MAX_MS);
        refusals += 1;
        waitUntilMs = error.retryAtMs ?? clock.now() + waitMs;
        throw limited(waitUntilMs, error);
      }
      throw error;
    }
  }

  async function token(): Promise<string> {
    const nowMs = clock.now();
    // A clock that was set back must not keep a token for longer than it lives.
    if (held !== null && nowMs < held.untilMs && nowMs >= held.fromMs - GRACE_MS) return held.token;
    if (fetching !== null) return fetching;
    if (nowMs < waitUntilMs) throw limited(waitUntilMs);
    fetching = renew().finally(() => {
      fetching = null;
    });
    return fetching;
  }

  return {
    async headers() {
      return { authorization: `Bearer ${await token()}` };
    },
    invalidate(refused) {
      if (held === null) return;
      const isOther =
        refused === undefined
          ? clock.now() - held.fromMs < GRACE_MS
          : refused.authorization !== `Bearer ${held.token}`;
      if (!isOther) held = null;
    },
  };
}

function limited(retryAtMs: number, cause?: unknown): HeadraceError {
  return new HeadraceError('rate-limited', 'The token endpoint limits its calls.', {
    code: 'E_RATE_LIMITED',
    hint: 'Other programs with the same address share this limit.',
    retryAtMs,
    cause,
  });
}
