/** What is known of a stream's progress; status is derived from it, never from a process state. */
import type { QuietWindow } from '@headrace/sdk';
import { quietAt, quietEndedAt, quietText } from './quiet-hours.js';

const lagsKept = 1024;

export interface Alarm {
  readonly code: string;
  readonly message: string;
  readonly since: number;
}

export type StreamState =
  | 'starting'
  | 'backfilling'
  | 'live'
  /** Reads succeed, and yet what changed three intervals ago is not all known. */
  | 'behind'
  /** Nothing was read for three intervals. */
  | 'late'
  /** A read failed and will be tried again. */
  | 'waiting'
  | 'stopped'
  /** One of these four, in hours in which the system is known to be down. */
  | 'quiet';

/** What reads a stream; each fails and recovers by itself. */
export type StreamActivity = 'fetch' | 'changes' | 'pass';

interface Failure {
  readonly message: string;
  readonly isStopped: boolean;
  /** It happened in quiet hours, so it says nothing of the time after them. */
  readonly isQuiet: boolean;
}

const unwell: ReadonlySet<StreamState> = new Set(['behind', 'late', 'waiting', 'stopped']);

export class StreamHealth {
  readonly #lags = new Float64Array(lagsKept);
  #lagCount = 0;
  /** Source records journaled since the start of the process. */
  journaled = 0;
  /** Highest event time journaled, ms. */
  watermark: number | null = null;
  lastReadAt: number | null = null;
  backfilled = false;
  readonly #startedAt: number;
  /** When the last read of changes that came to its end began; before that, when we started. */
  #completeAt: number;
  /** A read of all that changed has come to its end since the start of the process. */
  hasCaughtUp = false;
  readonly #failing = new Map<StreamActivity, Failure>();
  readonly #alarms = new Map<string, Alarm>();
  readonly #quiet: readonly QuietWindow[];
  readonly #isSent: boolean;

  /** @param isSent Records are sent to us, and never read. */
  constructor(now: number, quiet: readonly QuietWindow[] = [], isSent = false) {
    this.#startedAt = now;
    this.#completeAt = now;
    this.#quiet = quiet;
    this.#isSent = isSent;
  }

  /**
   * A read of everything that changed, begun at `begunAt`, came to its end. Its pages on the way say
   * nothing: a poll can go on for ever behind what changes.
   */
  caughtUp(begunAt: number): void {
    this.hasCaughtUp = true;
    this.#completeAt = Math.max(this.#completeAt, begunAt);
  }

  /** Of one activity only: that keys are fetched says nothing of a poll that fails. */
  failed(activity: StreamActivity, message: string, now: number, isStopped: boolean): void {
    const isQuiet = quietAt(this.#quiet, now) !== null;
    this.#failing.set(activity, { message, isStopped, isQuiet });
    if (!isQuiet) this.raise('E_READ', message, now);
  }

  succeeded(activity: StreamActivity): void {
    this.#failing.delete(activity);
    if (this.#failing.size === 0) this.clear('E_READ');
  }

  /** Whether a change of that time could have been noticed: before a first backfill, none was. */
  couldTell(eventAt: number): boolean {
    return this.backfilled || this.#isSent || eventAt >= this.#startedAt;
  }

  noteLag(lagMs: number): void {
    this.#lags[this.#lagCount % lagsKept] = lagMs;
    this.#lagCount += 1;
  }

  /** Quantiles of the last lags in ms, source time to durable; null before the first. */
  lagMs(): { readonly p50: number; readonly p95: number; readonly p99: number } | null {
    const size = Math.min(this.#lagCount, lagsKept);
    if (size === 0) return null;
    const sorted = this.#lags.slice(0, size).sort();
    const at = (part: number) => sorted[Math.min(size - 1, Math.floor(part * size))] as number;
    return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
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

  /**
   * How long ago the stream was last known whole, ms. It grows while polls do not come to an end or
   * a noticed key is not read, whatever else is read meanwhile.
   *
   * @param oldestNotice When the key that waits longest was noticed; null when none waits.
   */
  behindMs(now: number, oldestNotice: number | null): number {
    return Math.max(0, now - Math.min(this.#completeAt, oldestNotice ?? now));
  }

  /** `everyMs` is the poll interval: three of them are what a stream is given. */
  state(
    now: number,
    everyMs: number,
    oldestNotice: number | null = null,
  ): { readonly state: StreamState; readonly why: string | null } {
    const plain = this.#plainState(now, everyMs, oldestNotice);
    const window = quietAt(this.#quiet, now);
    const isUnwell = unwell.has(plain.state) || this.#failing.size > 0;
    if (window === null || !isUnwell) return plain;
    const reason = [...this.#failing.values()][0]?.message ?? plain.why;
    const tail = reason === null ? '' : ` ${reason}`;
    return { state: 'quiet', why: `Expected to be silent, ${quietText(window)}.${tail}` };
  }

  #plainState(
    now: number,
    everyMs: number,
    oldestNotice: number | null,
  ): { readonly state: StreamState; readonly why: string | null } {
    const first = this.alarms()[0];
    const why = first?.message ?? null;
    const patienceMs = 3 * everyMs + 5000;
    const isQuiet = quietAt(this.#quiet, now) !== null;
    const failing = [...this.#failing.values()].filter((one) => isQuiet || !one.isQuiet);
    if (failing.some(({ isStopped }) => isStopped)) return { state: 'stopped', why };
    if (this.lastReadAt === null) {
      const text = this.#isSent ? 'Nothing was sent since the start.' : 'Nothing was read yet.';
      return { state: 'starting', why: why ?? text };
    }
    if (failing.length > 0) return { state: 'waiting', why };
    // What was missed in quiet hours is made up for as if the wait had begun at their end.
    const patientUntil = (quietEndedAt(this.#quiet, now) ?? Number.NEGATIVE_INFINITY) + patienceMs;
    if (now - this.lastReadAt > patienceMs && now > patientUntil) {
      const what = this.#isSent ? 'Nothing was sent' : 'No read has succeeded';
      return { state: 'late', why: why ?? `${what} for three intervals.` };
    }
    if (!this.backfilled) return { state: 'backfilling', why };
    if (this.behindMs(now, oldestNotice) > patienceMs && now > patientUntil) {
      return { state: 'behind', why: why ?? this.#behindText(now, oldestNotice) };
    }
    return { state: 'live', why };
  }

  #behindText(now: number, oldestNotice: number | null): string {
    const isNotice = oldestNotice !== null && oldestNotice < this.#completeAt;
    const since = isNotice ? oldestNotice : this.#completeAt;
    const seconds = Math.round((now - since) / 1000);
    return isNotice
      ? `A change noticed ${seconds} s ago is not read yet; raise the read budget.`
      : `No poll begun in the last ${seconds} s has come to its end; raise the interval or the read budget.`;
  }
}
