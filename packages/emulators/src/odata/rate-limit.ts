import type { Clock } from '../clock.js';

/** A bucket of tokens per caller, filled on the emulated clock. */

/** Seconds to wait, or 0 when the call is admitted. */
export type Admit = (caller: string) => number;

export const createRateLimit = (clock: Clock, requestsPerSecond: number): Admit => {
  const buckets = new Map<string, { tokens: number; atMs: number }>();
  return (caller) => {
    if (requestsPerSecond <= 0) return 0;
    const nowMs = clock.now();
    const bucket = buckets.get(caller) ?? { tokens: requestsPerSecond, atMs: nowMs };
    const gained = ((nowMs - bucket.atMs) / 1000) * requestsPerSecond;
    bucket.tokens = Math.min(requestsPerSecond, bucket.tokens + gained);
    bucket.atMs = nowMs;
    buckets.set(caller, bucket);
    if (bucket.tokens < 1) return Math.max(1, Math.ceil((1 - bucket.tokens) / requestsPerSecond));
    bucket.tokens -= 1;
    return 0;
  };
};
