import { Float64Column, Uint32Column } from '../columns.js';

/**
 * Times of change as an ERP keeps them: seven decimals of a second. One number holds them
 * exactly, as units of 100 ns since 2015 (until 2043 within 53 bits).
 */

const STAMP_BASE_MS = Date.UTC(2015, 0, 1);
const UNITS_PER_MS = 10_000;

export const stampOf = (atMs: number, ticks = 0): number =>
  (atMs - STAMP_BASE_MS) * UNITS_PER_MS + ticks;
export const stampMs = (stamp: number): number => Math.floor(stamp / UNITS_PER_MS) + STAMP_BASE_MS;
export const stampTicks = (stamp: number): number =>
  stamp - Math.floor(stamp / UNITS_PER_MS) * UNITS_PER_MS;

/**
 * Rows by time of last change. Times never go back but may be equal, as after a mass change.
 * A row that changes again leaves a stale entry behind, which readers skip.
 */
export class ChangeIndex {
  private stamps = new Float64Column();
  private ids = new Uint32Column();
  private readonly stampOfId: (id: number) => number;
  /** Entries looked at by `range`; what tests count instead of seconds. */
  touched = 0;

  constructor(stampOfId: (id: number) => number) {
    this.stampOfId = stampOfId;
  }

  get length(): number {
    return this.stamps.length;
  }

  /** Returns the stamp the change got: never before the previous one. */
  append(id: number, stamp: number): number {
    const last = this.stamps.length - 1;
    const given = last >= 0 ? Math.max(stamp, this.stamps.get(last)) : stamp;
    this.stamps.push(given);
    this.ids.push(id);
    return given;
  }

  /** First position whose stamp is at least (or, with `after`, greater than) the given one. */
  positionOf(stamp: number, after: boolean): number {
    let low = 0;
    let high = this.stamps.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const value = this.stamps.get(middle);
      if (value < stamp || (after && value === stamp)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /**
   * Rows of a range of positions, ascending by `group(stamp)`, then by `rank(id)`; each once.
   * `group` cuts stamps to what the index is asked for, the day for instance.
   */
  *range(
    from: number,
    to: number,
    rank: (id: number) => number,
    group: (stamp: number) => number = (stamp) => stamp,
  ): Generator<number> {
    let position = from;
    while (position < to) {
      const value = group(this.stamps.get(position));
      const ids = new Set<number>();
      while (position < to && group(this.stamps.get(position)) === value) {
        const id = this.ids.get(position);
        this.touched++;
        if (this.stampOfId(id) === this.stamps.get(position)) ids.add(id);
        position++;
      }
      if (ids.size === 1) yield* ids;
      else if (ids.size > 1) yield* [...ids].sort((left, right) => rank(left) - rank(right));
    }
  }

  /** Drops stale entries; worth it once, after years of history were generated. */
  compact(): void {
    const stamps = new Float64Column();
    const ids = new Uint32Column();
    for (let position = 0; position < this.stamps.length; position++) {
      const id = this.ids.get(position);
      const stamp = this.stamps.get(position);
      if (this.stampOfId(id) !== stamp) continue;
      stamps.push(stamp);
      ids.push(id);
    }
    this.stamps = stamps;
    this.ids = ids;
  }
}
