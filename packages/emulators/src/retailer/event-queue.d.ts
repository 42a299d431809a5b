/**
 * What is due to happen and when: a binary heap over columns. History and live traffic run
 * through the same queue, so a parcel ordered yesterday is shipped today by the same rule.
 */
export interface DueEvent {
  readonly atMs: number;
  readonly kind: number;
  readonly row: number;
}
export declare class EventQueue {
  private readonly times;
  private readonly kinds;
  private readonly rows;
  private size;
  get length(): number;
  nextAtMs(): number;
  push(atMs: number, kind: number, row: number): void;
  pop(): DueEvent | undefined;
  private write;
  /** Ties are broken by kind and row, so the order never depends on how the heap was filled. */
  private isBefore;
  private swap;
}
