/**
 * Keys that changed and have not been read since. The store has the durable copy; this is the
 * working one.
 *
 * key: clean → dirty (marked with a sequence) → in flight (a read began) → clean, or dirty again
 * when it was marked during the read. One read in flight per key.
 */
export interface Mark {
  readonly seq: number;
  readonly noticedAt: number;
}

export class DirtyKeys {
  /** In the order in which they became due: a key that is still dirty after its read is last. */
  readonly #marks = new Map<string, Mark>();
  /** First notice of each key since its read was taken up. */
  readonly #noticedInFlight = new Map<string, number>();
  readonly #inFlight = new Set<string>();
  #wake: (() => void) | null = null;
  /** Told of every answer. */
  readonly #answers = new Set<() => void>();

  get size(): number {
    return this.#marks.size;
  }

  mark(key: string, mark: Mark): void {
    const old = this.#marks.get(key);
    if (this.#inFlight.has(key) && !this.#noticedInFlight.has(key)) {
      this.#noticedInFlight.set(key, mark.noticedAt);
    }
    // The first notice stays the one that latency is counted from.
    this.#marks.set(key, { seq: mark.seq, noticedAt: old?.noticedAt ?? mark.noticedAt });
    this.#wake?.();
  }

  /** When the key that waits longest was noticed; null when none waits. */
  get oldestNotice(): number | null {
    const first = this.#marks.values().next();
    return first.done === true ? null : first.value.noticedAt;
  }

  noticedAt(key: string): number | null {
    return this.#marks.get(key)?.noticedAt ?? null;
  }

  /** Keys for one read, oldest mark first. */
  take(max: number): string[] {
    const keys: string[] = [];
    for (const key of this.#marks.keys()) {
      if (keys.length >= max) break;
      if (!this.#inFlight.has(key)) keys.push(key);
    }
    for (const key of keys) this.#inFlight.add(key);
    return keys;
  }

  /** A read begun at `readSeq` answered for these keys. */
  answered(keys: readonly string[], readSeq: number): void {
    for (const key of keys) {
      this.#inFlight.delete(key);
      const noticedAgain = this.#noticedInFlight.get(key);
      this.#noticedInFlight.delete(key);
      const mark = this.#marks.get(key);
      if (mark === undefined) continue;
      this.#marks.delete(key);
      if (mark.seq > readSeq) {
        this.#marks.set(key, { seq: mark.seq, noticedAt: noticedAgain ?? mark.noticedAt });
      }
    }
    for (const told of [...this.#answers]) told();
    if (this.#marks.size > 0) this.#wake?.();
  }

  /** Resolves once reads have answered for all of these, or with the signal. */
  async cleared(keys: readonly string[], signal: AbortSignal): Promise<void> {
    while (!signal.aborted && keys.some((key) => this.#marks.has(key))) {
      await new Promise<void>((resolve) => {
        const done = () => {
          this.#answers.delete(done);
          signal.removeEventListener('abort', done);
          resolve();
        };
        this.#answers.add(done);
        signal.addEventListener('abort', done);
      });
    }
  }

  /** The read failed; the keys stay dirty. */
  failed(keys: readonly string[]): void {
    for (const key of keys) {
      this.#inFlight.delete(key);
      this.#noticedInFlight.delete(key);
    }
  }

  /** Resolves when a key is waiting that no read has in hand. */
  async waiting(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.#marks.size <= this.#inFlight.size) {
      await new Promise<void>((resolve) => {
        const done = () => {
          this.#wake = null;
          signal.removeEventListener('abort', done);
          resolve();
        };
        this.#wake = done;
        signal.addEventListener('abort', done);
      });
    }
  }
}
