import { ensureError, type Logger, type Timers } from '@headrace/sdk';

export interface RepeatOptions {
  readonly everyMs: number;
  readonly timers: Timers;
  readonly log: Logger;
  /** What the log calls it. */
  readonly what: string;
  readonly signal: AbortSignal;
}

/**
 * Looks again and again until the signal aborts. What a look throws is logged and ends nothing, but for
 * what would fail each time: the look was cancelled, or nothing is written any more.
 */
export async function repeat(
  look: () => Promise<void>,
  { everyMs, timers, log, what, signal }: RepeatOptions,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await look();
    } catch (thrown) {
      const error = ensureError(thrown);
      if (error.kind === 'cancelled' || error.code === 'E_WRITER_STOPPED') return;
      log.warn(error.message, { code: error.code, what });
    }
    await timers.sleep(everyMs, signal).catch(() => undefined);
  }
}
