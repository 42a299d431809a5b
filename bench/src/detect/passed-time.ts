/**
 * Time that passes only when nothing else can happen: one clock for the emulated systems and the
 * platform over them, in one process.
 *
 *   next moment due ─▶ all that waits for it goes on ─▶ settled: no call under way, nothing to commit
 *
 * Waits of the platform end on a grid, so that what is due at about the same time is one commit and
 * not twenty; that can make it notice later, never earlier. What the emulated systems do happens at
 * its own moment.
 */
import type { Timers } from '@headrace/sdk';
import { HeadraceError } from '@headrace/sdk';

interface Wait {
  readonly at: number;
  readonly isOurs: boolean;
  fire(): void;
}

/** Shorter waits are pauses within some work, and no intervals. */
const gridFromMs = 500;
/** Reference data (currencies, tax rates) is asked for again this often; here it stays as it is. */
const referenceMs = 600_000;
const referenceSeldomMs = 6 * 3_600_000;

export class PassedTime {
  readonly clock: { now(): number; monotonicMs(): number; readonly rate: number };
  readonly timers: Timers;
  /** Of the emulated systems. */
  readonly outside: { now(): number; after(delayMs: number, task: () => void): () => void };
  gridMs = 60_000;
  #now: number;
  #waits: Wait[] = [];

  /** @param rate How much faster than real it is said to be: what follows real time is as rare. */
  constructor(startMs: number, rate: number) {
    this.#now = startMs;
    const now = () => this.#now;
    this.clock = { now, monotonicMs: now, rate };
    this.outside = { now, after: (delayMs, task) => this.#add(now() + delayMs, false, task) };
    this.timers = { sleep: (ms, signal) => this.#sleep(ms, signal) };
  }

  get now(): number {
    return this.#now;
  }

  /** Passes time up to a moment; `settled` resolves when the platform waits for nothing but time. */
  async passUntil(untilMs: number, settled: () => Promise<void>): Promise<void> {
    for (;;) {
      const next = this.#waits[0];
      if (next === undefined || next.at > untilMs) break;
      this.#now = Math.max(this.#now, next.at);
      let isOurs = false;
      while ((this.#waits[0]?.at ?? Number.POSITIVE_INFINITY) <= this.#now) {
        const wait = this.#waits.shift() as Wait;
        isOurs ||= wait.isOurs;
        wait.fire();
      }
      if (isOurs) await settled();
    }
    this.#now = Math.max(this.#now, untilMs);
  }

  #sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancelled = () =>
        reject(new HeadraceError('cancelled', 'The wait was cancelled.', { code: 'E_CANCELLED' }));
      if (signal?.aborted === true) return cancelled();
      const due = this.#now + (ms === referenceMs ? referenceSeldomMs : Math.max(0, ms));
      const at = ms < gridFromMs ? due : Math.ceil(due / this.gridMs) * this.gridMs;
      const cancel = this.#add(at, true, () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      });
      const abort = () => {
        cancel();
        cancelled();
      };
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  /** Those of one moment go on in the order they were asked for. */
  #add(at: number, isOurs: boolean, fire: () => void): () => void {
    const wait: Wait = { at: Math.max(this.#now, Math.ceil(at)), isOurs, fire };
    let index = this.#waits.length;
    while (index > 0 && (this.#waits[index - 1]?.at ?? 0) > wait.at) index -= 1;
    this.#waits.splice(index, 0, wait);
    return () => {
      const known = this.#waits.indexOf(wait);
      if (known >= 0) this.#waits.splice(known, 1);
    };
  }
}
