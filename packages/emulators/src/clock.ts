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

/** Node turns longer timer delays into 1 ms, so long waits are taken in steps. */
const TIMER_STEP_MAX_MS = 2_000_000_000;

export const realNowMs = (): number => Date.now();

/** Monotonic, for measuring durations only. */
export const monotonicMs = (): number => performance.now();

/** Lets pending input and output run before long work goes on. */
export const yieldToEventLoop = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

/** A pause in real time, for faults such as latency that a client's socket must feel. */
export const pauseRealMs = (delayMs: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, delayMs);
  });

export const everyRealMs = (intervalMs: number, task: () => void): (() => void) => {
  const timer = setInterval(task, intervalMs);
  timer.unref();
  return () => clearInterval(timer);
};

export const createScaledClock = (options: ScaledClockOptions): Clock => {
  const realStartMs = options.realStartMs ?? realNowMs();
  // Wall time fixes the start (processes share it); the monotonic clock carries on from there.
  const monotonicStartMs = monotonicMs() - (realNowMs() - realStartMs);
  const now = (): number =>
    Math.floor(options.epochMs + (monotonicMs() - monotonicStartMs) * options.rate);
  const after = (delayMs: number, task: () => void): (() => void) => {
    const dueMs = now() + delayMs;
    let timer: NodeJS.Timeout | undefined;
    const arm = (): void => {
      const realMs = Math.max(0, (dueMs - now()) / options.rate);
      timer = setTimeout(
        () => {
          if (now() >= dueMs) task();
          else arm();
        },
        Math.min(Math.ceil(realMs), TIMER_STEP_MAX_MS),
      );
    };
    arm();
    return () => clearTimeout(timer);
  };
  return { now, after };
};

export interface ManualClock extends Clock {
  /** Moves time forward, running due tasks in order of their time, each at its own time. */
  advance(byMs: number): Promise<void>;
}

export const createManualClock = (startMs: number): ManualClock => {
  let nowMs = startMs;
  let sequence = 0;
  const tasks = new Map<number, { readonly dueMs: number; readonly task: () => void }>();
  const next = (untilMs: number): number | undefined => {
    let found: number | undefined;
    let foundMs = untilMs;
    for (const [key, entry] of tasks) {
      if (entry.dueMs > untilMs) continue;
      if (found === undefined || entry.dueMs < foundMs) {
        found = key;
        foundMs = entry.dueMs;
      }
    }
    return found;
  };
  return {
    now: () => nowMs,
    after: (delayMs, task) => {
      const key = sequence++;
      tasks.set(key, { dueMs: nowMs + Math.max(0, delayMs), task });
      return () => tasks.delete(key);
    },
    advance: async (byMs) => {
      const untilMs = nowMs + byMs;
      for (let key = next(untilMs); key !== undefined; key = next(untilMs)) {
        const entry = tasks.get(key);
        tasks.delete(key);
        if (entry === undefined) continue;
        nowMs = Math.max(nowMs, entry.dueMs);
        entry.task();
        await yieldToEventLoop();
      }
      nowMs = untilMs;
    },
  };
};
