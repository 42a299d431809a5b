/** What is known of a stream's progress; status is derived from it, never from a process state. */
const lagsKept = 1024;

export interface Alarm {
  readonly code: string;
  readonly message: string;
  readonly since: number;
}

export type StreamState = 'starting' | 'backfilling' | 'live' | 'late' | 'waiting' | 'stopped';

export class StreamHealth {
  readonly #lags = new Float64Array(lagsKept);
  #lagCount = 0;
  /** Source records journaled since the start of the process. */
  journaled = 0;
  /** Highest event time journaled, ms. */
  watermark: number | null = null;
  lastReadAt: number | null = null;
  backfilled = false;
  failures = 0;
  stopped = false;
  #alarms = new Map<string, Alarm>();

  noteLag(lagMs: number): void {
    this.#lags[this.#lagCount % lagsKept] = lagMs;
    this.#lagCount += 1;
  }

  /** Quantiles of the last lags in ms, source time to durable; null before the first. */
  lagMs(): { readonly p50: number; readonly p99: number } | null {
    const size = Math.min(this.#lagCount, lagsKept);
    if (size === 0) return null;
    const sorted = this.#lags.slice(0, size).sort();
    const at = (part: number) => sorted[Math.min(size - 1, Math.floor(part * size))] as number;
    return { p50: at(0.5), p99: at(0.99) };
  }

  raise(code: string, message: string, now: number): void {
    const since = this.#alarms.get(code)?.since ?? now;
    this.#alarms.set(code, { code, message, since });
  }

  clear(code: string): void {
    this.#alarms.delete(code);
  }

  alarms(): readonly Alarm[] {
    return [...this.#alarms.values()];
  }

  /** `everyMs` is the poll interval: nothing read for three of them is late. */
  state(
    now: number,
    everyMs: number,
  ): { readonly state: StreamState; readonly why: string | null } {
    const first = this.alarms()[0];
    const why = first?.message ?? null;
    if (this.stopped) return { state: 'stopped', why };
    if (this.lastReadAt === null) return { state: 'starting', why: why ?? 'Nothing was read yet.' };
    if (this.failures > 0) return { state: 'waiting', why };
    if (now - this.lastReadAt > 3 * everyMs + 5000) {
      return { state: 'late', why: why ?? 'No read has succeeded for three intervals.' };
    }
    if (!this.backfilled) return { state: 'backfilling', why };
    return { state: 'live', why };
  }
}
