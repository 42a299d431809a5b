import { setTimeout as delay } from 'node:timers/promises';
import { type Clock, HeadraceError, type Timers } from '@headrace/sdk';

export interface ClockOptions {
  /** What the clock shows at `realStartMs`; the real time when absent. */
  readonly epochMs?: number;
  /** Real wall clock at which `epochMs` was shown; shared by processes that must agree. */
  readonly realStartMs?: number;
  /** Clock seconds per real second. Timers run on the same rate. */
  readonly rate?: number;
}

/**
 * The wall clock, optionally moved and sped up: every process of a simulation gets the same three
 * numbers, so tokens, retries, polls and limits pass at one pace.
 */
export function systemClock(options: ClockOptions = {}): Clock & { readonly rate: number } {
  const rate = options.rate ?? 1;
  const realStart = options.realStartMs ?? Date.now();
  const epoch = options.epochMs ?? realStart;
  const moved = options.epochMs !== undefined || rate !== 1;
  return {
    rate,
    now: moved ? () => Math.floor(epoch + (Date.now() - realStart) * rate) : () => Date.now(),
    monotonicMs: () => performance.now(),
  };
}

/** Timers that follow the clock's rate. */
export function systemTimers(rate = 1): Timers {
  return {
    async sleep(ms, signal) {
      try {
        await delay(Math.max(0, ms / rate), undefined, signal ? { signal } : {});
      } catch (cause) {
        throw new HeadraceError('cancelled', 'The wait was cancelled.', {
          code: 'E_CANCELLED',
          cause,
        });
      }
    },
  };
}

/** Lets other work of this thread run; planning calls it between slices. */
export function yieldNow(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Real milliseconds, for waits that must not follow a simulated clock (group commit). */
export function sleepReal(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
