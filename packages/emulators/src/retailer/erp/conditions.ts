import { Float64Column, Int32Column, Uint8Column, Uint32Column } from '../columns.js';
import { NO_ROW } from '../orders.js';
import { ChangeIndex } from './stamps.js';

/**
 * Sales price conditions: what a material costs in a sales area from day to day. A new price
 * ends the record before it; a second price on the same day changes the record in place.
 */

export const CONDITION_BASE = 0;
export const CONDITION_PROMOTION = 1;
export const CONDITION_DISCOUNT = 2;

/** 9999-12-31 in days since 1970. */
export const LAST_DAY = 2_932_896;

export class ConditionTable {
  /** Product row, or category for a discount. */
  readonly subject = new Uint32Column();
  readonly area = new Uint8Column();
  readonly kind = new Uint8Column();
  /** Minor units of the area's currency; per mille for a discount, negative. */
  readonly rate = new Int32Column();
  readonly fromDay = new Int32Column();
  readonly toDay = new Int32Column();
  readonly createdAtMs = new Float64Column();
  readonly stamp = new Float64Column();
  readonly isDeleted = new Uint8Column();
  readonly firstScale = new Uint32Column();
  readonly changes = new ChangeIndex((row) => this.stamp.get(row));

  readonly scaleRecord = new Uint32Column();
  readonly scaleFrom = new Int32Column();
  readonly scaleRate = new Int32Column();

  private readonly before = new Uint32Column();
  private readonly latest = new Uint32Column();
  private readonly current = new Map<number, number>();

  get length(): number {
    return this.subject.length;
  }

  get scaleLength(): number {
    return this.scaleRecord.length;
  }

  scaleEnd(record: number): number {
    return record + 1 < this.length ? this.firstScale.get(record + 1) : this.scaleLength;
  }

  private keyOf(subject: number, area: number, kind: number): number {
    return (subject * 8 + area) * 4 + kind;
  }

  /** The record in force for a subject in an area, or -1. */
  inForce(subject: number, area: number, kind: number): number {
    return this.current.get(this.keyOf(subject, area, kind)) ?? -1;
  }

  release(subject: number, area: number, kind: number): void {
    this.current.delete(this.keyOf(subject, area, kind));
  }

  add(record: {
    readonly subject: number;
    readonly area: number;
    readonly kind: number;
    readonly rate: number;
    readonly fromDay: number;
    readonly toDay: number;
    readonly atMs: number;
    readonly scales: readonly (readonly [from: number, rate: number])[];
  }): number {
    this.area.push(record.area);
    this.kind.push(record.kind);
    this.rate.push(record.rate);
    this.fromDay.push(record.fromDay);
    this.toDay.push(record.toDay);
    this.createdAtMs.push(record.atMs);
    this.stamp.push(0);
    this.isDeleted.push(0);
    this.firstScale.push(this.scaleLength);
    const row = this.subject.push(record.subject);
    for (const [from, rate] of record.scales) {
      this.scaleFrom.push(from);
      this.scaleRate.push(rate);
      this.scaleRecord.push(row);
    }
    const isMaterial = record.kind !== CONDITION_DISCOUNT;
    if (isMaterial) while (this.latest.length <= record.subject) this.latest.push(NO_ROW);
    this.before.push(isMaterial ? this.latest.get(record.subject) : NO_ROW);
    if (isMaterial) this.latest.set(record.subject, row);
    this.current.set(this.keyOf(record.subject, record.area, record.kind), row);
    return row;
  }

  /** Records of a material, oldest first. */
  recordsOf(product: number): number[] {
    const rows: number[] = [];
    let row = product < this.latest.length ? this.latest.get(product) : NO_ROW;
    for (; row !== NO_ROW; row = this.before.get(row)) rows.push(row);
    return rows.reverse();
  }
}
