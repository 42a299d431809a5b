/**
 * Series that entries being planned touch, until those are durable. What is kept of a series has to go
 * once it is no longer what the log says, and no earlier, for until then the log still says it.
 *
 *   none ──note──▶ waiting ──until(end) past its first entry──▶ named, and waiting while later ones are
 *
 * Invariants: a note of entry `n` is followed by the name of its series in the first `until` past `n`;
 * a name may come once too often, never too seldom; each series is held once, however often a batch that
 * does not commit is planned again.
 */
export class TouchedSeries {
  readonly #waiting = new Map<string, { first: number; last: number }>();

  get size(): number {
    return this.#waiting.size;
  }

  note(seq: number, series: string): void {
    const span = this.#waiting.get(series);
    if (span === undefined) this.#waiting.set(series, { first: seq, last: seq });
    else {
      span.first = Math.min(span.first, seq);
      span.last = Math.max(span.last, seq);
    }
  }

  /** What entries before `end` touched since it was asked last. */
  until(end: number): string[] {
    const names: string[] = [];
    for (const [series, span] of this.#waiting) {
      if (span.first >= end) continue;
      names.push(series);
      if (span.last < end) this.#waiting.delete(series);
      else span.first = end;
    }
    return names;
  }
}
