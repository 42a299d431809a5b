/**
 * The only place in this package that reads the machine's clock or starts a timer. Everything
 * else takes a `Clock`, so tokens, limits, retries and live traffic all run on the same time,
 * which may be real, scaled or moved by hand.
 */
/** Node turns longer timer delays into 1 ms, so long waits are taken in steps. */
const TIMER_STEP_MAX_MS = 2_000_000_000;
export const realNowMs = () => Date.now();
/** Monotonic, for measuring durations only. */
export const monotonicMs = () => performance.now();
/** Lets pending input and output run before long work goes on. */
export const yieldToEventLoop = () =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });
/** A pause in real time, for faults such as latency that a client's socket must feel. */
export const pauseRealMs = (delayMs) =>
  new Promise((resolve) => {
    setTimeout(resolve, delayMs);
  });
export const everyRealMs = (intervalMs, task) => {
  const timer = setInterval(task, intervalMs);
  timer.unref();
  return () => clearInterval(timer);
};
export const createScaledClock = (options) => {
  const realStartMs = options.realStartMs ?? realNowMs();
  // Wall time fixes the start (processes share it); the monotonic clock carries on from there.
  const monotonicStartMs = monotonicMs() - (realNowMs() - realStartMs);
  const now = () => Math.floor(options.epochMs + (monotonicMs() - monotonicStartMs) * options.rate);
  const after = (delayMs, task) => {
    const dueMs = now() + delayMs;
    let timer;
    const arm = () => {
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
export const createManualClock = (startMs) => {
  let nowMs = startMs;
  let sequence = 0;
  const tasks = new Map();
  const next = (untilMs) => {
    let found;
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
//# sourceMappingURL=clock.js.map
