/**
 * Whose turn it is on the main thread. Somebody waits for a long read, and nobody for the planning of
 * what came in: so planning stands aside while a read is under way. It does so for a limited time
 * before each of its slices, or reads without end would keep the journal from moving on.
 */
import type { Clock } from '@headrace/sdk';

/** Five slices of planning: a fifth of the thread is its own, whatever is read. */
const asideMsMax = 10;

export class Turns {
  readonly #clock: Clock;
  readonly #yieldNow: () => Promise<void>;
  #reading = 0;

  constructor(clock: Clock, yieldNow: () => Promise<void>) {
    this.#clock = clock;
    this.#yieldNow = yieldNow;
  }

  async reading<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#reading += 1;
    try {
      return await work();
    } finally {
      this.#reading -= 1;
    }
  }

  /** Between two slices of what can wait. */
  readonly standAside = async (): Promise<void> => {
    await this.#yieldNow();
    const since = this.#reading > 0 ? this.#clock.monotonicMs() : 0;
    while (this.#reading > 0 && this.#clock.monotonicMs() - since < asideMsMax) {
      await this.#yieldNow();
    }
  };
}
