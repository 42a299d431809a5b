/**
 * Which rows changed when, oldest first. A row that changes again leaves a stale entry behind
 * (its own time no longer equals the entry's), which readers skip; so a write is one append and
 * a range over `updatedAt` is two binary searches.
 */
export declare class ChangeList {
  private times;
  private rows;
  get length(): number;
  /** Returns the time given to the change: never before the previous one, so order holds. */
  append(row: number, atMs: number): number;
  timeAt(position: number): number;
  rowAt(position: number): number;
  /** First position whose time is at least (or, with `after`, greater than) the given one. */
  positionOf(timeMs: number, after: boolean): number;
  /** Drops stale entries; worth it once, after years of history were generated. */
  compact(currentTimeOf: (row: number) => number): void;
}
