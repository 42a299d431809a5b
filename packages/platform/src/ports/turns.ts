/**
 * Whose turn it is on the main thread. Somebody waits for a read, and nobody for the planning of what came
 * in: so planning stands aside while a question is on its way or a long read under way. A long read in its
 * turn lets questions pass that came meanwhile, which take less than one of its slices.
 *
 * question: asked (its head has arrived) → answered, or given up
 * read:     begun → paused, again and again, when it is a long one → over
 *
 * Invariant: whoever stands aside goes on after a limited time. Reads without end would keep the journal
 * from moving on, and a question that never arrives whole would hold up everybody.
 */
import type { Clock } from '@headrace/sdk';

/** Five slices of planning: a fifth of the thread is its own, whatever is read. */
const asideMsMax = 10;
const passMsMax = 4;
/** A question whose body is not there by then waits like anybody. */
const arrivingMsMax = 10;

export class Turns {
  readonly #clock: Clock;
  readonly #yieldNow: () => Promise<void>;
  #asked = 0;
  #askedAt = 0;
  #reading = 0;

  constructor(clock: Clock, yieldNow: () => Promise<void>) {
    this.#clock = clock;
    this.#yieldNow = yieldNow;
  }

  /** A question is on its way; what is returned says, once, that it is no more. */
  asked(): () => void {
    this.#asked += 1;
    this.#askedAt = this.#clock.monotonicMs();
    return () => {
      this.#asked -= 1;
    };
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
  readonly standAside = (): Promise<void> =>
    this.#whileAtMost(asideMsMax, () => this.#reading > 0 || this.#isAsked());

  /** Between two slices of a long read. */
  readonly letPass = (): Promise<void> => this.#whileAtMost(passMsMax, () => this.#isAsked());

  /** Reads under way were asked for too; short ones are never seen half done. */
  #isAsked(): boolean {
    const isSomebody = this.#asked > this.#reading;
    return isSomebody && this.#clock.monotonicMs() - this.#askedAt < arrivingMsMax;
  }

  async #whileAtMost(ms: number, holds: () => boolean): Promise<void> {
    await this.#yieldNow();
    if (!holds()) return;
    const since = this.#clock.monotonicMs();
    do await this.#yieldNow();
    while (holds() && this.#clock.monotonicMs() - since < ms);
  }
}
