/** The browser's clocks and timers: the only place that reads them. */

export function nowMs(): number {
  return Date.now();
}

export function monotonicMs(): number {
  return performance.now();
}

/** Calls `work` every so often while the page is seen; returns how to stop. */
export function everyWhileSeen(ms: number, work: () => void): () => void {
  const timer = setInterval(() => {
    if (document.visibilityState === 'visible') work();
  }, ms);
  return () => clearInterval(timer);
}

/** Calls `work` once, later; returns how to call it off. */
export function later(ms: number, work: () => void): () => void {
  const timer = setTimeout(work, ms);
  return () => clearTimeout(timer);
}
