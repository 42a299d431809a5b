import type { Clock } from '@headrace/sdk';

/** Cuts long work on the main thread into slices, so that reads and webhooks get their turn. */
export class Slicer {
  readonly #clock: Clock;
  readonly #pause: (() => Promise<void>) | undefined;
  readonly #sliceMs: number;
  #since: number;
  #count = 0;

  constructor(clock: Clock, pause: (() => Promise<void>) | undefined, sliceMs = 2) {
    this.#clock = clock;
    this.#pause = pause;
    this.#sliceMs = sliceMs;
    this.#since = clock.monotonicMs();
  }

  /** Whether the slice is used up. The clock is asked every few calls only: it is not free. */
  isOver(): boolean {
    this.#count += 1;
    if (this.#pause === undefined || this.#count % 8 !== 0) return false;
    return this.#clock.monotonicMs() - this.#since >= this.#sliceMs;
  }

  async pause(): Promise<void> {
    await this.#pause?.();
    this.#since = this.#clock.monotonicMs();
  }
}
