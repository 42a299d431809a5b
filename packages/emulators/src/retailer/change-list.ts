import { Float64Column, Uint32Column } from './columns.js';

/**
 * Which rows changed when, oldest first. A row that changes again leaves a stale entry behind
 * (its own time no longer equals the entry's), which readers skip; so a write is one append and
 * a range over `updatedAt` is two binary searches.
 */
export class ChangeList {
  private times = new Float64Column();
  private rows = new Uint32Column();

  get length(): number {
    return this.times.length;
  }

  /** Returns the time given to the change: never before the previous one, so order holds. */
  append(row: number, atMs: number): number {
    const last = this.times.length - 1;
    const time = last >= 0 ? Math.max(atMs, this.times.get(last)) : atMs;
    this.times.push(time);
    this.rows.push(row);
    return time;
  }

  timeAt(position: number): number {
    return this.times.get(position);
  }

  rowAt(position: number): number {
    return this.rows.get(position);
  }

  /** First position whose time is at least (or, with `after`, greater than) the given one. */
  positionOf(timeMs: number, after: boolean): number {
    let low = 0;
    let high = this.times.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const time = this.times.get(middle);
      if (time < timeMs || (after && time === timeMs)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Drops stale entries; worth it once, after years of history were generated. */
  compact(currentTimeOf: (row: number) => number): void {
    const times = new Float64Column();
    const rows = new Uint32Column();
    for (let position = 0; position < this.times.length; position++) {
      const row = this.rows.get(position);
      const time = this.times.get(position);
      if (currentTimeOf(row) !== time) continue;
      times.push(time);
      rows.push(row);
    }
    this.times = times;
    this.rows = rows;
  }
}
