/** Chance from a seed and time without a clock, for simulations that run again from their seed. */
import type { Random } from '../connector/index.js';

/** Mulberry32: small, fast, and the same everywhere. */
export class Chance implements Random {
  #state: number;
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
  bytes(size: number): Uint8Array {
    return Uint8Array.from({ length: size }, () => this.next() * 256);
  }
  below(end: number): number {
    return Math.floor(this.next() * end);
  }
  is(part: number): boolean {
    return this.next() < part;
  }
  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }
}

/** Time that passes only when nothing else can happen. */
export class VirtualTime {
  now = 1_700_000_000_000;
  #waits: { readonly at: number; readonly fire: () => void }[] = [];

  /** Those of one moment fire in the order they were asked for. */
  after(ms: number, fire: () => void): void {
    const wait = { at: this.now + Math.max(0, Math.ceil(ms)), fire };
    let at = this.#waits.length;
    while (at > 0 && (this.#waits[at - 1]?.at ?? 0) > wait.at) at -= 1;
    this.#waits.splice(at, 0, wait);
  }

  /** Lets the next thing happen; false when nothing waits. */
  step(): boolean {
    const wait = this.#waits.shift();
    if (wait === undefined) return false;
    this.now = Math.max(this.now, wait.at);
    wait.fire();
    return true;
  }
}
