/** The reads of the whole platform that have not been planned yet, by when they began. */
export class ReadsUnderWay {
  readonly #begun = new Set<number>();

  begin(readSeq: number): void {
    this.#begun.add(readSeq);
  }

  end(readSeq: number): void {
    this.#begun.delete(readSeq);
  }

  oldest(next: number): number {
    // A resumed pass began before reads that are already under way; there are never many.
    return this.#begun.size === 0 ? next : Math.min(...this.#begun);
  }
}
