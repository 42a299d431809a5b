/**
 * One credential's budget, shared by all streams that use it. Calls wait for a place and a turn;
 * live fetches go before polls, polls before passes. A 429 closes the budget until the time the
 * system named and halves the rate, which then grows back by itself.
 */
import type { RateBudget as BudgetSpec, Clock, Timers } from '@headrace/sdk';

export const priorities = ['fetch', 'changes', 'pass'] as const;
export type Priority = (typeof priorities)[number];

interface Waiting {
  readonly priority: number;
  readonly resume: () => void;
}

export class RateBudget {
  readonly #spec: BudgetSpec;
  readonly #clock: Clock;
  readonly #timers: Timers;
  #rate: number;
  #tokens: number;
  #filledAt: number;
  #closedUntil = 0;
  #running = 0;
  #waiting: Waiting[] = [];
  #timer = false;

  constructor(spec: BudgetSpec, clock: Clock, timers: Timers) {
    this.#spec = spec;
    this.#clock = clock;
    this.#timers = timers;
    this.#rate = spec.requestsPerSecond;
    this.#tokens = spec.requestsPerSecond;
    this.#filledAt = clock.now();
  }

  /** Calls a second at present; below the configured rate after a 429. */
  get rate(): number {
    return this.#rate;
  }

  /** Runs `call` when its turn comes. */
  async use<T>(priority: Priority, call: () => Promise<T>): Promise<T> {
    await this.#enter(priorities.indexOf(priority));
    try {
      return await call();
    } finally {
      this.#running -= 1;
      this.#admit();
    }
  }

  /** The system said stop. */
  limited(retryAtMs: number | undefined): void {
    this.#rate = Math.max(this.#rate / 2, 0.1);
    this.#tokens = 0;
    this.#closedUntil = Math.max(this.#closedUntil, retryAtMs ?? this.#clock.now() + 1000);
  }

  #enter(priority: number): Promise<void> {
    return new Promise((resolve) => {
      const at = this.#waiting.findIndex((other) => other.priority > priority);
      this.#waiting.splice(at === -1 ? this.#waiting.length : at, 0, { priority, resume: resolve });
      this.#admit();
    });
  }

  #admit(): void {
    this.#refill();
    const now = this.#clock.now();
    while (
      this.#waiting.length > 0 &&
      this.#running < this.#spec.concurrency &&
      this.#tokens >= 1 &&
      now >= this.#closedUntil
    ) {
      this.#tokens -= 1;
      this.#running += 1;
      this.#waiting.shift()?.resume();
    }
    if (this.#waiting.length === 0 || this.#timer || this.#running >= this.#spec.concurrency)
      return;
    const forTokens = ((1 - this.#tokens) / this.#rate) * 1000;
    const waitMs = Math.max(forTokens, this.#closedUntil - now, 1);
    this.#timer = true;
    const again = () => {
      this.#timer = false;
      this.#admit();
    };
    this.#timers.sleep(waitMs).then(again, again);
  }

  #refill(): void {
    const now = this.#clock.now();
    const seconds = Math.max(0, now - this.#filledAt) / 1000;
    this.#filledAt = now;
    // Back to the full rate within about a minute of quiet.
    const full = this.#spec.requestsPerSecond;
    this.#rate = Math.min(full, this.#rate + (full * seconds) / 60);
    this.#tokens = Math.min(Math.max(1, full), this.#tokens + seconds * this.#rate);
  }
}
