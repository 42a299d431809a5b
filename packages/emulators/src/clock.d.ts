/**
 * The only place in this package that reads the machine's clock or starts a timer. Everything
 * else takes a `Clock`, so tokens, limits, retries and live traffic all run on the same time,
 * which may be real, scaled or moved by hand.
 */
export interface Clock {
  /** Emulator time in milliseconds since 1970. Never goes back. */
  now(): number;
  /** Runs the task once emulator time has advanced by `delayMs`; returns its cancellation. */
  after(delayMs: number, task: () => void): () => void;
}
export interface ScaledClockOptions {
  readonly epochMs: number;
  /** Emulated milliseconds per real millisecond. */
  readonly rate: number;
  /** Real time at which emulator time was `epochMs`; shared by all processes of one setup. */
  readonly realStartMs?: number;
}
export declare const realNowMs: () => number;
/** Monotonic, for measuring durations only. */
export declare const monotonicMs: () => number;
/** Lets pending input and output run before long work goes on. */
export declare const yieldToEventLoop: () => Promise<void>;
/** A pause in real time, for faults such as latency that a client's socket must feel. */
export declare const pauseRealMs: (delayMs: number) => Promise<void>;
export declare const everyRealMs: (intervalMs: number, task: () => void) => () => void;
export declare const createScaledClock: (options: ScaledClockOptions) => Clock;
export interface ManualClock extends Clock {
  /** Moves time forward, running due tasks in order of their time, each at its own time. */
  advance(byMs: number): Promise<void>;
}
export declare const createManualClock: (startMs: number) => ManualClock;
