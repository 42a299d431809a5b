/** The reads of the whole platform that have not been planned yet, by when they began. */
export class ReadsUnderWay {
  readonly #begun = new Set<number>();

  begin(readSeq: number): void {
    this.#begun.add(readSeq);
  }

  end(readSeq: number): void {
    this.#begun.delete(readSeq);
  }

  /** Reads begin in order of their numbers, and a set keeps that order. */
  oldest(next: number): number {
    return this.#begun.values().next().value ?? next;
  }
}
