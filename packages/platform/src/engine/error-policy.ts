/** What the engine does with each kind of error; the one place where that is decided. */
import type { ErrorKind, HeadraceError, Random } from '@headrace/sdk';

export type Reaction =
  /** Stop this stream and tell the operator; looked at again after a long pause. */
  | { readonly kind: 'stop'; readonly waitMs: number }
  | { readonly kind: 'retry'; readonly waitMs: number }
  /** The credential's budget waits, for all streams that share it. */
  | { readonly kind: 'limit'; readonly retryAtMs: number | undefined; readonly waitMs: number }
  /** The cursor stays where it is. */
  | { readonly kind: 'hold'; readonly waitMs: number }
  | { readonly kind: 'again' }
  | { readonly kind: 'end' }
  | { readonly kind: 'crash' };

const stopWaitMs = 60_000;

/** @param attempt Failures in a row, from 1. */
export function reactTo(error: HeadraceError, attempt: number, random: Random): Reaction {
  const reactions: Record<ErrorKind, () => Reaction> = {
    config: () => ({ kind: 'stop', waitMs: stopWaitMs }),
    transient: () => ({ kind: 'retry', waitMs: backOffMs(attempt, random) }),
    'rate-limited': () => ({
      kind: 'limit',
      retryAtMs: error.retryAtMs,
      waitMs: backOffMs(attempt, random),
    }),
    record: () => ({ kind: 'hold', waitMs: backOffMs(attempt, random) }),
    contract: () => ({ kind: 'hold', waitMs: backOffMs(attempt + 4, random) }),
    conflict: () => ({ kind: 'again' }),
    cancelled: () => ({ kind: 'end' }),
    invariant: () => ({ kind: 'crash' }),
  };
  return reactions[error.kind]();
}

/** 0.5 s doubling to 60 s, of which a random half is taken, so that clients do not march in step. */
export function backOffMs(attempt: number, random: Random): number {
  const cap = Math.min(500 * 2 ** Math.min(attempt - 1, 20), 60_000);
  return cap / 2 + (cap / 2) * random.next();
}
