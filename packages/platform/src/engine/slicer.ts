import type { Clock } from '@headrace/sdk';

const recordsPerLook = 8;

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

  /**
   * Whether the slice is used up. The clock is asked every few records only, since it is not free;
   * `records` says how many were worked on since the last call.
   */
  isOver(records = 1): boolean {
    this.#count += records;
    if (this.#pause === undefined || this.#count < recordsPerLook) return false;
    this.#count = 0;
    return this.#clock.monotonicMs() - this.#since >= this.#sliceMs;
  }

  async pause(): Promise<void> {
    await this.#pause?.();
    this.#since = this.#clock.monotonicMs();
  }
}
