import type { Timers } from '@headrace/sdk';

/** A wait that ends early when something has happened, also when it happened just before. */
export class Wake {
  readonly #timers: Timers;
  #isPending = false;
  #end: (() => void) | null = null;

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  wake(): void {
    this.#isPending = true;
    this.#end?.();
  }

  async rest(ms: number, signal: AbortSignal): Promise<void> {
    if (!this.#isPending && !signal.aborted) {
      const controller = new AbortController();
      const end = () => controller.abort();
      this.#end = end;
      signal.addEventListener('abort', end, { once: true });
      await this.#timers.sleep(ms, controller.signal).catch(() => undefined);
      signal.removeEventListener('abort', end);
      this.#end = null;
    }
    this.#isPending = false;
  }
}
